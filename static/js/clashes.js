// Fields that somebody else changed too: both texts stand in the page until whoever writes has chosen. Until then the
// field isn't sent, and the form says since which version it differs, so that no other button overwrites anybody.
import { controls, setText } from "./texts.js";
import { ago, fill, made } from "./save_state.js";

const open = new Map();

export const isOpen = (name) => open.has(name) && !open.get(name).chosen;
export const choiceOf = (name) => (open.get(name)?.chosen ? open.get(name).theirs : undefined);
export const first = () => [...open.values()].find((one) => !one.chosen);
const id = (name) => `clash-${name}`;

// `theirs` is {key, label, text, shown, person, ago}; `version` the one that the own text started from.
export function show(form, theirs, version, chosen) {
  const before = open.get(theirs.key);
  if (before && !before.chosen && before.theirs === theirs.text) return;
  const since = before?.since ?? version;
  before?.panel.remove();
  const field = controls(form, theirs.key).at(-1);
  const panel = made("clash").firstElementChild;
  panel.id = id(theirs.key);
  fill(panel, { ...theirs, ago: ago(theirs.ago), theirs: theirs.shown ?? theirs.text });
  const hidden = panel.querySelector("input");
  [hidden.name, hidden.value] = [`since:${theirs.key}`, since];
  const entry = { panel: besides(field, panel), since, theirs: theirs.text, chosen: false, place: `#${id(theirs.key)}`, ...about(theirs) };
  open.set(theirs.key, entry);
  panel.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-choose]")?.dataset.choose;
    if (!choice) return;
    entry.chosen = true;
    if (choice === "theirs") setText(form, theirs.key, theirs.text);
    field.focus();
    chosen(theirs.key);
  });
}

// Puts `panel` below the field; below the whole row where others stand beside it: two texts need its width. Returns what
// was put there.
function besides(field, panel) {
  const row = field.closest("tr");
  const outer = row ? document.createElement("tr") : panel;
  if (row) {
    const cell = outer.insertCell();
    cell.colSpan = row.cells.length;
    cell.className = "whole";
    cell.append(panel);
  }
  (row ?? field.closest(".short-row, .two") ?? field.closest(".field") ?? field).after(outer);
  return outer;
}

const about = ({ person, label, ago: seconds }) => ({ person, label, ago: ago(seconds) });

export const since = (name) => open.get(name)?.since;

export function settle(name) {
  open.get(name)?.panel.remove();
  open.delete(name);
}
