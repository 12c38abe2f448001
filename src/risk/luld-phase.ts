/** Where a security stands under the LULD Plan: the codes of `LuldState`. */
export const LULD_PHASE = {
  unopened: 0,
  normal: 1,
  /** A best quote stands outside of the bands, and the other side touches none. */
  straddle: 2,
  limitDown: 3,
  limitUp: 4,
  paused: 5,
} as const;

/**
 * What the national best quotes make of an open security: a limit state where the offer touches the lower
 * band or the bid the upper one and the quotes do not cross, a straddle where one stands outside, normal
 * else.
 *
 * A quote past its band, which the plan has trading centres not display, counts as touching it.
 *
 * @units prices in one unit, such as 1e-4 dollars; no bid is 0, no offer Infinity
 * @cost A few comparisons, nothing allocated.
 * @example
 * ```ts
 * import { LULD_PHASE, luldPhase } from "tickwright/risk";
 * luldPhase(94, 95, 95, 105) === LULD_PHASE.limitDown; // => true
 * luldPhase(94, 96, 95, 105) === LULD_PHASE.straddle; // => true
 * ```
 * @source LULD Plan (SEC File 4-631), Sections I and VI
 */
export function luldPhase(bid: number, ask: number, lower: number, upper: number): number {
  if (bid <= ask && ask <= lower) return LULD_PHASE.limitDown;
  if (bid <= ask && bid >= upper) return LULD_PHASE.limitUp;
  const outside = (bid > 0 && bid < lower) || (ask < Number.POSITIVE_INFINITY && ask > upper);
  return outside ? LULD_PHASE.straddle : LULD_PHASE.normal;
}
