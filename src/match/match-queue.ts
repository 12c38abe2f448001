import { NO_ASK, NO_BID, type QueueLevel } from "../book/index.ts";
import { asBookLots, asTicks, type SideSign } from "../model/index.ts";
import { MatchLevels } from "./match-levels.ts";
import type { MatchRows } from "./match-rows.ts";

/**
 * A queue of rows by price and time: bids +1, asks -1. A row stands in one queue at a time.
 *
 * @units prices in ticks, quantities in lots
 * @invariant `bestBid` and `bestAsk` are the best levels, or `NO_BID` and `NO_ASK`
 * @cost `add`, `remove`, `shrink` O(1); where the best level empties, the way to the next one
 */
export class MatchQueue {
  bestBid: number = NO_BID;
  bestAsk: number = NO_ASK;
  orderCount = 0;
  readonly #rows: MatchRows;
  readonly #bids: MatchLevels;
  readonly #asks: MatchLevels;

  constructor(rows: MatchRows) {
    this.#rows = rows;
    this.#bids = new MatchLevels(rows);
    this.#asks = new MatchLevels(rows);
  }

  /** Puts a row at the end of a price's queue. */
  add(row: number, side: SideSign, tick: number, lots: number): void {
    this.orderCount++;
    if (side > 0) {
      this.#bids.push(row, tick, lots);
      if (tick > this.bestBid) this.bestBid = tick;
    } else {
      this.#asks.push(row, tick, lots);
      if (tick < this.bestAsk) this.bestAsk = tick;
    }
  }

  /** Takes a row out that stands with so many lots. */
  remove(row: number, side: SideSign, lots: number): void {
    this.orderCount--;
    if (side > 0) {
      if (this.#bids.unlink(row, lots)) return;
      const tick = this.#bids.tickOf(row);
      if (tick === this.bestBid) this.bestBid = this.#bids.below(tick);
    } else {
      if (this.#asks.unlink(row, lots)) return;
      const tick = this.#asks.tickOf(row);
      if (tick === this.bestAsk) this.bestAsk = this.#asks.above(tick);
    }
  }

  /** Puts a row that stands at a price with so many lots behind what stands at another of its side. */
  move(row: number, side: SideSign, from: number, tick: number, lots: number): void {
    if (side > 0) {
      const isLevel = this.#bids.move(row, tick, lots);
      if (tick > this.bestBid) this.bestBid = tick;
      else if (!isLevel && from === this.bestBid) this.bestBid = this.#bids.below(from);
    } else {
      const isLevel = this.#asks.move(row, tick, lots);
      if (tick < this.bestAsk) this.bestAsk = tick;
      else if (!isLevel && from === this.bestAsk) this.bestAsk = this.#asks.above(from);
    }
  }

  /** Takes lots off a row that keeps its place. */
  shrink(row: number, side: SideSign, lots: number): void {
    (side > 0 ? this.#bids : this.#asks).shrink(row, lots);
  }

  /** The row behind one that is here; 0 at the end. */
  next(row: number): number {
    return this.#rows.next[row] as number;
  }

  /** The row at the front of a side's best price; 0 where the side is empty. */
  front(side: SideSign): number {
    return side > 0 ? this.#bids.headAt(this.bestBid) : this.#asks.headAt(this.bestAsk);
  }

  /** The row at the front of a price's queue; 0 where no order stands there. */
  head(side: SideSign, tick: number): number {
    return (side > 0 ? this.#bids : this.#asks).headAt(tick);
  }

  /** The lots at a bid price. */
  bidLots(tick: number): number {
    return this.#bids.lotsAt(tick);
  }

  /** The lots at an ask price. */
  askLots(tick: number): number {
    return this.#asks.lotsAt(tick);
  }

  /** The next bid level below a price, or `NO_BID`. */
  nextBid(tick: number): number {
    return this.#bids.below(tick);
  }

  /** The next ask level above a price, or `NO_ASK`. */
  nextAsk(tick: number): number {
    return this.#asks.above(tick);
  }

  get hasBid(): boolean {
    return this.bestBid !== NO_BID;
  }

  get hasAsk(): boolean {
    return this.bestAsk !== NO_ASK;
  }

  /** Whether the best bid reaches the best ask. */
  get isCrossed(): boolean {
    return this.bestBid >= this.bestAsk;
  }

  /** The rows of one side, best price first and front first. Allocates. */
  rows(side: SideSign): number[] {
    const all: number[] = [];
    let tick = side > 0 ? this.bestBid : this.bestAsk;
    while (tick !== NO_BID && tick !== NO_ASK) {
      for (let row = this.head(side, tick); row !== 0; row = this.next(row)) all.push(row);
      tick = side > 0 ? this.nextBid(tick) : this.nextAsk(tick);
    }
    return all;
  }

  /** Up to `depth` levels a side, best first. Allocates. */
  copy(depth: number): { readonly bids: QueueLevel[]; readonly asks: QueueLevel[] } {
    const bids: QueueLevel[] = [];
    for (let tick = this.bestBid; tick !== NO_BID && bids.length < depth; tick = this.nextBid(tick)) {
      bids.push(levelOf(this.#bids, tick));
    }
    const asks: QueueLevel[] = [];
    for (let tick = this.bestAsk; tick !== NO_ASK && asks.length < depth; tick = this.nextAsk(tick)) {
      asks.push(levelOf(this.#asks, tick));
    }
    return { bids, asks };
  }
}

function levelOf(levels: MatchLevels, tick: number): QueueLevel {
  return {
    ...{ priceTicks: asTicks(tick), lots: asBookLots(levels.lotsAt(tick)), orders: levels.ordersAt(tick) },
  };
}
