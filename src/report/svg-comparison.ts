import type { SharedCurves } from "./comparison-curves.ts";
import { formatNumber } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { timeTicks, valueTicks } from "./svg-axis.ts";
import { px, type SvgFrame, svgChart, svgFrame } from "./svg-frame.ts";

const TONES = 4;
/** The height of a line's number at its end. */
const NUMBER = 11;

/** The class of a run's line: four tones, then the same ones dashed. */
export function runTone(run: number): string {
  return `run-${(run % TONES) + 1}${run >= TONES ? " dashed" : ""}`;
}

/** A short piece of a run's line, for a legend. */
export function runSwatch(run: number): Markup {
  return html`<svg class="still swatch" viewBox="0 0 28 8" aria-hidden="true"><path class="run ${runTone(
    run,
  )}" d="M1 4L27 4"/></svg>`;
}

/** Draws equity as an index and, below on the same time axis, drawdowns; every line ends with its run's number. */
export function comparisonSvg(curves: SharedCurves, labels: readonly string[]): Markup {
  const index = rangeOf(curves.index, 100);
  const fall = rangeOf(curves.drawdown, 0);
  const [indexTicks, fallTicks] = [valueTicks(...index, 4), valueTicks(...fall, 3)];
  const xRange: [number, number] = [curves.ms[0] ?? 0, curves.ms.at(-1) ?? 1];
  const ticks = [...indexTicks, ...fallTicks];
  // One left margin for both, and room on the right for the numbers.
  const frameOf = (height: number, yRange: [number, number]): SvgFrame => {
    const frame = svgFrame({ height, xRange, yRange, yTicks: ticks, width: 706 });
    return { ...frame, width: 720 };
  };
  const xTicks = timeTicks(xRange[0], xRange[1], 5);
  const panel = (
    frame: SvgFrame,
    lines: readonly (readonly (number | null)[])[],
    base: number,
    words: string,
    y: ReturnType<typeof valueTicks>,
  ): Markup =>
    svgChart(frame, words, { x: xTicks, y }, [
      ...[baseLine(frame, base)],
      ...lines.map((values, i) => linePath(frame, curves.ms, values, runTone(i))),
      ...endNumbers(frame, lines),
    ]);
  const ends = (lines: readonly (readonly (number | null)[])[], unit: string): string =>
    labels.map((label, i) => `${label} ends at ${formatNumber(lines[i]?.at(-1), 2)}${unit}`).join("; ");
  return html`${panel(frameOf(230, index), curves.index, 100, `Equity, 100 at the start. ${ends(curves.index, "")}.`, indexTicks)}
${panel(frameOf(140, fall), curves.drawdown, 0, `Drawdown. ${ends(curves.drawdown, " %")}.`, fallTicks)}`;
}

function rangeOf(lines: readonly (readonly (number | null)[])[], base: number): [number, number] {
  let [low, high] = [base, base];
  for (const value of lines.flat()) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = high > low ? (high - low) * 0.04 : 1;
  return [low - margin, base === 0 ? high : high + margin];
}

function baseLine(frame: SvgFrame, value: number): Markup {
  const y = px(frame.y(value));
  return html`<line class="base" x1="${px(frame.left)}" x2="${px(frame.right)}" y1="${y}" y2="${y}"/>`;
}

function linePath(
  frame: SvgFrame,
  ms: readonly number[],
  values: readonly (number | null)[],
  tone: string,
): Markup {
  let path = "";
  let isOpen = false;
  for (const [i, value] of values.entries()) {
    if (value !== null) path += `${isOpen ? "L" : "M"}${px(frame.x(ms[i] as number))} ${px(frame.y(value))}`;
    isOpen = value !== null;
  }
  return html`<path class="run ${tone}" d="${path}"/>`;
}

/** Each line's number beside its end, moved apart where ends meet. */
function endNumbers(frame: SvgFrame, lines: readonly (readonly (number | null)[])[]): Markup[] {
  const ends = lines.flatMap((values, run) => {
    const value = values.at(-1) ?? null;
    return value === null ? [] : [{ run, y: frame.y(value) + 3.5 }];
  });
  ends.sort((a, b) => a.y - b.y || a.run - b.run);
  for (const [i, end] of ends.entries()) {
    const above = ends[i - 1];
    if (above !== undefined) end.y = Math.max(end.y, above.y + NUMBER);
  }
  let floor = frame.bottom + 2;
  for (const end of ends.toReversed()) {
    end.y = Math.min(end.y, floor);
    floor = end.y - NUMBER;
  }
  return ends.map(
    ({ run, y }) =>
      html`<text class="tick number-${(run % TONES) + 1}" x="${px(frame.right + 5)}" y="${px(y)}">${run + 1}</text>`,
  );
}
