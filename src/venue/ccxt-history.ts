import { checkInteger, checkKeys, checkText, Fault, parseScaled } from "../base/index.ts";
import { readCcxtError } from "./ccxt-errors.ts";
import {
  type CcxtExchange,
  type CcxtMaker,
  type CcxtMarket,
  type CcxtTrade,
  makeCcxt,
} from "./ccxt-exchange.ts";
import { guardAnswers } from "./ccxt-guard.ts";
import { ccxtInstrument, PRECISION, textOf } from "./ccxt-instrument.ts";
import { mergedUrls } from "./ccxt-urls.ts";
import type {
  HistoryAnswer,
  HistoryBar,
  HistoryClient,
  HistoryMarket,
  HistoryPlace,
  HistoryTrade,
} from "./history-client.ts";
import { retryAfterNs } from "./retry-after.ts";
import type { VenueTroubleCode } from "./venue-client.ts";
import { systemVenueClock } from "./venue-clock.ts";

/** Which history a {@link CcxtHistory} asks for. */
export interface CcxtHistoryOptions {
  /** The exchange's id in ccxt, such as `binance`. */
  readonly exchange: string;
  /** The market in ccxt's words or by the exchange's id: `BTC/USDT`, `BTCUSDT`. */
  readonly symbol: string;
  /** The length of bars, such as `1m`; trades are asked for unless given. */
  readonly timeframe?: string;
  /** The steps of prices and quantities, as decimal text, in place of what the market says or does not say. */
  readonly tickSize?: string;
  readonly lotSize?: string;
  /** Addresses that take the place of the exchange's own, part by part. */
  readonly urls?: Readonly<Record<string, unknown>>;
  /** The exchange class's own `options`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Until a request is given up; 20 s unless given. @units ms */
  readonly timeoutMs?: number;
  /** Makes the exchange class; the optional peer ccxt unless given. */
  readonly make?: CcxtMaker;
}

const KEYS = [
  "exchange",
  "symbol",
  "timeframe",
  "tickSize",
  "lotSize",
  "urls",
  "options",
  "timeoutMs",
  "make",
] as const satisfies readonly (keyof CcxtHistoryOptions)[];

/** Troubles that asking again does not end. */
const FINAL: ReadonlySet<VenueTroubleCode> = new Set([
  "VENUE_AUTHENTICATION",
  "VENUE_PERMISSION",
  "VENUE_UNSUPPORTED",
  "VENUE_UNKNOWN_INSTRUMENT",
]);
/** The Binance family: the most rows of an answer about trades, which can be asked for by number. */
const BINANCE_TRADES = 1_000;
const NAMES_SHOWN = 8;

/**
 * The past of one market at an exchange that the optional peer ccxt knows: bars by `fetchOHLCV`, trades by
 * `fetchTrades`.
 *
 * ccxt's own limiter spaces the requests; its retries are off. Numbers pass as text, none is ever a double. At Binance
 * trades are the exchange's aggregate trades (one taker, one price, one time), asked for by their numbers.
 *
 * @throws `FAULT_CONFIG` naming the option; `open` also for an exchange, market, timeframe or capability that is not
 * there, and `FAULT_PEER_MISSING`
 * @example
 * ```ts
 * import { CcxtHistory } from "tickwright/venue/ccxt";
 * const history = new CcxtHistory({ exchange: "binance", symbol: "BTC/USDT", timeframe: "1m" });
 * [history.venue, history.timeframe]; // => ["binance", "1m"]
 * ```
 */
export class CcxtHistory implements HistoryClient {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string | undefined;
  readonly #options: CcxtHistoryOptions;
  readonly #timeoutMs: number;
  #exchange: CcxtExchange | undefined = undefined;
  #market: CcxtMarket | undefined = undefined;

  constructor(options: CcxtHistoryOptions) {
    checkKeys("history", options, KEYS);
    this.#options = options;
    this.venue = checkText("history.exchange", options.exchange);
    this.symbol = checkText("history.symbol", options.symbol);
    this.timeframe =
      options.timeframe === undefined ? undefined : checkText("history.timeframe", options.timeframe);
    checkStep("history.tickSize", options.tickSize);
    checkStep("history.lotSize", options.lotSize);
    this.#timeoutMs = checkInteger("history.timeoutMs", options.timeoutMs ?? 20_000, 1);
  }

  async open(): Promise<HistoryAnswer<HistoryMarket>> {
    const exchange = this.#exchange ?? (await this.#made());
    this.#exchange = exchange;
    this.#checkAbility(exchange);
    return await this.#asked(exchange, async () => {
      await exchange.loadMarkets();
      const market = this.#found(exchange);
      this.#market = market;
      const venueMs = exchange.has["fetchTime"] === true ? await exchange.fetchTime?.() : undefined;
      return this.#described(exchange, market, venueMs);
    });
  }

  async bars(fromMs: number, rows: number): Promise<HistoryAnswer<readonly HistoryBar[]>> {
    const { exchange, market } = this.#opened();
    return await this.#asked(exchange, async () => {
      const told = await exchange.fetchOHLCV?.(
        market.symbol,
        this.timeframe ?? "",
        fromMs,
        rows || undefined,
      );
      return (told ?? []).map(
        ([openMs, ...numbers]): HistoryBar => [
          Number(openMs),
          ...([0, 1, 2, 3, 4].map((i) => textOf(numbers[i]) ?? "") as [
            string,
            string,
            string,
            string,
            string,
          ]),
        ],
      );
    });
  }

  async trades(from: HistoryPlace, rows: number): Promise<HistoryAnswer<readonly HistoryTrade[]>> {
    const { exchange, market } = this.#opened();
    return await this.#asked(exchange, async () => {
      const [sinceMs, params] =
        "fromMs" in from ? [from.fromMs, {}] : ([undefined, { fromId: from.fromId }] as const);
      const told = await exchange.fetchTrades?.(market.symbol, sinceMs, rows || undefined, params);
      return (told ?? []).map(tradeOf);
    });
  }

  async close(): Promise<void> {
    await this.#exchange?.close().catch(() => {});
    this.#exchange = undefined;
  }

  async #made(): Promise<CcxtExchange> {
    const { urls, options = {}, make = makeCcxt } = this.#options;
    // Binance's class loads all its kinds of markets, from three hosts, unless told which.
    const isSpot = this.venue === "binance" && !this.symbol.includes(":");
    const exchange = await make(this.venue, {
      ...{ number: String, log: () => {}, enableRateLimit: true, timeout: this.#timeoutMs },
      options: {
        ...(isSpot ? { fetchMarkets: { types: ["spot"] } } : {}),
        ...options,
        maxRetriesOnFailure: 0,
      },
    });
    guardAnswers(exchange, systemVenueClock(0n), this.#timeoutMs);
    if (urls !== undefined) exchange.urls = mergedUrls(exchange.urls, urls);
    return exchange;
  }

  #checkAbility({ id, has, timeframes }: CcxtExchange): void {
    const { timeframe } = this;
    const name = timeframe === undefined ? "fetchTrades" : "fetchOHLCV";
    // Bars that a class makes of the trades it happens to hear ("emulated") are no history.
    if (has[name] !== true) {
      const expected = `an exchange whose ${timeframe === undefined ? "trades" : "bars"} ccxt can ask for (${name})`;
      throw new Fault("FAULT_CONFIG", { path: "history.exchange", value: id, expected });
    }
    if (timeframe === undefined || Object.hasOwn(timeframes ?? {}, timeframe)) return;
    throw new Fault("FAULT_CONFIG", {
      path: "history.timeframe",
      value: timeframe,
      expected: `one that ${id} has: ${Object.keys(timeframes ?? {}).join(", ")}`,
    });
  }

  #found({ id, markets = {}, markets_by_id: byId = {} }: CcxtExchange): CcxtMarket {
    const { symbol } = this;
    const market = Object.hasOwn(markets, symbol)
      ? markets[symbol]
      : Object.hasOwn(byId, symbol)
        ? byId[symbol]?.[0]
        : undefined;
    if (market !== undefined) return market;
    const like = symbol.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();
    const near = Object.values(markets).filter(
      (each) => each.id.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase() === like || each.base === symbol,
    );
    const shown = (near.length > 0 ? near : Object.values(markets)).slice(0, NAMES_SHOWN);
    throw new Fault("FAULT_CONFIG", {
      path: "history.symbol",
      value: symbol,
      expected: `a market of ${id}, such as ${shown.map((each) => each.symbol).join(", ")}`,
    });
  }

  #described(exchange: CcxtExchange, market: CcxtMarket, venueMs: number | undefined): HistoryMarket {
    const { tickSize, lotSize } = this.#options;
    const isBinance = exchange.id.startsWith("binance");
    const isVenueTime = Number.isFinite(venueMs);
    return {
      symbol: market.symbol,
      instrument: ccxtInstrument(onGrid(market, exchange.precisionMode, tickSize, lotSize), {
        venue: this.venue,
        precisionMode: PRECISION.tick,
      }).instrument.describe(),
      pageRows: this.timeframe !== undefined ? barsOf(exchange, market) : isBinance ? BINANCE_TRADES : 0,
      isWindowed: !(isBinance && this.timeframe !== undefined && market.inverse !== true),
      byId: isBinance && market.type !== "option",
      nowMs: isVenueTime ? Number(venueMs) : Date.now(),
      isVenueTime,
    };
  }

  #opened(): { readonly exchange: CcxtExchange; readonly market: CcxtMarket } {
    const [exchange, market] = [this.#exchange, this.#market];
    if (exchange !== undefined && market !== undefined) return { exchange, market };
    throw new Fault("FAULT_INPUT", { path: "history", value: "closed", expected: "a history that is open" });
  }

  async #asked<Value>(exchange: CcxtExchange, ask: () => Promise<Value>): Promise<HistoryAnswer<Value>> {
    // What a header says must be of this answer.
    exchange.last_response_headers = undefined;
    try {
      return { ok: true, value: await ask() };
    } catch (error) {
      if (error instanceof Fault) throw error;
      const { trouble, proof } = readCcxtError(error, []);
      const words = error instanceof Error ? error.message : "";
      const retryNs = retryAfterNs(exchange.last_response_headers, words, Date.now());
      return {
        ok: false,
        cause: retryNs === undefined ? trouble : { ...trouble, retryNs },
        isFinal: FINAL.has(trouble.code) || (proof === "refused" && trouble.code !== "VENUE_MAINTENANCE"),
      };
    }
  }
}

function checkStep(path: string, given: unknown): void {
  if (given === undefined) return;
  const step = typeof given === "string" ? parseScaled(given) : undefined;
  if (step !== undefined && step.digits > 0n) return;
  throw new Fault("FAULT_CONFIG", { path, value: given, expected: "a decimal number above 0, as text" });
}

/** The market with steps that were given in place of its own. */
function onGrid(
  market: CcxtMarket,
  mode: number,
  tickSize: string | undefined,
  lotSize: string | undefined,
): CcxtMarket {
  const step = (what: "price" | "amount", given: string | undefined): string => {
    const text = given ?? textOf(market.precision[what]);
    const isStep = given !== undefined || mode === PRECISION.tick;
    if (text !== undefined && isStep) return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    if (text !== undefined && mode === PRECISION.decimals && /^\d+$/.test(text)) {
      return text === "0" ? "1" : `0.${"0".repeat(Number(text) - 1)}1`;
    }
    throw new Fault("FAULT_CONFIG", {
      path: what === "price" ? "history.tickSize" : "history.lotSize",
      value: market.precision[what],
      expected: `the step of ${what === "price" ? "prices" : "quantities"}: ${market.symbol} does not say it`,
    });
  };
  return { ...market, precision: { price: step("price", tickSize), amount: step("amount", lotSize) } };
}

/** The most bars of one answer, as the class says; 0 where it does not. */
function barsOf({ features }: CcxtExchange, market: CcxtMarket): number {
  const kind = isRecord(features) ? features[market.type ?? "spot"] : undefined;
  const side = market.linear === true ? "linear" : "inverse";
  const part = isRecord(kind) && isRecord(kind[side]) ? kind[side] : kind;
  const bars = isRecord(part) ? part["fetchOHLCV"] : undefined;
  const limit = isRecord(bars) ? Number(bars["limit"]) : 0;
  return Number.isSafeInteger(limit) && limit > 0 ? limit : 0;
}

function tradeOf({ timestamp, price, amount, side, id }: CcxtTrade): HistoryTrade {
  return [
    Number(timestamp ?? Number.NaN),
    textOf(price) ?? "",
    textOf(amount) ?? "",
    side === "buy" || side === "sell" ? side : "",
    id ?? "",
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
