// What the server said about texts that it has just saved: one that it wrote otherwise (a date in the template's way, the
// name of an account that was picked), a remark that is new or gone, the words of an error that has been mended, and that
// a text no longer counts as carried over.
import { fill, made } from "./save_state.js";
import { controls, setText, textsOf } from "./texts.js";

// `sent` are the texts that were saved, by name. `saved` holds what the page knows as stored.
export function takeRemarks(form, told, sent, saved) {
  for (const [name, text] of Object.entries(told.written ?? {})) {
    const untouched = textsOf(form).get(name) === (sent.get(name) ?? saved.get(name));
    saved.set(name, text);
    if (untouched) setText(form, name, text);
  }
  for (const [name, words] of Object.entries(told.remarks ?? {})) remark(form, name, words);
  for (const [name, text] of [...sent, ...Object.entries(told.written ?? {})]) if (text.trim()) mended(form, name);
  for (const name of sent.keys()) if (!told.carried?.includes(name)) lookedAt(form, name);
}

function lookedAt(form, name) {
  const mark = placeOf(form, name)?.querySelector(".carried");
  const row = mark?.closest("details[data-row]");
  mark?.remove();
  if (row && !row.querySelector(".carried")) row.querySelector("summary [data-carried]")?.remove();
  if (mark && !form.querySelector(".carried")) document.querySelector("[data-carried-note]")?.remove();
}

function remark(form, name, words) {
  const place = placeOf(form, name);
  const before = place?.querySelector("[data-remark]");
  if (!place || (before && before.textContent.trim() === words)) return;
  before?.remove();
  if (!words) return;
  const part = made("remark");
  fill(part, { words });
  (place.querySelector(".tools") ?? { before: (one) => place.append(one) }).before(part);
}

function mended(form, name) {
  const place = controls(form, name).at(-1)?.closest(".err");
  place?.classList.remove("err");
  for (const one of place?.querySelectorAll(".err-msg") ?? []) one.remove();
  for (const one of place?.querySelectorAll("[aria-invalid]") ?? []) one.removeAttribute("aria-invalid");
  const links = [...form.querySelectorAll(".summary-err a")];
  const link = links.find((one) => one.getAttribute("href") === `#f-${name}`);
  link?.closest("li").remove();
  if (!link || links.length > 1) return;
  form.querySelector(".summary-err").remove();
  document.title = document.title.replace(form.dataset.errorWord, "").trim();
}

const placeOf = (form, name) => controls(form, name).at(-1)?.closest("td, .field");
