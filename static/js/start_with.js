// A button with data-start-with="ID" writes the words of that element, the template's own, into the empty field beside them.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-start-with]");
  if (!button) return;
  const field = button.closest(".field").querySelector("textarea, input.form-control");
  if (field.value.trim()) return;
  field.value = document.getElementById(button.dataset.startWith).textContent;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
