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
