import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ALICE, BTCUSDT, type Json, KEY, Rehearsal } from "../fixtures/exchange.ts";

const BOB_KEY = { apiKey: "B".repeat(64), secret: "t".repeat(64) };
const BOB = { name: "bob", balances: { USDT: "1000", BTC: "0" }, keys: [BOB_KEY] };
const ORDER = "/api/v3/order";
const LIST = "/api/v3/orderList";

let here: Rehearsal;

beforeEach(async () => {
  const markets = [{ instrument: BTCUSDT, matching: true }];
  here = (await new Rehearsal({ markets, accounts: [ALICE, BOB] }).start()).book();
  market().trade("buy", "101.00", "0.5");
});

afterEach(async () => {
  expect(here.server.conservation()).toEqual([]);
  await here.close();
});

type Terms = Readonly<Record<string, string | number>>;

async function ask(method: string, path: string, terms: Terms = {}, key: typeof KEY = KEY): Promise<Json> {
  return (await here.send(method, path, { symbol: "BTCUSDT", ...terms }, { key })).body;
}

const market = () => here.server.market("BTCUSDT");
const balances = (name = "alice"): Json => here.server.truth(name).balances;
const statuses = (name = "alice"): string[] =>
  here.server.truth(name).orders.map(({ type, status }) => `${type} ${status}`);
const listOf = async (orderListId: number): Promise<Json> => await ask("GET", LIST, { orderListId });

/** Sells one above 103 or below 100: last price 101. */
const SELL_PAIR: Terms = {
  ...{ side: "SELL", quantity: "1", aboveType: "LIMIT_MAKER", abovePrice: "103" },
  ...{ belowType: "STOP_LOSS_LIMIT", belowStopPrice: "100", belowPrice: "99", belowTimeInForce: "GTC" },
};
/** Buys one below 99 or above 103. */
const BUY_PAIR: Terms = {
  ...{ side: "BUY", quantity: "1", belowType: "LIMIT_MAKER", belowPrice: "99" },
  ...{ aboveType: "STOP_LOSS_LIMIT", aboveStopPrice: "103", abovePrice: "104", aboveTimeInForce: "GTC" },
};
const OTO: Terms = {
  ...{ workingType: "LIMIT", workingSide: "BUY", workingPrice: "100.50", workingQuantity: "1" },
  ...{ workingTimeInForce: "GTC", pendingType: "LIMIT", pendingSide: "SELL", pendingPrice: "105" },
  ...{ pendingQuantity: "1", pendingTimeInForce: "GTC" },
};
const OTOCO: Terms = {
  ...{ workingType: "LIMIT", workingSide: "BUY", workingPrice: "100.50", workingQuantity: "1" },
  ...{ workingTimeInForce: "GTC", pendingSide: "SELL", pendingQuantity: "0.9" },
  ...{ pendingAboveType: "TAKE_PROFIT", pendingAboveStopPrice: "104" },
  ...{ pendingBelowType: "STOP_LOSS", pendingBelowStopPrice: "99.50" },
};

describe("OCO", () => {
  test("is placed whole, holds its money once, and is told as a list", async () => {
    const placed = await ask("POST", `${LIST}/oco`, { ...SELL_PAIR, listClientOrderId: "pair-1" });
    expect(placed).toMatchObject({
      ...{ orderListId: 1, contingencyType: "OCO", listStatusType: "EXEC_STARTED" },
      ...{ listOrderStatus: "EXECUTING", listClientOrderId: "pair-1", transactionTime: here.clock.ms },
      orderReports: [
        { orderId: 1, orderListId: 1, type: "LIMIT_MAKER", status: "NEW", price: "103.00000000" },
        { orderId: 2, type: "STOP_LOSS_LIMIT", status: "NEW", stopPrice: "100.00000000" },
      ],
    });
    expect(placed.orders.map(({ orderId }: Json) => orderId)).toEqual([1, 2]);
    expect(balances().BTC).toEqual({ free: "1.00000000", locked: "1.00000000" });
    expect(await listOf(1)).toMatchObject({ listOrderStatus: "EXECUTING", listClientOrderId: "pair-1" });
    expect(await ask("GET", LIST, { origClientOrderId: "pair-1" })).toMatchObject({ orderListId: 1 });
    expect(await ask("GET", "/api/v3/openOrderList")).toHaveLength(1);
    expect(await ask("GET", LIST, { orderListId: 7 })).toEqual({
      ...{ code: -2018, msg: "Order list does not exist." },
    });
    expect(await ask("GET", LIST, { orderListId: 1 }, BOB_KEY)).toMatchObject({ code: -2018 });
  });

  test("a trade of the limit order ends the stop", async () => {
    await ask("POST", `${LIST}/oco`, SELL_PAIR);
    market().setBook([["100.00", "5"]], [["104.00", "6"]]);
    market().trade("buy", "103.00", "0.25");
    expect(statuses()).toEqual(["LIMIT_MAKER PARTIALLY_FILLED", "STOP_LOSS_LIMIT EXPIRED"]);
    expect(balances().BTC.locked).toBe("0.75000000");
    expect(await listOf(1)).toMatchObject({ listStatusType: "ALL_DONE", listOrderStatus: "ALL_DONE" });
    market().trade("buy", "103.00", "0.75");
    expect(balances().BTC).toEqual({ free: "1.00000000", locked: "0.00000000" });
  });

  test("the stop's trigger ends the limit order, and uses its money", async () => {
    await ask("POST", `${LIST}/oco`, SELL_PAIR);
    market().trade("sell", "100.00", "1");
    expect(statuses()).toEqual(["LIMIT_MAKER EXPIRED", "STOP_LOSS_LIMIT FILLED"]);
    expect(balances().BTC).toEqual({ free: "1.00000000", locked: "0.00000000" });
  });

  test("a pair that buys holds what the dearer costs, and what is over goes back", async () => {
    await ask("POST", `${LIST}/oco`, BUY_PAIR);
    expect(balances().USDT.locked).toBe("104.00000000");
    market().setBook([["98.00", "5"]], [["101.00", "6"]]);
    market().trade("sell", "99.00", "0.5");
    expect(statuses()).toEqual(["STOP_LOSS_LIMIT EXPIRED", "LIMIT_MAKER PARTIALLY_FILLED"]);
    expect(balances().USDT.locked).toBe("49.50000000");
  });

  test("a trailing stop in it", async () => {
    const { belowStopPrice: _, ...rest } = SELL_PAIR;
    const placed = await ask("POST", `${LIST}/oco`, { ...rest, belowTrailingDelta: 100 });
    expect(placed.orderReports[1]).toMatchObject({ trailingDelta: 100 });
    market().trade("sell", "100.00", "0.1");
    expect(statuses()).toEqual(["LIMIT_MAKER NEW", "STOP_LOSS_LIMIT NEW"]);
    market().setBook([["99.00", "5"]], [["101.00", "6"]]);
    market().trade("sell", "99.90", "0.1");
    expect(statuses()).toEqual(["LIMIT_MAKER EXPIRED", "STOP_LOSS_LIMIT FILLED"]);
  });

  test.each([
    ["either order", async () => await ask("DELETE", ORDER, { orderId: 2 })],
    ["the list", async () => await ask("DELETE", LIST, { orderListId: 1 })],
    ["everything", async () => await ask("DELETE", "/api/v3/openOrders")],
  ])("a cancel of %s ends both", async (_name, cancel) => {
    await ask("POST", `${LIST}/oco`, SELL_PAIR);
    const told = await cancel();
    expect(told.code).toBeUndefined();
    expect(statuses()).toEqual(["LIMIT_MAKER CANCELED", "STOP_LOSS_LIMIT CANCELED"]);
    expect(balances().BTC).toEqual({ free: "2.00000000", locked: "0.00000000" });
    expect(await ask("DELETE", LIST, { orderListId: 1 })).toEqual({
      ...{ code: -2011, msg: "Unknown order list sent." },
    });
  });

  test("a cancel of the list tells what it ended", async () => {
    await ask("POST", `${LIST}/oco`, { ...SELL_PAIR, listClientOrderId: "pair-1" });
    const told = await ask("DELETE", LIST, { listClientOrderId: "pair-1", newClientOrderId: "away" });
    expect(told).toMatchObject({
      ...{ listStatusType: "ALL_DONE", listOrderStatus: "ALL_DONE" },
      orderReports: [
        { clientOrderId: "away", status: "CANCELED", type: "LIMIT_MAKER" },
        { clientOrderId: "away", status: "CANCELED", type: "STOP_LOSS_LIMIT" },
      ],
    });
  });

  test("an amendment of one is one of both", async () => {
    await ask("POST", `${LIST}/oco`, SELL_PAIR);
    const told = await ask("PUT", "/api/v3/order/amend/keepPriority", { orderId: 1, newQty: "0.4" });
    expect(told.listStatus).toMatchObject({ orderListId: 1, listOrderStatus: "EXECUTING" });
    const { openOrders } = here.server.truth("alice");
    expect(openOrders.map(({ origQty }) => origQty)).toEqual(["0.40000000", "0.40000000"]);
    expect(balances().BTC.locked).toBe("0.40000000");
  });

  test.each([
    ["a price on the wrong side", { abovePrice: "100.90" }, -2010, "Order would immediately|relationship"],
    ["a stop above the last price", { belowStopPrice: "102", belowPrice: "102" }, -2010, "relationship"],
    ["a limit order below", { belowType: "LIMIT_MAKER", aboveType: "STOP_LOSS" }, -1106, "abovePrice"],
    ["a type that is no pair's", { aboveType: "MARKET" }, -1106, "abovePrice"],
    ["no type", { aboveType: "" }, -1102, "aboveType"],
    ["the same name twice", { aboveClientOrderId: "x", belowClientOrderId: "x" }, -2010, "Duplicate"],
    ["no quantity", { quantity: "" }, -1102, "quantity"],
    ["a number that is none", { belowStopPrice: "low" }, -1100, "belowStopPrice"],
    ["a name that is none", { listClientOrderId: "a b" }, -1100, "listClientOrderId"],
    ["more than there is", { quantity: "2.5" }, -2010, "insufficient balance"],
    ["too little", { quantity: "0.00001" }, -1013, "NOTIONAL"],
  ])("%s is refused, and nothing is there of it", async (_name, more, code, words) => {
    const before = [here.server.truth("alice"), await ask("GET", "/api/v3/openOrderList")];
    const refused = await ask("POST", `${LIST}/oco`, { ...SELL_PAIR, ...(more as Terms) });
    expect(refused).toMatchObject({ code, msg: expect.stringMatching(words) });
    expect([here.server.truth("alice"), await ask("GET", "/api/v3/openOrderList")]).toEqual(before);
  });

  test.each([
    ["BUY", "LIMIT_MAKER", "STOP_LOSS", -1165],
    ["SELL", "STOP_LOSS", "LIMIT_MAKER", -1166],
    ["BUY", "STOP_LOSS", "STOP_LOSS", -1196],
    ["SELL", "STOP_LOSS", "STOP_LOSS", -1197],
    ["BUY", "TAKE_PROFIT", "TAKE_PROFIT", -1198],
    ["SELL", "TAKE_PROFIT", "TAKE_PROFIT", -1199],
    ["SELL", "LIMIT_MAKER", "LIMIT_MAKER", -1168],
    ["SELL", "MARKET", "STOP_LOSS", -1158],
  ])("%s, %s above and %s below", async (side, aboveType, belowType, code) => {
    const price = (name: string, type: string, at: string): Terms =>
      type === "MARKET"
        ? {}
        : type === "LIMIT_MAKER"
          ? { [`${name}Price`]: at }
          : { [`${name}StopPrice`]: at };
    const terms = { side, quantity: "1", aboveType, belowType };
    const prices = { ...price("above", aboveType, "103"), ...price("below", belowType, "99") };
    expect(await ask("POST", `${LIST}/oco`, { ...terms, ...prices })).toMatchObject({ code });
  });
});

describe("OTO", () => {
  test("the pending order waits, holds nothing, and is sent when the working one has executed whole", async () => {
    const placed = await ask("POST", `${LIST}/oto`, OTO);
    expect(placed).toMatchObject({
      contingencyType: "OTO",
      orderReports: [{ status: "NEW" }, { status: "PENDING_NEW", workingTime: -1 }],
    });
    expect(balances()).toMatchObject({ USDT: { locked: "100.50000000" }, BTC: { locked: "0.00000000" } });
    market().trade("sell", "100.50", "0.5");
    expect(statuses()).toEqual(["LIMIT PARTIALLY_FILLED", "LIMIT PENDING_NEW"]);
    market().trade("sell", "100.50", "0.5");
    expect(statuses()).toEqual(["LIMIT FILLED", "LIMIT NEW"]);
    expect(balances()).toMatchObject({ USDT: { locked: "0.00000000" }, BTC: { locked: "1.00000000" } });
    expect(await listOf(1)).toMatchObject({ listOrderStatus: "ALL_DONE" });
  });

  test("a working order that executes at once", async () => {
    const terms = { ...OTO, workingPrice: "101", pendingType: "MARKET", newOrderRespType: "FULL" };
    const { pendingPrice: _, pendingTimeInForce: __, ...market } = terms as Record<string, string>;
    const told = await ask("POST", `${LIST}/oto`, market as Terms);
    expect(told.orderReports.map(({ status, fills }: Json) => [status, fills.length])).toEqual([
      ["FILLED", 1],
      ["FILLED", 1],
    ]);
    expect(told).toMatchObject({ listStatusType: "ALL_DONE" });
  });

  test.each([
    ["the working order", 1],
    ["the pending order", 2],
  ])("a cancel of %s ends both", async (_name, orderId) => {
    await ask("POST", `${LIST}/oto`, OTO);
    await ask("DELETE", ORDER, { orderId });
    expect(statuses()).toEqual(["LIMIT CANCELED", "LIMIT CANCELED"]);
    expect(balances().USDT.locked).toBe("0.00000000");
  });

  test("a working order that expires takes the pending one with it", async () => {
    await ask("POST", `${LIST}/oto`, { ...OTO, workingTimeInForce: "IOC" });
    expect(statuses()).toEqual(["LIMIT EXPIRED", "LIMIT EXPIRED"]);
  });

  test("a pending order that cannot be paid for is rejected when it is sent, and says why", async () => {
    const user = await here.stream(`/ws/${await listenKey(BOB_KEY)}`);
    // The commission is taken of what is bought: less than one is there to sell.
    await ask("POST", `${LIST}/oto`, OTO, BOB_KEY);
    market().trade("sell", "100.50", "1");
    expect(statuses("bob")).toEqual(["LIMIT FILLED", "LIMIT REJECTED"]);
    const told = await user.settled();
    expect(told.filter(({ e, x }) => e === "executionReport" && x === "REJECTED")).toMatchObject([
      { i: 2, X: "REJECTED", r: "INSUFFICIENT_BALANCES" },
    ]);
    expect(told.filter(({ e }) => e === "listStatus").at(-1)).toMatchObject({ l: "ALL_DONE" });
  });

  test("a pending stop whose price has passed is rejected when it is sent", async () => {
    const stop = { pendingType: "STOP_LOSS", pendingStopPrice: "100.90", pendingQuantity: "0.5" };
    const { pendingPrice: _, pendingTimeInForce: __, ...rest } = OTO;
    await ask("POST", `${LIST}/oto`, { ...rest, ...stop });
    market().trade("sell", "100.50", "1");
    expect(statuses()).toEqual(["LIMIT FILLED", "STOP_LOSS REJECTED"]);
  });

  test.each([
    ["a working order at the market", { workingType: "MARKET" }, -1106],
    ["a working stop", { workingType: "STOP_LOSS_LIMIT", workingStopPrice: "103" }, -1116],
    ["no pending side", { pendingSide: "" }, -1102],
    ["a pending price off the grid", { pendingPrice: "105.001" }, -1013],
  ])("%s is refused", async (_name, more, code) => {
    const before = here.server.truth("alice");
    expect(await ask("POST", `${LIST}/oto`, { ...OTO, ...(more as Terms) })).toMatchObject({ code });
    expect(here.server.truth("alice")).toEqual(before);
  });
});

describe("OTOCO", () => {
  test("becomes a pair when the working order has executed", async () => {
    await ask("POST", `${LIST}/otoco`, OTOCO);
    expect(statuses()).toEqual(["LIMIT NEW", "TAKE_PROFIT PENDING_NEW", "STOP_LOSS PENDING_NEW"]);
    market().trade("sell", "100.50", "1");
    expect(statuses()).toEqual(["LIMIT FILLED", "TAKE_PROFIT NEW", "STOP_LOSS NEW"]);
    expect(balances().BTC.locked).toBe("0.90000000");
    expect(await listOf(1)).toMatchObject({ listOrderStatus: "EXECUTING", contingencyType: "OTO" });
    market().setBook([["103.00", "5"]], [["106.00", "6"]]);
    market().trade("buy", "104.00", "0.5");
    expect(statuses()).toEqual(["LIMIT FILLED", "TAKE_PROFIT FILLED", "STOP_LOSS EXPIRED"]);
    expect(balances().BTC.locked).toBe("0.00000000");
    expect(await listOf(1)).toMatchObject({ listOrderStatus: "ALL_DONE" });
  });

  test("a pair that does not stand around the price any more is rejected, both of it", async () => {
    await ask("POST", `${LIST}/otoco`, { ...OTOCO, pendingBelowStopPrice: "100.50" });
    market().trade("sell", "100.50", "1");
    expect(statuses()).toEqual(["LIMIT FILLED", "TAKE_PROFIT REJECTED", "STOP_LOSS REJECTED"]);
    expect(await ask("GET", "/api/v3/openOrderList")).toEqual([]);
    expect(await ask("GET", "/api/v3/allOrderList")).toHaveLength(1);
  });

  test("counts as three orders", async () => {
    const before = (await ask("GET", "/api/v3/rateLimit/order"))[0].count;
    await ask("POST", `${LIST}/otoco`, OTOCO);
    expect((await ask("GET", "/api/v3/rateLimit/order"))[0].count).toBe(before + 3);
  });
});

async function listenKey(key: typeof KEY): Promise<string> {
  return (await here.send("POST", "/api/v3/userDataStream", {}, { sign: false, key })).body.listenKey;
}

test("the user stream tells a list's life: begun, its orders, done", async () => {
  const user = await here.userStream();
  await ask("POST", `${LIST}/oco`, { ...SELL_PAIR, belowClientOrderId: "stop-1" });
  market().trade("sell", "100.00", "1");
  const told = (await user.settled()).filter(({ e }) => e !== "outboundAccountPosition");
  expect(told.map(({ e, o, x, X, l, g }) => [e, o ?? l, x, X, g])).toEqual([
    ["listStatus", "EXEC_STARTED", undefined, undefined, 1],
    ["executionReport", "LIMIT_MAKER", "NEW", "NEW", 1],
    ["executionReport", "STOP_LOSS_LIMIT", "NEW", "NEW", 1],
    ["executionReport", "LIMIT_MAKER", "EXPIRED", "EXPIRED", 1],
    ["listStatus", "ALL_DONE", undefined, undefined, 1],
    ["executionReport", "STOP_LOSS_LIMIT", "NEW", "NEW", 1],
    ["executionReport", "STOP_LOSS_LIMIT", "TRADE", "FILLED", 1],
  ]);
  expect(told[0]).toMatchObject({
    c: "OCO",
    L: "EXECUTING",
    r: "NONE",
    O: [{ i: 1 }, { i: 2, c: "stop-1" }],
  });
});

test("the user stream tells a prevented self trade", async () => {
  const user = await here.userStream();
  const terms = { type: "LIMIT", timeInForce: "GTC", price: "100.50" };
  await ask("POST", ORDER, { ...terms, side: "BUY", quantity: "1" });
  await ask("POST", ORDER, {
    ...{ ...terms, side: "SELL", quantity: "0.4", selfTradePreventionMode: "DECREMENT" },
  });
  const told = (await user.settled()).filter(({ x }) => x === "TRADE_PREVENTION");
  expect(told).toMatchObject([
    { i: 1, X: "NEW", A: "0.40000000", B: "0.40000000", U: 2, v: 1, pL: "100.50000000", u: -1 },
    { i: 2, X: "EXPIRED_IN_MATCH", A: "0.40000000", B: "0.40000000", U: 1, V: "DECREMENT" },
  ]);
});

test("lists over the websocket API", async () => {
  const { createHmac } = await import("node:crypto");
  const api = await here.stream("/ws-api/v3");
  const call = async (method: string, params: Terms): Promise<Json> => {
    const all: Terms = { symbol: "BTCUSDT", ...params, apiKey: KEY.apiKey, timestamp: here.clock.ms };
    const payload = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join("&");
    const signature = createHmac("sha256", KEY.secret).update(payload).digest("hex");
    return await api.ask({ id: 1, method, params: { ...all, signature } });
  };
  const placed = await call("orderList.place.oco", SELL_PAIR);
  expect(placed).toMatchObject({ status: 200, result: { orderListId: 1, contingencyType: "OCO" } });
  expect((await call("openOrderLists.status", {})).result).toHaveLength(1);
  expect((await call("orderList.status", { orderListId: 1 })).result.listOrderStatus).toBe("EXECUTING");
  const canceled = await call("orderList.cancel", { orderListId: 1 });
  expect(canceled.result.listOrderStatus).toBe("ALL_DONE");
});

const OPO: Terms = {
  ...{ workingType: "LIMIT", workingSide: "BUY", workingPrice: "100.50", workingQuantity: "1" },
  ...{ workingTimeInForce: "GTC", pendingType: "LIMIT", pendingSide: "SELL", pendingPrice: "105" },
  ...{ pendingTimeInForce: "GTC" },
};
const OPOCO: Terms = {
  ...{ workingType: "LIMIT", workingSide: "BUY", workingPrice: "100.50", workingQuantity: "1" },
  ...{ workingTimeInForce: "GTC", pendingSide: "SELL" },
  ...{ pendingAboveType: "TAKE_PROFIT", pendingAboveStopPrice: "104" },
  ...{ pendingBelowType: "STOP_LOSS", pendingBelowStopPrice: "99.50" },
};
/** Orders of a list are found by their type and quantity. */
const sizes = (name = "alice"): string[] =>
  here.server.truth(name).orders.map(({ type, status, origQty }) => `${type} ${status} ${Number(origQty)}`);

describe("OPO", () => {
  test("what the working order brings is held for the pending one, and is its quantity", async () => {
    const placed = await ask("POST", `${LIST}/opo`, OPO);
    expect(placed).toMatchObject({ contingencyType: "OTO", listOrderStatus: "EXECUTING" });
    expect(placed.orderReports[0]).toMatchObject({ status: "NEW", origQty: "1.00000000" });
    expect(placed.orderReports[1]).toMatchObject({ status: "PENDING_NEW", side: "SELL" });
    expect(placed.orderReports[1].origQty).toBeUndefined();
    expect(balances()).toMatchObject({ USDT: { locked: "100.50000000" }, BTC: { locked: "0.00000000" } });
    market().trade("sell", "100.50", "0.4");
    // Alice has two of her own: the commission is taken of them.
    expect(balances().BTC).toEqual({ free: "1.99960000", locked: "0.40000000" });
    market().trade("sell", "100.50", "0.6");
    expect(sizes()).toEqual(["LIMIT FILLED 1", "LIMIT NEW 1"]);
    expect(balances().BTC).toEqual({ free: "1.99900000", locked: "1.00000000" });
    expect(await listOf(1)).toMatchObject({ listOrderStatus: "ALL_DONE" });
  });

  test("the commission is taken of what was bought where there is no other; the rest of a lot goes back", async () => {
    const terms = { ...OPO, workingQuantity: "0.12345" };
    await ask("POST", `${LIST}/opo`, terms, BOB_KEY);
    market().trade("sell", "100.50", "0.12345");
    // 0.12345 less 0.1 % is 0.12332655: the lot is 0.00001.
    expect(sizes("bob")).toEqual(["LIMIT FILLED 0.12345", "LIMIT NEW 0.12332"]);
    expect(balances("bob").BTC).toEqual({ free: "0.00000655", locked: "0.12332000" });
  });

  test("a cancel before gives back what is held", async () => {
    await ask("POST", `${LIST}/opo`, OPO);
    market().trade("sell", "100.50", "0.4");
    await ask("DELETE", LIST, { orderListId: 1 });
    expect(statuses()).toEqual(["LIMIT CANCELED", "LIMIT CANCELED"]);
    expect(balances().BTC).toEqual({ free: "2.39960000", locked: "0.00000000" });
    expect(balances().USDT.locked).toBe("0.00000000");
  });

  test("a filter that the quantity does not pass rejects the pending order when it is sent", async () => {
    await ask("POST", `${LIST}/opo`, { ...OPO, workingQuantity: "0.05", pendingPrice: "99.99" });
    market().trade("sell", "100.50", "0.05");
    // 0.05 at 99.99 is 4.9995: less than 5.
    expect(sizes()).toEqual(["LIMIT FILLED 0.05", "LIMIT REJECTED 0.05"]);
    expect(balances().BTC.locked).toBe("0.00000000");
    expect(await listOf(1)).toMatchObject({ listOrderStatus: "ALL_DONE" });
  });

  test("the pending order is amended only once it is sent", async () => {
    await ask("POST", `${LIST}/opo`, OPO);
    const amend = { orderId: 2, newQty: "0.4" };
    expect(await ask("PUT", `${ORDER}/amend/keepPriority`, amend)).toEqual({
      ...{ code: -2038, msg: "Order amend (pending OPO order) is not supported." },
    });
    market().trade("sell", "100.50", "1");
    expect((await ask("PUT", `${ORDER}/amend/keepPriority`, amend)).amendedOrder).toMatchObject({
      qty: "0.40000000",
    });
    expect(balances().BTC.locked).toBe("0.40000000");
  });

  test("a pending order at the market, and one that executes at once", async () => {
    const { pendingPrice: _, pendingTimeInForce: __, ...rest } = OPO;
    const told = await ask("POST", `${LIST}/opo`, {
      ...{ ...rest, workingPrice: "101", pendingType: "MARKET", newOrderRespType: "FULL" },
    });
    expect(told.orderReports.map(({ status, origQty }: Json) => [status, origQty])).toEqual([
      ["FILLED", "1.00000000"],
      ["FILLED", "1.00000000"],
    ]);
  });

  test("a pair that is paid", async () => {
    const before = (await ask("GET", "/api/v3/rateLimit/order"))[0].count;
    await ask("POST", `${LIST}/opoco`, OPOCO, BOB_KEY);
    market().trade("sell", "100.50", "1");
    expect(sizes("bob")).toEqual(["LIMIT FILLED 1", "TAKE_PROFIT NEW 0.999", "STOP_LOSS NEW 0.999"]);
    expect(balances("bob").BTC).toEqual({ free: "0.00000000", locked: "0.99900000" });
    market().setBook([["103.00", "5"]], [["106.00", "6"]]);
    market().trade("buy", "104.00", "0.5");
    expect(statuses("bob")).toEqual(["LIMIT FILLED", "TAKE_PROFIT FILLED", "STOP_LOSS EXPIRED"]);
    expect(balances("bob").BTC).toEqual({ free: "0.00000000", locked: "0.00000000" });
    expect((await ask("GET", "/api/v3/rateLimit/order"))[0].count).toBe(before);
    expect((await ask("GET", "/api/v3/rateLimit/order", {}, BOB_KEY))[0].count).toBe(3);
  });

  test.each([
    ["opo", "a working sale", { workingSide: "SELL" }, -1117],
    ["opo", "a pending purchase", { pendingSide: "BUY" }, -1117],
    ["opo", "a quantity of the pending order", { pendingQuantity: "1" }, -1106],
    ["opo", "a sum of the pending order", { pendingQuoteOrderQty: "100" }, -1106],
    ["opo", "a pending price off the grid", { pendingPrice: "105.001" }, -1013],
    ["opo", "more than there is", { workingQuantity: "8000" }, -2010],
    ["opo", "no working quantity", { workingQuantity: "" }, -1102],
    ["opoco", "a quantity of the pair", { pendingQuantity: "1" }, -1106],
    ["opoco", "a pair that buys, the wrong way round", { pendingSide: "BUY" }, -1196],
    [
      "opoco",
      "a pair that buys",
      { pendingSide: "BUY", pendingAboveType: "STOP_LOSS", pendingBelowType: "TAKE_PROFIT" },
      -1117,
    ],
  ])("%s with %s is refused", async (kind, _name, more, code) => {
    const before = here.server.truth("alice");
    const terms = { ...(kind === "opo" ? OPO : OPOCO), ...(more as Terms) };
    expect(await ask("POST", `${LIST}/${kind}`, terms)).toMatchObject({ code });
    expect(here.server.truth("alice")).toEqual(before);
  });

  test("is offered by the symbol, and not on a market from the tape", async () => {
    expect((await ask("GET", "/api/v3/exchangeInfo")).symbols[0].opoAllowed).toBe(true);
    const plain = (await new Rehearsal({ markets: [{ instrument: BTCUSDT }] }).start()).book();
    const refused = await plain.send("POST", `${LIST}/opo`, { symbol: "BTCUSDT", ...OPO });
    expect(refused.body).toEqual({ code: -2010, msg: "OPO orders are not supported for this symbol." });
    await plain.close();
  });
});

describe("an amendment", () => {
  const amend = (orderId: number, newQty: string): Promise<Json> =>
    ask("PUT", `${ORDER}/amend/keepPriority`, { orderId, newQty });
  const order = (more: Terms): Promise<Json> =>
    ask("POST", ORDER, {
      type: "LIMIT",
      timeInForce: "GTC",
      side: "BUY",
      quantity: "1",
      price: "99.00",
      ...more,
    });

  test.each([
    ["worth less than the symbol's least", "0.05", { code: -1013, msg: "Filter failure: NOTIONAL" }],
    ["off the grid", "0.500001", { code: -1013, msg: "Filter failure: LOT_SIZE" }],
    ["nothing", "0", { code: -2038 }],
  ])("to a quantity %s is refused, and nothing changes", async (_name, newQty, refused) => {
    await order({});
    const before = here.server.truth("alice");
    expect(await amend(1, newQty)).toMatchObject(refused);
    expect(here.server.truth("alice")).toEqual(before);
    expect((await amend(1, "0.06")).amendedOrder).toMatchObject({ qty: "0.06000000" });
  });

  test("to less than the least quantity is refused", async () => {
    const rules = { minQty: "0.5", minNotional: "1" };
    const strict = await new Rehearsal({ markets: [{ instrument: BTCUSDT, matching: true, rules }] }).start();
    strict.book();
    await strict.limit("BUY", "99.00", "1");
    const path = `${ORDER}/amend/keepPriority`;
    const at = (newQty: string) => strict.send("PUT", path, { symbol: "BTCUSDT", orderId: 1, newQty });
    expect((await at("0.4")).body).toEqual({ code: -1013, msg: "Filter failure: LOT_SIZE" });
    expect((await at("0.5")).body.amendedOrder).toMatchObject({ qty: "0.50000000" });
    await strict.close();
  });

  test("of a pair is refused where the other order would be worth too little, and neither changes", async () => {
    const pair = { ...SELL_PAIR, belowStopPrice: "60", belowPrice: "50" };
    await ask("POST", `${LIST}/oco`, pair);
    const before = here.server.truth("alice");
    // 0.06 are 6.18 above, and 3 below.
    expect(await amend(1, "0.06")).toEqual({ code: -1013, msg: "Filter failure: NOTIONAL" });
    expect(here.server.truth("alice")).toEqual(before);
  });
});

describe("TRANSFER", () => {
  const CAROL_KEY = { apiKey: "C".repeat(64), secret: "u".repeat(64) };
  const POOR_KEY = { apiKey: "D".repeat(64), secret: "v".repeat(64) };
  let group: Rehearsal;
  /** Scenario H of the exchange's FAQ, its prices a hundred times as high: USDT and BTC 20,000 each. */
  beforeEach(async () => {
    const rich = { USDT: "20000", BTC: "20000" };
    const accounts = [
      { name: "maker", balances: rich, keys: [KEY], tradeGroupId: 1 },
      { name: "taker", balances: rich, keys: [BOB_KEY], tradeGroupId: 1 },
      { name: "other", balances: rich, keys: [CAROL_KEY], tradeGroupId: 2 },
      { name: "poor", balances: { USDT: "3.99" }, keys: [POOR_KEY], tradeGroupId: 1 },
    ];
    const markets = [{ instrument: BTCUSDT, matching: true, rules: { minNotional: "1" } }];
    group = await new Rehearsal({ markets, accounts }).start();
  });
  afterEach(async () => {
    expect(group.server.conservation()).toEqual([]);
    await group.close();
  });
  const limit = async (
    key: typeof KEY,
    side: string,
    quantity: string,
    selfTradePreventionMode = "TRANSFER",
    more: Terms = { type: "LIMIT", timeInForce: "GTC", price: "20", newOrderRespType: "FULL" },
  ): Promise<Json> =>
    (
      await group.send(
        "POST",
        ORDER,
        { symbol: "BTCUSDT", side, quantity, selfTradePreventionMode, ...more },
        { key },
      )
    ).body;
  const money = (name: string): string[] => {
    const { BTC, USDT } = group.server.truth(name).balances as Json;
    return [BTC.free, BTC.locked, USDT.free, USDT.locked].map((text: string) => String(Number(text)));
  };

  test("moves what two accounts of a group would have traded, without a trade", async () => {
    await limit(KEY, "BUY", "0.6");
    const taker = await limit(BOB_KEY, "SELL", "0.2");
    expect(taker).toMatchObject({
      ...{ status: "EXPIRED_IN_MATCH", executedQty: "0.00000000", fills: [], tradeGroupId: 1 },
      ...{ preventedQuantity: "0.20000000", selfTradePreventionMode: "TRANSFER" },
      preventedMatches: [
        { makerOrderId: 1, takerPreventedQuantity: "0.20000000", makerPreventedQuantity: "0.20000000" },
      ],
    });
    expect(money("maker")).toEqual(["20000.2", "0", "19988", "8"]);
    expect(money("taker")).toEqual(["19999.8", "0", "20004", "0"]);
    for (const [key, orderId] of [
      [KEY, 1],
      [BOB_KEY, 2],
    ] as const) {
      const asked = { symbol: "BTCUSDT", orderId };
      const { body } = await group.send("GET", "/api/v3/myPreventedMatches", asked, { key });
      expect(body).toMatchObject([{ tradeGroupId: 1, selfTradePreventionMode: "TRANSFER" }]);
    }
    expect(group.server.truth("maker").fills).toEqual([]);
  });

  test("a taker that buys, at the market too, pays the maker", async () => {
    await limit(KEY, "SELL", "0.6");
    expect(await limit(BOB_KEY, "BUY", "0.2", "TRANSFER", { type: "MARKET" })).toMatchObject({
      ...{ status: "EXPIRED_IN_MATCH", preventedQuantity: "0.20000000" },
    });
    expect(money("maker")).toEqual(["19999.4", "0.4", "20004", "0"]);
    expect(money("taker")).toEqual(["20000.2", "0", "19996", "0"]);
  });

  test("an order at the market that could not pay for what it gets is refused", async () => {
    await limit(KEY, "SELL", "0.6");
    const poor = await limit(POOR_KEY, "BUY", "0.2", "TRANSFER", { type: "MARKET" });
    expect(poor).toMatchObject({ code: -2010 });
  });

  test.each([
    ["of one account", KEY, "TRANSFER"],
    ["of a maker with another mode", BOB_KEY, "NONE"],
  ])("is DECREMENT for orders %s", async (_name, key, makerMode) => {
    await limit(KEY, "BUY", "0.6", makerMode);
    expect(await limit(key, "SELL", "0.2")).toMatchObject({ status: "EXPIRED_IN_MATCH", fills: [] });
    expect(money("maker")).toEqual(["20000", "0", "19992", "8"]);
    const { body } = await group.send("GET", "/api/v3/myPreventedMatches", { symbol: "BTCUSDT", orderId: 1 });
    expect(body).toMatchObject([{ selfTradePreventionMode: "DECREMENT" }]);
  });

  test("other modes see a group as one account, and another group as a stranger", async () => {
    await limit(KEY, "BUY", "0.6", "NONE");
    expect(await limit(BOB_KEY, "SELL", "0.3", "EXPIRE_TAKER")).toMatchObject({ status: "EXPIRED_IN_MATCH" });
    expect(await limit(CAROL_KEY, "SELL", "0.3", "EXPIRE_TAKER")).toMatchObject({ status: "FILLED" });
    expect(await limit(BOB_KEY, "SELL", "0.3", "NONE")).toMatchObject({ status: "FILLED" });
  });

  test("a group is a whole number from 1", () => {
    const account = { name: "a", balances: {}, tradeGroupId: 0 };
    const make = () => new Rehearsal({ markets: [{ instrument: BTCUSDT }], accounts: [account] });
    expect(make).toThrow("exchange.accounts[0].tradeGroupId");
  });
});
