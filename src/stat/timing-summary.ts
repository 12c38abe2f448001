import { Fault } from "../base/index.ts";
import { nearestRank } from "./series.ts";

/** A share of times and the greatest of it: half of them took at most the time at 0.5. */
export type TimingQuantile = readonly [share: number, ns: number];

/** How many took from `fromNs` to below `toNs`. */
export type TimingClass = readonly [fromNs: number, toNs: number, count: number];

/** Times as their quantiles and as a histogram whose classes grow by one factor. */
export interface TimingSummary {
  readonly count: number;
  readonly minNs: number;
  readonly maxNs: number;
  /** By nearest rank, exact; those that a sample of this size can have. */
  readonly quantiles: readonly TimingQuantile[];
  /** At most 32 of them, none empty at the ends; 0 has one of its own. */
  readonly classes: readonly TimingClass[];
}

const SHARES = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];
const CLASSES_MOST = 32;

/**
 * Summarises times; null without any.
 *
 * @units ns, at least 0
 * @invariant Counts of the classes sum to `count`; quantiles do not fall.
 * @throws `FAULT_INPUT` where a time is below 0 or not finite
 * @cost O(n log n)
 * @example
 * ```ts
 * import { timingSummary } from "tickwright/stat";
 * timingSummary([3, 1, 2, 4])?.quantiles[0]; // => [0.5, 2]
 * timingSummary([]); // => null
 * ```
 */
export function timingSummary(times: readonly number[]): TimingSummary | null {
  for (const [i, ns] of times.entries()) {
    if (ns >= 0 && ns < Infinity) continue;
    throw new Fault("FAULT_INPUT", {
      path: `times[${i}]`,
      value: ns,
      expected: "a finite number of at least 0",
    });
  }
  const sorted = Float64Array.from(times).sort();
  const count = sorted.length;
  if (count === 0) return null;
  // A quantile that only the greatest one can be says nothing that `maxNs` does not.
  const shares = SHARES.filter((share, i) => i === 0 || count * (1 - share) >= 1 - 1e-9);
  return {
    ...{ count, minNs: sorted[0] as number, maxNs: sorted[count - 1] as number },
    quantiles: shares.map((share) => [share, sorted[nearestRank(count, share) - 1] as number]),
    classes: classesOf(sorted),
  };
}

function classesOf(sorted: Float64Array): TimingClass[] {
  const zeros = sorted.findIndex((ns) => ns > 0);
  const some: TimingClass[] = [];
  const none = zeros < 0 ? sorted.length : zeros;
  if (none > 0) some.push([0, 0, none]);
  if (zeros < 0) return some;
  const [least, most] = [sorted[zeros] as number, sorted[sorted.length - 1] as number];
  const perOctave = [8, 4, 2, 1].find((per) => Math.log2(most / least) * per + 2 <= CLASSES_MOST - 1);
  const width =
    perOctave === undefined ? Math.ceil((Math.log2(most / least) + 2) / (CLASSES_MOST - 1)) : 1 / perOctave;
  const edge = (k: number): number => Math.exp(k * width * Math.LN2);
  let k = Math.floor(Math.log2(least) / width);
  while (edge(k) > least) k -= 1;
  while (edge(k + 1) <= least) k += 1;
  for (let i = zeros; i < sorted.length; k++) {
    let end = i;
    while (end < sorted.length && (sorted[end] as number) < edge(k + 1)) end += 1;
    some.push([edge(k), edge(k + 1), end - i]);
    i = end;
  }
  return some;
}
