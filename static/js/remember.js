// A fold with data-remember="name" stays as its reader left it: the cookie tells the server, so that nothing jumps.
const YEAR = 365 * 24 * 3600;

document.querySelectorAll("details[data-remember]").forEach((fold) => {
  fold.addEventListener("toggle", () => {
    const state = fold.open ? "open" : "closed";
    document.cookie = `${fold.dataset.remember}=${state}; path=/; max-age=${YEAR}; samesite=lax`;
  });
});
