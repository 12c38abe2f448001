import { html, type Markup } from "./markup.ts";
import { valueTicks } from "./svg-axis.ts";
import { px, svgChart, svgFrame } from "./svg-frame.ts";

/** One column of the cost chart. */
export interface CostColumn {
  readonly label: string;
  readonly value: number;
}

/** Draws costs as columns around zero: what cost stands above, what was gained below, in another tone. */
export function costsSvg(columns: readonly CostColumn[], description: string): Markup {
  const values = columns.map(({ value }) => value);
  const low = Math.min(0, ...values) * 1.12;
  const high = Math.max(0, ...values) * 1.12;
  const yRange: [number, number] = low === high ? [-1, 1] : [low, high];
  const yTicks = valueTicks(yRange[0], yRange[1], 4);
  const frame = svgFrame({ height: 190, xRange: [-0.5, columns.length - 0.5], yRange, yTicks, width: 480 });
  const bars = columns.map(({ value }, i) => {
    const [zero, tip] = [frame.y(0), frame.y(value)];
    const tone = value > 0 ? "fall" : "main";
    return html`<rect class="column ${tone}" x="${px(frame.x(i) - 20)}" y="${px(
      Math.min(zero, tip),
    )}" width="40" height="${px(Math.max(0.6, Math.abs(zero - tip)))}"/>`;
  });
  const zero = px(frame.y(0));
  const base = html`<line class="base" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${zero}" y2="${zero}"/>`;
  const xTicks = columns.map(({ label }, i) => ({ at: i, text: label }));
  return svgChart(frame, description, { x: xTicks, y: yTicks }, [...bars, base]);
}
