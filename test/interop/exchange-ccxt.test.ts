import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ccxt, { type binance as BinanceRest, type Order } from "ccxt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ExchangeMarketOptions, ExchangeServer, type FaultRule } from "../../src/exchange/index.ts";
import { importBinanceCapture, openDepthTape } from "../../src/host/index.ts";
import { BTCUSDT } from "../fixtures/exchange.ts";

const data = process.env["TICKWRIGHT_DATA"] ?? join(import.meta.dirname, "../../../shared/data");
const CAPTURE = join(data, "binance-raw/spot_btcusdt_20240808.gz");
const SYMBOL = "BTC/USDT";

type BinancePro = InstanceType<typeof ccxt.pro.binance>;

let server: ExchangeServer;
let exchange: BinancePro;
let folder: string;
const errors = ccxt;

/** The recorded market where there is one; else a seeded one. */
async function market(): Promise<ExchangeMarketOptions> {
  if (!existsSync(CAPTURE)) {
    console.log(`skipped: ${CAPTURE} is not here, ccxt trades on a seeded market`);
    const sizes = { orders: { lots: 10_000 }, makers: { lots: 20_000 }, noise: { lots: 8_000 } };
    const seeded = {
      instrument: BTCUSDT,
      seed: 7,
      durationNs: 3_600_000_000_000,
      priceTicks: 6_100_000,
      ...sizes,
    };
    return { seeded, speed: 4, headStartNs: 20_000_000_000 };
  }
  const out = join(folder, "btcusdt.tape");
  await importBinanceCapture({ path: CAPTURE, out, market: "spot" });
  return { tape: openDepthTape(out), speed: 4, headStartNs: 20_000_000_000, repeat: true };
}

function client(more: object = {}): BinancePro {
  const [key] = server.keys("trader");
  const options = { fetchMarkets: { types: ["spot"] }, defaultType: "spot" };
  return new ccxt.pro.binance({ ...key, urls: server.ccxtUrls(), options, ...more } as ConstructorParameters<
    typeof BinanceRest
  >[0]);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "exchange-"));
  server = new ExchangeServer({
    markets: [await market()],
    accounts: [{ name: "trader", balances: { USDT: "1000000", BTC: "10" } }],
    rateLimits: { requestWeight: 100_000, ordersPer10s: 10_000 },
  });
  await server.start();
  exchange = client();
  // ccxt opens unencrypted websockets only behind this call.
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
}, 60_000);

afterAll(async () => {
  await exchange?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

function idOf({ id }: Order): string {
  return id as string;
}

async function touch(): Promise<{ bid: number; ask: number }> {
  const { bids, asks } = await exchange.fetchOrderBook(SYMBOL, 5);
  return { bid: bids[0]?.[0] as number, ask: asks[0]?.[0] as number };
}

const far = async (): Promise<number> => Math.floor((await touch()).bid * 0.97);

test("markets, precision and limits come from the filters", () => {
  const { precision, limits, active } = exchange.market(SYMBOL);
  expect([precision.price, precision.amount, active]).toEqual([0.01, 0.00001, true]);
  expect([limits.cost?.min, limits.amount?.min]).toEqual([5, 0.00001]);
});

test("public data: book, trades, bars, tickers, time, status", async () => {
  const { bid, ask } = await touch();
  expect(bid).toBeLessThan(ask);
  expect((await exchange.fetchTrades(SYMBOL)).length).toBeGreaterThan(0);
  expect((await exchange.fetchOHLCV(SYMBOL, "1s")).length).toBeGreaterThan(5);
  expect((await exchange.fetchTicker(SYMBOL)).last).toBeGreaterThan(0);
  expect((await exchange.fetchBidsAsks([SYMBOL]))[SYMBOL]?.bid).toBeGreaterThan(0);
  expect(Math.abs(((await exchange.fetchTime()) as number) - Date.now())).toBeLessThan(5_000);
  expect((await exchange.fetchStatus()).status).toBe("ok");
});

test("orders: limit, market, post-only, stop, edit, cancel, cancel all; what is asked equals the truth", async () => {
  const price = await far();
  const limit = await exchange.createOrder(SYMBOL, "limit", "buy", 0.01, price, { clientOrderId: "first" });
  expect(limit).toMatchObject({ status: "open", clientOrderId: "first", filled: 0, amount: 0.01 });
  const edited = await exchange.editOrder(idOf(limit), SYMBOL, "limit", "buy", 0.02, price);
  expect(edited).toMatchObject({ status: "open", amount: 0.02 });
  expect((await exchange.fetchOrder(idOf(limit), SYMBOL)).status).toBe("canceled");
  const market = await exchange.createOrder(SYMBOL, "market", "sell", 0.02);
  expect(market).toMatchObject({ status: "closed", filled: 0.02 });
  expect(market.fee?.currency).toBe("USDT");
  const { ask } = await touch();
  const maker = exchange.createOrder(SYMBOL, "limit", "buy", 0.01, ask * 1.01, { postOnly: true });
  await expect(maker).rejects.toThrow(errors.OrderImmediatelyFillable);
  const stopPrice = price * 0.99;
  const stop = await exchange.createOrder(SYMBOL, "limit", "sell", 0.01, stopPrice, { stopPrice });
  expect(stop).toMatchObject({ status: "open" });
  expect((await exchange.fetchOpenOrders(SYMBOL)).map(({ id }) => id)).toEqual([edited.id, stop.id]);
  expect(await exchange.cancelAllOrders(SYMBOL)).toHaveLength(2);
  await expect(exchange.cancelOrder(idOf(edited), SYMBOL)).rejects.toThrow(errors.OrderNotFound);
  const truth = server.truth("trader");
  expect(truth.openOrders).toEqual([]);
  const mine = await exchange.fetchMyTrades(SYMBOL);
  expect(mine.map(({ id, price: at }) => [id, at])).toEqual(
    truth.fills.map(({ id, price: at }) => [`${id}`, Number(at)]),
  );
  const balance = await exchange.fetchBalance();
  expect(balance.total).toEqual(
    Object.fromEntries(
      Object.entries(truth.balances).map(([asset, { free, locked }]) => [
        asset,
        Number(free) + Number(locked),
      ]),
    ),
  );
  expect(server.conservation()).toEqual([]);
});

test("websockets: book, trades, best prices, orders, balance", async () => {
  const [book, trades, best] = await Promise.all([
    exchange.watchOrderBook(SYMBOL),
    exchange.watchTrades(SYMBOL),
    exchange.watchBidsAsks([SYMBOL]),
  ]);
  expect(book.bids[0]?.[0]).toBeLessThan(book.asks[0]?.[0] as number);
  expect(trades.length).toBeGreaterThan(0);
  expect(best[SYMBOL]?.ask).toBeGreaterThan(0);
  const price = await far();
  const seen: Order[] = [];
  const watching = (async () => {
    while (seen.length < 2) seen.push(...(await exchange.watchOrders(SYMBOL)));
  })();
  const balance = exchange.watchBalance();
  // The subscription has been answered once this future is done.
  while (Object.keys(exchange.clients).every((url) => !url.includes("ws-api"))) await exchange.sleep(5);
  await exchange.sleep(200);
  const placed = await exchange.createOrder(SYMBOL, "limit", "buy", 0.01, price);
  await exchange.cancelOrder(idOf(placed), SYMBOL);
  await watching;
  expect(seen.filter(({ id }) => id === placed.id).at(-1)?.status).toBe("canceled");
  expect((await balance).total).toHaveProperty("USDT");
  const byWs = await exchange.createOrderWs(SYMBOL, "limit", "buy", 0.01, price);
  expect((await exchange.cancelOrderWs(idOf(byWs), SYMBOL)).status).toBe("canceled");
});

test("the book that ccxt keeps from diffs is the exchange's own", async () => {
  for (let i = 0; i < 20; i++) await exchange.watchOrderBook(SYMBOL);
  const watched = exchange.orderbooks[SYMBOL];
  const { bids } = await exchange.fetchOrderBook(SYMBOL, 1_000);
  // The market goes on between the two: most levels must be equal.
  const now = new Map(bids.map(([at, size]) => [at, size]));
  const same = watched?.bids.slice(0, 200).filter(([at, size]: [number, number]) => now.get(at) === size);
  expect(same?.length).toBeGreaterThan(Math.min(200, bids.length) * 0.6);
});

const REFUSED: [string, (exchange: BinancePro, price: number) => Promise<unknown>, keyof typeof ccxt][] = [
  ["too poor", (on, price) => on.createOrder(SYMBOL, "limit", "buy", 100, price), "InsufficientFunds"],
  ["an unknown order", (on) => on.cancelOrder("123456", SYMBOL), "OrderNotFound"],
  ["too little", (on, price) => on.createOrder(SYMBOL, "limit", "buy", 0.00001, price), "BadRequest"],
  ["another's key", () => client({ secret: "wrong" }).fetchBalance(), "AuthenticationError"],
];

test.each(REFUSED)("refused: %s", async (_name, work, name) => {
  await expect(work(exchange, await far())).rejects.toThrow(ccxt[name] as new () => Error);
});

const FAULTS: [FaultRule["kind"], keyof typeof ccxt, boolean][] = [
  ["timeoutAfter", "RequestTimeout", true],
  ["errorAfter", "ExchangeNotAvailable", true],
  ["dropAck", "NetworkError", true],
  ["dropRequest", "NetworkError", false],
  ["tooManyRequests", "DDoSProtection", false],
  ["banned", "DDoSProtection", false],
];

test.each(FAULTS)("%s on a new order", async (kind, name, isMade) => {
  const price = await far();
  const clientOrderId = `fault-${kind}`;
  server.faults.add({ kind, on: "submit" });
  const work = exchange.createOrder(SYMBOL, "limit", "buy", 0.01, price, { clientOrderId });
  await expect(work).rejects.toThrow(
    ccxt[name === "ExchangeNotAvailable" ? "BaseError" : name] as new () => Error,
  );
  const found = server.truth("trader").openOrders.some((order) => order.clientOrderId === clientOrderId);
  expect(found).toBe(isMade);
  if (isMade) await exchange.cancelOrder("", SYMBOL, { clientOrderId });
});
