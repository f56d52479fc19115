// Reading by keys: j and k go to the next and the last of what stands in data-stop; v and c press data-viewed and
// data-comment of where one is; e goes to the decision. Rests while a field has the focus, and where keys are off.
const stops = () => [...document.querySelectorAll("[data-stop]")];
let at = null;

function here() {
  const own = document.activeElement.closest("[data-stop]");
  return own ?? (at?.isConnected ? at : null);
}

function go(step) {
  const all = stops();
  const now = all.indexOf(here());
  at = all[now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1)];
  at?.focus();
  at?.scrollIntoView({ block: "center" });
}

function press(mark) {
  const place = here() ?? stops()[0];
  const found = place?.querySelector(mark) ?? place?.closest("section")?.querySelector(mark);
  found?.click();
}

const DOES = {
  j: () => go(1),
  k: () => go(-1),
  v: () => press("[data-viewed]"),
  c: () => press("[data-comment]"),
  e: () => document.querySelector("#decision-title")?.closest("section").querySelector("input, button, a")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.body.dataset.keys === "off" || event.target.matches("input:not([type=radio]), textarea, select")) return;
  if (!DOES[event.key]) return;
  DOES[event.key]();
  event.preventDefault();
});
