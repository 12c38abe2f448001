import type { InstrumentOptions } from "../model/index.ts";
import type { VenueTrouble } from "./venue-client.ts";

/** A bar as a venue tells it: prices and volume as decimal text, empty where it says none. @units epoch ms */
export type HistoryBar = readonly [
  openMs: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
];

/**
 * A trade as a venue tells it: price and amount as decimal text, the taker's side, the trade's number at the venue;
 * side and number are empty where it does not say. @units epoch ms
 */
export type HistoryTrade = readonly [
  timeMs: number,
  price: string,
  amount: string,
  side: "buy" | "sell" | "",
  id: string,
];

/** What a venue answered, or why it did not. `isFinal`: asking the same again makes no sense. */
export type HistoryAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly cause: VenueTrouble; readonly isFinal: boolean };

/** What a venue says of one market and of its history. JSON-safe. */
export interface HistoryMarket {
  /** The market's name in unified words, such as `BTC/USDT`. */
  readonly symbol: string;
  readonly instrument: InstrumentOptions;
  /** The most rows of one answer, as far as it is known; 0 where it is not. */
  readonly pageRows: number;
  /**
   * Whether an answer without rows speaks of a span from where it was asked alone: false where it says that nothing
   * comes later at all.
   */
  readonly isWindowed: boolean;
  /** Whether trades can be asked for from a number on, numbers rising by time. */
  readonly byId: boolean;
  /** The time at the venue when it was asked. @units epoch ms */
  readonly nowMs: number;
  /** Whether `nowMs` is the venue's own word: else it is this machine's. */
  readonly isVenueTime: boolean;
}

/** Where trades are asked for from, included: a time, or a number where the market has `byId`. @units epoch ms */
export type HistoryPlace = { readonly fromMs: number } | { readonly fromId: string };

/**
 * The past of one market at one venue, page by page. Requests are spaced as the venue wants it; what fails is told, not
 * thrown, and nothing is tried again in here.
 */
export interface HistoryClient {
  /** The venue's name, such as `binance`. */
  readonly venue: string;
  /** The market as whoever asked named it. */
  readonly symbol: string;
  /** The length of bars such as `1m`; undefined where it is trades that are asked for. */
  readonly timeframe: string | undefined;
  /**
   * Finds the market.
   *
   * @throws `FAULT_CONFIG` where the venue has no such market, bars or trades; `FAULT_PEER_MISSING`
   */
  open(): Promise<HistoryAnswer<HistoryMarket>>;
  /** Bars that open at a time or later, at most so many: in any order, more or fewer than asked, some of them twice. */
  bars(fromMs: number, rows: number): Promise<HistoryAnswer<readonly HistoryBar[]>>;
  /** Trades from a place on: likewise. `rows` is 0 where the venue's own number will do. */
  trades(from: HistoryPlace, rows: number): Promise<HistoryAnswer<readonly HistoryTrade[]>>;
  close(): Promise<void>;
}
