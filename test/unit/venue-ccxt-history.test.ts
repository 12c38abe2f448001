import { describe, expect, test } from "vitest";
import {
  type CcxtConfig,
  type CcxtExchange,
  CcxtHistory,
  type CcxtHistoryOptions,
  type CcxtMarket,
} from "../../src/venue/ccxt.ts";
import type { HistoryAnswer, HistoryMarket } from "../../src/venue/index.ts";

class DDoSProtection extends Error {}
class BadSymbol extends Error {}
class NetworkError extends Error {}

const MARKET: CcxtMarket = {
  ...{ id: "BTCUSDT", symbol: "BTC/USDT", base: "BTC", quote: "USDT", type: "spot" },
  precision: { price: "0.01000000", amount: "0.00001" },
  limits: {},
};

interface Fake extends Partial<Record<keyof CcxtExchange, unknown>> {
  readonly markets?: Readonly<Record<string, CcxtMarket>>;
}

/** A history over an exchange class that is made of what a test says. */
function history(
  fake: Fake = {},
  options: Partial<CcxtHistoryOptions> = {},
): { history: CcxtHistory; asked: unknown[][]; config: () => CcxtConfig; exchange: CcxtExchange } {
  const asked: unknown[][] = [];
  let config: CcxtConfig = {};
  const exchange = {
    ...{ id: "kraken", has: { fetchOHLCV: true, fetchTrades: true, fetchTime: true }, precisionMode: 4 },
    ...{ timeframes: { "1m": 1, "1d": 1440 }, features: { spot: { fetchOHLCV: { limit: 720 } } } },
    ...{ urls: {}, options: {}, markets: { "BTC/USDT": MARKET }, markets_by_id: { BTCUSDT: [MARKET] } },
    loadMarkets: async () => await Promise.resolve({}),
    fetchTime: async () => await Promise.resolve(1_700_000_000_000),
    fetchOHLCV: async (...each: unknown[]) => {
      asked.push(each);
      return await Promise.resolve([[60_000, "1.50", "2e-1", "1", undefined, "0.25"]]);
    },
    fetchTrades: async (...each: unknown[]) => {
      asked.push(each);
      return await Promise.resolve([
        { id: "7", timestamp: 5, price: "1.5", amount: "0.2", side: "sell" },
        { timestamp: 6, price: "1.6", amount: "1" },
      ]);
    },
    close: async () => await Promise.resolve(),
    ...fake,
  } as unknown as CcxtExchange;
  const make = async (_id: string, given: CcxtConfig): Promise<CcxtExchange> => {
    config = given;
    return await Promise.resolve(exchange);
  };
  const { timeframe = "1m", ...rest } = options;
  const history = new CcxtHistory({
    ...{ exchange: "kraken", symbol: "BTC/USDT", make, ...rest },
    ...(timeframe === "" ? {} : { timeframe }),
  });
  return { history, asked, config: () => config, exchange };
}

async function market(fake: Fake = {}, options: Partial<CcxtHistoryOptions> = {}): Promise<HistoryMarket> {
  return told(await history(fake, options).history.open());
}

function told<Value>(answer: HistoryAnswer<Value>): Value {
  if (!answer.ok) throw new Error(answer.cause.words);
  return answer.value;
}

describe("the market", () => {
  test("is found by symbol and by id; its grid, its clock, the size of its pages", async () => {
    const found = await market();
    expect(found).toMatchObject({
      ...{ symbol: "BTC/USDT", pageRows: 720, isWindowed: true, byId: false },
      ...{ nowMs: 1_700_000_000_000, isVenueTime: true },
      instrument: { symbol: "BTCUSDT", venue: "kraken", tickSize: "0.01", lotSize: "0.00001" },
    });
    expect(await market({}, { symbol: "BTCUSDT" })).toEqual(found);
    const silent = await market({ has: { fetchOHLCV: true } });
    expect(silent.isVenueTime).toBe(false);
  });

  test("Binance: bars are told from a time on whatever comes between, trades by number", async () => {
    const id = "binance";
    expect(await market({ id }, { exchange: id })).toMatchObject({
      isWindowed: false,
      byId: true,
      pageRows: 720,
    });
    const trades = await market({ id }, { exchange: id, timeframe: "" });
    expect(trades).toMatchObject({ isWindowed: true, byId: true, pageRows: 1_000 });
  });

  test("the grid in decimals, given, or said by nobody", async () => {
    const markets = { "BTC/USDT": { ...MARKET, precision: { price: 2, amount: "0" } } };
    const decimals = await market({ precisionMode: 2, markets });
    expect(decimals.instrument).toMatchObject({ tickSize: "0.01", lotSize: "1" });
    const unknown = {
      markets: { "BTC/USDT": { ...MARKET, precision: { price: undefined, amount: "0.1" } } },
    };
    await expect(market(unknown)).rejects.toThrow("FAULT_CONFIG history.tickSize");
    const given = await market(unknown, { tickSize: "0.50" });
    expect(given.instrument).toMatchObject({ tickSize: "0.5", lotSize: "0.1" });
    await expect(market({ precisionMode: 3 })).rejects.toThrow("FAULT_CONFIG history.tickSize");
  });

  test("refuses what is not there, by name", async () => {
    await expect(market({}, { symbol: "ETH/USDT" })).rejects.toThrow(
      'FAULT_CONFIG history.symbol: found "ETH/USDT", expected a market of kraken, such as BTC/USDT',
    );
    await expect(market({}, { timeframe: "7m" })).rejects.toThrow(
      'FAULT_CONFIG history.timeframe: found "7m", expected one that kraken has: 1m, 1d',
    );
    await expect(market({ has: { fetchOHLCV: "emulated" } })).rejects.toThrow(
      "FAULT_CONFIG history.exchange",
    );
    await expect(market({ has: { fetchOHLCV: true } }, { timeframe: "" })).rejects.toThrow("fetchTrades");
    const nowhere = new CcxtHistory({ exchange: "nowhere", symbol: "A/B" });
    await expect(nowhere.open()).rejects.toThrow('FAULT_CONFIG ccxt.exchange: found "nowhere"');
    // A class of the library that is no exchange.
    await expect(new CcxtHistory({ exchange: "Precise", symbol: "A/B" }).open()).rejects.toThrow(
      "ccxt.exchange",
    );
    await expect(history().history.bars(0, 1)).rejects.toThrow("FAULT_INPUT history");
    expect(() => new CcxtHistory({ exchange: "", symbol: "A/B" })).toThrow("FAULT_CONFIG history.exchange");
  });
});

describe("questions", () => {
  test("rows come as text, exactly; what is not said is empty", async () => {
    const { history: past, asked, config } = history();
    await past.open();
    expect(told(await past.bars(60_000, 5))).toEqual([[60_000, "1.50", "0.2", "1", "", "0.25"]]);
    expect(told(await past.trades({ fromMs: 4 }, 0))).toEqual([
      [5, "1.5", "0.2", "sell", "7"],
      [6, "1.6", "1", "", ""],
    ]);
    await past.trades({ fromId: "9" }, 100);
    expect(asked).toEqual([
      ["BTC/USDT", "1m", 60_000, 5],
      ["BTC/USDT", 4, undefined, {}],
      ["BTC/USDT", undefined, 100, { fromId: "9" }],
    ]);
    expect(config()).toMatchObject({
      number: String,
      enableRateLimit: true,
      options: { maxRetriesOnFailure: 0 },
    });
    await past.close();
  });

  /** What becomes of an error, with the headers that came with it. */
  async function trouble(error: Error, headers?: Readonly<Record<string, string>>): Promise<unknown> {
    const made = history();
    await made.history.open();
    made.exchange.fetchOHLCV = async () => {
      made.exchange.last_response_headers = headers;
      return await Promise.reject(error);
    };
    const answer = await made.history.bars(0, 1);
    return answer.ok ? "ok" : [answer.cause.code, answer.isFinal, (answer.cause.retryNs ?? -1e9) / 1e9];
  }

  test("trouble is told with how long the venue wants to be left alone", async () => {
    const limited = new DDoSProtection("kraken 429 Too Many Requests");
    expect(await trouble(limited)).toEqual(["VENUE_RATE_LIMITED", false, -1]);
    expect(await trouble(limited, { "Retry-After": "17" })).toEqual(["VENUE_RATE_LIMITED", false, 17]);
    const date = new Date(Date.now() + 90_000).toUTCString();
    const [, , seconds] = (await trouble(limited, { "retry-after": date })) as [string, boolean, number];
    expect(Math.abs(seconds - 89)).toBeLessThan(5);
    const until = Math.round(Date.now() + 600_000);
    const banned = new DDoSProtection(
      `binance 418 {"code":-1003,"msg":"IP banned until ${until}. Use streams"}`,
    );
    const [code, , ban] = (await trouble(banned)) as [string, boolean, number];
    expect([code, Math.abs(ban - 600) < 5]).toEqual(["VENUE_BANNED", true]);
    expect(await trouble(new NetworkError("gone"))).toEqual(["VENUE_UNREACHABLE", false, -1]);
    expect(await trouble(new BadSymbol("what?"))).toEqual(["VENUE_UNKNOWN_INSTRUMENT", true, -1]);
  });

  test("a header of the answer before says nothing of this one", async () => {
    const made = history();
    await made.history.open();
    made.exchange.last_response_headers = { "Retry-After": "60" };
    made.exchange.fetchOHLCV = async () => await Promise.reject(new NetworkError("gone"));
    const answer = await made.history.bars(0, 1);
    expect(answer).toMatchObject({ ok: false, cause: { code: "VENUE_UNREACHABLE" } });
    expect(answer.ok ? 1 : answer.cause.retryNs).toBeUndefined();
  });
});
