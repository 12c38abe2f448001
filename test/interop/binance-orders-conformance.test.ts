import { describe, it } from "vitest";
import { ExchangeServer, type FaultRule } from "../../src/exchange/index.ts";
import { flatFees, Instrument } from "../../src/model/index.ts";
import { BinanceOrders } from "../../src/venue/binance.ts";
import { CcxtClient } from "../../src/venue/ccxt.ts";
import { systemVenueClock } from "../../src/venue/index.ts";
import { type ConformanceVenue, venueConformance } from "../../src/venue/testing.ts";

const BTC = {
  symbol: "BTCUSDT",
  venue: "binance",
  tickSize: "0.01",
  lotSize: "0.01",
  base: "BTC",
  quote: "USDT",
};
const KEY = { apiKey: "A".repeat(64), secret: "s".repeat(64) };

/** Orders over the websocket API, all else ccxt's, on a loopback exchange of its own. */
async function made(): Promise<ConformanceVenue> {
  const server = new ExchangeServer({
    markets: [{ instrument: BTC }],
    accounts: [{ name: "alice", balances: { USDT: "10000000", BTC: "1000" }, keys: [KEY], payIn: "quote" }],
    everyMs: 1,
  });
  await server.start();
  const market = server.market("BTCUSDT");
  market.setBook([["100.00", "50"]], [["101.00", "50"]]);
  const instrument = new Instrument({ ...BTC, fees: flatFees("0.001", "0.001") });
  const baseNs = BigInt(Date.now()) * 1_000_000n;
  const terms = { instruments: [instrument], baseNs, clock: systemVenueClock(baseNs), seed: 1 };
  const inner = new CcxtClient({
    ...{ ...terms, exchange: "binance", credentials: () => KEY, isSandbox: false, urls: server.ccxtUrls() },
    ...{ timeoutMs: 5_000, backOffMs: 10 },
    options: { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false },
  });
  const client = new BinanceOrders({
    ...{ ...terms, client: inner, credentials: () => KEY, url: server.urls.wsApi },
    ...{ timeoutMs: 5_000, retryMsMin: 10, fallback: false },
  });
  return {
    ...{ client, instrument, lots: 40, restTicks: [9_950, 9_940] as const, takeTicks: 10_100 },
    fill: (priceTicks, lots) => {
      market.setBook([["99.00", "50"]], [["101.00", "50"]]);
      market.trade("sell", instrument.formatPrice(priceTicks), instrument.formatQuantity(lots));
    },
    until: async (condition) => {
      for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
      return condition();
    },
    loseAnswer: () => void server.faults.add({ kind: "dropAck", on: "submit" } as FaultRule),
    loseRequest: () => void server.faults.add({ kind: "dropRequest", on: "submit" } as FaultRule),
    cut: () => server.faults.dropStreams(),
    arrivals: (name) =>
      server.truth("alice").orders.filter(({ clientOrderId }) => clientOrderId === name).length,
    close: () => server.close(),
  };
}

describe("orders over the websocket API of the loopback exchange", () => {
  for (const { name, run } of venueConformance({ make: made })) it(name, run, 20_000);
});
