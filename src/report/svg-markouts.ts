import { html, type Markup } from "./markup.ts";
import { valueTicks } from "./svg-axis.ts";
import { px, svgChart, svgFrame } from "./svg-frame.ts";

/** One column of the markout chart: a horizon in words and a mean in basis points. */
export interface MarkoutColumn {
  readonly horizon: string;
  readonly bp: number;
}

/** Draws markouts by horizon as columns around zero; gains and losses differ in side, tone and label. */
export function markoutSvg(columns: readonly MarkoutColumn[], description: string): Markup {
  const height = 170;
  const low = Math.min(0, ...columns.map((column) => column.bp)) * 1.12;
  const high = Math.max(0, ...columns.map((column) => column.bp)) * 1.12;
  const yRange: [number, number] = low === high ? [-1, 1] : [low, high];
  const yTicks = valueTicks(yRange[0], yRange[1], 4);
  const frame = svgFrame({ height, xRange: [-0.5, columns.length - 0.5], yRange, yTicks, width: 440 });
  const thick = Math.min(46, ((frame.right - frame.left) / columns.length) * 0.5);
  const bars = columns.map((column, i) => {
    const [zero, tip] = [frame.y(0), frame.y(column.bp)];
    const tone = column.bp < 0 ? "fall" : "main";
    return html`<rect class="column ${tone}" x="${px(frame.x(i) - thick / 2)}" y="${px(
      Math.min(zero, tip),
    )}" width="${px(thick)}" height="${px(Math.max(0.6, Math.abs(zero - tip)))}"/>`;
  });
  const zero = px(frame.y(0));
  const base = html`<line class="base" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${zero}" y2="${zero}"/>`;
  const xTicks = columns.map((column, i) => ({ at: i, text: column.horizon }));
  return svgChart(frame, description, { x: xTicks, y: yTicks }, [...bars, base]);
}
