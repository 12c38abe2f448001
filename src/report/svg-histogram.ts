import type { HistogramChart } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { valueTicks } from "./svg-axis.ts";
import { px, svgChart, svgFrame } from "./svg-frame.ts";

/** Draws a histogram and its normal curve as an SVG, for paper and for readers without scripts. */
export function histogramSvg(chart: HistogramChart, description: string): Markup {
  const half = chart.width / 2;
  const low = (chart.x[0] as number) - half;
  const high = (chart.x[chart.x.length - 1] as number) + half;
  const most = Math.max(1, ...chart.counts, ...chart.normal);
  const height = Math.round(chart.height * 0.72);
  const yTicks = valueTicks(0, most * 1.04, height / 42);
  const frame = svgFrame({ height, xRange: [low, high], yRange: [0, most * 1.04], yTicks });
  const bars = chart.x.map((middle, i) => {
    const count = chart.counts[i] as number;
    if (count === 0) return html``;
    const [left, right] = [frame.x(middle - half) + 0.4, frame.x(middle + half) - 0.4];
    const top = frame.y(count);
    return html`<rect class="bar" x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(
      frame.bottom - top,
    )}"/>`;
  });
  const curve = chart.x.map(
    (middle, i) => `${px(frame.x(middle))} ${px(frame.y(chart.normal[i] as number))}`,
  );
  const overlay = html`<path class="line fall" d="M${curve.join("L")}"/>`;
  const ticks = { x: valueTicks(low, high, 8), y: yTicks };
  return svgChart(frame, description, ticks, [...bars, overlay]);
}
