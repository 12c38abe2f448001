import { checkChoice, checkInteger, Fault } from "../base/index.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { checkSeries, type Series } from "./series.ts";

/**
 * How p-values are adjusted for having been one of many. `bonferroni` multiplies by their number; `sidak` is
 * `1 - (1 - p)^N`, exact for independent trials; `holm` steps down and bounds the chance of any false finding as
 * `bonferroni` does, never worse; `bhy` (Benjamini, Hochberg and Yekutieli) bounds the share of false findings under
 * any dependence.
 */
export type HaircutRule = "bonferroni" | "sidak" | "holm" | "bhy";

/** One trial's Sharpe ratio after the adjustment. */
export interface HaircutSharpe {
  /** The two-sided probability of so large a ratio by chance, of this trial alone. */
  readonly pValue: number;
  /** The same, allowing for all trials. */
  readonly adjustedPValue: number;
  /** The ratio whose own p-value is the adjusted one, with the sign of the ratio; per period. */
  readonly sharpe: number;
  /** What is taken off, as a share of the ratio, within 0 and 1; 0 for a ratio of 0. */
  readonly haircut: number;
}

/**
 * P-values adjusted for their number, in the order they were given.
 *
 * @invariant Each is at least what it was and at most 1, and the order of any two is kept; `holm` is at most
 * `bonferroni`.
 * @throws `FAULT_INPUT` naming the first that is not within 0 and 1; `FAULT_CONFIG` on an unknown rule
 * @cost O(n log n)
 * @source Holm, A simple sequentially rejective multiple test procedure, 1979; Benjamini and Yekutieli, The control of
 * the false discovery rate in multiple testing under dependency, 2001; Harvey and Liu, Backtesting, 2015
 * @example
 * ```ts
 * import { adjustedPValues } from "tickwright/stat";
 * adjustedPValues([0.25, 0.125], "holm"); // => Float64Array.of(0.25, 0.25)
 * adjustedPValues([0.25, 0.125], "bonferroni"); // => Float64Array.of(0.5, 0.25)
 * ```
 */
export function adjustedPValues(pValues: Series, rule: HaircutRule): Float64Array {
  checkChoice("rule", rule, ["bonferroni", "sidak", "holm", "bhy"]);
  for (let i = 0; i < pValues.length; i++) {
    const value = pValues[i] as number;
    if (value >= 0 && value <= 1) continue;
    throw new Fault("FAULT_INPUT", { path: `pValues[${i}]`, value, expected: "a number within 0 and 1" });
  }
  const count = pValues.length;
  if (rule === "holm") return steppedDown(pValues);
  if (rule === "bhy") return steppedUp(pValues);
  return Float64Array.from(pValues, (p) =>
    rule === "bonferroni" ? Math.min(1, p * count) : p === 1 ? 1 : -Math.expm1(count * Math.log1p(-p)),
  );
}

/**
 * The Sharpe ratios of all trials of a search, cut down for their number: a ratio becomes its t-ratio
 * `SR sqrt(n)`, that a two-sided p-value of the normal distribution, that is adjusted, and the way goes back.
 *
 * @units ratios per period; `count` is the number of returns each was taken from
 * @invariant No ratio grows or changes its sign; haircuts fall as ratios grow, rule by rule.
 * @throws `FAULT_INPUT` where a ratio is not finite; `FAULT_CONFIG` on a count below 2 or an unknown rule
 * @cost O(N log N), a distribution and a quantile for each.
 * @source Harvey and Liu, Backtesting, Journal of Portfolio Management, 2015. Theirs draws the other trials' p-values
 * from a model where they are not known; here they are the sweep's own.
 * @example
 * ```ts
 * import { haircutSharpes } from "tickwright/stat";
 * const [best] = haircutSharpes([0.2, 0.1, 0], 400, "bonferroni");
 * best?.haircut.toFixed(3); // => "0.067"
 * ```
 */
export function haircutSharpes(sharpes: Series, count: number, rule: HaircutRule): HaircutSharpe[] {
  checkSeries("sharpes", sharpes);
  const scale = Math.sqrt(checkInteger("count", count, 2));
  const pValues = Float64Array.from(sharpes, (ratio) => Math.min(1, 2 * normalCdf(-Math.abs(ratio) * scale)));
  return Array.from(adjustedPValues(pValues, rule), (adjustedPValue, i) => {
    const ratio = sharpes[i] as number;
    const size = Math.abs(ratio);
    const left = adjustedPValue > 0 ? Math.min(size, -normalQuantile(adjustedPValue / 2) / scale + 0) : size;
    const haircut = size === 0 ? 0 : 1 - left / size;
    return { pValue: pValues[i] as number, adjustedPValue, sharpe: Math.sign(ratio) * left, haircut };
  });
}

/** Holm: the k-th smallest times `n - k + 1`, never below the one before. */
function steppedDown(pValues: Series): Float64Array {
  const count = pValues.length;
  const adjusted = new Float64Array(count);
  let most = 0;
  for (const [k, at] of rising(pValues).entries()) {
    most = Math.max(most, Math.min(1, (count - k) * (pValues[at] as number)));
    adjusted[at] = most;
  }
  return adjusted;
}

/** Benjamini, Hochberg and Yekutieli: the k-th smallest times `n c / k`, never above the one after. */
function steppedUp(pValues: Series): Float64Array {
  const count = pValues.length;
  const adjusted = new Float64Array(count);
  const order = rising(pValues);
  let harmonic = 0;
  for (let k = 1; k <= count; k++) harmonic += 1 / k;
  let least = 1;
  for (let k = count; k >= 1; k--) {
    const at = order[k - 1] as number;
    least = Math.min(least, ((count * harmonic) / k) * (pValues[at] as number));
    adjusted[at] = least;
  }
  return adjusted;
}

function rising(values: Series): number[] {
  return Array.from(values, (_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
}
