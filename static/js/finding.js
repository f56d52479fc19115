// A line over long lists of boxes (data-find says where they stand) leaves those whose words hold all that is
// typed, accents or not. What is ticked stays in sight: it is sent.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function attach(line) {
  const told = document.querySelector("[data-found]");
  const boxes = [...document.querySelectorAll(`${line.dataset.find} [type=checkbox]`)];
  const rows = boxes.map((box) => ({ box, row: box.closest("div"), words: plain(box.closest("label").textContent) }));

  line.addEventListener("input", () => {
    const wanted = plain(line.value).split(/\s+/).filter(Boolean);
    const found = new Set();
    for (const { box, row, words } of rows) {
      const fits = wanted.every((word) => words.includes(word));
      row.hidden = !fits && !box.checked;
      if (fits) found.add(box.value);
    }
    told.hidden = !wanted.length;
    told.querySelector("[data-slot=number]").textContent = found.size;
  });
}

document.querySelectorAll("[data-find]").forEach(attach);
