const STORE = "tickwright-theme";

function systemTheme() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** The theme asked for by the address (`?theme=dark`), by the last choice, else by the system. */
function askedTheme() {
  const asked = new URLSearchParams(location.search).get("theme") ?? readChoice();
  return asked === "dark" || asked === "light" ? asked : null;
}

function readChoice() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

function keepChoice(theme) {
  try {
    localStorage.setItem(STORE, theme);
  } catch {
    // A page opened from a file may have no storage: the choice then lasts as long as the page.
  }
}

/** Sets the theme, wires the button, and calls back whenever the colours have changed. */
export function startTheme(button, changed) {
  const root = document.documentElement;
  const current = () => root.dataset.theme ?? systemTheme();
  const show = () => {
    button.textContent = current() === "dark" ? "Light theme" : "Dark theme";
  };
  const asked = askedTheme();
  if (asked !== null) root.dataset.theme = asked;
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const next = current() === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    keepChoice(next);
    show();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    show();
    changed();
  });
}
