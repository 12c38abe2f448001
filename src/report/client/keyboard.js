/** Lets a chart be read and zoomed by keyboard: arrows move the cursor, + and - zoom, 0 shows all. */
export function startKeyboard(host, current, zoom, reset) {
  host.addEventListener("keydown", (event) => {
    const u = current();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== host) return;
    const xs = u.data[0];
    const { min, max } = u.scales.x;
    const from = place(xs, min);
    const to = Math.min(xs.length - 1, place(xs, max));
    const at = u.cursor.idx ?? Math.floor((from + to) / 2);
    const step = Math.max(1, Math.round((to - from) / (event.shiftKey ? 10 : 100)));
    if (event.key === "ArrowLeft") moveTo(u, Math.max(from, at - step));
    else if (event.key === "ArrowRight") moveTo(u, Math.min(to, at + step));
    else if (event.key === "+" || event.key === "=") zoomAround(u, xs[at], 0.5, zoom);
    else if (event.key === "-") zoomAround(u, xs[at], 2, zoom);
    else if (event.key === "0" || event.key === "Escape") reset();
    else return;
    event.preventDefault();
  });
}

function moveTo(u, idx) {
  u.setCursor({ left: u.valToPos(u.data[0][idx], "x"), top: u.over.clientHeight / 2 });
}

function zoomAround(u, middle, factor, zoom) {
  const { min, max } = u.scales.x;
  const xs = u.data[0];
  const low = Math.max(xs[0], middle - (middle - min) * factor);
  const high = Math.min(xs[xs.length - 1], middle + (max - middle) * factor);
  if (high > low) zoom(u, low, high);
}

function place(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Makes the names of a legend reachable and switchable by keyboard. */
export function startLegend(u) {
  u.root.querySelectorAll(".u-legend .u-series").forEach((row, i) => {
    const name = row.querySelector("th");
    if (i === 0 || name === null) return;
    const show = () => name.setAttribute("aria-pressed", String(u.series[i].show));
    name.tabIndex = 0;
    name.setAttribute("role", "button");
    show();
    name.addEventListener("click", () => queueMicrotask(show));
    name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      u.setSeries(i, { show: !u.series[i].show });
      show();
    });
  });
}
