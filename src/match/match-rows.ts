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
/** The bytes of a cell before its quantities, in either buffer. */
const FLOATS_AT = 32;
const TIMES_AT = 40;

/**
 * The orders of a book by row. Row 0 is no order; rows are multiples of 16.
 *
 * @shape two buffers of 64 bytes a row: what nearly every command reads, and the rest; a column is a view of one, read
 * at the row, and at `row >> 1` where it holds doubles. `tick` the limit (of a pegged order where it stands, `limit`
 * being its bound); `leaves` what may still trade, shown or not; `slot` its slot in the queue that `place` says
 * @invariant 0 <= `leaves` <= `lots`
 * @cost 128 bytes a row and its id; taking one O(1), buffers double as they fill
 */
export class MatchRows {
  place!: Int32Array;
  side!: Int32Array;
  flags!: Int32Array;
  timeInForce!: Int32Array;
  type!: Int32Array;
  tick!: Int32Array;
  slot!: Int32Array;
  limit!: Int32Array;
  leaves!: Float64Array;
  lots!: Float64Array;
  /** In the order of acceptance. */
  seq!: Float64Array;
  minLots!: Float64Array;
  /** The order list it belongs to; 0 is none. */
  list!: Int32Array;
  owner!: Int32Array;
  stop!: Int32Array;
  selfMatch!: Int32Array;
  offset!: Int32Array;
  trail!: Int32Array;
  step!: Int32Array;
  guard!: Int32Array;
  trigger!: Int32Array;
  peg!: Int32Array;
  expireNs!: Float64Array;
  display!: Float64Array;
  jitter!: Float64Array;
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

  /** What an order is called. */
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
    if (row !== 0) this.#free = this.slot[row] as number;
    else {
      row = this.#used;
      if (row === this.#room) this.#grow();
      this.#used = row + STEP;
    }
    this.live++;
    return row;
  }

  /** Takes a row for a limit order in no place, with nothing special; its price is still to be told. */
  admit(id: MatchOrderId, side: number, lots: number, owner: number, seq: number): number {
    const row = this.take();
    // One look for a buffer, where a column each would be many.
    const { place, leaves, list } = this;
    const at = row >> 1;
    place[row] = PLACE.parked;
    place[row + 1] = side;
    place[row + 2] = 0;
    place[row + 4] = 0;
    leaves[at] = lots;
    leaves[at + 1] = lots;
    leaves[at + 2] = seq;
    leaves[at + 3] = 0;
    list[row] = 0;
    list[row + 1] = owner;
    list[row + 2] = NOT_WAITING;
    list[row + 3] = 0;
    this.#ids[row >> STEP_BITS] = id;
    return row;
  }

  /** Whether an order is shown, of no list, and has nothing special. */
  isPlain(row: number): boolean {
    if (this.place[row] !== PLACE.shown || this.flags[row] !== 0) return false;
    return !this.hasLists || this.list[row] === 0;
  }

  get isFull(): boolean {
    return this.live >= this.#max;
  }

  release(row: number): void {
    if (((this.flags[row] as number) | (this.type[row] as number)) !== 0 || this.#isDated(row))
      this.#blank(row);
    this.place[row] = PLACE.none;
    this.#ids[row >> STEP_BITS] = undefined;
    this.slot[row] = this.#free;
    this.#free = row;
    this.live--;
  }

  #isDated(row: number): boolean {
    return this.timeInForce[row] === TIME_IN_FORCE.GTD;
  }

  /** A field of an order, for saving. */
  term(column: Term, row: number): number {
    const cells = this[column];
    return cells[cells instanceof Float64Array ? row >> 1 : row] as number;
  }

  setTerm(column: Term, row: number, value: number): void {
    const cells = this[column];
    cells[cells instanceof Float64Array ? row >> 1 : row] = value;
  }

  /** Leaves nothing of an order's terms to the next in its row: equal books are equal in every column. */
  #blank(row: number): void {
    for (const column of TERMS) this.setTerm(column, row, 0);
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
    [this.type, this.tick, this.slot, this.limit] = fourOf(hot, 4);
    const floats = [0, 1, 2, 3].map((at) => new Float64Array(hot.buffer, FLOATS_AT + at * 8));
    [this.leaves, this.lots, this.seq, this.minLots] = floats as Four<Float64Array>;
    const rest = widened(this.list, new Int32Array(room));
    [this.list, this.owner, this.stop, this.selfMatch] = fourOf(rest, 0);
    [this.offset, this.trail, this.step, this.guard] = fourOf(rest, 4);
    [this.trigger, this.peg] = fourOf(rest, 8);
    const times = [0, 1, 2].map((at) => new Float64Array(rest.buffer, TIMES_AT + at * 8));
    [this.expireNs, this.display, this.jitter] = times as [Float64Array, Float64Array, Float64Array];
  }
}

type Four<C> = [C, C, C, C];
type Term = (typeof SAVED_COLUMNS)[number];

/** Columns that a plain order does not write. */
const TERMS = [
  ...([
    "type",
    "trigger",
    "peg",
    "offset",
    "trail",
    "step",
    "guard",
    "display",
    "jitter",
    "expireNs",
  ] as const),
] as const;

function widened(from: Int32Array | undefined, to: Int32Array): Int32Array {
  if (from !== undefined) to.set(from);
  return to;
}

/** Four columns beginning at a word of the cell. */
function fourOf(cells: Int32Array, word: number): Four<Int32Array> {
  return [0, 1, 2, 3].map((at) => cells.subarray(word + at)) as Four<Int32Array>;
}
