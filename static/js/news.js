// What others saved meanwhile comes into the page that shows an older version; where this page has a text of its own,
// both are shown (clashes.js).
import * as clashes from "./clashes.js";
import { fill } from "./save_state.js";
import { setText, textsOf } from "./texts.js";

// Puts `news` into `form`. `saved` holds the text of each field as this page knows it stored; `since` says from which
// version one started, where that isn't `version`; `again` is called once a clash is settled.
export function takeNews(form, news, { saved, since, version, again }) {
  const now = textsOf(form);
  let strange = news.rows;
  for (const one of news.texts) {
    const mine = now.get(one.key);
    if (mine === undefined) strange = strange || saved.get(one.key) !== one.text;
    else if (mine === saved.get(one.key) || mine === one.text) {
      saved.set(one.key, one.text);
      if (mine !== one.text) setText(form, one.key, one.text);
    } else clashes.show(form, one, since.get(one.key) ?? version, again);
  }
  for (const [fact, person] of Object.entries(news.named)) takePerson(form, fact, String(person ?? ""), saved);
  form.elements.version.value = news.version;
  if (news.count) document.querySelector("[data-count]").textContent = news.count;
  const remark = document.querySelector("[data-steps-remark]");
  remark.hidden = !news.steps;
  fill(remark, { words: news.steps });
  for (const [id, html] of Object.entries(news.heads)) draw(document.getElementById(id), html);
  draw(document.querySelector("[data-mark]"), news.mark);
  for (const tools of document.querySelectorAll("[data-marks]")) {
    tools.hidden = !(news.marks[tools.dataset.marks] ?? !tools.hidden);
  }
  if (strange) document.querySelector("[data-news]").hidden = false;
}

// The line that opens a row or a phase, and the section's sign in the side list, say what the server has of it: its name,
// its counts, what is missing.
function draw(place, html) {
  const told = new DOMParser().parseFromString(html, "text/html").body;
  if (place && place.innerHTML.trim() !== told.innerHTML.trim()) place.replaceChildren(...told.childNodes);
}

function takePerson(form, fact, person, saved) {
  const [account, was] = [form.elements[`who-${fact}`], form.elements[`was-${fact}`]];
  // Whoever is picked here and stored by now was stored by this page: from there the next pick starts.
  if (!account || (account.value !== was.value && account.value !== person)) return;
  account.value = was.value = person;
  saved.set(account.name, person);
}
