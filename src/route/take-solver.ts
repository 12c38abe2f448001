import type { SideSign } from "../model/index.ts";
import type { LevelMerge } from "./level-merge.ts";
import { LotSearch } from "./lot-search.ts";
import type { VenueTable } from "./route-venue.ts";
import type { VenueBooks } from "./venue-books.ts";

/**
 * Divides what is to be taken: the cheapest whole lots that trade through no protected quote.
 *
 * Trading through is decided by the worst price w of any slice: every protected best quote that is better than w has
 * to be taken whole. So with protected prices T1 < T2 < ... the best division with w <= T1 (nothing forced), with
 * w <= T2 (quotes at T1 forced), ... are found one by one, and the cheapest of them is the best of all.
 *
 * @cost one search where the free answer trades through nothing, else one per protected price
 */
export class TakeSolver {
  /** Found, by venue. */
  readonly lots: Float64Array;
  /** By venue: 1 where a protected quote was forced. */
  readonly forced: Uint8Array;
  unfilled = 0;
  cost = 0;
  isOptimal = true;
  gap = 0;
  readonly #merge: LevelMerge;
  readonly #search: LotSearch;
  readonly #table: VenueTable;
  readonly #books: VenueBooks;
  readonly #prices: Float64Array;
  readonly #forcedLots: Float64Array;
  #priceCount = 0;
  #side = 0;
  #sign: SideSign = 1;
  #lowest = 0;

  constructor(merge: LevelMerge, table: VenueTable, books: VenueBooks, searchMax: number) {
    const venues = table.ids.length;
    this.#merge = merge;
    this.#table = table;
    this.#books = books;
    this.#search = new LotSearch(merge, table.lotStep, table.minLots, searchMax);
    this.lots = new Float64Array(venues);
    this.forced = new Uint8Array(venues);
    this.#prices = new Float64Array(venues);
    this.#forcedLots = new Float64Array(venues);
  }

  /** Finds `lots` of the venues in the merge. */
  run(sign: SideSign, isProtecting: boolean): void {
    const merge = this.#merge;
    const search = this.#search;
    this.#sign = sign;
    this.#side = sign === 1 ? 0 : 1;
    for (let v = 0; v < this.forced.length; v++) this.forced[v] = 0;
    search.run();
    this.#keep();
    this.isOptimal = search.isOptimal;
    this.gap = search.gap;
    if (!isProtecting) return;
    this.#readProtected();
    if (this.#priceCount === 0 || !this.tradesThrough()) return;
    const limit = merge.cap;
    this.unfilled = Infinity;
    this.isOptimal = true;
    this.#lowest = Infinity;
    for (let k = 0; k <= this.#priceCount; k++) this.#trySegment(k, limit);
    merge.cap = limit;
    for (let i = 0; i < merge.venueCount; i++) merge.least[merge.venues[i] as number] = 0;
    this.gap = this.isOptimal ? 0 : this.cost - this.#lowest;
  }

  /** Whether `lots` take a worse price than a protected quote that they leave. */
  tradesThrough(): boolean {
    const merge = this.#merge;
    let worst = -Infinity;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      worst = Math.max(worst, merge.offered.worstOf(venue, this.lots[venue] as number));
    }
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      const forced = this.#forcedLots[venue] as number;
      if (forced > (this.lots[venue] as number) && this.#top(venue) < worst) return true;
    }
    return false;
  }

  /** Protected best quotes of the venues in play, and their prices in order. */
  #readProtected(): void {
    const merge = this.#merge;
    const { isProtected, lotStep, minLots } = this.#table;
    this.#priceCount = 0;
    for (let v = 0; v < this.#forcedLots.length; v++) this.#forcedLots[v] = 0;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      if (isProtected[venue] === 0) continue;
      const step = lotStep[venue] as number;
      const whole =
        Math.floor(Math.min(merge.offered.topLots(venue), merge.most[venue] as number) / step) * step;
      if (whole < (minLots[venue] as number) || whole === 0) continue;
      this.#forcedLots[venue] = whole;
      this.#insert(this.#top(venue));
    }
  }

  /** Keeps the prices sorted, each once. */
  #insert(price: number): void {
    const prices = this.#prices;
    let at = this.#priceCount;
    while (at > 0 && (prices[at - 1] as number) > price) at -= 1;
    if (at > 0 && prices[at - 1] === price) return;
    prices.copyWithin(at + 1, at, this.#priceCount);
    prices[at] = price;
    this.#priceCount += 1;
  }

  /** The best with the worst price up to the k-th protected one, and all before it forced. */
  #trySegment(k: number, limit: number): void {
    const merge = this.#merge;
    const search = this.#search;
    merge.cap = k < this.#priceCount ? (this.#prices[k] as number) : limit;
    const before = k === 0 ? -Infinity : (this.#prices[k - 1] as number);
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      merge.least[venue] = this.#top(venue) <= before ? (this.#forcedLots[venue] as number) : 0;
    }
    if (!search.run()) return;
    if (!search.isOptimal) this.isOptimal = false;
    this.#lowest = Math.min(this.#lowest, search.cost - search.gap);
    if (search.unfilled > this.unfilled) return;
    if (search.unfilled === this.unfilled && search.cost >= this.cost) return;
    this.#keep();
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      this.forced[venue] = (merge.least[venue] as number) > 0 ? 1 : 0;
    }
  }

  #keep(): void {
    const search = this.#search;
    const { lots } = this;
    // A loop: `fill` leaves compiled code, which costs more than ten venues.
    for (let v = 0; v < lots.length; v++) lots[v] = 0;
    for (let i = 0; i < this.#merge.venueCount; i++) {
      const venue = this.#merge.venues[i] as number;
      this.lots[venue] = search.lots[venue] as number;
    }
    this.unfilled = search.unfilled;
    this.cost = search.cost;
  }

  #top(venue: number): number {
    return this.#sign * this.#books.best(venue, this.#side);
  }
}
