// Done of a step that has just come to hand rests for a second: a slow second press on the Done before it would end a step
// that nobody has seen yet.
const REST = 1000;
const atHand = () => document.querySelector("#board [aria-current=step]");
let last = atHand()?.id;
let until = 0;

export function restDone() {
  const step = atHand();
  if (step?.id !== last) {
    last = step?.id;
    until = performance.now() + REST;
  }
  const left = until - performance.now();
  if (!step || left <= 0) return;
  step.querySelectorAll("[value^=finish_step]:enabled").forEach((done) => {
    done.disabled = true;
    setTimeout(() => { done.disabled = false; }, left);
  });
}

document.addEventListener("put", restDone);
