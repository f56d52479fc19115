// Whether an answer is this site's: the page of a hotel's network, of a proxy or of maintenance may come with 200 in its
// place, and says nothing about what was sent.

export const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

function own(answer, page, isOwn) {
  if (isOwn) return page;
  throw new Error(`${answer.status} by something before the site`);
}

// For whom a page of this site was made, "" if nobody is signed in; undefined for any other page.
export const personOf = (page) => page.body.dataset.person;

// The page of this site that came, null where that is nothing new (204); throws for any other.
export async function pageIn(answer) {
  if (answer.status === 204) return null;
  const page = await parsed(answer);
  return own(answer, page, personOf(page) !== undefined);
}

// The piece of a page that came, as nodes; throws for a refusal, for other things than HTML, and for a whole page, which
// has a head.
export async function pieceIn(answer) {
  const page = await parsed(answer);
  const isPiece = answer.headers.get("Content-Type")?.includes("html") && !page.head.hasChildNodes();
  return own(answer, page, answer.ok && isPiece).body.childNodes;
}
