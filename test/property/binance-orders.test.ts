import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ExchangeServer } from "../../src/exchange/index.ts";
import { Instrument } from "../../src/model/index.ts";
import { BinanceOrders } from "../../src/venue/binance.ts";
import { CcxtClient } from "../../src/venue/ccxt.ts";
import { type CcxtExchange, makeCcxt } from "../../src/venue/ccxt-exchange.ts";
import { systemVenueClock, type VenueOrderTerms } from "../../src/venue/index.ts";
import { Ear } from "../fixtures/websocket-api.ts";

const RUNS = Number(process.env["ORDERS_RUNS"] ?? 150);
const KEY = { apiKey: "A".repeat(64), secret: "s".repeat(64) };
const MARKETS = [
  { symbol: "BTCUSDT", tickSize: "0.01", lotSize: "0.00001", base: "BTC" },
  { symbol: "ETHUSDT", tickSize: "0.5", lotSize: "0.25", base: "ETH" },
  { symbol: "PEPEUSDT", tickSize: "0.00000001", lotSize: "1", base: "PEPE" },
].map((each) => ({ ...each, venue: "binance", quote: "USDT" }));
const instruments = MARKETS.map((each) => new Instrument(each));
/** What only one of the two says, or says of itself: keys, times, how much is answered. */
const OWN = ["apiKey", "timestamp", "recvWindow", "signature", "newOrderRespType"];

type Said = Readonly<Record<string, string>>;
const sent = { ccxt: [] as Said[], frames: [] as Said[] };
let server: ExchangeServer;
let ccxt: CcxtClient;
let orders: BinanceOrders;
const untap: (() => void)[] = [];

/** Parameters that say something of an order; numbers without the zeros that say nothing. */
function plain(said: Readonly<Record<string, unknown>>): Said {
  const kept = Object.entries(said).filter(([name]) => !OWN.includes(name));
  return Object.fromEntries(
    kept
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => [name, shortened(String(value))]),
  );
}

function shortened(text: string): string {
  return /^\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, "") : text;
}

/** Listens where ccxt's class hands a request to HTTP, and answers in the exchange's place. */
async function tapped(...made: Parameters<typeof makeCcxt>): Promise<CcxtExchange> {
  const exchange = (await makeCcxt(...made)) as CcxtExchange;
  const fetch = exchange.fetch?.bind(exchange) as NonNullable<CcxtExchange["fetch"]>;
  exchange.fetch = async (...asked) => {
    const [url, method, , body] = asked as unknown as [string, string, unknown, string | undefined];
    const { pathname, searchParams } = new URL(url);
    if (method === "GET" || !/\/order(\/cancelReplace)?$/.test(pathname)) return await fetch(...asked);
    const said = Object.fromEntries(body ? new URLSearchParams(body) : searchParams);
    sent.ccxt.push(plain({ path: `${method} ${pathname}`, ...said }));
    throw new Error("enough");
  };
  return exchange;
}

const PATHS: Readonly<Record<string, string>> = {
  "order.place": "POST /api/v3/order",
  "order.cancel": "DELETE /api/v3/order",
  "order.cancelReplace": "POST /api/v3/order/cancelReplace",
};

function tapFrames(url: string): () => void {
  const prototype = WebSocket.prototype as object as { send: (this: WebSocket, ...all: unknown[]) => void };
  const { send } = prototype;
  prototype.send = function (...all): void {
    if (this.url === url) {
      const { method, params } = JSON.parse(String(all[0]));
      const path = PATHS[method];
      if (path !== undefined) sent.frames.push(plain({ path, ...params }));
    }
    send.apply(this, all);
  };
  return () => {
    prototype.send = send;
  };
}

beforeAll(async () => {
  server = new ExchangeServer({
    markets: MARKETS.map((instrument) => ({ instrument })),
    accounts: [{ name: "alice", balances: { USDT: "10000000" }, keys: [KEY] }],
    ...{ everyMs: 1, rateLimits: { requestWeight: 1_000_000_000, ordersPer10s: 1_000_000 } },
  });
  await server.start();
  const baseNs = BigInt(Date.now()) * 1_000_000n;
  const terms = { instruments, baseNs, clock: systemVenueClock(baseNs), seed: 1, credentials: () => KEY };
  ccxt = new CcxtClient({
    ...{ ...terms, exchange: "binance", isSandbox: false, urls: server.ccxtUrls(), make: tapped },
    options: { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false },
  });
  orders = new BinanceOrders({ ...terms, client: ccxt, url: server.urls.wsApi, fallback: false });
  await orders.open(new Ear());
  untap.push(tapFrames(server.urls.wsApi));
});

afterAll(async () => {
  for (const each of untap) each();
  await orders.close();
  await server.close();
});

const id = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_.:/".split("")), minLength: 1, maxLength: 36 });
const ticks = fc.integer({ min: 1, max: 1_000_000_000 });
const terms: fc.Arbitrary<VenueOrderTerms> = fc
  .record({
    instrument: fc.constantFrom(...instruments),
    clientOrderId: id,
    side: fc.constantFrom("buy" as const, "sell" as const),
    type: fc.constantFrom(
      "limit" as const,
      "limit" as const,
      "market" as const,
      "stop" as const,
      "stopLimit" as const,
    ),
    timeInForce: fc.constantFrom("GTC" as const, "IOC" as const, "FOK" as const),
    postOnly: fc.boolean(),
    reduceOnly: fc.constant(false),
    priceTicks: ticks,
    stopTicks: ticks,
    lots: fc.integer({ min: 1, max: 2 ** 40 }),
    displayLots: fc.constant(0),
    expireNs: fc.constant(Number.POSITIVE_INFINITY),
  })
  // There is no such order on the wire.
  .filter(({ type, postOnly }) => !(postOnly && type !== "limit"));
const name = fc.record({
  clientOrderId: id,
  orderId: fc.integer({ min: 1, max: 2 ** 50 }).map(String),
});

it("an order, a cancel and a replace say over the websocket what they say through ccxt", async () => {
  const act = fc.constantFrom("submit" as const, "cancel" as const, "replace" as const);
  await fc.assert(
    fc.asyncProperty(act, terms, name, async (what, order, named) => {
      const target = { instrument: order.instrument, ...named };
      for (const client of [ccxt, orders]) {
        const done =
          what === "submit"
            ? client.submit(order)
            : what === "cancel"
              ? client.cancel(target, "request")
              : client.replace(target, order);
        await done;
      }
      const [ours, theirs] = [sent.frames.splice(0), sent.ccxt.splice(0)];
      expect(ours.length).toBe(1);
      // ccxt leaves in a replace what it read the stop from.
      expect(ours).toEqual(theirs.map(({ triggerPrice: _, ...each }) => each));
    }),
    { numRuns: RUNS },
  );
});
