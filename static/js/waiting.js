// How long a press waits on this device. Of its two clocks one may be set meanwhile; the other one nobody sets, but it may
// stand still while the device sleeps, and begins anew with each page. Where they differ, or one alone is left, the site
// is told what each says, also of how long ago it showed its own clock: so it knows which one is right, or asks.
const ODD = 60_000;
// What was pressed on this page: when, and when the site's clock was shown, by the clock that nobody sets.
const pressedHere = new Map();
let shown = {};

function look() {
  const clock = document.querySelector("#clock time");
  if (clock && clock !== shown.clock) shown = { clock, at: clock.dateTime, set: Date.now(), still: performance.now() };
}
document.addEventListener("put", look);
look();

// A press that begins to wait: `at` is the site's time, as the page tells it.
export function waitFrom(press) {
  pressedHere.set(press, [performance.now(), shown.still]);
  const now = Date.now();
  return { at: new Date(Date.parse(shown.at) + now - shown.set).toISOString(), shown: shown.at, from: [now, shown.set] };
}

// What is sent of how long it waited, as [name, value].
export function waited({ press, shown: at, from = [] }) {
  const since = (now, moments = []) => moments.map((one) => now - one);
  const clocks = [since(performance.now(), pressedHere.get(press)), since(Date.now(), from)];
  const [still, set] = clocks.map(([wait]) => wait);
  const told = [["waited", Math.round(Math.max(still ?? 0, set ?? 0, 0) / 1000)]];
  if (Math.abs(still - set) <= ODD) return told;
  const said = clocks.map((one) => one.map((all) => Math.round(all / 1000)).join(" "));
  return [...told, ["shown", at ?? ""], ...said.map((one) => ["clock", one])];
}
