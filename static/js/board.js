// The board of a run is put in anew with every press and with what others did: phases that were unfolded stay so, and
// whoever pressed something goes on from there, by eye and by keyboard.
export function put(page, selector) {
  const fresh = page.querySelector(selector);
  const own = document.querySelector(selector);
  if (!fresh || !own) return;
  const open = [...own.querySelectorAll("details.phase[open]")].map((one) => one.id);
  own.replaceWith(document.adoptNode(fresh));
  open.forEach((id) => { const fold = document.getElementById(id); if (fold) fold.open = true; });
}

// Where a press was: at the step that is current, or in a row or part of the page by its anchor.
export function placeOf(form, word) {
  return { word, current: form.closest("[aria-current=step]") !== null, anchor: form.elements.at?.value ?? "" };
}

export function goOn({ word, current, anchor }) {
  if (document.activeElement !== document.body) return;
  if (!current) {
    const near = document.getElementById(anchor)?.closest("li, section");
    const button = near?.querySelector(`button[value="${CSS.escape(word)}"]`) ?? near?.querySelector("button, summary");
    return button?.focus({ preventScroll: true });
  }
  const next = document.querySelector("[aria-current=step]") ?? document.getElementById("finish")?.closest("section");
  if (!next) return undefined;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  return next.scrollIntoView({ block: "nearest" });
}
