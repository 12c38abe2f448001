import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { CcxtClient, type CcxtExchange } from "../../src/venue/ccxt.ts";
import type { VenueOrderTerms } from "../../src/venue/index.ts";
import { ManualVenueClock } from "../../src/venue/testing.ts";

const instrument = new Instrument({
  ...{ symbol: "BTCUSDT", venue: "binance", tickSize: "0.01", lotSize: "0.01", quote: "USDT" },
});
const market = {
  ...{ id: "BTCUSDT", symbol: "BTC/USDT", base: "BTC", quote: "USDT", type: "spot", contract: false },
  ...{ precision: { price: "0.01", amount: "0.01" }, limits: {} },
};
const SECOND_MS = 1000;

/** An exchange that lists executions, one a second from `fromMs` on: buys of a lot, each fourth a sale. */
function listing() {
  const trades: { readonly [key: string]: unknown }[] = [];
  let questions = 0;
  const trade = (ms: number): void => {
    const side = trades.length % 4 === 3 ? "sell" : "buy";
    const of = { id: String(trades.length + 1), order: "7", symbol: "BTC/USDT" };
    trades.push({ ...of, side, price: "100.00", amount: "0.01", timestamp: String(ms) });
  };
  const exchange = {
    ...{ id: "binance", has: {}, urls: {}, options: {}, timeout: 1, precisionMode: 4 },
    ...{ markets_by_id: { BTCUSDT: [market] }, handleMessage() {}, setSandboxMode() {} },
    ...{ loadMarkets: async () => ({}), close: async () => {}, watchOrders: () => new Promise(() => {}) },
    fetchMyTrades: async (_symbol: string, since: number, limit: number) => {
      questions += 1;
      return trades.filter(({ timestamp }) => Number(timestamp) >= since).slice(0, limit);
    },
  } as object as CcxtExchange;
  return { exchange, trade, trades, questions: () => questions };
}

it("a post-only order that is no limit order is not sent: the class would leave out its stop, or the word", async () => {
  const { exchange } = listing();
  let sent = 0;
  const order = async () => {
    sent += 1;
    return { id: "1" };
  };
  const client = new CcxtClient({
    ...{ exchange: "binance", instruments: [instrument], baseNs: 0n, clock: new ManualVenueClock(), seed: 1 },
    ...{ credentials: () => ({ apiKey: "k", secret: "s" }), isSandbox: false },
    make: async () => Object.assign(exchange, { createOrder: order, editOrder: order }),
  });
  const nothing = (): void => {};
  await client.open({ report: nothing, connected: nothing, disconnected: nothing, trouble: nothing });
  const terms: VenueOrderTerms = {
    ...{ instrument, clientOrderId: "a", side: "buy", timeInForce: "GTC", postOnly: true, reduceOnly: false },
    ...{ type: "stopLimit", priceTicks: 100, stopTicks: 110, lots: 1, displayLots: 0, expireNs: Infinity },
  };
  const name = { instrument, clientOrderId: "a", orderId: "1" };
  const said = [
    client.submit(terms),
    client.submit({ ...terms, type: "market" }),
    client.replace(name, terms),
  ];
  for (const outcome of await Promise.all(said)) {
    expect(outcome).toMatchObject({ outcome: "notSent", cause: { code: "VENUE_UNSUPPORTED" } });
  }
  expect(sent).toBe(0);
  await client.submit({ ...terms, type: "limit", stopTicks: 0 });
  expect(sent).toBe(1);
  await client.close();
});

describe("executions that ccxt lists", () => {
  it("are asked for once, and sum up to the position when most are kept no more", async () => {
    const { exchange, trade, trades, questions } = listing();
    const clock = new ManualVenueClock();
    const client = new CcxtClient({
      ...{ exchange: "binance", instruments: [instrument], baseNs: 0n, clock, seed: 1, isSandbox: false },
      ...{ credentials: () => ({ apiKey: "k", secret: "s" }), make: async () => exchange, fillsKept: 10 },
    });
    const nothing = (): void => {};
    await client.open({ report: nothing, connected: nothing, disconnected: nothing, trouble: nothing });
    for (let round = 1; round <= 6; round++) {
      for (let second = 0; second < 200; second++) {
        await clock.advance(SECOND_MS * 1e6);
        trade(clock.nowNs() / 1e6);
      }
      const told = await client.query({ sections: ["fills", "positions"], fillsFromNs: 0 });
      expect(told.positions).toEqual([{ instrument: instrument.key, lots: trades.length / 2 }]);
      // The last minute is kept whatever the bound; what is listed is whole from the time that is said.
      const kept = trades.filter(({ timestamp }) => Number(timestamp) * 1e6 >= (told.fillsFromNs ?? 0));
      expect(told.fills?.length).toBe(kept.length);
      expect(kept.length).toBeGreaterThan(55);
      expect(kept.length).toBeLessThan(65);
    }
    expect(questions()).toBe(6);
    await client.close();
  });

  it("count from the session's begin by the venue's clock, where that is behind ours", async () => {
    const { exchange, trade } = listing();
    const clock = new ManualVenueClock();
    const behind = { has: { fetchTime: true }, fetchTime: async () => 15_000 + clock.nowNs() / 1e6 };
    const client = new CcxtClient({
      ...{ exchange: "binance", instruments: [instrument], baseNs: 20_000_000_000n, clock, seed: 1 },
      ...{ credentials: () => ({ apiKey: "k", secret: "s" }), isSandbox: false },
      make: async () => Object.assign(exchange, behind),
    });
    const nothing = (): void => {};
    await client.open({ report: nothing, connected: nothing, disconnected: nothing, trouble: nothing });
    trade(14_000);
    await clock.advance(SECOND_MS * 1e6);
    for (let i = 0; i < 2; i++) trade(16_000);
    const told = await client.query({ sections: ["positions"] });
    expect(told.positions).toEqual([{ instrument: instrument.key, lots: 2 }]);
    await client.close();
  });
});
