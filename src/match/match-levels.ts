import { NO_ASK, NO_BID } from "../book/index.ts";
import { LEVEL_AT, type MatchRows, NEXT_AT, PREV_AT } from "./match-rows.ts";

const PAGE_BITS = 12;
const PAGE_TICKS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_TICKS - 1;
/** A word of bits says of 32 ticks which are levels. */
const BITS = 5;
const PAGE_WORDS = PAGE_TICKS >> BITS;
const SLACK_PAGES = 32;
/** Words of a level, counted from its place times four. */
const HEAD_AT = 2;
const TAIL_AT = 3;

/**
 * One side of a queue: on each tick a first-in, first-out line of rows, and their lots. Arguments are not checked, and
 * no sum is: the book takes no order that could pass 2^53.
 *
 * @units lots by tick
 * @shape pages of 4,096 ticks made on demand; a level's place is its page's slot and its tick within; its cell of 16
 * bytes holds its lots, the first row and the last; beside it how many rows, and a bit that says whether there are any.
 * Slot 0 holds nothing for ever and stands for every page not made yet
 * @invariant the lots of a level are the sum of what its rows came with less what was taken
 * @cost `push` and `unlink` O(1); the next level 1 for every 32 ticks to it within a page, 1 for each page without one
 */
export class MatchLevels {
  readonly #rows: MatchRows;
  #lots: Float64Array;
  #cells: Int32Array;
  #orders: Int32Array;
  #bits: Int32Array;
  /** By slot: how many levels a page has, and which page it is. */
  #levels: Int32Array;
  #pageOf: Int32Array;
  /** The slot of page `base + i`. */
  #table: Int32Array = new Int32Array(0);
  #base = 0;
  #used = 1;
  #free: number[] = [];

  constructor(rows: MatchRows) {
    this.#rows = rows;
    this.#lots = new Float64Array(2 * 2 * PAGE_TICKS);
    this.#cells = new Int32Array(this.#lots.buffer);
    this.#orders = new Int32Array(2 * PAGE_TICKS);
    this.#bits = new Int32Array(2 * PAGE_WORDS);
    this.#levels = new Int32Array(2);
    this.#pageOf = new Int32Array(2);
  }

  /** The lots at a tick; 0 where nobody stands. */
  lotsAt(tick: number): number {
    return this.#lots[this.#find(tick) << 1] as number;
  }

  /** How many stand at a tick. */
  ordersAt(tick: number): number {
    return this.#orders[this.#find(tick)] as number;
  }

  /** The first row at a tick; 0 where nobody stands. */
  headAt(tick: number): number {
    return this.#cells[(this.#find(tick) << 2) + HEAD_AT] as number;
  }

  /** The tick of the level that a row stands, or stood last, on. */
  tickOf(row: number): number {
    const at = this.#rows.level[row] as number;
    return ((this.#pageOf[at >> PAGE_BITS] as number) << PAGE_BITS) | (at & PAGE_MASK);
  }

  /** Puts a row at the end of a tick's line. */
  push(row: number, tick: number, lots: number): void {
    let at = this.#find(tick);
    if (at < PAGE_TICKS) at = this.#makePage(tick);
    const { place } = this.#rows;
    const cells = this.#cells;
    const cell = at << 2;
    const last = cells[cell + TAIL_AT] as number;
    place[row + LEVEL_AT] = at;
    place[row + PREV_AT] = last;
    place[row + NEXT_AT] = 0;
    cells[cell + TAIL_AT] = row;
    this.#lots[at << 1] = (this.#lots[at << 1] as number) + lots;
    this.#orders[at] = (this.#orders[at] as number) + 1;
    if (last !== 0) place[last + NEXT_AT] = row;
    else {
      cells[cell + HEAD_AT] = row;
      this.#begin(at);
    }
  }

  /** Takes a row out of its line, and the lots it stood with; returns whether others stand there still. */
  unlink(row: number, lots: number): boolean {
    const { place } = this.#rows;
    const cells = this.#cells;
    const at = place[row + LEVEL_AT] as number;
    const next = place[row + NEXT_AT] as number;
    const prev = place[row + PREV_AT] as number;
    const cell = at << 2;
    if (prev === 0) cells[cell + HEAD_AT] = next;
    else place[prev + NEXT_AT] = next;
    if (next === 0) cells[cell + TAIL_AT] = prev;
    else place[next + PREV_AT] = prev;
    this.#lots[at << 1] = (this.#lots[at << 1] as number) - lots;
    this.#orders[at] = (this.#orders[at] as number) - 1;
    if ((prev | next) !== 0) return true;
    this.#end(at);
    return false;
  }

  /** Puts a row behind what stands at another tick; returns whether others stand where it stood. */
  move(row: number, tick: number, lots: number): boolean {
    let to = this.#find(tick);
    if (to < PAGE_TICKS) to = this.#makePage(tick);
    const { place } = this.#rows;
    const cells = this.#cells;
    const levels = this.#lots;
    const orders = this.#orders;
    const at = place[row + LEVEL_AT] as number;
    const next = place[row + NEXT_AT] as number;
    const prev = place[row + PREV_AT] as number;
    if (prev === 0) cells[(at << 2) + HEAD_AT] = next;
    else place[prev + NEXT_AT] = next;
    if (next === 0) cells[(at << 2) + TAIL_AT] = prev;
    else place[next + PREV_AT] = prev;
    levels[at << 1] = (levels[at << 1] as number) - lots;
    orders[at] = (orders[at] as number) - 1;
    const last = cells[(to << 2) + TAIL_AT] as number;
    place[row + LEVEL_AT] = to;
    place[row + PREV_AT] = last;
    place[row + NEXT_AT] = 0;
    cells[(to << 2) + TAIL_AT] = row;
    levels[to << 1] = (levels[to << 1] as number) + lots;
    orders[to] = (orders[to] as number) + 1;
    if (last !== 0) place[last + NEXT_AT] = row;
    else {
      cells[(to << 2) + HEAD_AT] = row;
      this.#begin(to);
    }
    if ((prev | next) !== 0) return true;
    this.#end(at);
    return false;
  }

  /** Takes lots off the level of a row that keeps its place. */
  shrink(row: number, by: number): void {
    const at = this.#rows.level[row] as number;
    this.#lots[at << 1] = (this.#lots[at << 1] as number) - by;
  }

  /** The highest level below a tick, or `NO_BID`. */
  below(tick: number): number {
    const table = this.#table;
    const levels = this.#levels;
    const bits = this.#bits;
    let page = ((tick - 1) >> PAGE_BITS) - this.#base;
    let from = (tick - 1) & PAGE_MASK;
    if (page >= table.length) {
      page = table.length - 1;
      from = PAGE_MASK;
    }
    for (; page >= 0; page--, from = PAGE_MASK) {
      const slot = table[page] as number;
      if (levels[slot] === 0) continue;
      const first = slot * PAGE_WORDS;
      let word = first + (from >> BITS);
      let found = (bits[word] as number) & (0xffffffff >>> (31 - (from & 31)));
      while (found === 0 && word > first) found = bits[--word] as number;
      if (found !== 0) {
        return ((page + this.#base) << PAGE_BITS) | ((word - first) << BITS) | (31 - Math.clz32(found));
      }
    }
    return NO_BID;
  }

  /** The lowest level above a tick, or `NO_ASK`. */
  above(tick: number): number {
    const table = this.#table;
    const levels = this.#levels;
    const bits = this.#bits;
    let page = ((tick + 1) >> PAGE_BITS) - this.#base;
    let from = (tick + 1) & PAGE_MASK;
    if (page < 0) {
      page = 0;
      from = 0;
    }
    for (; page < table.length; page++, from = 0) {
      const slot = table[page] as number;
      if (levels[slot] === 0) continue;
      const first = slot * PAGE_WORDS;
      const last = first + PAGE_WORDS - 1;
      let word = first + (from >> BITS);
      let found = (bits[word] as number) & (-1 << (from & 31));
      while (found === 0 && word < last) found = bits[++word] as number;
      if (found !== 0) {
        const lowest = 31 - Math.clz32(found & -found);
        return ((page + this.#base) << PAGE_BITS) | ((word - first) << BITS) | lowest;
      }
    }
    return NO_ASK;
  }

  /** The place of a tick; one that holds nothing where the tick has no page. */
  #find(tick: number): number {
    const table = this.#table;
    const page = (tick >> PAGE_BITS) - this.#base;
    const slot = page >>> 0 < table.length ? (table[page] as number) : 0;
    return (slot << PAGE_BITS) | (tick & PAGE_MASK);
  }

  /** A place has become a level. */
  #begin(at: number): void {
    const word = at >> BITS;
    this.#bits[word] = (this.#bits[word] as number) | (1 << (at & 31));
    const slot = at >> PAGE_BITS;
    this.#levels[slot] = (this.#levels[slot] as number) + 1;
  }

  /** Nobody stands at a place any more. */
  #end(at: number): void {
    const word = at >> BITS;
    this.#bits[word] = (this.#bits[word] as number) & ~(1 << (at & 31));
    const slot = at >> PAGE_BITS;
    this.#levels[slot] = (this.#levels[slot] as number) - 1;
  }

  /** Makes the page of a tick and returns the tick's place. Cold. */
  #makePage(tick: number): number {
    const page = tick >> PAGE_BITS;
    const slot = this.#takeSlot();
    this.#coverPage(page);
    this.#table[page - this.#base] = slot;
    this.#pageOf[slot] = page;
    return (slot << PAGE_BITS) | (tick & PAGE_MASK);
  }

  #takeSlot(): number {
    if (this.#used === this.#pageOf.length && this.#free.length === 0) this.#recycle();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === this.#pageOf.length) this.#grow();
    return this.#used++;
  }

  /** Gives back the pages that hold no level any more. */
  #recycle(): void {
    for (let slot = 1; slot < this.#used; slot++) {
      if (this.#levels[slot] !== 0) continue;
      this.#table[(this.#pageOf[slot] as number) - this.#base] = 0;
      this.#free.push(slot);
    }
  }

  #grow(): void {
    const slots = this.#pageOf.length * 2;
    this.#lots = grown(this.#lots, new Float64Array(slots * PAGE_TICKS * 2));
    this.#cells = new Int32Array(this.#lots.buffer);
    this.#orders = grown(this.#orders, new Int32Array(slots * PAGE_TICKS));
    this.#bits = grown(this.#bits, new Int32Array(slots * PAGE_WORDS));
    this.#levels = grown(this.#levels, new Int32Array(slots));
    this.#pageOf = grown(this.#pageOf, new Int32Array(slots));
  }

  #coverPage(page: number): void {
    const table = this.#table;
    const base = this.#base;
    if (table.length === 0) {
      this.#table = new Int32Array(2 * SLACK_PAGES);
      this.#base = page - SLACK_PAGES;
      return;
    }
    if (page >= base && page < base + table.length) return;
    const slack = Math.max(SLACK_PAGES, table.length >> 1);
    const first = page < base ? page - slack : base;
    const end = page < base ? base + table.length : page + slack;
    this.#table = new Int32Array(end - first);
    this.#table.set(table, base - first);
    this.#base = first;
  }
}

function grown<Column extends Float64Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
