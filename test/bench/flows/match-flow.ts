import { Prng } from "../../../src/base/index.ts";
import { NO_ASK, NO_BID } from "../../../src/book/index.ts";
import { MatchingBook } from "../../../src/match/index.ts";

/** Commands to a matching engine, column by column. Simulated. @units ticks, lots */
export interface MatchFlow {
  readonly n: number;
  /** 1 adds an order, 0 cancels one, which may have traded already. */
  readonly isAdd: Uint8Array;
  readonly side: Int8Array;
  /** Counts up from 0 with each addition. */
  readonly order: Int32Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;
  readonly orders: number;
}

/** How a flow is drawn. */
export interface MatchFlowOptions {
  readonly n: number;
  readonly seed: number;
  /** Orders that stand before the first row, spread over the levels. */
  readonly resting?: number;
}

/**
 * 55 of 100 rows add, 12 of 100 of those cross by 1 to 4 ticks, 45 cancel a drawn order; the middle wanders, distances
 * are exponential with a mean of 12 ticks. With `resting` as many orders are added first, the same in reverse: adds and
 * cancels are then even, so that the book stays as full as it is.
 */
export function matchFlow({ n, seed, resting = 0 }: MatchFlowOptions): MatchFlow {
  const rows = n + resting;
  const isAdd = new Uint8Array(rows);
  const side = new Int8Array(rows);
  const order = new Int32Array(rows);
  const tick = new Int32Array(rows);
  const lots = new Float64Array(rows);
  const draws = new Prng(seed);
  const book = new MatchingBook({ ordersMax: Math.max(1 << 20, 2 * resting) });
  const open: number[] = [];
  let orders = 0;
  let middle = 100_000;
  const adds = resting > 0 ? 50 : 55;
  for (let i = 0; i < rows; i++) {
    middle += draws.below(3) - 1;
    const way = draws.below(2) === 0 ? 1 : -1;
    if (i < resting || open.length === 0 || draws.below(100) < adds) {
      const isCrossing = i >= resting && draws.below(100) < 12;
      const other = way > 0 ? book.bestAsk : book.bestBid;
      const hasOther = other !== NO_ASK && other !== NO_BID;
      const away = 1 + Math.floor(-Math.log(1 - draws.float()) * 12);
      const passive = hasOther
        ? way > 0
          ? Math.min(middle, other) - away
          : Math.max(middle, other) + away
        : middle - way * away;
      const price = isCrossing && hasOther ? other + way * draws.below(4) : passive;
      isAdd[i] = 1;
      side[i] = way;
      order[i] = orders;
      tick[i] = price;
      lots[i] = 1 + draws.below(100);
      book.submitLimit(orders, way, price, lots[i] as number);
      open.push(orders++);
    } else {
      const at = draws.below(open.length);
      order[i] = open[at] as number;
      open[at] = open.at(-1) as number;
      open.pop();
      book.cancel(order[i] as number);
    }
  }
  return { n: rows, isAdd, side, order, tick, lots, orders };
}
