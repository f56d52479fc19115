// The board of a run is put in anew with every press and with what others did: what was unfolded stays so, what
// somebody typed meanwhile goes over, and whoever pressed something goes on from there, by eye and by keyboard.
const TEXTS = "textarea, input:not([type=hidden], [type=file], [type=checkbox], [type=radio])";

export const typedIn = (board) => [...board.querySelectorAll(TEXTS)].filter((field) => field.value !== field.defaultValue);

// A name with a key says what the text is about; an ID may only count.
const sameIn = (board, { id, name }) =>
  board.querySelector(name.includes(":") ? `[name="${CSS.escape(name)}"]` : `#${CSS.escape(id)}`);

// Forms with output or files that nobody kept yet.
export const attachedIn = (part) =>
  [...part.querySelectorAll("form[enctype='multipart/form-data']")].filter(
    (form) => form.elements.output.value.trim() || form.elements.file.files.length,
  );

// Where its form is gone a text waits in the log's, as it does in a page that says what is wrong; a time alone says nothing.
const TIMES = "[name=time], [name=started], [name=ended], [name=until], [name=day]";
function placeIn(fresh, field) {
  const kind = /^(output|shown)-/.exec(field.id)?.[0];
  return sameIn(fresh, field) ?? fresh.querySelector(kind ? `#${kind}log` : "#log-note");
}

// Where the focus is: in the nearest part that has a name, which one of its kind.
function spotOf(own) {
  const one = document.activeElement;
  if (!own.contains(one) || one === own) return [];
  const part = one.parentElement.closest("[id], [aria-labelledby]");
  const name = part.id ? `#${CSS.escape(part.id)}` : `[aria-labelledby="${part.getAttribute("aria-labelledby")}"]`;
  const kind = one.id ? `#${CSS.escape(one.id)}` : one.localName + (one.value ? `[value="${CSS.escape(one.value)}"]` : "");
  return [`${name} ${kind}`, [...part.querySelectorAll(kind)].indexOf(one)];
}

// False where a text that was typed has no place on the fresh page: then the old part stays, with the text.
export function put(page, selector) {
  const fresh = page.querySelector(selector);
  const own = document.querySelector(selector);
  if (!fresh || !own) return true;
  const typed = typedIn(own)
    .filter((field) => !field.matches(TIMES) || sameIn(fresh, field))
    .map((field) => [field, placeIn(fresh, field)]);
  if (typed.some(([, place]) => !place)) return false;
  const open = [...own.querySelectorAll("details[open]")].map((one) => one.id || one.querySelector("[id]")?.id);
  const copied = [...own.querySelectorAll(".cmds [data-copied]")].map((one) => one.dataset.copy);
  const [spot, nth] = spotOf(own);
  const writing = typed.find(([field]) => field === document.activeElement);
  // The step at hand stays where the eye is, however long what stands above it has become.
  const hand = own.querySelector("[aria-current=step]");
  const stood = hand?.getBoundingClientRect().top;
  const at = writing && [writing[0].selectionStart, writing[0].selectionEnd];
  own.replaceWith(document.adoptNode(fresh));
  open.forEach((id) => { const fold = id && document.getElementById(id)?.closest("details"); if (fold) fold.open = true; });
  copied.forEach((name) => document.querySelector(`[data-copy="${CSS.escape(name)}"]`)?.toggleAttribute("data-copied", true));
  typed.forEach(([field, place]) => {
    place.value = place.value === place.defaultValue ? field.value : `${place.value} ${field.value}`;
    place.dispatchEvent(new Event("input", { bubbles: true }));
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  });
  const again = writing?.[1] ?? (spot && document.querySelectorAll(spot)[nth]);
  again?.focus({ preventScroll: true });
  if (at && at[0] !== null) writing[1].setSelectionRange(...at);
  document.dispatchEvent(new Event("put"));
  const stands = document.getElementById(hand?.id)?.getBoundingClientRect().top;
  if (stands !== undefined && Math.abs(stood) < innerHeight) scrollBy({ top: stands - stood, behavior: "instant" });
  return true;
}

// Where a press was: at the step that is current, as one that is added becomes, or in a row or part by its anchor.
export function placeOf(form, word) {
  const current = word === "add_step" || form.closest("[aria-current=step]") !== null;
  return { word, current, anchor: form.elements.at?.value ?? "" };
}

export function goOn({ word, current, anchor }) {
  if (document.activeElement !== document.body) return;
  // What was begun out of order is the step at hand from now on.
  if (!current && !document.getElementById(anchor)?.matches("[aria-current=step]")) {
    const near = document.getElementById(anchor)?.closest("li, section");
    const seen = [...(near?.querySelectorAll("button, summary") ?? [])].filter((one) => one.checkVisibility());
    // A row that its press folded away has nothing to go on from.
    if (seen.length || !near) return (seen.find((one) => one.value === word) ?? seen[0])?.focus({ preventScroll: true });
  }
  const step = document.querySelector("[aria-current=step]");
  // Where a phase has just ended, the way goes on through its pause.
  const pause = step?.id !== anchor && document.getElementById("pause")?.closest("section");
  const onward = document.querySelector("a[data-onward]")?.hash.slice(1) || "finish";
  const next = pause || step || document.getElementById(onward)?.closest("section");
  if (!next) return undefined;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  // Of a step longer than the screen its beginning: its title, not the middle of its commands.
  return next.firstElementChild.scrollIntoView({ block: "nearest" });
}
