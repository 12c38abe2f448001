import { divideBig, Fault, pow10 } from "../base/index.ts";
import type { Currency } from "../model/index.ts";

/**
 * Rates into the reporting currency, as exact fractions.
 *
 * @invariant There is no default rate: a currency without one is a fault, never worth 1.
 */
export class Conversion {
  readonly #reporting: Currency;
  readonly #currencies: ReadonlyMap<string, Currency>;
  readonly #rates: Map<string, { readonly numerator: bigint; readonly denominator: bigint }> = new Map();

  constructor(reporting: Currency, currencies: ReadonlyMap<string, Currency>) {
    this.#reporting = reporting;
    this.#currencies = currencies;
  }

  /**
   * One unit of `code` is worth `numerator / denominator` units of the reporting currency.
   *
   * @throws `FAULT_INPUT` unless both are above 0.
   */
  setRate(code: string, numerator: bigint, denominator: bigint): void {
    if (numerator <= 0n || denominator <= 0n) {
      const value = `${numerator}/${denominator}`;
      throw new Fault("FAULT_INPUT", { path: `rate.${code}`, value, expected: "two numbers above 0" });
    }
    this.#rates.set(code, { numerator, denominator });
  }

  /** An amount of `code` in minor units of the reporting currency; halves round to even. */
  toReporting(code: string, minor: bigint): bigint {
    if (code === this.#reporting.code) return minor;
    const rate = this.#rates.get(code);
    if (rate === undefined) {
      const expected = `a rate from ${code} to ${this.#reporting.code}`;
      throw new Fault("FAULT_INPUT", { path: `rate.${code}`, expected });
    }
    const from = this.#currencies.get(code)?.decimals ?? 0;
    const numerator = minor * rate.numerator * pow10(this.#reporting.decimals);
    return divideBig(numerator, rate.denominator * pow10(from), "halfEven");
  }
}
