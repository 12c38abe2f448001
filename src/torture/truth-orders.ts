import { longerDoubles, longerIntegers } from "./columns.ts";
import { NumberIndex } from "./number-index.ts";
import { WIRE } from "./wire.ts";

/** Where an order of the truth stands. `received`: nothing was decided yet. */
export const TRUTH_STATE = { received: 0, open: 1, filled: 2, canceled: 3, rejected: 4, expired: 5 } as const;

/**
 * Whether an open order takes part in the matching: `suspended` and `doneForDay` ones stay open and cannot fill until
 * they come back. An order that is `calculated` is over for good, whatever becomes of its executions.
 */
export const STANDING = { matching: 0, suspended: 1, doneForDay: 2, calculated: 3 } as const;

const NONE = -1;
/** The bits of a message's flags that belong to the order. */
const ORDER_BITS = 0xffff;

/**
 * Every order a simulated venue ever received, by row in order of arrival, and the open ones by price and time.
 *
 * @units ticks, lots, ns from the session's base; `local` counts the venue's instruments from 0, -1 for one it
 * does not have; `sideIndex` 0 buys, 1 sells
 * @invariant An order is in the list of its instrument and side exactly while it rests; lists run from the best
 * price, within a price from the oldest. One that is open and out of the matching is among those that are away.
 */
export class TruthOrders {
  count = 0;
  id: Float64Array;
  local: Int32Array;
  sideSign: Int32Array;
  type: Int32Array;
  timeInForce: Int32Array;
  flags: Int32Array;
  priceTicks: Float64Array;
  lots: Float64Array;
  cumLots: Float64Array;
  state: Int32Array;
  /** How often a new order with this id came. */
  received: Int32Array;
  /** The highest request number that came. */
  lastRequest: Float64Array;
  /** Others' lots that trade before it at its price. */
  aheadLots: Float64Array;
  expireNs: Float64Array;
  receivedNs: Float64Array;
  /** When its state or terms changed last, by the venue's clock. */
  updatedNs: Float64Array;
  /** The same by the true time. */
  changedNs: Float64Array;
  /** 1 where the venue lost all knowledge of it. */
  forgotten: Int32Array;
  /** 1 + the slot of an acknowledgement that is held back, or 0. */
  heldAck: Int32Array;
  nextRow: Int32Array;
  previousRow: Int32Array;
  /** 1 while it is in its list. */
  resting: Int32Array;
  /** A code of `STANDING`. */
  standing: Int32Array;
  /** Open orders that are out of the matching, in the order they left it. */
  readonly away: number[] = [];
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  readonly #rows: NumberIndex;

  constructor(instruments: number, capacity = 1024) {
    this.id = new Float64Array(capacity);
    this.local = new Int32Array(capacity);
    this.sideSign = new Int32Array(capacity);
    this.type = new Int32Array(capacity);
    this.timeInForce = new Int32Array(capacity);
    this.flags = new Int32Array(capacity);
    this.priceTicks = new Float64Array(capacity);
    this.lots = new Float64Array(capacity);
    this.cumLots = new Float64Array(capacity);
    this.state = new Int32Array(capacity);
    this.received = new Int32Array(capacity);
    this.lastRequest = new Float64Array(capacity);
    this.aheadLots = new Float64Array(capacity);
    this.expireNs = new Float64Array(capacity);
    this.receivedNs = new Float64Array(capacity);
    this.updatedNs = new Float64Array(capacity);
    this.changedNs = new Float64Array(capacity);
    this.forgotten = new Int32Array(capacity);
    this.heldAck = new Int32Array(capacity);
    this.nextRow = new Int32Array(capacity);
    this.previousRow = new Int32Array(capacity);
    this.resting = new Int32Array(capacity);
    this.standing = new Int32Array(capacity);
    this.#heads = new Int32Array(2 * instruments).fill(NONE);
    this.#tails = new Int32Array(2 * instruments).fill(NONE);
    this.#rows = new NumberIndex();
  }

  /** The row of an order's number, -1 where it never came. */
  rowOf(id: number): number {
    return this.#rows.get(id);
  }

  /** Takes a new order in as it came; returns its row. */
  add(cells: Float64Array, offset: number, local: number, nowNs: number, exchNs: number): number {
    if (this.count === this.id.length) this.#grow();
    const row = this.count++;
    this.id[row] = cells[offset + WIRE.id] as number;
    this.local[row] = local;
    this.sideSign[row] = cells[offset + WIRE.sideSign] as number;
    this.type[row] = cells[offset + WIRE.type] as number;
    this.timeInForce[row] = cells[offset + WIRE.timeInForce] as number;
    this.flags[row] = (cells[offset + WIRE.flags] as number) & ORDER_BITS;
    this.priceTicks[row] = cells[offset + WIRE.priceTicks] as number;
    this.lots[row] = cells[offset + WIRE.lots] as number;
    this.expireNs[row] = cells[offset + WIRE.expireNs] as number;
    this.received[row] = 1;
    this.receivedNs[row] = nowNs;
    this.touch(row, nowNs, exchNs);
    this.#rows.set(this.id[row] as number, row);
    return row;
  }

  /** Notes when an order changed. */
  touch(row: number, nowNs: number, exchNs: number): void {
    this.changedNs[row] = nowNs;
    this.updatedNs[row] = exchNs;
  }

  isOpen(row: number): boolean {
    return this.state[row] === TRUTH_STATE.open;
  }

  /** What an order may still fill: 0 once it ended. */
  leaves(row: number): number {
    if (this.state[row] !== TRUTH_STATE.open) return 0;
    const left = (this.lots[row] as number) - (this.cumLots[row] as number);
    return left > 0 ? left : 0;
  }

  sideIndex(row: number): number {
    return (this.sideSign[row] as number) > 0 ? 0 : 1;
  }

  /** Its price as the book counts: higher is better on both sides. */
  key(row: number): number {
    return (this.priceTicks[row] as number) * (this.sideSign[row] as number);
  }

  /** The first row of a list, -1 where nothing rests. */
  head(local: number, side: number): number {
    return this.#heads[2 * local + side] as number;
  }

  /** Puts an order behind those that are as good or better. @cost O(orders that rest at worse prices) */
  link(row: number): void {
    const list = this.#listOf(row);
    const key = this.key(row);
    let before = this.#tails[list] as number;
    let after = NONE;
    while (before !== NONE && this.key(before) < key) {
      after = before;
      before = this.previousRow[before] as number;
    }
    this.nextRow[row] = after;
    this.previousRow[row] = before;
    this.#join(list, before, row);
    this.#join(list, row, after);
    this.resting[row] = 1;
  }

  /** Takes an order out of its list, where it is in one. */
  unlink(row: number): void {
    if (this.resting[row] === 0) return;
    this.resting[row] = 0;
    this.#join(this.#listOf(row), this.previousRow[row] as number, this.nextRow[row] as number);
  }

  /** Takes an open order out of the matching, or says that one is away for another reason. */
  putAway(row: number, standing: number): void {
    this.unlink(row);
    if (!this.isAway(row)) this.away.push(row);
    this.standing[row] = standing;
  }

  /** An order that was away is so no more; whoever calls links it, or it is over. */
  bringBack(row: number): void {
    if (!this.isAway(row)) return;
    this.standing[row] = STANDING.matching;
    this.away.splice(this.away.indexOf(row), 1);
  }

  /** Whether an order is open and out of the matching. */
  isAway(row: number): boolean {
    const standing = this.standing[row] as number;
    return standing === STANDING.suspended || standing === STANDING.doneForDay;
  }

  #listOf(row: number): number {
    return 2 * (this.local[row] as number) + this.sideIndex(row);
  }

  /** Makes two rows of a list neighbours; -1 stands for its ends. */
  #join(list: number, before: number, after: number): void {
    if (before === NONE) this.#heads[list] = after;
    else this.nextRow[before] = after;
    if (after === NONE) this.#tails[list] = before;
    else this.previousRow[after] = before;
  }

  #grow(): void {
    const capacity = this.id.length * 2;
    this.id = longerDoubles(this.id, capacity);
    this.local = longerIntegers(this.local, capacity);
    this.sideSign = longerIntegers(this.sideSign, capacity);
    this.type = longerIntegers(this.type, capacity);
    this.timeInForce = longerIntegers(this.timeInForce, capacity);
    this.flags = longerIntegers(this.flags, capacity);
    this.priceTicks = longerDoubles(this.priceTicks, capacity);
    this.lots = longerDoubles(this.lots, capacity);
    this.cumLots = longerDoubles(this.cumLots, capacity);
    this.state = longerIntegers(this.state, capacity);
    this.received = longerIntegers(this.received, capacity);
    this.lastRequest = longerDoubles(this.lastRequest, capacity);
    this.aheadLots = longerDoubles(this.aheadLots, capacity);
    this.expireNs = longerDoubles(this.expireNs, capacity);
    this.receivedNs = longerDoubles(this.receivedNs, capacity);
    this.updatedNs = longerDoubles(this.updatedNs, capacity);
    this.changedNs = longerDoubles(this.changedNs, capacity);
    this.forgotten = longerIntegers(this.forgotten, capacity);
    this.heldAck = longerIntegers(this.heldAck, capacity);
    this.nextRow = longerIntegers(this.nextRow, capacity);
    this.previousRow = longerIntegers(this.previousRow, capacity);
    this.resting = longerIntegers(this.resting, capacity);
    this.standing = longerIntegers(this.standing, capacity);
  }
}
