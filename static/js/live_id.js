// The operation ID follows date and description, after the pattern in data-id-pattern, until somebody writes their own.
const id = document.querySelector("[data-id-pattern]");
const title = document.querySelector("[name=title]");
const date = document.querySelector("[name=date]");
let own = Boolean(id?.value);

const slug = (text) => text.normalize("NFKD").replace(/[./:]/g, " ").replace(/[^\w\s-]/g, "").trim().toLowerCase()
  .replace(/[-_\s]+/g, "-").replace(/^-+|-+$/g, "");

// What does not fit is left out word by word; 77 as in records/naming.py.
function wholeWords(stem) {
  const kept = stem.slice(0, 77);
  const cut = stem.length > 77 && stem[77] !== "-" ? kept.replace(/-[^-]*$/, "") : kept;
  return (cut.length > 10 ? cut : kept).replace(/-+$/, "");
}

function build() {
  const day = date.value.trim();
  const words = slug(title.value);
  if (own) return;
  const ready = words && /^\d{4}-\d{2}-\d{2}$/.test(day);
  id.value = ready ? wholeWords(id.dataset.idPattern.replace("YYYY-MM-DD", day).replace(/\[[^\]]*\]/, words)) : "";
}

if (id && title && date) {
  title.addEventListener("input", build);
  date.addEventListener("input", build);
  id.addEventListener("input", () => { own = id.value !== ""; });
}
