// Says every ten seconds that this page is open, and shows who else has the section open; what they saved is told on.
const EVERY = 10_000;

export function watch(form, about, news) {
  const place = document.querySelector("[data-presence]");

  async function look() {
    if (document.hidden) return;
    const headers = { Accept: "application/json", "X-Requested-With": "fetch" };
    const request = { method: "POST", body: about(), headers, redirect: "error" };
    const answer = await fetch(form.dataset.presenceUrl, request);
    if (!answer.ok) return;
    const told = await answer.json();
    place.hidden = !told.people.length;
    place.querySelector("[data-slot=people]").textContent = told.people.join(", ");
    news(told);
  }

  const quietly = () => look().catch(() => {});
  setInterval(quietly, EVERY);
  document.addEventListener("visibilitychange", quietly);
  quietly();
}
