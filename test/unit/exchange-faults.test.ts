import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FaultRule } from "../../src/exchange/index.ts";
import { type Json, Rehearsal } from "../fixtures/exchange.ts";

let here: Rehearsal;

beforeEach(async () => {
  here = (await new Rehearsal().start()).book();
});

afterEach(async () => {
  expect(here.server.conservation()).toEqual([]);
  await here.close();
});

const submit = async (): Promise<Json> => await here.limit("BUY", "99.00", "1");
const orders = (): number => here.server.truth("alice").orders.length;

const ANSWERED: [FaultRule["kind"], number, number | undefined, number][] = [
  ["errorBefore", 502, -1000, 0],
  ["errorAfter", 502, -1000, 1],
  ["timeoutBefore", 408, -1007, 0],
  ["timeoutAfter", 408, -1007, 1],
  ["internalBefore", 500, -1001, 0],
  ["internalAfter", 500, -1001, 1],
  ["tooManyRequests", 429, -1003, 0],
  ["banned", 418, -1003, 0],
  ["slowRequest", 200, undefined, 1],
  ["slowAnswer", 200, undefined, 1],
];

test.each(ANSWERED)("%s", async (kind, status, code, made) => {
  const inForce = here.server.faults.add({ kind, on: "submit", delayMs: 5 });
  const answer = await submit();
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(orders()).toBe(made);
  expect(inForce.struck).toBe(1);
  expect((await submit()).status).toBe(200);
});

test.each([
  ["dropRequest", 0],
  ["dropAck", 1],
  ["malformedAnswer", 1],
] as const)("%s: no answer to read", async (kind, made) => {
  here.server.faults.add({ kind, on: "submit" });
  await expect(submit()).rejects.toThrow();
  expect(orders()).toBe(made);
  expect((await submit()).status).toBe(200);
});

test.each([
  ["hangRequest", 0],
  ["hangAck", 1],
] as const)("%s: never answered", async (kind, made) => {
  here.server.faults.add({ kind, on: "submit" });
  const terms = {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    price: "99",
    quantity: "1",
  };
  const signal = AbortSignal.timeout(100);
  await expect(here.send("POST", "/api/v3/order", terms, { signal })).rejects.toThrow();
  expect(orders()).toBe(made);
});

test("an oversized answer is JSON behind which much follows", async () => {
  here.server.faults.add({ kind: "oversizedAnswer", on: "queryAccount" });
  expect((await here.send("GET", "/api/v3/account")).status).toBe(200);
});

test("over the websocket API an error says until when nothing is taken: there are no headers", async () => {
  const api = await here.stream("/ws-api/v3");
  for (const [kind, status] of [["tooManyRequests", 429] as const, ["banned", 418] as const]) {
    here.server.faults.add({ kind, on: "general", retryAfterS: 7 });
    const answer = await api.ask({ id: 1, method: "ping" });
    expect(answer).toMatchObject({ id: 1, status, error: { code: -1003 } });
    const { serverTime, retryAfter } = answer.error.data;
    expect([serverTime, retryAfter - serverTime]).toEqual([here.clock.ms, 7_000]);
  }
  expect(await api.ask({ id: 2, method: "ping" })).toMatchObject({ status: 200, result: {} });
});

test("an oversized answer over the websocket API is whole, and of 40 MB", async () => {
  const api = await here.stream("/ws-api/v3");
  here.server.faults.add({ kind: "oversizedAnswer", on: "general" });
  expect(await api.ask({ id: 1, method: "ping" })).toMatchObject({ id: 1, status: 200 });
  expect(api.texts[0]?.length).toBeGreaterThan(40 << 20);
});

test("rules strike what they name, after what they let pass, and as often as they say", async () => {
  const rule = here.server.faults.add({ kind: "internalBefore", on: "cancel", after: 1, count: 2 });
  const cancel = async (): Promise<number> =>
    (await here.send("DELETE", "/api/v3/order", { symbol: "BTCUSDT", orderId: 1 })).body.code;
  expect((await submit()).status).toBe(200);
  expect([await cancel(), await cancel(), await cancel(), await cancel()]).toEqual([
    undefined,
    -1001,
    -1001,
    -2011,
  ]);
  expect(rule).toMatchObject({ struck: 2, passed: 1 });
  expect(() => here.server.faults.add({ kind: "dropAck", on: "depth" })).toThrow(/fault.on/);
  expect(() => here.server.faults.add({ kind: "dropMessage", on: "submit" })).toThrow(/fault.on/);
});

test("one seed strikes the same requests", async () => {
  const pattern = async (seed: number): Promise<string> => {
    const each = new Rehearsal({ seed });
    (await each.start()).book();
    each.server.faults.add({ kind: "errorBefore", probability: 0.5, count: Number.POSITIVE_INFINITY });
    let seen = "";
    for (let i = 0; i < 16; i++) {
      seen += (await each.send("GET", "/api/v3/ping", {}, { sign: false })).status === 200 ? "." : "x";
    }
    await each.close();
    return seen;
  };
  const first = await pattern(7);
  expect(first).toBe(await pattern(7));
  expect(first).not.toBe(await pattern(8));
});

const REPORTS: [FaultRule["kind"], (x: string[]) => string[]][] = [
  ["dropMessage", ([, b, c]) => [b!, c!]],
  ["duplicateMessage", ([a, b, c]) => [a!, a!, b!, c!]],
  ["reorderMessage", ([a, b, c]) => [b!, a!, c!]],
];

test.each(REPORTS)("%s of an execution report", async (kind, expected) => {
  const stream = await here.userStream();
  here.server.faults.add({ kind, on: "executionReport", delayMs: 1_000 });
  const tags = ["a", "b", "c"];
  for (const id of tags) await here.limit("BUY", "99.00", "1", { newClientOrderId: id });
  const told = (await stream.settled()).filter(({ e }) => e === "executionReport").map(({ c }) => c);
  expect(told).toEqual(expected(tags));
});

test("delayMessage, and reorderMessage where nothing follows: the message comes later", async () => {
  const stream = await here.userStream();
  for (const kind of ["delayMessage", "reorderMessage"] as const) {
    here.server.faults.add({ kind, on: "accountPosition", delayMs: 20 });
    const before = stream.texts.length;
    await submit();
    expect((await stream.until(before + 2)).at(-1)?.e).toBe("outboundAccountPosition");
  }
});

test("a malformed frame, an oversized one, and a disconnect after some messages", async () => {
  const stream = await here.stream("/ws/btcusdt@trade");
  const market = here.server.market("BTCUSDT");
  here.server.faults.add({ kind: "malformedFrame", on: "trade" });
  market.trade("buy", "101.00", "1");
  await expect(stream.until(1)).rejects.toThrow();
  here.server.faults.add({ kind: "oversizedFrame", on: "trade" });
  market.trade("buy", "101.00", "1");
  while (stream.texts.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(stream.texts[1]?.length).toBeGreaterThan(32 * 1024 * 1024);
  here.server.faults.add({ kind: "disconnect", on: "trade", after: 2 });
  for (let i = 0; i < 4; i++) market.trade("buy", "101.00", "1");
  expect(await stream.closed).toBe(1001);
  expect(stream.texts).toHaveLength(5);
});

test("half open: the connection stands, and nothing comes, pongs neither", async () => {
  const stream = await here.userStream();
  here.server.faults.add({ kind: "halfOpen", on: "executionReport", after: 1 });
  await submit();
  await stream.until(2);
  let pongs = 0;
  stream.socket.on("pong", () => {
    pongs += 1;
  });
  await submit();
  stream.socket.ping();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect([stream.texts.length, pongs, stream.socket.readyState]).toEqual([2, 0, stream.socket.OPEN]);
});

test("lost listen keys, cut and frozen streams", async () => {
  const stream = await here.userStream();
  here.server.faults.loseListenKeys();
  await submit();
  expect((await stream.settled()).map(({ e }) => e)).toEqual(["listenKeyExpired"]);
  here.server.faults.dropStreams();
  expect(await stream.closed).toBe(1006);
  const other = await here.userStream();
  here.server.faults.freezeStreams();
  await submit();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([other.texts.length, other.socket.readyState]).toEqual([0, other.socket.OPEN]);
});

test("a clock that is off refuses honest requests, until it is right again", async () => {
  here.server.faults.setClockOffset(7_000);
  expect((await submit()).body.code).toBe(-1021);
  const { body } = await here.send("GET", "/api/v3/time", {}, { sign: false });
  expect(body.serverTime).toBe(here.clock.ms + 7_000);
  here.server.faults.setClockOffset(0);
  expect((await submit()).status).toBe(200);
});

test("maintenance: 503, a status, no websockets", async () => {
  const stream = await here.userStream();
  here.server.faults.setMaintenance(true);
  expect(await stream.closed).toBe(1006);
  expect((await submit()).status).toBe(503);
  const status = async (): Promise<Json> =>
    (await here.send("GET", "/sapi/v1/system/status", {}, { sign: false })).body;
  expect(await status()).toMatchObject({ status: 1 });
  await expect(here.stream("/ws/btcusdt@trade")).rejects.toThrow(/503/);
  here.server.faults.setMaintenance(false);
  expect(await status()).toMatchObject({ status: 0 });
  expect((await submit()).status).toBe(200);
  expect(orders()).toBe(1);
});

test.each([true, false])("a restart that keeps orders: %s", async (keepOrders) => {
  const stream = await here.userStream();
  await submit();
  await stream.until(2);
  here.server.faults.restart({ keepOrders, downMs: 50 });
  expect(await stream.closed).toBe(1006);
  await expect(submit()).rejects.toThrow();
  for (;;) {
    const back = await here.send("GET", "/api/v3/openOrders").catch(() => undefined);
    if (back !== undefined) {
      expect(back.body).toHaveLength(keepOrders ? 1 : 0);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(here.server.truth("alice").balances.USDT?.locked).toBe(keepOrders ? "99.00000000" : "0.00000000");
  expect(stream.texts).toHaveLength(2);
});

test("a client that resets a websocket it was refused ends nothing", async () => {
  here.server.faults.setMaintenance(true);
  const unheard: unknown[] = [];
  const hear = (cause: unknown): void => void unheard.push(cause);
  process.on("uncaughtException", hear);
  for (let i = 0; i < 10; i++) {
    const socket = connect(Number(new URL(here.server.urls.rest).port), "127.0.0.1");
    socket.on("error", () => {});
    await new Promise<void>((done) => socket.once("connect", done));
    const head = "host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n";
    socket.write(`GET /ws HTTP/1.1\r\n${head}sec-websocket-key: ${"A".repeat(22)}==\r\n\r\n`);
    await new Promise((done) => setTimeout(done, i % 3));
    socket.resetAndDestroy();
  }
  await new Promise((done) => setTimeout(done, 50));
  process.off("uncaughtException", hear);
  expect(unheard).toEqual([]);
  here.server.faults.setMaintenance(false);
  expect((await here.send("GET", "/api/v3/ping", {}, { sign: false })).status).toBe(200);
});
