import { divideBig, Fault, pow10 } from "../base/index.ts";
import type { Currency } from "../model/index.ts";

interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Rates into the reporting currency, as exact fractions.
 *
 * @invariant There is no default rate: a currency without one is a fault, never worth 1.
 */
export class Conversion {
  readonly #reporting: Currency;
  readonly #currencies: ReadonlyMap<string, Currency>;
  readonly #rates: Map<string, Rate> = new Map();

  constructor(reporting: Currency, currencies: ReadonlyMap<string, Currency>) {
    this.#reporting = reporting;
    this.#currencies = currencies;
  }

  /**
   * One unit of `code` is worth `numerator / denominator` units of the reporting currency.
   *
   * @throws `FAULT_INPUT` unless both are above 0, on a currency that is not in the books, and on a rate of the
   * reporting currency itself.
   */
  setRate(code: string, numerator: bigint, denominator: bigint): void {
    if (numerator <= 0n || denominator <= 0n) {
      const value = `${numerator}/${denominator}`;
      throw new Fault("FAULT_INPUT", { path: `rate.${code}`, value, expected: "two numbers above 0" });
    }
    if (!this.#currencies.has(code) || code === this.#reporting.code) {
      const others = [...this.#currencies.keys()].filter((key) => key !== this.#reporting.code);
      const expected = others.length === 0 ? "no rate: there is one currency" : `one of ${others.join(", ")}`;
      throw new Fault("FAULT_INPUT", { path: "rate", value: code, expected });
    }
    this.#rates.set(code, { numerator, denominator });
  }

  /** Whether a rate is set for a currency. */
  has(code: string | undefined): boolean {
    return code !== undefined && this.#rates.has(code);
  }

  /**
   * An amount of `code` in minor units of the reporting currency; halves round to even. Nothing is worth
   * nothing, with or without a rate.
   *
   * @throws `FAULT_INPUT` naming the currency that has no rate.
   */
  toReporting(code: string, minor: bigint): bigint {
    if (code === this.#reporting.code || minor === 0n) return minor;
    const rate = this.#rates.get(code);
    const from = this.#currencies.get(code);
    if (rate === undefined || from === undefined) {
      const expected = `a rate from ${code} to ${this.#reporting.code}`;
      throw new Fault("FAULT_INPUT", { path: `rate.${code}`, expected });
    }
    const numerator = minor * rate.numerator * pow10(this.#reporting.decimals);
    return divideBig(numerator, rate.denominator * pow10(from.decimals), "halfEven");
  }

  /** An amount of the reporting currency in minor units of `code`, which has a rate; halves round to even. */
  fromReporting(code: string, minor: bigint): bigint {
    const rate = this.#rates.get(code);
    const to = this.#currencies.get(code);
    if (rate === undefined || to === undefined) return minor;
    const numerator = minor * rate.denominator * pow10(to.decimals);
    return divideBig(numerator, rate.numerator * pow10(this.#reporting.decimals), "halfEven");
  }

  /** Every rate as `[numerator, denominator]` in decimals, by currency. */
  snapshot(): Readonly<Record<string, readonly [string, string]>> {
    return Object.fromEntries(
      [...this.#rates].map(([code, rate]) => [code, [`${rate.numerator}`, `${rate.denominator}`] as const]),
    );
  }

  /** Continues with the rates of a snapshot, and no others. @throws `FAULT_INPUT` as {@link Conversion.setRate} */
  restore(rates: Readonly<Record<string, readonly [string, string]>>): void {
    this.#rates.clear();
    for (const [code, [numerator, denominator]] of Object.entries(rates)) {
      this.setRate(code, BigInt(numerator), BigInt(denominator));
    }
  }
}
