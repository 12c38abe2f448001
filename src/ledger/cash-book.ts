import { Fault } from "../base/index.ts";
import type { Currency, Instrument, Money } from "../model/index.ts";

/** Amounts by currency, as decimals. */
type SavedAmounts = Readonly<Record<string, string>>;

/**
 * Cash by currency, and the fees that were charged in another currency than their instrument is quoted in.
 *
 * Currencies are those of the cash at the start, then the base currencies of the instruments, which begin at 0.
 */
export class CashBook {
  /** The codes of all currencies; a currency's place is its index here. */
  readonly codes: readonly string[];
  readonly currencies: ReadonlyMap<string, Currency>;
  /** How many of the codes had cash at the start, if 0. */
  readonly listed: number;
  /** Cash by place. Read only to all but the ledger. */
  readonly cash: bigint[];
  /** Fees charged in a currency that is not the quote of their instrument, by its place. */
  readonly otherFees: bigint[];

  constructor(cash: readonly Money[], instruments: readonly Instrument[]) {
    const currencies = new Map<string, Currency>();
    const sums = new Map<string, bigint>();
    for (const { minor, currency } of cash) {
      checkDecimals(currencies.get(currency.code) ?? currency, currency);
      currencies.set(currency.code, currency);
      sums.set(currency.code, (sums.get(currency.code) ?? 0n) + minor);
    }
    this.listed = sums.size;
    for (const { base } of instruments) {
      if (base === undefined || sums.has(base.code)) continue;
      currencies.set(base.code, base);
      sums.set(base.code, 0n);
    }
    this.currencies = currencies;
    this.codes = [...sums.keys()];
    this.cash = [...sums.values()];
    this.otherFees = this.codes.map(() => 0n);
    for (const { quote, key } of instruments) {
      if (this.isListed(quote.code) && currencies.get(quote.code)?.decimals === quote.decimals) continue;
      const value = [...currencies.values()].slice(0, this.listed);
      const expected = `cash in ${quote.code} with ${quote.decimals} decimals, for ${key}`;
      throw new Fault("FAULT_CONFIG", { path: "ledger.cash", value, expected });
    }
  }

  /** The place of a currency. @throws `FAULT_INPUT` for one that is not in the books */
  placeOf(code: string): number {
    const place = this.codes.indexOf(code);
    if (place >= 0) return place;
    const expected = `one of ${this.codes.join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "ledger.cash", value: code, expected });
  }

  add(place: number, minor: bigint): void {
    this.cash[place] = (this.cash[place] as bigint) + minor;
  }

  /** Whether a currency had cash at the start, if 0. */
  isListed(code: string): boolean {
    const place = this.codes.indexOf(code);
    return place >= 0 && place < this.listed;
  }

  saveCash(): SavedAmounts {
    return this.#amounts(this.cash, (minor, place) => place < this.listed || minor !== 0n);
  }

  /** Other fees, where there are any. */
  saveFees(): { readonly otherFees?: SavedAmounts } {
    if (this.otherFees.every((minor) => minor === 0n)) return {};
    return { otherFees: this.#amounts(this.otherFees, (minor) => minor !== 0n) };
  }

  /** Whether saved amounts are of these currencies: every one that was listed, and no strange one. */
  isOf(saved: SavedAmounts, fees: SavedAmounts): boolean {
    const isKnown = (code: string): boolean => this.codes.includes(code);
    const hasAll = this.codes.every((code, place) => place >= this.listed || Object.hasOwn(saved, code));
    return hasAll && Object.keys(saved).every(isKnown) && Object.keys(fees).every(isKnown);
  }

  restore(saved: SavedAmounts, fees: SavedAmounts): void {
    for (const [place, code] of this.codes.entries()) {
      this.cash[place] = BigInt(saved[code] ?? 0n);
      this.otherFees[place] = BigInt(fees[code] ?? 0n);
    }
  }

  #amounts(of: readonly bigint[], isKept: (minor: bigint, place: number) => boolean): SavedAmounts {
    const kept = this.codes.map((code, place) => [code, of[place] as bigint] as const);
    return Object.fromEntries(
      kept.filter(([, minor], place) => isKept(minor, place)).map(([code, minor]) => [code, String(minor)]),
    );
  }
}

function checkDecimals(known: Currency, found: Currency): void {
  if (known.decimals === found.decimals) return;
  const expected = `${known.decimals} decimals, as in the amount before`;
  throw new Fault("FAULT_CONFIG", { path: `ledger.cash.${found.code}`, value: found.decimals, expected });
}
