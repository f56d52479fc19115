// Reading by keys, beside those of keys.js: v and c press data-viewed and data-comment of the data-stop where one is, or
// of the first; e goes to the decision. Rests while a field has the focus, and where keys are off.
function press(mark) {
  const place = document.activeElement.closest("[data-stop]") ?? document.querySelector("[data-stop]");
  const found = place?.querySelector(mark) ?? place?.closest("section")?.querySelector(mark);
  found?.click();
}

function decide() {
  const box = document.querySelector("#decision-title")?.closest("section");
  (box?.querySelector("[type=radio]") ?? box?.querySelector("button, a"))?.focus();
}

const DOES = {
  v: () => press("[data-viewed]"),
  c: () => press("[data-comment]"),
  e: decide,
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.body.dataset.keys === "off" || event.target.matches("input:not([type=radio]), textarea, select")) return;
  if (!DOES[event.key]) return;
  DOES[event.key]();
  event.preventDefault();
});
