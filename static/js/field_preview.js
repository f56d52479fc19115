// Write and Preview of one long text: a button with data-preview-field shows it as the export does, in the text's own
// place, and the text again. Without this file the button saves, and the page shows both.
import { pieceIn } from "./answers.js";

async function shown(form, button) {
  const address = `${form.dataset.previewUrl}?field=${encodeURIComponent(button.dataset.previewField)}`;
  const headers = { "X-Requested-With": "fetch" };
  return pieceIn(await fetch(address, { method: "POST", body: new FormData(form), headers, redirect: "error" }));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-preview-field]");
  if (!button) return;
  event.preventDefault();
  const field = button.closest(".field");
  const [text, pane] = [field.querySelector("textarea"), field.querySelector("[data-preview-pane]")];
  const writes = button.getAttribute("aria-pressed") === "true";
  try {
    if (!writes) pane.replaceChildren(...await shown(button.form, button));
  } catch {
    return;
  }
  button.setAttribute("aria-pressed", String(!writes));
  [text.hidden, pane.hidden] = [!writes, writes];
  if (writes) text.focus();
});
