// The texts in a part with data-kept="person/record//name" are kept on this device while they are typed and were not sent,
// so that a look at another page costs nothing. Each is known by its data-kept-as; data-kept-for says what all were
// written for: what was meant for another is dropped, and so is what has no field any more.
import { drop, held, keep } from "./kept.js";

const part = document.querySelector("[data-kept]");
const { kept: id, keptFor: purpose } = part?.dataset ?? {};
const fields = [...(part?.querySelectorAll("[data-kept-as]") ?? [])];
let leaving = false;

function typed() {
  if (leaving) return;
  const texts = fields.filter((field) => field.value).map((field) => [field.dataset.keptAs, field.value]);
  (texts.length ? keep(id, { at: Date.now(), purpose, texts }) : drop(id)).catch(() => {});
}

async function restore() {
  const entry = await held(id);
  if (!entry) return;
  if (entry.purpose !== purpose) return drop(id);
  const texts = new Map(entry.texts);
  const empty = fields.filter((field) => !field.value && texts.has(field.dataset.keptAs));
  for (const field of empty) {
    field.value = texts.get(field.dataset.keptAs);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (empty.length) part.querySelector("[data-restored]").hidden = false;
  else typed();
}

if (part) {
  part.addEventListener("input", typed);
  new BroadcastChannel("kept").addEventListener("message", ({ data }) => { leaving ||= Boolean(data.signedOut); });
  restore().catch(() => {});
}
