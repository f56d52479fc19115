// Keys: an element with data-key="n" or data-key="g h" is pressed by that key or those two, those of the top bar also
// while its menu is closed; j and k go from one data-stop to the next and back; "/" goes to the search; Ctrl+Enter
// presses the page's primary button. Single keys rest while a field has the focus, and on pages whose body says
// data-keys="off".
const PAUSE = 1200;
let first = "";
let at = 0;
let place = null;

const inField = (element) =>
  element.isContentEditable || element.matches("input:not([type=radio], [type=checkbox]), textarea, select, dialog, dialog *");
const seen = (element) => element.getClientRects().length > 0;

function press(keys) {
  const meant = (element) => element.dataset.key === keys && (seen(element) || element.closest(".top"));
  const target = [...document.querySelectorAll("[data-key]")].find(meant);
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

function go(step) {
  const stops = [...document.querySelectorAll("[data-stop]")].filter(seen);
  const now = stops.indexOf(document.activeElement.closest("[data-stop]") ?? place);
  const next = now < 0 ? (step > 0 ? 0 : stops.length - 1) : Math.min(Math.max(now + step, 0), stops.length - 1);
  place = stops[next];
  (place?.matches("[tabindex]") ? place : place?.querySelector("a, button, summary"))?.focus();
  place?.scrollIntoView({ block: "center" });
  return Boolean(place);
}

const OWN = { "/": search, j: () => go(1), k: () => go(-1) };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && primary()) event.preventDefault();
    return;
  }
  if (document.body.dataset.keys === "off" || inField(event.target)) return;
  const now = Date.now();
  const two = now - at < PAUSE ? `${first} ${event.key}` : "";
  const used = (two && press(two)) || press(event.key) || (OWN[event.key]?.() ?? false);
  if (used) event.preventDefault();
  first = used ? "" : event.key;
  at = now;
});
