import { checkNumber, powReal } from "../base/index.ts";
import { checkSeries, finite, type Series } from "./series.ts";

/** The mean Gregorian year, in milliseconds: what elapsed time is annualized by. */
export const YEAR_MS = 31_557_600_000;

/** The shortest span that {@link cagr} scales up to a year, in years (30 days). */
export const LEAST_YEARS = 30 / 365.25;

/**
 * The simple returns `e[i] / e[i-1] - 1` of an equity series; empty below two samples. Null where an equity
 * that a return is measured from is not above 0: there is no rate of return on nothing or on a debt.
 *
 * @shape n samples give n - 1 returns
 * @throws `FAULT_INPUT` where a value is not finite.
 */
export function simpleReturns(equity: Series): Float64Array | null {
  return changes(equity, (now, before) => now / before - 1, true);
}

/**
 * The logarithmic returns `ln(e[i] / e[i-1])` of an equity series; empty below two samples, null where any
 * equity is not above 0.
 *
 * @shape n samples give n - 1 returns
 * @throws `FAULT_INPUT` where a value is not finite.
 */
export function logReturns(equity: Series): Float64Array | null {
  return changes(equity, (now, before) => Math.log(now / before), false);
}

/** Last over first equity less 1; null below two samples or where the first is not above 0. */
export function totalReturn(equity: Series): number | null {
  checkSeries("equity", equity);
  const first = equity[0];
  if (equity.length < 2 || first === undefined || first <= 0) return null;
  return finite((equity[equity.length - 1] as number) / first - 1);
}

/**
 * The compound annual growth rate `(1 + totalReturn)^(1 / years) - 1`. Null below 30 days, where scaling up
 * to a year would only magnify noise, and where more than everything was lost.
 *
 * @units both are shares: 0.05 is 5 %
 * @throws `FAULT_CONFIG` when the years are not a number of at least 0.
 */
export function cagr(totalReturn: number, years: number): number | null {
  checkNumber("totalReturn", totalReturn);
  checkNumber("years", years, 0);
  if (years < LEAST_YEARS || totalReturn < -1) return null;
  return finite(powReal(1 + totalReturn, 1 / years) - 1);
}

/** Traded notional over the mean equity, as a multiple; null where that mean is not above 0. */
export function turnoverRatio(notional: number, meanEquity: number): number | null {
  checkNumber("notional", notional, 0);
  return meanEquity > 0 ? finite(notional / meanEquity) : null;
}

type Change = (now: number, before: number) => number;

function changes(equity: Series, change: Change, lastMayBeNegative: boolean): Float64Array | null {
  checkSeries("equity", equity);
  const count = Math.max(equity.length - 1, 0);
  const result = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const before = equity[i] as number;
    const now = equity[i + 1] as number;
    if (before <= 0 || (now <= 0 && !lastMayBeNegative)) return null;
    result[i] = change(now, before);
    if (!Number.isFinite(result[i])) return null;
  }
  return result;
}
