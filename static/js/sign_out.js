// Whoever signs out leaves no text on this device. Other pages that are still open hear of it and keep nothing more.
import { forgetAll } from "./kept.js";

const WAIT = 1000;
const form = document.querySelector("form[data-sign-out]");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  new BroadcastChannel("kept").postMessage({ signedOut: true });
  await Promise.race([forgetAll().catch(() => {}), new Promise((done) => { setTimeout(done, WAIT); })]);
  form.submit();
});
