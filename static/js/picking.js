// Beside a field for a day or a time (components/pick.html) the buttons of data-pick fill it: with today or now, in UTC,
// or with what the browser's own picker gives. What is written there by hand counts just the same.
const CAN_SHOW = "showPicker" in HTMLInputElement.prototype;
const CLOCK = /^\s*(?:\d{1,2}:\d{2}(?::\d{2})?|\d{4})\s*/;

const partsOf = (part) => ({
  text: document.getElementById(part.dataset.for),
  native: part.querySelector("input"),
  kind: part.dataset.pick,
});

// "2026-12-06T02:00" or a part of it, as the text beside it says it; a zone that stands there stays.
function write({ text, kind }, picked) {
  const zone = CLOCK.test(text.value) ? text.value.replace(CLOCK, "") : "";
  text.value = kind === "time" ? `${picked} ${zone || "UTC"}` : picked.replace("T", " ");
  for (const name of ["input", "change"]) text.dispatchEvent(new Event(name, { bubbles: true }));
  text.focus();
}

function now(kind) {
  const stamp = new Date().toISOString();
  return { date: stamp.slice(0, 10), moment: stamp.slice(0, 16) }[kind] ?? stamp.slice(11, 16);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick] button");
  if (!button) return;
  const parts = partsOf(button.closest("[data-pick]"));
  if ("now" in button.dataset) write(parts, now(parts.kind));
  else parts.native.showPicker();
});

document.addEventListener("change", (event) => {
  const part = event.target.closest("[data-pick]");
  if (part && event.target.value) write(partsOf(part), event.target.value);
});

if (!CAN_SHOW) for (const button of document.querySelectorAll("[data-pick] [data-open]")) button.hidden = true;
