// Ticks and notes of a run leave through here: each press is sent at once, and waits on this device with its own time
// while the network is away. Every press has a key, so that it counts once however often it is sent. What is attached waits
// in the browser's database: a list of presses is no place for photos.
import { markAhead } from "./ahead.js";
import { pageIn, parsed, personOf } from "./answers.js";
import { attachedIn, goOn, put, typedIn } from "./board.js";
import { restDone } from "./done_rests.js";
import { drop, held, keep } from "./kept.js";
import { heard, isAway } from "./network.js";
import { pressOf } from "./presses.js";
import { draw } from "./queue_list.js";
import { released } from "./released.js";
import { waited } from "./waiting.js";

const place = document.getElementById("queue");
const person = personOf(document);
// The way back is a page of the same run: what waits goes along.
const STORE = `run-queue:${person}:${place.dataset.page}`;
const TOO_LONG = 15000;
const BYTES_A_SECOND = 50_000;
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 30000;
let sending = false;
// The press that is being sent, which can't be taken back meanwhile; and what the list last said.
let onTheWay = "";
let lastState = "";
let leadsTo = "";
let wait = FIRST_WAIT;
let timer = 0;

const read = () => JSON.parse(localStorage.getItem(STORE) ?? "[]");
// What a killed browser had not written yet stands in its database too.
const MIRROR = `${person}/run-queue${place.dataset.page}`;
function write(items) {
  if (items.length) localStorage.setItem(STORE, JSON.stringify(items));
  else localStorage.removeItem(STORE);
  (items.length ? keep(MIRROR, items) : drop(MIRROR)).catch(() => {});
}
const told = (name) => place.dataset[name];

const attached = (press) => `${person}/attached/${press}`;
const sizeOf = ({ body, files }) => [...body, ...files].reduce((sum, [, one]) => sum + (one.size ?? one.length * 3), 0);

function forget(item) {
  write(read().filter((one) => one.press !== item.press));
  if (item.attached) drop(attached(item.press)).catch(() => {});
}

const waits = (item) => !item.refused && !item.told;
const change = (item, more) => write(read().map((one) => (one.press === item.press ? { ...one, ...more } : one)));
const acts = {
  change,
  drop: (item) => { if (item.press !== onTheWay) forget(item); show(lastState); },
  send: (item, time) => { change(item, { refused: undefined, time }); flush(); },
  // What was typed goes to the log, where the press itself is no use any more.
  note: (item, time) => {
    const body = [...item.body.filter(([name]) => name === "key" || name === "at"), ["do", "note"], ["note", item.typed]];
    change(item, { refused: undefined, time, body, action: place.dataset.page, noted: true });
    flush();
  },
};

function show(state) {
  lastState = state;
  const items = read();
  const waiting = items.filter(waits);
  const word = waiting.length ? state || (isAway() ? "offline" : "waiting") : isAway() ? "away" : "";
  draw(items, told(word) ?? "", acts);
  place.querySelector("[data-queue-sign-in]").hidden = state !== "signin" && state !== "other";
  place.hidden = !items.length && !isAway();
  // What sticks to the foot of the page stands above it.
  document.documentElement.style.setProperty("--queue", `${place.offsetHeight}px`);
  document.documentElement.toggleAttribute("data-away", isAway());
  markAhead(state || isAway() ? waiting : [], place.dataset);
  restDone();
}

async function request(url, options = {}, patience = TOO_LONG) {
  const answer = await fetch(url, { ...options, credentials: "same-origin", signal: AbortSignal.timeout(patience) });
  if (answer.status >= 500) throw new Error(String(answer.status));
  return { answer, page: await (answer.ok ? pageIn : parsed)(answer) };
}

const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
// What came of a press is said by a page of its record, made for whoever pressed it.
const RECORD = told("page").replace(/run\/$/, "");
const isTold = ({ answer, page }) => personOf(page) === person && new URL(answer.url).pathname.startsWith(RECORD);
const isSignIn = (got) => got.answer.redirected && new URL(got.answer.url).pathname.startsWith("/sign-in/");

async function post(item, isLate) {
  const kept = (item.attached && (await held(attached(item.press)))) || { body: item.body, files: [] };
  const body = item.attached ? new FormData() : new URLSearchParams();
  for (const [name, value] of [...kept.body, ...kept.files]) body.append(name, value);
  body.set("csrfmiddlewaretoken", token());
  body.set("press", item.press);
  body.set("pressed_by", person);
  if (isLate) body.set("late", "yes");
  if (item.time) body.set("time", item.time);
  else waited(item).forEach(([name, value]) => body.append(name, value));
  return request(item.action, { method: "POST", body }, TOO_LONG + (sizeOf(kept) / BYTES_A_SECOND) * 1000);
}

// Whoever signed in again has another token: it is taken from a fresh page, and the press is sent once more; unless it is
// somebody else who signed in here: under their name nothing is sent.
async function send(item, isLate) {
  let got = await post(item, isLate);
  if (got.answer.status === 403) {
    const fresh = await request(location.pathname);
    const who = personOf(fresh.page) ?? person;
    if (isSignIn(fresh) || who !== person) return { ...fresh, isOther: !isSignIn(fresh) };
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => {
      field.value = fresh.page.querySelector("[name=csrfmiddlewaretoken]")?.value ?? field.value;
    });
    got = await post(item, isLate);
  }
  return got;
}

function settle(item, got, pressed) {
  const rest = read().filter((one) => one.press !== item.press);
  if (got.answer.ok) {
    const there = new URL(got.answer.url);
    const answer = !pressed && got.page.querySelector("#main .messages")?.textContent.replace(/\s+/g, " ").trim();
    // What became of a press that came late stands there until somebody has seen it.
    if (answer) write([...rest, { ...item, told: answer }]);
    else forget(item);
    if (there.pathname !== location.pathname) {
      // What waited is sent to its end first, and takes nobody away from what they type.
      if (pressed) location.assign(got.answer.url);
      else if (there.pathname.endsWith("/rollback/")) leadsTo = got.answer.url;
      return;
    }
    put(got.page, "#clock");
    const isPut = put(got.page, "#board");
    document.querySelectorAll("#clock [data-news], #board [data-news]").forEach((one) => { one.hidden = isPut; });
    document.title = got.page.title;
    document.querySelector("main .summary-err")?.remove();
    if (pressed) goOn(item.place);
    return;
  }
  const said = got.page.querySelector(".summary-err ul") ?? got.page.querySelector(".summary-err, main");
  // A proxy that refuses, say what is too large for it, says so on a page of its own, or on none.
  const why = said?.textContent.trim() || `${told("between")} ${got.answer.status}`;
  if (pressed && got.page.querySelector("#board") && put(got.page, "#main")) {
    forget(item);
    // At the step, where the eye is, it is said as well.
    (document.querySelector("#board [data-wrong]") ?? document.querySelector("main [autofocus]"))?.focus();
  } else {
    write([...rest, { ...item, refused: why.replace(/\s+/g, " ").trim().slice(0, 300) }]);
  }
}

async function flush(pressed = "") {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  let state = "";
  try {
    for (let item = read().find(waits); item; item = read().find(waits)) {
      onTheWay = item.press;
      const got = await send(item, item.press !== pressed);
      const isElsewhere = got.isOther || isSignIn(got);
      if (got.answer.ok && !isElsewhere && !isTold(got)) throw new Error(got.answer.url);
      heard(true);
      if (isElsewhere) { state = got.isOther ? "other" : "signin"; break; }
      await released();
      settle(item, got, item.press === pressed);
      wait = FIRST_WAIT;
    }
  } catch {
    state = "offline";
    heard(false);
  }
  onTheWay = "";
  sending = false;
  show(state);
  if (leadsTo && !read().length && !typedIn(document.getElementById("board")).length) location.assign(leadsTo);
  if (state) {
    timer = setTimeout(flush, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

// What is attached, put where it survives the tab; false, and said in the form, where this device can't.
async function keepAttached(item, form, files) {
  const words = form.querySelector("[data-queue-problem]");
  const large = files.find(([, file]) => file.size > Number(place.dataset.most));
  try {
    if (!large) await keep(attached(item.press), { body: item.body, files });
    words.hidden = !large;
  } catch {
    if (navigator.onLine) form.submit();
    words.hidden = false;
  }
  words.textContent = large ? `${large[1].name}: ${told("large")}` : told("full");
  return words.hidden;
}

// Whether it is on this device now, where it must be put aside before it is sent.
async function isKept({ form, item, files }) {
  if (form.enctype !== "multipart/form-data") return true;
  if (!(await keepAttached(item, form, files))) return false;
  Object.assign(item, { attached: true, body: [] });
  return true;
}

function close({ form }) {
  form.reset();
  const around = form.closest("details:not(.phase, [data-way-back])");
  [around, ...form.querySelectorAll("details[open]")].forEach((fold) => { if (fold) fold.open = false; });
  form.toggleAttribute("data-waiting", true);
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches("#board form[data-queue]")) return;
  event.preventDefault();
  // Output of a step that isn't kept yet goes with what is pressed at the step, and before it: its form may be gone then.
  const beside = form.matches(".work") ? attachedIn(form.parentElement) : [];
  const presses = [...beside.map((one) => pressOf(one)), pressOf(form, submitter)];
  if (submitter) submitter.disabled = true;
  const again = () => { if (submitter?.isConnected) submitter.disabled = false; };
  for (const one of presses) {
    if (!(await isKept(one))) return again();
  }
  write([...read(), ...presses.map(({ item }) => item)]);
  presses.forEach(close);
  const { press, place: pressed } = presses.at(-1).item;
  if (isAway()) show("offline");
  await flush(press);
  again();
  // What waits is followed by the next step as what was taken would be.
  if (!read().some((one) => one.press === press && waits(one)) || !document.querySelector("[data-waits=next]")) return;
  if (form.contains(document.activeElement)) document.activeElement.blur();
  goOn(pressed);
});

// The second click of a double click is none: by then something else may stand there.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("#board form[data-queue] [type=submit]")) event.preventDefault();
});

// A press that was sent already and is found again here is sent once more, and counts once.
async function begin() {
  const waiting = read();
  const mirrored = (await held(MIRROR).catch(() => [])) ?? [];
  const lost = mirrored.filter((item) => !waiting.some((one) => one.press === item.press));
  if (lost.length) write([...lost, ...read()]);
  show("");
  flush();
}

// Back in the network, signed in in another tab, or looked at again: nobody waits for the next try.
function atOnce() {
  wait = FIRST_WAIT;
  flush();
}
addEventListener("online", atOnce);
document.addEventListener("network", () => show(lastState));
document.addEventListener("put", () => show(lastState));
document.addEventListener("visibilitychange", () => { if (!document.hidden) atOnce(); });
new BroadcastChannel("kept").addEventListener("message", ({ data }) => { if (data.signedIn) atOnce(); });
show("");
begin();
