import { startCopy } from "./copy.js";
import { makeHistogram } from "./histogram-chart.js";
import { startKeyboard, startLegend } from "./keyboard.js";
import { startTheme } from "./theme.js";
import { makeTimeChart } from "./time-chart.js";
import { startTrades } from "./trades.js";

const data = document.getElementById("chart-data");
const specs = data === null ? [] : JSON.parse(data.textContent);
/** The charts on the page by id; made anew when the colours change. */
const charts = new Map();
let [zoomed, zooming] = [null, false];

function timeCharts() {
  return specs.filter((spec) => spec.kind === "time").map((spec) => charts.get(spec.id));
}

/** Brings every chart over time to one range; null shows the whole run. */
function zoomAll(source, low, high) {
  if (zooming || charts.size < specs.length) return;
  zooming = true;
  const all = specs.find((spec) => spec.kind === "time");
  const first = all.x0 + all.x[0];
  const last = all.x0 + all.x[all.x.length - 1];
  zoomed = low <= first && high >= last ? null : [low, high];
  for (const chart of timeCharts()) {
    if (chart !== source) chart.setScale("x", { min: low, max: high });
  }
  for (const button of document.querySelectorAll(".reset-zoom")) button.hidden = zoomed === null;
  zooming = false;
}

function resetZoom() {
  const spec = specs.find((one) => one.kind === "time");
  const low = spec.x0 + spec.x[0];
  const high = spec.x0 + spec.x[spec.x.length - 1];
  zooming = true;
  for (const chart of timeCharts()) chart.setScale("x", { min: low, max: high });
  zooming = false;
  zoomAll(null, low, high);
}

function makeCharts() {
  for (const chart of charts.values()) chart.destroy();
  charts.clear();
  for (const spec of specs) {
    const host = document.getElementById(spec.id);
    const chart = spec.kind === "time" ? makeTimeChart(spec, host, zoomAll) : makeHistogram(spec, host);
    charts.set(spec.id, chart);
    startLegend(chart);
  }
  if (zoomed !== null)
    for (const chart of timeCharts()) chart.setScale("x", { min: zoomed[0], max: zoomed[1] });
}

function start() {
  startTheme(document.getElementById("theme"), makeCharts);
  startCopy();
  startTrades();
  if (specs.length === 0 || typeof uPlot === "undefined") return;
  document.documentElement.classList.add("live");
  makeCharts();
  for (const spec of specs) {
    const host = document.getElementById(spec.id);
    const current = () => charts.get(spec.id);
    const zoom = (u, low, high) => u.setScale("x", { min: low, max: high });
    const reset = spec.kind === "time" ? resetZoom : () => current().setData(current().data);
    startKeyboard(host, current, zoom, reset);
    new ResizeObserver(() => {
      const width = host.clientWidth;
      if (width > 0 && current().width !== width) current().setSize({ width, height: spec.height });
    }).observe(host);
  }
  for (const button of document.querySelectorAll(".reset-zoom")) button.addEventListener("click", resetZoom);
}

start();
