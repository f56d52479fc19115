// Ticks and notes of a run leave through here: each press is sent at once, and waits on this device with its own time
// while the network is away. Every press has a key, so that it counts once however often it is sent.
const place = document.getElementById("queue");
const STORE = `run-queue:${place.dataset.person}:${location.pathname}`;
const TOO_LONG = 15000;
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 30000;
let sending = false;
let wait = FIRST_WAIT;
let timer = 0;

const read = () => JSON.parse(localStorage.getItem(STORE) ?? "[]");
const write = (items) => (items.length ? localStorage.setItem(STORE, JSON.stringify(items)) : localStorage.removeItem(STORE));
const told = (name) => place.dataset[name];

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What a press was, in the words of its page, for whoever looks at the list.
function wordsOf(form, button) {
  const row = form.closest("li, section")?.querySelector("b, h2, .tick")?.textContent ?? "";
  const typed = [...form.querySelectorAll("textarea, input:not([type=hidden])")].map((f) => f.value.trim()).filter(Boolean);
  return [row.trim(), (button?.textContent ?? "").trim(), ...typed].filter(Boolean).join(" – ").replace(/\s+/g, " ").slice(0, 300);
}

function show(state) {
  const items = read();
  const list = items.map((item) => {
    const line = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = `${item.at.slice(11, 16)} UTC ${item.words}`;
    line.append(words);
    if (item.refused) {
      const why = document.createElement("b");
      why.textContent = ` ${item.refused} `;
      const drop = document.createElement("button");
      Object.assign(drop, { type: "button", className: "btn btn-quiet", textContent: told("drop") });
      drop.addEventListener("click", () => { write(read().filter((one) => one.press !== item.press)); show(""); });
      line.append(why, drop);
    }
    return line;
  });
  const waiting = items.filter((item) => !item.refused).length;
  place.querySelector("[data-queue-words]").textContent = waiting ? told(state || "waiting") : items.length ? told("refused") : "";
  place.querySelector("ul").replaceChildren(...list);
  place.querySelector("[data-queue-sign-in]").hidden = state !== "signin";
  place.hidden = !items.length;
  document.documentElement.toggleAttribute("data-offline", waiting > 0);
}

function put(page, selector) {
  const fresh = page.querySelector(selector);
  const own = document.querySelector(selector);
  if (fresh && own) own.replaceWith(document.adoptNode(fresh));
}

async function request(url, options = {}) {
  const answer = await fetch(url, { ...options, credentials: "same-origin", signal: AbortSignal.timeout(TOO_LONG) });
  if (answer.status >= 500) throw new Error(String(answer.status));
  return { answer, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
}

const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const isSignIn = (got) => got.answer.redirected && new URL(got.answer.url).pathname.startsWith("/sign-in/");

async function post(item) {
  const body = new URLSearchParams(item.body);
  body.set("csrfmiddlewaretoken", token());
  body.set("press", item.press);
  body.set("waited", String(Math.max(0, Math.round((Date.now() - Date.parse(item.at)) / 1000))));
  return request(item.action, { method: "POST", body });
}

// Whoever signed in again has another token: it is taken from a fresh page, and the press is sent once more.
async function send(item) {
  let got = await post(item);
  if (got.answer.status === 403) {
    const fresh = await request(location.pathname);
    if (isSignIn(fresh)) return fresh;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => {
      field.value = fresh.page.querySelector("[name=csrfmiddlewaretoken]")?.value ?? field.value;
    });
    got = await post(item);
  }
  return got;
}

function settle(item, got, pressed) {
  const rest = read().filter((one) => one.press !== item.press);
  if (got.answer.ok) {
    write(rest);
    const there = new URL(got.answer.url);
    if (there.pathname !== location.pathname) return location.assign(got.answer.url);
    put(got.page, "#clock");
    put(got.page, "#board");
    document.title = got.page.title;
    return undefined;
  }
  const why = got.page.querySelector(".summary-err")?.textContent ?? got.page.querySelector("main")?.textContent ?? "";
  if (pressed && got.page.querySelector("#board")) {
    write(rest);
    put(got.page, "#main");
    document.querySelector(".summary-err")?.focus();
  } else {
    write([...rest, { ...item, refused: why.replace(/\s+/g, " ").trim().slice(0, 300) }]);
  }
  return undefined;
}

async function flush(pressed = "") {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  let state = "";
  try {
    for (let item = read().find((one) => !one.refused); item; item = read().find((one) => !one.refused)) {
      const got = await send(item);
      if (isSignIn(got)) { state = "signin"; break; }
      settle(item, got, item.press === pressed);
      wait = FIRST_WAIT;
    }
  } catch {
    state = "offline";
  }
  sending = false;
  show(state);
  if (state) {
    timer = setTimeout(flush, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("#board form[data-queue]")) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  body.delete("csrfmiddlewaretoken");
  const item = { press: newKey(), at: new Date().toISOString(), action: form.getAttribute("action") };
  item.body = [...body].filter(([, value]) => typeof value === "string");
  item.words = wordsOf(form, event.submitter);
  write([...read(), item]);
  form.reset();
  form.querySelectorAll("details[open]").forEach((fold) => { fold.open = false; });
  form.toggleAttribute("data-waiting", true);
  const onTheWay = event.submitter;
  if (onTheWay) onTheWay.disabled = true;
  flush(item.press).then(() => { if (onTheWay?.isConnected) onTheWay.disabled = false; });
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[action='/sign-out/']") || !read().length) return;
  if (confirm(told("leave"))) write([]);
  else event.preventDefault();
}, true);

addEventListener("online", () => { wait = FIRST_WAIT; flush(); });
show("");
flush();
