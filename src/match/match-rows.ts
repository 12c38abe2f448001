import { Fault } from "../base/index.ts";
import { TIME_IN_FORCE } from "../model/index.ts";
import type { MatchOrderId } from "./match-order.ts";
import type { SAVED_COLUMNS } from "./saved-matching.ts";

/** Where an order is: in no queue (`parked`), shown, hidden, waiting for its trigger, or kept for an auction. */
export const PLACE = { none: 0, parked: 1, shown: 2, hidden: 3, waiting: 4, auction: 5 } as const;

/** What is special about an order, one bit each. Orders without a bit take the short way. */
export const MATCH_FLAG = {
  postOnly: 1,
  reprice: 2,
  reduceOnly: 4,
  hidden: 8,
  allOrNone: 16,
  iceberg: 32,
  pegged: 64,
  trailing: 128,
  market: 256,
  touched: 512,
  triggered: 1024,
} as const;

/** An order without a trigger. */
export const NOT_WAITING = -0x7fffffff;

/** Rows are counted in steps of this: sixteen words, a cache line, are a row's cell. */
const STEP = 16;
const STEP_BITS = 4;
/** The bytes of a cell before its quantities. */
const QUANTITIES_AT = 40;

/** Words of a hot cell, counted from the row: what `place` is read at with them. */
const SIDE_AT = 1;
const FLAGS_AT = 2;
const TIME_AT = 3;
const TICK_AT = 4;
/** The level a row stands on. */
export const LEVEL_AT = 5;
/** The row behind it, and of a free row the next free one. */
export const NEXT_AT = 6;
/** The row in front of it. */
export const PREV_AT = 7;
const OWNER_AT = 8;
const SELF_MATCH_AT = 9;
/** Quantities of a hot cell, counted from `row >> 1`: what `leaves` is read at with them. */
const LOTS_AT = 1;
const SEQ_AT = 2;

/**
 * The orders of a book by row. Row 0 is no order; rows are multiples of 16.
 *
 * @shape three buffers: 64 bytes a row that nearly every command reads, 64 of terms and 16 of quantities that a plain
 * order does not touch. A column is a view of one: words are read at the row, `minLots` and `shown` at `row >> 3`, other
 * quantities at `row >> 1`. `tick` the limit (of a pegged order where it stands, `limit` being its bound); `leaves` what
 * may still trade, `shown` what of it an iceberg shows; `level`, `next` and `prev` where it stands in the queue that
 * `place` says
 * @invariant 0 <= `leaves` <= `lots`
 * @cost 144 bytes a row and its id; taking one O(1), buffers double as they fill
 */
export class MatchRows {
  place!: Int32Array;
  side!: Int32Array;
  flags!: Int32Array;
  timeInForce!: Int32Array;
  tick!: Int32Array;
  level!: Int32Array;
  next!: Int32Array;
  prev!: Int32Array;
  leaves!: Float64Array;
  lots!: Float64Array;
  /** In the order of acceptance. */
  seq!: Float64Array;
  owner!: Int32Array;
  selfMatch!: Int32Array;
  /** The order list it belongs to; 0 is none. */
  list!: Int32Array;
  stop!: Int32Array;
  offset!: Int32Array;
  trail!: Int32Array;
  step!: Int32Array;
  guard!: Int32Array;
  trigger!: Int32Array;
  peg!: Int32Array;
  type!: Int32Array;
  limit!: Int32Array;
  expireNs!: Float64Array;
  display!: Float64Array;
  jitter!: Float64Array;
  minLots!: Float64Array;
  shown!: Float64Array;
  live = 0;
  /** Whether an order of a list has ever come. */
  hasLists = false;
  readonly #ids: (MatchOrderId | undefined)[] = [undefined];
  readonly #max: number;
  #room = 0;
  #used = STEP;
  #free = 0;

  constructor(max: number) {
    this.#max = max;
    this.#widen(Math.min(1024, max + 1) * STEP);
  }

  /** What an order is called; of a free row what its last order was. */
  idOf(row: number): MatchOrderId | undefined {
    return this.#ids[row >> STEP_BITS];
  }

  /** Names the order of a row. */
  name(row: number, id: MatchOrderId): void {
    this.#ids[row >> STEP_BITS] = id;
  }

  /** Takes a row. @throws `FAULT_CAPACITY` when all are taken: ask `isFull` before. */
  take(): number {
    let row = this.#free;
    if (row !== 0) this.#free = this.next[row] as number;
    else {
      row = this.#used;
      if (row === this.#room) this.#grow();
      this.#used = row + STEP;
      this.stop[row] = NOT_WAITING;
    }
    this.live++;
    return row;
  }

  /** Takes a row for a limit order in no place, with nothing special. @units ticks, lots */
  admit(id: MatchOrderId, side: number, tick: number, lots: number, owner: number, seq: number): number {
    const row = this.take();
    // One look for a buffer, where a column each would be many.
    const { place, leaves } = this;
    place[row] = PLACE.parked;
    place[row + SIDE_AT] = side;
    place[row + FLAGS_AT] = 0;
    place[row + TIME_AT] = 0;
    place[row + TICK_AT] = tick;
    place[row + OWNER_AT] = owner;
    place[row + SELF_MATCH_AT] = 0;
    const at = row >> 1;
    leaves[at] = lots;
    leaves[at + LOTS_AT] = lots;
    leaves[at + SEQ_AT] = seq;
    this.#ids[row >> STEP_BITS] = id;
    return row;
  }

  /** Whether an order is shown, of no list, and has nothing special. */
  isPlain(row: number): boolean {
    const { place } = this;
    if (place[row] !== PLACE.shown || place[row + FLAGS_AT] !== 0) return false;
    return !this.hasLists || this.list[row] === 0;
  }

  /** Whether an order is shown without anything special, at another price, and ends at no time. */
  isMovable(row: number, tick: number): boolean {
    const { place } = this;
    return (
      place[row] === PLACE.shown &&
      place[row + FLAGS_AT] === 0 &&
      place[row + TIME_AT] !== TIME_IN_FORCE.GTD &&
      place[row + TICK_AT] !== tick
    );
  }

  /** Whether an order is of no list and minds no other of its owner. */
  isAlone(row: number): boolean {
    return this.selfMatch[row] === 0 && (!this.hasLists || this.list[row] === 0);
  }

  /** The lots that an order in a queue stands there with: an iceberg's shown part, of any other all that is left. */
  standing(row: number): number {
    const isIceberg = ((this.flags[row] as number) & MATCH_FLAG.iceberg) !== 0;
    return isIceberg && this.place[row] === PLACE.shown
      ? (this.shown[row >> 3] as number)
      : (this.leaves[row >> 1] as number);
  }

  get isFull(): boolean {
    return this.live >= this.#max;
  }

  /** Gives back a row that has nothing special: it was a limit order in a shown queue, or took at once. */
  releasePlain(row: number): void {
    const { place } = this;
    if (place[row + TIME_AT] === TIME_IN_FORCE.GTD) this.#blank(row);
    place[row] = PLACE.none;
    place[row + NEXT_AT] = this.#free;
    this.#free = row;
    this.live--;
  }

  release(row: number): void {
    this.#blank(row);
    this.releasePlain(row);
  }

  /** A field of an order, for saving. */
  term(column: Term, row: number): number {
    return this[column][row >> shiftOf(column)] as number;
  }

  setTerm(column: Term, row: number, value: number): void {
    this[column][row >> shiftOf(column)] = value;
  }

  /** Leaves nothing of an order's terms to the next in its row: equal books are equal in every column. */
  #blank(row: number): void {
    const { list, minLots } = this;
    for (let at = row; at < row + STEP; at++) list[at] = 0;
    this.stop[row] = NOT_WAITING;
    minLots[row >> 3] = 0;
    minLots[(row >> 3) + 1] = 0;
  }

  #grow(): void {
    if (this.live >= this.#max) {
      const expected = `at most ${this.#max} orders`;
      throw new Fault("FAULT_CAPACITY", { path: "match.orders", value: this.live + 1, expected });
    }
    this.#widen(Math.min(this.#room * 2, (this.#max + 1) * STEP));
  }

  #widen(room: number): void {
    this.#room = room;
    const hot = widened(this.place, new Int32Array(room));
    [this.place, this.side, this.flags, this.timeInForce] = fourOf(hot, 0);
    [this.tick, this.level, this.next, this.prev] = fourOf(hot, 4);
    [this.owner, this.selfMatch] = fourOf(hot, OWNER_AT);
    [this.leaves, this.lots, this.seq] = fourOf(new Float64Array(hot.buffer, QUANTITIES_AT), 0);
    const terms = widened(this.list, new Int32Array(room));
    [this.list, this.stop, this.offset, this.trail] = fourOf(terms, 0);
    [this.step, this.guard, this.trigger, this.peg] = fourOf(terms, 4);
    [this.type, this.limit] = fourOf(terms, 8);
    [this.expireNs, this.display, this.jitter] = fourOf(new Float64Array(terms.buffer, QUANTITIES_AT), 0);
    [this.minLots, this.shown] = fourOf(widened(this.minLots, new Float64Array(room >> 3)), 0);
  }
}

type Four<C> = [C, C, C, C];
type Term = (typeof SAVED_COLUMNS)[number];

/** By how much a row is shifted to read a column at it. */
function shiftOf(column: Term): number {
  if (column === "minLots") return 3;
  return QUANTITIES.has(column) ? 1 : 0;
}

const QUANTITIES: ReadonlySet<string> = new Set(["leaves", "lots", "seq", "expireNs", "display", "jitter"]);

function widened<C extends Int32Array | Float64Array>(from: C | undefined, to: C): C {
  if (from !== undefined) to.set(from);
  return to;
}

/** Four columns beginning at a word of the cell. */
function fourOf<C extends Int32Array | Float64Array>(cells: C, word: number): Four<C> {
  return [0, 1, 2, 3].map((at) => cells.subarray(word + at)) as Four<C>;
}
