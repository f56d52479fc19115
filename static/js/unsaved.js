// A form with data-unsaved asks before its page is left with text that was not sent, and says so in the bar.
let waiting = false;

function typed(event) {
  if (!event.target.form?.matches("[data-unsaved]")) return;
  waiting = true;
  document.querySelectorAll("[data-save-state]").forEach((line) => {
    line.dataset.saveState = "waiting";
    line.textContent = "Not saved yet";
    const drawn = line.parentElement.querySelector("use");
    drawn?.setAttribute("href", drawn.getAttribute("href").replace(/#.*$/, "#pencil"));
  });
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) waiting = false;
});
addEventListener("beforeunload", (event) => {
  if (waiting) event.preventDefault();
});
