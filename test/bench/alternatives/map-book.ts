import { NO_ASK, NO_BID } from "../../../src/book/index.ts";

/**
 * The design that lost: a Map from tick to lots a side, best prices tracked, the next level found by asking for
 * tick after tick. Same rules as `OrderBook`; this is the way hftbacktest keeps its default depth.
 */
export class MapBook {
  bestBid = NO_BID;
  bestAsk = NO_ASK;
  private lowBid = NO_ASK;
  private highAsk = NO_BID;
  private readonly bids = new Map<number, number>();
  private readonly asks = new Map<number, number>();

  setBid(tick: number, lots: number): number {
    const previous = this.bids.get(tick) ?? 0;
    if (lots === 0) {
      this.bids.delete(tick);
      if (tick === this.bestBid) {
        this.bestBid = this.bidBelow(tick);
        if (this.bestBid === NO_BID) this.lowBid = NO_ASK;
      }
      return previous;
    }
    this.bids.set(tick, lots);
    if (tick > this.bestBid) {
      this.bestBid = tick;
      if (tick >= this.bestAsk) this.bestAsk = this.askAbove(tick);
    }
    if (tick < this.lowBid) this.lowBid = tick;
    return previous;
  }

  setAsk(tick: number, lots: number): number {
    const previous = this.asks.get(tick) ?? 0;
    if (lots === 0) {
      this.asks.delete(tick);
      if (tick === this.bestAsk) {
        this.bestAsk = this.askAbove(tick);
        if (this.bestAsk === NO_ASK) this.highAsk = NO_BID;
      }
      return previous;
    }
    this.asks.set(tick, lots);
    if (tick < this.bestAsk) {
      this.bestAsk = tick;
      if (tick <= this.bestBid) this.bestBid = this.bidBelow(tick);
    }
    if (tick > this.highAsk) this.highAsk = tick;
    return previous;
  }

  bidLots(tick: number): number {
    return this.bids.get(tick) ?? 0;
  }

  askLots(tick: number): number {
    return this.asks.get(tick) ?? 0;
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
    this.bestBid = NO_BID;
    this.bestAsk = NO_ASK;
    this.lowBid = NO_ASK;
    this.highAsk = NO_BID;
  }

  levels(): { bids: number[][]; asks: number[][] } {
    return {
      bids: [...this.bids].sort((a, b) => b[0] - a[0]),
      asks: [...this.asks].sort((a, b) => a[0] - b[0]),
    };
  }

  private bidBelow(tick: number): number {
    for (let at = tick - 1; at >= this.lowBid; at--) if (this.bids.has(at)) return at;
    return NO_BID;
  }

  private askAbove(tick: number): number {
    for (let at = tick + 1; at <= this.highAsk; at++) if (this.asks.has(at)) return at;
    return NO_ASK;
  }
}
