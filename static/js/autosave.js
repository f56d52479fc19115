// Saves a form with data-autosave while it is written: a second after a pause, at least every ten seconds, one request at
// a time, with growing waits when it fails. Until the server has confirmed a text it is kept on this device (kept.js) and
// the line in the bar says so (save_state.js). The address and the act are those of the form's buttons.
import * as clashes from "./clashes.js";
import { drop, keep, leftBehind } from "./kept.js";
import { takeNews } from "./news.js";
import { watch } from "./presence.js";
import { takeRemarks } from "./remarks.js";
import { putBack } from "./restoring.js";
import { fill, say } from "./save_state.js";
import { body, post, toldIn } from "./sending.js";
import { asidesOf, download, isBeingTyped, textsOf } from "./texts.js";

const PAUSE = 1000;
const MOST = 10_000;
const SLOW = 400;
const SOON = 150;
const WAITS = [2, 4, 8, 15, 30, 60];

const form = document.querySelector("form[data-autosave]");
const line = document.querySelector("[data-save-line]");
const input = (name) => form.elements[name];
const channel = new BroadcastChannel("kept");
const place = form.dataset.autosave;
const own = `${place}${input("page").value}`;
let version = Number(input("version").value);
let saved = form.hasAttribute("data-not-stored") ? new Map() : textsOf(form);
const since = new Map();
const refused = new Map();
let running = null;
let timer = 0;
let dirtyFrom = 0;
let failures = 0;
let onDevice = true;
let over = false;
let leaving = false;
let lastField = null;

// ---------------------------------------------------------------- what is not saved yet

function unsaved() {
  return new Map([...textsOf(form)].filter(([name, text]) => text !== saved.get(name)));
}

const isWaiting = () => unsaved().size > 0 || asidesOf(form).size > 0;

function toSend(everything) {
  const ready = ([name, text]) =>
    !clashes.isOpen(name) && refused.get(name) !== text && (everything || !isBeingTyped(name));
  return new Map([...unsaved()].filter(ready));
}

let keeping = 0;
function keepSoon() {
  keeping ||= setTimeout(keepNow, SOON);
}

async function keepNow() {
  clearTimeout(keeping);
  keeping = 0;
  const texts = new Map([...unsaved(), ...asidesOf(form)]);
  const entry = [...texts].map(([name, text]) => [name, text, since.get(name) ?? clashes.since(name) ?? version]);
  try {
    await (entry.length && !leaving ? keep(own, { at: Date.now(), texts: entry }) : drop(own));
    onDevice = true;
  } catch {
    onDevice = false;
  }
}

// ---------------------------------------------------------------- when

function schedule(wait = PAUSE) {
  clearTimeout(timer);
  if (over) return;
  dirtyFrom ||= Date.now();
  timer = setTimeout(save, Math.max(0, Math.min(wait, dirtyFrom + MOST - Date.now())));
}

function typed() {
  keepSoon();
  if (over || !isWaiting()) return;
  if (!failures) say(running ? "saving" : clashes.first() ? "clash" : "waiting", clashes.first() ?? {});
  if (!failures) schedule();
}

function later(state) {
  const wait = WAITS[Math.min(failures, WAITS.length - 1)];
  failures += 1;
  const until = Date.now() + wait * 1000;
  const count = unsaved().size + asidesOf(form).size;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) return save();
    say(state, { seconds: left, count });
    timer = setTimeout(tick, 1000);
  };
  clearTimeout(timer);
  tick();
}

const again = () => {
  if (!failures || document.hidden) return;
  save();
};

// ---------------------------------------------------------------- sending

// Resolves once nothing is in flight: whether all that can be sent by itself is saved.
function save(everything = false) {
  clearTimeout(timer);
  running ??= attempt(everything).finally(() => { running = null; });
  return running;
}

async function attempt(everything) {
  const texts = toSend(everything);
  dirtyFrom = 0;
  if (over) return false;
  if (!texts.size) return settled();
  const slow = setTimeout(() => { if (!failures) say("saving"); }, SLOW);
  try {
    const answer = await post(form, version, texts, since);
    return judge(answer, await toldIn(answer), texts, everything);
  } catch {
    later("offline");
    return false;
  } finally {
    clearTimeout(slow);
  }
}

function judge(answer, told, texts, everything) {
  if (told.signedOut) return signedOut();
  if (told.csrf) return newToken(told.csrf, everything);
  if (answer.status >= 500) return later("failed") ?? false;
  failures = 0;
  if (told.tooLarge) return wrong({ [longest(texts)]: line.dataset.large }, texts, everything);
  if ("saved" in told) return confirmed(told, texts, everything);
  if (told.clashes?.length) {
    for (const one of told.clashes) clashes.show(form, one, since.get(one.key) ?? version, () => schedule(0));
    return attempt(everything);
  }
  if (told.problems && Object.keys(told.problems).length) return wrong(told.problems, texts, everything);
  return end(told.reason);
}

function confirmed(told, texts, everything) {
  for (const [name, text] of texts) {
    saved.set(name, text);
    since.delete(name);
    refused.delete(name);
    clashes.settle(name);
  }
  input("saved").value = told.saved;
  if (line.contains(document.activeElement)) lastField?.focus({ preventScroll: true });
  const undo = document.querySelector("[data-take-back]");
  if (told.undo) [undo.value, undo.hidden] = [`take-back:${told.undo}`, false];
  takeRemarks(form, told, texts, saved);
  takeIn(told);
  keepNow();
  return toSend(everything).size && everything ? attempt(everything) : settled();
}

function settled() {
  const clash = clashes.first();
  if (clash) say("clash", clash);
  else if (refused.size && [...refused].some(([name, text]) => unsaved().get(name) === text)) say("problem");
  else if (isWaiting()) {
    say("waiting");
    if (toSend(false).size) schedule();
  } else if (input("saved").value) say("saved", { at: input("saved").value });
  return !clash && !unsaved().size;
}

function newToken(token, everything) {
  for (const one of document.querySelectorAll("[name=csrfmiddlewaretoken]")) one.value = token;
  if (failures > WAITS.length) return later("failed") ?? false;
  failures += 1;
  return attempt(everything);
}

function signedOut() {
  failures ||= 1;
  say("signed-out");
  return false;
}

function wrong(problems, texts, everything) {
  const names = "" in problems ? [...texts.keys()] : Object.keys(problems);
  for (const name of names) refused.set(name, texts.get(name) ?? textsOf(form).get(name));
  say("problem");
  fill(line, { why: Object.values(problems)[0] });
  return toSend(everything).size ? attempt(everything) : false;
}

const longest = (texts) => [...texts].reduce((one, other) => (other[1].length > one[1].length ? other : one))[0];

function end(reason) {
  over = true;
  say("over");
  if (reason) fill(line, { why: reason });
  return false;
}

// ---------------------------------------------------------------- what others wrote, and what was left behind

function takeIn(news) {
  if (news.version < version) return;
  takeNews(form, news, { saved, since, version, again: () => schedule(0) });
  version = news.version;
}

async function restore() {
  let brought = false;
  for (const [id, entry] of await leftBehind(place, own, channel)) {
    brought = putBack(form, entry.texts, version, since) || brought;
    await keepNow();
    await drop(id);
  }
  if (brought) document.querySelector("[data-restored]").hidden = false;
  if (unsaved().size) schedule(0);
}

// ---------------------------------------------------------------- events

form.addEventListener("focusin", (event) => { lastField = event.target; });
form.addEventListener("input", typed);
form.addEventListener("change", typed);
form.addEventListener("focusout", () => { if (toSend(false).size && !failures) schedule(); });
// Enter in a line saves it, and one stays there; what only a button sends is sent by the form's first one.
form.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
  if (!field.matches("input.form-control, textarea.one-line") || !textsOf(form).has(field.name)) return;
  event.preventDefault();
  if (!failures) save(true);
});
document.addEventListener("click", (event) => {
  const what = event.target.closest("[data-save-now], [data-download]");
  if (what) "download" in what.dataset ? download(form, new Map([...unsaved(), ...asidesOf(form)])) : save();
});
for (const name of ["focus", "online"]) addEventListener(name, again);
// A page that goes waits for nothing: what is sent is under way before the text is kept as well.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return again();
  if (!failures) save();
  keepNow();
});
addEventListener("pagehide", () => {
  if (!failures && !leaving) save(true);
});
addEventListener("beforeunload", (event) => {
  if (!onDevice && !leaving && isWaiting()) event.preventDefault();
});
channel.addEventListener("message", ({ data }) => {
  if (data.who) channel.postMessage({ here: own });
  if (data.signedOut) leaving = true;
  if (data.signedIn && failures) save();
});

// A button sends the page as it stands: what was typed is saved first, so that nothing is sent into a lost connection.
form.addEventListener("submit", async (event) => {
  if (leaving) return;
  event.preventDefault();
  const button = event.submitter;
  if (running) await running;
  await save(true);
  if (failures) return;
  leaving = true;
  await keepNow();
  form.requestSubmit(button);
});

// So does a link: the page that it opens shows what was typed here. Whatever can't be saved keeps one here, once.
let warned = false;
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]:not([target], [download])");
  const isPlain = !(event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || link.origin !== location.origin || link.pathname === location.pathname) return;
  if (!isWaiting() || failures || over || leaving || warned) return;
  event.preventDefault();
  if (running) await running;
  await save(true);
  warned = !failures && toSend(true).size < unsaved().size;
  if (!warned) location.assign(link.href);
});

restore().catch(() => { onDevice = false; });
watch(form, () => body(form, version), (news) => { if (!running && !over) takeIn(news); });
