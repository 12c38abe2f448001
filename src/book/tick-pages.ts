import { Fault } from "../base/index.ts";
import { NO_ASK, NO_BID, PAGE_BITS, TICK_MAX, TICK_MIN } from "./price-range.ts";

const PAGE_TICKS = 4096;
const PAGE_MASK = 4095;
const SLACK_PAGES = 32;

/**
 * One number per tick over the whole price range, in pages of 4,096 ticks made on demand.
 *
 * The store behind a side of a book: the lots of each level, 0 where there is none. Arguments are not
 * checked; the books that own it do that.
 *
 * @units lots by tick
 * @shape `lots`: slots of 4,096; slot 0 is always zero and stands for every page not made yet. `table`: the
 * slot of page `base + i`.
 * @invariant `counts[slot]` is the number of ticks of that page that are not 0.
 * @cost `set` and `get` O(1); the next level costs the ticks to it within a page, and 1 for each page
 * without a level; 32 KiB a page.
 */
export class TickPages {
  lots: Float64Array;
  counts: Int32Array;
  table: Int32Array = new Int32Array(0);
  base = 0;
  readonly #name: string;
  readonly #pagesMax: number;
  #pageOf: Int32Array;
  #used = 1;
  #free: number[] = [];

  /** `name` is the path that faults carry; `pagesMax` bounds the pages that hold a level at one time. */
  constructor(name: string, pagesMax: number) {
    this.#name = name;
    this.#pagesMax = pagesMax;
    const slots = Math.min(2, pagesMax + 1);
    this.lots = new Float64Array(slots * PAGE_TICKS);
    this.counts = new Int32Array(slots);
    this.#pageOf = new Int32Array(slots);
  }

  /** What stands at a tick; 0 where nothing does. */
  get(tick: number): number {
    return this.lots[this.find(tick)] as number;
  }

  /**
   * Puts a number at a tick and returns what stood there.
   *
   * @throws `FAULT_INPUT` for a tick outside the price range, `FAULT_CAPACITY` when no page is left.
   */
  set(tick: number, lots: number): number {
    const page = (tick >> PAGE_BITS) - this.base;
    let slot = page >>> 0 < this.table.length ? (this.table[page] as number) : 0;
    if (slot === 0) {
      slot = this.makePage(tick, lots);
      if (slot === 0) return 0;
    }
    return this.write((slot << PAGE_BITS) | (tick & PAGE_MASK), lots);
  }

  /** Puts a number at a place that {@link TickPages.hold} gave, and returns what stood there. */
  write(at: number, lots: number): number {
    const previous = this.lots[at] as number;
    this.lots[at] = lots;
    if (previous === 0) {
      if (lots !== 0) this.addLevels(at >> PAGE_BITS, 1);
    } else if (lots === 0) this.addLevels(at >> PAGE_BITS, -1);
    return previous;
  }

  /** The place of a tick in `lots`; one that holds 0 where the tick has no page. */
  find(tick: number): number {
    const page = (tick >> PAGE_BITS) - this.base;
    const slot = page >>> 0 < this.table.length ? (this.table[page] as number) : 0;
    return (slot << PAGE_BITS) | (tick & PAGE_MASK);
  }

  /**
   * The place of a tick in `lots`, its page made if it is not there. It stays the tick's place as long as
   * something stands there.
   *
   * @throws as {@link TickPages.set}
   */
  hold(tick: number): number {
    const at = this.find(tick);
    return at >= PAGE_TICKS ? at : (this.makePage(tick, 1) << PAGE_BITS) | (tick & PAGE_MASK);
  }

  /** The highest level under `tick` and not under `lowest`, or `NO_BID`. */
  below(tick: number, lowest: number): number {
    if (tick <= lowest) return NO_BID;
    const { table, counts, base, lots } = this;
    const last = Math.max((lowest >> PAGE_BITS) - base, 0);
    let page = ((tick - 1) >> PAGE_BITS) - base;
    let from = (tick - 1) & PAGE_MASK;
    if (page >= table.length) {
      page = table.length - 1;
      from = PAGE_MASK;
    }
    for (; page >= last; page--, from = PAGE_MASK) {
      const slot = table[page] as number;
      if (counts[slot] === 0) continue;
      const first = slot << PAGE_BITS;
      for (let i = first | from; i >= first; i--) {
        if (lots[i] === 0) continue;
        const found = ((page + base) << PAGE_BITS) | (i & PAGE_MASK);
        return found >= lowest ? found : NO_BID;
      }
    }
    return NO_BID;
  }

  /** The lowest level over `tick` and not over `highest`, or `NO_ASK`. */
  above(tick: number, highest: number): number {
    if (tick >= highest) return NO_ASK;
    const { table, counts, base, lots } = this;
    const last = Math.min((highest >> PAGE_BITS) - base, table.length - 1);
    let page = ((tick + 1) >> PAGE_BITS) - base;
    let from = (tick + 1) & PAGE_MASK;
    if (page < 0) {
      page = 0;
      from = 0;
    }
    for (; page <= last; page++, from = 0) {
      const slot = table[page] as number;
      if (counts[slot] === 0) continue;
      const end = (slot << PAGE_BITS) | PAGE_MASK;
      for (let i = (slot << PAGE_BITS) | from; i <= end; i++) {
        if (lots[i] === 0) continue;
        const found = ((page + base) << PAGE_BITS) | (i & PAGE_MASK);
        return found <= highest ? found : NO_ASK;
      }
    }
    return NO_ASK;
  }

  /** How many ticks are not 0. */
  get levels(): number {
    let sum = 0;
    for (let slot = 1; slot < this.#used; slot++) sum += this.counts[slot] as number;
    return sum;
  }

  /** Makes every tick 0. Pages stay for the next use. */
  clear(): void {
    for (let slot = 1; slot < this.#used; slot++) {
      if (this.counts[slot] === 0) continue;
      this.lots.fill(0, slot << PAGE_BITS, (slot + 1) << PAGE_BITS);
      this.counts[slot] = 0;
    }
  }

  private addLevels(slot: number, change: number): void {
    this.counts[slot] = (this.counts[slot] as number) + change;
  }

  /** Makes the page of a tick and returns its slot; 0 where nothing is to be put there. Cold. */
  private makePage(tick: number, lots: number): number {
    if (!(tick >= TICK_MIN && tick <= TICK_MAX)) {
      const expected = `a price within ${TICK_MIN} and ${TICK_MAX} ticks`;
      throw new Fault("FAULT_INPUT", { path: `${this.#name}.tick`, value: tick, expected });
    }
    if (lots === 0) return 0;
    const page = tick >> PAGE_BITS;
    const slot = this.#takeSlot(tick);
    this.#coverPage(page);
    this.table[page - this.base] = slot;
    this.#pageOf[slot] = page;
    return slot;
  }

  #takeSlot(tick: number): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used < this.counts.length) return this.#used++;
    this.#recycle();
    const recycled = this.#free.pop();
    if (recycled !== undefined) return recycled;
    if (this.#used > this.#pagesMax) {
      const expected = `levels on at most ${this.#pagesMax} pages of ${PAGE_TICKS} ticks`;
      throw new Fault("FAULT_CAPACITY", { path: `${this.#name}.tick`, value: tick, expected });
    }
    const slots = Math.min(this.counts.length * 2, this.#pagesMax + 1);
    this.lots = grown(this.lots, new Float64Array(slots * PAGE_TICKS));
    this.counts = grown(this.counts, new Int32Array(slots));
    this.#pageOf = grown(this.#pageOf, new Int32Array(slots));
    return this.#used++;
  }

  /** Gives back the pages that hold no level any more. */
  #recycle(): void {
    for (let slot = 1; slot < this.#used; slot++) {
      if (this.counts[slot] !== 0) continue;
      this.table[(this.#pageOf[slot] as number) - this.base] = 0;
      this.#free.push(slot);
    }
  }

  #coverPage(page: number): void {
    const { table, base } = this;
    if (table.length === 0) {
      this.table = new Int32Array(2 * SLACK_PAGES);
      this.base = page - SLACK_PAGES;
      return;
    }
    if (page >= base && page < base + table.length) return;
    const slack = Math.max(SLACK_PAGES, table.length >> 1);
    const first = page < base ? page - slack : base;
    const end = page < base ? base + table.length : page + slack;
    this.table = new Int32Array(end - first);
    this.table.set(table, base - first);
    this.base = first;
  }
}

function grown<Column extends Float64Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
