import { html, type Markup } from "./markup.ts";
import { valueTicks } from "./svg-axis.ts";
import { px, svgChart, svgFrame } from "./svg-frame.ts";

/** One column of the stress chart: a world and what was earned there. */
export interface StressColumn {
  readonly label: string;
  /** Null where the run failed: no column. */
  readonly value: number | null;
}

const LABEL = 13;

/**
 * Draws what was earned in each world as columns around zero, the base first and its height as a line over all of them:
 * what a column lacks of that line is the decay.
 */
export function stressSvg(columns: readonly StressColumn[], description: string): Markup {
  const values = columns.map(({ value }) => value ?? 0);
  const low = Math.min(0, ...values) * 1.12;
  const high = Math.max(0, ...values) * 1.12;
  const yRange: [number, number] = low === high ? [-1, 1] : [low, high];
  const yTicks = valueTicks(yRange[0], yRange[1], 4);
  const frame = svgFrame({ height: 190, xRange: [-0.5, columns.length - 0.5], yRange, yTicks, width: 480 });
  const zero = frame.y(0);
  const bars = columns.map(({ value }, i) => {
    if (value === null) return null;
    const tip = frame.y(value);
    const tone = i === 0 ? "main" : "fall";
    return html`<rect class="column ${tone}" x="${px(frame.x(i) - 20)}" y="${px(
      Math.min(zero, tip),
    )}" width="40" height="${px(Math.max(0.6, Math.abs(zero - tip)))}"/>`;
  });
  const level = (value: number): Markup =>
    html`<line class="base" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${px(frame.y(value))}" y2="${px(
      frame.y(value),
    )}"/>`;
  const xTicks = columns.map(({ label }, at) => ({
    at,
    text: label.length <= LABEL ? label : `${label.slice(0, LABEL - 1)}…`,
  }));
  const drawn = bars.filter((bar) => bar !== null);
  return svgChart(frame, description, { x: xTicks, y: yTicks }, [...drawn, level(0), level(values[0] ?? 0)]);
}
