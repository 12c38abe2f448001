import { checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";

/**
 * A currency and the number of decimals its minor unit has in this program's books.
 *
 * @units `decimals` digits after the point: 2 for cents, 8 for satoshi
 */
export interface Currency {
  readonly code: string;
  readonly decimals: number;
}

/** Decimals used when a currency is named by its code alone: ISO 4217 for fiat, 8 for the rest. */
const ISO_DECIMALS: Readonly<Record<string, number>> = {
  AUD: 2,
  BRL: 2,
  CAD: 2,
  CHF: 2,
  CNY: 2,
  CZK: 2,
  DKK: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  HUF: 2,
  INR: 2,
  JPY: 0,
  KRW: 0,
  MXN: 2,
  NOK: 2,
  NZD: 2,
  PLN: 2,
  SEK: 2,
  SGD: 2,
  TRY: 2,
  USD: 2,
  ZAR: 2,
};

/**
 * Makes a currency. By code alone its decimals are those of ISO 4217, and 8 for codes that are no national
 * currency (crypto assets).
 *
 * @throws `FAULT_CONFIG` on an empty code, or decimals not within 0 and 18.
 * @source ISO 4217
 * @example
 * ```ts
 * import { currency } from "tickwright/model";
 * currency("USD").decimals; // => 2
 * currency("USDT").decimals; // => 8
 * currency("USD", 6).decimals; // => 6
 * ```
 */
export function currency(code: string, decimals?: number): Currency {
  return makeCurrency("currency", code, decimals);
}

function makeCurrency(path: string, code: string, decimals: number | undefined): Currency {
  checkText(`${path}.code`, code);
  const usual = Object.hasOwn(ISO_DECIMALS, code) ? ISO_DECIMALS[code] : 8;
  return { code, decimals: checkInteger(`${path}.decimals`, decimals ?? usual, 0, 18) };
}

/**
 * Reads a currency given as a code or as a {@link Currency}.
 *
 * @throws `FAULT_CONFIG` naming the path.
 */
export function toCurrency(path: string, value: Currency | string): Currency {
  if (typeof value === "string") return makeCurrency(path, value, undefined);
  if (typeof value === "object" && value !== null) {
    checkKeys(path, value, ["code", "decimals"]);
    return makeCurrency(path, value.code, value.decimals);
  }
  throw new Fault("FAULT_CONFIG", { path, value, expected: "a currency code or { code, decimals }" });
}
