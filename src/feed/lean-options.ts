import { checkChoice, checkKeys, checkText, Fault } from "../base/index.ts";
import { Instrument, type InstrumentOptions } from "../model/index.ts";
import type { LinePolicy } from "./csv-policy.ts";
import type { LeanFactors } from "./lean-factors.ts";

/** The kinds of Lean data that can be read. */
export const LEAN_MARKETS = ["equity", "crypto", "forex"] as const;
/** The lengths of a bar in Lean data. */
export const LEAN_RESOLUTIONS = ["daily", "hour", "minute", "second"] as const;
/** What can be wrong with a line of Lean data. */
export const LEAN_TROUBLES = ["malformed", "offGrid", "timeFalls", "badBar", "oneSided"] as const;

/** A kind of Lean data: it decides how prices are written and which clock times are read by. */
export type LeanMarket = (typeof LEAN_MARKETS)[number];
/** The length of a bar in Lean data. */
export type LeanResolution = (typeof LEAN_RESOLUTIONS)[number];
/** A kind of trouble in Lean data. */
export type LeanTrouble = (typeof LEAN_TROUBLES)[number];

/** What a {@link LeanBarReader} is made from. */
export interface LeanBarOptions {
  /** Where the bars come from, for the tape's source. */
  readonly name: string;
  readonly market: LeanMarket;
  readonly resolution: LeanResolution;
  readonly instrument: InstrumentOptions;
  /** For files of quotes: which side the bars are of. Without it, files of trades are expected. */
  readonly quotes?: "bid" | "ask" | "mid";
  /** Splits and dividends; without them the bars are all there is. */
  readonly factors?: LeanFactors;
  /**
   * What the factor column adjusts to: `backward` folds every later action in, so that the last price stays as
   * it was traded; `forward` folds the earlier ones in, so that no bar knows its future. They differ by one
   * number for all bars. `backward` unless given.
   */
  readonly adjusted?: "backward" | "forward";
  /**
   * New York times `HH:MM` of equities: when a daily bar opens and closes (09:30 and 16:00 unless given); of
   * shorter bars only those within are taken (all unless given).
   */
  readonly session?: { readonly openAt: string; readonly closeAt: string };
  /** What to do with a bad line: `fail` unless given; `drop` counts it. */
  readonly policies?: Partial<Readonly<Record<LeanTrouble, LinePolicy>>>;
}

const KEYS = [
  "name",
  "market",
  "resolution",
  "instrument",
  "quotes",
  "factors",
  "adjusted",
  "session",
  "policies",
] as const;

/** Seconds after New York midnight. */
export interface LeanSession {
  readonly opens: number;
  readonly closes: number;
}

/** Checks the options of a {@link LeanBarReader}. @throws `FAULT_CONFIG` naming the option */
export function checkLean(options: LeanBarOptions): LeanSession | undefined {
  checkKeys("lean", options, KEYS);
  checkText("lean.name", options.name);
  const market = checkChoice("lean.market", options.market, LEAN_MARKETS);
  const resolution = checkChoice("lean.resolution", options.resolution, LEAN_RESOLUTIONS);
  if (options.quotes !== undefined) checkChoice("lean.quotes", options.quotes, ["bid", "ask", "mid"]);
  checkChoice("lean.adjusted", options.adjusted ?? "backward", ["backward", "forward"]);
  if (market !== "equity") {
    for (const name of ["session", "factors"] as const) {
      if (options[name] === undefined) continue;
      const expected = `nothing: ${market} trades around the clock, without splits and dividends`;
      throw new Fault("FAULT_CONFIG", { path: `lean.${name}`, value: options[name], expected });
    }
    return undefined;
  }
  if (options.session === undefined && resolution !== "daily") return undefined;
  const { openAt, closeAt } = options.session ?? { openAt: "09:30", closeAt: "16:00" };
  checkKeys("lean.session", options.session ?? {}, ["openAt", "closeAt"]);
  const session = {
    opens: timeOfDay("lean.session.openAt", openAt),
    closes: timeOfDay("lean.session.closeAt", closeAt),
  };
  if (session.opens < session.closes) return session;
  throw new Fault("FAULT_CONFIG", {
    path: "lean.session.closeAt",
    value: closeAt,
    expected: `after ${openAt}`,
  });
}

function timeOfDay(path: string, text: string): number {
  const match = typeof text === "string" ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) : null;
  if (match === null) throw new Fault("FAULT_CONFIG", { path, value: text, expected: "a time HH:MM" });
  return Number(match[1]) * 3_600 + Number(match[2]) * 60;
}

/**
 * The instrument that Lean data of a market is on, by its usual grid: equities in 0.0001 USD with books in
 * millionths (dividends have more decimals than cents), crypto in 0.01 with eight decimals of quantity, forex in
 * a tenth of a pip.
 *
 * @example
 * ```ts
 * import { leanInstrument } from "tickwright/feed";
 * leanInstrument("equity", "spy").tickSize; // => "0.0001"
 * leanInstrument("forex", "eurusd").base; // => "EUR"
 * ```
 */
export function leanInstrument(market: LeanMarket, symbol: string, venue?: string): InstrumentOptions {
  const upper = checkText("lean.symbol", symbol).toUpperCase();
  const options = gridOf(checkChoice("lean.market", market, LEAN_MARKETS), upper);
  return new Instrument(venue === undefined ? options : { ...options, venue }).describe();
}

function gridOf(market: LeanMarket, symbol: string): InstrumentOptions {
  if (market === "equity") {
    return { symbol, venue: "usa", tickSize: "0.0001", lotSize: "1", quote: { code: "USD", decimals: 6 } };
  }
  const [base, code] = [symbol.slice(0, -3), symbol.slice(-3)];
  if (market === "crypto") {
    const quote = { code, decimals: 10 };
    return { symbol, venue: "coinbase", tickSize: "0.01", lotSize: "0.00000001", quote, base };
  }
  return {
    symbol,
    venue: "oanda",
    tickSize: "0.00001",
    lotSize: "1",
    quote: { code, decimals: 5 },
    base,
  };
}
