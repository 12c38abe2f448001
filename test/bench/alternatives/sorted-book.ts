import { NO_ASK, NO_BID } from "../../../src/book/index.ts";

/**
 * The design that lost: a sorted array of ticks a side, best last, found by bisection and changed by splice,
 * with the lots beside it. It does not hide stale levels: for flows that never cross.
 */
export class SortedBook {
  bestBid = NO_BID;
  bestAsk = NO_ASK;
  private readonly bidKeys: number[] = [];
  private readonly bidLots: number[] = [];
  private readonly askKeys: number[] = [];
  private readonly askLots: number[] = [];

  setBid(tick: number, lots: number): number {
    const previous = put(this.bidKeys, this.bidLots, tick, lots);
    this.bestBid = this.bidKeys.at(-1) ?? NO_BID;
    return previous;
  }

  setAsk(tick: number, lots: number): number {
    const previous = put(this.askKeys, this.askLots, -tick, lots);
    const best = this.askKeys.at(-1);
    this.bestAsk = best === undefined ? NO_ASK : -best;
    return previous;
  }

  levels(): { bids: number[][]; asks: number[][] } {
    const bids = this.bidKeys.map((key, i) => [key, this.bidLots[i] as number]);
    const asks = this.askKeys.map((key, i) => [-key, this.askLots[i] as number]);
    return { bids: bids.reverse(), asks: asks.reverse() };
  }
}

function put(keys: number[], lots: number[], key: number, value: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((keys[mid] as number) < key) low = mid + 1;
    else high = mid;
  }
  const found = keys[low] === key;
  const previous = found ? (lots[low] as number) : 0;
  if (value === 0) {
    if (found) {
      keys.splice(low, 1);
      lots.splice(low, 1);
    }
  } else if (found) lots[low] = value;
  else {
    keys.splice(low, 0, key);
    lots.splice(low, 0, value);
  }
  return previous;
}
