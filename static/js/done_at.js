// What "Done at" says follows the time that is written for it.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-done-time]")) return;
  for (const place of target.form.querySelectorAll("[data-done-at]")) {
    place.dataset.now ??= place.textContent;
    place.textContent = target.value.trim() || place.dataset.now;
  }
});
