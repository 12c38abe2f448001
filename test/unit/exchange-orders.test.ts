import { afterEach, beforeEach, expect, test } from "vitest";
import { ALICE, BTCUSDT, type Json, KEY, Rehearsal } from "../fixtures/exchange.ts";

let here: Rehearsal;

beforeEach(async () => {
  here = (await new Rehearsal().start()).book();
});

afterEach(async () => {
  expect(here.server.conservation()).toEqual([]);
  await here.close();
});

const POST = "/api/v3/order";
const balances = (): Json => here.server.truth("alice").balances;

test("a limit order rests, holds its money, and is canceled", async () => {
  const placed = await here.limit("BUY", "99.50", "2", { newClientOrderId: "mine-1" });
  expect(placed.status).toBe(200);
  expect(placed.body).toMatchObject({
    symbol: "BTCUSDT",
    clientOrderId: "mine-1",
    status: "NEW",
    price: "99.50000000",
    origQty: "2.00000000",
    executedQty: "0.00000000",
    fills: [],
  });
  expect(balances().USDT).toEqual({ free: "99801.00000000", locked: "199.00000000" });
  const asked = await here.send("GET", POST, { symbol: "BTCUSDT", origClientOrderId: "mine-1" });
  expect(asked.body).toMatchObject({ orderId: placed.body.orderId, isWorking: true, status: "NEW" });
  const canceled = await here.send("DELETE", POST, { symbol: "BTCUSDT", orderId: placed.body.orderId });
  expect(canceled.body).toMatchObject({ origClientOrderId: "mine-1", status: "CANCELED" });
  expect(canceled.body.clientOrderId).not.toBe("mine-1");
  expect(balances().USDT).toEqual({ free: "100000.00000000", locked: "0.00000000" });
  const again = await here.send("DELETE", POST, { symbol: "BTCUSDT", orderId: placed.body.orderId });
  expect(again).toMatchObject({ status: 400, body: { code: -2011, msg: "Unknown order sent." } });
});

test("a taking order walks the book and pays its commission in what it receives", async () => {
  const { body } = await here.limit("BUY", "102.00", "5");
  expect(body.status).toBe("FILLED");
  expect(
    body.fills.map((fill: Json) => [fill.price, fill.qty, fill.commission, fill.commissionAsset]),
  ).toEqual([
    ["101.00000000", "4.00000000", "0.00400000", "BTC"],
    ["102.00000000", "1.00000000", "0.00100000", "BTC"],
  ]);
  expect(body.cummulativeQuoteQty).toBe("506.00000000");
  expect(balances()).toEqual({
    USDT: { free: "99494.00000000", locked: "0.00000000" },
    BTC: { free: "6.99500000", locked: "0.00000000" },
  });
});

test("a resting order is filled by a stranger's trade once its queue is through", async () => {
  await here.limit("SELL", "101.00", "1");
  here.server.market("BTCUSDT").trade("buy", "101.00", "4.25");
  const { openOrders, fills } = here.server.truth("alice");
  expect(openOrders).toMatchObject([{ status: "PARTIALLY_FILLED", executedQty: "0.25000000" }]);
  expect(fills).toMatchObject([
    { price: "101.00000000", qty: "0.25000000", isMaker: true, commissionAsset: "USDT" },
  ]);
  const trades = (await here.send("GET", "/api/v3/trades", { symbol: "BTCUSDT" }, { sign: false })).body;
  expect(trades.map((trade: Json) => [trade.id, trade.qty])).toEqual([
    [1, "0.25000000"],
    [2, "4.00000000"],
  ]);
});

test("commissions in the quote asset and in BNB", async () => {
  const keys = (letter: string) => [{ apiKey: letter.repeat(64), secret: letter }];
  const more = new Rehearsal({
    accounts: [
      {
        name: "quote",
        balances: { USDT: "1000", BTC: "1" },
        keys: keys("q"),
        payIn: "quote",
        takerRate: "0.002",
      },
      { name: "bnb", balances: { USDT: "1000", BTC: "1", BNB: "0.001" }, keys: keys("b"), payIn: "BNB" },
    ],
    bnbPrices: { USDT: "505" },
  });
  (await more.start()).book();
  const terms = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "1" };
  const first = await more.send("POST", POST, terms, { key: { apiKey: "q".repeat(64), secret: "q" } });
  expect(first.body.fills[0]).toMatchObject({ commission: "0.20200000", commissionAsset: "USDT" });
  expect(more.server.truth("quote").balances.USDT).toEqual({ free: "898.79800000", locked: "0.00000000" });
  const key = { apiKey: "b".repeat(64), secret: "b" };
  const second = await more.send("POST", POST, terms, { key });
  expect(second.body.fills[0]).toMatchObject({ commission: "0.00020000", commissionAsset: "BNB" });
  expect(more.server.conservation()).toEqual([]);
  await more.close();
});

const REFUSED: [string, Record<string, string>, number, RegExp][] = [
  ["bad symbol", { symbol: "NOPE" }, -1121, /Invalid symbol/],
  ["no side", { side: "" }, -1102, /'side'/],
  ["a strange side", { side: "HOLD" }, -1117, /Invalid side/],
  ["a strange type", { type: "GUESS" }, -1116, /Invalid orderType/],
  ["a strange time in force", { timeInForce: "DAY" }, -1115, /Invalid timeInForce/],
  ["no price", { price: "" }, -1102, /'price'/],
  ["a price that is none", { price: "1e5" }, -1100, /'price'/],
  ["too many decimals", { quantity: "0.000000001" }, -1111, /precision/],
  ["a price off the grid", { price: "99.505" }, -1013, /PRICE_FILTER/],
  ["a price past the most", { price: "1000000.01" }, -1013, /PRICE_FILTER/],
  ["a quantity off the grid", { quantity: "0.000015" }, -1013, /LOT_SIZE/],
  ["a quantity past the most", { quantity: "9000.00001" }, -1013, /LOT_SIZE/],
  ["too little money", { quantity: "0.05" }, -1013, /NOTIONAL/],
  ["no such balance", { quantity: "1100" }, -2010, /insufficient balance/],
  ["an id of forbidden letters", { newClientOrderId: "a b" }, -1100, /newClientOrderId/],
  ["a needless stop", { stopPrice: "90" }, -1106, /stopPrice/],
  ["an iceberg", { icebergQty: "1" }, -1106, /icebergQty/],
];

test.each(REFUSED)("an order with %s is refused", async (_name, change, code, words) => {
  const { status, body } = await here.limit("BUY", "99.00", "1", change);
  expect(status).toBe(400);
  expect(body).toEqual({ code, msg: expect.stringMatching(words) });
  expect(here.server.truth("alice").orders).toEqual([]);
});

test("prices far from the average are refused by side", async () => {
  here.server.market("BTCUSDT").trade("buy", "101.00", "0.5");
  expect((await here.limit("SELL", "505.01", "0.1")).body.msg).toBe("Filter failure: PERCENT_PRICE_BY_SIDE");
  expect((await here.limit("SELL", "505.00", "0.1")).status).toBe(200);
  expect((await here.limit("BUY", "20.19", "0.5")).body.msg).toBe("Filter failure: PERCENT_PRICE_BY_SIDE");
});

test("an id is free again once its order has ended; open orders are counted", async () => {
  expect((await here.limit("BUY", "99.00", "1", { newClientOrderId: "x" })).status).toBe(200);
  expect((await here.limit("BUY", "99.00", "1", { newClientOrderId: "x" })).body).toEqual({
    code: -2010,
    msg: "Duplicate order sent.",
  });
  const all = await here.send("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
  expect(all.body).toMatchObject([{ origClientOrderId: "x", status: "CANCELED" }]);
  expect((await here.send("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" })).body.code).toBe(-2011);
  expect((await here.limit("BUY", "99.00", "1", { newClientOrderId: "x" })).status).toBe(200);
  const few = new Rehearsal({ markets: [{ instrument: BTCUSDT, rules: { maxNumOrders: 1 } }] });
  (await few.start()).book();
  expect((await few.limit("BUY", "99.00", "1")).status).toBe(200);
  expect((await few.limit("BUY", "99.00", "1")).body.msg).toBe("Filter failure: MAX_NUM_ORDERS");
  await few.close();
});

test("makers that would take, immediate and whole-or-nothing orders", async () => {
  const maker = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT_MAKER", price: "101.00", quantity: "1" };
  expect((await here.send("POST", POST, maker)).body).toEqual({
    code: -2010,
    msg: "Order would immediately match and take.",
  });
  expect((await here.limit("BUY", "102.00", "11", { timeInForce: "FOK" })).body).toMatchObject({
    status: "EXPIRED",
    executedQty: "0.00000000",
  });
  expect((await here.limit("BUY", "101.00", "5", { timeInForce: "IOC" })).body).toMatchObject({
    status: "EXPIRED",
    executedQty: "4.00000000",
  });
});

test("a market order buys for a sum, and expires where nothing is left", async () => {
  const market = { symbol: "BTCUSDT", side: "BUY", type: "MARKET" };
  const bySum = await here.send("POST", POST, { ...market, quoteOrderQty: "200" });
  expect(bySum.body).toMatchObject({
    status: "FILLED",
    executedQty: "1.98019000",
    cummulativeQuoteQty: "199.99919000",
  });
  const rest = await here.send("POST", POST, { ...market, quantity: "20" });
  expect(rest.body).toMatchObject({ status: "EXPIRED", executedQty: "8.01981000" });
  const none = await here.send("POST", POST, { ...market, quantity: "1" });
  expect(none.body).toMatchObject({ status: "EXPIRED", executedQty: "0.00000000" });
});

test("stops wait for a trade at their price", async () => {
  const stop = { symbol: "BTCUSDT", side: "SELL", quantity: "1", stopPrice: "99.50" };
  here.server.market("BTCUSDT").trade("buy", "101.00", "0.1");
  const limit = {
    ...stop,
    type: "STOP_LOSS_LIMIT",
    price: "99.40",
    timeInForce: "GTC",
    newOrderRespType: "FULL",
  };
  const placed = await here.send("POST", POST, limit);
  expect(placed.body).toMatchObject({ status: "NEW", stopPrice: "99.50000000", workingTime: -1 });
  const profit = await here.send("POST", POST, { ...stop, type: "TAKE_PROFIT", stopPrice: "100.50" });
  expect(profit.body).toEqual({ code: -2010, msg: "Stop price would trigger immediately." });
  here.server.market("BTCUSDT").trade("sell", "99.50", "0.1");
  expect(here.server.truth("alice").orders.at(-1)).toMatchObject({
    status: "FILLED",
    executedQty: "1.00000000",
  });
});

test("a stop that is reached while the venue is full expires, and its money is free", async () => {
  await here.close();
  here = (await new Rehearsal({ openOrdersMax: 1 }).start()).book();
  here.server.market("BTCUSDT").trade("buy", "101.00", "0.1");
  const stop = {
    symbol: "BTCUSDT",
    side: "SELL",
    type: "STOP_LOSS_LIMIT",
    quantity: "1",
    stopPrice: "99.50",
  };
  const placed = await here.send("POST", POST, { ...stop, price: "99.40", timeInForce: "GTC" });
  expect(placed.body.status ?? "NEW").toBe("NEW");
  expect((await here.limit("BUY", "98.00", "1")).body.status).toBe("NEW");
  here.server.market("BTCUSDT").trade("sell", "99.50", "0.1");
  const asked = await here.send("GET", POST, { symbol: "BTCUSDT", orderId: placed.body.orderId });
  expect(asked.body).toMatchObject({ status: "EXPIRED", executedQty: "0.00000000" });
  expect(balances().BTC.locked).toBe("0.00000000");
});

test("cancel-replace: both halves, one half, none", async () => {
  const { body } = await here.limit("BUY", "99.00", "1");
  const again = {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    price: "99.10",
    quantity: "2",
  };
  const path = "/api/v3/order/cancelReplace";
  const stop = { ...again, cancelReplaceMode: "STOP_ON_FAILURE" };
  const both = await here.send("POST", path, { ...stop, cancelOrderId: body.orderId });
  expect(both.body).toMatchObject({ cancelResult: "SUCCESS", newOrderResult: "SUCCESS" });
  const none = await here.send("POST", path, { ...stop, cancelOrderId: body.orderId });
  expect(none).toMatchObject({
    status: 400,
    body: { code: -2022, data: { newOrderResult: "NOT_ATTEMPTED" } },
  });
  const allow = { ...again, cancelReplaceMode: "ALLOW_FAILURE" };
  const half = await here.send("POST", path, { ...allow, cancelOrderId: body.orderId });
  expect(half).toMatchObject({
    status: 409,
    body: { code: -2021, data: { cancelResult: "FAILURE", newOrderResult: "SUCCESS" } },
  });
  const poor = { ...stop, quantity: "1500", cancelOrderId: half.body.data.newOrderResponse.orderId };
  expect((await here.send("POST", path, poor)).body).toMatchObject({
    code: -2021,
    data: { cancelResult: "SUCCESS", newOrderResult: "FAILURE", newOrderResponse: { code: -2010 } },
  });
  expect(here.server.truth("alice").openOrders).toHaveLength(1);
});

test("a cancel-replace heeds its restriction: what was executed in part stays as it is", async () => {
  const { body } = await here.limit("BUY", "100.00", "3");
  here.server.market("BTCUSDT").trade("sell", "100.00", "6");
  const terms = {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    price: "99.10",
    quantity: "2",
  };
  const more = {
    cancelOrderId: body.orderId,
    cancelReplaceMode: "STOP_ON_FAILURE",
    cancelRestrictions: "ONLY_NEW",
  };
  const answer = await here.send("POST", "/api/v3/order/cancelReplace", { ...terms, ...more });
  expect(answer).toMatchObject({
    status: 400,
    body: { code: -2022, data: { newOrderResult: "NOT_ATTEMPTED", cancelResponse: { code: -2011 } } },
  });
  expect(here.server.truth("alice").openOrders).toMatchObject([
    { orderId: body.orderId, status: "PARTIALLY_FILLED", executedQty: "1.00000000" },
  ]);
});

test("an amendment lowers the quantity and keeps the place", async () => {
  const { body } = await here.limit("BUY", "100.00", "3", { newClientOrderId: "big" });
  const path = "/api/v3/order/amend/keepPriority";
  const amended = await here.send("PUT", path, { symbol: "BTCUSDT", orderId: body.orderId, newQty: "1" });
  expect(amended.body.amendedOrder).toMatchObject({ orderId: body.orderId, qty: "1.00000000" });
  expect(balances().USDT.locked).toBe("100.00000000");
  here.server.market("BTCUSDT").trade("sell", "100.00", "6");
  expect(here.server.truth("alice").orders[0]).toMatchObject({ status: "FILLED", executedQty: "1.00000000" });
  expect(
    (await here.send("PUT", path, { symbol: "BTCUSDT", orderId: body.orderId, newQty: "0.5" })).body.code,
  ).toBe(-2013);
});

test("a test order is checked, and nothing else", async () => {
  const terms = {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    price: "99",
    quantity: "1",
  };
  expect((await here.send("POST", "/api/v3/order/test", terms)).body).toEqual({});
  expect((await here.send("POST", "/api/v3/order/test", { ...terms, price: "0" })).body.code).toBe(-1013);
  expect(here.server.truth("alice").orders).toEqual([]);
});

test("what was is asked for: orders, trades, commission, account", async () => {
  await here.limit("BUY", "101.00", "1");
  await here.limit("BUY", "99.00", "1");
  expect((await here.send("GET", "/api/v3/allOrders", { symbol: "BTCUSDT" })).body).toHaveLength(2);
  expect((await here.send("GET", "/api/v3/allOrders", { symbol: "BTCUSDT", orderId: 2 })).body).toHaveLength(
    1,
  );
  expect((await here.send("GET", "/api/v3/openOrders", {})).body).toMatchObject([{ price: "99.00000000" }]);
  const trades = await here.send("GET", "/api/v3/myTrades", { symbol: "BTCUSDT" });
  expect(trades.body).toMatchObject([{ orderId: 1, price: "101.00000000", isBuyer: true, isMaker: false }]);
  const account = await here.send("GET", "/api/v3/account", {});
  expect(account.body).toMatchObject({ canTrade: true, makerCommission: 10, accountType: "SPOT" });
  const commission = await here.send("GET", "/api/v3/account/commission", { symbol: "BTCUSDT" });
  expect(commission.body.standardCommission.taker).toBe("0.00100000");
});

test("one account does not see, nor cancel, another's orders", async () => {
  const bob = { apiKey: "B".repeat(64), secret: "b" };
  here.server.openAccount({ name: "bob", balances: {}, keys: [bob] });
  const { body } = await here.limit("BUY", "99.00", "1");
  const named = { symbol: "BTCUSDT", orderId: body.orderId };
  expect((await here.send("GET", POST, named, { key: bob })).body.code).toBe(-2013);
  expect((await here.send("DELETE", POST, named, { key: bob })).body.code).toBe(-2011);
  expect((await here.send("GET", "/api/v3/openOrders", {}, { key: bob })).body).toEqual([]);
});

test("keys, signatures and times are checked", async () => {
  const ask = async (how: Parameters<Rehearsal["send"]>[3], more = {}): Promise<Json> =>
    await here.send("GET", "/api/v3/account", more, how);
  const code = async (how: Parameters<Rehearsal["send"]>[3], more = {}) => (await ask(how, more)).body.code;
  expect(await code({ key: { ...KEY, secret: "wrong" } })).toBe(-1022);
  expect(await code({ signature: "f".repeat(64) })).toBe(-1022);
  expect(await code({ signature: "zz" })).toBe(-1022);
  expect(await code({ key: { ...KEY, apiKey: "short!" } })).toBe(-2014);
  expect(await ask({ key: { ...KEY, apiKey: "C".repeat(64) } })).toMatchObject({
    status: 401,
    body: { code: -2015 },
  });
  expect(await code({ timestamp: here.clock.ms - 5_001 })).toBe(-1021);
  expect(await code({ timestamp: here.clock.ms - 5_000 })).toBeUndefined();
  expect(await code({ timestamp: here.clock.ms - 9_000 }, { recvWindow: 9_000 })).toBeUndefined();
  expect(await code({ timestamp: here.clock.ms + 1_001 })).toBe(-1021);
  expect(await code({}, { recvWindow: 60_001 })).toBe(-1131);
  expect(await code({ sign: false })).toBe(-1102);
  const reader = { apiKey: "R".repeat(64), secret: "r" };
  here.server.openAccount({ name: "reader", balances: {}, keys: [{ ...reader, canTrade: false }] });
  expect(await code({ key: reader })).toBeUndefined();
  const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "1" };
  expect((await here.send("POST", POST, order, { key: reader })).body.code).toBe(-2015);
});

test("misspelt options are refused by name", () => {
  const make = (change: object) => () => new Rehearsal(change);
  expect(make({ acounts: [] })).toThrow(/acounts/);
  expect(make({ accounts: [{ ...ALICE, balance: {} }] })).toThrow(/balance/);
  expect(make({ markets: [{ instrument: BTCUSDT, rules: { minimum: "1" } }] })).toThrow(/minimum/);
  expect(make({ markets: [{ instrument: BTCUSDT, speed: 0 }] })).toThrow(/speed/);
  expect(make({ accounts: [{ ...ALICE, balances: { USDT: "-1" } }] })).toThrow(/balances.USDT/);
  expect(make({ rateLimits: { requestWeigth: 5 } })).toThrow(/requestWeigth/);
});
