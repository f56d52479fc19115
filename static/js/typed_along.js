// Values that stand typed, here or on the page that was refused, go with the press that ends the work.
document.addEventListener("formdata", ({ target, formData }) => {
  if (target.id !== "finish-work") return;
  for (const field of document.querySelectorAll("#board input[name^='after:']")) {
    if (field.value === field.defaultValue && !("posted" in field.dataset)) continue;
    formData.append(field.name, field.value);
    const shown = field.form.elements[field.name.replace("after:", "shown:")];
    if (shown) formData.append(shown.name, shown.value);
  }
});
