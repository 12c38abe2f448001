import { TICK_MAX, TICK_MIN } from "../book/index.ts";

/** Lots at a price. @units ticks, lots */
export interface AuctionLevel {
  readonly tick: number;
  readonly lots: number;
}

/** What an auction would do. @units ticks, lots */
export interface AuctionResult {
  readonly priceTicks: number;
  readonly lots: number;
  /** What would be left at that price: above 0 of buyers, below 0 of sellers. */
  readonly surplusLots: number;
}

/**
 * The price of a call auction: the greatest quantity trades; of several prices the one with the least surplus; where
 * buyers are left over at all of them the highest, where sellers are the lowest; else the one next to the reference,
 * and without a reference the one in the middle, rounded down. Limits are candidates, and the reference is.
 *
 * @param bids in any order, those without a limit at `TICK_MAX`; `asks` those at `TICK_MIN`
 * @returns undefined where nothing would trade
 * @cost O(levels log levels)
 * @example
 * ```ts
 * import { auctionPrice } from "tickwright/match";
 * const bids = [{ tick: 202, lots: 200 }, { tick: 201, lots: 200 }, { tick: 200, lots: 300 }];
 * const asks = [{ tick: 200, lots: 100 }, { tick: 198, lots: 200 }, { tick: 197, lots: 400 }];
 * auctionPrice(bids, asks, 199)?.priceTicks; // => 200
 * ```
 */
export function auctionPrice(
  bids: readonly AuctionLevel[],
  asks: readonly AuctionLevel[],
  reference: number,
): AuctionResult | undefined {
  const demand = new Cumulative(bids.map(({ tick, lots }) => ({ tick: -tick, lots })));
  const supply = new Cumulative(asks);
  const at = (tick: number): AuctionResult => {
    const [bought, sold] = [demand.upTo(-tick), supply.upTo(tick)];
    return { priceTicks: tick, lots: Math.min(bought, sold), surplusLots: bought - sold };
  };
  const limits = [...bids, ...asks]
    .map(({ tick }) => tick)
    .filter((tick) => tick > TICK_MIN && tick < TICK_MAX);
  const candidates = new Set(Number.isNaN(reference) ? limits : [...limits, reference]);
  let best: AuctionResult[] = [];
  for (const tick of [...candidates].sort((left, right) => left - right)) {
    const found = at(tick);
    const than = best[0];
    if (than === undefined || isBetter(found, than)) best = [found];
    else if (!isBetter(than, found)) best.push(found);
  }
  const [lowest, highest] = [best[0], best.at(-1)];
  if (lowest === undefined || highest === undefined || lowest.lots === 0) return undefined;
  if (best.every(({ surplusLots }) => surplusLots > 0)) return highest;
  if (best.every(({ surplusLots }) => surplusLots < 0)) return lowest;
  const middle = Math.floor((lowest.priceTicks + highest.priceTicks) / 2);
  const wanted = Number.isNaN(reference) ? middle : reference;
  return at(Math.max(lowest.priceTicks, Math.min(highest.priceTicks, wanted)));
}

function isBetter(one: AuctionResult, than: AuctionResult): boolean {
  if (one.lots !== than.lots) return one.lots > than.lots;
  return Math.abs(one.surplusLots) < Math.abs(than.surplusLots);
}

/** Lots up to a tick. */
class Cumulative {
  readonly #ticks: number[] = [];
  readonly #sums: number[] = [];

  constructor(levels: readonly AuctionLevel[]) {
    let total = 0;
    for (const { tick, lots } of [...levels].sort((left, right) => left.tick - right.tick)) {
      total += lots;
      this.#ticks.push(tick);
      this.#sums.push(total);
    }
  }

  upTo(tick: number): number {
    let [low, high] = [0, this.#ticks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ticks[middle] as number) <= tick) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (this.#sums[low - 1] as number);
  }
}
