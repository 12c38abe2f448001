import { Fault, formatScaled, normalizeScaled, parseScaled, pow10, type Scaled } from "../base/index.ts";
import { currency, type FeeSchedule, Instrument, NO_FEES } from "../model/index.ts";
import type { CcxtMarket, CcxtText } from "./ccxt-exchange.ts";

/** How an exchange class writes the steps of a grid. */
export const PRECISION = { decimals: 2, significant: 3, tick: 4 } as const;

/** Options of {@link ccxtInstrument}. */
export interface CcxtInstrumentOptions {
  /** The venue's name in the instrument's key: the exchange's id. */
  readonly venue: string;
  /** How the exchange writes precision: its `precisionMode`; 4 (steps) unless given. */
  readonly precisionMode?: number;
  /** What a fill costs; maker and taker of the market unless given. */
  readonly fees?: FeeSchedule;
}

/** An instrument, and what else its market limits. */
export interface CcxtInstrument {
  readonly instrument: Instrument;
  /** The least and most worth of one order, as decimals of the quote currency; undefined where there is none. */
  readonly minNotional: string | undefined;
  readonly maxNotional: string | undefined;
}

/**
 * Makes an instrument of a market of an exchange class that was made with `number: String`: grid, least and most
 * quantity, contract size and fees, exactly as the market says. Its symbol is the market's id.
 *
 * @throws `FAULT_CONFIG` naming what the market does not say, or says in significant digits: such a grid is none
 * @example
 * ```ts
 * import { ccxtInstrument } from "tickwright/venue/ccxt";
 * const { instrument, minNotional } = ccxtInstrument(
 *   {
 *     ...{ id: "BTCUSDT", symbol: "BTC/USDT", base: "BTC", quote: "USDT", maker: "0.001", taker: "0.001" },
 *     precision: { price: "0.01", amount: "0.00001" },
 *     limits: { amount: { min: "0.00001", max: "9000" }, cost: { min: "5" } },
 *   },
 *   { venue: "binance" },
 * );
 * [instrument.key, instrument.formatQuantity(instrument.minLots), minNotional]; // => ["BTCUSDT@binance", "0.00001", "5"]
 * ```
 */
export function ccxtInstrument(market: CcxtMarket, options: CcxtInstrumentOptions): CcxtInstrument {
  const mode = options.precisionMode ?? PRECISION.tick;
  const tickSize = stepOf(market, "price", mode);
  const lotSize = stepOf(market, "amount", mode);
  const { amount, cost } = market.limits;
  const fees = options.fees ?? feesOf(market);
  const isContract = market.contract === true;
  const multiplier = isContract ? (textOf(market.contractSize) ?? "1") : "1";
  const quoteCode = (isContract ? market.settle : undefined) ?? market.quote;
  const quote = currency(quoteCode, decimalsFor(quoteCode, [tickSize, lotSize, multiplier]));
  const min = lotsOf(amount?.min, lotSize, "up");
  const max = lotsOf(amount?.max, lotSize, "down");
  const instrument = new Instrument({
    ...{
      symbol: market.id,
      venue: options.venue,
      tickSize,
      lotSize,
      quote,
      base: market.base,
      fees,
      multiplier,
    },
    ...(min === undefined || min < 1 ? {} : { minLots: min }),
    ...(max === undefined || max < (min ?? 1) ? {} : { maxLots: max }),
  });
  return { instrument, minNotional: textOf(cost?.min), maxNotional: textOf(cost?.max) };
}

/** A value as decimal text; undefined where it is none. */
export function textOf(value: CcxtText): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const text = String(value);
  const scaled = parseScaled(/e/i.test(text) ? plainText(text) : text);
  return scaled === undefined ? undefined : formatScaled(scaled.digits, scaled.scale);
}

/** Writes `1e-8` out. */
function plainText(text: string): string {
  const [, sign = "", whole = "", part = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d+)$/i.exec(text) ?? [];
  const digits = `${whole}${part}`;
  const point = whole.length + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function stepOf(market: CcxtMarket, what: "price" | "amount", mode: number): string {
  const text = textOf(market.precision[what]);
  if (text !== undefined && mode === PRECISION.tick) return text;
  if (text !== undefined && mode === PRECISION.decimals && /^\d+$/.test(text))
    return formatScaled(1n, Number(text));
  throw new Fault("FAULT_CONFIG", {
    path: `ccxt.market.${market.id}.precision.${what}`,
    value: market.precision[what],
    expected: "the step of a grid, as text",
  });
}

function feesOf({ maker, taker }: CcxtMarket): FeeSchedule {
  const rates = { maker: textOf(maker), taker: textOf(taker) };
  if (rates.maker === undefined || rates.taker === undefined) return NO_FEES;
  return { tiers: [{ maker: rates.maker, taker: rates.taker }] };
}

/** As many decimals as one step of price times one lot needs, at least those of the currency. */
function decimalsFor(code: string, sizes: readonly string[]): number {
  let scale = 0;
  let digits = 1n;
  for (const size of sizes) {
    const scaled = parseScaled(size) as Scaled;
    scale += scaled.scale;
    digits *= scaled.digits;
  }
  return Math.max(currency(code).decimals, normalizeScaled({ digits, scale }).scale);
}

function lotsOf(value: CcxtText, lotSize: string, rounding: "up" | "down"): number | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const [whole, step] = [parseScaled(text) as Scaled, parseScaled(lotSize) as Scaled];
  const scale = Math.max(whole.scale, step.scale);
  const above = whole.digits * pow10(scale - whole.scale);
  const below = step.digits * pow10(scale - step.scale);
  const lots = Number(rounding === "down" ? above / below : (above + below - 1n) / below);
  return Number.isSafeInteger(lots) ? lots : undefined;
}
