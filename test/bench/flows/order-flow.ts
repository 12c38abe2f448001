import { Prng } from "../../../src/base/index.ts";
import { NO_ASK, NO_BID, OrderBookL3 } from "../../../src/book/index.ts";

/** What a row of an {@link OrderFlow} does. `take`: `lots` are executed against the front of side `side`. */
export const ORDER_ROW = { add: 0, cancel: 1, modify: 2, take: 3 } as const;

/** Commands to a book by order, column by column. Simulated. */
export interface OrderFlow {
  readonly n: number;
  readonly kind: Uint8Array;
  /** +1 bids, -1 asks: of the order, or of the queue that is executed. */
  readonly side: Int8Array;
  /** Which order: counts up from 0 with each addition. */
  readonly order: Int32Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;
  /** How many orders are added in all. */
  readonly orders: number;
  /** How many of them are live at the end. */
  readonly live: number;
}

/** How full the book gets: additions and cancels out of 100 rows; 8 modify, 6 execute. */
export const FULLNESS = { thin: { adds: 46, cancels: 40 }, full: { adds: 51, cancels: 35 } } as const;

/**
 * A seeded flow that never crosses: additions around a wandering best price (exponential distance, mean 12
 * ticks), cancels of a live order, modifications that lose priority, executions from the front of the queue.
 */
export function orderFlow(n: number, seed: number, fullness: keyof typeof FULLNESS): OrderFlow {
  const { adds, cancels } = FULLNESS[fullness];
  const kind = new Uint8Array(n);
  const side = new Int8Array(n);
  const order = new Int32Array(n);
  const tick = new Int32Array(n);
  const lots = new Float64Array(n);
  const rng = new Prng(seed);
  const book = new OrderBookL3();
  const live: number[] = [];
  let orders = 0;
  const passive = (way: 1 | -1): number => {
    const away = Math.floor(-Math.log(1 - rng.float()) * 12);
    const own = way > 0 ? book.bestBid : book.bestAsk;
    const other = way > 0 ? book.bestAsk : book.bestBid;
    const start = own === NO_BID || own === NO_ASK ? 100_000 - way : own + way * rng.below(2);
    const price = start - way * away;
    if (other === NO_BID || other === NO_ASK) return price;
    return way > 0 ? Math.min(price, other - 1) : Math.max(price, other + 1);
  };
  const pick = (): number | undefined => {
    while (live.length > 0) {
      const at = rng.below(live.length);
      const id = live[at] as number;
      if (book.slotOf(id) !== 0) return id;
      live[at] = live.at(-1) as number;
      live.pop();
    }
    return undefined;
  };
  for (let i = 0; i < n; i++) {
    const draw = rng.below(100);
    const way = rng.below(2) === 0 ? 1 : -1;
    side[i] = way;
    const chosen = draw >= adds && draw < 94 && book.orderCount > 200 ? pick() : undefined;
    if (draw >= 94 && book.orderCount > 200 && (way > 0 ? book.bidLevels : book.askLevels) > 12) {
      kind[i] = ORDER_ROW.take;
      lots[i] = 1 + rng.below(40);
      takeFront(book, way, lots[i] as number);
    } else if (chosen === undefined) {
      kind[i] = ORDER_ROW.add;
      order[i] = orders;
      tick[i] = passive(way);
      lots[i] = 1 + rng.below(20);
      book.add(orders, way, tick[i] as number, lots[i] as number);
      live.push(orders++);
    } else {
      const stands = book.orderAt(book.slotOf(chosen));
      if (stands === undefined) throw new Error("the flow lost an order");
      order[i] = chosen;
      side[i] = stands.side;
      if (draw < adds + cancels) {
        kind[i] = ORDER_ROW.cancel;
        book.cancel(chosen);
      } else {
        kind[i] = ORDER_ROW.modify;
        tick[i] = passive(stands.side);
        lots[i] = stands.lots + 1;
        book.modify(chosen, tick[i] as number, lots[i] as number);
      }
    }
  }
  return { n, kind, side, order, tick, lots, orders, live: book.orderCount };
}

/** Executes lots from the front of a side's queue; returns what was executed. */
export function takeFront(book: OrderBookL3, side: 1 | -1, lots: number): number {
  let left = lots;
  while (left > 0) {
    const slot = book.frontSlot(side);
    if (slot === 0) break;
    const took = Math.min(left, book.lotsAt(slot));
    book.executeSlot(slot, took);
    left -= took;
  }
  return lots - left;
}
