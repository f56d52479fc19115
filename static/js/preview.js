// A form with data-preview-url is posted there when typing pauses; the answer, HTML cleaned by the server,
// takes the place of what is inside data-preview-into. An older answer never overwrites a newer one.
const PAUSE = 600;

function attach(form) {
  const pane = document.querySelector(form.dataset.previewInto ?? "#preview");
  let timer = 0;
  let running = new AbortController();

  async function refresh() {
    running.abort();
    running = new AbortController();
    const headers = { "X-Requested-With": "fetch" };
    const request = { method: "POST", body: new FormData(form), headers, signal: running.signal };
    try {
      const answer = await fetch(form.dataset.previewUrl, request);
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      pane.replaceChildren(...page.body.childNodes);
      pane.removeAttribute("data-old");
    } catch (error) {
      if (error.name !== "AbortError") pane.setAttribute("data-old", "");
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
}

document.querySelectorAll("form[data-preview-url]").forEach(attach);
