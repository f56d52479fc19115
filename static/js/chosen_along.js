// What was chosen in the form with data-chosen is kept as soon as it is, since what it lacks is filled in on other pages;
// it goes with each press to that address, so that no press can overtake it.
const form = document.querySelector("form[data-chosen]");

form?.addEventListener("change", () => {
  const body = new FormData(form);
  body.append("do", "choose");
  body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  fetch(form.dataset.chosen, { method: "POST", body, keepalive: true }).catch(() => {});
});
document.addEventListener("formdata", ({ target, formData }) => {
  if (!form || target === form || target.getAttribute("action") !== form.dataset.chosen) return;
  for (const [name, value] of new FormData(form)) formData.append(name, value);
});
