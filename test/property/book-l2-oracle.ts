import { bookStateHash, NO_ASK, NO_BID } from "../../src/book/index.ts";

type Side = Map<number, number>;

/**
 * The slow, obvious book by price: two Maps, every question answered by sorting what they hold. Best prices
 * follow the rules for stale levels word for word; nothing is shared with the book under test.
 */
export class SlowBook {
  bids: Side = new Map();
  asks: Side = new Map();
  bestBid = NO_BID;
  bestAsk = NO_ASK;
  lowBid = NO_ASK;
  highAsk = NO_BID;

  setBid(tick: number, lots: number): number {
    const previous = put(this.bids, tick, lots);
    if (lots === 0 && tick === this.bestBid) {
      this.bestBid = this.bidBelow(tick);
      if (this.bestBid === NO_BID) this.lowBid = NO_ASK;
    }
    if (lots > 0) {
      if (tick > this.bestBid) {
        this.bestBid = tick;
        if (this.bestAsk <= tick) this.bestAsk = this.askAbove(tick);
      }
      this.lowBid = Math.min(this.lowBid, tick);
    }
    return previous;
  }

  setAsk(tick: number, lots: number): number {
    const previous = put(this.asks, tick, lots);
    if (lots === 0 && tick === this.bestAsk) {
      this.bestAsk = this.askAbove(tick);
      if (this.bestAsk === NO_ASK) this.highAsk = NO_BID;
    }
    if (lots > 0) {
      if (tick < this.bestAsk) {
        this.bestAsk = tick;
        if (this.bestBid >= tick) this.bestBid = this.bidBelow(tick);
      }
      this.highAsk = Math.max(this.highAsk, tick);
    }
    return previous;
  }

  clearBids(): void {
    this.bids.clear();
    this.bestBid = NO_BID;
    this.lowBid = NO_ASK;
  }

  clearAsks(): void {
    this.asks.clear();
    this.bestAsk = NO_ASK;
    this.highAsk = NO_BID;
  }

  /** Levels shown, best first, as [tick, lots]. */
  shownBids(): [number, number][] {
    const shown = [...this.bids].filter(([tick]) => tick <= this.bestBid && tick >= this.lowBid);
    return shown.sort((a, b) => b[0] - a[0]);
  }

  shownAsks(): [number, number][] {
    const shown = [...this.asks].filter(([tick]) => tick >= this.bestAsk && tick <= this.highAsk);
    return shown.sort((a, b) => a[0] - b[0]);
  }

  get crossed(): boolean {
    const bid = [...this.bids.keys()].some((tick) => tick > this.bestBid);
    return bid || [...this.asks.keys()].some((tick) => tick < this.bestAsk);
  }

  stateHash(): string {
    const level = ([priceTicks, lots]: [number, number]) => ({ priceTicks, lots });
    return bookStateHash({ bids: this.shownBids().map(level), asks: this.shownAsks().map(level) });
  }

  private bidBelow(tick: number): number {
    return Math.max(NO_BID, ...[...this.bids.keys()].filter((at) => at < tick && at >= this.lowBid));
  }

  private askAbove(tick: number): number {
    return Math.min(NO_ASK, ...[...this.asks.keys()].filter((at) => at > tick && at <= this.highAsk));
  }
}

function put(side: Side, tick: number, lots: number): number {
  const previous = side.get(tick) ?? 0;
  if (lots === 0) side.delete(tick);
  else side.set(tick, lots);
  return previous;
}
