import { DASH, formatCount, formatNumber, formatPercent } from "./figures.ts";
import { formatDuration } from "./instants.ts";

type StatUnit = "ratio" | "percent" | "ms" | "count" | "years" | "money" | "sampleCount";

/** Name and unit of the figures that `stat`'s `performance` computes, in the order they are printed. */
const NAMES: Readonly<Record<string, readonly [label: string, unit: StatUnit]>> = {
  totalReturn: ["Total return", "percent"],
  cagr: ["Growth a year, compounded", "percent"],
  volatility: ["Volatility a year", "percent"],
  sharpe: ["Sharpe ratio a year", "ratio"],
  sharpeStandardError: ["Standard error of the Sharpe ratio", "ratio"],
  probabilisticSharpe: ["Probability that the true Sharpe ratio is above 0", "percent"],
  minimumTrackRecord: ["Samples needed for 95 % confidence", "sampleCount"],
  sortino: ["Sortino ratio a year", "ratio"],
  calmar: ["Calmar ratio", "ratio"],
  maxDrawdown: ["Deepest drawdown", "percent"],
  maxDrawdownAbsolute: ["Deepest drawdown in money", "money"],
  maxDrawdownDurationMs: ["Duration of the deepest drawdown", "ms"],
  longestDrawdownMs: ["Longest time under water", "ms"],
  ulcerIndex: ["Ulcer index", "percent"],
  tailRatio: ["Tail ratio, 95 % over 5 %", "ratio"],
  skewness: ["Skewness of returns", "ratio"],
  kurtosis: ["Kurtosis of returns (normal: 3)", "ratio"],
  bestPeriod: ["Best return of one sample", "percent"],
  worstPeriod: ["Worst return of one sample", "percent"],
  positivePeriods: ["Samples with a gain", "percent"],
  trades: ["Closed trades", "count"],
  hitRate: ["Hit rate", "percent"],
  profitFactor: ["Profit factor", "ratio"],
  expectancy: ["Mean result of a closed trade", "money"],
  exposure: ["Time invested", "percent"],
  turnover: ["Turnover over mean equity", "ratio"],
  turnoverPerYear: ["Turnover over mean equity, a year", "ratio"],
  periods: ["Returns measured", "count"],
  periodsPerYear: ["Samples in a year", "count"],
  years: ["Length of the run", "years"],
};

/** Reads a figure of a run by its name; null when absent or not finite. */
export function statOf(stats: Readonly<Record<string, number | null>>, name: string): number | null {
  const value = Object.hasOwn(stats, name) ? stats[name] : null;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A figure ready for a table: its name in words and its value with the unit. */
export interface PrintedStat {
  readonly label: string;
  readonly value: string;
}

/**
 * Prints every figure of `stats`: the known ones in their order, then the others by the words of their key. An
 * unknown key that ends in a unit (`Ns`, `Ms`, `Bp`) is printed in it, any other as a bare number.
 */
export function printedStats(
  stats: Readonly<Record<string, number | null>>,
  currency: string,
): PrintedStat[] {
  const known = Object.keys(NAMES).filter((key) => Object.hasOwn(stats, key));
  const others = Object.keys(stats).filter((key) => !Object.hasOwn(NAMES, key));
  return [...known, ...others].map((key) => {
    const [label, unit] = Object.hasOwn(NAMES, key) ? (NAMES[key] ?? [key, null]) : [words(key), null];
    const value = statOf(stats, key);
    return { label, value: value === null ? DASH : printStat(value, unit ?? unitOf(key), currency) };
  });
}

function printStat(value: number, unit: StatUnit | "ns" | "bp", currency: string): string {
  if (unit === "percent") return formatPercent(value, Math.abs(value) >= 0.001 || value === 0 ? 2 : 4);
  if (unit === "ms") return formatDuration(value * 1e6);
  if (unit === "ns") return formatDuration(value);
  if (unit === "years") return formatDuration(value * 365.25 * 86_400e9);
  if (unit === "count") return formatCount(value);
  if (unit === "sampleCount") return formatCount(Math.ceil(value));
  const printed = formatNumber(value, Math.abs(value) >= 0.1 || value === 0 ? 2 : 4);
  if (unit === "money") return `${printed}\u00a0${currency}`;
  return unit === "bp" ? `${printed}\u00a0bp` : printed;
}

function unitOf(key: string): "ns" | "ms" | "bp" | "ratio" {
  if (key.endsWith("Ns")) return "ns";
  if (key.endsWith("Ms")) return "ms";
  return key.endsWith("Bp") ? "bp" : "ratio";
}

/** Turns a key in camel or snake case into words: `crossedRows` is `Crossed rows`. */
export function words(key: string): string {
  const spaced = key
    .replace(/_+/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, (_pair, left: string, right: string) => `${left} ${right.toLowerCase()}`)
    .trim();
  return spaced === "" ? key : spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
