import { type Refusal, refuse } from "../base/index.ts";
import { type OrderBook, TICK_MAX, TICK_MIN } from "../book/index.ts";
import type { SideSign } from "../model/index.ts";
import type { RouteRefusalCode } from "./refusals.ts";

/** A level as a venue shows it. @units ticks, lots */
export interface RouteLevel {
  readonly priceTicks: number;
  readonly lots: number;
}

/** What a venue shows: the best level of each side first; a side may be empty. */
export interface RouteBook {
  readonly bids: readonly RouteLevel[];
  readonly asks: readonly RouteLevel[];
}

/** The largest quantity of a side, so that no sum passes 2^53. */
export const LOTS_MAX = 0x4000_0000_0000;

/**
 * What every venue shows, best levels first, and how much of it slices in flight claim.
 *
 * @shape side 0 holds asks (what a buy takes), side 1 bids; row = (venue * 2 + side) * levels + level
 */
export class VenueBooks {
  readonly levels: number;
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  /** By venue * 2 + side. */
  readonly count: Int32Array;
  readonly claimed: Float64Array;
  /** What all levels of a side sum up to. */
  readonly total: Float64Array;
  /** When a book was set; -1 before. */
  readonly ns: Float64Array;

  constructor(venues: number, levels: number) {
    this.levels = levels;
    this.ticks = new Float64Array(venues * 2 * levels);
    this.lots = new Float64Array(venues * 2 * levels);
    this.count = new Int32Array(venues * 2);
    this.claimed = new Float64Array(venues * 2);
    this.total = new Float64Array(venues * 2);
    this.ns = new Float64Array(venues).fill(-1);
  }

  /** The best price of a side, or NaN. */
  best(venue: number, side: number): number {
    const at = venue * 2 + side;
    return (this.count[at] as number) === 0 ? Number.NaN : (this.ticks[at * this.levels] as number);
  }

  /** Replaces what a venue shows; levels beyond the router's depth are left out. */
  set(venue: number, book: RouteBook, ns: number): Refusal<RouteRefusalCode> | undefined {
    const wrong =
      sideFault("asks", book?.asks, 1) ?? sideFault("bids", book?.bids, -1) ?? this.#timeFault(venue, ns);
    if (wrong !== undefined) return wrong;
    const [bid, ask] = [book.bids[0]?.priceTicks ?? -Infinity, book.asks[0]?.priceTicks ?? Infinity];
    if (bid >= ask) return refuse("ROUTE_BOOK_CROSSED", "bids[0].priceTicks", bid, `a price below ${ask}`);
    for (const [side, levels] of [book.asks, book.bids].entries()) {
      const count = Math.min(levels.length, this.levels);
      const row = (venue * 2 + side) * this.levels;
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const { priceTicks, lots } = levels[i] as RouteLevel;
        this.ticks[row + i] = priceTicks;
        this.lots[row + i] = lots;
        sum += lots;
      }
      this.count[venue * 2 + side] = count;
      this.total[venue * 2 + side] = sum;
    }
    this.ns[venue] = ns;
    return undefined;
  }

  /** Copies a book's best levels; allocates nothing. */
  read(venue: number, book: OrderBook, ns: number): Refusal<RouteRefusalCode> | undefined {
    const wrong = this.#timeFault(venue, ns);
    if (wrong !== undefined) return wrong;
    let row = venue * 2 * this.levels;
    let count = 0;
    let sum = 0;
    for (let tick = book.bestAsk; count < this.levels && book.askLots(tick) > 0; tick = book.nextAsk(tick)) {
      this.ticks[row + count] = tick;
      const lots = Math.min(book.askLots(tick), LOTS_MAX - sum);
      this.lots[row + count++] = lots;
      sum += lots;
      if (sum >= LOTS_MAX) break;
    }
    this.count[venue * 2] = count;
    this.total[venue * 2] = sum;
    row += this.levels;
    [count, sum] = [0, 0];
    for (let tick = book.bestBid; count < this.levels && book.bidLots(tick) > 0; tick = book.nextBid(tick)) {
      this.ticks[row + count] = tick;
      const lots = Math.min(book.bidLots(tick), LOTS_MAX - sum);
      this.lots[row + count++] = lots;
      sum += lots;
      if (sum >= LOTS_MAX) break;
    }
    this.count[venue * 2 + 1] = count;
    this.total[venue * 2 + 1] = sum;
    this.ns[venue] = ns;
    return undefined;
  }

  /** Takes what a fill traded off the level it traded at: the venue's next book will not show it. */
  consume(venue: number, side: number, priceTicks: number, lots: number): void {
    const at = venue * 2 + side;
    const row = at * this.levels;
    const count = this.count[at] as number;
    for (let i = 0; i < count; i++) {
      if (this.ticks[row + i] !== priceTicks) continue;
      const stood = this.lots[row + i] as number;
      const left = stood - lots;
      this.total[at] = (this.total[at] as number) - Math.min(lots, stood);
      if (left > 0) this.lots[row + i] = left;
      else this.#remove(at, i);
      return;
    }
  }

  #remove(at: number, i: number): void {
    const row = at * this.levels;
    const count = this.count[at] as number;
    this.ticks.copyWithin(row + i, row + i + 1, row + count);
    this.lots.copyWithin(row + i, row + i + 1, row + count);
    this.count[at] = count - 1;
  }

  /** A side as pairs, for a saved state. */
  pairs(venue: number, side: number): [priceTicks: number, lots: number][] {
    const at = venue * 2 + side;
    const row = at * this.levels;
    return Array.from({ length: this.count[at] as number }, (_, i) => [
      this.ticks[row + i] as number,
      this.lots[row + i] as number,
    ]);
  }

  #timeFault(venue: number, ns: number): Refusal<RouteRefusalCode> | undefined {
    const least = Math.max(0, this.ns[venue] as number);
    if (Number.isSafeInteger(ns) && ns >= least) return undefined;
    return refuse("ROUTE_TIME", "ns", ns, `a time of at least ${least}`);
  }
}

/** The first fault of a side: levels are best first, each price once, quantities above 0. */
function sideFault(
  name: string,
  levels: readonly RouteLevel[] | undefined,
  sign: SideSign,
): Refusal<RouteRefusalCode> | undefined {
  if (!Array.isArray(levels)) return refuse("ROUTE_BOOK_INVALID", name, levels, "an array of levels");
  let last = -Infinity;
  let sum = 0;
  for (const [i, level] of levels.entries()) {
    const { priceTicks, lots } = level ?? {};
    if (!(Number.isSafeInteger(priceTicks) && priceTicks > TICK_MIN && priceTicks < TICK_MAX)) {
      return refuse("ROUTE_BOOK_INVALID", `${name}[${i}].priceTicks`, priceTicks, "a whole tick in range");
    }
    if (sign * priceTicks <= last) {
      return refuse(
        "ROUTE_BOOK_INVALID",
        `${name}[${i}].priceTicks`,
        priceTicks,
        "a worse price than before",
      );
    }
    sum += lots;
    if (!(Number.isSafeInteger(lots) && lots > 0 && sum <= LOTS_MAX)) {
      return refuse("ROUTE_BOOK_INVALID", `${name}[${i}].lots`, lots, `whole lots above 0, 2^46 in sum`);
    }
    last = sign * priceTicks;
  }
  return undefined;
}
