import type { MarketEar, Station } from "../kernel/index.ts";
import type { CostMarket } from "../stat/index.ts";

/**
 * What costs are measured against: the best bid and the best ask of all venues where one thing is traded, and the
 * prints of all of them. One venue alone is its own reference.
 *
 * Where the best of two venues cross, the quote that was told earlier of the two is left out: a venue that fell silent
 * holds nothing up.
 *
 * @cost O(venues) a quote.
 */
export class CostReference {
  readonly market: CostMarket;
  readonly #bids: number[] = [];
  readonly #asks: number[] = [];
  /** When each venue was told last, as a count. */
  readonly #told: number[] = [];
  readonly #isOut: boolean[] = [];
  #count = 0;

  constructor(market: CostMarket) {
    this.market = market;
  }

  /** One more venue: what hears it. */
  ear({ instrument }: Station): MarketEar {
    const venue = this.#bids.length;
    this.#bids.push(Number.NaN);
    this.#asks.push(Number.NaN);
    this.#told.push(0);
    this.#isOut.push(false);
    const { trace } = this.market;
    const perLot = instrument.bookLotsPerLot;
    return {
      quote: (exchNs, bidTicks, askTicks) => this.#quote(venue, exchNs, bidTicks, askTicks),
      // Prints are counted in lots of orders, whatever the book counts in.
      trade: (exchNs, ticks, lots) => trace.trade(exchNs, ticks, lots / perLot),
      price: (exchNs, ticks) => trace.price(exchNs, ticks),
    };
  }

  #quote(venue: number, exchNs: number, bidTicks: number, askTicks: number): void {
    const { trace } = this.market;
    if (this.#bids.length === 1) {
      trace.quote(exchNs, bidTicks, askTicks);
      return;
    }
    this.#bids[venue] = bidTicks;
    this.#asks[venue] = askTicks;
    this.#count += 1;
    this.#told[venue] = this.#count;
    this.#isOut.fill(false);
    for (let left = this.#bids.length; left > 0; left--) {
      const [bidder, asker] = [this.#best(this.#bids, 1), this.#best(this.#asks, -1)];
      if (bidder < 0 || asker < 0) return;
      const [bid, ask] = [this.#bids[bidder] as number, this.#asks[asker] as number];
      if (bid <= ask) {
        trace.quote(exchNs, bid, ask);
        return;
      }
      const isBidOlder = (this.#told[bidder] as number) < (this.#told[asker] as number);
      this.#isOut[isBidOlder ? bidder : asker] = true;
    }
  }

  /** The venue with the best of some prices, of those that count; -1 without any. */
  #best(prices: readonly number[], sign: number): number {
    let best = -1;
    for (let venue = 0; venue < prices.length; venue++) {
      const price = prices[venue] as number;
      if (this.#isOut[venue] === true || Number.isNaN(price)) continue;
      if (best < 0 || sign * price > sign * (prices[best] as number)) best = venue;
    }
    return best;
  }
}

/** Stations with one word trade one thing in one unit: their quotes can be compared. */
export function referenceKey({ instrument }: Station): string {
  const { symbol, quote, quantumMinor } = instrument;
  const { tickSize, lotSize } = instrument.describe();
  return JSON.stringify([symbol, quote.code, quote.decimals, tickSize, lotSize, String(quantumMinor)]);
}
