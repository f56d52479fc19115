// The list of keys over the page that somebody looks at: the link to it opens that part of its page in a dialog, which
// Escape closes; the focus is back where it was. Where it can't be had the link is followed.
async function listed(link) {
  const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const heading = page.getElementById(link.hash.slice(1));
  const parts = [heading];
  for (let next = heading.nextElementSibling; next && next.tagName !== heading.tagName; next = next.nextElementSibling) parts.push(next);
  heading.id = "keys-shown";
  return parts;
}

function opened(parts, words) {
  const dialog = document.createElement("dialog");
  const close = document.createElement("button");
  close.className = "btn btn-quiet";
  close.textContent = words;
  close.addEventListener("click", () => dialog.close());
  dialog.className = "guide keys-shown";
  dialog.setAttribute("aria-labelledby", "keys-shown");
  dialog.append(close, ...parts);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-close]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    opened(await listed(link), link.dataset.close);
  } catch {
    location.href = link.href;
  }
});
