import { html, type Markup } from "./markup.ts";
import type { Tick } from "./svg-axis.ts";

/** The width of a printed chart, unless another is given: about that of an A4 page in CSS pixels. */
const SVG_WIDTH = 720;

/** The plotting area of a printed chart and its scales from values to pixels. */
export interface SvgFrame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly height: number;
  readonly width: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** What a {@link SvgFrame} is made from: the ranges of both axes and the ticks of the left one. */
export interface FrameOptions {
  readonly height: number;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly yTicks: readonly Tick[];
  readonly width?: number;
}

/** Lays out a printed chart: the left margin fits the longest label. */
export function svgFrame(options: FrameOptions): SvgFrame {
  const longest = Math.max(3, ...options.yTicks.map((tick) => tick.text.length));
  const width = options.width ?? SVG_WIDTH;
  const frame = { left: 10 + longest * 5.8, right: width - 6, top: 8, bottom: options.height - 20 };
  return {
    ...frame,
    width,
    height: options.height,
    x: scale(options.xRange, frame.left, frame.right),
    y: scale(options.yRange, frame.bottom, frame.top),
  };
}

function scale(range: readonly [number, number], from: number, to: number): (value: number) => number {
  const width = range[1] - range[0];
  if (!(width > 0)) return () => (from + to) / 2;
  return (value) => from + ((value - range[0]) / width) * (to - from);
}

/** Draws grid, ticks and the content of a printed chart. The description is its text alternative. */
export function svgChart(
  frame: SvgFrame,
  description: string,
  ticks: { readonly x: readonly Tick[]; readonly y: readonly Tick[] },
  content: readonly Markup[],
): Markup {
  const rows = ticks.y.map((tick) => {
    const y = px(frame.y(tick.at));
    return html`<line class="grid" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${y}" y2="${y}"/><text
class="tick" x="${px(frame.left - 6)}" y="${px(frame.y(tick.at) + 3.5)}" text-anchor="end">${tick.text}</text>`;
  });
  const columns = ticks.x.map((tick) => {
    const half = tick.text.length * 2.9;
    const x = px(Math.min(frame.right - half, Math.max(half, frame.x(tick.at))));
    return html`<text class="tick" x="${x}" y="${frame.height - 5}" text-anchor="middle">${tick.text}</text>`;
  });
  return html`<svg class="still" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${description}">
${rows}${columns}${content}
<line class="axis" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${px(frame.bottom)}" y2="${px(frame.bottom)}"/>
</svg>`;
}

/** Prints a coordinate with one decimal. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
