import { NO_ASK, NO_BID, TickPages } from "../../../src/book/index.ts";

/**
 * `OrderBook` without the guard on price and lots, kept to measure what the guard costs. A NaN or a fraction
 * would corrupt it without a word.
 */
export class UncheckedBook {
  bestBid: number = NO_BID;
  bestAsk: number = NO_ASK;
  crossings = 0;
  readonly bids = new TickPages("bids", 1024);
  readonly asks = new TickPages("asks", 1024);
  private lowBid: number = NO_ASK;
  private highAsk: number = NO_BID;

  setBid(tick: number, lots: number): number {
    const previous = this.bids.set(tick, lots);
    if (lots === 0) {
      if (tick === this.bestBid) this.dropBestBid();
    } else {
      if (tick > this.bestBid) this.raiseBestBid(tick);
      if (tick < this.lowBid) this.lowBid = tick;
    }
    return previous;
  }

  setAsk(tick: number, lots: number): number {
    const previous = this.asks.set(tick, lots);
    if (lots === 0) {
      if (tick === this.bestAsk) this.dropBestAsk();
    } else {
      if (tick < this.bestAsk) this.lowerBestAsk(tick);
      if (tick > this.highAsk) this.highAsk = tick;
    }
    return previous;
  }

  levels(): { bids: number[][]; asks: number[][] } {
    const bids: number[][] = [];
    for (let at = this.bestBid; at !== NO_BID; at = this.bids.below(at, this.lowBid)) {
      bids.push([at, this.bids.get(at)]);
    }
    const asks: number[][] = [];
    for (let at = this.bestAsk; at !== NO_ASK; at = this.asks.above(at, this.highAsk)) {
      asks.push([at, this.asks.get(at)]);
    }
    return { bids, asks };
  }

  private raiseBestBid(tick: number): void {
    this.bestBid = tick;
    if (tick < this.bestAsk) return;
    this.crossings++;
    this.bestAsk = this.asks.above(tick, this.highAsk);
  }

  private lowerBestAsk(tick: number): void {
    this.bestAsk = tick;
    if (tick > this.bestBid) return;
    this.crossings++;
    this.bestBid = this.bids.below(tick, this.lowBid);
  }

  private dropBestBid(): void {
    this.bestBid = this.bids.below(this.bestBid, this.lowBid);
    if (this.bestBid === NO_BID) this.lowBid = NO_ASK;
  }

  private dropBestAsk(): void {
    this.bestAsk = this.asks.above(this.bestAsk, this.highAsk);
    if (this.bestAsk === NO_ASK) this.highAsk = NO_BID;
  }
}
