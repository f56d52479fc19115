// Whoever signs out leaves no text on this device. Other pages that are still open hear of it and keep nothing more.
import { forgetAll } from "./kept.js";

const WAIT = 1000;
const form = document.querySelector("form[data-sign-out]");

// Ticks and notes of any run that were not sent yet are named before they are dropped.
const unsent = () => Object.keys(localStorage).filter((name) => name.startsWith("run-queue:"));

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (unsent().length && !confirm(form.dataset.unsent)) return;
  unsent().forEach((name) => localStorage.removeItem(name));
  new BroadcastChannel("kept").postMessage({ signedOut: true });
  await Promise.race([forgetAll().catch(() => {}), new Promise((done) => { setTimeout(done, WAIT); })]);
  form.submit();
});
