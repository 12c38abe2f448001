/**
 * How far an instrument is restricted, from free to closed: `noBuy` refuses buys that open or add to a long
 * position, `closeOnly` everything but orders that reduce one, `noTrade` every order. Cancels are never
 * refused.
 */
export const RESTRICTION = { none: 0, noBuy: 1, closeOnly: 2, noTrade: 3 } as const;

/** The name of a restriction. */
export type RestrictionName = keyof typeof RESTRICTION;

/** The names of {@link RESTRICTION}, at their codes. */
export const RESTRICTIONS = Object.keys(RESTRICTION) as readonly RestrictionName[];

/**
 * Whether a restriction lets an order pass.
 *
 * @param reduces whether the whole order only reduces the position, counting the orders already open
 * @cost Two comparisons, nothing allocated; a code that is none refuses.
 * @example
 * ```ts
 * import { RESTRICTION, restrictionAllows } from "tickwright/risk";
 * restrictionAllows(RESTRICTION.closeOnly, -1, true); // => true
 * restrictionAllows(RESTRICTION.noBuy, 1, false); // => false
 * ```
 */
export function restrictionAllows(code: number, side: number, reduces: boolean): boolean {
  if (code === RESTRICTION.none) return true;
  if (code === RESTRICTION.noBuy && side < 0) return true;
  return reduces && code < RESTRICTION.noTrade;
}
