// No link leads away from the page of a run while the site can't be reached: the browser's error page would take the
// steps, their commands and the numbers to call with it. What leads to the way back unfolds it here.
import { isAway, isSure, reaches } from "./network.js";

const place = document.getElementById("queue");

function leavesPage(link) {
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return false;
  return link.pathname !== location.pathname || link.search !== location.search || !link.hash;
}

function hold(link) {
  const words = place.querySelector("[data-queue-held]");
  words.textContent = place.dataset.held;
  words.hidden = false;
  place.hidden = false;
  const fold = link.pathname.endsWith("/rollback/") && document.querySelector("[data-way-back]");
  if (!fold) return;
  fold.open = true;
  fold.scrollIntoView({ block: "start" });
  fold.querySelector("summary").focus({ preventScroll: true });
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || isSure() || !leavesPage(link)) return;
  event.preventDefault();
  const url = document.getElementById("board")?.dataset.watch || location.href;
  if (await reaches(url)) location.assign(link.href);
  else hold(link);
});
document.addEventListener("network", () => {
  if (!isAway()) place.querySelector("[data-queue-held]").hidden = true;
});
