import { checkInteger, checkKeys, checkNumber, checkPositive, Fault } from "../base/index.ts";
import { normalQuantile } from "./normal.ts";
import { finite, type Series, stdev } from "./series.ts";
import { probabilisticSharpe, type SharpeMoments } from "./sharpe-inference.ts";

const EULER_GAMMA = 0.5772156649015329;

/** How much was tried before the best was chosen: what a Sharpe ratio is deflated by. */
export interface SharpeTrials {
  /** How many independent trials; not whole where it is an estimate ({@link effectiveTrials}). At least 1. */
  readonly count: number;
  /** The variance of the trials' Sharpe ratios, per period as they are. */
  readonly variance: number;
}

/** A Sharpe ratio judged against the best of as many trials without skill. */
export interface DeflatedSharpe {
  /** The probability that the true ratio is above `benchmark`: accepted where it is above a confidence. */
  readonly probability: number;
  /** The ratio per period that the best of the trials has by chance. */
  readonly benchmark: number;
}

/** What the ratio of a record is tested with: see {@link sharpeHurdle} and {@link sharpePower}. */
export interface SharpeTest extends Partial<Pick<SharpeMoments, "skewness" | "kurtosis">> {
  /** How many returns. */
  readonly count: number;
  /** The ratio per period that the true one has to be above; 0 unless given. */
  readonly benchmark?: number;
  /** 0.95 unless given. */
  readonly confidence?: number;
}

/**
 * The trials of a search from the Sharpe ratios of its points: how many they are, or how many they are worth
 * where `effective` says so, and their variance with n - 1. Null below two ratios.
 *
 * @units ratios per period, every one that was looked at, the bad ones too
 * @throws `FAULT_INPUT` where a ratio is not finite; `FAULT_CONFIG` unless `effective` is at least 1
 * @cost O(n)
 * @example
 * ```ts
 * import { sharpeTrials } from "tickwright/stat";
 * sharpeTrials([0.25, 0.5, 0.75]); // => { count: 3, variance: 0.0625 }
 * ```
 */
export function sharpeTrials(sharpes: Series, effective: number = sharpes.length): SharpeTrials | null {
  const spread = stdev(sharpes);
  if (spread === null) return null;
  return { count: checkNumber("effective", effective, 1), variance: spread * spread };
}

/**
 * The Sharpe ratio that the best of `count` trials without skill is expected to show:
 * `sqrt(V) * ((1 - g) * z(1 - 1/N) + g * z(1 - 1/(N e)))` with Euler's constant g, and at least 0 (the
 * approximation falls below only where N is under 2).
 *
 * @units as the root of the variance: per period for ratios per period
 * @invariant Rises with the count and with the variance; 0 for one trial.
 * @throws `FAULT_CONFIG` on a count below 1 or a variance below 0
 * @cost Two normal quantiles.
 * @source Bailey and Lopez de Prado, The Deflated Sharpe Ratio, Journal of Portfolio Management, 2014, eq. 1
 * @example
 * ```ts
 * import { expectedMaximumSharpe } from "tickwright/stat";
 * expectedMaximumSharpe({ count: 1, variance: 0.5 }); // => 0
 * expectedMaximumSharpe({ count: 10, variance: 1 }).toFixed(2); // => "1.57"
 * ```
 */
export function expectedMaximumSharpe(trials: SharpeTrials): number {
  checkKeys("trials", trials, ["count", "variance"]);
  const count = checkNumber("trials.count", trials.count, 1);
  const variance = checkNumber("trials.variance", trials.variance, 0);
  return Math.sqrt(variance) * expectedMaximum(count);
}

/**
 * The probability that a chosen strategy's true Sharpe ratio is above what the best of all trials shows by
 * chance: {@link probabilisticSharpe} against {@link expectedMaximumSharpe}. Null where the moments
 * contradict one another.
 *
 * @units ratios per period, in the moments and in the variance of the trials
 * @invariant Falls as trials are added, and as their variance grows; with one trial it is the probabilistic
 * Sharpe ratio against 0. Of noise, at most a share of 1 - confidence is above the confidence.
 * @throws `FAULT_CONFIG` naming the figure that is none
 * @cost Two normal quantiles and one distribution.
 * @source Bailey and Lopez de Prado, The Deflated Sharpe Ratio, Journal of Portfolio Management, 2014, eq. 2
 * @example
 * ```ts
 * import { deflatedSharpe } from "tickwright/stat";
 * // The paper's: 5 years of days at 2.5 a year, 100 trials with a variance of 0.5 a year.
 * const moments = { sharpe: 2.5 / Math.sqrt(250), count: 1_250, skewness: -3, kurtosis: 10 };
 * deflatedSharpe(moments, { count: 100, variance: 0.5 / 250 })?.probability.toFixed(4); // => "0.9004"
 * ```
 */
export function deflatedSharpe(moments: SharpeMoments, trials: SharpeTrials): DeflatedSharpe | null {
  const benchmark = expectedMaximumSharpe(trials);
  const probability = probabilisticSharpe(moments, benchmark);
  return probability === null ? null : { probability, benchmark };
}

/**
 * The smallest Sharpe ratio whose probability of being above the benchmark reaches the confidence: where
 * {@link probabilisticSharpe} equals it. Null where no ratio does (few returns with fat tails).
 *
 * @units ratios per period
 * @invariant `probabilisticSharpe` at the hurdle, with the same skewness and kurtosis, is the confidence.
 * @throws `FAULT_CONFIG` unless the confidence is within 0.5 and 1, ends excluded
 * @cost One normal quantile and a root.
 * @source Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk, 2012 (solved for SR)
 * @example
 * ```ts
 * import { sharpeHurdle } from "tickwright/stat";
 * sharpeHurdle({ count: 1_250 })?.toFixed(4); // => "0.0466"
 * ```
 */
export function sharpeHurdle(test: SharpeTest): number | null {
  const { count, benchmark, skewness, kurtosis, confidence } = checkedTest(test);
  const z = normalQuantile(confidence);
  const square = z * z;
  const a = count - 1 - (square * (kurtosis - 1)) / 4;
  const b = square * skewness - 2 * benchmark * (count - 1);
  const c = benchmark * benchmark * (count - 1) - square;
  const root = b * b - 4 * a * c;
  if (a <= 0 || root < 0) return null;
  return finite((-b + Math.sqrt(root)) / (2 * a));
}

/**
 * The probability that a strategy of a known Sharpe ratio passes the test: its record's ratio is normal
 * around the true one with variance `(1 - g3 SR + (g4 - 1) / 4 SR^2) / (n - 1)`, and has to be above
 * {@link sharpeHurdle}. Null where there is no hurdle or the moments contradict one another.
 *
 * @units ratios per period; skewness 0 and kurtosis 3 unless given
 * @invariant Rises with the true ratio and falls with the benchmark. At a true ratio equal to the benchmark it is near
 * 1 - confidence; only near, because the variance at the hurdle is not that at the benchmark.
 * @throws `FAULT_CONFIG` as {@link sharpeHurdle}
 * @cost As {@link sharpeHurdle}, and one normal distribution.
 * @source Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk, 2012, eq. 9 (the
 * ratio's distribution)
 * @example
 * ```ts
 * import { expectedMaximumSharpe, sharpePower } from "tickwright/stat";
 * // 1,000 trials of noise over 1,250 days: an edge of 2 a year is found in 33 of 100 sweeps.
 * const benchmark = expectedMaximumSharpe({ count: 1_000, variance: 1 / 1_250 });
 * sharpePower(2 / Math.sqrt(250), { count: 1_250, benchmark })?.toFixed(2); // => "0.33"
 * ```
 */
export function sharpePower(trueSharpe: number, test: SharpeTest): number | null {
  checkNumber("trueSharpe", trueSharpe);
  const hurdle = sharpeHurdle(test);
  if (hurdle === null) return null;
  const { count, skewness, kurtosis } = checkedTest(test);
  return probabilisticSharpe({ sharpe: trueSharpe, count, skewness, kurtosis }, hurdle);
}

/**
 * The shortest backtest, in years, for which the best of N trials without skill is not expected to show a
 * given Sharpe ratio: `(expected maximum of N standard normals / SR)^2`.
 *
 * @units years for a ratio per year; in general periods of the ratio
 * @invariant Rises with the trials; {@link mostTrials} inverts it.
 * @throws `FAULT_CONFIG` on a count below 1 or a ratio not above 0
 * @cost Two normal quantiles.
 * @source Bailey, Borwein, Lopez de Prado and Zhu, Pseudo-Mathematics and Financial Charlatanism, Notices of
 * the AMS, 2014, theorem 2 (45 trials take 5 years for a ratio of 1)
 * @example
 * ```ts
 * import { minimumBacktestLength } from "tickwright/stat";
 * minimumBacktestLength(45, 1).toFixed(2); // => "5.00"
 * ```
 */
export function minimumBacktestLength(trials: number, sharpe: number): number {
  const most = expectedMaximum(checkNumber("trials", trials, 1));
  const ratio = most / checkPositive("sharpe", sharpe);
  return ratio * ratio;
}

/**
 * How many trials a backtest of a length bears: the most for which {@link minimumBacktestLength} is not
 * longer. 2^53 - 1 where it bears as many.
 *
 * @units `periods` in the period of the ratio: years for a ratio per year
 * @invariant At least 1; one more trial asks for more than the length.
 * @throws `FAULT_CONFIG` unless both are above 0
 * @cost About 100 normal quantiles.
 * @source As {@link minimumBacktestLength}
 * @example
 * ```ts
 * import { mostTrials } from "tickwright/stat";
 * mostTrials(5, 1); // => 45
 * ```
 */
export function mostTrials(periods: number, sharpe: number): number {
  checkPositive("periods", periods);
  let low = 1;
  let high = Number.MAX_SAFE_INTEGER;
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (minimumBacktestLength(middle, sharpe) <= periods) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The expected largest of `count` standard normal draws, by the first two terms of extreme value theory. */
function expectedMaximum(count: number): number {
  if (count === 1) return 0;
  // The quantile of 1 - p is minus that of p, which loses no digits to the subtraction.
  const near = -normalQuantile(1 / count);
  const far = -normalQuantile(1 / (count * Math.E));
  return Math.max(0, (1 - EULER_GAMMA) * near + EULER_GAMMA * far);
}

function checkedTest(test: SharpeTest): Required<SharpeTest> {
  checkKeys("test", test, ["count", "benchmark", "skewness", "kurtosis", "confidence"]);
  const confidence = test.confidence ?? 0.95;
  if (!(confidence > 0.5 && confidence < 1)) {
    const expected = "above 0.5, below 1";
    throw new Fault("FAULT_CONFIG", { path: "test.confidence", value: confidence, expected });
  }
  return {
    count: checkInteger("test.count", test.count, 2),
    benchmark: checkNumber("test.benchmark", test.benchmark ?? 0),
    skewness: checkNumber("test.skewness", test.skewness ?? 0),
    kurtosis: checkNumber("test.kurtosis", test.kurtosis ?? 3),
    confidence,
  };
}
