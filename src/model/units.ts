declare const brand: unique symbol;

/**
 * A price as a whole number of ticks of one instrument.
 *
 * @units ticks (`instrument.tickSize` each)
 * @invariant An integer within 2^31.
 */
export type Ticks = number & { readonly [brand]: "Ticks" };

/**
 * An order's, fill's or position's quantity as a whole number of lots of one instrument.
 *
 * @units lots (`instrument.lotSize` each)
 * @invariant An integer within 2^53. Positions are signed, orders are positive.
 */
export type Lots = number & { readonly [brand]: "Lots" };

/**
 * A quantity shown in a book or a trade print, as a whole number of book lots; a venue may show finer
 * quantities than it accepts in orders.
 *
 * @units book lots (`instrument.bookLotSize` each)
 */
export type BookLots = number & { readonly [brand]: "BookLots" };

/** Brands a number known to be whole ticks; the caller vouches for it. */
export function asTicks(value: number): Ticks {
  return value as Ticks;
}

/** Brands a number known to be whole lots; the caller vouches for it. */
export function asLots(value: number): Lots {
  return value as Lots;
}

/** Brands a number known to be whole book lots; the caller vouches for it. */
export function asBookLots(value: number): BookLots {
  return value as BookLots;
}

/**
 * Moves a price by a whole number of ticks, keeping the brand.
 *
 * @example
 * ```ts
 * import { addTicks, asTicks } from "tickwright/model";
 * addTicks(asTicks(100), -2); // => 98
 * ```
 */
export function addTicks(price: Ticks, ticks: number): Ticks {
  return (price + ticks) as Ticks;
}

/** Adds two quantities of one instrument, keeping the brand. */
export function addLots(left: Lots, right: Lots): Lots {
  return (left + right) as Lots;
}
