import type { MatchQueue } from "./match-queue.ts";
import { MATCH_FLAG, type MatchRows } from "./match-rows.ts";

/** One trade of two orders that stand in the queues: `row` came later, the price is that of the other. */
export interface CrossedTrade {
  readonly row: number;
  readonly maker: number;
  readonly tick: number;
  readonly lots: number;
}

/**
 * Orders whose prices agree and whose quantities did not fit, because an all-or-none order in front is larger than what
 * came: which of them trade together. On each side they stand in line; the least quantity is looked for that divides
 * none of the all-or-none orders of either side.
 *
 * @cost O(orders at crossed prices)
 */
export class CrossedOrders {
  readonly #rows: MatchRows;
  readonly #shown: MatchQueue;

  constructor(rows: MatchRows, shown: MatchQueue) {
    this.#rows = rows;
    this.#shown = shown;
  }

  /** The trades that fit now; empty where none do. */
  pairs(): CrossedTrade[] {
    const { isCrossed, bestAsk, bestBid } = this.#shown;
    if (!isCrossed) return [];
    const bids = this.#line(1, bestAsk);
    const asks = this.#line(-1, bestBid);
    const lots = this.#fitting(bids, asks);
    return lots === 0 ? [] : this.#paired(bids, asks, lots);
  }

  /** The rows of a side whose prices cross, in line, up to one of which trades decide: reduce-only, or of a list. */
  #line(side: 1 | -1, to: number): number[] {
    const shown = this.#shown;
    const { flags, list } = this.#rows;
    const line: number[] = [];
    let tick = side > 0 ? shown.bestBid : shown.bestAsk;
    while (side > 0 ? tick >= to : tick <= to) {
      for (let row = shown.head(side, tick); row !== 0; row = shown.next(row)) {
        if (((flags[row] as number) & MATCH_FLAG.reduceOnly) !== 0 || list[row] !== 0) return line;
        line.push(row);
      }
      tick = side > 0 ? shown.nextBid(tick) : shown.nextAsk(tick);
    }
    return line;
  }

  /** The least quantity at which an order of either line ends and which divides no all-or-none order; 0 for none. */
  #fitting(bids: readonly number[], asks: readonly number[]): number {
    const { leaves, tick } = this.#rows;
    let [i, j, bought, sold] = [0, 0, 0, 0];
    // `bought` and `sold` are what the orders before i and j sum up to.
    while (i < bids.length && j < asks.length) {
      const [bid, ask] = [bids[i] as number, asks[j] as number];
      if ((tick[bid] as number) < (tick[ask] as number)) return 0;
      const bidEnd = bought + (leaves[bid >> 1] as number);
      const askEnd = sold + (leaves[ask >> 1] as number);
      const end = Math.min(bidEnd, askEnd);
      if ((bidEnd === end || !this.#isWhole(bid)) && (askEnd === end || !this.#isWhole(ask))) return end;
      if (bidEnd === end) {
        bought = bidEnd;
        i++;
      }
      if (askEnd === end) {
        sold = askEnd;
        j++;
      }
    }
    return 0;
  }

  #isWhole(row: number): boolean {
    return ((this.#rows.flags[row] as number) & MATCH_FLAG.allOrNone) !== 0;
  }

  #paired(bids: readonly number[], asks: readonly number[], lots: number): CrossedTrade[] {
    const { leaves, tick, seq } = this.#rows;
    const pairs: CrossedTrade[] = [];
    let [i, j, left] = [0, 0, lots];
    let [bidLeft, askLeft] = [
      leaves[(bids[0] as number) >> 1] as number,
      leaves[(asks[0] as number) >> 1] as number,
    ];
    while (left > 0) {
      const [bid, ask] = [bids[i] as number, asks[j] as number];
      const taken = Math.min(left, bidLeft, askLeft);
      const isBidLater = (seq[bid >> 1] as number) > (seq[ask >> 1] as number);
      const [row, maker] = isBidLater ? [bid, ask] : [ask, bid];
      pairs.push({ row, maker, tick: tick[maker] as number, lots: taken });
      left -= taken;
      bidLeft -= taken;
      askLeft -= taken;
      if (bidLeft === 0) bidLeft = leaves[(bids[++i] as number) >> 1] as number;
      if (askLeft === 0) askLeft = leaves[(asks[++j] as number) >> 1] as number;
    }
    return pairs;
  }
}
