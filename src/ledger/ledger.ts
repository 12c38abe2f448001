import { checkArray, checkKeys, divideBig, Fault, type Rounding, roundTo } from "../base/index.ts";
import { type Currency, type Instrument, toCurrency } from "../model/index.ts";
import { AverageCost } from "./average-cost.ts";
import { MARK_STEPS } from "./base-lots.ts";
import { CashBook } from "./cash-book.ts";
import { Conversion } from "./conversion.ts";
import type { LedgerOptions, LedgerSnapshot, LedgerTotals } from "./ledger-types.ts";
import { Valuation } from "./valuation.ts";

/** Marks that are no whole ticks are valued in steps of 1/1024 of a tick, and must leave room for them. */
const MARK_MAX = (Number.MAX_SAFE_INTEGER - 1) / MARK_STEPS;

/**
 * Positions, cost, cash and profit, exact to the minor unit.
 *
 * Cash moves by the whole notional of every fill, so a position is worth what it would fetch. Profit is by
 * average cost: closing a part of a position takes its share of the cost, rounded half to even, and what
 * rounding leaves stays in the cost of the rest.
 *
 * A fee may be charged in any currency of the books. Cash in the base currency of an instrument that no rate is set for
 * is worth what the instrument's mark says; before its first mark, nothing.
 *
 * @units positions in lots (signed), marks in ticks, money in minor units of each instrument's quote currency
 * @invariant In each currency, cash = start − Σ sign·notional − fees + funding + dividends + transfers + cash
 * for split fractions, always.
 * @invariant In each currency, cash + Σ value − start = realised + unrealised − fees + funding + dividends +
 * transfers, to the minor unit; so does equity where all money is in one currency.
 * @invariant A call that faults changes nothing.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` for an instrument, currency or rate that is not there.
 * @cost A fill is five bigint additions, a closing one also a multiplication and a division; reading a position
 * is one typed-array load.
 * @example
 * ```ts
 * import { Ledger } from "tickwright/ledger";
 * import { Instrument, money } from "tickwright/model";
 * const abc = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" });
 * const ledger = new Ledger({ instruments: [abc], cash: [money(100_000n, "USD")], reporting: "USD" });
 * ledger.fill(0, 1, 1000, 10, 25n);
 * ledger.mark(0, 1010);
 * ledger.cashMinor("USD"); // => 89975n
 * ledger.unrealizedMinor(0); // => 100n
 * ledger.equityMinor(); // => 100075n
 * ```
 */
export class Ledger {
  readonly instruments: readonly Instrument[];
  readonly reporting: Currency;
  /** Signed lots of each instrument. Read only to all but the ledger. */
  readonly positionLots: Float64Array;
  /** What one lot is valued at, in ticks; NaN before the first mark or fill. */
  readonly markTicks: Float64Array;
  readonly conversion: Conversion;
  readonly #book: CashBook;
  /** The place of each instrument's quote currency. */
  readonly #quotes: readonly number[];
  readonly #valuation: Valuation;
  readonly #profit: AverageCost;
  readonly #fees: bigint[];
  readonly #funding: bigint[];
  readonly #dividends: bigint[];

  constructor(options: LedgerOptions) {
    checkKeys("ledger", options, ["instruments", "cash", "reporting"]);
    this.instruments = checkArray("ledger.instruments", options.instruments);
    const book = new CashBook(checkArray("ledger.cash", options.cash), this.instruments);
    const reporting = toCurrency("ledger.reporting", options.reporting);
    this.reporting = book.currencies.get(reporting.code) ?? reporting;
    this.conversion = new Conversion(this.reporting, book.currencies);
    this.#book = book;
    this.#quotes = this.instruments.map(({ quote }) => book.codes.indexOf(quote.code));
    const count = this.instruments.length;
    this.positionLots = new Float64Array(count);
    this.markTicks = new Float64Array(count).fill(Number.NaN);
    const { positionLots, markTicks, conversion } = this;
    const { code } = this.reporting;
    this.#valuation = new Valuation(this.instruments, book, conversion, code, positionLots, markTicks);
    this.#profit = new AverageCost(count);
    [this.#fees, this.#funding, this.#dividends] = [zeros(count), zeros(count), zeros(count)];
  }

  /**
   * Books a fill: `lots` of instrument `index` at `ticks`, `sign` +1 bought, -1 sold, for a fee (negative:
   * a rebate) in the quote currency.
   *
   * The price becomes the mark. A bust is a fill of the other sign at the busted price, with minus its fee.
   *
   * @throws `FAULT_INPUT` on a sign that is neither, lots that are no whole number above 0, or a price that is no
   * whole number of ticks; `FAULT_ARITHMETIC` when the position would leave 2^53.
   */
  fill(index: number, sign: number, ticks: number, lots: number, feeMinor: bigint): void {
    if (sign * sign !== 1 || !(lots > 0 && Number.isSafeInteger(lots)) || !Number.isSafeInteger(ticks)) {
      const expected = "a sign of 1 or -1, whole lots above 0, and whole ticks";
      throw new Fault("FAULT_INPUT", { path: "ledger.fill", value: { sign, ticks, lots }, expected });
    }
    const instrument = this.#instrument(index);
    const notional = instrument.notionalMinor(ticks, lots);
    const signed = sign > 0 ? notional : -notional;
    const held = this.positionLots[index] as number;
    const next = held + sign * lots;
    if (!Number.isSafeInteger(next)) {
      throw new Fault("FAULT_ARITHMETIC", {
        path: "ledger.positionLots",
        value: next,
        expected: "within 2^53",
      });
    }
    if (held === 0 || held > 0 === sign > 0) this.#profit.open(index, signed);
    else if (lots <= Math.abs(held)) this.#profit.close(index, BigInt(lots), BigInt(Math.abs(held)), -signed);
    else {
      const opened = instrument.notionalMinor(ticks, next);
      this.#profit.close(index, 1n, 1n, opened - signed);
      this.#profit.open(index, opened);
    }
    this.positionLots[index] = next;
    this.#fees[index] = (this.#fees[index] as bigint) + feeMinor;
    this.#pay(index, -signed - feeMinor);
    this.markTicks[index] = ticks;
  }

  /**
   * Values an instrument at a price, in ticks. A mid need not be whole: values are exact to 1/1024 of a tick.
   *
   * @throws `FAULT_INPUT` when `ticks` is no number within 2^43.
   */
  mark(index: number, ticks: number): void {
    this.#instrument(index);
    if (!(Math.abs(ticks) <= MARK_MAX)) {
      throw new Fault("FAULT_INPUT", {
        path: "ledger.mark",
        value: ticks,
        expected: "a price within 2^43 ticks",
      });
    }
    this.markTicks[index] = ticks;
  }

  /** Books a funding payment: above 0 is received. */
  funding(index: number, minor: bigint): void {
    this.#instrument(index);
    this.#funding[index] = (this.#funding[index] as bigint) + minor;
    this.#pay(index, minor);
  }

  /** Books a cash dividend of `minorPerLot` on the whole position, and returns it; short positions pay. */
  dividend(index: number, minorPerLot: bigint): bigint {
    this.#instrument(index);
    const minor = BigInt(this.positionLots[index] as number) * minorPerLot;
    this.#dividends[index] = (this.#dividends[index] as bigint) + minor;
    this.#pay(index, minor);
    return minor;
  }

  /**
   * Books a split: `numerator` new lots stand for `denominator` old ones, and the mark follows. A fraction of a
   * lot is paid in cash at the new mark, rounded as named, and realised with its share of the cost.
   *
   * @throws `FAULT_INPUT` unless both are above 0, and on a fraction without a mark; `FAULT_ARITHMETIC` when the
   * position would leave 2^53.
   */
  split(index: number, numerator: bigint, denominator: bigint, rounding: Rounding = "halfEven"): void {
    this.#instrument(index);
    if (numerator <= 0n || denominator <= 0n) {
      const value = `${numerator}:${denominator}`;
      throw new Fault("FAULT_INPUT", { path: "ledger.split", value, expected: "two numbers above 0" });
    }
    const whole = BigInt(this.positionLots[index] as number) * numerator;
    const next = Number(whole / denominator);
    const rest = whole % denominator;
    const mark = ((this.markTicks[index] as number) * Number(denominator)) / Number(numerator);
    if (!Number.isSafeInteger(next)) {
      throw new Fault("FAULT_ARITHMETIC", {
        path: "ledger.positionLots",
        value: next,
        expected: "within 2^53",
      });
    }
    if (rest !== 0n) this.#payFraction(index, mark, rest, denominator, whole, rounding);
    this.positionLots[index] = next;
    this.markTicks[index] = mark;
  }

  /** Books cash that came (above 0) or went. */
  transfer(currency: string, minor: bigint): void {
    this.#book.add(this.#book.placeOf(currency), minor);
  }

  /**
   * Books a fee of an instrument beside its fills, in any currency of the books; below 0 one that is given back.
   *
   * @units minor units of the currency
   * @throws `FAULT_INPUT` for a currency that is not in the books
   */
  charge(index: number, currency: string, minor: bigint): void {
    this.#instrument(index);
    const place = this.#book.placeOf(currency);
    const fees = place === this.#quotes[index] ? this.#fees : this.#book.otherFees;
    const at = place === this.#quotes[index] ? index : place;
    fees[at] = (fees[at] as bigint) + minor;
    this.#book.add(place, -minor);
  }

  /** Cash of one currency, in its minor units. @throws `FAULT_INPUT` for a currency the ledger does not know. */
  cashMinor(currency: string): bigint {
    return this.#book.cash[this.#book.placeOf(currency)] as bigint;
  }

  /** A currency of the books; undefined for one that is not there. */
  currencyOf(code: string): Currency | undefined {
    return this.#book.currencies.get(code);
  }

  /** The codes of all currencies of the books: those of the cash at the start first. */
  get currencies(): readonly string[] {
    return this.#book.codes;
  }

  /** Whether the cash at the start named a currency: of others it is not known what is owned. */
  isListed(code: string): boolean {
    return this.#book.isListed(code);
  }

  /** Whether money in a currency can be valued: it is the reporting one, has a rate, or an instrument trades it. */
  isValued(code: string): boolean {
    return this.#valuation.isValued(code);
  }

  /** Fees charged in a currency that is not the quote of their instrument. @units minor units of that currency */
  otherFeesMinor(currency: string): bigint {
    return this.#book.otherFees[this.#book.placeOf(currency)] as bigint;
  }

  /**
   * The whole lots that can be delivered, never below 0: the position, the other positions of one venue in the
   * same base currency, and cash in that, which fees are taken from. Without a base currency, the position.
   *
   * @cost O(instruments)
   */
  deliverableLots(index: number): number {
    return this.#valuation.deliverableLots(index);
  }

  /**
   * What an amount is worth in an instrument's quote currency: of its base currency at `ticks`, of others at rates and
   * marks; 0 where those do not say.
   */
  inQuoteMinor(index: number, currency: string, minor: bigint, ticks: number): bigint {
    return this.#valuation.inQuote(index, this.#book.placeOf(currency), minor, ticks);
  }

  realizedMinor(index: number): bigint {
    return this.#profit.realized[index] as bigint;
  }

  /** Fees in the instrument's quote currency. */
  feesMinor(index: number): bigint {
    return this.#fees[index] as bigint;
  }

  /** Funding received less funding paid. */
  fundingMinor(index: number): bigint {
    return this.#funding[index] as bigint;
  }

  dividendsMinor(index: number): bigint {
    return this.#dividends[index] as bigint;
  }

  /** What was paid for what is held, signed as the position is. */
  costMinor(index: number): bigint {
    return this.#profit.cost[index] as bigint;
  }

  /** The worth of the position at its mark; halves of a minor unit round to even. */
  valueMinor(index: number): bigint {
    const lots = this.positionLots[index] as number;
    if (lots === 0) return 0n;
    const ticks = this.markTicks[index] as number;
    const instrument = this.#instrument(index);
    if (Number.isSafeInteger(ticks)) return instrument.notionalMinor(ticks, lots);
    const fine = roundTo(ticks * MARK_STEPS, "halfEven");
    return divideBig(instrument.notionalMinor(fine, lots), BigInt(MARK_STEPS), "halfEven");
  }

  unrealizedMinor(index: number): bigint {
    return this.valueMinor(index) - (this.#profit.cost[index] as bigint);
  }

  /** The mean price of what is held, in ticks; NaN when flat. */
  averageTicks(index: number): number {
    const lots = this.positionLots[index] as number;
    if (lots === 0) return Number.NaN;
    return Number(this.#profit.cost[index] as bigint) / Number(this.#instrument(index).quantumMinor) / lots;
  }

  /**
   * Cash plus positions at their marks, in minor units of the reporting currency. Each currency is added up
   * first and converted once.
   *
   * @throws `FAULT_INPUT` naming a currency with money in it, no rate, and no instrument that trades it.
   */
  equityMinor(): bigint {
    return this.#convert((index) => this.valueMinor(index), this.#book.cash);
  }

  /** Sums over all instruments, each currency converted once. @throws `FAULT_INPUT` as {@link Ledger.equityMinor} */
  totals(): LedgerTotals {
    return {
      realizedMinor: this.#convert((i) => this.#profit.realized[i] as bigint),
      unrealizedMinor: this.#convert((i) => this.unrealizedMinor(i)),
      feesMinor: this.#convert((i) => this.#fees[i] as bigint, this.#book.otherFees),
      fundingMinor: this.#convert((i) => this.#funding[i] as bigint),
      dividendsMinor: this.#convert((i) => this.#dividends[i] as bigint),
    };
  }

  snapshot(): LedgerSnapshot {
    return {
      cash: this.#book.saveCash(),
      ...this.#book.saveFees(),
      rates: this.conversion.snapshot(),
      positions: this.instruments.map((_, i) => ({
        lots: this.positionLots[i] as number,
        markTicks: Number.isNaN(this.markTicks[i]) ? null : (this.markTicks[i] as number),
        cost: String(this.#profit.cost[i]),
        realized: String(this.#profit.realized[i]),
        fees: String(this.#fees[i]),
        funding: String(this.#funding[i]),
        dividends: String(this.#dividends[i]),
      })),
    };
  }

  /**
   * Continues from a snapshot of a ledger with the same instruments and currencies.
   *
   * @throws `FAULT_INPUT` when they are others.
   */
  restore(snapshot: LedgerSnapshot): void {
    const { cash, otherFees = {} } = snapshot;
    if (!this.#book.isOf(cash, otherFees) || snapshot.positions.length !== this.instruments.length) {
      const expected = `${this.instruments.length} positions, and cash in ${this.#book.codes.join(", ")}`;
      const value = { positions: snapshot.positions.length, cash: Object.keys(cash) };
      throw new Fault("FAULT_INPUT", { path: "snapshot", value, expected });
    }
    this.#book.restore(cash, otherFees);
    this.conversion.restore(snapshot.rates);
    for (const [i, position] of snapshot.positions.entries()) {
      this.positionLots[i] = position.lots;
      this.markTicks[i] = position.markTicks ?? Number.NaN;
      this.#profit.cost[i] = BigInt(position.cost);
      this.#profit.realized[i] = BigInt(position.realized);
      this.#fees[i] = BigInt(position.fees);
      this.#funding[i] = BigInt(position.funding);
      this.#dividends[i] = BigInt(position.dividends);
    }
  }

  #payFraction(
    index: number,
    mark: number,
    rest: bigint,
    denominator: bigint,
    whole: bigint,
    rounding: Rounding,
  ): void {
    if (!(Math.abs(mark) <= MARK_MAX)) {
      throw new Fault("FAULT_INPUT", {
        path: "ledger.split",
        value: mark,
        expected: "a mark for the fraction",
      });
    }
    const fine = BigInt(roundTo(mark * MARK_STEPS, "halfEven")) * this.#instrument(index).quantumMinor * rest;
    const paid = divideBig(fine, BigInt(MARK_STEPS) * denominator, rounding);
    this.#profit.close(index, rest, whole, paid);
    this.#pay(index, paid);
  }

  /** One amount per instrument, added up by currency (onto `start`, where given), then converted. */
  #convert(part: (index: number) => bigint, start: readonly bigint[] = []): bigint {
    const sums = this.#book.codes.map((_, place) => start[place] ?? 0n);
    for (const [index, place] of this.#quotes.entries()) sums[place] = (sums[place] as bigint) + part(index);
    return sums.reduce((all, minor, place) => all + this.#valuation.worth(place, minor), 0n);
  }

  #pay(index: number, minor: bigint): void {
    this.#book.add(this.#quotes[index] as number, minor);
  }

  #instrument(index: number): Instrument {
    const instrument = this.instruments[index];
    if (instrument !== undefined) return instrument;
    const expected = `an instrument's index, 0 to ${this.instruments.length - 1}`;
    throw new Fault("FAULT_INPUT", { path: "ledger.index", value: index, expected });
  }
}

function zeros(count: number): bigint[] {
  return new Array<bigint>(count).fill(0n);
}
