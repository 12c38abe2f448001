import { formatNumber } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { countTicks, timeTicks, valueTicks } from "./svg-axis.ts";
import { px, type SvgFrame, svgChart, svgFrame } from "./svg-frame.ts";

/** Two curves that begin at 1, and when choices were made anew. */
export interface WalkCurves {
  /** One a value. @units epoch ms */
  readonly boundariesMs: readonly number[];
  readonly equity: readonly number[];
  /** Of the point that is best in hindsight; none where it is empty. */
  readonly known: readonly number[];
  readonly starts: readonly number[];
}

const BARS_ABOUT = 12;

/** Draws what tests in a row made of 100 beside what the point made that is best in hindsight. */
export function walkSvg({ boundariesMs, equity, known, starts }: WalkCurves, description: string): Markup {
  const values = [...equity, ...known].map((value) => 100 * value);
  const [low, high] = [Math.min(100, ...values), Math.max(100, ...values)];
  const margin = (high - low || 1) * 0.04;
  // Above the lines is room for what they are called.
  const yRange: [number, number] = [low - margin, high + margin * 5];
  const xRange: [number, number] = [boundariesMs[0] ?? 0, boundariesMs.at(-1) ?? 1];
  const ticks = { x: timeTicks(...xRange, 7), y: valueTicks(...yRange, 5) };
  const frame = svgFrame({ height: 220, xRange, yRange, yTicks: ticks.y });
  const path = (curve: readonly number[]): string =>
    `M${curve.map((value, i) => `${px(frame.x(boundariesMs[i] as number))} ${px(frame.y(100 * value))}`).join("L")}`;
  const edges = starts.map((ms) => upright(frame, "grid", frame.x(ms)));
  const y = px(frame.y(100));
  const base = html`<line class="base" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${y}" y2="${y}"/>`;
  const quiet =
    known.length === 0 ? null : html`<path class="line quiet" stroke-dasharray="5 3" d="${path(known)}"/>`;
  const main = html`<path class="line main" d="${path(equity)}"/>`;
  const keys = [
    key(frame, 0, html`<path class="line main" d="${dash(frame, 0)}"/>`, "out of sample"),
    known.length === 0
      ? null
      : key(
          frame,
          130,
          html`<path class="line quiet" stroke-dasharray="5 3" d="${dash(frame, 130)}"/>`,
          "best point in hindsight",
        ),
  ];
  const content = [...edges, base, quiet, main, ...keys].filter((each) => each !== null);
  return svgChart(frame, description, ticks, content);
}

function dash(frame: SvgFrame, at: number): string {
  const [x, y] = [frame.left + 8 + at, frame.top + 8];
  return `M${px(x)} ${px(y)}L${px(x + 22)} ${px(y)}`;
}

function key(frame: SvgFrame, at: number, line: Markup, text: string): Markup {
  return html`${line}<text class="tick" x="${px(frame.left + 35 + at)}" y="${px(frame.top + 11.5)}">${text}</text>`;
}

function upright(frame: SvgFrame, name: string, x: number): Markup {
  return html`<line class="${name}" x1="${px(x)}" x2="${px(x)}" y1="${px(frame.top)}" y2="${px(frame.bottom)}"/>`;
}

/** Draws how many ratios lie in even ranges, those below 0 set apart; ranges begin at 0, so none reaches over it. */
export function ratiosSvg(ratios: ArrayLike<number>, description: string): Markup {
  const values = Array.from(ratios);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const step = stepOf((high - low || 1) / BARS_ABOUT);
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = Math.floor(value / step);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const bins = [...counts.keys()];
  const xRange: [number, number] = [Math.min(0, ...bins) * step, (Math.max(0, ...bins) + 1) * step];
  const most = Math.max(1, ...counts.values()) * 1.08;
  const yTicks = countTicks(most, 4);
  const ticks = { x: valueTicks(...xRange, 8), y: yTicks };
  const frame = svgFrame({ height: 200, xRange, yRange: [0, most], yTicks });
  const bars = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([bin, count]) => {
      const [left, right, top] = [frame.x(bin * step) + 0.7, frame.x((bin + 1) * step) - 0.7, frame.y(count)];
      const range = `${formatNumber(bin * step, 2)} to ${formatNumber((bin + 1) * step, 2)}: ${count}`;
      return html`<rect class="column ${bin < 0 ? "fall" : "main"}" x="${px(left)}" y="${px(top)}" width="${px(
        right - left,
      )}" height="${px(frame.bottom - top)}"><title>${range}</title></rect>`;
    });
  return svgChart(frame, description, ticks, [...bars, upright(frame, "base", frame.x(0))]);
}

/** The next round number (1, 2 or 5 times a power of ten). */
function stepOf(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
}
