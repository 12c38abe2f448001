import type { ExchangeAccountOptions, ExchangeUrls } from "../../../src/exchange/index.ts";
import type { InstrumentOptions } from "../../../src/model/index.ts";

export const INSTRUMENT: InstrumentOptions = {
  symbol: "BTCUSDT",
  venue: "binance",
  tickSize: "0.01",
  lotSize: "0.00001",
  bookLotSize: "0.00000001",
  base: "BTC",
  quote: "USDT",
};

export const KEY = { apiKey: "A".repeat(64), secret: "s".repeat(64) };

export const ACCOUNT: ExchangeAccountOptions = {
  name: "desk",
  balances: { USDT: "10000000", BTC: "100" },
  keys: [KEY],
  payIn: "quote",
};

/** What the exchange's process says when it is open. */
export interface ServedAt extends ExchangeUrls {
  readonly ccxt: Readonly<Record<string, unknown>>;
}
