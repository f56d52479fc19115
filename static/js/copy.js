// A button with data-copy="#id" copies the text of that element, without the line end that would run it in a shell.
const SHOWN = 2000;
const said = document.getElementById("said");

function textOf(element) {
  const text = "value" in element ? element.value : element.textContent;
  return text.replace(/(\r?\n)+$/, "");
}

function say(button, word) {
  const label = button.querySelector("[data-copy-label]") ?? button;
  button.dataset.before ??= label.textContent;
  label.textContent = word;
  button.toggleAttribute("data-said", true);
  said.textContent = word;
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => {
    label.textContent = button.dataset.before;
    button.toggleAttribute("data-said", false);
  }, SHOWN);
}

// Pages served over plain http have no clipboard object: there the text is selected, and a key copies it.
async function copy(button) {
  const target = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(textOf(target));
    // What was copied stays marked: of many commands, where one is.
    button.toggleAttribute("data-copied", true);
    say(button, said.dataset.copied);
  } catch {
    getSelection().selectAllChildren(target);
    say(button, said.dataset.selected);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
