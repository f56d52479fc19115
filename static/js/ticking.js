// The clock of a run and the time on its buttons go on while nothing comes from the site.
const CLOCK = /\d\d:\d\d/;
const seen = new WeakMap();

const minutes = (words) => words.split(":").reduce((sum, one) => sum * 60 + Number(one), 0);
const words = (all) => [Math.floor(all / 60) % 24, all % 60].map((one) => String(one).padStart(2, "0")).join(":");

function tell(node, told) {
  if (CLOCK.test(node.data) && node.data.match(CLOCK)[0] !== told) node.data = node.data.replace(CLOCK, told);
}

// "1 h 45 min", as the site says it.
function duration(all, { hours, minutes: rest }) {
  const parts = [[hours, Math.floor(all / 60)], [rest, all % 60]].filter(([, one], at) => one || (at && all < 60));
  return parts.map(([name, one]) => name.replace("%d", one)).join(" ");
}

// What counts from or to a moment goes on too. What was still to come stays at nought then: whether that is too late,
// and what follows from it, the site says.
function count(fact, now) {
  const { dataset } = fact.parentElement.parentElement;
  const moment = Date.parse(fact.dataset.counts);
  fact.dataset.past ??= moment <= now ? "yes" : "no";
  const all = Math.floor(Math.max(fact.dataset.past === "yes" ? now - moment : moment - now, 0) / 60_000);
  const one = [dataset.hours, dataset.minutes].map((name) => name.replace("%d", "\\d+"));
  const said = new RegExp(`${one[0]} ${one[1]}|${one[1]}|${one[0]}`);
  const told = fact.textContent.replace(said, duration(all, dataset));
  if (told !== fact.textContent) fact.textContent = told;
}

function tick() {
  const clock = document.querySelector("#clock time");
  if (!clock) return;
  const local = clock.nextElementSibling?.firstChild;
  if (!seen.has(clock)) {
    const own = local?.data.match(CLOCK)?.[0];
    seen.set(clock, { at: Date.now(), zone: own ? minutes(own) - minutes(clock.textContent) : 0 });
  }
  const { at, zone } = seen.get(clock);
  // A clock that was set back meanwhile goes on from what is shown.
  const now = new Date(Date.parse(clock.dateTime) + Math.max(Date.now() - at, 0));
  const told = now.toISOString().slice(11, 16);
  tell(clock.firstChild, told);
  if (local) tell(local, words(minutes(told) + zone + 24 * 60));
  for (const fact of document.querySelectorAll("#clock [data-counts]")) count(fact, now);
  for (const place of document.querySelectorAll("#board [data-done-at]")) {
    // A time that is written for it stays (done_at.js).
    const { now: before } = place.dataset;
    if (before === undefined || place.textContent === before) place.textContent = told;
    if (before !== undefined) place.dataset.now = told;
  }
}

setInterval(tick, 1000);
document.addEventListener("put", tick);
tick();
