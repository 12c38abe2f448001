import { Fault, gcdBig, normalizeScaled, parseScaled, pow10 } from "../base/index.ts";
import type { Currency, Instrument } from "../model/index.ts";

/** Above any error of two roundings of a double. */
const GUARD = 1 + 4 * Number.EPSILON;

/**
 * What a tick times a lot of each instrument is worth in the gate's money.
 *
 * @units money: whole minor units of the gate's currency
 * @invariant `up` is never below the exact worth and `down` never above it. Both are exact roundings while the
 * product of tick-lots and the fraction's numerator is within 2^53, and at most 1e-15 of the worth off beyond.
 * @cost A product, a division and a rounding; nothing allocated.
 */
export class Worth {
  readonly currency: Currency;
  readonly #instruments: readonly Instrument[];
  /** Money for a tick-lot, as a fraction. */
  readonly numerator: Float64Array;
  readonly denominator: Float64Array;
  readonly #rateAbove: Float64Array;
  readonly #rateBelow: Float64Array;

  constructor(currency: Currency, instruments: readonly Instrument[]) {
    this.currency = currency;
    this.#instruments = instruments;
    this.numerator = new Float64Array(instruments.length).fill(Number.NaN);
    this.denominator = new Float64Array(instruments.length).fill(1);
    this.#rateAbove = new Float64Array(instruments.length).fill(Number.NaN);
    this.#rateBelow = new Float64Array(instruments.length).fill(1);
    for (const [i, instrument] of instruments.entries()) {
      if (instrument.quote.code === currency.code) this.#set(i, 1n, 1n);
    }
  }

  /**
   * One unit of `code` is worth `rate` units of the gate's currency.
   *
   * @throws `FAULT_CONFIG` when the rate is no decimal above 0, or no instrument is quoted in that currency.
   */
  setRate(code: string, rate: string): void {
    const scaled = typeof rate === "string" ? parseScaled(rate) : undefined;
    if (scaled === undefined || scaled.digits <= 0n) {
      throw new Fault("FAULT_CONFIG", {
        path: `rates.${code}`,
        value: rate,
        expected: "a decimal number above 0, as text",
      });
    }
    const { digits, scale } = normalizeScaled(scaled);
    let found = false;
    for (const [i, instrument] of this.#instruments.entries()) {
      if (instrument.quote.code !== code || code === this.currency.code) continue;
      this.#set(i, digits, pow10(scale));
      found = true;
    }
    if (found) return;
    throw new Fault("FAULT_CONFIG", {
      path: "rates",
      value: code,
      expected: `another currency than ${this.currency.code} that an instrument is quoted in`,
    });
  }

  /** Tick-lots of an instrument in money, towards plus infinity; NaN where no rate is known. */
  up(instrument: number, tickLots: number): number {
    const product = tickLots * (this.numerator[instrument] as number);
    const denominator = this.denominator[instrument] as number;
    if (product <= Number.MAX_SAFE_INTEGER && product >= -Number.MAX_SAFE_INTEGER) {
      return denominator === 1 ? product : Math.ceil(product / denominator);
    }
    return Math.ceil((product > 0 ? product * GUARD : product / GUARD) / denominator);
  }

  /** Minor units of an instrument's quote currency in money, towards plus infinity; NaN where no rate is known. */
  minorUp(instrument: number, minor: number): number {
    const product = minor * (this.#rateAbove[instrument] as number);
    return Math.ceil(product / (this.#rateBelow[instrument] as number));
  }

  /** Tick-lots of an instrument in money, towards minus infinity; NaN where no rate is known. */
  down(instrument: number, tickLots: number): number {
    return 0 - this.up(instrument, -tickLots);
  }

  #set(i: number, numerator: bigint, denominator: bigint): void {
    const { quantumMinor, quote } = this.#instruments[i] as Instrument;
    const above = numerator * pow10(this.currency.decimals);
    const below = denominator * pow10(quote.decimals);
    [this.numerator[i], this.denominator[i]] = reduced(quantumMinor * above, below);
    [this.#rateAbove[i], this.#rateBelow[i]] = reduced(above, below);
  }
}

function reduced(above: bigint, below: bigint): [number, number] {
  const common = gcdBig(above, below);
  return [Number(above / common), Number(below / common)];
}
