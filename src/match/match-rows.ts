import { Fault } from "../base/index.ts";
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

/**
 * The orders of a book by row, one column a field. Row 0 is no order.
 *
 * @shape `tick` the limit (of a pegged order where it stands, `limit` being its bound); `leaves` what may still trade,
 * shown or not; `slot` its slot in the queue that `place` says
 * @invariant 0 <= `leaves` <= `lots`
 * @cost 111 bytes a row; taking one O(1), columns double as they fill
 */
export class MatchRows {
  readonly ids: (MatchOrderId | undefined)[] = [undefined];
  place!: Uint8Array;
  side!: Int8Array;
  flags!: Uint16Array;
  timeInForce!: Uint8Array;
  selfMatch!: Uint8Array;
  owner!: Int32Array;
  tick!: Int32Array;
  limit!: Int32Array;
  slot!: Int32Array;
  lots!: Float64Array;
  leaves!: Float64Array;
  type!: Uint8Array;
  trigger!: Uint8Array;
  peg!: Uint8Array;
  offset!: Int32Array;
  stop!: Int32Array;
  trail!: Int32Array;
  step!: Int32Array;
  guard!: Int32Array;
  display!: Float64Array;
  jitter!: Float64Array;
  minLots!: Float64Array;
  expireNs!: Float64Array;
  /** The order list it belongs to; 0 is none. */
  list!: Int32Array;
  /** In the order of acceptance. */
  seq!: Float64Array;
  live = 0;
  readonly #max: number;
  #used = 1;
  #free = 0;

  constructor(max: number) {
    this.#max = max;
    this.#widen(Math.min(1024, max + 1));
  }

  /** Takes a row. @throws `FAULT_CAPACITY` when all are taken: ask `isFull` before. */
  take(): number {
    let row = this.#free;
    if (row !== 0) this.#free = this.slot[row] as number;
    else {
      row = this.#used;
      if (row === this.place.length) this.#grow();
      this.#used = row + 1;
    }
    this.live++;
    return row;
  }

  get isFull(): boolean {
    return this.live >= this.#max;
  }

  /** Rows ever used: rows are below it. */
  get end(): number {
    return this.#used;
  }

  release(row: number): void {
    if (((this.flags[row] as number) | (this.type[row] as number)) !== 0 || this.expireNs[row] !== 0)
      this.#blank(row);
    this.place[row] = PLACE.none;
    this.ids[row] = undefined;
    this.slot[row] = this.#free;
    this.#free = row;
    this.live--;
  }

  /** Leaves nothing of an order's terms to the next in its row: equal books are equal in every column. */
  #blank(row: number): void {
    for (const column of TERMS) this[column][row] = 0;
  }

  clear(): void {
    this.place.fill(0);
    this.ids.length = 1;
    this.live = 0;
    this.#used = 1;
    this.#free = 0;
  }

  #grow(): void {
    if (this.#used > this.#max) {
      const expected = `at most ${this.#max} orders`;
      throw new Fault("FAULT_CAPACITY", { path: "match.orders", value: this.#used, expected });
    }
    this.#widen(Math.min(this.place.length * 2, this.#max + 1));
  }

  #widen(rows: number): void {
    this.place = widened(this.place, new Uint8Array(rows));
    this.side = widened(this.side, new Int8Array(rows));
    this.flags = widened(this.flags, new Uint16Array(rows));
    this.timeInForce = widened(this.timeInForce, new Uint8Array(rows));
    this.selfMatch = widened(this.selfMatch, new Uint8Array(rows));
    this.owner = widened(this.owner, new Int32Array(rows));
    this.tick = widened(this.tick, new Int32Array(rows));
    this.limit = widened(this.limit, new Int32Array(rows));
    this.slot = widened(this.slot, new Int32Array(rows));
    this.lots = widened(this.lots, new Float64Array(rows));
    this.leaves = widened(this.leaves, new Float64Array(rows));
    this.type = widened(this.type, new Uint8Array(rows));
    this.trigger = widened(this.trigger, new Uint8Array(rows));
    this.peg = widened(this.peg, new Uint8Array(rows));
    this.offset = widened(this.offset, new Int32Array(rows));
    this.stop = widened(this.stop, new Int32Array(rows));
    this.trail = widened(this.trail, new Int32Array(rows));
    this.step = widened(this.step, new Int32Array(rows));
    this.guard = widened(this.guard, new Int32Array(rows));
    this.display = widened(this.display, new Float64Array(rows));
    this.jitter = widened(this.jitter, new Float64Array(rows));
    this.minLots = widened(this.minLots, new Float64Array(rows));
    this.expireNs = widened(this.expireNs, new Float64Array(rows));
    this.list = widened(this.list, new Int32Array(rows));
    this.seq = widened(this.seq, new Float64Array(rows));
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

type Column = Uint8Array | Int8Array | Uint16Array | Int32Array | Float64Array;

function widened<C extends Column>(from: C | undefined, to: C): C {
  if (from !== undefined) to.set(from);
  return to;
}
