/** The current value of one of the page's colours. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The colour of a line by its role. */
export function toneColour(tone) {
  return colour(tone === "fall" ? "sell" : tone === "quiet" ? "ink-2" : "line");
}

/** An axis in the page's colours. */
export function axisOf(extra) {
  return {
    stroke: colour("ink-2"),
    font: '11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif',
    grid: { stroke: colour("rule"), width: 1 },
    ticks: { show: false },
    ...extra,
  };
}
