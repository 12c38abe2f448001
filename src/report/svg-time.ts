import type { ChartFills, ChartLine, TimeChart } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { drawnPlaces, evenPlaces } from "./places.ts";
import { timeTicks, valueTicks } from "./svg-axis.ts";
import { px, type SvgFrame, svgChart, svgFrame } from "./svg-frame.ts";

/** The most fills a printed chart marks; the screen's chart takes more. */
export const PRINTED_FILLS = 400;
const PRINTED_POINTS = 1_200;

/** Draws a time chart as an SVG, for paper and for readers without scripts. */
export function timeSvg(chart: TimeChart, description: string): Markup {
  const [low, high] = valueRange(chart);
  const from = chart.x[0] ?? 0;
  const to = chart.x[chart.x.length - 1] ?? 1;
  const height = Math.max(110, Math.round(chart.height * 0.72));
  const yTicks = valueTicks(low, high, height / 42);
  const frame = svgFrame({ height, xRange: [from, to], yRange: [low, high], yTicks });
  const xTicks = timeTicks(chart.x0 + from, chart.x0 + to, 7).map((t) => ({ ...t, at: t.at - chart.x0 }));
  const base = chart.base === null ? [] : [baseLine(frame, chart.base)];
  const lines = chart.lines.map((line) => linePath(frame, chart.x, line));
  const fills = chart.fills === null ? [] : fillMarks(frame, chart.fills);
  return svgChart(frame, description, { x: xTicks, y: yTicks }, [...base, ...lines, ...fills]);
}

/** The range of values a chart shows: lines, fills and the base line, with a margin of 4 %. */
export function valueRange(chart: TimeChart): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (value: number | null): void => {
    if (value === null) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const line of chart.lines) line.y.forEach(take);
  chart.fills?.price.forEach(take);
  take(chart.base);
  if (!(high >= low)) return [0, 1];
  const margin = high > low ? (high - low) * 0.04 : Math.abs(high) * 0.01 || 1;
  return [low - margin, high === 0 && low < 0 ? high : high + margin];
}

function baseLine(frame: SvgFrame, value: number): Markup {
  const y = px(frame.y(value));
  return html`<line class="base" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${y}" y2="${y}"/>`;
}

function linePath(frame: SvgFrame, x: readonly number[], line: ChartLine): Markup {
  const floor = px(frame.y(0));
  let path = "";
  let lastX = "";
  let open = false;
  let lastY = "";
  for (const place of drawnPlaces(line.y, PRINTED_POINTS)) {
    const value = line.y[place] ?? null;
    if (value === null) {
      open = false;
      continue;
    }
    const [atX, atY] = [px(frame.x(x[place] as number)), px(frame.y(value))];
    if (!open) path += line.shape === "area" ? `M${atX} ${floor}L${atX} ${atY}` : `M${atX} ${atY}`;
    else path += line.shape === "step" ? `L${atX} ${lastY}L${atX} ${atY}` : `L${atX} ${atY}`;
    [open, lastX, lastY] = [true, atX, atY];
  }
  const closed = line.shape === "area" && path !== "" ? `${path}L${lastX} ${floor}` : path;
  return html`<path class="${line.shape} ${line.tone}" d="${closed}"/>`;
}

function fillMarks(frame: SvgFrame, fills: ChartFills): Markup[] {
  const paths = ["", "", "", ""];
  const size = fills.x.length > 150 ? 2.4 : 3.4;
  for (const place of evenPlaces(fills.x.length, PRINTED_FILLS)) {
    const kind = fills.kind[place] as number;
    const [x, y] = [frame.x(fills.x[place] as number), frame.y(fills.price[place] as number)];
    const tip = kind % 2 === 0 ? -size : size;
    const corners = `M${px(x)} ${px(y + tip)}L${px(x - size)} ${px(y - tip)}L${px(x + size)} ${px(y - tip)}Z`;
    paths[kind] = (paths[kind] as string) + corners;
  }
  return paths.flatMap((path, kind) => {
    const name = `${kind % 2 === 0 ? "buy" : "sell"} ${kind < 2 ? "taker" : "maker"}`;
    return path === "" ? [] : [html`<path class="fill ${name}" d="${path}"/>`];
  });
}
