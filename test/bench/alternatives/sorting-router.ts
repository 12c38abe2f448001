/** A level of some venue, as an object. */
export interface FlatLevel {
  readonly venue: string;
  readonly priceTicks: number;
  readonly lots: number;
  /** 1e-8 of the notional. */
  readonly takerRate: number;
}

/** What the naive router sends to a venue. */
export interface NaiveSlice {
  lots: number;
  limitTicks: number;
}

/** The naive router: all levels in one array, sorted by price with fee, taken from the front. Buys only. */
export function sortingRoute(levels: readonly FlatLevel[], wanted: number): Map<string, NaiveSlice> {
  const cost = ({ priceTicks, takerRate }: FlatLevel): number => priceTicks * (100_000_000 + takerRate);
  const slices = new Map<string, NaiveSlice>();
  let left = wanted;
  for (const level of [...levels].sort((a, b) => cost(a) - cost(b))) {
    if (left === 0) break;
    const lots = Math.min(left, level.lots);
    left -= lots;
    const slice = slices.get(level.venue);
    if (slice === undefined) slices.set(level.venue, { lots, limitTicks: level.priceTicks });
    else {
      slice.lots += lots;
      slice.limitTicks = Math.max(slice.limitTicks, level.priceTicks);
    }
  }
  return slices;
}
