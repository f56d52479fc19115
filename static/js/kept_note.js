// A text with data-kept-note="person/record//name" is kept on this device while it is typed and was not sent, so that a
// look at another page costs nothing. data-kept-for says what it was written for: what was meant for another is dropped.
import { drop, held, keep } from "./kept.js";

const field = document.querySelector("[data-kept-note]");
const { keptNote: id, keptFor: purpose } = field.dataset;
let leaving = false;

function typed() {
  if (!leaving) (field.value ? keep(id, { at: Date.now(), purpose, text: field.value }) : drop(id)).catch(() => {});
}

async function restore() {
  const entry = await held(id);
  if (!entry) return;
  if (entry.purpose !== purpose) return drop(id);
  if (field.value) return;
  field.value = entry.text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector("[data-restored]").hidden = false;
}

field.addEventListener("input", typed);
new BroadcastChannel("kept").addEventListener("message", ({ data }) => { leaving ||= Boolean(data.signedOut); });
restore().catch(() => {});
