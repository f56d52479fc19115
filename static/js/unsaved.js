// A form with data-unsaved asks before its page is left with text that was not sent.
let waiting = false;

function typed(event) {
  if (event.target.form?.matches("[data-unsaved]")) waiting = true;
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) waiting = false;
});
addEventListener("beforeunload", (event) => {
  if (waiting) event.preventDefault();
});
