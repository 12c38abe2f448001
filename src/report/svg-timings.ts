import type { OrderTiming } from "../run/index.ts";
import { formatCount, formatPercent } from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { countTicks, type Tick } from "./svg-axis.ts";
import { runTone } from "./svg-comparison.ts";
import { px, svgChart, svgFrame } from "./svg-frame.ts";

/** A time on a logarithmic axis; below 1 ns lies at 1 ns. */
const place = (ns: number): number => Math.log10(Math.max(1, ns));

/** 1, 10, 100 ns and so on, at most `most` of them. */
function decades(low: number, high: number, most: number): Tick[] {
  const step = Math.max(1, Math.ceil((high - low) / most));
  const ticks: Tick[] = [];
  for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power += step)
    ticks.push({ at: power, text: formatDuration(10 ** power) });
  return ticks;
}

/**
 * Draws quantiles over how rare they are, as latencies are read: the median on the left, each step to the right ten
 * times rarer.
 */
export function percentilesSvg(timings: readonly OrderTiming[], labels: readonly string[]): Markup {
  const points = timings.map(({ quantiles, count, maxNs }) => [
    ...quantiles.map(([share, ns]) => [rarity(share), ns] as const),
    [Math.max(rarity(1 - 1 / Math.max(2, count)), rarity(quantiles.at(-1)?.[0] ?? 0.5)), maxNs] as const,
  ]);
  const all = points.flat();
  const times = all.map(([, ns]) => place(ns));
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const yRange: [number, number] = high - low < 0.5 ? [low - 0.5, high + 0.5] : [low - 0.1, high + 0.1];
  const xMost = Math.max(1, ...all.map(([x]) => x));
  const yTicks = decades(...yRange, 5);
  const y =
    yTicks.length > 1
      ? yTicks
      : [yRange[0] + 0.1, yRange[1] - 0.1].map((at) => ({ at, text: formatDuration(10 ** at) }));
  const frame = svgFrame({ height: 200, xRange: [rarity(0.5), xMost], yRange, yTicks: y, width: 706 });
  const x = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].flatMap((share): Tick[] =>
    rarity(share) <= xMost + 1e-9
      ? [{ at: rarity(share), text: formatPercent(share, Math.max(0, Math.round(rarity(share)) - 2)) }]
      : [],
  );
  const lines = points.map((line, i) => {
    const path = line.map(([at, ns]) => `${px(frame.x(at))} ${px(frame.y(place(ns)))}`).join("L");
    return html`<path class="run ${runTone(i)}" d="M${path}"/>`;
  });
  const words = timings.map(({ quantiles, maxNs }, i) => {
    const median = quantiles.find(([share]) => share === 0.5)?.[1];
    return `${labels[i]}: half within ${formatDuration(median)}, all within ${formatDuration(maxNs)}`;
  });
  return svgChart({ ...frame, width: 720 }, `Times by percentile. ${words.join("; ")}.`, { x, y }, lines);
}

function rarity(share: number): number {
  return -Math.log10(1 - share);
}

/** Draws how many took how long, over a logarithmic axis; all bars of a class are one width. */
export function timingHistogramSvg(timing: OrderTiming, label: string): Markup {
  const classes = timing.classes.filter(([, to]) => to > 0);
  const zeros = timing.classes.find(([, to]) => to === 0)?.[2] ?? 0;
  const low = place(classes[0]?.[0] ?? 1);
  const high = place(classes.at(-1)?.[1] ?? 10);
  const margin = high - low < 0.4 ? 0.3 : 0.03;
  const xRange: [number, number] = [low - margin, high + margin];
  const most = Math.max(1, ...classes.map(([, , count]) => count), 0) * 1.06;
  const yTicks = countTicks(most, 3);
  const frame = svgFrame({ height: 130, xRange, yRange: [0, most], yTicks, width: 352 });
  const bars = classes.map(([from, to, count]) => {
    if (count === 0) return html``;
    const [left, right] = [frame.x(place(from)) + 0.3, frame.x(place(to)) - 0.3];
    const top = frame.y(count);
    return html`<rect class="bar" x="${px(left)}" y="${px(top)}" width="${px(Math.max(0.6, right - left))}" height="${px(
      frame.bottom - top,
    )}"><title>${formatDuration(from)} to ${formatDuration(to)}: ${formatCount(count)}</title></rect>`;
  });
  const x = decades(...xRange, 4);
  const ends = [xRange[0] + margin, xRange[1] - margin].map((at) => ({ at, text: formatDuration(10 ** at) }));
  const words = `${label}: ${formatCount(timing.count)} orders, ${formatDuration(timing.minNs)} to ${formatDuration(
    timing.maxNs,
  )}${zeros > 0 ? `, ${formatCount(zeros)} of them at once` : ""}`;
  return svgChart(frame, words, { x: x.length > 1 ? x : ends, y: yTicks }, bars);
}

/** Draws shares as columns from 0 to 100 %, the count of each above it. */
export function sharesSvg(
  columns: readonly {
    readonly label: string;
    readonly share: number;
    readonly count: number;
    readonly tone: string;
  }[],
  description: string,
): Markup {
  const yTicks = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: formatPercent(at, 0) }));
  const frame = svgFrame({ height: 190, xRange: [-0.5, columns.length - 0.5], yRange: [0, 1.1], yTicks });
  const thick = Math.min(46, ((frame.right - frame.left) / columns.length) * 0.55);
  const bars = columns.map(({ share, count, tone }, i) => {
    const top = frame.y(share);
    return html`<rect class="column ${tone}" x="${px(frame.x(i) - thick / 2)}" y="${px(top)}" width="${px(thick)}" height="${px(
      Math.max(0.6, frame.bottom - top),
    )}"/><text class="tick" x="${px(frame.x(i))}" y="${px(top - 4)}" text-anchor="middle">${formatCount(count)}</text>`;
  });
  const x = columns.map(({ label }, at) => ({ at, text: label }));
  return svgChart(frame, description, { x, y: yTicks }, bars);
}
