import {
  divideBig,
  Fault,
  formatScaled,
  isRefusal,
  parseScaled,
  type Refusal,
  type Rounding,
  refuse,
  rescale,
} from "../base/index.ts";
import { type Currency, toCurrency } from "./currency.ts";

/**
 * An exact amount of one currency, in its minor units.
 *
 * @units `minor` counts 10^-decimals of the currency
 * @invariant Adding and subtracting lose nothing; scaling names its rounding.
 */
export interface Money {
  readonly minor: bigint;
  readonly currency: Currency;
}

/**
 * An amount from minor units.
 *
 * @throws `FAULT_INPUT` when `minor` is no bigint.
 */
export function money(minor: bigint, of: Currency | string): Money {
  if (typeof minor !== "bigint") {
    throw new Fault("FAULT_INPUT", { path: "minor", value: minor, expected: "a bigint of minor units" });
  }
  return { minor, currency: toCurrency("currency", of) };
}

/**
 * Reads a decimal amount exactly.
 *
 * @refuses `MONEY_NOT_A_NUMBER`, `MONEY_TOO_FINE` (more decimals than the currency has)
 * @example
 * ```ts
 * import { formatMoney, parseMoney } from "tickwright/model";
 * const amount = parseMoney("12.50", "USD");
 * amount.ok === false ? amount.code : formatMoney(amount); // => "12.50 USD"
 * ```
 */
export function parseMoney(
  text: string,
  of: Currency | string,
): (Money & { readonly ok?: true }) | Refusal<"MONEY_NOT_A_NUMBER" | "MONEY_TOO_FINE"> {
  const unit = toCurrency("currency", of);
  const scaled = typeof text === "string" ? parseScaled(text) : undefined;
  if (scaled === undefined) return refuse("MONEY_NOT_A_NUMBER", "amount", text, "a decimal number as text");
  const minor = rescale(scaled, unit.decimals);
  if (minor === undefined) {
    return refuse("MONEY_TOO_FINE", "amount", text, `at most ${unit.decimals} decimals (${unit.code})`);
  }
  return { minor, currency: unit };
}

/**
 * Reads a decimal amount and throws where {@link parseMoney} refuses: for configuration.
 *
 * @throws `FAULT_CONFIG` naming the path.
 */
export function checkMoney(path: string, text: string, of: Currency | string): Money {
  const amount = parseMoney(text, of);
  if (!isRefusal(amount)) return amount;
  throw new Fault("FAULT_CONFIG", { path, value: text, expected: amount.expected ?? "an amount" });
}

/** Writes an amount exactly, with its currency's code. */
export function formatMoney(amount: Money): string {
  return `${formatScaled(amount.minor, amount.currency.decimals)} ${amount.currency.code}`;
}

/**
 * Adds two amounts of one currency.
 *
 * @throws `FAULT_INPUT` when the currencies differ.
 */
export function addMoney(left: Money, right: Money): Money {
  return { minor: left.minor + sameUnit(left, right).minor, currency: left.currency };
}

/**
 * Takes one amount from another of the same currency.
 *
 * @throws `FAULT_INPUT` when the currencies differ.
 */
export function subtractMoney(left: Money, right: Money): Money {
  return { minor: left.minor - sameUnit(left, right).minor, currency: left.currency };
}

/**
 * An amount times the fraction `numerator / denominator`, rounded as named.
 *
 * @throws `FAULT_ARITHMETIC` when the denominator is 0.
 */
export function scaleMoney(amount: Money, numerator: bigint, denominator: bigint, rounding: Rounding): Money {
  return { minor: divideBig(amount.minor * numerator, denominator, rounding), currency: amount.currency };
}

/** The nearest double, in major units: for statistics and charts, never for books. */
export function moneyToNumber(amount: Money): number {
  return Number(formatScaled(amount.minor, amount.currency.decimals));
}

function sameUnit(left: Money, right: Money): Money {
  const same =
    left.currency.code === right.currency.code && left.currency.decimals === right.currency.decimals;
  if (same) return right;
  throw new Fault("FAULT_INPUT", {
    path: "currency",
    value: right.currency,
    expected: `${left.currency.code} with ${left.currency.decimals} decimals`,
  });
}
