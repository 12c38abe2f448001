import type { SideSign } from "../model/index.ts";
import { OfferedLevels } from "./offered-levels.ts";
import { FEE_UNITS } from "./route-venue.ts";
import type { VenueBooks } from "./venue-books.ts";

/** What a level costs: its price, or its price with fees and score. */
export type MergeBy = "price" | "allIn";

/** A whole level's key, written by {@link LevelMerge}: `high` ticks and `low` parts of a tick. */
interface KeyColumns {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/**
 * The cheapest way to take a quantity from staircases of levels: always from the venue whose next level costs least.
 *
 * Between `least` and `most` lots of each venue it is optimal: each venue's cost is convex in its lots, so that an
 * exchange of one lot against a cheaper one would have been made. Keys are exact integers in two words.
 *
 * @cost O(venues^2 + levels taken + venues * log(ticks between the best and the worst taken)); allocates nothing
 */
export class LevelMerge {
  /** The venues in play: the first `venueCount` slots. */
  readonly venues: Int32Array;
  venueCount = 0;
  /** By venue: bounds, and what {@link LevelMerge.run} has found. */
  readonly least: Float64Array;
  readonly most: Float64Array;
  readonly lots: Float64Array;
  /** By venue: what a lot costs beyond its price: a rate in 1e-8 of the price and units of 1e-8 ticks. */
  readonly rate: Float64Array;
  readonly perLot: Float64Array;
  /** Found: what no venue could give, and the cost above `reference`. */
  unfilled = 0;
  cost = 0;
  /** Whether the cap let some venue not have its least: then nothing was found. */
  isShort = false;
  /** No level whose signed price is above it is taken. */
  cap = Infinity;
  readonly offered: OfferedLevels;
  readonly #books: VenueBooks;
  readonly #cursor: Int32Array;
  readonly #head: Float64Array;
  readonly #key: KeyColumns;
  /** What a leap would take: by venue its lots, and where it would stand then. */
  readonly #leapLots: Float64Array;
  readonly #leapCursor: Int32Array;
  readonly #leapHead: Float64Array;
  #leapCost = 0;
  /** The tick below which there is more than is wanted. */
  #bound = 0;
  /** The venues that have something left, the cheapest next lot first. */
  readonly #line: Int32Array;
  #lineCount = 0;
  #sign: SideSign = 1;
  #side = 0;
  #by: MergeBy = "price";
  #wanted = 0;
  #reference = 0;

  constructor(books: VenueBooks, venues: number) {
    this.offered = new OfferedLevels(books, venues);
    this.#books = books;
    this.venues = new Int32Array(venues);
    this.#line = new Int32Array(venues);
    this.least = new Float64Array(venues);
    this.most = new Float64Array(venues);
    this.lots = new Float64Array(venues);
    this.rate = new Float64Array(venues);
    this.perLot = new Float64Array(venues);
    this.#cursor = new Int32Array(venues);
    this.#head = new Float64Array(venues);
    this.#leapLots = new Float64Array(venues);
    this.#leapCursor = new Int32Array(venues);
    this.#leapHead = new Float64Array(venues);
    this.#key = { high: new Float64Array(venues), low: new Float64Array(venues) };
  }

  /** Begins a decision without venues. */
  begin(sign: SideSign, by: MergeBy, wanted: number): void {
    this.#sign = sign;
    this.#side = sign === 1 ? 0 : 1;
    this.#by = by;
    this.#wanted = wanted;
    this.#reference = Number.NaN;
    this.venueCount = 0;
    this.cap = Infinity;
  }

  /** The lots wanted. */
  get wanted(): number {
    return this.#wanted;
  }

  /**
   * Brings a venue into play behind what is claimed of it, up to a signed price. Its lots are what it could give:
   * `most` is set to them, `least` to 0.
   */
  add(venue: number, limit: number): number {
    const lots = this.offered.open(venue, this.#sign, limit);
    this.venues[this.venueCount++] = venue;
    this.least[venue] = 0;
    this.most[venue] = lots;
    return lots;
  }

  /** Finds the cheapest lots within the bounds: `lots`, `unfilled` and `cost`. */
  run(): void {
    let left = this.#wanted;
    this.cost = 0;
    this.isShort = false;
    for (let i = 0; i < this.venueCount; i++) {
      const venue = this.venues[i] as number;
      this.lots[venue] = 0;
      this.#cursor[venue] = this.offered.first[venue] as number;
      this.#head[venue] = this.offered.firstLots[venue] as number;
      this.#load(venue);
    }
    if (Number.isNaN(this.#reference)) this.#reference = this.#lowest();
    for (let i = 0; i < this.venueCount; i++) {
      const venue = this.venues[i] as number;
      const least = this.least[venue] as number;
      while ((this.lots[venue] as number) < least && (this.#key.high[venue] as number) < Infinity) {
        left -= this.#take(venue, least - (this.lots[venue] as number));
      }
      if ((this.lots[venue] as number) < least) this.isShort = true;
      if (this.lots[venue] === this.most[venue]) this.#key.high[venue] = Infinity;
    }
    left = this.#leap(left);
    this.#sort(this.#bound);
    const { high } = this.#key;
    while (left > 0 && this.#lineCount > 0) {
      const venue = this.#line[0] as number;
      const room = (this.most[venue] as number) - (this.lots[venue] as number);
      left -= this.#take(venue, left < room ? left : room);
      if (this.lots[venue] === this.most[venue]) high[venue] = Infinity;
      this.#sink(venue);
    }
    this.unfilled = left;
  }

  /** The cost of so many lots of a venue, above the reference; as {@link LevelMerge.run} counts it. */
  costOf(venue: number, lots: number): number {
    const before = this.cost;
    this.cost = 0;
    this.lots[venue] = 0;
    this.#cursor[venue] = this.offered.first[venue] as number;
    this.#head[venue] = this.offered.firstLots[venue] as number;
    this.#load(venue);
    while ((this.lots[venue] as number) < lots && (this.#key.high[venue] as number) < Infinity) {
      this.#take(venue, lots - (this.lots[venue] as number));
    }
    const cost = (this.lots[venue] as number) < lots ? Infinity : this.cost;
    this.cost = before;
    return cost;
  }

  /** The average key of what {@link LevelMerge.run} has found, in 1e-8 ticks; NaN where it found nothing. */
  get average(): number {
    const lots = this.#wanted - this.unfilled;
    if (lots <= 0) return Number.NaN;
    return this.#reference * FEE_UNITS + (this.cost / lots) * (this.#by === "price" ? FEE_UNITS : 1);
  }

  #take(venue: number, wanted: number): number {
    const head = this.#head[venue] as number;
    const taken = wanted < head ? wanted : head;
    const above = (this.#key.high[venue] as number) - this.#reference;
    const parts = this.#by === "price" ? above : above * FEE_UNITS + (this.#key.low[venue] as number);
    this.cost += taken * parts;
    this.lots[venue] = (this.lots[venue] as number) + taken;
    if (taken === head) {
      const cursor = (this.#cursor[venue] as number) + 1;
      const books = this.#books;
      this.#cursor[venue] = cursor;
      this.#head[venue] = books.lots[(venue * 2 + this.#side) * books.levels + cursor] as number;
      this.#load(venue);
    } else {
      this.#head[venue] = head - taken;
    }
    return taken;
  }

  /** Writes the key of a venue's level under its cursor; Infinity where there is none within the cap. */
  #load(venue: number): void {
    const books = this.#books;
    const at = venue * 2 + this.#side;
    const cursor = this.#cursor[venue] as number;
    if (cursor >= (books.count[at] as number)) {
      this.#key.high[venue] = Infinity;
      return;
    }
    const ticks = books.ticks[at * books.levels + cursor] as number;
    const price = this.#sign * ticks;
    if (price > this.cap) {
      this.#key.high[venue] = Infinity;
      return;
    }
    if (this.#by === "price") {
      this.#key.high[venue] = price;
      this.#key.low[venue] = books.ns[venue] as number;
      return;
    }
    const units = Math.abs(ticks) * (this.rate[venue] as number) + (this.perLot[venue] as number);
    let whole = Math.floor(units / FEE_UNITS);
    let rest = units - whole * FEE_UNITS;
    if (rest < 0) {
      whole -= 1;
      rest += FEE_UNITS;
    }
    this.#key.high[venue] = price + whole;
    this.#key.low[venue] = rest;
  }

  /** Takes every level that costs less than the tick at which there is more than is wanted; returns what is left. */
  #leap(wanted: number): number {
    let left = wanted;
    let low = this.#lowest();
    let high = low + 1;
    for (let stride = 1; left > 0 && this.#cheapest() < Infinity; stride *= 2) {
      high = low + stride;
      const taken = this.#offered(high, left);
      if (taken < 0) break;
      this.#accept();
      left -= taken;
      low = Math.max(high, this.#lowest());
      high = low;
    }
    while (left > 0 && high - low > 1) {
      const middle = low + Math.floor((high - low) / 2);
      const taken = this.#offered(middle, left);
      if (taken < 0) {
        high = middle;
        continue;
      }
      this.#accept();
      left -= taken;
      low = middle;
    }
    this.#bound = high;
    return left;
  }

  /** What all venues offer below a tick; -1 where it is more than `left`. */
  #offered(limit: number, left: number): number {
    let sum = 0;
    this.#leapCost = 0;
    for (let i = 0; i < this.venueCount; i++) {
      const venue = this.venues[i] as number;
      this.#leapLots[venue] = 0;
      if ((this.#key.high[venue] as number) >= limit) continue;
      sum += this.#walk(venue, limit);
      if (sum > left) return -1;
    }
    return sum;
  }

  /** Walks a venue's levels below a tick, as far as its bound; returns their lots. */
  #walk(venue: number, limit: number): number {
    const { ticks, lots, count, levels } = this.#books;
    const at = venue * 2 + this.#side;
    const row = at * levels;
    const end = count[at] as number;
    const isPrice = this.#by === "price";
    const rate = this.rate[venue] as number;
    const perLot = this.perLot[venue] as number;
    const room = (this.most[venue] as number) - (this.lots[venue] as number);
    let cursor = this.#cursor[venue] as number;
    let head = this.#head[venue] as number;
    const { cap } = this;
    const sign = this.#sign;
    const reference = this.#reference;
    let walked = 0;
    let cost = 0;
    while (walked < room) {
      const tick = ticks[row + cursor] as number;
      const price = sign * tick;
      const units = isPrice ? 0 : Math.abs(tick) * rate + perLot;
      // The key's ticks are `price + floor(units / FEE_UNITS)`; against a whole limit that is this, without a division.
      if (price > cap || units >= (limit - price) * FEE_UNITS) break;
      const taken = head < room - walked ? head : room - walked;
      const above = price - reference;
      cost += taken * (isPrice ? above : above * FEE_UNITS + units);
      walked += taken;
      head -= taken;
      if (head > 0) break;
      cursor += 1;
      head = lots[row + cursor] as number;
      if (cursor === end) break;
    }
    this.#leapCost += cost;
    this.#leapLots[venue] = walked;
    this.#leapCursor[venue] = cursor;
    this.#leapHead[venue] = head;
    return walked;
  }

  /** Takes what was offered last. */
  #accept(): void {
    this.cost += this.#leapCost;
    for (let i = 0; i < this.venueCount; i++) {
      const venue = this.venues[i] as number;
      const walked = this.#leapLots[venue] as number;
      if (walked === 0) continue;
      this.lots[venue] = (this.lots[venue] as number) + walked;
      this.#cursor[venue] = this.#leapCursor[venue] as number;
      this.#head[venue] = this.#leapHead[venue] as number;
      this.#load(venue);
      if (this.lots[venue] === this.most[venue]) this.#key.high[venue] = Infinity;
    }
  }

  /** Puts the venues that have something below a tick in line, the cheapest first. */
  #sort(bound: number): void {
    const line = this.#line;
    this.#lineCount = 0;
    for (let i = this.venueCount - 1; i >= 0; i--) {
      const venue = this.venues[i] as number;
      if ((this.#key.high[venue] as number) >= bound) continue;
      for (let at = this.#lineCount; at > 0; at--) line[at] = line[at - 1] as number;
      this.#lineCount += 1;
      this.#sink(venue);
    }
  }

  /** Puts the venue at the front of the line, whose key has grown, to its place; out of it where it has no more. */
  #sink(venue: number): void {
    const { high, low } = this.#key;
    const line = this.#line;
    const count = this.#lineCount;
    const key = high[venue] as number;
    const rest = low[venue] as number;
    let at = 0;
    while (at + 1 < count) {
      const next = line[at + 1] as number;
      const other = high[next] as number;
      if (other > key) break;
      if (other === key) {
        const otherRest = low[next] as number;
        if (otherRest > rest || (otherRest === rest && next > venue)) break;
      }
      line[at] = next;
      at += 1;
    }
    line[at] = venue;
    // Infinity sorts last: what has no more is the last of the line.
    if (key === Infinity) this.#lineCount = count - 1;
  }

  /** The lowest key's ticks; 0 where nothing is left. */
  #lowest(): number {
    const lowest = this.#cheapest();
    return lowest === Infinity ? 0 : lowest;
  }

  #cheapest(): number {
    let lowest = Infinity;
    for (let i = 0; i < this.venueCount; i++) {
      const key = this.#key.high[this.venues[i] as number] as number;
      if (key < lowest) lowest = key;
    }
    return lowest;
  }
}
