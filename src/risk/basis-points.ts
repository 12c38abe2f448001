const WHOLE = 10_000;

/**
 * A share of a whole amount in basis points, rounded down, exact over the whole range.
 *
 * @units `amount` any whole unit, at least 0 and below 2^53; `bps` whole basis points within 0 and 10,000
 * @cost O(1), nothing allocated; the product is never formed, so it cannot leave 2^53.
 * @example
 * ```ts
 * import { ceilBps, floorBps } from "tickwright/risk";
 * [floorBps(9_007_199_254_740_991, 250), floorBps(39, 250), ceilBps(39, 250)]; // => [225179981368524, 0, 1]
 * ```
 */
export function floorBps(amount: number, bps: number): number {
  const rest = amount % WHOLE;
  return ((amount - rest) / WHOLE) * bps + Math.floor((rest * bps) / WHOLE);
}

/** A share of a whole amount in basis points, rounded up; else as {@link floorBps}. */
export function ceilBps(amount: number, bps: number): number {
  const rest = amount % WHOLE;
  return ((amount - rest) / WHOLE) * bps + Math.ceil((rest * bps) / WHOLE);
}
