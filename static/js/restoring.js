// Texts that an earlier page kept on this device come back into the form; what has no field any more is shown above it.
import { fill, made } from "./save_state.js";
import { asidesOf, controls, setText, textsOf } from "./texts.js";

// Puts `texts`, as [name, text, version it started from], into `form`, which shows `version`. Returns whether any of
// them was new to it.
export function putBack(form, texts, version, since) {
  let brought = false;
  for (const [name, text, from] of texts) {
    const now = controls(form, name).length ? (textsOf(form).get(name) ?? asidesOf(form).get(name) ?? "") : null;
    if (now === text) continue;
    brought = true;
    if (now === null) leftOver(form, text);
    else {
      if (from !== version) since.set(name, from);
      setText(form, name, text);
    }
  }
  return brought;
}

function leftOver(form, text) {
  const part = made("left-over");
  fill(part, { text });
  form.querySelector("h1").after(part);
}
