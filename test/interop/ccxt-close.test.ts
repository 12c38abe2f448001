import process from "node:process";
import { expect, it } from "vitest";
import { ExchangeServer } from "../../src/exchange/index.ts";
import { Instrument } from "../../src/model/index.ts";
import { CcxtClient } from "../../src/venue/ccxt.ts";
import { systemVenueClock } from "../../src/venue/index.ts";

const BTC = {
  symbol: "BTCUSDT",
  venue: "binance",
  tickSize: "0.01",
  lotSize: "0.01",
  base: "BTC",
  quote: "USDT",
};
const KEY = { apiKey: "A".repeat(64), secret: "s".repeat(64) };

it("a client that is closed while its websocket connects ends nothing but itself", async () => {
  const server = new ExchangeServer({
    markets: [{ instrument: BTC }],
    accounts: [{ name: "alice", balances: { USDT: "1000" }, keys: [KEY] }],
  });
  await server.start();
  const loose: unknown[] = [];
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (cause) => loose.push(cause));
  const nothing = (): void => {};
  try {
    for (let ms = 0; ms < 12; ms++) {
      const baseNs = BigInt(Date.now()) * 1_000_000n;
      const client = new CcxtClient({
        ...{ exchange: "binance", instruments: [new Instrument(BTC)], baseNs, seed: 1, isSandbox: false },
        ...{ clock: systemVenueClock(baseNs), credentials: () => KEY, urls: server.ccxtUrls() },
        options: { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false },
      });
      await client.open({ report: nothing, connected: nothing, disconnected: nothing, trouble: nothing });
      await new Promise((resolve) => setTimeout(resolve, ms / 2));
      await client.close();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(loose).toEqual([]);
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const each of others) process.on("unhandledRejection", each);
    await server.close();
  }
}, 60_000);
