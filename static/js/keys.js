// Keys: an element with data-key="n" or data-key="g h" is pressed by that key or those two; "/" goes to the search;
// Ctrl+Enter presses the page's primary button. Single keys rest while a field has the focus, and on pages whose
// body says data-keys="off".
const PAUSE = 1200;
let first = "";
let at = 0;

const inField = (element) =>
  element.isContentEditable || element.matches("input, textarea, select, dialog, dialog *");
const seen = (element) => element.getClientRects().length > 0;

function press(keys) {
  const target = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === keys && seen(e));
  target?.click();
  return Boolean(target);
}

function primary() {
  const own = document.activeElement.closest("form")?.querySelector("[type=submit].btn-primary");
  const button = own ?? [...document.querySelectorAll("main .btn-primary, .savebar .btn-primary")].find(seen);
  button?.click();
  return Boolean(button);
}

function search() {
  const field = [...document.querySelectorAll("input[type=search]")].find(seen);
  field?.focus();
  return Boolean(field);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && primary()) event.preventDefault();
    return;
  }
  if (document.body.dataset.keys === "off" || inField(event.target)) return;
  const now = Date.now();
  const two = now - at < PAUSE ? `${first} ${event.key}` : "";
  const used = event.key === "/" ? search() : (two && press(two)) || press(event.key);
  if (used) event.preventDefault();
  first = used ? "" : event.key;
  at = now;
});
