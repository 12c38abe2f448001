import type { RunResult } from "../run/index.ts";
import { performance, type TcaReport, tcaOfRecord } from "../stat/index.ts";
import type { ComparedReturns } from "./comparison.ts";
import type { sharedCurves } from "./comparison-curves.ts";
import type { Comparable } from "./comparison-notices.ts";
import { DASH, formatCount, formatNumber, formatPercent, moneyDecimals } from "./figures.ts";
import { returnDecimals, totalReturn } from "./headline.ts";
import { formatDuration } from "./instants.ts";
import { statOf } from "./stat-names.ts";

/** What a figure is counted in; `percent` is a share of 1. */
export type FigureUnit = "money" | "percent" | "ratio" | "bp" | "count" | "ns";

/** One figure of all runs. */
export interface ComparedFigure {
  readonly group: "run" | "common" | "costs" | "orders";
  readonly key: string;
  readonly label: string;
  readonly unit: FigureUnit;
  /** Null where it is a matter of taste. */
  readonly better: "more" | "less" | null;
  readonly values: readonly (number | null)[];
  /** The places of the best; empty where the figure, or the runs, do not say which is. */
  readonly best: readonly number[];
}

/** What a figure is, before runs are asked for it. */
interface Reading {
  readonly group: ComparedFigure["group"];
  readonly key: string;
  readonly label: string;
  readonly unit: FigureUnit;
  readonly better?: "more" | "less";
  readonly of: (result: RunResult) => number | null | undefined;
}

const stat =
  (name: string) =>
  ({ stats }: RunResult): number | null =>
    statOf(stats, name);

const RUN: readonly Reading[] = [
  ...(
    [
      ["finalEquity", "Final equity", "money", undefined, ({ money }) => Number(money.finalEquity)],
      ["return", "Return", "percent", "more", totalReturn],
      ["volatility", "Volatility a year", "percent", undefined, stat("volatility")],
      ["sharpe", "Sharpe ratio a year", "ratio", "more", stat("sharpe")],
      ["probabilisticSharpe", "P(true Sharpe > 0)", "percent", undefined, stat("probabilisticSharpe")],
      ["sortino", "Sortino ratio a year", "ratio", undefined, stat("sortino")],
      ["maxDrawdown", "Deepest drawdown", "percent", "less", stat("maxDrawdown")],
      ["exposure", "Time invested", "percent", undefined, stat("exposure")],
      ["trades", "Closed trades", "count", undefined, ({ trades }) => trades.count],
      ["hitRate", "Hit rate", "percent", undefined, stat("hitRate")],
      ["profitFactor", "Profit factor", "ratio", undefined, stat("profitFactor")],
    ] as const satisfies readonly Row[]
  ).map((row) => reading("run", row)),
];

const COSTS: readonly Reading[] = [
  ...(
    [
      ["turnover", "Turnover", "money", undefined, ({ fills }) => fills.turnover],
      ["fees", "Fees", "money", undefined, ({ money }) => Number(money.fees)],
      ["feeBp", "Fees of turnover", "bp", "less", feeBp],
      ["slippageBp", "Slippage from the mid at submission", "bp", "less", ({ fills }) => fills.slippageBp],
      ["costs", "All costs of orders", "money", undefined, (result) => costOf(result)?.money],
      ["costBp", "All costs, of turnover", "bp", "less", (result) => costOf(result)?.bp],
      ["arrivalBp", "Slippage from arrival", "bp", "less", (result) => costOf(result)?.arrivalBp],
      ["funding", "Funding", "money", undefined, ({ money }) => Number(money.funding)],
    ] as const satisfies readonly Row[]
  ).map((row) => reading("costs", row)),
];

const ORDERS: readonly Reading[] = [
  ...(
    [
      ["submitted", "Orders submitted", "count", undefined, ({ orders }) => orders.submitted],
      ["refused", "Refused by our rules", "count", undefined, ({ orders }) => orders.refused],
      ["rejected", "Rejected by the venue", "count", undefined, ({ orders }) => orders.rejected],
      ["filled", "Filled", "count", undefined, ({ orders }) => orders.filled],
      ["canceled", "Canceled", "count", undefined, ({ orders }) => orders.canceled],
      ["expired", "Expired", "count", undefined, ({ orders }) => orders.expired],
      ["replaced", "Replaced", "count", undefined, ({ orders }) => orders.replaced],
      ["fillRate", "Fill rate, by quantity", "percent", undefined, fillRate],
      ["fills", "Fills", "count", undefined, ({ fills }) => fills.count],
      [
        "makerShare",
        "Maker fills",
        "percent",
        undefined,
        ({ fills }) => ratio(fills.makerCount, fills.count),
      ],
      ["entryP50", "Submission to exchange, p50", "ns", undefined, ({ orders }) => orders.entryLatency?.p50],
      ["entryP99", "Submission to exchange, p99", "ns", undefined, ({ orders }) => orders.entryLatency?.p99],
      ["reportP50", "Exchange to report, p50", "ns", undefined, ({ orders }) => orders.reportLatency?.p50],
    ] as const satisfies readonly Row[]
  ).map((row) => reading("orders", row)),
];

type Row = readonly [
  key: string,
  label: string,
  unit: FigureUnit,
  better: "more" | "less" | undefined,
  of: Reading["of"],
];

function reading(group: Reading["group"], [key, label, unit, better, of]: Row): Reading {
  return { group, key, label, unit, of, ...(better === undefined ? {} : { better }) };
}

/** The figures of all runs, the best marked where the runs are alike and the figure says which way is better. */
export function comparedFigures(
  results: readonly RunResult[],
  alike: Comparable,
  common: ReturnType<typeof sharedCurves>,
  differences: ComparedReturns | null,
): readonly ComparedFigure[] {
  const make = (one: Reading): ComparedFigure => {
    const values = results.map((result) => finite(one.of(result)));
    return figureOf(one, values, alike.ranked, differences);
  };
  const own = RUN.map(make);
  const isWhole = alike.ranked || results.length < 2 || common === null;
  const shared = isWhole ? [] : commonFigures(common, alike, differences);
  const rest = [...COSTS, ...ORDERS].map(make).filter(({ values }) => values.some((value) => value !== null));
  return [...own, ...shared, ...rest];
}

/** Prints the value of a run with its unit; amounts with the decimals that the largest of all is printed with. */
export function figureText({ unit, values }: ComparedFigure, run: number, currency: string): string {
  const value = values[run] ?? null;
  if (value === null) return DASH;
  if (unit === "money") {
    const most = Math.max(...values.map((one) => Math.abs(one ?? 0)));
    return `${formatNumber(value, most === 0 ? 2 : moneyDecimals(most))}\u00a0${currency}`;
  }
  if (unit === "percent") return formatPercent(value, returnDecimals(value));
  if (unit === "count") return formatCount(value);
  if (unit === "ns") return formatDuration(value);
  return unit === "bp" ? `${formatNumber(value, 2)}\u00a0bp` : formatNumber(value, 2);
}

function figureOf(
  one: Omit<Reading, "of">,
  values: readonly (number | null)[],
  isRanked: boolean,
  differences: ComparedReturns | null,
): ComparedFigure {
  const { group, key, label, unit } = one;
  const better = one.better ?? null;
  const bare = { group, key, label, unit, better, values, best: [] };
  const best = isRanked && better !== null ? bestOf(bare, better) : [];
  // A Sharpe ratio is an estimate: the best is only said to be where its intervals say so.
  const isEstimate = key === "sharpe" && best.length > 0;
  const isSaid = !isEstimate || best.every((place) => isAboveAll(place, values.length, differences));
  return { ...bare, best: isSaid ? best : [] };
}

/**
 * The places of the best, by what a page prints: a difference that cannot be read is none. None where a run has no
 * such figure, or all are equal.
 */
function bestOf(figure: ComparedFigure, better: "more" | "less"): number[] {
  const { values } = figure;
  const known = values.filter((value) => value !== null);
  if (values.length < 2 || known.length < values.length) return [];
  const best = better === "more" ? Math.max(...known) : Math.min(...known);
  const texts = values.map((_, i) => figureText(figure, i, ""));
  const text = texts[values.indexOf(best)];
  const places = texts.flatMap((one, i) => (one === text ? [i] : []));
  return places.length === values.length ? [] : places;
}

function isAboveAll(place: number, count: number, differences: ComparedReturns | null): boolean {
  if (differences === null) return false;
  const beats = differences.pairs.filter(({ first, second, sharpe }) => {
    if (sharpe === null) return false;
    return (second === place && sharpe.low > 0) || (first === place && sharpe.high < 0);
  });
  return beats.length === count - 1;
}

function commonFigures(
  { ms, equity, span }: NonNullable<ReturnType<typeof sharedCurves>>,
  alike: Comparable,
  differences: ComparedReturns | null,
): ComparedFigure[] {
  const { periodsPerYear } = span;
  const all = equity.map((values) => performance({ ms, equity: values, periodsPerYear }));
  const rows = RUN.filter(({ key }) =>
    ["return", "volatility", "sharpe", "sortino", "maxDrawdown"].includes(key),
  );
  return rows.map((one) => {
    const name = one.key === "return" ? "totalReturn" : one.key;
    const values = all.map((figures) => statOf({ ...figures }, name));
    return figureOf({ ...one, group: "common" }, values, alike.commonRanked, differences);
  });
}

function feeBp({ money, fills }: RunResult): number | null {
  return fills.turnover > 0 ? (Number(money.fees) / fills.turnover) * 1e4 : null;
}

function fillRate({ orders }: RunResult): number | null {
  return orders.accepted === 0 ? null : orders.fillRate;
}

/** What the orders cost, where all of them were in the currency of the run. */
function costOf({ tca, currency, fills }: RunResult): {
  readonly money: number;
  readonly bp: number | null;
  readonly arrivalBp: number | null;
} | null {
  const reports = (tca ?? []).map(tcaOfRecord).filter(({ counts }) => counts.orders > 0);
  const [only, ...others] = reports;
  if (only === undefined || others.length > 0 || only.currency !== currency) return null;
  const money = amountOf(only);
  const bp = fills.turnover > 0 ? (money / fills.turnover) * 1e4 : null;
  return { money, bp, arrivalBp: only.slippages.arrival?.mean ?? null };
}

function amountOf({ total, decimals }: TcaReport): number {
  return Number(total.total) / 10 ** decimals;
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function finite(value: number | null | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
