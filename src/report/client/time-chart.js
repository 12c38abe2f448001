import { drawFills, FILL_KINDS, fillColour, fillText, nearestFill } from "./fill-marks.js";
import { axisOf, colour, toneColour } from "./palette.js";
import { axisTexts, momentText, numberText } from "./text.js";

/** Makes an interactive chart over time. All charts of the page share one cursor and one zoom. */
export function makeTimeChart(spec, host, onZoom) {
  const x = spec.x.map((offset) => spec.x0 + offset);
  const blank = spec.fills === null ? [] : FILL_KINDS.map(() => new Array(x.length).fill(null));
  const span = x.length < 2 ? 0 : x[x.length - 1] - x[0];
  const readout = host.parentElement.querySelector(".fill-readout");
  const options = {
    width: host.clientWidth,
    height: spec.height,
    padding: [8, 28, 0, 0],
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), "Etc/UTC"),
    legend: { live: true },
    cursor: {
      sync: { key: "time", setSeries: false, scales: ["x", null] },
      drag: { x: true, y: false },
      y: false,
      points: { size: 7 },
    },
    scales: { x: { time: true }, y: { range: (u, low, high) => valueRangeOf(u, spec, low, high) } },
    axes: [
      axisOf({
        size: 30,
        space: host.clientWidth < 520 ? 62 : 90,
        values: (_u, moments, _axis, _space, step) => moments.map((ms) => tickText(ms, step)),
      }),
      axisOf({
        size: 74,
        space: spec.height < 200 ? 26 : 36,
        values: (_u, values, _axis, _space, step) => axisTexts(values, step),
      }),
    ],
    series: [
      { label: "Time (UTC)", value: (_u, ms) => (ms === null ? "–" : momentText(ms, span)) },
      ...spec.lines.map((line) => lineSeries(line, spec)),
      ...blank.map((_nulls, kind) => fillSeries(kind)),
    ],
    hooks: {
      drawClear: [(u) => spec.base !== null && drawBase(u, spec.base)],
      draw: spec.fills === null ? [] : [(u) => drawFills(u, spec)],
      setCursor: [(u) => showEnd(u), ...(spec.fills === null ? [] : [(u) => showFill(u, spec, readout)])],
      setScale: [(u, key) => key === "x" && onZoom(u, u.scales.x.min, u.scales.x.max)],
    },
  };
  const u = new uPlot(options, [x, ...spec.lines.map((line) => line.y), ...blank], host);
  u.root.querySelectorAll(".u-legend .mark th").forEach((name, kind) => {
    name.style.color = fillColour(kind);
  });
  showEnd(u);
  return u;
}

/** While nobody points at the chart, its legend shows the last values in view. */
function showEnd(u) {
  if (u.cursor.idx !== null && u.cursor.idx !== undefined) return;
  u.setLegend({ idx: u.series[0].idxs?.[1] ?? u.data[0].length - 1 }, false);
}

function lineSeries(line, spec) {
  const stroke = toneColour(line.tone);
  const unit = spec.unit === "" ? "" : ` ${spec.unit}`;
  return {
    label: line.label,
    stroke,
    width: 1.4,
    fill: line.shape === "area" ? colour(line.tone === "fall" ? "sell-wash" : "line-wash") : undefined,
    fillTo: 0,
    paths: line.shape === "step" ? uPlot.paths.stepped({ align: 1 }) : undefined,
    points: { show: false },
    value: (_u, value) => (value === null ? "–" : numberText(value, spec.decimals) + unit),
  };
}

function fillSeries(kind) {
  return {
    label: `${kind % 2 === 0 ? (kind < 2 ? "▲" : "△") : kind < 2 ? "▼" : "▽"} ${FILL_KINDS[kind]}`,
    class: "mark",
    stroke: fillColour(kind),
    paths: () => null,
    points: { show: false },
    value: () => "",
  };
}

function valueRangeOf(u, spec, dataLow, dataHigh) {
  let low = dataLow ?? Number.POSITIVE_INFINITY;
  let high = dataHigh ?? Number.NEGATIVE_INFINITY;
  if (spec.base === 0) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  const fills = spec.fills;
  const { min, max } = u.scales.x;
  for (let i = 0; fills !== null && i < fills.x.length; i += 1) {
    const at = spec.x0 + fills.x[i];
    if (at < min || at > max) continue;
    low = Math.min(low, fills.price[i]);
    high = Math.max(high, fills.price[i]);
  }
  if (!(high >= low)) return [0, 1];
  const margin = high > low ? (high - low) * 0.05 : Math.abs(high) * 0.01 || 1;
  return [low - margin, high === 0 && low < 0 ? 0 : high + margin];
}

function drawBase(u, value) {
  const y = Math.round(u.valToPos(value, "y", true));
  if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) return;
  const { ctx } = u;
  ctx.save();
  ctx.strokeStyle = colour("ink-2");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(u.bbox.left, y);
  ctx.lineTo(u.bbox.left + u.bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function showFill(u, spec, readout) {
  const place = nearestFill(u, spec);
  readout.textContent = place < 0 ? readout.dataset.idle : fillText(spec, place);
}

function tickText(ms, step) {
  const iso = new Date(ms).toISOString();
  if (step >= 300 * 86_400_000) return iso.slice(0, 4);
  if (step >= 27 * 86_400_000) return iso.slice(0, 7);
  if (step >= 86_400_000) return iso.slice(0, 10);
  if (ms % 86_400_000 === 0) return iso.slice(5, 10);
  if (step >= 60_000) return iso.slice(11, 16);
  return step >= 1_000 ? iso.slice(11, 19) : iso.slice(14, 23);
}
