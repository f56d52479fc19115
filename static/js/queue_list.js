// What waits on this device as a list: folded as long as nobody is asked anything, each press with what can be done about
// it. Nothing typed goes without being asked about.
const place = document.getElementById("queue");
const told = (name) => place.dataset[name];

function button(words, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "btn btn-quiet", textContent: words });
  made.addEventListener("click", () => act(made));
  return made;
}

// A press that takes typed words with it is asked about once more, in the same place.
function giving(words, item, drop) {
  return button(words, (own) => {
    if (!item.typed || own.dataset.asked) return drop(item);
    own.dataset.asked = "yes";
    own.textContent = `${told("really")} “${item.typed.slice(0, 80)}”`;
    return undefined;
  });
}

// A press that the site refused, since the clock of this device was wrong or something else came first: it is sent again
// with the time that somebody says, kept as a note, or given up.
function refused(item, { change, send, drop, note }) {
  const why = document.createElement("b");
  why.textContent = ` ${told("refused")} ${item.refused} `;
  const time = document.createElement("input");
  const own = item.body.find(([name]) => name === "time")?.[1];
  Object.assign(time, { type: "text", size: 6, className: "form-control", value: item.time ?? (own || item.at.slice(11, 16)) });
  const label = document.createElement("label");
  label.append(`${told("time")} `, time);
  time.addEventListener("input", () => change(item, { time: time.value }));
  const acts = [label, button(told("again"), () => send(item, time.value))];
  if (item.typed && !item.attached && !item.noted) acts.push(button(told("note"), () => note(item, time.value)));
  return [why, row([...acts, giving(told("drop"), item, drop)])];
}

function row(parts) {
  const acts = document.createElement("span");
  acts.className = "row-x";
  acts.append(...parts);
  return acts;
}

function line(item, acts) {
  const made = document.createElement("li");
  const words = document.createElement("span");
  words.textContent = `${item.time ?? item.at.slice(11, 16)} UTC ${item.words} `;
  made.append(words);
  if (item.told) made.append(row([item.told, button(told("seen"), () => acts.drop(item))]));
  else if (item.refused) made.append(...refused(item, acts));
  else made.append(giving(told("back"), item, acts.drop));
  return made;
}

// Draws the list; a line that is as it was stays, with what is typed in it or asked.
export function draw(items, words, acts) {
  const list = place.querySelector("ul");
  const own = new Map([...list.children].map((one) => [one.dataset.state, one]));
  list.replaceChildren(...items.map((item) => {
    const state = `${item.press} ${item.refused ?? ""} ${item.told ?? ""}`;
    const made = own.get(state) ?? line(item, acts);
    made.dataset.state = state;
    return made;
  }));
  place.querySelector("[data-queue-words]").textContent = words;
  place.querySelector("[data-queue-count]").textContent = items.length ? `(${items.length})` : "";
  const fold = place.querySelector("details");
  if (items.some((item) => item.refused || item.told)) fold.open = true;
  fold.hidden = !words && !items.length;
  fold.toggleAttribute("data-empty", !items.length);
}
