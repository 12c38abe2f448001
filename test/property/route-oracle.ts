import type { RouteBook, RouteVenue } from "../../src/route/index.ts";

/** A venue as the slow router sees it: one entry a lot, best first, what is claimed left out. */
export interface SlowVenue {
  readonly step: number;
  readonly min: number;
  /** The signed price and the all-in cost (1e-8 ticks) of each lot within the limit. */
  readonly lots: readonly { readonly price: number; readonly cost: bigint }[];
  /** What of the best level is left and protected; 0 where not. */
  readonly protectedLots: number;
  readonly top: number;
}

export interface SlowAnswer {
  readonly unfilled: number;
  readonly cost: bigint;
}

/** A venue's lots in a row. */
export function slowVenue(
  venue: RouteVenue,
  book: RouteBook,
  sign: 1 | -1,
  limitTicks: number | undefined,
  claimed: number,
): SlowVenue {
  const levels = sign === 1 ? book.asks : book.bids;
  const fee = venue.fees[0];
  const all = levels.flatMap(({ priceTicks, lots }) =>
    Array.from({ length: lots }, () => ({
      price: sign * priceTicks,
      cost:
        BigInt(sign * priceTicks) * 100_000_000n +
        BigInt(Math.abs(priceTicks)) * BigInt(fee?.takerRate ?? 0) +
        BigInt(fee?.takerPerLot ?? 0),
    })),
  );
  const top = all[0]?.price ?? Number.NaN;
  const left = all.slice(claimed);
  const within = left.filter(({ price }) => limitTicks === undefined || price <= sign * limitTicks);
  const step = venue.lotStep ?? 1;
  const min = Math.ceil((venue.minLots ?? 1) / step) * step;
  const atTop = Math.floor(within.filter(({ price }) => price === top).length / step) * step;
  const isBound = venue.isProtected === true && atTop >= min;
  return { step, min, lots: within, protectedLots: isBound ? atTop : 0, top };
}

/** Every division of a quantity, one after the other: the most lots, then the least cost. */
export function slowRoute(
  venues: readonly SlowVenue[],
  wanted: number,
  by: "price" | "cost",
  isProtecting: boolean,
): SlowAnswer {
  let best: SlowAnswer = { unfilled: wanted + 1, cost: 0n };
  const taken = venues.map(() => 0);
  const visit = (v: number, left: number): void => {
    const venue = venues[v];
    if (venue === undefined) {
      if (isProtecting && tradesThrough(venues, taken)) return;
      const cost = costOf(venues, taken, by);
      if (left < best.unfilled || (left === best.unfilled && cost < best.cost))
        best = { unfilled: left, cost };
      return;
    }
    for (let lots = 0; lots <= Math.min(left, venue.lots.length); lots++) {
      if (lots > 0 && (lots < venue.min || lots % venue.step !== 0)) continue;
      taken[v] = lots;
      visit(v + 1, left - lots);
    }
    taken[v] = 0;
  };
  visit(0, wanted);
  return best;
}

export function costOf(venues: readonly SlowVenue[], taken: readonly number[], by: "price" | "cost"): bigint {
  let sum = 0n;
  for (const [v, { lots }] of venues.entries()) {
    for (const lot of lots.slice(0, taken[v])) sum += by === "price" ? BigInt(lot.price) : lot.cost;
  }
  return sum;
}

/** Whether some lot is taken at a worse price than a protected quote that is not taken whole. */
export function tradesThrough(venues: readonly SlowVenue[], taken: readonly number[]): boolean {
  const worst = Math.max(
    ...venues.map(({ lots }, v) => (taken[v] === 0 ? -Infinity : (lots[(taken[v] ?? 0) - 1]?.price ?? NaN))),
  );
  return venues.some(({ protectedLots, top }, v) => top < worst && (taken[v] ?? 0) < protectedLots);
}
