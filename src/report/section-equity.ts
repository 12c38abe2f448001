import type { RunResult } from "../run/index.ts";
import { type Drawdown, drawdownSeries, maxDrawdown } from "../stat/index.ts";
import { significant, type TimeChart } from "./chart.ts";
import { figure } from "./figure.ts";
import { formatNumber, formatPercent, moneyDecimals } from "./figures.ts";
import { returnDecimals } from "./headline.ts";
import { formatDuration, formatMs } from "./instants.ts";
import type { Markup } from "./markup.ts";
import { drawnPlaces } from "./places.ts";
import { nothing, section } from "./table.ts";

/** The most points a chart draws of one line; longer series keep the extremes of equal stretches. */
export const DRAWN_POINTS = 6_000;

/** The most points of a line of one instrument: fewer where many are charted, so that the page stays small. */
export function instrumentPoints(instruments: number): number {
  return Math.floor(Math.min(DRAWN_POINTS, (2 * DRAWN_POINTS) / Math.max(1, Math.min(8, instruments))));
}

/** A section of the sheet, with the charts its script needs. */
export interface ChartSection {
  readonly markup: Markup;
  readonly charts: readonly TimeChart[];
}

/** The equity curve and, below it on the same time axis, the drawdown from the running peak. */
export function equitySection(result: RunResult): ChartSection {
  const { equity, ms } = result.samples;
  if (equity.length < 2) {
    return { markup: section("equity", "Equity", nothing("Fewer than two samples: no curve.")), charts: [] };
  }
  const equityLine = equityChart(result);
  const falls = drawdownSeries(equity);
  const worst = maxDrawdown(ms, equity);
  const figures = [figure({ chart: equityLine, title: "Equity", summary: equitySummary(result) })];
  const charts = [equityLine];
  if (falls === null || worst === null) {
    figures.push(nothing("The run began without equity: no drawdown as a share of it."));
  } else {
    const chart = drawdownChart(result, falls, worst);
    charts.push(chart);
    figures.push(
      figure({ chart, title: "Drawdown from the running peak", summary: drawdownSummary(ms, worst) }),
    );
  }
  return { markup: section("equity", "Equity", [...figures, sampleNote(result)]), charts };
}

function sampleNote(result: RunResult): Markup {
  const { equity, instruments, periodNs } = result.samples;
  const least = instrumentPoints(instruments.length);
  const limits =
    least === DRAWN_POINTS
      ? `${formatNumber(DRAWN_POINTS, 0)} points a line`
      : `${formatNumber(DRAWN_POINTS, 0)} points a line, ${formatNumber(least, 0)} for one instrument`;
  const thinned =
    equity.length > least
      ? ` The charts draw at most ${limits}: the least and the greatest value of equal stretches.`
      : "";
  return nothing(
    `${formatNumber(equity.length, 0)} samples, one every ${formatDuration(periodNs)}; times are UTC.${thinned}`,
  );
}

function equityChart(result: RunResult): TimeChart {
  const { equity, ms } = result.samples;
  const initial = Number(result.money.initialEquity);
  const places = drawnPlaces(equity, DRAWN_POINTS);
  return {
    ...timeColumns(ms, places),
    kind: "time",
    id: "chart-equity",
    label: "Equity",
    unit: result.currency,
    decimals: moneyDecimals(initial),
    height: 280,
    lines: [{ label: "Equity", tone: "main", shape: "line", y: pick(equity, places) }],
    base: initial,
    fills: null,
  };
}

function drawdownChart(result: RunResult, falls: Float64Array, worst: Drawdown): TimeChart {
  const curve = Array.from(falls, (fall) => (fall === 0 ? 0 : -fall * 100));
  const places = drawnPlaces(curve, DRAWN_POINTS);
  return {
    ...timeColumns(result.samples.ms, places),
    kind: "time",
    id: "chart-drawdown",
    label: "Drawdown",
    unit: "%",
    decimals: returnDecimals(worst.relative),
    height: 170,
    lines: [{ label: "Drawdown", tone: "fall", shape: "area", y: pick(curve, places, 5) }],
    base: 0,
    fills: null,
  };
}

/** The time columns of a chart that draws some places of a run's samples. */
export function timeColumns(ms: readonly number[], places: readonly number[]): Pick<TimeChart, "x0" | "x"> {
  const x0 = ms[0] ?? 0;
  return { x0, x: places.map((place) => (ms[place] as number) - x0) };
}

/** Values at some places, rounded to the digits a chart can show. */
export function pick(
  values: readonly (number | null)[],
  places: readonly number[],
  digits = 9,
): (number | null)[] {
  return places.map((place) => significant(values[place] ?? null, digits));
}

function equitySummary(result: RunResult): string {
  const { equity, ms } = result.samples;
  const decimals = moneyDecimals(Number(result.money.initialEquity));
  let [low, high] = [0, 0];
  equity.forEach((value, i) => {
    if (value < (equity[low] as number)) low = i;
    if (value > (equity[high] as number)) high = i;
  });
  const print = (place: number): string =>
    `${formatNumber(equity[place] as number, decimals)} (${formatMs(ms[place] as number)})`;
  const ends = `From ${formatNumber(equity[0], decimals)} to ${formatNumber(equity.at(-1), decimals)} ${result.currency}`;
  return `${ends}; lowest ${print(low)}, highest ${print(high)}.`;
}

function drawdownSummary(ms: readonly number[], worst: Drawdown): string {
  if (worst.relative === 0) return "Equity never fell below an earlier peak.";
  const at = (place: number): string => formatMs(ms[place] as number);
  const depth = formatPercent(-worst.relative, returnDecimals(worst.relative));
  const path = `Deepest ${depth}: peak ${at(worst.peakIndex)}, trough ${at(worst.troughIndex)}`;
  return worst.recoveryIndex === null
    ? `${path}, not recovered by the end.`
    : `${path}, recovered ${at(worst.recoveryIndex)}.`;
}
