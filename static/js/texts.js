// The texts of a form by name, as they would be sent, and how to set one without disturbing whoever types.
const OWN = /^(choice|theirs|edited|since|label):/;
const ASIDE = "[name=reason], [name=by], [name^='label:']";

const isText = (name) => !OWN.test(name) && (name === "title" || /[/.]|^who-/.test(name));

// Every text that a save without a button may send. Of several controls with one name the last counts.
export function textsOf(form) {
  const texts = new Map();
  for (const [name, value] of new FormData(form)) if (isText(name)) texts.set(name, value);
  return texts;
}

// What only a button sends: a reason that is being typed, the name of a new detail.
export function asidesOf(form) {
  const open = [...form.querySelectorAll(ASIDE)].filter((one) => one.value !== one.defaultValue);
  return new Map(open.map((one) => [one.name, one.value]));
}

export const controls = (form, name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];

// A name that is half typed names nobody: such a field is sent once it is left.
export function isBeingTyped(name) {
  const one = document.activeElement;
  return one?.name === name && one.hasAttribute("data-when-left");
}

export function setText(form, name, text) {
  for (const one of controls(form, name)) {
    if (one.type === "radio" || one.type === "checkbox") one.checked = one.value === text;
    else if (one.type !== "hidden" || controls(form, name).length === 1) put(one, text);
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function put(one, text) {
  const caret = document.activeElement === one && "selectionStart" in one ? [one.selectionStart, one.selectionEnd] : null;
  one.value = text;
  if (caret) one.setSelectionRange(...caret);
}

// Hands `texts`, by name, out as a file, each under the label of its field.
export function download(form, texts) {
  const label = (name) => controls(form, name).at(-1)?.labels?.[0]?.textContent.trim() ?? name;
  const text = [...texts].map(([name, value]) => `${label(name)}\n\n${value}\n`).join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = "unsaved.txt";
  link.click();
}
