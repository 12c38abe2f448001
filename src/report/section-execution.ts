import { type Interval, leftOut, type TcaReport } from "../stat/index.ts";
import { DASH, formatCount, formatNumber, formatPercent, formatUnit } from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** Slippages with their intervals, and how orders were executed. */
export function executionTables(tca: TcaReport): Markup {
  return html`<div class="pair">${slippageTable(tca)}${qualityTable(tca)}</div>`;
}

/** A mean and its interval. */
export function formatInterval(one: Interval | null, decimals = 2, scale = 1): string {
  if (one === null) return DASH;
  const of = (value: number): string => formatNumber(value * scale, decimals);
  return `${of(one.mean)} [${of(one.low)} .. ${of(one.high)}]`;
}

/** What an analysis left out, as one line; empty where that is nothing. */
export function leftOutWords(tca: TcaReport): string {
  return leftOut(tca)
    .map(([what, count]) => `${formatCount(count)} ${what}`)
    .join(", ");
}

/** The figures of execution, each with its label: the page and the terminal show one list. */
export function executionFigures(tca: TcaReport): (readonly [label: string, value: string])[] {
  const { counts, rates, improvement, fillTime, participation } = tca;
  const share = (count: number): string =>
    `${formatCount(count)} (${formatPercent(rates === null || rates.sent === 0 ? null : count / rates.sent, 1)})`;
  const sent: (readonly [string, string])[] =
    rates === null
      ? []
      : [
          ["Orders sent", formatCount(rates.sent)],
          ["Filled", share(rates.filled)],
          ["Rejected", share(rates.rejected)],
          ["Canceled", share(rates.canceled)],
          ["Refused before", formatCount(rates.refused)],
        ];
  return [
    ["Parents and orders", formatCount(counts.orders)],
    ["Fill rate, by quantity", formatPercent(counts.fillRate, 1)],
    ...sent,
    ["Fills, makers of them", `${formatCount(counts.fills)}, ${formatCount(counts.makers)}`],
    ["Fills after their order's end", formatCount(counts.afterEnd)],
    ["Mean time to fill", fillTime.meanNs === null ? DASH : formatDuration(fillTime.meanNs)],
    ["Slowest fill", fillTime.slowestNs === null ? DASH : formatDuration(fillTime.slowestNs)],
    ["Participation", formatPercent(participation?.mean, 1)],
    ["Price improvement, of takers", formatPercent(improvement.rate, 1)],
    ["Mean improvement", formatUnit(improvement.meanTicks, "ticks", 3)],
  ];
}

const BENCHMARKS = [
  ["decision", "Decision"],
  ["arrival", "Arrival"],
  ["intervalVwap", "Interval VWAP"],
  ["twap", "TWAP"],
  ["pwp", "PWP at 10 %"],
] as const;

function slippageTable({ slippages, counts }: TcaReport): Markup {
  const prints = counts.ownPrints ? "own prints in" : "own prints out";
  return table({
    caption: "Slippage by benchmark",
    note: `bp, weighted by what traded; 95 % bootstrap interval over whole ${counts.clusteredBy}s; ${prints}.`,
    columns: [
      { label: "Benchmark" },
      { label: "Mean, bp", number: true },
      { label: "Drawn from", number: true },
    ],
    rows: BENCHMARKS.map(([name, label]) => [
      label,
      formatInterval(slippages[name]),
      formatCount(slippages[name]?.clusters),
    ]),
  });
}

function qualityTable(tca: TcaReport): Markup {
  const left = leftOutWords(tca);
  return table({
    caption: "Execution",
    ...(left === "" ? {} : { note: `Left out: ${left}.` }),
    columns: [{ label: "Figure" }, { label: "Value", number: true }],
    rows: executionFigures(tca),
  });
}
