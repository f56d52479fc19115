// A press as it waits on this device: what would be sent, when it was pressed, and what it was in the words of its page.
import { placeOf } from "./board.js";
import { waitFrom } from "./waiting.js";

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const said = (field) => (field.files ? [...field.files].map((one) => one.name).join(", ") : field.value.trim());

// What was typed or chosen in a form, without the times; of rows with the name that they have on the page.
function typedInForm(form) {
  const fields = [...form.querySelectorAll("textarea, input:not([type=hidden], [type=checkbox], [type=radio], .time)")];
  const own = fields.filter((field) => said(field) && field.name !== "until");
  const named = (field) => (field.name.includes(":") ? `${field.labels?.[0]?.textContent.trim()}: ` : "");
  return own.map((field) => named(field) + said(field));
}

// The words of a part of the page that are seen.
function seenWords(part) {
  const copy = part?.cloneNode(true);
  copy?.querySelectorAll(".visually-hidden, svg").forEach((one) => one.remove());
  return copy?.textContent.trim() ?? "";
}

// What a press was, in the words of its page, for whoever looks at the list.
function wordsOf(form, button, typed) {
  const row = form.closest("li, section")?.querySelector("b, h2, .tick");
  const words = [seenWords(row), seenWords(button), ...typed].filter(Boolean);
  return [...new Set(words)].join(" – ").replace(/\s+/g, " ").slice(0, 300);
}

// What was typed into a form, as a press of `submitter`.
export function pressOf(form, submitter) {
  const body = new FormData(form, submitter);
  body.delete("csrfmiddlewaretoken");
  const press = newKey();
  const item = { press, ...waitFrom(press), action: form.getAttribute("action") };
  item.body = [...body].filter(([, value]) => typeof value === "string");
  const typed = typedInForm(form);
  item.typed = typed.join("\n");
  item.words = wordsOf(form, submitter, typed);
  item.place = placeOf(form, submitter?.value ?? "");
  const files = [...body].filter(([, value]) => typeof value !== "string" && value.size);
  return { form, item, files };
}
