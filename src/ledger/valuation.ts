import { roundTo } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import { BaseLots, MARK_STEPS } from "./base-lots.ts";
import type { CashBook } from "./cash-book.ts";
import type { Conversion } from "./conversion.ts";

/**
 * What money is worth in the reporting currency, and what of a base currency can be delivered.
 *
 * @invariant Reads, and changes nothing: equal books, marks and rates give equal worths.
 */
export class Valuation {
  readonly #instruments: readonly Instrument[];
  readonly #book: CashBook;
  readonly #conversion: Conversion;
  readonly #reporting: string;
  readonly #lots: Float64Array;
  readonly #marks: Float64Array;
  /** The place of each instrument's quote currency, and of its base currency, -1 for none. */
  readonly #quotes: readonly number[];
  readonly #bases: readonly number[];
  readonly #baseLots: readonly (BaseLots | undefined)[];

  constructor(
    instruments: readonly Instrument[],
    book: CashBook,
    conversion: Conversion,
    reporting: string,
    lots: Float64Array,
    marks: Float64Array,
  ) {
    this.#instruments = instruments;
    this.#book = book;
    this.#conversion = conversion;
    this.#reporting = reporting;
    this.#lots = lots;
    this.#marks = marks;
    const placeOf = (code: string | undefined): number =>
      code === undefined ? -1 : book.codes.indexOf(code);
    this.#quotes = instruments.map(({ quote }) => placeOf(quote.code));
    this.#bases = instruments.map(({ base }) => placeOf(base?.code));
    this.#baseLots = instruments.map((each) => {
      const unit = each.base === undefined ? undefined : book.currencies.get(each.base.code);
      return unit === undefined ? undefined : new BaseLots(each, unit);
    });
  }

  /** Whether money in a currency can be valued: it is the reporting one, has a rate, or an instrument trades it. */
  isValued(code: string): boolean {
    if (this.#hasRate(code)) return true;
    const place = this.#book.codes.indexOf(code);
    return place >= 0 && this.#bases.some((base, i) => base === place && this.#isQuoted(i));
  }

  /** By its rate, else at the mark of the first instrument that trades it and has one; before any mark, nothing. */
  worth(place: number, minor: bigint): bigint {
    const { codes } = this.#book;
    const code = codes[place] as string;
    if (minor === 0n || !this.isValued(code) || this.#hasRate(code)) {
      return this.#conversion.toReporting(code, minor);
    }
    for (const [i, base] of this.#bases.entries()) {
      const ticks = this.#marks[i] as number;
      if (base !== place || Number.isNaN(ticks) || !this.#isQuoted(i)) continue;
      return this.#conversion.toReporting(
        codes[this.#quotes[i] as number] as string,
        this.#traded(i, minor, ticks),
      );
    }
    return 0n;
  }

  /** What an amount is worth in an instrument's quote currency: of its base currency at a price. */
  inQuote(index: number, place: number, minor: bigint, ticks: number): bigint {
    const quote = this.#quotes[index] as number;
    if (place === quote) return minor;
    if (place === this.#bases[index]) return this.#traded(index, minor, ticks);
    const { codes } = this.#book;
    if (!this.#isQuoted(index) || !this.isValued(codes[place] as string)) return 0n;
    return this.#conversion.fromReporting(codes[quote] as string, this.worth(place, minor));
  }

  /** The whole lots that can be delivered. */
  deliverableLots(index: number): number {
    const lots = this.#lots[index] as number;
    const own = this.#baseLots[index];
    if (own === undefined) return Math.max(0, lots);
    const place = this.#bases[index] as number;
    const { venue } = this.#instruments[index] as Instrument;
    let minor = this.#book.cash[place] as bigint;
    for (const [i, base] of this.#bases.entries()) {
      if (i === index || base !== place || this.#instruments[i]?.venue !== venue) continue;
      minor += this.#baseLots[i]?.minorOf(this.#lots[i] as number) ?? 0n;
    }
    return Math.max(0, lots + (minor === 0n ? 0 : own.lotsIn(minor)));
  }

  #traded(index: number, minor: bigint, ticks: number): bigint {
    const fine = BigInt(roundTo(ticks * MARK_STEPS, "halfEven"));
    return this.#baseLots[index]?.worth(minor, fine) ?? 0n;
  }

  #isQuoted(index: number): boolean {
    return this.#hasRate(this.#book.codes[this.#quotes[index] as number]);
  }

  #hasRate(code: string | undefined): boolean {
    return code === this.#reporting || this.#conversion.has(code);
  }
}
