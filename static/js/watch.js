// A page that others change meanwhile: asks every few seconds whether something is new (204: nothing), and then puts the
// new clock and board in. Whoever has text or an open panel on the page keeps it, and is told instead, where it stays in
// sight. The way back that is only read stays open across it.
import { pageIn, personOf } from "./answers.js";
import { put, typedIn } from "./board.js";
import { heard } from "./network.js";
import { released } from "./released.js";

const EVERY = 5000;
const PATIENCE = 12_000;

function isBusy(board) {
  if (board.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return true;
  return typedIn(board).length > 0 || board.querySelector("form details[open], details[open]:not(.phase, [data-way-back]) form") !== null;
}

async function look() {
  const board = document.getElementById("board");
  if (!board?.dataset.watch || document.hidden) return;
  const signal = AbortSignal.timeout(PATIENCE);
  const headers = { "X-Requested-With": "fetch" };
  const answer = await fetch(board.dataset.watch, { headers, signal }).catch(() => null);
  const page = answer && (await pageIn(answer).catch(() => undefined));
  // Whoever was signed out is led elsewhere: that is an answer too.
  heard(Boolean(answer) && page !== undefined);
  // Somebody else signed in here in another tab: what they may press is not put under this page's name.
  if (answer?.status !== 200 || !page || personOf(page) !== personOf(document)) return;
  const fresh = page.getElementById("board");
  if (!fresh) return location.reload();
  await released();
  // Meanwhile a press brought a newer one.
  if (!board.isConnected) return;
  const news = board.dataset.log !== fresh.dataset.log;
  put(page, "#clock");
  if (!isBusy(board)) return put(page, "#board");
  board.dataset.watch = fresh.dataset.watch ?? "";
  if (news) document.querySelectorAll("#clock [data-news], #board [data-news]").forEach((one) => { one.hidden = false; });
}

setInterval(() => look().catch(() => {}), EVERY);
