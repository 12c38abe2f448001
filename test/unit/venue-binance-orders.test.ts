import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { BinanceOrders, type BinanceOrdersOptions } from "../../src/venue/binance.ts";
import { systemVenueClock, type VenueOrderTerms, type VenueOutcome } from "../../src/venue/index.ts";
import { Ear, HandedClient, type Json, ScriptedApi } from "../fixtures/websocket-api.ts";

const KEYS = { apiKey: "K".repeat(64), secret: "the secret of the desk" };
const BTC = new Instrument({
  ...{
    symbol: "BTCUSDT",
    venue: "binance",
    tickSize: "0.01",
    lotSize: "0.00001",
    base: "BTC",
    quote: "USDT",
  },
});
const KEY = BTC.key;
const TERMS: VenueOrderTerms = {
  ...{ instrument: BTC, clientOrderId: "tw1", side: "buy", type: "limit", timeInForce: "GTC" },
  ...{ postOnly: false, reduceOnly: false, priceTicks: 6_000_005, stopTicks: 0, lots: 123 },
  ...{ displayLots: 0, expireNs: Number.POSITIVE_INFINITY },
};
const NAME = { instrument: BTC, clientOrderId: "tw1", orderId: "12" };
const BASE_NS = BigInt(Date.now()) * 1_000_000n;
const AT_MS = Number(BASE_NS / 1_000_000n) + 5;
const ROW = { symbol: "BTCUSDT", orderId: 12, clientOrderId: "tw1", transactTime: AT_MS, status: "NEW" };

let api: ScriptedApi;
let inner: HandedClient;
let ear: Ear;
const opened: BinanceOrders[] = [];

beforeEach(async () => {
  api = await new ScriptedApi().start();
  inner = new HandedClient();
  ear = new Ear();
});

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await api.close();
});

function make(more: Partial<BinanceOrdersOptions> = {}): BinanceOrders {
  const made = new BinanceOrders({
    ...{ client: inner, instruments: [BTC], baseNs: BASE_NS, clock: systemVenueClock(BASE_NS), seed: 1 },
    ...{ credentials: () => KEYS, url: api.url, timeoutMs: 150, retryMsMin: 5, retryMsMax: 20 },
    ...more,
  });
  opened.push(made);
  return made;
}

async function open(more: Partial<BinanceOrdersOptions> = {}): Promise<BinanceOrders> {
  const made = make(more);
  await made.open(ear);
  return made;
}

const ok = (result: object) => (request: Json) => ({ id: request.id, status: 200, result });
const no =
  (status: number, code: number, msg: string, data?: object) =>
  ({ id }: Json) => ({ id, status, error: { code, msg, ...(data && { data }) } });
const first = (outcome: VenueOutcome): unknown =>
  outcome.outcome === "answered" ? outcome.reports[0] : [outcome.outcome, outcome.cause.code];

describe("what became of an order", () => {
  it("is in force, or was and has ended, as the venue says", async () => {
    const orders = await open();
    const accepted = {
      ...{ kind: "accepted", instrument: KEY, clientOrderId: "tw1", orderId: "12", venueNs: 5_000_000 },
    };
    for (const status of ["NEW", "PARTIALLY_FILLED", "FILLED"]) {
      api.reply = ok({ ...ROW, status });
      expect(await orders.submit(TERMS)).toEqual({ outcome: "answered", reports: [accepted] });
    }
    for (const [status, kind] of [
      ["EXPIRED", "expired"],
      ["EXPIRED_IN_MATCH", "expired"],
      ["CANCELED", "canceled"],
      ["REJECTED", "rejected"],
    ]) {
      api.reply = ok({ ...ROW, status, fills: [{ price: "1", qty: "1", tradeId: 1 }] });
      const ended = { ...accepted, kind, leavesLots: 0 };
      expect(await orders.submit(TERMS)).toEqual({ outcome: "answered", reports: [accepted, ended] });
    }
    expect([orders.counts, inner.handed]).toEqual([{ direct: 7, inner: 0 }, ["open"]]);
  });

  it("was rejected in the venue's words", async () => {
    const orders = await open();
    api.reply = no(400, -2010, `Account has insufficient balance. ${KEYS.apiKey}`);
    expect(first(await orders.submit(TERMS))).toMatchObject({
      ...{ kind: "rejected", instrument: KEY, clientOrderId: "tw1" },
      words: "-2010 Account has insufficient balance. (hidden)",
    });
  });

  it("was canceled, or was not", async () => {
    const orders = await open();
    api.reply = ok({ ...ROW, clientOrderId: "web_1", origClientOrderId: "tw1", status: "CANCELED" });
    expect(await orders.cancel(NAME, "tw1c")).toEqual({
      outcome: "answered",
      reports: [
        {
          ...{ kind: "canceled", instrument: KEY, clientOrderId: "tw1", orderId: "12" },
          ...{ venueNs: 5_000_000, leavesLots: 0 },
        },
      ],
    });
    expect((await orders.cancel({ ...NAME, clientOrderId: "" }, "")).outcome).toBe("answered");
    api.reply = no(400, -2011, "Unknown order sent.");
    expect(first(await orders.cancel(NAME, "tw1c"))).toMatchObject({
      ...{ kind: "cancelRejected", clientOrderId: "tw1c", originalClientOrderId: "tw1" },
      words: "-2011 Unknown order sent.",
    });
  });

  it("was replaced, or was not, and neither half was done", async () => {
    const orders = await open();
    const terms = { ...TERMS, clientOrderId: "tw2" };
    const both = {
      ...{ cancelResult: "SUCCESS", newOrderResult: "SUCCESS", cancelResponse: {} },
      newOrderResponse: { ...ROW, clientOrderId: "tw2", orderId: 13, status: "EXPIRED" },
    };
    api.reply = ok(both);
    const replaced = { instrument: KEY, clientOrderId: "tw2", orderId: "13", venueNs: 5_000_000 };
    expect(await orders.replace(NAME, terms)).toEqual({
      outcome: "answered",
      reports: [
        { ...replaced, kind: "replaced", originalClientOrderId: "tw1" },
        { ...replaced, kind: "expired", leavesLots: 0 },
      ],
    });
    const failed = { cancelResult: "FAILURE", newOrderResult: "NOT_ATTEMPTED" };
    api.reply = no(400, -2022, "Order cancel-replace failed.", failed);
    expect(first(await orders.replace(NAME, terms))).toMatchObject({
      ...{ kind: "replaceRejected", clientOrderId: "tw2", originalClientOrderId: "tw1" },
    });
    const halves = { cancelResult: "SUCCESS", newOrderResult: "FAILURE" };
    api.reply = no(409, -2021, "Order cancel-replace partially failed.", halves);
    expect(first(await orders.replace(NAME, terms))).toEqual(["unknown", "VENUE_MALFORMED"]);
    api.reply = no(400, -1013, "Filter failure: LOT_SIZE");
    expect(first(await orders.replace(NAME, terms))).toMatchObject({ kind: "replaceRejected" });
  });

  it.each<[string, (request: Json) => object | string, readonly [string, string]]>([
    ["too many requests", no(429, -1003, "Too much."), ["notSent", "VENUE_RATE_LIMITED"]],
    ["too many orders", no(429, -1015, "Too many new orders."), ["notSent", "VENUE_RATE_LIMITED"]],
    ["a ban", no(418, -1003, "IP banned until 1."), ["notSent", "VENUE_BANNED"]],
    ["a ban without a status", no(403, -1003, "IP banned until 1."), ["notSent", "VENUE_BANNED"]],
    ["a clock that is off", no(400, -1021, "Timestamp."), ["notSent", "VENUE_CLOCK"]],
    ["a permission", no(401, -2015, "Invalid API-key, IP, or permissions."), ["notSent", "VENUE_PERMISSION"]],
    ["a signature", no(400, -1022, "Signature."), ["notSent", "VENUE_AUTHENTICATION"]],
    [
      "an account",
      no(400, -2010, "This action is disabled on this account."),
      ["notSent", "VENUE_PERMISSION"],
    ],
    ["an id that is taken", no(400, -2010, "Duplicate order sent."), ["unknown", "VENUE_SERVER"]],
    ["a status unknown", no(400, -1007, "Timeout."), ["unknown", "VENUE_TIMEOUT"]],
    ["another", no(500, -1006, "Unexpected."), ["unknown", "VENUE_SERVER"]],
    ["a server's error", no(502, -1000, "Unknown."), ["unknown", "VENUE_SERVER"]],
    ["a rejection by a server in trouble", no(500, -2010, "No."), ["unknown", "VENUE_SERVER"]],
    ["a limit by one", no(502, -1003, "Too much."), ["unknown", "VENUE_SERVER"]],
    ["maintenance", no(503, -1016, "No longer."), ["unknown", "VENUE_MAINTENANCE"]],
    ["a code that nobody knows", no(400, -9999, "What."), ["unknown", "VENUE_SERVER"]],
    ["no status", ({ id }) => ({ id, result: ROW }), ["unknown", "VENUE_MALFORMED"]],
    ["no error", ({ id }) => ({ id, status: 400 }), ["unknown", "VENUE_MALFORMED"]],
    ["no result", ({ id }) => ({ id, status: 200 }), ["unknown", "VENUE_MALFORMED"]],
    ["another order", ok({ ...ROW, clientOrderId: "tw9" }), ["unknown", "VENUE_MALFORMED"]],
    ["no order", ok({ ...ROW, orderId: null }), ["unknown", "VENUE_MALFORMED"]],
    ["an order's number off the integers", ok({ ...ROW, orderId: 1.5 }), ["unknown", "VENUE_MALFORMED"]],
    ["half an answer", ({ id }) => `{"id":${id},"status":200,"resu`, ["unknown", "VENUE_MALFORMED"]],
  ])("is certain only where the answer proves it: %s", async (_, reply, expected) => {
    const orders = await open({ timeoutMs: 20_000 });
    api.reply = reply;
    const outcome = await orders.submit(TERMS);
    expect(first(outcome)).toEqual(expected);
    expect([api.requests.length, inner.handed]).toEqual([1, ["open"]]);
  });

  it("waits until the venue takes requests again, where that was said", async () => {
    const orders = await open();
    api.reply = no(429, -1003, "Too much.", { serverTime: 1_000, retryAfter: 8_500 });
    const outcome = await orders.submit(TERMS);
    expect(outcome.outcome === "notSent" && outcome.cause.retryNs).toBe(7_500_000_000);
  });

  it("is not sent where the grid, or the venue, has no such order, or too many wait", async () => {
    const orders = await open({ requestsMax: 2, timeoutMs: 20_000 });
    expect(first(await orders.submit({ ...TERMS, priceTicks: 0.5 }))).toEqual(["notSent", "VENUE_MALFORMED"]);
    const stop = { type: "stopLimit", postOnly: true, stopTicks: 1 } as const;
    expect(first(await orders.submit({ ...TERMS, ...stop }))).toEqual(["notSent", "VENUE_UNSUPPORTED"]);
    const waiting = [orders.submit(TERMS), orders.submit({ ...TERMS, clientOrderId: "tw2" })];
    expect(first(await orders.submit(TERMS))).toEqual(["notSent", "VENUE_BUSY"]);
    // A cancel goes.
    waiting.push(orders.cancel(NAME, ""));
    await vi.waitFor(() => expect(api.requests.length).toBe(3));
    await orders.close();
    for (const each of waiting) expect(first(await each)).toEqual(["unknown", "VENUE_DISCONNECTED"]);
    expect(first(await orders.submit(TERMS))).toEqual(["notSent", "VENUE_DISCONNECTED"]);
    expect(api.requests.length).toBe(3);
  });

  it("is another client's where this one cannot carry it", async () => {
    const orders = await open();
    await orders.submit({ ...TERMS, reduceOnly: true });
    await orders.replace(NAME, { ...TERMS, reduceOnly: true });
    await orders.cancel({ instrument: BTC, clientOrderId: "" }, "");
    await orders.cancelAll(null);
    await orders.queryOrder(NAME);
    for (const ask of [orders.query({ sections: [] }), orders.permissions(), orders.filters(BTC)]) {
      await expect(ask).rejects.toThrow("no answer");
    }
    expect(inner.handed.join()).toBe(
      "open,submit,replace,cancel,cancelAll,queryOrder,query,permissions,filters",
    );
    expect([api.requests.length, orders.capabilities]).toEqual([0, inner.capabilities]);
  });
});

describe("a connection of orders", () => {
  it("that breaks leaves what was written unknown; meanwhile the inner client carries, then it is back", async () => {
    const orders = await open({ timeoutMs: 20_000 });
    const waiting = [orders.submit(TERMS), orders.cancel(NAME, "")];
    await vi.waitFor(() => expect(api.requests.length).toBe(2));
    api.cut();
    for (const each of waiting) expect(first(await each)).toEqual(["unknown", "VENUE_DISCONNECTED"]);
    expect(inner.handed).toEqual(["open"]);
    await orders.submit(TERMS);
    await orders.replace(NAME, TERMS);
    expect(inner.handed).toEqual(["open", "submit", "replace"]);
    await vi.waitFor(() => expect(api.connections).toBe(2));
    api.reply = ok(ROW);
    await vi.waitFor(async () => {
      await orders.submit(TERMS);
      expect(api.requests.length).toBeGreaterThan(2);
    });
    expect(ear.troubles.map(({ code }) => code)).toEqual(["VENUE_DISCONNECTED"]);
  });

  it("that is down sends no order without a fallback, and every cancel", async () => {
    const orders = await open({ fallback: false });
    await api.close();
    await vi.waitFor(async () =>
      expect(first(await orders.submit(TERMS))).toEqual(["notSent", "VENUE_DISCONNECTED"]),
    );
    expect(first(await orders.replace(NAME, TERMS))).toEqual(["notSent", "VENUE_DISCONNECTED"]);
    await orders.cancel(NAME, "");
    expect(inner.handed).toEqual(["open", "cancel"]);
    // What was never ours goes, what nobody can does not.
    await orders.submit({ ...TERMS, reduceOnly: true });
    const stop = { type: "stopLimit", postOnly: true, stopTicks: 1 } as const;
    expect(first(await orders.submit({ ...TERMS, ...stop }))).toEqual(["notSent", "VENUE_UNSUPPORTED"]);
    expect(inner.handed).toEqual(["open", "cancel", "submit"]);
    await api.start();
    api.reply = ok(ROW);
    await vi.waitFor(async () => expect((await orders.submit(TERMS)).outcome).toBe("answered"));
  });

  it("that says nothing within the time is left for another one, and nothing is sent again", async () => {
    const orders = await open();
    expect(first(await orders.submit(TERMS))).toEqual(["unknown", "VENUE_TIMEOUT"]);
    await vi.waitFor(() => expect(api.connections).toBe(2));
    // The old one is heard for a while: what it says so late is too late, and no trouble.
    const { id } = api.requests[0];
    api.say(JSON.stringify({ id, status: 200, result: ROW }));
    api.reply = ok(ROW);
    await vi.waitFor(async () => expect((await orders.submit(TERMS)).outcome).toBe("answered"));
    expect([ear.troubles, inner.handed]).toEqual([[], ["open"]]);
  });

  it("that no pong comes over is given up", async () => {
    const orders = await open({ heartbeatMs: 10, silenceMs: 80, timeoutMs: 20_000 });
    for (const socket of api.sockets) socket.pause();
    expect(first(await orders.submit(TERMS))).toEqual(["unknown", "VENUE_TIMEOUT"]);
    await vi.waitFor(() => expect(api.connections).toBe(2));
  });

  it("that is to be shut down, or grew old, is replaced before it ends; what is on its way is heard", async () => {
    const orders = await open({ timeoutMs: 20_000 });
    const held: (() => void)[] = [];
    api.reply = ({ id }, socket) => {
      held.push(() => socket.send(JSON.stringify({ id, status: 200, result: ROW })));
      return undefined;
    };
    const waiting = orders.submit(TERMS);
    await vi.waitFor(() => expect(held.length).toBe(1));
    api.say(JSON.stringify({ event: { e: "serverShutdown", E: AT_MS } }));
    await vi.waitFor(() => expect(api.connections).toBe(2));
    api.reply = ok(ROW);
    for (let i = 0; i < 20; i++) {
      expect((await orders.submit(TERMS)).outcome).toBe("answered");
      await new Promise((done) => setTimeout(done, 2));
    }
    held[0]?.();
    expect((await waiting).outcome).toBe("answered");
    expect([ear.troubles, inner.handed]).toEqual([[], ["open"]]);
    const old = await open({ renewMs: 30 });
    await vi.waitFor(() => expect(api.connections).toBeGreaterThan(4));
    expect((await old.submit(TERMS)).outcome).toBe("answered");
  });

  it("ends with an answer that is too long", async () => {
    const orders = await open({ frameBytesMax: 2_048, timeoutMs: 20_000 });
    api.reply = (request) => JSON.stringify(ok(ROW)(request)) + " ".repeat(4_096);
    expect(first(await orders.submit(TERMS))).toEqual(["unknown", "VENUE_TOO_LARGE"]);
    await vi.waitFor(() => expect(api.connections).toBe(2));
    expect(ear.troubles.map(({ code }) => code)).toEqual(["VENUE_TOO_LARGE"]);
  });

  it("tells what it cannot read, and goes on", async () => {
    const orders = await open();
    for (const text of ["{", "[]", "null", "7", '{"id":null,"status":400}', '{"id":99,"status":200}'])
      api.say(text);
    await vi.waitFor(() => expect(ear.troubles.length).toBe(6));
    expect(new Set(ear.troubles.map(({ code }) => code))).toEqual(new Set(["VENUE_MALFORMED"]));
    api.reply = ok(ROW);
    expect((await orders.submit(TERMS)).outcome).toBe("answered");
    expect(api.connections).toBe(1);
  });

  it("stamps requests by the venue's clock, and reads it again where it is off", async () => {
    api.aheadMs = 3_600_000;
    const orders = await open();
    api.reply = ok(ROW);
    await orders.submit(TERMS);
    const aheadMs = (): number => api.requests.at(-1).params.timestamp - Date.now();
    expect(Math.abs(aheadMs() - 3_600_000)).toBeLessThan(2_000);
    api.aheadMs = -3_600_000;
    api.reply = no(400, -1021, "Timestamp for this request is outside of the recvWindow.");
    await orders.submit(TERMS);
    api.reply = ok(ROW);
    await vi.waitFor(async () => {
      await orders.submit(TERMS);
      expect(Math.abs(aheadMs() + 3_600_000)).toBeLessThan(2_000);
    });
    const often = await open({ clockEveryMs: 100 });
    api.aheadMs = 1_800_000;
    await vi.waitFor(async () => {
      await often.submit(TERMS);
      expect(Math.abs(aheadMs() - 1_800_000)).toBeLessThan(2_000);
    });
  });
});

describe("opening", () => {
  it("fails where the keys are refused, and names none of them", async () => {
    for (const [answer, code] of [
      [no(400, -1022, `Signature ${KEYS.secret}.`), "VENUE_AUTHENTICATION"],
      [no(401, -2015, "Invalid API-key, IP, or permissions for action."), "VENUE_AUTHENTICATION"],
    ] as const) {
      api.question = answer;
      const orders = make();
      const fault = (await orders.open(ear).catch((error: unknown) => error)) as Error;
      expect(fault.message).toContain(code);
      expect(inspect([fault, orders, ear.troubles], { depth: 9, showHidden: true })).not.toMatch(
        /the secret|KKKK/,
      );
      expect(inner.handed.splice(0)).toEqual(["open", "close"]);
      expect(first(await orders.submit(TERMS))).toEqual(["notSent", "VENUE_DISCONNECTED"]);
    }
  });

  it("fails without a connection where there is no fallback; else the connection comes later", async () => {
    await api.close();
    await expect(open({ fallback: false })).rejects.toThrow("VENUE_UNREACHABLE");
    expect(inner.handed.splice(0)).toEqual(["open", "close"]);
    const orders = await open();
    expect(ear.troubles.map(({ code }) => code)).toContain("VENUE_UNREACHABLE");
    await orders.submit(TERMS);
    expect(inner.handed).toEqual(["open", "submit"]);
    await api.start();
    api.reply = ok(ROW);
    await vi.waitFor(async () => {
      await orders.submit(TERMS);
      expect(api.requests.length).toBeGreaterThan(0);
    });
  });

  it("writes nothing before the venue has told its time", async () => {
    api.isTimeless = true;
    const orders = await open({ timeoutMs: 60 });
    expect(ear.troubles.map(({ code }) => code)).toContain("VENUE_TIMEOUT");
    await orders.submit(TERMS);
    expect([inner.handed, api.requests]).toEqual([["open", "submit"], []]);
    api.isTimeless = false;
    api.reply = ok(ROW);
    await vi.waitFor(async () => {
      await orders.submit(TERMS);
      expect(api.requests.length).toBeGreaterThan(0);
    });
  });

  it("reads keys of the environment", async () => {
    vi.stubEnv("ORDERS_TEST_API_KEY", KEYS.apiKey);
    vi.stubEnv("ORDERS_TEST_SECRET", KEYS.secret);
    const orders = await open({ credentials: "ORDERS_TEST" });
    api.reply = ok(ROW);
    await orders.submit(TERMS);
    expect(api.requests[0].params.apiKey).toBe(KEYS.apiKey);
    await expect(open({ credentials: "ORDERS_NOBODY" })).rejects.toThrow("ORDERS_NOBODY_API_KEY");
    await expect(open({ credentials: () => ({ ...KEYS, apiKey: 'a"' }) })).rejects.toThrow(
      "credentials.apiKey",
    );
    vi.unstubAllEnvs();
  });

  it.each<[object, string]>([
    [{ extra: 1 }, "extra"],
    [{ baseNs: 1 }, "orders.baseNs"],
    [{ clock: {} }, "orders.clock"],
    [{ client: {} }, "orders.client"],
    [{ instruments: [] }, "orders.instruments"],
    [
      { instruments: [new Instrument({ ...BTC.describe(), symbol: "BTC/USDT" })] },
      "orders.instruments[0].symbol",
    ],
    [{ url: "http://127.0.0.1" }, "orders.url"],
    [{ fallback: 1 }, "orders.fallback"],
    [{ seed: -1 }, "orders.seed"],
    [{ recvWindowMs: 60_001 }, "orders.recvWindowMs"],
    [{ timeoutMs: 0 }, "orders.timeoutMs"],
    [{ requestsMax: 0 }, "orders.requestsMax"],
    [{ clockEveryMs: 1 }, "orders.clockEveryMs"],
    [{ silenceMs: 1_000 }, "orders.silenceMs"],
    [{ renewMs: -1 }, "orders.renewMs"],
    [{ retryMsMin: 30 }, "orders.retryMsMax"],
    [{ frameBytesMax: 10 }, "orders.frameBytesMax"],
    [{ credentials: 7 }, "orders.credentials"],
    [{ credentials: { file: "x", more: 1 } }, "orders.credentials"],
  ])("refuses %o, naming it", (more, path) => {
    expect(() => make(more)).toThrow(path);
    expect(() => make(more)).toThrow("FAULT_CONFIG");
    opened.length = 0;
  });
});
