import { checkChoice } from "../base/index.ts";
import { CRYPTO_OPTIONS, FX_OPTIONS } from "./around-the-clock.ts";
import type { CalendarOptions } from "./calendar-options.ts";
import { CME_OPTIONS } from "./chicago.ts";
import { EUREX_OPTIONS, ICE_OPTIONS } from "./ice-eurex.ts";
import { LSE_OPTIONS } from "./london.ts";
import { TSE_OPTIONS } from "./tokyo.ts";
import { TradingCalendar } from "./trading-calendar.ts";
import { NASDAQ_OPTIONS, NYSE_OPTIONS } from "./us-equities.ts";

/** The rules of the ready-made calendars, to read or to change. */
export const EXCHANGES = {
  NYSE: NYSE_OPTIONS,
  NASDAQ: NASDAQ_OPTIONS,
  LSE: LSE_OPTIONS,
  TSE: TSE_OPTIONS,
  CME: CME_OPTIONS,
  ICE: ICE_OPTIONS,
  EUREX: EUREX_OPTIONS,
  FX: FX_OPTIONS,
  CRYPTO: CRYPTO_OPTIONS,
} as const satisfies Readonly<Record<string, CalendarOptions>>;

/** A name of {@link EXCHANGES}. */
export type ExchangeName = keyof typeof EXCHANGES;

/** Other names of the ready-made calendars: market identifier codes (ISO 10383) and words. */
export const EXCHANGE_ALIASES = {
  XNYS: "NYSE",
  XNAS: "NASDAQ",
  XLON: "LSE",
  XTKS: "TSE",
  XCME: "CME",
  IFEU: "ICE",
  XEUR: "EUREX",
  FOREX: "FX",
} as const satisfies Readonly<Record<string, ExchangeName>>;

/** A name of {@link EXCHANGE_ALIASES}. */
export type ExchangeAlias = keyof typeof EXCHANGE_ALIASES;

/**
 * A ready-made calendar by the name of its exchange or its market identifier code.
 *
 * @throws `FAULT_CONFIG` on an unknown name.
 * @example
 * ```ts
 * import { tradingCalendar } from "tickwright/calendar";
 * const calendar = tradingCalendar("XNYS");
 * calendar.isTradingDay("2024-07-04"); // => false
 * calendar.holidayName("2024-07-04"); // => "Independence Day"
 * calendar.isHalfDay("2024-07-03"); // => true
 * ```
 */
export function tradingCalendar(name: ExchangeName | ExchangeAlias): TradingCalendar {
  const known = [...Object.keys(EXCHANGES), ...Object.keys(EXCHANGE_ALIASES)] as (
    | ExchangeName
    | ExchangeAlias
  )[];
  const found = checkChoice("calendar", name, known);
  return new TradingCalendar(
    EXCHANGES[found in EXCHANGES ? (found as ExchangeName) : EXCHANGE_ALIASES[found as ExchangeAlias]],
  );
}
