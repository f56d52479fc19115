// The operation ID follows date and description, after the pattern in data-id-pattern, until somebody writes their own.
const id = document.querySelector("[data-id-pattern]");
const title = document.querySelector("[name=title]");
const date = document.querySelector("[name=date]");
let own = Boolean(id?.value);

const slug = (text) => text.normalize("NFKD").replace(/[^\w\s-]/g, "").trim().toLowerCase()
  .replace(/[-_\s]+/g, "-").replace(/^-+|-+$/g, "");

function build() {
  const day = date.value.trim();
  const words = slug(title.value);
  if (own) return;
  const ready = words && /^\d{4}-\d{2}-\d{2}$/.test(day);
  id.value = ready ? id.dataset.idPattern.replace("YYYY-MM-DD", day).replace(/\[[^\]]*\]/, words).slice(0, 77).replace(/-+$/, "") : "";
}

if (id && title && date) {
  title.addEventListener("input", build);
  date.addEventListener("input", build);
  id.addEventListener("input", () => { own = id.value !== ""; });
}
