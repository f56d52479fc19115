// What the steps of a run look like while presses on them wait without network: those that were pressed say so, and the
// next one in the approved order is at hand, with a form of its own. The site still judges when the presses arrive.
const OVER = /\b(done|skipped|bad)\b/;
const SHOWN = { start_step: "started", finish_step: "done", skip: "skipped", reopen_step: "todo" };

const valueIn = ({ body }, name) => body.find(([own]) => own === name)?.[1] ?? "";

function pressedIn(item) {
  if (valueIn(item, "skip")) return "skip";
  return valueIn(item, "out_of_order") ? "start_step" : valueIn(item, "do").split(":")[0];
}

const made = (row) => row.querySelector("form[data-made]");
const isTyped = (form) => [...(form?.querySelectorAll("textarea") ?? [])].some((one) => one.value !== one.defaultValue);

// The form of a step that comes next, out of the page's template; what is typed in it stays until it is sent.
function formOf(row) {
  const form = made(row);
  if (form) return form;
  const fresh = document.getElementById("ahead").content.firstElementChild.cloneNode(true);
  const { step, asks, agreed } = row.dataset;
  const number = row.id.replace("step-", "");
  fresh.elements.key.value = step;
  fresh.elements.at.value = row.id;
  fresh.querySelectorAll("textarea").forEach((field) => {
    field.id = `${field.name}-${number}`;
    field.previousElementSibling.htmlFor = field.id;
    // The page's own field of that name has gone out of sight, and its name with it.
    row.querySelectorAll(`[id="${CSS.escape(field.id)}"]`).forEach((own) => { own.id += "-own"; });
  });
  fresh.querySelectorAll("[data-number]").forEach((part) => { part.textContent = number; });
  if (asks) {
    fresh.querySelector("[data-asks]").textContent = asks;
    fresh.querySelectorAll("[value=start_step], [value=finish_step]").forEach((button) => {
      button.value += ":asked";
      button.prepend(`${agreed}: `);
    });
  }
  row.querySelector(".line1").parentElement.append(fresh);
  return fresh;
}

function putBack(row) {
  if (row.dataset.was === undefined) return;
  row.className = row.dataset.was;
  row.querySelector("[data-waits-words]")?.remove();
  if (row.dataset.current) row.setAttribute("aria-current", "step");
  else row.removeAttribute("aria-current");
  away(row);
  ["was", "waits", "current"].forEach((name) => delete row.dataset[name]);
}

// Its own form goes once it isn't needed, unless something is typed in it.
function away(row) {
  const form = made(row);
  if (!form || isTyped(form)) return;
  form.remove();
  row.querySelectorAll("[id$='-own']").forEach((field) => { field.id = field.id.replace(/-own$/, ""); });
}

function show(row, state, isNext, words, endsPhase) {
  const isOver = state === "done" || state === "skipped";
  row.dataset.was ??= row.className;
  row.dataset.current ??= row.getAttribute("aria-current") ?? "";
  row.className = isOver ? `${state} waits` : isNext ? "now" : row.dataset.was;
  row.querySelector("[data-waits-words]")?.remove();
  if (state && state !== "todo") {
    const pill = document.createElement("span");
    pill.className = "pill warn";
    pill.dataset.waitsWords = "";
    pill.textContent = words[state];
    row.querySelector(".line1").append(pill);
  }
  if (isNext) row.setAttribute("aria-current", "step");
  else row.removeAttribute("aria-current");
  row.dataset.waits = isNext ? "next" : state ?? "";
  if (!isNext) return away(row);
  const form = formOf(row);
  form.querySelector("[data-pause]").hidden = !endsPhase;
  const begun = state === "started" || (!state && row.dataset.begun === "yes");
  form.querySelector("[value^=start_step]").hidden = begun;
  // Where Start was stands nothing to press, as on the site's own.
  form.querySelector("[data-begun]").hidden = !begun;
  const done = form.querySelector("[value^=finish_step]");
  done.classList.toggle("push", begun);
  done.classList.toggle("btn-primary", begun);
  done.classList.toggle("btn-quiet", !begun);
  const fold = row.querySelector("details[data-plan]");
  if (fold && !row.dataset.opened) fold.open = true;
  row.dataset.opened = "yes";
  return undefined;
}

// `items` wait in this order; `words` say what a pressed step is meanwhile.
export function markAhead(items, words) {
  const back = items.some((item) => pressedIn(item) === "roll_back");
  const rows = [...document.querySelectorAll("#board .steps > li[data-step]")];
  const pressed = new Map();
  for (const item of items) {
    const state = SHOWN[pressedIn(item)];
    if (state) pressed.set(valueIn(item, "key"), state);
  }
  const touched = rows.some((row) => pressed.has(row.dataset.step));
  if ((!touched && !back) || !document.getElementById("ahead")) return rows.forEach(putBack);
  const inPart = (row) => Boolean(row.closest("[data-way-back]")) === back;
  const wasOver = (row) => (OVER.test(row.dataset.was ?? row.className) ? "over" : undefined);
  const stateOf = (row) => pressed.get(row.dataset.step) ?? wasOver(row);
  const isOver = (row) => ["done", "skipped", "over"].includes(stateOf(row));
  const next = rows.find((row) => inPart(row) && !isOver(row));
  const part = rows.filter(inPart);
  const last = part[part.indexOf(next) - 1];
  const isNew = Boolean(last) && last.closest("section") !== next.closest("section");
  const endsPhase = isNew && pressed.has(last.dataset.step);
  const jump = document.querySelector("#clock .jumps a[href^='#step-']");
  if (jump && next) {
    const number = next.id.replace("step-", "");
    jump.textContent = jump.textContent.replace(jump.hash.replace("#step-", ""), number);
    jump.href = `#step-${number}`;
  }
  return rows.forEach((row) => {
    const state = pressed.get(row.dataset.step);
    // The site's own form is there already, perhaps with a text in it.
    if (row === next && !state && row.querySelector("form.work:not([data-made])")) return putBack(row);
    if (row === next || state) show(row, state, row === next, words, endsPhase);
    else putBack(row);
    return undefined;
  });
}
