// Values that stand typed, here or on the page that was refused, go with the press that ends the work.
document.addEventListener("formdata", ({ target, formData }) => {
  if (target.id !== "finish-work") return;
  for (const field of document.querySelectorAll("#board input[name^='after:']")) {
    if (field.value !== field.defaultValue || "posted" in field.dataset) formData.append(field.name, field.value);
  }
});
