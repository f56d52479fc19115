// The one line that says, in words, whether what is typed is saved. Its words are templates of the page, by state; slots
// in them are filled in.
const line = document.querySelector("[data-save-line]");
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
let shown = "";

export const ago = (seconds) =>
  seconds < 90 ? relative.format(-seconds, "second") : relative.format(-Math.round(seconds / 60), "minute");

export function fill(part, slots) {
  for (const [name, text] of Object.entries(slots)) {
    for (const slot of part.querySelectorAll(`[data-slot="${name}"]`)) {
      if (slot instanceof HTMLAnchorElement && name === "place") slot.href = text;
      else slot.textContent = text;
    }
  }
}

export const made = (id) => document.getElementById(id).content.cloneNode(true);

export function say(state, slots = {}) {
  if (state !== shown) {
    line.replaceChildren(made(`state-${state}`));
    line.dataset.saveState = shown = state;
    line.closest(".savebar").classList.toggle("trouble", !["waiting", "saving", "saved"].includes(state));
  }
  fill(line, slots);
}
