import { checkKeys, checkNumber, checkPositive, Fault } from "../base/index.ts";
import { checkPairs, maxDrawdown, ulcerIndex } from "./drawdown.ts";
import { calmar, NO_SPREAD, perPeriod, sharpe, sortino, tailRatio, volatility } from "./ratios.ts";
import { cagr, simpleReturns, totalReturn, turnoverRatio, YEAR_MS } from "./returns.ts";
import { finite, kurtosis, mean, type Series, skewness, stdev } from "./series.ts";
import {
  minimumTrackRecord,
  probabilisticSharpe,
  sharpeMoments,
  sharpeStandardError,
} from "./sharpe-inference.ts";
import { checkTrades, expectancy, hitRate, profitFactor, type TradeTotals } from "./trade-figures.ts";

/** The figures {@link performance} computes, in the order of its record. */
export const PERFORMANCE_FIGURES = [
  "totalReturn",
  "cagr",
  "volatility",
  "sharpe",
  "sharpeStandardError",
  "probabilisticSharpe",
  "minimumTrackRecord",
  "sortino",
  "calmar",
  "maxDrawdown",
  "maxDrawdownAbsolute",
  "maxDrawdownDurationMs",
  "longestDrawdownMs",
  "ulcerIndex",
  "tailRatio",
  "skewness",
  "kurtosis",
  "bestPeriod",
  "worstPeriod",
  "positivePeriods",
  "trades",
  "hitRate",
  "profitFactor",
  "expectancy",
  "exposure",
  "turnover",
  "turnoverPerYear",
  "periods",
  "periodsPerYear",
  "years",
] as const;

/** The name of one figure. */
export type PerformanceFigure = (typeof PERFORMANCE_FIGURES)[number];

/**
 * Figures by name; null where a figure has no value (one sample, no variance, no trades).
 *
 * @invariant Every value is null or finite; JSON-safe.
 */
export type Performance = Readonly<Record<PerformanceFigure, number | null>>;

/** What {@link performance} measures. */
export interface PerformanceInput {
  /** Epoch milliseconds of the samples, strictly rising and meant to be evenly spaced. */
  readonly ms: Series;
  /** Equity at each sample, in the reporting currency. */
  readonly equity: Series;
  /** Gross exposure at each sample, in the reporting currency. */
  readonly exposure?: Series;
  /** How many of these samples make a year: `periodsPerYear` and `inferSampling` compute it. */
  readonly periodsPerYear: number;
  /** The rate to beat, as a share per year; 0 unless given. */
  readonly riskFree?: number;
  /** Closed trades, amounts in the reporting currency. */
  readonly trades?: TradeTotals | null;
  /** Notional traded over the run, in the reporting currency. */
  readonly turnover?: number | null;
}

/**
 * Every performance figure of a run from its samples and totals, as one flat record. The formulas and units
 * of each stand in the room's README.
 *
 * @invariant No figure is NaN or infinite: what cannot be computed is null.
 * @throws `FAULT_CONFIG` naming an option; `FAULT_INPUT` where series differ in length, times do not rise or
 * a value is not finite.
 * @cost O(n log n) for n samples (the tail ratio sorts); once a run.
 * @example
 * ```ts
 * import { performance } from "tickwright/stat";
 * const day = 86_400_000;
 * const figures = performance({ ms: [0, day, 2 * day], equity: [100, 110, 99], periodsPerYear: 252 });
 * figures.maxDrawdown; // => 0.1
 * figures.hitRate; // => null
 * ```
 */
export function performance(input: PerformanceInput): Performance {
  checkInput(input);
  const { ms, equity, periodsPerYear } = input;
  const options = { periodsPerYear, riskFree: input.riskFree ?? 0 };
  const returns = simpleReturns(equity) ?? new Float64Array(0);
  const years = ms.length < 2 ? null : ((ms[ms.length - 1] as number) - (ms[0] as number)) / YEAR_MS;
  const total = totalReturn(equity);
  const growth = total === null || years === null ? null : cagr(total, years);
  const fall = equity.length < 2 ? null : maxDrawdown(ms, equity);
  const turnover = turnoverOf(input);
  return {
    totalReturn: total,
    cagr: growth,
    volatility: volatility(returns, periodsPerYear),
    sharpe: sharpe(returns, options),
    ...inference(returns, perPeriod(options), periodsPerYear),
    sortino: sortino(returns, options),
    calmar: calmar(growth, fall?.relative ?? null),
    maxDrawdown: finite(fall?.relative ?? Number.NaN),
    maxDrawdownAbsolute: finite(fall?.absolute ?? Number.NaN),
    maxDrawdownDurationMs: fall?.durationMs ?? null,
    longestDrawdownMs: fall?.longestMs ?? null,
    ulcerIndex: equity.length < 2 ? null : ulcerIndex(equity),
    tailRatio: tailRatio(returns),
    ...shape(returns),
    ...tradeFigures(input.trades ?? null),
    exposure: input.exposure === undefined ? null : timeInvested(ms, input.exposure),
    turnover,
    turnoverPerYear: turnover === null || years === null ? null : perYear(turnover, years),
    periods: Math.max(equity.length - 1, 0),
    periodsPerYear,
    years,
  };
}

/**
 * The share of time with a gross exposure above 0: each sample holds until the next. Null below two samples.
 *
 * @throws `FAULT_INPUT` where lengths differ, times do not rise or a value is not finite.
 */
export function timeInvested(ms: Series, exposure: Series): number | null {
  checkPairs(ms, exposure);
  if (ms.length < 2) return null;
  let invested = 0;
  for (let i = 0; i + 1 < ms.length; i++) {
    if ((exposure[i] as number) > 0) invested += (ms[i + 1] as number) - (ms[i] as number);
  }
  return finite(invested / ((ms[ms.length - 1] as number) - (ms[0] as number)));
}

type Some<Name extends PerformanceFigure> = Pick<Performance, Name>;

function inference(
  returns: Series,
  rate: number,
  periodsPerYear: number,
): Some<"sharpeStandardError" | "probabilisticSharpe" | "minimumTrackRecord"> {
  const moments = sharpeMoments(returns, rate);
  const error = moments === null ? null : sharpeStandardError(returns, rate);
  return {
    sharpeStandardError: error === null ? null : finite(error * Math.sqrt(periodsPerYear)),
    probabilisticSharpe: moments === null ? null : probabilisticSharpe(moments),
    minimumTrackRecord: moments === null ? null : minimumTrackRecord(moments),
  };
}

function shape(
  returns: Float64Array,
): Some<"skewness" | "kurtosis" | "bestPeriod" | "worstPeriod" | "positivePeriods"> {
  const varies = (stdev(returns) ?? 0) > NO_SPREAD;
  let [best, worst, positive] = [-Infinity, Infinity, 0];
  for (const value of returns) {
    best = Math.max(best, value);
    worst = Math.min(worst, value);
    if (value > 0) positive += 1;
  }
  return {
    skewness: varies ? skewness(returns) : null,
    kurtosis: varies ? kurtosis(returns) : null,
    bestPeriod: finite(best),
    worstPeriod: finite(worst),
    positivePeriods: returns.length === 0 ? null : positive / returns.length,
  };
}

function tradeFigures(
  trades: TradeTotals | null,
): Some<"trades" | "hitRate" | "profitFactor" | "expectancy"> {
  return {
    trades: trades?.count ?? null,
    hitRate: trades === null ? null : hitRate(trades),
    profitFactor: trades === null ? null : profitFactor(trades),
    expectancy: trades === null ? null : expectancy(trades),
  };
}

function turnoverOf(input: PerformanceInput): number | null {
  const middle = mean(input.equity);
  const notional = input.turnover ?? null;
  return notional === null || middle === null ? null : turnoverRatio(notional, middle);
}

/** As with growth, below 30 days a rate per year would be noise. */
function perYear(value: number, years: number): number | null {
  return cagr(0, years) === null ? null : finite(value / years);
}

function checkInput(input: PerformanceInput): void {
  checkKeys("performance", input, [
    "ms",
    "equity",
    "exposure",
    "periodsPerYear",
    "riskFree",
    "trades",
    "turnover",
  ]);
  checkPairs(input.ms, input.equity);
  checkPositive("performance.periodsPerYear", input.periodsPerYear);
  checkNumber("performance.riskFree", input.riskFree ?? 0);
  if (input.exposure !== undefined && input.exposure.length !== input.ms.length) {
    throw new Fault("FAULT_INPUT", {
      path: "exposure.length",
      value: input.exposure.length,
      expected: `as many samples as times (${input.ms.length})`,
    });
  }
  if (input.trades !== undefined && input.trades !== null) checkTrades(input.trades);
  if (input.turnover !== undefined && input.turnover !== null) {
    checkNumber("performance.turnover", input.turnover, 0);
  }
}
