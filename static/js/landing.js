// The place in this page that the address or a pressed link names is seen: the folds around it open, and a field has the
// focus, so that the next key goes on there.
function land() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (place.matches("input, select, textarea") || place.closest("#f")) place.focus();
}

land();
addEventListener("hashchange", land);
// To the place where the address is already nothing changes in it.
document.addEventListener("click", (event) => {
  if (event.target.closest("a[href^='#']")?.getAttribute("href") === location.hash) land();
});
