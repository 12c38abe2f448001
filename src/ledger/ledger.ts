import { checkArray, checkKeys, divideBig, Fault, type Rounding, roundTo } from "../base/index.ts";
import { type Currency, type Instrument, type Money, toCurrency } from "../model/index.ts";
import { Conversion } from "./conversion.ts";

/** What a {@link Ledger} is made from. */
export interface LedgerOptions {
  readonly instruments: readonly Instrument[];
  /** Cash at the start: one amount for each currency the instruments are quoted in, and any others. */
  readonly cash: readonly Money[];
  /** The currency everything is valued in. */
  readonly reporting: Currency | string;
}

/** Sums over all instruments, in minor units of the reporting currency. */
export interface LedgerTotals {
  readonly realizedMinor: bigint;
  readonly unrealizedMinor: bigint;
  readonly feesMinor: bigint;
  readonly fundingMinor: bigint;
  readonly dividendsMinor: bigint;
}

/** The whole state of a {@link Ledger}, JSON-safe: bigints as decimals. */
export interface LedgerSnapshot {
  readonly cash: Readonly<Record<string, string>>;
  readonly positions: readonly {
    readonly lots: number;
    readonly markTicks: number | null;
    readonly cost: string;
    readonly realized: string;
    readonly fees: string;
    readonly funding: string;
    readonly dividends: string;
  }[];
}

/**
 * Positions, cost, cash and profit, exact to the minor unit.
 *
 * Cash moves by the whole notional of every fill, so a position is worth what it would fetch. Profit is by
 * average cost: closing a part of a position takes its share of the cost, rounded half to even, and what
 * rounding leaves stays in the cost of the rest.
 *
 * @units positions in lots (signed), marks in ticks, money in minor units of each instrument's quote currency
 * @invariant Cash = start − Σ sign·notional − fees + funding + dividends + transfers, always.
 * @invariant Equity − start = realised + unrealised − fees + funding + dividends + transfers, to the minor unit.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` for a currency without cash or rate.
 * @cost A fill is about ten bigint operations; reading a position is one typed-array load.
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
  readonly #cash: Map<string, bigint> = new Map();
  readonly #cost: bigint[];
  readonly #realized: bigint[];
  readonly #fees: bigint[];
  readonly #funding: bigint[];
  readonly #dividends: bigint[];

  constructor(options: LedgerOptions) {
    checkKeys("ledger", options, ["instruments", "cash", "reporting"]);
    this.instruments = checkArray("ledger.instruments", options.instruments);
    const currencies = new Map<string, Currency>();
    for (const { minor, currency } of checkArray("ledger.cash", options.cash)) {
      currencies.set(currency.code, currency);
      this.#cash.set(currency.code, (this.#cash.get(currency.code) ?? 0n) + minor);
    }
    for (const { quote, key } of this.instruments) {
      if (currencies.get(quote.code)?.decimals === quote.decimals) continue;
      const expected = `cash in ${quote.code} with ${quote.decimals} decimals, for ${key}`;
      throw new Fault("FAULT_CONFIG", { path: "ledger.cash", value: [...currencies.values()], expected });
    }
    const reporting = toCurrency("ledger.reporting", options.reporting);
    this.reporting = currencies.get(reporting.code) ?? reporting;
    this.conversion = new Conversion(this.reporting, currencies);
    const count = this.instruments.length;
    this.positionLots = new Float64Array(count);
    this.markTicks = new Float64Array(count).fill(Number.NaN);
    const zeros = (): bigint[] => new Array<bigint>(count).fill(0n);
    [this.#cost, this.#realized, this.#fees, this.#funding, this.#dividends] = [
      zeros(),
      zeros(),
      zeros(),
      zeros(),
      zeros(),
    ];
  }

  /**
   * Books a fill: `lots` of instrument `index` at `ticks`, `sign` +1 bought, -1 sold, for a fee (negative:
   * a rebate) in the quote currency.
   *
   * @throws `FAULT_INPUT` on a sign that is neither, or lots that are no whole number above 0.
   */
  fill(index: number, sign: number, ticks: number, lots: number, feeMinor: bigint): void {
    if ((sign !== 1 && sign !== -1) || !(lots > 0 && Number.isSafeInteger(lots))) {
      const expected = "a sign of 1 or -1 and whole lots above 0";
      throw new Fault("FAULT_INPUT", { path: "ledger.fill", value: { sign, lots }, expected });
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
    if (held === 0 || held > 0 === sign > 0) this.#cost[index] = (this.#cost[index] as bigint) + signed;
    else if (Math.abs(next) < Math.abs(held) && next !== 0) this.#reduce(index, lots, Math.abs(held), signed);
    else this.#closeAndTurn(index, ticks, next, signed);
    this.positionLots[index] = next;
    this.#fees[index] = (this.#fees[index] as bigint) + feeMinor;
    this.#pay(instrument.quote.code, -signed - feeMinor);
    this.markTicks[index] = ticks;
  }

  /** Values an instrument at a price, in ticks (halves are allowed: a mid). */
  mark(index: number, ticks: number): void {
    this.markTicks[index] = ticks;
  }

  /** Books a funding payment: above 0 is received. */
  funding(index: number, minor: bigint): void {
    this.#funding[index] = (this.#funding[index] as bigint) + minor;
    this.#pay(this.#instrument(index).quote.code, minor);
  }

  /** Books a cash dividend of `minorPerLot` on the whole position; short positions pay it. */
  dividend(index: number, minorPerLot: bigint): bigint {
    const minor = BigInt(this.positionLots[index] as number) * minorPerLot;
    this.#dividends[index] = (this.#dividends[index] as bigint) + minor;
    this.#pay(this.#instrument(index).quote.code, minor);
    return minor;
  }

  /**
   * Books a split: `numerator` new lots stand for `denominator` old ones. A fraction of a lot is paid in cash
   * at the mark and realised with its share of the cost.
   *
   * @throws `FAULT_INPUT` unless both are above 0; on a fraction without a mark.
   */
  split(index: number, numerator: bigint, denominator: bigint, rounding: Rounding = "halfEven"): void {
    if (numerator <= 0n || denominator <= 0n) {
      throw new Fault("FAULT_INPUT", {
        path: "ledger.split",
        value: `${numerator}:${denominator}`,
        expected: "two numbers above 0",
      });
    }
    const held = BigInt(this.positionLots[index] as number);
    const next = (held * numerator) / denominator;
    const rest = held * numerator - next * denominator;
    const mark = this.markTicks[index] as number;
    this.markTicks[index] = (mark * Number(denominator)) / Number(numerator);
    if (rest !== 0n) this.#payFraction(index, rest, denominator, held * numerator, rounding);
    this.positionLots[index] = Number(next);
  }

  /** Books cash that came (above 0) or went. */
  transfer(currency: string, minor: bigint): void {
    this.#pay(currency, minor);
  }

  /** Cash of one currency, in its minor units. @throws `FAULT_INPUT` for a currency the ledger does not know. */
  cashMinor(currency: string): bigint {
    const minor = this.#cash.get(currency);
    if (minor !== undefined) return minor;
    const expected = `one of ${[...this.#cash.keys()].join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "ledger.cash", value: currency, expected });
  }

  realizedMinor(index: number): bigint {
    return this.#realized[index] as bigint;
  }

  feesMinor(index: number): bigint {
    return this.#fees[index] as bigint;
  }

  /** What was paid for what is held, signed as the position is. */
  costMinor(index: number): bigint {
    return this.#cost[index] as bigint;
  }

  /** The worth of the position at its mark; halves of a minor unit round to even. */
  valueMinor(index: number): bigint {
    const lots = this.positionLots[index] as number;
    if (lots === 0) return 0n;
    const ticks = this.markTicks[index] as number;
    const instrument = this.#instrument(index);
    if (Number.isSafeInteger(ticks)) return instrument.notionalMinor(ticks, lots);
    const fine = roundTo(ticks * 1024, "halfEven");
    return divideBig(instrument.notionalMinor(fine, lots), 1024n, "halfEven");
  }

  unrealizedMinor(index: number): bigint {
    return this.valueMinor(index) - (this.#cost[index] as bigint);
  }

  /** The mean price of what is held, in ticks; NaN when flat. */
  averageTicks(index: number): number {
    const lots = this.positionLots[index] as number;
    if (lots === 0) return Number.NaN;
    return Number(this.#cost[index] as bigint) / Number(this.#instrument(index).quantumMinor) / lots;
  }

  /** Cash plus positions at their marks, in minor units of the reporting currency. */
  equityMinor(): bigint {
    let sum = 0n;
    for (const [code, minor] of this.#cash) if (minor !== 0n) sum += this.conversion.toReporting(code, minor);
    for (let i = 0; i < this.instruments.length; i++) {
      if (this.positionLots[i] === 0) continue;
      sum += this.conversion.toReporting(this.#instrument(i).quote.code, this.valueMinor(i));
    }
    return sum;
  }

  totals(): LedgerTotals {
    const sum = (part: (index: number) => bigint): bigint =>
      this.instruments.reduce((total, { quote }, i) => {
        const minor = part(i);
        return minor === 0n ? total : total + this.conversion.toReporting(quote.code, minor);
      }, 0n);
    return {
      realizedMinor: sum((i) => this.#realized[i] as bigint),
      unrealizedMinor: sum((i) => this.unrealizedMinor(i)),
      feesMinor: sum((i) => this.#fees[i] as bigint),
      fundingMinor: sum((i) => this.#funding[i] as bigint),
      dividendsMinor: sum((i) => this.#dividends[i] as bigint),
    };
  }

  snapshot(): LedgerSnapshot {
    return {
      cash: Object.fromEntries([...this.#cash].map(([code, minor]) => [code, minor.toString()])),
      positions: this.instruments.map((_, i) => ({
        lots: this.positionLots[i] as number,
        markTicks: Number.isNaN(this.markTicks[i]) ? null : (this.markTicks[i] as number),
        cost: String(this.#cost[i]),
        realized: String(this.#realized[i]),
        fees: String(this.#fees[i]),
        funding: String(this.#funding[i]),
        dividends: String(this.#dividends[i]),
      })),
    };
  }

  /** Continues from a snapshot of a ledger with the same instruments. */
  restore(snapshot: LedgerSnapshot): void {
    if (snapshot.positions.length !== this.instruments.length) {
      const expected = `${this.instruments.length} positions`;
      throw new Fault("FAULT_INPUT", {
        path: "snapshot.positions",
        value: snapshot.positions.length,
        expected,
      });
    }
    this.#cash.clear();
    for (const [code, minor] of Object.entries(snapshot.cash)) this.#cash.set(code, BigInt(minor));
    for (const [i, position] of snapshot.positions.entries()) {
      this.positionLots[i] = position.lots;
      this.markTicks[i] = position.markTicks ?? Number.NaN;
      this.#cost[i] = BigInt(position.cost);
      this.#realized[i] = BigInt(position.realized);
      this.#fees[i] = BigInt(position.fees);
      this.#funding[i] = BigInt(position.funding);
      this.#dividends[i] = BigInt(position.dividends);
    }
  }

  /** Closes `lots` of `size` held: their share of the cost is realised. */
  #reduce(index: number, lots: number, size: number, signed: bigint): void {
    const cost = this.#cost[index] as bigint;
    const share = divideBig(cost * BigInt(lots), BigInt(size), "halfEven");
    this.#cost[index] = cost - share;
    this.#realized[index] = (this.#realized[index] as bigint) - signed - share;
  }

  /** Closes the whole position; what the fill has beyond it opens the other way at the fill's price. */
  #closeAndTurn(index: number, ticks: number, next: number, signed: bigint): void {
    const opened = this.#instrument(index).notionalMinor(ticks, next);
    this.#realized[index] =
      (this.#realized[index] as bigint) - (signed - opened) - (this.#cost[index] as bigint);
    this.#cost[index] = opened;
  }

  #payFraction(index: number, rest: bigint, denominator: bigint, whole: bigint, rounding: Rounding): void {
    const instrument = this.#instrument(index);
    const mark = this.markTicks[index] as number;
    if (Number.isNaN(mark)) {
      throw new Fault("FAULT_INPUT", {
        path: "ledger.split",
        value: mark,
        expected: "a mark for the fraction",
      });
    }
    const fine = BigInt(roundTo(mark * 1024, "halfEven")) * instrument.quantumMinor * rest;
    const paid = divideBig(fine, 1024n * denominator, rounding);
    const cost = this.#cost[index] as bigint;
    const share = divideBig(cost * rest, whole, "halfEven");
    this.#cost[index] = cost - share;
    this.#realized[index] = (this.#realized[index] as bigint) + paid - share;
    this.#pay(instrument.quote.code, paid);
  }

  #pay(currency: string, minor: bigint): void {
    this.#cash.set(currency, this.cashMinor(currency) + minor);
  }

  #instrument(index: number): Instrument {
    return this.instruments[index] as Instrument;
  }
}
