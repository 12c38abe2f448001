import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { asBookLots, asTicks } from "../model/index.ts";
import {
  type BookLevel,
  type BookLevels,
  type BookSnapshot,
  bookStateHash,
  checkDepth,
  checkLevel,
  checkLevels,
  faultTick,
} from "./book-level.ts";
import { NO_ASK, NO_BID, TICK_MAX, TICK_MIN } from "./price-range.ts";
import { checkSavedBook, SAVED_HEADER } from "./saved-book.ts";
import { type PageMemory, TickPages } from "./tick-pages.ts";

/** How large an {@link OrderBook} may grow. */
export interface OrderBookOptions {
  /** Pages of 4,096 ticks (32 KiB each when full) a side may hold levels on at one time; 1,024 unless said. */
  readonly pagesMax?: number;
}

/** What a book that is done with held its levels in, for the next one. */
export interface BookMemory {
  readonly bids: PageMemory;
  readonly asks: PageMemory;
}

/**
 * The book of one instrument by price: each level holds a quantity, kept on a paged ladder of ticks.
 *
 * A bid set at or above the best ask moves the best ask to the next ask above it, and the other way round: the
 * later word of the feed wins. The levels passed over stay stored, hidden, until the feed removes them or sets
 * them again.
 *
 * @units prices in ticks, quantities in book lots
 * @invariant `bestBid < bestAsk` after every call; the levels shown are those from `bestBid` down and from
 * `bestAsk` up.
 * @throws `FAULT_INPUT` for a price or quantity that is no integer in range, `FAULT_CAPACITY` when levels stand
 * on more than `pagesMax` pages; in both cases the book is unchanged.
 * @cost A set is O(1) and allocates nothing but new pages; removing the best level scans to the next.
 * @example
 * ```ts
 * import { OrderBook } from "tickwright/book";
 * const book = new OrderBook();
 * book.setBid(100, 5);
 * book.setAsk(102, 7);
 * book.midTicks; // => 101
 * book.setBid(102, 1); // crosses: the ask at 102 is stale
 * book.hasAsk; // => false
 * book.setBid(102, 0); // => 1
 * book.bestBid; // => 100
 * ```
 * @source hftbacktest 0.9, `HashMapMarketDepth`: the rules for stale and removed levels
 */
export class OrderBook {
  /** The best bid, or `NO_BID`. Read only to all but the book. */
  bestBid: number = NO_BID;
  /** The best ask, or `NO_ASK`. Read only to all but the book. */
  bestAsk: number = NO_ASK;
  /** How often a level reached or crossed the other side's best and made it stale. */
  crossings = 0;
  readonly bids: TickPages;
  readonly asks: TickPages;
  private readonly pagesMax: number;
  private lowBid: number = NO_ASK;
  private highAsk: number = NO_BID;

  /** @throws `FAULT_CONFIG` for an unknown option or a `pagesMax` outside 1 and 16,384. */
  constructor(options: OrderBookOptions = {}) {
    checkKeys("book", options, ["pagesMax"]);
    const pagesMax = checkInteger("book.pagesMax", options.pagesMax ?? 1024, 1, 16_384);
    this.pagesMax = pagesMax;
    this.bids = new TickPages("book.bids", pagesMax);
    this.asks = new TickPages("book.asks", pagesMax);
  }

  /** The bid level at `tick` now holds `lots`; 0 removes it. Returns what it held. */
  setBid(tick: number, lots: number): number {
    if ((tick | 0) !== tick || lots >>> 0 !== lots) checkLevel("book.setBid", tick, lots);
    const previous = this.bids.set(tick, lots);
    if (lots === 0) {
      if (tick === this.bestBid) this.dropBestBid();
    } else {
      if (tick > this.bestBid) this.raiseBestBid(tick | 0);
      if (tick < this.lowBid) this.lowBid = tick | 0;
    }
    return previous;
  }

  /** The ask level at `tick` now holds `lots`; 0 removes it. Returns what it held. */
  setAsk(tick: number, lots: number): number {
    if ((tick | 0) !== tick || lots >>> 0 !== lots) checkLevel("book.setAsk", tick, lots);
    const previous = this.asks.set(tick, lots);
    if (lots === 0) {
      if (tick === this.bestAsk) this.dropBestAsk();
    } else {
      if (tick < this.bestAsk) this.lowerBestAsk(tick | 0);
      if (tick > this.highAsk) this.highAsk = tick | 0;
    }
    return previous;
  }

  /** What the feed last said of a bid level, hidden or not; 0 where there is none. */
  bidLots(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.bidLots", tick);
    return this.bids.get(tick);
  }

  /** What the feed last said of an ask level, hidden or not; 0 where there is none. */
  askLots(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.askLots", tick);
    return this.asks.get(tick);
  }

  /** The next bid shown below a price (its own level excluded), or `NO_BID`. */
  nextBid(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.nextBid", tick);
    return tick > this.bestBid ? this.bestBid : this.bids.below(tick, this.lowBid);
  }

  /** The next ask shown above a price (its own level excluded), or `NO_ASK`. */
  nextAsk(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.nextAsk", tick);
    return tick < this.bestAsk ? this.bestAsk : this.asks.above(tick, this.highAsk);
  }

  get hasBid(): boolean {
    return this.bestBid !== NO_BID;
  }

  get hasAsk(): boolean {
    return this.bestAsk !== NO_ASK;
  }

  /** Half the sum of best bid and best ask, in ticks; NaN unless both are there. */
  get midTicks(): number {
    if (this.bestBid === NO_BID || this.bestAsk === NO_ASK) return Number.NaN;
    return (this.bestBid + this.bestAsk) / 2;
  }

  /** The lots of the best bid; 0 where there is none. */
  get bestBidLots(): number {
    return this.bids.get(this.bestBid);
  }

  /** The lots of the best ask; 0 where there is none. */
  get bestAskLots(): number {
    return this.asks.get(this.bestAsk);
  }

  /** Bid levels stored, hidden ones included. O(pages). */
  get bidLevels(): number {
    return this.bids.levels;
  }

  /** Ask levels stored, hidden ones included. O(pages). */
  get askLevels(): number {
    return this.asks.levels;
  }

  /**
   * Whether the feed's own words cross: a level made stale by the other side has not been removed yet.
   * `bestBid < bestAsk` holds all the same. O(pages).
   */
  get isCrossed(): boolean {
    const hiddenBid = this.bids.above(this.bestBid, TICK_MAX) !== NO_ASK;
    return hiddenBid || this.asks.below(this.bestAsk, TICK_MIN) !== NO_BID;
  }

  /** Removes every level of both sides. */
  clear(): void {
    this.clearBids();
    this.clearAsks();
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

  /** Up to `depth` shown levels a side, best first; all of them unless said. */
  copy(depth: number = Number.MAX_SAFE_INTEGER): BookLevels {
    checkDepth("book.copy.depth", depth);
    const bids: BookLevel[] = [];
    for (let tick = this.bestBid; tick !== NO_BID && bids.length < depth; tick = this.nextBid(tick)) {
      bids.push({ priceTicks: asTicks(tick), lots: asBookLots(this.bids.get(tick)) });
    }
    const asks: BookLevel[] = [];
    for (let tick = this.bestAsk; tick !== NO_ASK && asks.length < depth; tick = this.nextAsk(tick)) {
      asks.push({ priceTicks: asTicks(tick), lots: asBookLots(this.asks.get(tick)) });
    }
    return { bids, asks };
  }

  /**
   * Replaces the whole book by a snapshot: bids first, then asks; of two entries of one price the later holds.
   *
   * @throws as the class, naming the entry; the book is unchanged then.
   */
  restore(levels: BookSnapshot): void {
    checkLevels("book.restore.bids", levels.bids, this.pagesMax);
    checkLevels("book.restore.asks", levels.asks, this.pagesMax);
    this.clear();
    for (const level of levels.bids) this.setBid(level.priceTicks, level.lots);
    for (const level of levels.asks) this.setAsk(level.priceTicks, level.lots);
  }

  /** {@link bookStateHash} of the levels shown. */
  stateHash(): string {
    return bookStateHash(this.copy());
  }

  /**
   * Everything the book holds, hidden levels too: {@link OrderBook.load} makes an equal one.
   *
   * @shape crossings, best bid, best ask, lowest bid, highest ask, bid levels, ask levels; then tick and lots of each
   * bid and each ask, rising
   */
  save(): Float64Array {
    const cells = new Float64Array(SAVED_HEADER + 2 * (this.bids.levels + this.asks.levels));
    const { crossings, bestBid, bestAsk, lowBid, highAsk } = this;
    cells.set([crossings, bestBid, bestAsk, lowBid, highAsk, this.bids.levels, this.asks.levels]);
    let at = SAVED_HEADER;
    for (const side of [this.bids, this.asks]) {
      for (
        let tick = side.above(TICK_MIN - 1, TICK_MAX);
        tick !== NO_ASK;
        tick = side.above(tick, TICK_MAX)
      ) {
        cells[at] = tick;
        cells[at + 1] = side.get(tick);
        at += 2;
      }
    }
    return cells;
  }

  /**
   * Takes what {@link OrderBook.save} gave in place of what it holds.
   *
   * @throws `FAULT_INPUT` naming the part for anything else; the book is unchanged then.
   */
  load(cells: Float64Array): void {
    checkSavedBook(cells, this.pagesMax);
    const [crossings, bestBid, bestAsk, lowBid, highAsk, bids] = Array.from(cells.subarray(0, SAVED_HEADER));
    this.clear();
    const middle = SAVED_HEADER + 2 * (bids as number);
    for (let at = SAVED_HEADER; at < cells.length; at += 2) {
      const side = at < middle ? this.bids : this.asks;
      side.set(cells[at] as number, cells[at + 1] as number);
    }
    this.crossings = crossings as number;
    this.bestBid = bestBid as number;
    this.bestAsk = bestAsk as number;
    this.lowBid = lowBid as number;
    this.highAsk = highAsk as number;
  }

  /** Clears it and gives its memory away, for {@link OrderBook.adopt} of another; it can go on, from small. */
  surrender(): BookMemory {
    this.clear();
    this.crossings = 0;
    return { bids: this.bids.surrender(), asks: this.asks.surrender() };
  }

  /**
   * Takes the memory another book surrendered, once, so that it need not grow to that book's size.
   *
   * @throws `FAULT_INPUT` where it holds a level: memory is adopted at the beginning.
   */
  adopt(memory: BookMemory): void {
    if (this.bidLevels + this.askLevels > 0) {
      const expected = "a book without a level";
      throw new Fault("FAULT_INPUT", {
        path: "book.adopt",
        value: this.bidLevels + this.askLevels,
        expected,
      });
    }
    this.bids.adopt(memory.bids);
    this.asks.adopt(memory.asks);
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
