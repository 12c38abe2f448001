import { checkChoice, checkNumber, Fault } from "../base/index.ts";

/** A sequence of finite numbers: an array or a typed array. */
export type Series = ArrayLike<number>;

/**
 * The sum of a series with Neumaier's compensation: the rounding of every addition is kept and added at the
 * end. 0 for an empty series.
 *
 * @throws `FAULT_INPUT` where a value is not finite, naming its index.
 * @cost O(n), no allocation.
 * @source A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974
 * @example
 * ```ts
 * import { sum } from "tickwright/stat";
 * sum([1e100, 1, -1e100]); // => 1
 * ```
 */
export function sum(values: Series): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const next = total + value;
    if (Math.abs(total) >= Math.abs(value)) lost += total - next + value;
    else lost += value - next + total;
    total = next;
  }
  const result = total + lost;
  if (!Number.isFinite(result)) checkSeries("values", values);
  return result;
}

/** The arithmetic mean; null for an empty series. @throws as {@link sum} */
export function mean(values: Series): number | null {
  return values.length === 0 ? null : finite(sum(values) / values.length);
}

/**
 * The sample standard deviation, with n - 1 in the denominator; null below two values. Equal values give
 * exactly 0, whatever their mean rounds to.
 *
 * @throws as {@link sum}
 * @cost O(n), two passes, no allocation.
 */
export function stdev(values: Series): number | null {
  const count = values.length;
  const center = mean(values);
  if (count < 2 || center === null) return null;
  if (isConstant(values)) return 0;
  return finite(Math.sqrt(centralSum(values, center, 2) / (count - 1)));
}

/**
 * The skewness `m3 / m2^1.5` over central moments with n in the denominator (the population form, g1): 0 for
 * a symmetric series. Null below two values and where they are all equal.
 *
 * @throws as {@link sum}
 */
export function skewness(values: Series): number | null {
  const center = mean(values);
  if (values.length < 2 || center === null || isConstant(values)) return null;
  const second = centralSum(values, center, 2) / values.length;
  return finite(centralSum(values, center, 3) / values.length / (second * Math.sqrt(second)));
}

/**
 * The kurtosis `m4 / m2^2` over central moments with n in the denominator (the population form, not the
 * excess): 3 for a normal distribution. Null below two values and where they are all equal.
 *
 * @throws as {@link sum}
 */
export function kurtosis(values: Series): number | null {
  const center = mean(values);
  if (values.length < 2 || center === null || isConstant(values)) return null;
  const second = centralSum(values, center, 2) / values.length;
  return finite(centralSum(values, center, 4) / values.length / (second * second));
}

/** How a quantile that falls between two sorted values is settled. */
export const QUANTILE_RULES = ["linear", "nearestRank", "medianUnbiased"] as const;

/**
 * The rule of a quantile. `linear` interpolates at rank `1 + (n - 1) q` (Hyndman and Fan's type 7, numpy's
 * default); `nearestRank` takes the value of rank `ceil(n q)` (type 1: always one of the values);
 * `medianUnbiased` interpolates at rank `(n + 1/3) q + 1/3` (type 8).
 */
export type QuantileRule = (typeof QUANTILE_RULES)[number];

/**
 * The value below which a share `q` of the series lies, by a named rule; null for an empty series.
 *
 * @units `q` is a share within 0 and 1
 * @throws `FAULT_CONFIG` when `q` is not within 0 and 1 or the rule is none; `FAULT_INPUT` where a value is
 * not finite.
 * @cost O(n log n); sorts a copy. {@link quantileSorted} reads a sorted series without copying.
 * @source Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996
 * @example
 * ```ts
 * import { quantile } from "tickwright/stat";
 * quantile([4, 1, 3, 2], 0.5); // => 2.5
 * quantile([4, 1, 3, 2], 0.5, "nearestRank"); // => 2
 * ```
 */
export function quantile(values: Series, q: number, rule: QuantileRule = "linear"): number | null {
  checkSeries("values", values);
  return quantileSorted(Float64Array.from(values).sort(), q, rule);
}

/**
 * {@link quantile} of a series already in rising order, which is not checked.
 *
 * @throws `FAULT_CONFIG` when `q` is not within 0 and 1 or the rule is none.
 * @cost O(1), no allocation.
 */
export function quantileSorted(sorted: Series, q: number, rule: QuantileRule = "linear"): number | null {
  checkNumber("q", q, 0, 1);
  checkChoice("rule", rule, QUANTILE_RULES);
  const count = sorted.length;
  if (count === 0) return null;
  const rank = rankOf(count, q, rule);
  const low = Math.min(Math.max(Math.floor(rank), 1), count);
  const part = rank <= 1 || rank >= count ? 0 : rank - low;
  const below = sorted[low - 1] as number;
  if (part === 0) return below;
  const above = sorted[low] as number;
  return finite(below + part * (above - below));
}

/** Throws `FAULT_INPUT` naming the first value that is not a finite number. */
export function checkSeries(path: string, values: Series): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new Fault("FAULT_INPUT", { path: `${path}[${i}]`, value: values[i], expected: "a finite number" });
  }
}

/** The value where it is finite, else null: an overflow is an absent figure. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}

/**
 * The rank `ceil(count * q)` from 1 to `count`; a product such as 0.07 * 100 that misses a whole number by
 * rounding counts as whole.
 */
export function nearestRank(count: number, q: number): number {
  const rank = count * q;
  const near = Math.round(rank);
  return Math.max(1, Math.abs(rank - near) <= 1e-9 * Math.max(1, near) ? near : Math.ceil(rank));
}

function rankOf(count: number, q: number, rule: QuantileRule): number {
  if (rule === "linear") return 1 + (count - 1) * q;
  return rule === "nearestRank" ? nearestRank(count, q) : (count + 1 / 3) * q + 1 / 3;
}

function isConstant(values: Series): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

function centralSum(values: Series, center: number, order: 2 | 3 | 4): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const gap = (values[i] as number) - center;
    const square = gap * gap;
    total += order === 2 ? square : order === 3 ? square * gap : square * square;
  }
  return total;
}
