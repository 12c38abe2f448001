import type { OrderBook } from "../book/index.ts";
import { KIND_MASK, ROW } from "../model/index.ts";

/**
 * Puts a row of a depth tape into a book, where it is one of the book's: a bid, an ask or a clear.
 *
 * @param tick - price in ticks; `lots` in book lots
 * @returns Whether it was.
 * @throws `FAULT_INPUT`, `FAULT_CAPACITY` as the book's own setters.
 * @cost Amortized O(1), as the book's own setters.
 * @example
 * ```ts
 * import { OrderBook } from "tickwright/book";
 * import { applyBookRow } from "tickwright/feed";
 * import { LAST, ROW } from "tickwright/model";
 *
 * const book = new OrderBook();
 * applyBookRow(book, ROW.bid | LAST, 100, 5); // => true
 * applyBookRow(book, ROW.trade | LAST, 100, 5); // => false
 * book.bestBid; // => 100
 * ```
 */
export function applyBookRow(book: OrderBook, kind: number, tick: number, lots: number): boolean {
  switch (kind & KIND_MASK) {
    case ROW.bid:
      book.setBid(tick, lots);
      return true;
    case ROW.ask:
      book.setAsk(tick, lots);
      return true;
    case ROW.clear:
      book.clear();
      return true;
    default:
      return false;
  }
}
