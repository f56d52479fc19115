// A form with data-preview-url is posted there when typing pauses; the answer, HTML cleaned by the server,
// takes the place of what is inside data-preview-into. An older answer never overwrites a newer one. A pane that scrolls
// follows the field one is in: the words of its group, its row and its label lead there.
import { pieceIn } from "./answers.js";

const PAUSE = 600;

const MARGIN = 48;

function wordsOf(field) {
  const around = [field.closest(".phase, .block")?.querySelector("h2"), field.closest(".stepx")?.querySelector(".named b")];
  return [...around, field.closest(".short-row")?.querySelector(".form-control"), field.labels?.[0]]
    .map((one) => (one?.value ?? one?.textContent ?? "").trim())
    .filter(Boolean);
}

function placeIn(pane, field) {
  const parts = [...pane.querySelectorAll("h1, h2, h3, h4, strong, pre")];
  let [place, from] = [null, 0];
  for (const words of wordsOf(field)) {
    const at = parts.findIndex((part, number) => number >= from && part.textContent.includes(words));
    if (at >= 0) [place, from] = [parts[at], at + 1];
  }
  return place;
}

function follow(pane, field) {
  const frame = pane.closest("aside");
  if (!frame || frame.scrollHeight <= frame.clientHeight || !field?.matches("input, select, textarea")) return;
  const place = placeIn(pane, field)?.getBoundingClientRect();
  const { top, bottom } = frame.getBoundingClientRect();
  if (!place || (place.top >= top && place.bottom + MARGIN <= bottom)) return;
  frame.scrollTop += place.top - top - MARGIN;
}

function attach(form) {
  const pane = document.querySelector(form.dataset.previewInto ?? "#preview");
  let timer = 0;
  let running = new AbortController();

  async function refresh() {
    running.abort();
    running = new AbortController();
    const headers = { "X-Requested-With": "fetch" };
    // Who is signed out is led to another page, which isn't the preview.
    const request = { method: "POST", body: new FormData(form), headers, redirect: "error", signal: running.signal };
    try {
      const answer = await fetch(form.dataset.previewUrl, request);
      pane.replaceChildren(...await pieceIn(answer));
      pane.removeAttribute("data-old");
      if (form.contains(document.activeElement)) follow(pane, document.activeElement);
    } catch (error) {
      if (error.name !== "AbortError") pane.setAttribute("data-old", "");
    }
  }

  form.addEventListener("focusin", (event) => follow(pane, event.target));
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
}

document.querySelectorAll("form[data-preview-url]").forEach(attach);
