// Nothing is put in under a finger: a press whose button is replaced before it is let go would be none.
// How long after a release its click may follow on a touch screen, in milliseconds.
const CLICK_FOLLOWS = 100;
const letGo = [];
let isDown = false;
let timer = 0;

function down(event) {
  if (event.type === "keydown" ? event.key !== " " : !event.isPrimary || event.button !== 0) return;
  clearTimeout(timer);
  timer = 0;
  isDown = true;
}

function over() {
  timer = 0;
  isDown = false;
  letGo.splice(0).forEach((go) => go());
}

const ENDS = {
  click: () => true,
  pointerup: () => true,
  pointercancel: () => true,
  // A release outside of the window isn't told; the next move says that nothing is pressed.
  pointermove: (event) => !event.buttons,
  keyup: (event) => event.key === " ",
  blur: (event) => event.target === window,
};

function up(event) {
  if (!isDown || !ENDS[event.type](event) || (timer && event.type !== "click")) return;
  clearTimeout(timer);
  timer = setTimeout(over, event.type === "click" ? 0 : CLICK_FOLLOWS);
}

["pointerdown", "keydown"].forEach((type) => addEventListener(type, down, true));
Object.keys(ENDS).forEach((type) => addEventListener(type, up, true));

// Resolves once nothing is pressed, and what was pressed has been clicked.
export const released = () => (isDown ? new Promise((resolve) => { letGo.push(resolve); }) : Promise.resolve());
