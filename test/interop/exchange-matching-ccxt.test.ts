import ccxt, { type binance as BinanceRest, type Order } from "ccxt";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ExchangeServer } from "../../src/exchange/index.ts";
import { BTCUSDT, type Json } from "../fixtures/exchange.ts";

const SYMBOL = "BTC/USDT";
type BinancePro = InstanceType<typeof ccxt.pro.binance>;

let server: ExchangeServer;
let alice: BinancePro;
let bob: BinancePro;

async function client(account: string): Promise<BinancePro> {
  const [key] = server.keys(account);
  const options = { fetchMarkets: { types: ["spot"] }, defaultType: "spot" };
  const terms = { ...key, urls: server.ccxtUrls(), options };
  const made = new ccxt.pro.binance(terms as ConstructorParameters<typeof BinanceRest>[0]);
  // ccxt opens unencrypted websockets only behind this call.
  await made.loadHttpProxyAgent();
  await made.loadMarkets();
  return made;
}

beforeAll(async () => {
  const balances = { USDT: "100000", BTC: "10" };
  server = new ExchangeServer({
    markets: [
      { instrument: BTCUSDT, matching: true },
      {
        matching: true,
        seeded: {
          instrument: { ...BTCUSDT, symbol: "ETHUSDT", base: "ETH" },
          ...{ seed: 7, durationNs: 600_000_000_000, priceTicks: 300_000 },
          ...{ orders: { lots: 10_000 }, makers: { lots: 20_000 }, noise: { lots: 8_000 } },
        },
        ...{ speed: 4, headStartNs: 20_000_000_000 },
      },
    ],
    accounts: [
      { name: "alice", balances },
      { name: "bob", balances },
    ],
    rateLimits: { requestWeight: 100_000, ordersPer10s: 10_000 },
  });
  await server.start();
  [alice, bob] = await Promise.all([client("alice"), client("bob")]);
}, 60_000);

beforeEach(() => {
  server.market("BTCUSDT").setBook([["60000.00", "2"]], [["60010.00", "2"]]);
});

afterAll(async () => {
  expect(server.conservation()).toEqual([]);
  await Promise.all([alice?.close(), bob?.close()]);
  await server?.close();
});

const idOf = ({ id }: Order): string => id as string;

test("two accounts trade with one another, and both see it: orders, trades, balances, the public book", async () => {
  const before = await Promise.all([alice.fetchBalance(), bob.fetchBalance()]);
  const bid = await alice.createOrder(SYMBOL, "limit", "buy", 0.5, 60_005);
  expect(bid).toMatchObject({ status: "open", filled: 0 });
  expect((await bob.fetchOrderBook(SYMBOL, 5)).bids.slice(0, 2)).toEqual([
    [60_005, 0.5],
    [60_000, 2],
  ]);
  const sold = await bob.createOrder(SYMBOL, "market", "sell", 0.2);
  expect(sold).toMatchObject({ status: "closed", filled: 0.2, average: 60_005 });
  expect(await alice.fetchOrder(idOf(bid), SYMBOL)).toMatchObject({ filled: 0.2, remaining: 0.3 });
  const [mine] = await alice.fetchMyTrades(SYMBOL);
  const [theirs] = await bob.fetchMyTrades(SYMBOL);
  expect(mine).toMatchObject({ side: "buy", takerOrMaker: "maker", price: 60_005, amount: 0.2 });
  expect(theirs).toMatchObject({ id: mine?.id, side: "sell", takerOrMaker: "taker", amount: 0.2 });
  expect((await bob.fetchTrades(SYMBOL)).at(-1)).toMatchObject({ id: mine?.id, side: "sell" });
  const after = await Promise.all([alice.fetchBalance(), bob.fetchBalance()]);
  const gain = (asset: "BTC" | "USDT", who: 0 | 1): number =>
    (after[who][asset]?.total ?? 0) - (before[who][asset]?.total ?? 0);
  expect(gain("BTC", 0)).toBeCloseTo(0.2 * 0.999, 8);
  expect(gain("BTC", 1)).toBeCloseTo(-0.2, 8);
  expect(gain("USDT", 0)).toBeCloseTo(-12_001, 6);
  expect(gain("USDT", 1)).toBeCloseTo(12_001 * 0.999, 6);
  await alice.cancelOrder(idOf(bid), SYMBOL);
});

test("a watched book and watched trades have clients' orders in them", async () => {
  const first = await bob.watchOrderBook(SYMBOL);
  expect(first.bids[0]).toEqual([60_000, 2]);
  const trades = bob.watchTrades(SYMBOL);
  const bid = await alice.createOrder(SYMBOL, "limit", "buy", 0.1, 60_003);
  while ((await bob.watchOrderBook(SYMBOL)).bids[0]?.[0] !== 60_003) {}
  await bob.createOrder(SYMBOL, "limit", "sell", 0.1, 60_003);
  expect((await trades).at(-1)).toMatchObject({ price: 60_003, amount: 0.1, side: "sell" });
  while ((await bob.watchOrderBook(SYMBOL)).bids[0]?.[0] !== 60_000) {}
  expect(await alice.fetchOrder(idOf(bid), SYMBOL)).toMatchObject({ status: "closed" });
});

test("an iceberg, a trailing stop, self-trade prevention as ccxt sends them", async () => {
  const iceberg = await alice.createOrder(SYMBOL, "limit", "sell", 1, 60_006, { icebergQty: "0.25" });
  expect((await bob.fetchOrderBook(SYMBOL, 5)).asks[0]).toEqual([60_006, 0.25]);
  await bob.createOrder(SYMBOL, "market", "buy", 0.3);
  expect(await alice.fetchOrder(idOf(iceberg), SYMBOL)).toMatchObject({ filled: 0.3, remaining: 0.7 });
  const params = { selfTradePreventionMode: "EXPIRE_MAKER" };
  const taking = await alice.createOrder(SYMBOL, "limit", "buy", 0.1, 60_006, params);
  expect(taking).toMatchObject({ status: "open", filled: 0 });
  expect(await alice.fetchOrder(idOf(iceberg), SYMBOL)).toMatchObject({ status: "expired", filled: 0.3 });
  await alice.cancelOrder(idOf(taking), SYMBOL);
  const trailing = await alice.createOrder(SYMBOL, "STOP_LOSS_LIMIT", "sell", 0.1, 59_000, {
    trailingDelta: 100,
  });
  server.market("BTCUSDT").setBook([["59000.00", "2"]], [["60010.00", "2"]]);
  await bob.createOrder(SYMBOL, "limit", "buy", 0.1, 59_300);
  await alice.createOrder(SYMBOL, "market", "sell", 0.1);
  expect(await alice.fetchOrder(idOf(trailing), SYMBOL)).toMatchObject({ status: "closed", average: 59_000 });
});

test("an OCO by ccxt's own method, and its end", async () => {
  const id = (alice.market(SYMBOL) as Json).id;
  const placed: Json = await alice.privatePostOrderListOco({
    ...{ symbol: id, side: "SELL", quantity: "0.1", aboveType: "LIMIT_MAKER", abovePrice: "61000" },
    ...{ belowType: "STOP_LOSS", belowStopPrice: "58000" },
  });
  expect(placed).toMatchObject({ contingencyType: "OCO", listOrderStatus: "EXECUTING" });
  expect(await alice.fetchOpenOrders(SYMBOL)).toHaveLength(2);
  server.market("BTCUSDT").trade("buy", "60010.00", "2");
  await bob.createOrder(SYMBOL, "limit", "buy", 0.05, 61_000);
  const told: Json = await alice.privateGetOrderList({ orderListId: placed.orderListId });
  expect(told.listOrderStatus).toBe("ALL_DONE");
  expect((await alice.fetchOpenOrders(SYMBOL)).map(({ remaining }) => remaining)).toEqual([0.05]);
  await alice.cancelAllOrders(SYMBOL);
});

test("on a market that goes on, two accounts quote against one another and it stays whole", async () => {
  const market = "ETH/USDT";
  for (let i = 0; i < 15; i++) {
    const { bids, asks } = await alice.fetchOrderBook(market, 5);
    const middle = Math.round(((bids[0]?.[0] ?? 0) + (asks[0]?.[0] ?? 0)) * 50) / 100;
    const quote = await alice.createOrder(market, "limit", "buy", 0.05, middle);
    await bob.createOrder(market, "limit", "sell", 0.01, middle, { timeInForce: "IOC" }).catch((error) => {
      // He has no ETH before he has bought some.
      expect(error).toBeInstanceOf(ccxt.InsufficientFunds);
    });
    await bob.createOrder(market, "market", "buy", 0.02);
    await alice.cancelOrder(idOf(quote), market).catch((error) => {
      expect(error).toBeInstanceOf(ccxt.OrderNotFound);
    });
    expect(server.conservation()).toEqual([]);
  }
  const book = await bob.fetchOrderBook(market, 1_000);
  expect(book.bids[0]?.[0]).toBeLessThan(book.asks[0]?.[0] as number);
  const truth = server.truth("bob");
  expect((await bob.fetchMyTrades(market)).length).toBe(
    truth.fills.filter(({ symbol }) => symbol === "ETHUSDT").length,
  );
});
