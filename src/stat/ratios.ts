import { checkKeys, checkNumber, checkPositive } from "../base/index.ts";
import { finite, mean, quantileSorted, type Series, stdev, sum } from "./series.ts";

/**
 * A spread of returns up to this size is the rounding of quotients near 1, not risk: ratios over it are
 * absent.
 */
export const NO_SPREAD = 1e-14;

/** How returns are scaled to a year. */
export interface RatioOptions {
  /** Returns a year: 252 for daily bars of exchange sessions, 1 for figures per period. */
  readonly periodsPerYear: number;
  /** The rate to beat, as a share per year; each period bears `riskFree / periodsPerYear`. 0 unless given. */
  readonly riskFree?: number;
}

/**
 * The Sharpe ratio `sqrt(A) * mean(r - rf) / stdev(r - rf)`, with n - 1 in the deviation. Null below two
 * returns and where they do not vary.
 *
 * @units per year (A = `periodsPerYear`)
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` where a return is not finite.
 * @source W. F. Sharpe, The Sharpe Ratio, Journal of Portfolio Management, 1994
 * @example
 * ```ts
 * import { sharpe } from "tickwright/stat";
 * sharpe([0.01, 0.02, 0.03], { periodsPerYear: 1 }); // => 2
 * sharpe([0.01, 0.01, 0.01], { periodsPerYear: 1 }); // => null
 * ```
 */
export function sharpe(returns: Series, options: RatioOptions): number | null {
  const rate = perPeriod(options);
  return over(excess(returns, rate), stdev(returns), options.periodsPerYear);
}

/**
 * The Sortino ratio `sqrt(A) * mean(r - rf) / downside`, with `downside = sqrt(mean(min(r - rf, 0)^2))` over
 * all n returns, not over the negative ones alone. Null without returns and where none falls short.
 *
 * @units per year (A = `periodsPerYear`)
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` where a return is not finite.
 * @source Sortino and van der Meer, Downside Risk, Journal of Portfolio Management, 1991
 */
export function sortino(returns: Series, options: RatioOptions): number | null {
  const rate = perPeriod(options);
  return over(excess(returns, rate), downsideDeviation(returns, rate), options.periodsPerYear);
}

/**
 * The root mean square of the shortfalls `min(r - target, 0)` over all n returns; null without returns.
 *
 * @units per period, as the returns and the target are
 */
export function downsideDeviation(returns: Series, target = 0): number | null {
  checkNumber("target", target);
  if (mean(returns) === null) return null;
  let total = 0;
  for (let i = 0; i < returns.length; i++) {
    const short = Math.min((returns[i] as number) - target, 0);
    total += short * short;
  }
  return finite(Math.sqrt(total / returns.length));
}

/** The deviation of returns scaled to a year, `sqrt(A) * stdev(r)`; null below two returns. */
export function volatility(returns: Series, periodsPerYear: number): number | null {
  checkPositive("periodsPerYear", periodsPerYear);
  const spread = stdev(returns);
  return spread === null ? null : finite(Math.sqrt(periodsPerYear) * spread);
}

/** Annual growth over the largest relative drawdown; null where either is absent or nothing was lost. */
export function calmar(annualGrowth: number | null, maxDrawdown: number | null): number | null {
  if (annualGrowth === null || maxDrawdown === null || maxDrawdown <= NO_SPREAD) return null;
  return finite(annualGrowth / maxDrawdown);
}

/**
 * The size of the 95 % quantile of returns over that of the 5 % quantile, both interpolated linearly: above 1
 * the good tail reaches further. Null below two returns or where the lower quantile is 0.
 */
export function tailRatio(returns: Series): number | null {
  sum(returns);
  if (returns.length < 2) return null;
  const sorted = Float64Array.from(returns).sort();
  const low = Math.abs(quantileSorted(sorted, 0.05) ?? 0);
  return low <= NO_SPREAD ? null : finite(Math.abs(quantileSorted(sorted, 0.95) ?? 0) / low);
}

/** Checks the options and gives the rate of one period. */
export function perPeriod(options: RatioOptions): number {
  checkKeys("options", options, ["periodsPerYear", "riskFree"]);
  const periods = checkPositive("options.periodsPerYear", options.periodsPerYear);
  return checkNumber("options.riskFree", options.riskFree ?? 0) / periods;
}

function excess(returns: Series, rate: number): number | null {
  const center = mean(returns);
  return center === null ? null : center - rate;
}

function over(gain: number | null, risk: number | null, periodsPerYear: number): number | null {
  if (gain === null || risk === null || risk <= NO_SPREAD) return null;
  return finite((Math.sqrt(periodsPerYear) * gain) / risk);
}
