import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Json, KEY, Rehearsal } from "../fixtures/exchange.ts";

let here: Rehearsal;

beforeEach(async () => {
  here = (await new Rehearsal().start()).book();
});

afterEach(async () => {
  await here.close();
});

const kinds = (messages: Json[]): string[] => messages.map((each) => (each.event ?? each).e);

test("the user stream tells of an order's life and its money", async () => {
  const stream = await here.userStream();
  const { body } = await here.limit("BUY", "101.00", "5", { newClientOrderId: "mine" });
  await here.send("DELETE", "/api/v3/order", {
    symbol: "BTCUSDT",
    orderId: body.orderId,
    newClientOrderId: "off",
  });
  const messages = await stream.settled();
  expect(kinds(messages)).toEqual([
    "executionReport",
    "executionReport",
    "outboundAccountPosition",
    "executionReport",
    "outboundAccountPosition",
  ]);
  const [fresh, trade, after, canceled] = messages;
  expect(fresh).toMatchObject({ x: "NEW", X: "NEW", c: "mine", C: "", w: true, t: -1, q: "5.00000000" });
  expect(trade).toMatchObject({
    x: "TRADE",
    X: "PARTIALLY_FILLED",
    l: "4.00000000",
    z: "4.00000000",
    L: "101.00000000",
    n: "0.00400000",
    N: "BTC",
    Z: "404.00000000",
    m: false,
  });
  expect(after.B).toEqual([
    { a: "USDT", f: "99495.00000000", l: "101.00000000" },
    { a: "BTC", f: "5.99600000", l: "0.00000000" },
  ]);
  expect(canceled).toMatchObject({ x: "CANCELED", X: "CANCELED", c: "off", C: "mine", i: body.orderId });
});

test("a deposit is told as a balance update", async () => {
  const stream = await here.userStream();
  here.server.deposit("alice", "USDT", "-12.5");
  expect(await stream.settled()).toMatchObject([
    { e: "balanceUpdate", a: "USDT", d: "-12.50000000" },
    { e: "outboundAccountPosition", B: [{ a: "USDT", f: "99987.50000000" }] },
  ]);
});

test("listen keys: one for each account, kept, ended, expired", async () => {
  const post = async (): Promise<string> =>
    (await here.send("POST", "/api/v3/userDataStream", {}, { sign: false })).body.listenKey;
  const listenKey = await post();
  expect(await post()).toBe(listenKey);
  const stream = await here.stream(`/ws/${listenKey}`);
  here.move(50 * 60_000);
  expect((await here.send("PUT", "/api/v3/userDataStream", { listenKey }, { sign: false })).body).toEqual({});
  here.move(50 * 60_000);
  await here.limit("BUY", "99.00", "1");
  expect(kinds(await stream.settled())).toEqual(["executionReport", "outboundAccountPosition"]);
  here.move(61 * 60_000);
  expect(kinds(await stream.settled()).at(-1)).toBe("listenKeyExpired");
  await here.limit("BUY", "99.00", "1");
  expect(await stream.settled()).toHaveLength(3);
  const late = await here.send("PUT", "/api/v3/userDataStream", { listenKey }, { sign: false });
  expect(late).toMatchObject({ status: 400, body: { code: -1125 } });
});

test("the websocket API: requests, and a subscription by signature", async () => {
  const api = await here.stream("/ws-api/v3");
  const signed = (params: Record<string, string | number>): Json => {
    const all: Record<string, string | number> = { ...params, apiKey: KEY.apiKey, timestamp: here.clock.ms };
    const payload = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join("&");
    return { ...all, signature: createHmac("sha256", KEY.secret).update(payload).digest("hex") };
  };
  const subscribed = await api.ask({
    id: "1",
    method: "userDataStream.subscribe.signature",
    params: signed({}),
  });
  expect(subscribed).toMatchObject({ id: "1", status: 200, result: { subscriptionId: 0 } });
  const terms = {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    price: "99.00",
    quantity: 1,
  };
  const before = api.texts.length;
  api.socket.send(JSON.stringify({ id: 2, method: "order.place", params: signed(terms) }));
  const told = (await api.until(before + 3)).slice(before);
  expect(told).toMatchObject([
    { subscriptionId: 0, event: { e: "executionReport", x: "NEW" } },
    { subscriptionId: 0, event: { e: "outboundAccountPosition" } },
    { id: 2, status: 200, result: { status: "NEW", orderId: 1 } },
  ]);
  const bad = await api.ask({ id: 3, method: "order.place", params: { ...signed(terms), quantity: 2 } });
  expect(bad).toMatchObject({ id: 3, status: 400, error: { code: -1022 } });
  expect(await api.ask({ id: 4, method: "order.guess" })).toMatchObject({
    status: 400,
    error: { code: -1000 },
  });
  await api.ask({ id: 5, method: "userDataStream.unsubscribe", params: {} });
  expect(await api.ask({ id: 6, method: "session.subscriptions" })).toMatchObject({ result: [] });
});

test("subscriptions come, are listed, and go", async () => {
  const stream = await here.stream("/ws");
  const names = ["btcusdt@trade", "btcusdt@bookTicker"];
  expect(await stream.ask({ method: "SUBSCRIBE", params: names, id: 1 })).toEqual({ result: null, id: 1 });
  expect((await stream.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).result).toEqual(names);
  here.server.market("BTCUSDT").trade("sell", "100.00", "0.5");
  here.server.market("BTCUSDT").setLevel("bid", "100.50", "1");
  expect(await stream.settled()).toMatchObject([
    { id: 1 },
    { id: 2 },
    { e: "trade", t: 1, p: "100.00000000", q: "0.50000000", m: true },
    { s: "BTCUSDT", b: "100.50000000", B: "1.00000000", a: "101.00000000", A: "4.00000000" },
  ]);
  await stream.ask({ method: "UNSUBSCRIBE", params: names, id: 3 });
  here.server.market("BTCUSDT").trade("sell", "100.00", "0.5");
  expect(await stream.settled()).toHaveLength(5);
  expect(await stream.ask({ method: "NOTHING", id: 4 })).toMatchObject({ error: { code: 2 }, id: 4 });
  stream.socket.send("{");
  expect((await stream.until(stream.texts.length + 1)).at(-1)).toMatchObject({ error: { code: 3 } });
});

test("diffs join the snapshot, and one another", async () => {
  const stream = await here.stream("/stream?streams=btcusdt@depth@100ms/btcusdt@depth5@100ms/btcusdt@depth");
  const market = here.server.market("BTCUSDT");
  market.setLevel("bid", "98.00", "3");
  const snapshot = (await here.send("GET", "/api/v3/depth", { symbol: "BTCUSDT" }, { sign: false })).body;
  market.setLevel("ask", "101.00", "0");
  here.move(100);
  here.move(900);
  const messages = await stream.settled();
  const fast = messages.filter((each) => each.stream === "btcusdt@depth@100ms").map((each) => each.data);
  expect(fast).toEqual([
    {
      e: "depthUpdate",
      E: expect.any(Number),
      s: "BTCUSDT",
      U: snapshot.lastUpdateId,
      u: snapshot.lastUpdateId + 1,
      b: [["98.00000000", "3.00000000"]],
      a: [["101.00000000", "0.00000000"]],
    },
  ]);
  expect(messages.filter((each) => each.stream === "btcusdt@depth")).toHaveLength(1);
  const partial = messages.find((each) => each.stream === "btcusdt@depth5@100ms").data;
  expect(partial.asks).toEqual([["102.00000000", "6.00000000"]]);
});

test("bars and aggregates of trades", async () => {
  const stream = await here.stream("/ws/btcusdt@kline_1m/btcusdt@aggTrade/btcusdt@ticker");
  const market = here.server.market("BTCUSDT");
  market.trade("buy", "101.00", "1");
  market.trade("buy", "101.00", "2");
  market.trade("sell", "100.00", "1");
  here.move(1_000);
  const messages = await stream.settled();
  expect(messages.filter(({ e }) => e === "aggTrade")).toMatchObject([
    { a: 1, f: 1, l: 2, q: "3.00000000", m: false },
    { a: 2, f: 3, l: 3, q: "1.00000000", m: true },
  ]);
  expect(messages.find(({ e }) => e === "kline").k).toMatchObject({
    o: "101.00000000",
    c: "100.00000000",
    v: "4.00000000",
    q: "403.00000000",
    V: "3.00000000",
    n: 3,
    x: false,
  });
  expect(messages.find(({ e }) => e === "24hrTicker")).toMatchObject({ c: "100.00000000", n: 3 });
  here.move(120_000);
  market.trade("buy", "102.00", "1");
  const open = { sign: false };
  const klines = (await here.send("GET", "/api/v3/klines", { symbol: "BTCUSDT", interval: "1m" }, open)).body;
  expect(klines.map((each: Json) => [each[1], each[4], each[8]])).toEqual([
    ["101.00000000", "100.00000000", 3],
    ["100.00000000", "100.00000000", 0],
    ["102.00000000", "102.00000000", 1],
  ]);
  const wrong = await here.send("GET", "/api/v3/klines", { symbol: "BTCUSDT", interval: "7m" }, open);
  expect(wrong.body.code).toBe(-1120);
  const day = (await here.send("GET", "/api/v3/ticker/24hr", { symbol: "BTCUSDT" }, open)).body;
  expect(day).toMatchObject({ openPrice: "101.00000000", lastPrice: "102.00000000", count: 4 });
});

test("weights are counted; past them 429, then a ban", async () => {
  const small = new Rehearsal({
    rateLimits: { requestWeight: 45, ordersPer10s: 1, refusalsBeforeBan: 1, banS: 30 },
  });
  (await small.start()).book();
  const first = await small.limit("BUY", "99.00", "1");
  expect(first.headers.get("x-mbx-used-weight-1m")).toBe("1");
  expect(first.headers.get("x-mbx-order-count-10s")).toBe("1");
  const second = await small.limit("BUY", "99.00", "1");
  expect(second).toMatchObject({ status: 429, body: { code: -1015 } });
  const account = async (): Promise<Json> => await small.send("GET", "/api/v3/account");
  await account();
  await account();
  const third = await account();
  expect(third).toMatchObject({ status: 429, body: { code: -1003 } });
  expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await account()).toMatchObject({ status: 418 });
  small.move(29_000);
  expect(await account()).toMatchObject({ status: 418 });
  small.move(60_000);
  expect(await account()).toMatchObject({ status: 200 });
  await small.close();
});
