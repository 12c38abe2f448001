import { Fault } from "../base/index.ts";
import { checkTimes } from "./sampling.ts";
import { checkSeries, finite, type Series } from "./series.ts";

/** The deepest fall of an equity series below an earlier peak, and how long it lasted. */
export interface Drawdown {
  /** `(peak - trough) / peak`, the largest over the series: 0.2 is 20 %. */
  readonly relative: number;
  /** The largest `peak - equity` over the series, in the equity's currency; perhaps of another fall. */
  readonly absolute: number;
  /** Positions of the largest relative fall: its peak (the last sample at that height) and its trough. */
  readonly peakIndex: number;
  readonly troughIndex: number;
  /** The first sample back at the peak's height; null where the series ends under water. */
  readonly recoveryIndex: number | null;
  /** From the peak of the largest relative fall to its recovery, or to the end where there is none. */
  readonly durationMs: number;
  /** The longest time under water of any fall, counted alike. */
  readonly longestMs: number;
}

/**
 * How far below the highest equity so far each sample lies, as a positive share: `(peak - e) / peak`. Null
 * where the first equity is not above 0.
 *
 * @shape as many values as samples; each at least 0, above 1 where equity is negative
 * @throws `FAULT_INPUT` where a value is not finite.
 */
export function drawdownSeries(equity: Series): Float64Array | null {
  checkSeries("equity", equity);
  const falls = new Float64Array(equity.length);
  let peak = equity[0] ?? 1;
  if (peak <= 0) return null;
  for (let i = 0; i < falls.length; i++) {
    const now = equity[i] as number;
    if (now > peak) peak = now;
    falls[i] = (peak - now) / peak;
  }
  return falls;
}

/**
 * The maximum drawdown of an equity series with its dates and duration. A series that never falls gives
 * zeros. Null without samples or where the first equity is not above 0.
 *
 * @units `ms` epoch milliseconds, strictly rising
 * @invariant `relative` and `absolute` are the largest over all pairs of an earlier and a later sample.
 * @throws `FAULT_INPUT` where lengths differ, times do not rise or a value is not finite.
 * @cost O(n), no allocation per sample.
 * @example
 * ```ts
 * import { maxDrawdown } from "tickwright/stat";
 * const fall = maxDrawdown([0, 1, 2, 3, 4], [100, 120, 90, 110, 125]);
 * fall?.relative; // => 0.25
 * fall?.durationMs; // => 3
 * ```
 */
export function maxDrawdown(ms: Series, equity: Series): Drawdown | null {
  checkPairs(ms, equity);
  if (equity.length === 0 || (equity[0] as number) <= 0) return null;
  let [relative, absolute, peak, peakIndex, troughIndex, longestMs] = [0, 0, 0, 0, 0, 0];
  for (let i = 1; i < equity.length; i++) {
    const now = equity[i] as number;
    const top = equity[peak] as number;
    const isUnder = now < top;
    const wasUnder = i - 1 > peak;
    if (isUnder || wasUnder) longestMs = Math.max(longestMs, (ms[i] as number) - (ms[peak] as number));
    if (!isUnder) {
      peak = i;
      continue;
    }
    absolute = Math.max(absolute, top - now);
    if ((top - now) / top <= relative) continue;
    relative = (top - now) / top;
    peakIndex = peak;
    troughIndex = i;
  }
  const recoveryIndex = relative === 0 ? 0 : recovery(equity, peakIndex, troughIndex);
  const end = (ms[recoveryIndex ?? ms.length - 1] as number) - (ms[peakIndex] as number);
  return { relative, absolute, peakIndex, troughIndex, recoveryIndex, durationMs: end, longestMs };
}

/**
 * The root mean square of the drawdown series: depth and length of falls in one figure, as a share. Null as
 * {@link drawdownSeries}, and without samples.
 *
 * @source P. Martin and B. McCann, The Investor's Guide to Fidelity Funds, 1989 (there in percent)
 */
export function ulcerIndex(equity: Series): number | null {
  const falls = drawdownSeries(equity);
  if (falls === null || falls.length === 0) return null;
  let total = 0;
  for (const fall of falls) total += fall * fall;
  return finite(Math.sqrt(total / falls.length));
}

/** Throws `FAULT_INPUT` unless times rise, values are finite and there are as many of both. */
export function checkPairs(ms: Series, equity: Series): void {
  checkTimes("ms", ms);
  checkSeries("equity", equity);
  if (ms.length === equity.length) return;
  throw new Fault("FAULT_INPUT", {
    path: "equity.length",
    value: equity.length,
    expected: `as many samples as times (${ms.length})`,
  });
}

function recovery(equity: Series, peak: number, trough: number): number | null {
  for (let i = trough; i < equity.length; i++)
    if ((equity[i] as number) >= (equity[peak] as number)) return i;
  return null;
}
