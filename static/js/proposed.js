// A text that is proposed in a field (data-proposed) is selected when somebody comes to it: what is typed replaces it, and
// a tap doesn't put new words into its middle. Once it was changed it is one's own.
let entered = null;

const isProposed = (field) => field.matches("[data-proposed]") && field.value === field.defaultValue;

document.addEventListener("focusin", ({ target }) => {
  entered = isProposed(target) ? target : null;
  entered?.select();
});
// A tap sets the cursor after the focus; a part that was drawn over stays selected.
document.addEventListener("click", ({ target }) => {
  if (target === entered && isProposed(target) && target.selectionStart === target.selectionEnd) target.select();
  entered = null;
});
