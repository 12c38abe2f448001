import { Prng } from "../../../src/base/index.ts";
import { NO_ASK, NO_BID } from "../../../src/book/index.ts";
import { MatchingBook } from "../../../src/match/index.ts";

/** What a row of the published mix does. */
export const PUBLISHED_ROW = { good: 0, ioc: 1, cancel: 2, move: 3 } as const;

/** Int32 words of a row: what, order, side, tick, lots, owner. */
export const PUBLISHED_WORDS = 6;

/** Orders that stand before the first row of the mix. */
const RESTING = 1_000;
const REACH_TICKS = 750;
const OWNERS = 1_000;

/**
 * The mix that exchange-core publishes its figures for: of 100 commands 9 orders that rest, 3 that take at once, 6
 * cancels, 82 moves to another price; about 1,000 orders stand, at about 750 prices, of 1,000 owners, and 6 commands of
 * 100 trade. The first 1,000 rows fill the book.
 */
export function publishedFlow(n: number, seed: number): Int32Array {
  const cells = new Int32Array((RESTING + n) * PUBLISHED_WORDS);
  const draws = new Prng(seed);
  const book = new MatchingBook({ ordersMax: 1 << 20 });
  const open: number[] = [];
  const sides = new Map<number, 1 | -1>();
  let orders = 1;
  let middle = 100_000;
  let at = 0;
  const put = (what: number, order: number, side: number, tick: number, lots: number): void => {
    cells.set([what, order, side, tick, lots, order % OWNERS], at);
    at += PUBLISHED_WORDS;
  };
  /** Away from the middle; sometimes just through the other side. */
  const price = (side: number, crossing: number): number => {
    const other = side > 0 ? book.bestAsk : book.bestBid;
    const hasOther = other !== NO_ASK && other !== NO_BID;
    if (hasOther && draws.below(1_000) < crossing) return other;
    const wanted = middle - side * (1 + draws.below(REACH_TICKS));
    if (!hasOther) return wanted;
    return side > 0 ? Math.min(wanted, other - 1) : Math.max(wanted, other + 1);
  };
  const drop = (): number => {
    for (;;) {
      const k = draws.below(open.length);
      const id = open[k] as number;
      open[k] = open.at(-1) as number;
      open.pop();
      if (book.order(id) !== undefined) return id;
    }
  };
  const add = (what: number): void => {
    const side = draws.below(2) === 0 ? 1 : -1;
    const isTaking = what === PUBLISHED_ROW.ioc;
    const tick = isTaking ? price(side, 1_000) : price(side, 120);
    const lots = 1 + draws.below(isTaking ? 60 : 100);
    put(what, orders, side, tick, lots);
    book.submitLimit(orders, side, tick, lots, 0, isTaking ? 1 : 0);
    if (!isTaking) {
      open.push(orders);
      sides.set(orders, side);
    }
    orders++;
  };
  for (let i = 0; i < RESTING; i++) add(PUBLISHED_ROW.good);
  while (at < cells.length) {
    middle += draws.below(3) - 1;
    const draw = draws.below(100);
    const isFew = book.orderCount < RESTING * 0.9;
    if (draw < 9 || isFew) add(PUBLISHED_ROW.good);
    else if (draw < 12) add(PUBLISHED_ROW.ioc);
    else if (draw < 18) {
      const id = drop();
      put(PUBLISHED_ROW.cancel, id, sides.get(id) as number, 0, 0);
      book.cancel(id);
    } else {
      const id = drop();
      open.push(id);
      const side = sides.get(id) as number;
      const wanted = price(side, 20);
      // A move to where it stands is none here, and a loss of its place there.
      const tick = wanted === book.order(id)?.priceTicks ? wanted - side : wanted;
      put(PUBLISHED_ROW.move, id, side, tick, 0);
      book.replace(id, { priceTicks: tick });
    }
  }
  return cells;
}
