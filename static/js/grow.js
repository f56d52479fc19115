// Lets a textarea grow with its text, where the browser's own field-sizing is missing.
function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

if (!CSS.supports("field-sizing", "content")) {
  document.querySelectorAll("textarea.form-control").forEach(grow);
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea.form-control")) grow(event.target);
  });
}
