import { Fault } from "../base/index.ts";
import { TIME_IN_FORCE } from "../model/index.ts";
import type { MatchOrderId } from "./match-order.ts";

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

/** Rows are counted in steps of this: four fields of a row stand side by side, each a view that begins one later. */
const STEP = 4;
const STEP_BITS = 2;

/**
 * The orders of a book by row. Row 0 is no order; rows are multiples of 4.
 *
 * @shape buffers of four fields a row, those that one command reads together side by side; a column is a view of one, read
 * at the row. `tick` the limit (of a pegged order where it stands, `limit` being its bound); `leaves` what may still
 * trade, shown or not; `slot` its slot in the queue that `place` says
 * @invariant 0 <= `leaves` <= `lots`
 * @cost 120 bytes a row and its id; taking one O(1), buffers double as they fill
 */
export class MatchRows {
  place!: Uint8Array;
  side!: Int8Array;
  timeInForce!: Uint8Array;
  type!: Uint8Array;
  flags!: Int32Array;
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
  expireNs!: Float64Array;
  display!: Float64Array;
  jitter!: Float64Array;
  trigger!: Uint8Array;
  peg!: Uint8Array;
  live = 0;
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
    this.place[row] = PLACE.parked;
    this.side[row] = side;
    this.type[row] = 0;
    this.flags[row] = 0;
    // One look for a buffer of four fields, where a column each would be four.
    const { leaves, list } = this;
    leaves[row] = lots;
    leaves[row + 1] = lots;
    leaves[row + 2] = seq;
    leaves[row + 3] = 0;
    list[row] = 0;
    list[row + 1] = owner;
    list[row + 2] = NOT_WAITING;
    list[row + 3] = 0;
    this.#ids[row >> STEP_BITS] = id;
    return row;
  }

  /** Whether an order is shown, of no list, and has nothing special. */
  isPlain(row: number): boolean {
    return this.place[row] === PLACE.shown && this.flags[row] === 0 && this.list[row] === 0;
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

  /** Leaves nothing of an order's terms to the next in its row: equal books are equal in every column. */
  #blank(row: number): void {
    for (const column of TERMS) this[column][row] = 0;
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
    this.place = widened(this.place, new Uint8Array(room));
    this.side = new Int8Array(this.place.buffer, 1);
    [this.timeInForce, this.type] = [this.place.subarray(2), this.place.subarray(3)];
    this.flags = widened(this.flags, new Int32Array(room));
    [this.tick, this.slot, this.limit] = behind(this.flags);
    this.leaves = widened(this.leaves, new Float64Array(room));
    [this.lots, this.seq, this.minLots] = behind(this.leaves);
    this.list = widened(this.list, new Int32Array(room));
    [this.owner, this.stop, this.selfMatch] = behind(this.list);
    this.offset = widened(this.offset, new Int32Array(room));
    [this.trail, this.step, this.guard] = behind(this.offset);
    this.expireNs = widened(this.expireNs, new Float64Array(room));
    [this.display, this.jitter] = behind(this.expireNs);
    this.trigger = widened(this.trigger, new Uint8Array(room));
    [this.peg] = behind(this.trigger);
  }
}

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

type Column = Int32Array | Float64Array | Uint8Array;

function widened<C extends Column>(from: C | undefined, to: C): C {
  if (from !== undefined) to.set(from);
  return to;
}

/** The three other fields of a buffer. */
function behind<C extends Column>(first: C): [C, C, C] {
  return [first.subarray(1) as C, first.subarray(2) as C, first.subarray(3) as C];
}
