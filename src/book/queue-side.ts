import { Fault } from "../base/index.ts";
import type { OrderColumns } from "./order-columns.ts";
import { LOTS_MAX } from "./price-range.ts";
import { TickPages } from "./tick-pages.ts";

/**
 * One side of a book by order: on each tick a first-in, first-out queue of order cells, and their total lots.
 *
 * @shape `head`, `tail`, `orders` stand beside `pages.lots`, place by place
 * @invariant The lots of a tick are the sum over its queue; `orders` is the queue's length.
 * @cost `push` and `unlink` O(1); 20 bytes a tick of a page in use.
 */
export class QueueSide {
  readonly pages: TickPages;
  head: Int32Array;
  tail: Int32Array;
  orders: Int32Array;
  private readonly columns: OrderColumns;

  constructor(name: string, pagesMax: number, columns: OrderColumns) {
    this.pages = new TickPages(name, pagesMax);
    this.columns = columns;
    this.head = new Int32Array(this.pages.lots.length);
    this.tail = new Int32Array(this.pages.lots.length);
    this.orders = new Int32Array(this.pages.lots.length);
  }

  /**
   * The place of a tick, with room for `lots` more.
   *
   * @throws `FAULT_INPUT` for a tick out of range, `FAULT_CAPACITY` without a page left, `FAULT_ARITHMETIC`
   * where the level would pass 2^53; no level has changed then.
   */
  hold(tick: number, lots: number): number {
    const at = this.pages.hold(tick);
    if (at >= this.head.length) this.grow();
    if ((this.pages.lots[at] as number) + lots > LOTS_MAX) faultTotal(tick, lots);
    return at;
  }

  /** Puts an order at the end of the queue at a place. */
  push(cell: number, at: number): void {
    const { place, next, prev, lots } = this.columns;
    const last = this.tail[at] as number;
    place[cell] = at;
    prev[cell] = last;
    next[cell] = 0;
    if (last === 0) this.head[at] = cell;
    else next[last] = cell;
    this.tail[at] = cell;
    this.orders[at] = (this.orders[at] as number) + 1;
    this.pages.write(at, (this.pages.lots[at] as number) + (lots[cell >> 1] as number));
  }

  /** Takes an order out of its queue; returns the lots its level has left. */
  unlink(cell: number): number {
    const { place, next, prev, lots } = this.columns;
    const at = place[cell] as number;
    const before = prev[cell] as number;
    const after = next[cell] as number;
    if (before === 0) this.head[at] = after;
    else next[before] = after;
    if (after === 0) this.tail[at] = before;
    else prev[after] = before;
    this.orders[at] = (this.orders[at] as number) - 1;
    const left = (this.pages.lots[at] as number) - (lots[cell >> 1] as number);
    this.pages.write(at, left);
    return left;
  }

  /** Makes an order smaller in place by less than its lots. */
  shrink(cell: number, by: number): void {
    const { place, lots } = this.columns;
    const at = place[cell] as number;
    lots[cell >> 1] = (lots[cell >> 1] as number) - by;
    this.pages.lots[at] = (this.pages.lots[at] as number) - by;
  }

  clear(): void {
    this.pages.clear();
    this.head.fill(0);
    this.tail.fill(0);
    this.orders.fill(0);
  }

  private grow(): void {
    const length = this.pages.lots.length;
    this.head = copied(this.head, length);
    this.tail = copied(this.tail, length);
    this.orders = copied(this.orders, length);
  }
}

function copied(from: Int32Array, length: number): Int32Array {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}

function faultTotal(tick: number, lots: number): never {
  const expected = `a level of at most ${LOTS_MAX} lots`;
  throw new Fault("FAULT_ARITHMETIC", { path: `book.level[${tick}].lots`, value: lots, expected });
}
