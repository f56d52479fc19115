// Whether the site can be reached, as far as this page knows: by the browser's word, and by what became of its own
// requests. Whoever asks is told of a change by the event "network".
import { pageIn } from "./answers.js";

const FRESH = 10_000;
let away = !navigator.onLine;
let answered = Date.now();

export const isAway = () => away;

// What became of a request: an answer of the site, whatever it says, or none.
export function heard(came) {
  if (came) answered = Date.now();
  if (away === !came) return;
  away = !came;
  document.dispatchEvent(new Event("network"));
}

// Whether the site answered just now.
export const isSure = () => !away && navigator.onLine && Date.now() - answered < FRESH;

// Whether the site answers at `url`.
export async function reaches(url) {
  const came = await fetch(url, { signal: AbortSignal.timeout(3000) }).then(pageIn).then(() => true, () => false);
  heard(came);
  return came;
}

addEventListener("offline", () => heard(false));
