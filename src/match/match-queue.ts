import { NO_ASK, NO_BID, OrderBookL3 } from "../book/index.ts";
import type { SideSign } from "../model/index.ts";

/**
 * A book by order whose orders are rows of a {@link MatchRows}: which row stands in which slot.
 *
 * @cost as `OrderBookL3`, and one read of a column
 */
export class MatchQueue {
  readonly book: OrderBookL3;
  /** The row in a slot. */
  rowAt: Int32Array = new Int32Array(1024);

  constructor(ordersMax: number, pagesMax: number) {
    this.book = new OrderBookL3({ ordersMax, pagesMax });
  }

  /** Puts a row at the end of a price's queue; returns its slot. */
  add(row: number, side: SideSign, tick: number, lots: number): number {
    const slot = this.book.addSlot(side, tick, lots);
    if (slot >= this.rowAt.length) this.#grow(slot);
    this.rowAt[slot] = row;
    return slot;
  }

  /** The row at the front of a side's best price; 0 where the side is empty. */
  front(side: SideSign): number {
    return this.rowAt[this.book.frontSlot(side)] as number;
  }

  /** The rows of one side, best price first and front first. Allocates. */
  rows(side: SideSign): number[] {
    const { book, rowAt } = this;
    const all: number[] = [];
    let tick = side > 0 ? book.bestBid : book.bestAsk;
    while (tick !== NO_BID && tick !== NO_ASK) {
      for (let slot = book.headSlot(side, tick); slot !== 0; slot = book.nextSlot(slot)) {
        all.push(rowAt[slot] as number);
      }
      tick = side > 0 ? book.nextBid(tick) : book.nextAsk(tick);
    }
    return all;
  }

  #grow(slot: number): void {
    const wider = new Int32Array(Math.max(this.rowAt.length * 2, slot + 1));
    wider.set(this.rowAt);
    this.rowAt = wider;
  }
}
