import { MAX_TICKS } from "../model/index.ts";
import type { AlgoBook } from "./algo-port.ts";
import type { Terms } from "./parent-terms.ts";

/** What is taken of one level. @units ticks, lots */
export interface SweepLevel {
  readonly priceTicks: number;
  readonly lots: number;
}

/**
 * What a sweep takes of what a book shows, best first, up to its limit, its quantity and its number of levels. What
 * is less than a whole order lot at a level, or less than the least of a child, is taken with the next one.
 *
 * @invariant Lots at and before a level never pass what is shown there.
 */
export function sweepLevels(
  book: AlgoBook,
  terms: Terms,
  leastLots: (priceTicks: number) => number = () => 1,
): SweepLevel[] {
  const { side, lots, limitTicks, maxChildLots, program } = terms;
  const isBuy = side === "buy";
  const levels: SweepLevel[] = [];
  const most = program.algo === "sweep" ? program.levels : 1;
  let shown = 0;
  let sent = 0;
  let price: number = isBuy ? book.bestAsk : book.bestBid;
  const isThere = isBuy ? book.hasAsk : book.hasBid;
  for (let level = 0; isThere && level < most && sent < lots; level++) {
    if (Math.abs(price) > MAX_TICKS || (isBuy ? price > limitTicks : price < limitTicks)) break;
    shown += isBuy ? book.askLots(price) : book.bidLots(price);
    const whole = Math.floor(shown / book.instrument.bookLotsPerLot);
    const take = Math.min(lots, whole, sent + maxChildLots) - sent;
    const rest = lots - sent - take;
    const least = leastLots(price);
    const size = rest > 0 && rest < least ? take - (least - rest) : take;
    if (size >= least) {
      levels.push({ priceTicks: price, lots: size });
      sent += size;
    }
    price = isBuy ? book.nextAsk(price) : book.nextBid(price);
  }
  return levels;
}

/** What a book shows up to the limit, as far as a sweep looks. @units lots */
export function shownLots(book: AlgoBook, terms: Terms): number {
  return sweepLevels(book, terms).reduce((total, level) => total + level.lots, 0);
}
