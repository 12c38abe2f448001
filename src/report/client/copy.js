/** Wires the buttons that copy the text of the element they name. */
export function startCopy() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const name = button.textContent;
      const done = await copyText(source);
      button.textContent = done ? "Copied" : "Selected";
      setTimeout(() => {
        button.textContent = name;
      }, 1_500);
    });
  }
}

/** Copies an element's text; where the browser forbids that, selects it and says so by `false`. */
async function copyText(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return false;
  }
}
