// In a row (data-row) Alt+Up and Alt+Down press its own move buttons; without this file the buttons do.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const way = event.key === "ArrowUp" ? "up" : "down";
  const row = event.target.closest("[data-row]");
  const buttons = row?.querySelectorAll(`[data-move="${way}"]`) ?? [];
  const button = [...buttons].find((one) => one.closest("[data-row]") === row);
  if (!row) return;
  event.preventDefault();
  button?.click();
});
