import { Fault } from "../base/index.ts";

/** A slot's cell is so many words; cells are counted in words, slots are what users of a book know. */
const CELL = 8;
/** A slot shifted by it is its cell, and back. */
export const CELL_BITS = 3;
/** The bytes of a cell before its lots. */
const LOTS_AT = 24;

/**
 * The orders of a book by cell: the fields of a slot stand side by side in 32 bytes, half a cache line. Slot 0 is no
 * order.
 *
 * @shape each column is a view of one buffer, read at the cell; `lots` at `cell >> 1`. `side`: +1, -1, or 0 for a slot
 * without order; `place`: where the order's level stands in its queue side; `next`, `prev`: the cells behind and in front
 * of it in its level's queue, 0 for none
 * @cost 32 bytes a slot; taking a slot is O(1), the buffer doubles as it fills.
 */
export class OrderColumns {
  side!: Int32Array;
  tick!: Int32Array;
  place!: Int32Array;
  next!: Int32Array;
  prev!: Int32Array;
  lots!: Float64Array;
  /** How many slots hold an order. */
  live = 0;
  private readonly ordersMax: number;
  private slots = 0;
  private used = 1;
  private free = 0;

  constructor(ordersMax: number) {
    this.ordersMax = ordersMax;
    this.widen(Math.min(1024, ordersMax + 1));
  }

  /** Whether a slot holds an order. */
  holds(slot: number): boolean {
    return slot >>> 0 === slot && slot < this.slots && this.side[slot << CELL_BITS] !== 0;
  }

  /**
   * Takes a slot for an order and returns its cell; the columns but `side` are the caller's to fill.
   *
   * @throws `FAULT_CAPACITY` when `ordersMax` orders are live; nothing has changed then.
   */
  take(side: number): number {
    let cell = this.free;
    if (cell !== 0) this.free = this.next[cell] as number;
    else {
      const slot = this.used;
      if (slot === this.slots) this.grow();
      this.used = slot + 1;
      cell = slot << CELL_BITS;
    }
    this.side[cell] = side;
    this.live++;
    return cell;
  }

  /** Gives a cell's slot back. */
  release(cell: number): void {
    this.side[cell] = 0;
    this.next[cell] = this.free;
    this.free = cell;
    this.live--;
  }

  clear(): void {
    this.side.fill(0);
    this.live = 0;
    this.used = 1;
    this.free = 0;
  }

  private grow(): void {
    if (this.used > this.ordersMax) {
      const expected = `at most ${this.ordersMax} orders in the book`;
      throw new Fault("FAULT_CAPACITY", { path: "book.orders", value: this.used, expected });
    }
    this.widen(Math.min(this.slots * 2, this.ordersMax + 1));
  }

  private widen(slots: number): void {
    const words = new Int32Array(slots * CELL);
    if (this.slots !== 0) words.set(this.side);
    this.slots = slots;
    this.side = words;
    this.tick = words.subarray(1);
    this.place = words.subarray(2);
    this.next = words.subarray(3);
    this.prev = words.subarray(4);
    this.lots = new Float64Array(words.buffer, LOTS_AT);
  }
}
