import { Fault } from "../base/index.ts";
import { NO_ASK, NO_BID, PAGE_BITS, TICK_MAX, TICK_MIN } from "./price-range.ts";

const LEAF_BITS = 10;
const LEAF_TICKS = 1024;
const LEAF_MASK = 1023;
/** Bits of a leaf's number that say which of its page it is. */
const LEAF_OF_PAGE_BITS = PAGE_BITS - LEAF_BITS;
const SLACK_LEAVES = 128;

/** The arrays of a side that holds nothing any more, for another one to use: all zeros. */
export interface PageMemory {
  readonly lots: Float64Array;
  readonly counts: Int32Array;
  readonly leafOf: Int32Array;
}

/**
 * One number per tick over the whole price range, in leaves of 1,024 ticks made on demand.
 *
 * The store behind a side of a book: the lots of each level, 0 where there is none. Arguments are not
 * checked; the books that own it do that. How much it holds is bounded in pages of four leaves.
 *
 * @units lots by tick
 * @shape `lots`: slots of 1,024; slot 0 is always zero and stands for every leaf not made yet. `table`: the
 * slot of leaf `base + i`.
 * @invariant `counts[slot]` is the number of ticks of that leaf that are not 0.
 * @cost `set` and `get` O(1); the next level costs the ticks to it within a leaf, and 1 for each leaf
 * without a level; 8 KiB a leaf. A leaf made where `pagesMax` or more are in use costs a look at each.
 */
export class TickPages {
  lots: Float64Array;
  counts: Int32Array;
  table: Int32Array = new Int32Array(0);
  base = 0;
  readonly #name: string;
  readonly #pagesMax: number;
  #leafOf: Int32Array;
  #used = 1;
  #free: number[] = [];

  /** `name` is the path that faults carry; `pagesMax` bounds the pages that hold a level at one time. */
  constructor(name: string, pagesMax: number) {
    this.#name = name;
    this.#pagesMax = pagesMax;
    this.lots = new Float64Array(2 * LEAF_TICKS);
    this.counts = new Int32Array(2);
    this.#leafOf = new Int32Array(2);
  }

  /** What stands at a tick; 0 where nothing does. */
  get(tick: number): number {
    return this.lots[this.find(tick)] as number;
  }

  /**
   * Puts a number at a tick and returns what stood there.
   *
   * @throws `FAULT_INPUT` for a tick outside the price range, `FAULT_CAPACITY` where it would be on a page too many;
   * nothing has changed then.
   */
  set(tick: number, lots: number): number {
    const leaf = (tick >> LEAF_BITS) - this.base;
    let slot = leaf >>> 0 < this.table.length ? (this.table[leaf] as number) : 0;
    if (slot === 0) {
      slot = this.makeLeaf(tick, lots);
      if (slot === 0) return 0;
    }
    return this.write((slot << LEAF_BITS) | (tick & LEAF_MASK), lots);
  }

  /** Puts a number at a place that {@link TickPages.hold} gave, and returns what stood there. */
  write(at: number, lots: number): number {
    const previous = this.lots[at] as number;
    if (previous === 0) {
      if (lots !== 0) this.addLevel(at);
    } else if (lots === 0) this.dropLevel(at >> LEAF_BITS);
    this.lots[at] = lots;
    return previous;
  }

  /** The place of a tick in `lots`; one that holds 0 where the tick has no leaf. */
  find(tick: number): number {
    const leaf = (tick >> LEAF_BITS) - this.base;
    const slot = leaf >>> 0 < this.table.length ? (this.table[leaf] as number) : 0;
    return (slot << LEAF_BITS) | (tick & LEAF_MASK);
  }

  /**
   * The place of a tick in `lots`, its leaf made if it is not there. It stays the tick's place as long as
   * something stands there.
   *
   * @throws as {@link TickPages.set}
   */
  hold(tick: number): number {
    const at = this.find(tick);
    if (at >= LEAF_TICKS) {
      if (this.counts[at >> LEAF_BITS] === 0) this.#checkPages(tick);
      return at;
    }
    return (this.makeLeaf(tick, 1) << LEAF_BITS) | (tick & LEAF_MASK);
  }

  /** The highest level under `tick` and not under `lowest`, or `NO_BID`. */
  below(tick: number, lowest: number): number {
    if (tick <= lowest) return NO_BID;
    const { table, counts, base, lots } = this;
    const last = Math.max((lowest >> LEAF_BITS) - base, 0);
    let leaf = ((tick - 1) >> LEAF_BITS) - base;
    let from = (tick - 1) & LEAF_MASK;
    if (leaf >= table.length) {
      leaf = table.length - 1;
      from = LEAF_MASK;
    }
    for (; leaf >= last; leaf--, from = LEAF_MASK) {
      const slot = table[leaf] as number;
      if (counts[slot] === 0) continue;
      const first = slot << LEAF_BITS;
      for (let i = first | from; i >= first; i--) {
        if (lots[i] === 0) continue;
        const found = ((leaf + base) << LEAF_BITS) | (i & LEAF_MASK);
        return found >= lowest ? found : NO_BID;
      }
    }
    return NO_BID;
  }

  /** The lowest level over `tick` and not over `highest`, or `NO_ASK`. */
  above(tick: number, highest: number): number {
    if (tick >= highest) return NO_ASK;
    const { table, counts, base, lots } = this;
    const last = Math.min((highest >> LEAF_BITS) - base, table.length - 1);
    let leaf = ((tick + 1) >> LEAF_BITS) - base;
    let from = (tick + 1) & LEAF_MASK;
    if (leaf < 0) {
      leaf = 0;
      from = 0;
    }
    for (; leaf <= last; leaf++, from = 0) {
      const slot = table[leaf] as number;
      if (counts[slot] === 0) continue;
      const end = (slot << LEAF_BITS) | LEAF_MASK;
      for (let i = (slot << LEAF_BITS) | from; i <= end; i++) {
        if (lots[i] === 0) continue;
        const found = ((leaf + base) << LEAF_BITS) | (i & LEAF_MASK);
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

  /** Makes every tick 0. Leaves stay for the next use. */
  clear(): void {
    for (let slot = 1; slot < this.#used; slot++) {
      if (this.counts[slot] === 0) continue;
      this.lots.fill(0, slot << LEAF_BITS, (slot + 1) << LEAF_BITS);
      this.counts[slot] = 0;
    }
  }

  /** Makes every tick 0 and gives its arrays away; it goes on with small ones. */
  surrender(): PageMemory {
    this.clear();
    const { lots, counts } = this;
    const memory = { lots, counts, leafOf: this.#leafOf };
    this.#begin({
      lots: new Float64Array(2 * LEAF_TICKS),
      counts: new Int32Array(2),
      leafOf: new Int32Array(2),
    });
    return memory;
  }

  /** Takes arrays that another surrendered, so that it need not grow to their size. Holds nothing before and after. */
  adopt(memory: PageMemory): void {
    const slotsMax = this.#slotsMax;
    if (memory.counts.length <= slotsMax) this.#begin(memory);
  }

  #begin({ lots, counts, leafOf }: PageMemory): void {
    this.lots = lots;
    this.counts = counts;
    this.#leafOf = leafOf;
    this.table = new Int32Array(0);
    this.base = 0;
    this.#used = 1;
    this.#free = [];
  }

  get #slotsMax(): number {
    return (this.#pagesMax << LEAF_OF_PAGE_BITS) + 1;
  }

  private dropLevel(slot: number): void {
    this.counts[slot] = (this.counts[slot] as number) - 1;
  }

  /** A leaf that stayed when its last level went is on a page like a new one: it may be one too many by now. */
  private addLevel(at: number): void {
    const slot = at >> LEAF_BITS;
    const count = this.counts[slot] as number;
    if (count === 0) this.#checkPages(((this.#leafOf[slot] as number) << LEAF_BITS) | (at & LEAF_MASK));
    this.counts[slot] = count + 1;
  }

  /** Makes the leaf of a tick and returns its slot; 0 where nothing is to be put there. Cold. */
  private makeLeaf(tick: number, lots: number): number {
    if (!(tick >= TICK_MIN && tick <= TICK_MAX)) {
      const expected = `a price within ${TICK_MIN} and ${TICK_MAX} ticks`;
      throw new Fault("FAULT_INPUT", { path: `${this.#name}.tick`, value: tick, expected });
    }
    if (lots === 0) return 0;
    const leaf = tick >> LEAF_BITS;
    this.#checkPages(tick);
    const slot = this.#takeSlot();
    this.#coverLeaf(leaf);
    this.table[leaf - this.base] = slot;
    this.#leafOf[slot] = leaf;
    return slot;
  }

  /** Throws where the leaf of a tick would be on a page too many. */
  #checkPages(tick: number): void {
    if (this.#used <= this.#pagesMax) return;
    const pages = new Set([tick >> PAGE_BITS]);
    for (let slot = 1; slot < this.#used; slot++) {
      if (this.counts[slot] !== 0) pages.add((this.#leafOf[slot] as number) >> LEAF_OF_PAGE_BITS);
    }
    if (pages.size <= this.#pagesMax) return;
    const expected = `levels on at most ${this.#pagesMax} pages of ${1 << PAGE_BITS} ticks`;
    throw new Fault("FAULT_CAPACITY", { path: `${this.#name}.tick`, value: tick, expected });
  }

  #takeSlot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used < this.counts.length) return this.#used++;
    this.#recycle();
    const recycled = this.#free.pop();
    if (recycled !== undefined) return recycled;
    const slots = Math.min(this.counts.length * 2, this.#slotsMax);
    this.lots = grown(this.lots, new Float64Array(slots * LEAF_TICKS));
    this.counts = grown(this.counts, new Int32Array(slots));
    this.#leafOf = grown(this.#leafOf, new Int32Array(slots));
    return this.#used++;
  }

  /** Gives back the leaves that hold no level any more. */
  #recycle(): void {
    for (let slot = 1; slot < this.#used; slot++) {
      if (this.counts[slot] !== 0) continue;
      this.table[(this.#leafOf[slot] as number) - this.base] = 0;
      this.#free.push(slot);
    }
  }

  #coverLeaf(leaf: number): void {
    const { table, base } = this;
    if (table.length === 0) {
      this.table = new Int32Array(2 * SLACK_LEAVES);
      this.base = leaf - SLACK_LEAVES;
      return;
    }
    if (leaf >= base && leaf < base + table.length) return;
    const slack = Math.max(SLACK_LEAVES, table.length >> 1);
    const first = leaf < base ? leaf - slack : base;
    const end = leaf < base ? base + table.length : leaf + slack;
    this.table = new Int32Array(end - first);
    this.table.set(table, base - first);
    this.base = first;
  }
}

function grown<Column extends Float64Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
