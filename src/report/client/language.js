/**
 * uPlot asks for numbers in the browser's language as it is loaded, and fails where that is no language tag (`C`, `en_US`):
 * English stands in for it then. Nothing of this page is written in the browser's language.
 */
export function mendLanguage() {
  try {
    new Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
  }
}

mendLanguage();
