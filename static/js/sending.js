// One save as a request: the texts to be saved by name, each with the version that it started from where that is not the
// form's, and with what of others was seen before it was chosen.
import { pageIn } from "./answers.js";
import * as clashes from "./clashes.js";
import { controls } from "./texts.js";

const GIVE_UP = 20_000;
const BEACON = 60_000;
// One of these stands in all that the site says to a save.
const SAID = ["saved", "over", "csrf"];

export function body(form, version, texts = new Map(), since = new Map()) {
  const data = new FormData();
  for (const name of ["csrfmiddlewaretoken", "page", "writer"]) data.append(name, form.elements[name].value);
  data.append("version", version);
  for (const [name, text] of texts) {
    data.set(name, text);
    const fact = factOf(form, name);
    if (fact) for (const one of [`who-${fact}`, `was-${fact}`]) data.set(one, form.elements[one].value);
    const from = since.get(name) ?? clashes.since(name);
    if (from !== undefined) data.append(`since:${name}`, from);
    const theirs = clashes.choiceOf(name);
    if (theirs === undefined) continue;
    data.append(`choice:${name}`, "mine");
    data.append(`theirs:${name}`, theirs);
  }
  return data;
}

// The person that a line or an account is about: both are sent, since either may name somebody.
function factOf(form, name) {
  const fact = name.startsWith("who-") ? name.slice(4) : controls(form, name).at(-1)?.dataset.fact;
  return fact && form.elements[`who-${fact}`] ? fact : "";
}

// A small one is sent to its end even if the page is left meanwhile.
export function post(form, version, texts, since) {
  const size = [...texts.values()].reduce((sum, text) => sum + text.length * 3, 0);
  return fetch(form.action, {
    method: "POST",
    body: body(form, version, texts, since),
    headers: { Accept: "application/json" },
    keepalive: size < BEACON,
    signal: AbortSignal.timeout(GIVE_UP),
  });
}

// What the site says to a save; of a page of its own that it leads to the sign-in. Throws for an answer that isn't the site's.
export async function toldIn(answer) {
  if (answer.status >= 500) return {};
  // By the site, or by a proxy before it, which takes less: sent again it would be too large again.
  if (answer.status === 413) return { tooLarge: true };
  if (!answer.headers.get("Content-Type")?.includes("json")) {
    await pageIn(answer);
    return { signedOut: answer.redirected };
  }
  const told = await answer.json();
  if (SAID.some((one) => one in told)) return told;
  throw new Error(`${answer.status} by something before the site`);
}
