import type { SideSign } from "../model/index.ts";
import type { VenueBooks } from "./venue-books.ts";

/** Where {@link OfferedLevels.writeFills} writes. */
export interface FillColumns {
  readonly fillVenue: Int32Array;
  readonly fillTicks: Float64Array;
  readonly fillLots: Float64Array;
}

/**
 * What venues offer to one side behind what slices in flight claim of them.
 *
 * @shape by venue `first` is the first level with something left and `firstLots` what that is
 * @cost O(levels claimed) to open a venue, and O(levels) where a limit ends before its last level
 */
export class OfferedLevels {
  readonly first: Int32Array;
  readonly firstLots: Float64Array;
  readonly #books: VenueBooks;
  #sign: SideSign = 1;
  #side = 0;

  constructor(books: VenueBooks, venues: number) {
    this.#books = books;
    this.first = new Int32Array(venues);
    this.firstLots = new Float64Array(venues);
  }

  /** Looks at a venue, up to a signed price; returns the lots it could give. */
  open(venue: number, sign: SideSign, limit: number): number {
    const side = sign === 1 ? 0 : 1;
    this.#sign = sign;
    this.#side = side;
    const books = this.#books;
    const at = venue * 2 + side;
    const row = at * books.levels;
    const count = books.count[at] as number;
    let claimed = books.claimed[at] as number;
    let level = 0;
    while (level < count && claimed >= (books.lots[row + level] as number)) {
      claimed -= books.lots[row + level] as number;
      level += 1;
    }
    this.first[venue] = level;
    this.firstLots[venue] = level < count ? (books.lots[row + level] as number) - claimed : 0;
    let lots = 0;
    if (level < count && sign * (books.ticks[row + count - 1] as number) <= limit) {
      lots = (books.total[at] as number) - (books.claimed[at] as number);
    } else {
      for (let i = level; i < count && sign * (books.ticks[row + i] as number) <= limit; i++) {
        lots += i === level ? (this.firstLots[venue] as number) : (books.lots[row + i] as number);
      }
    }
    return lots;
  }

  /** What is left of a venue's best level; 0 where claims have all of it. */
  topLots(venue: number): number {
    return this.first[venue] === 0 ? (this.firstLots[venue] as number) : 0;
  }

  /** The signed price of the last of so many lots of a venue; -Infinity for none. */
  worstOf(venue: number, lots: number): number {
    const books = this.#books;
    const row = (venue * 2 + this.#side) * books.levels;
    let left = lots;
    let level = this.first[venue] as number;
    let head = this.firstLots[venue] as number;
    if (left <= 0) return -Infinity;
    while (left > head) {
      left -= head;
      level += 1;
      head = books.lots[row + level] as number;
    }
    return this.#sign * (books.ticks[row + level] as number);
  }

  /** Writes the levels that so many lots of a venue take, from `at` on; returns the place behind the last. */
  writeFills(venue: number, lots: number, into: FillColumns, from: number): number {
    const books = this.#books;
    const row = (venue * 2 + this.#side) * books.levels;
    let left = lots;
    let level = this.first[venue] as number;
    let head = this.firstLots[venue] as number;
    let at = from;
    while (left > 0) {
      const taken = left < head ? left : head;
      into.fillVenue[at] = venue;
      into.fillTicks[at] = books.ticks[row + level] as number;
      into.fillLots[at] = taken;
      at += 1;
      left -= taken;
      level += 1;
      head = books.lots[row + level] as number;
    }
    return at;
  }
}
