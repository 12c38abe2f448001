import { parseScaled, pow10, rescale, type Scaled } from "../base/index.ts";
import { type CashRow, type Currency, currency, type Instrument } from "../model/index.ts";

/** A currency with the decimals that rows of it have: as the instrument says, else those that are usual. */
export function unitOf(instrument: Instrument | undefined, code: string): Currency {
  const { quote, base } = instrument ?? {};
  if (quote?.code === code) return quote;
  return base?.code === code ? base : currency(code);
}

/** Minor units of a decimal amount, what is finer rounded against us: up. */
export function minorOf(amount: string, decimals: number): bigint {
  const scaled = parseScaled(amount) as Scaled;
  const exact = rescale(scaled, decimals);
  if (exact !== undefined) return exact;
  const step = pow10(scaled.scale - decimals);
  const down = scaled.digits / step;
  return scaled.digits > 0n && scaled.digits % step !== 0n ? down + 1n : down;
}

/** A decimal amount of a currency as a row. */
export function cashOf(code: string, amount: string, known: Instrument | undefined): CashRow {
  return { currency: code, minor: minorOf(amount, unitOf(known, code).decimals) };
}
