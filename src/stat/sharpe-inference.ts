import { checkInteger, checkNumber, checkPositive, Fault, powReal } from "../base/index.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { NO_SPREAD } from "./ratios.ts";
import { finite, kurtosis, mean, type Series, skewness, stdev } from "./series.ts";

/** What the uncertainty of a Sharpe ratio depends on. Ratios are per period, never annualized. */
export interface SharpeMoments {
  /** The ratio per period. */
  readonly sharpe: number;
  /** How many returns it was taken from. */
  readonly count: number;
  /** 0 for a normal distribution. */
  readonly skewness: number;
  /** 3 for a normal distribution: not the excess. */
  readonly kurtosis: number;
}

/**
 * The moments of a series of returns above a rate per period; null below two returns and where they do not
 * vary.
 */
export function sharpeMoments(returns: Series, ratePerPeriod = 0): SharpeMoments | null {
  checkNumber("ratePerPeriod", ratePerPeriod);
  const center = mean(returns);
  const spread = stdev(returns);
  const skew = skewness(returns);
  const tails = kurtosis(returns);
  if (center === null || spread === null || spread <= NO_SPREAD || skew === null || tails === null) {
    return null;
  }
  const ratio = (center - ratePerPeriod) / spread;
  return { sharpe: ratio, count: returns.length, skewness: skew, kurtosis: tails };
}

/**
 * The probability that the true Sharpe ratio is above a benchmark:
 * `Phi((SR - SR*) * sqrt(n - 1) / sqrt(1 - g3 * SR + (g4 - 1) / 4 * SR^2))`. Null where the moments
 * contradict one another (the root would be of nothing).
 *
 * @units the benchmark is a ratio per period, as `moments.sharpe` is
 * @source Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk, 2012
 * @example
 * ```ts
 * import { probabilisticSharpe } from "tickwright/stat";
 * probabilisticSharpe({ sharpe: 0, count: 100, skewness: 0, kurtosis: 3 }); // => 0.5
 * ```
 */
export function probabilisticSharpe(moments: SharpeMoments, benchmark = 0): number | null {
  checkNumber("benchmark", benchmark);
  checkInteger("moments.count", moments.count, 2);
  const variance = varianceFactor(moments);
  if (variance === null) return null;
  return normalCdf(((moments.sharpe - benchmark) * Math.sqrt(moments.count - 1)) / Math.sqrt(variance));
}

/**
 * How many returns it takes to say with a confidence that the true Sharpe ratio is above a benchmark:
 * `1 + (1 - g3 * SR + (g4 - 1) / 4 * SR^2) * (z / (SR - SR*))^2`, not rounded. Null where the ratio is not
 * above the benchmark: no record is long enough.
 *
 * @units a number of returns; the benchmark is a ratio per period
 * @throws `FAULT_CONFIG` unless the confidence is within 0.5 and 1, ends excluded.
 * @source Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk, 2012
 */
export function minimumTrackRecord(
  moments: Omit<SharpeMoments, "count">,
  benchmark = 0,
  confidence = 0.95,
): number | null {
  checkNumber("benchmark", benchmark);
  if (!(confidence > 0.5 && confidence < 1)) {
    throw new Fault("FAULT_CONFIG", {
      path: "confidence",
      value: confidence,
      expected: "above 0.5, below 1",
    });
  }
  const variance = varianceFactor(moments);
  const lead = moments.sharpe - benchmark;
  if (variance === null || lead <= 0) return null;
  const step = normalQuantile(confidence) / lead;
  return finite(1 + variance * step * step);
}

/**
 * The autocorrelations of a series at lags 1 to `most`, as covariance over n divided by the variance over n;
 * null below two values and where they do not vary.
 *
 * @shape `most` values; lags of n and more are 0
 * @cost O(n * most)
 */
export function autocorrelations(values: Series, most: number): Float64Array | null {
  checkInteger("most", most, 1);
  const center = mean(values);
  const spread = stdev(values);
  if (center === null || spread === null || spread <= NO_SPREAD) return null;
  const whole = covariance(values, center, 0);
  return Float64Array.from({ length: most }, (_, i) => covariance(values, center, i + 1) / whole);
}

/**
 * The factor that takes a Sharpe ratio of one period to one of `q` periods when returns are correlated in
 * time: `q / sqrt(q + 2 * sum((q - k) * rho_k))` over lags k below q; `sqrt(q)` without correlation. Null
 * where the correlations given leave no variance.
 *
 * @source A. W. Lo, The Statistics of Sharpe Ratios, Financial Analysts Journal, 2002, eq. 20
 */
export function sharpeScale(q: number, correlations: Series): number | null {
  checkPositive("q", q);
  let total = q;
  for (let i = 0; i < correlations.length && i + 1 < q; i++) {
    total += 2 * (q - i - 1) * (correlations[i] as number);
  }
  return total <= NO_SPREAD ? null : finite(q / Math.sqrt(total));
}

/**
 * The standard error of the Sharpe ratio per period, allowing for skewness, fat tails and correlation in
 * time: the delta method over a Newey-West long-run variance with Bartlett weights. With 0 lags it is
 * `sqrt((1 - g3 * SR + (g4 - 1) / 4 * SR^2) / n)`. Null below two returns and where they do not vary.
 *
 * @param lags - lags of correlation allowed for; `floor(4 * (n / 100)^(2/9))` unless given.
 * @units per period; times sqrt(A) per year
 * @cost O(n * lags)
 * @source A. W. Lo, The Statistics of Sharpe Ratios, Financial Analysts Journal, 2002, appendix A;
 * Newey and West, 1987 (weights) and 1994 (number of lags)
 */
export function sharpeStandardError(returns: Series, ratePerPeriod = 0, lags?: number): number | null {
  checkNumber("ratePerPeriod", ratePerPeriod);
  const count = returns.length;
  const most = checkInteger("lags", lags ?? Math.floor(4 * powReal(Math.max(count, 1) / 100, 2 / 9)), 0);
  const center = mean(returns);
  const sample = stdev(returns);
  if (center === null || sample === null || sample <= NO_SPREAD) return null;
  const spread = sample * Math.sqrt((count - 1) / count);
  const ratio = (center - ratePerPeriod) / spread;
  const influence = Float64Array.from(returns, (value) => {
    const score = (value - center) / spread;
    return score - (ratio / 2) * (score * score - 1);
  });
  let variance = covariance(influence, 0, 0);
  for (let lag = 1; lag <= most && lag < count; lag++) {
    variance += 2 * (1 - lag / (most + 1)) * covariance(influence, 0, lag);
  }
  return variance > 0 ? finite(Math.sqrt(variance / count)) : null;
}

function varianceFactor(moments: Omit<SharpeMoments, "count">): number | null {
  const ratio = checkNumber("moments.sharpe", moments.sharpe);
  const skew = checkNumber("moments.skewness", moments.skewness);
  const tails = checkNumber("moments.kurtosis", moments.kurtosis);
  const factor = 1 - skew * ratio + ((tails - 1) / 4) * ratio * ratio;
  return factor > 0 ? finite(factor) : null;
}

function covariance(values: Series, center: number, lag: number): number {
  let total = 0;
  for (let i = lag; i < values.length; i++) {
    total += ((values[i] as number) - center) * ((values[i - lag] as number) - center);
  }
  return total / values.length;
}
