import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ALICE, type Json, KEY, Rehearsal, type Stream } from "../fixtures/exchange.ts";
import { rawAnswer, rawSocket, readAnswer, whatCame } from "../fixtures/raw-socket.ts";

/** May look, and not trade. */
const READER = { apiKey: "R".repeat(64), secret: "r".repeat(64), canTrade: false };
const BOB = { apiKey: "B".repeat(64), secret: "b".repeat(64) };
const BTC = { symbol: "BTCUSDT" };
const ORDER = "/api/v3/order";
const PARTLY = "ONLY_PARTIALLY_FILLED";
const LIMIT = { ...BTC, side: "BUY", type: "LIMIT", timeInForce: "GTC", price: "99.00", quantity: "1" };

let here: Rehearsal;
/** Another client, who does nothing wrong. */
let bob: Stream;
let bobsOrders = 0;

beforeAll(async () => {
  here = new Rehearsal({
    accounts: [
      { ...ALICE, keys: [KEY, READER] },
      { name: "bob", balances: { USDT: "100000" }, keys: [BOB] },
    ],
    rateLimits: { requestWeight: 1_000_000, ordersPer10s: 10_000 },
  });
  (await here.start()).book();
  const { body } = await here.send("POST", "/api/v3/userDataStream", {}, { sign: false, key: BOB });
  bob = await here.stream(`/ws/${body.listenKey}`);
});

/** Whatever came in: money is where it was, the other client trades and hears of it. */
afterEach(async () => {
  expect(here.server.conservation()).toEqual([]);
  const { status } = await here.send("POST", ORDER, { ...LIMIT, quantity: "0.06" }, { key: BOB });
  expect(status).toBe(200);
  bobsOrders += 1;
  const told = await bob.settled();
  expect(told.filter(({ e, x }) => e === "executionReport" && x === "NEW")).toHaveLength(bobsOrders);
  await here.send("DELETE", "/api/v3/openOrders", BTC, { key: BOB });
});

afterAll(async () => {
  await here.close();
});

const HEAD = "Host: x\r\nConnection: close\r\n";
const UPGRADE = "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
const WS_KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HEAD}\r\n`;
const depth = (query: string): string => get(`/api/v3/depth?${query}`);
const post = (head: string, body: string): string => `POST ${ORDER} HTTP/1.1\r\n${HEAD}${head}\r\n${body}`;
const long = (body: string): string => post(`Content-Length: ${body.length}\r\n`, body);

/** Bytes on a bare connection, and the answer: HTTP status and the exchange's code. */
const RAW: readonly (readonly [string, string | Uint8Array, number, number | undefined])[] = [
  ["bytes that are no HTTP", Uint8Array.of(0, 1, 2, 255, 13, 10, 13, 10), 400, undefined],
  ["a method that there is none of", `GUESS / HTTP/1.1\r\n${HEAD}\r\n`, 400, undefined],
  ["no host", "GET /api/v3/ping HTTP/1.1\r\nConnection: close\r\n\r\n", 400, undefined],
  ["a length that is no number", post("Content-Length: x\r\n", "a=b"), 400, undefined],
  ["two lengths", post("Content-Length: 3\r\nContent-Length: 9\r\n", "a=b"), 400, undefined],
  ["chunks that are none", post("Transfer-Encoding: chunked\r\n", "zz\r\nrubbish"), 400, undefined],
  ["a header of 100 KB", `GET / HTTP/1.1\r\nX: ${"x".repeat(100_000)}\r\n\r\n`, 431, undefined],
  ["5,000 headers", `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(5_000)}\r\n`, 431, undefined],
  ["a body of 1 MB", long("x".repeat(1 << 20)), 413, -1099],
  ["an address of slashes", get("//"), 404, -1000],
  ["an address of another scheme", get("javascript:0"), 400, undefined],
  ["an address out of a prototype", get("/__proto__/constructor"), 404, -1000],
  ["an upgrade of slashes", `GET // HTTP/1.1\r\n${UPGRADE}${WS_KEY}\r\n`, 404, undefined],
  ["an upgrade of no stream", `GET /nothing HTTP/1.1\r\n${UPGRADE}${WS_KEY}\r\n`, 404, undefined],
  ["an upgrade without a key", `GET /ws HTTP/1.1\r\n${UPGRADE}\r\n`, 400, undefined],
  ["a symbol that there is none of", depth("symbol=DOGEUSDT"), 400, -1121],
  ["a symbol of bad percents", depth("symbol=%zz%E0%A4%A"), 400, -1100],
  ["a symbol of no characters", depth("symbol=%00"), 400, -1100],
  ["a symbol of 8 KB", depth(`symbol=${"B".repeat(8_192)}`), 400, -1100],
  ["a symbol out of a prototype", depth("symbol=__proto__"), 400, -1100],
  ["a parameter twice", depth("symbol=BTCUSDT&symbol=ETHUSDT"), 400, -1101],
  ["a limit below nothing", depth("symbol=BTCUSDT&limit=-1"), 400, -1100],
  ["a limit without an end", depth("symbol=BTCUSDT&limit=1e309"), 400, -1100],
  ["a limit that is none", depth("symbol=BTCUSDT&limit=NaN"), 400, -1100],
  ["an interval out of a prototype", get("/api/v3/klines?symbol=BTCUSDT&interval=constructor"), 400, -1120],
  ["a list without an end", get(`/api/v3/ticker/price?symbols=${"[".repeat(8_000)}`), 400, -1100],
  ["a list of the same", get('/api/v3/ticker/price?symbols=["BTCUSDT","BTCUSDT"]'), 400, -1151],
  ["JSON where a form is meant", long(`{"symbol":"BTCUSDT"}`), 401, -2014],
  [
    "two hundred at once",
    `${"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n".repeat(199)}${get("/")}`,
    404,
    undefined,
  ],
];

describe("bytes that no client would send", () => {
  test.each(RAW)("%s", async (_name, bytes, status, code) => {
    const before = here.server.truth("alice");
    const answer = await rawAnswer(here.server.urls.rest, bytes);
    expect([answer.status, answer.body?.code]).toEqual([status, code]);
    expect(here.server.truth("alice")).toEqual(before);
  });

  test("a body without an end is cut, and held nowhere", async () => {
    const socket = await rawSocket(here.server.urls.rest);
    const heard = whatCame(socket);
    socket.write(`POST ${ORDER} HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const piece = `10000\r\n${"x".repeat(65_536)}\r\n`;
    while (!socket.destroyed) {
      if (!socket.write(piece)) {
        await new Promise<void>((resolve) => {
          socket.once("drain", resolve).once("close", resolve);
        });
      }
    }
    expect([0, 413]).toContain(readAnswer(await heard).status);
  });

  test("a connection that is reset while it is refused harms nobody", async () => {
    for (let i = 0; i < 20; i++) {
      const socket = await rawSocket(here.server.urls.rest);
      socket.on("error", () => {});
      socket.write(`GET /nothing HTTP/1.1\r\n${UPGRADE}${WS_KEY}\r\n`, () => socket.resetAndDestroy());
      await new Promise((resolve) => socket.once("close", resolve));
    }
  });

  test("requests that never end are given up: headers, bodies, and nothing at all", async () => {
    const slow = await new Rehearsal({ requestMs: 100 }).start();
    const heads = ["", "GET /", `GET / HTTP/1.1\r\n${HEAD}`, post("Content-Length: 1000\r\n", "symbol=B")];
    const ended = heads.map(async (head) => {
      const socket = await rawSocket(slow.server.urls.rest);
      const heard = whatCame(socket);
      socket.write(head);
      const drip = setInterval(() => void (socket.destroyed || (head !== "" && socket.write("x"))), 20);
      const { status } = readAnswer(await heard);
      clearInterval(drip);
      return status;
    });
    // A byte now and then does not help: what counts is the whole request.
    expect(await Promise.all(ended)).toEqual([408, 408, 408, 408]);
    expect((await slow.send("GET", "/api/v3/ping", {}, { sign: false })).status).toBe(200);
    await slow.close();
  });
});

type How = Parameters<Rehearsal["send"]>[3];
type Change = Readonly<Record<string, string | number>>;
const now = (): number => here.clock.ms;

/** A signed order with one thing wrong. */
const SIGNED: readonly (readonly [string, Change, () => How, number, number])[] = [
  ["a key that there is none of", {}, () => ({ key: { ...KEY, apiKey: "Z".repeat(64) } }), 401, -2015],
  ["a key of odd characters", {}, () => ({ key: { ...KEY, apiKey: "{}" } }), 401, -2014],
  ["a key that may not trade", {}, () => ({ key: READER }), 401, -2015],
  ["another's secret", {}, () => ({ key: { ...KEY, secret: BOB.secret } }), 400, -1022],
  ["a signature that is none", {}, () => ({ signature: "zz" }), 400, -1022],
  ["a signature of half the length", {}, () => ({ signature: "a".repeat(32) }), 400, -1022],
  ["an empty signature", {}, () => ({ signature: "" }), 400, -1102],
  ["no signature", {}, () => ({ sign: false }), 400, -1102],
  ["a clock 5 s behind", {}, () => ({ timestamp: now() - 5_001 }), 400, -1021],
  ["a clock 5 s ahead", { recvWindow: 60_000 }, () => ({ timestamp: now() + 5_000 }), 400, -1021],
  ["a time of NaN", {}, () => ({ timestamp: Number.NaN }), 400, -1102],
  ["a time below nothing", {}, () => ({ timestamp: -1 }), 400, -1102],
  ["a time without an end", {}, () => ({ timestamp: Number.POSITIVE_INFINITY }), 400, -1102],
  ["a time in seconds", {}, () => ({ timestamp: Math.floor(now() / 1_000) }), 400, -1021],
  ["a window of two minutes", { recvWindow: 120_000 }, () => ({}), 400, -1131],
  ["a window below nothing", { recvWindow: -1 }, () => ({}), 400, -1131],
  ["a window of letters", { recvWindow: "wide" }, () => ({}), 400, -1131],
  ["an empty window", { recvWindow: "" }, () => ({}), 400, -1105],
  ["a wrong symbol", { symbol: "DOGEUSDT" }, () => ({}), 400, -1121],
  ["a price below nothing", { price: "-1" }, () => ({}), 400, -1100],
  ["a price of NaN", { price: "NaN" }, () => ({}), 400, -1100],
  ["a price of nothing", { price: "0" }, () => ({}), 400, -1013],
  ["a price past all bounds", { price: "9".repeat(20) }, () => ({}), 400, -1013],
  ["a price of a thousand digits", { price: "9".repeat(1_000) }, () => ({}), 400, -1100],
  ["a price between ticks", { price: "99.001" }, () => ({}), 400, -1013],
  ["a price of nine decimals", { price: "99.000000001" }, () => ({}), 400, -1111],
  ["a quantity of nothing", { quantity: "0" }, () => ({}), 400, -1013],
  ["a quantity between lots", { quantity: "1.000001" }, () => ({}), 400, -1013],
  ["a quantity past all bounds", { quantity: "9".repeat(20) }, () => ({}), 400, -1013],
  ["too little money", { quantity: "0.01" }, () => ({}), 400, -1013],
  ["more than the account has", { quantity: "2000" }, () => ({}), 400, -2010],
  ["an id of 37 letters", { newClientOrderId: "x".repeat(37) }, () => ({}), 400, -1100],
];

describe("signed requests with one thing wrong", () => {
  test.each(SIGNED)("%s", async (_name, change, how, status, code) => {
    const before = here.server.truth("alice");
    const { newOrderRespType: _, ...terms } = { ...LIMIT, newOrderRespType: "", ...change };
    const answer = await here.send("POST", ORDER, terms, how());
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(typeof answer.body.msg).toBe("string");
    expect(here.server.truth("alice")).toEqual(before);
  });

  const CANCELED: readonly (readonly [string, Change, number])[] = [
    ["an order that there is none of", { orderId: 4_711 }, -2011],
    ["an id of letters", { orderId: "abc" }, -1100],
    ["an id past what a double holds", { orderId: "9".repeat(20) }, -1100],
    ["no id", {}, -1102],
    ["another's order", { origClientOrderId: "bobs" }, -2011],
    ["a restriction that there is none of", { origClientOrderId: "mine", cancelRestrictions: "NO" }, -1145],
    ["a restriction that does not hold", { origClientOrderId: "mine", cancelRestrictions: PARTLY }, -2011],
  ];

  test.each(CANCELED)("a cancel of %s", async (_name, change, code) => {
    await here.send("POST", ORDER, { ...LIMIT, newClientOrderId: "bobs" }, { key: BOB });
    await here.send("POST", ORDER, { ...LIMIT, newClientOrderId: "mine" });
    const answer = await here.send("DELETE", ORDER, { ...BTC, ...change });
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(here.server.truth("alice").openOrders).toHaveLength(1);
    expect(here.server.truth("bob").openOrders).toHaveLength(1);
    await here.send("DELETE", "/api/v3/openOrders", BTC);
    await here.send("DELETE", "/api/v3/openOrders", BTC, { key: BOB });
    bobsOrders += 1;
  });

  test("a replace that is only for untouched orders leaves one alone that was executed in part", async () => {
    await here.send("POST", ORDER, { ...LIMIT, price: "100.50", newClientOrderId: "part" });
    here.server.market("BTCUSDT").trade("sell", "100.50", "0.4");
    const replace = { ...LIMIT, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrigClientOrderId: "part" };
    const path = "/api/v3/order/cancelReplace";
    const answer = await here.send("POST", path, { ...replace, cancelRestrictions: "ONLY_NEW" });
    expect([answer.status, answer.body.code]).toEqual([400, -2022]);
    expect(answer.body.data).toMatchObject({
      newOrderResult: "NOT_ATTEMPTED",
      cancelResponse: { code: -2011 },
    });
    const [order] = here.server.truth("alice").openOrders;
    expect(order).toMatchObject({ clientOrderId: "part", status: "PARTIALLY_FILLED" });
    expect((await here.send("POST", path, { ...replace, cancelRestrictions: PARTLY })).status).toBe(200);
    await here.send("DELETE", "/api/v3/openOrders", BTC);
  });

  test("a request that is sent again: its id is taken, its time runs out, its signature is no other's", async () => {
    const query = new URLSearchParams({ ...LIMIT, newClientOrderId: "again", timestamp: `${now()}` });
    const signature = createHmac("sha256", KEY.secret).update(query.toString()).digest("hex");
    const send = async (text: string): Promise<Json> => {
      const head = `X-MBX-APIKEY: ${KEY.apiKey}\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
      const body = `${text}&signature=${signature}`;
      const { body: said } = await rawAnswer(
        here.server.urls.rest,
        post(`${head}Content-Length: ${body.length}\r\n`, body),
      );
      return said.code ?? said.status;
    };
    expect(await send(query.toString())).toBe("NEW");
    expect(await send(query.toString())).toBe(-2010);
    expect(await send(query.toString().replace("price=99.00", "price=98.00"))).toBe(-1022);
    expect(await send(`${query.toString()}&price=98.00`)).toBe(-1101);
    here.move(6_000);
    expect(await send(query.toString())).toBe(-1021);
    expect(here.server.truth("alice").openOrders).toHaveLength(1);
    await here.send("DELETE", "/api/v3/openOrders", BTC);
  });
});

const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const nothingCallable = '{"toString":1,"valueOf":2}';

/** Frames on a websocket of streams, and the code of the answer; undefined where it is a yes. */
const FRAMES: readonly (readonly [string, string | Uint8Array, number | undefined])[] = [
  ["an empty frame", "", 3],
  ["half an object", '{"method":"SUBSCRIBE"', 3],
  ["no object", "[1]", 3],
  ["null", "null", 3],
  ["a number", "NaN", 3],
  ["100,000 lists in one another", deep(100_000), 3],
  ["an id of 100,000 lists", `{"method":"LIST_SUBSCRIPTIONS","id":${deep(100_000)}}`, 2],
  ["an id that is an object", '{"method":"LIST_SUBSCRIPTIONS","id":{}}', 2],
  ["an id of yes", '{"method":"LIST_SUBSCRIPTIONS","id":true}', 2],
  ["an id past what a double holds", '{"method":"LIST_SUBSCRIPTIONS","id":1e300}', 2],
  ["an id of 1,000 letters", `{"method":"LIST_SUBSCRIPTIONS","id":"${"x".repeat(1_000)}"}`, 2],
  ["no method", '{"id":1}', 2],
  ["a method that there is none of", '{"method":"GUESS","id":1}', 2],
  ["a method that is no text, nor can be made one", `{"method":${nothingCallable},"id":1}`, 2],
  ["streams that are no list", '{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}', 2],
  ["streams that are no texts", '{"method":"SUBSCRIBE","params":[1,null],"id":1}', 2],
  ["no streams", '{"method":"SUBSCRIBE","id":1}', 2],
  ["a property that there is none of", '{"method":"SET_PROPERTY","params":["x",true],"id":1}', 0],
  ["a property of the wrong type", '{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1],
  ["streams that there are none of", '{"method":"SUBSCRIBE","params":["@","a@b","","%"],"id":1}', undefined],
  ["streams out of a prototype", '{"method":"SUBSCRIBE","params":["__proto__@trade"],"id":1}', undefined],
  ["bars out of a prototype", '{"method":"SUBSCRIBE","params":["btcusdt@kline_toString"],"id":1}', undefined],
  ["5,000 streams", JSON.stringify({ method: "SUBSCRIBE", params: many(5_000), id: 1 }), undefined],
  ["a binary frame", Uint8Array.of(0, 255, 1), 3],
];

function many(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `x${i}@trade`);
}

/** Frames on a websocket of the API. */
const REQUESTS: readonly (readonly [string, string | Uint8Array, number])[] = [
  ["an empty frame", "", -1135],
  ["half an object", '{"method":"ping"', -1135],
  ["no object", "[]", -1135],
  ["an id of 100,000 lists", `{"method":"ping","id":${deep(100_000)}}`, -1135],
  ["an id that is an object", '{"method":"ping","id":{"a":1}}', -1135],
  ["no method", '{"id":1}', -1135],
  ["a method that is no text, nor can be made one", `{"method":${nothingCallable},"id":1}`, -1135],
  ["a method that there is none of", '{"method":"guess","id":1}', -1000],
  ["a method out of a prototype", '{"method":"constructor","id":1}', -1000],
  ["parameters that are a list", '{"method":"ping","params":[1],"id":1}', -1135],
  ["parameters that are a text", '{"method":"ping","params":"x","id":1}', -1135],
  ["a parameter of 100,000 lists", `{"method":"ping","params":{"x":${deep(100_000)}},"id":1}`, -1135],
  ["a parameter that is an object", '{"method":"depth","params":{"symbol":{}},"id":1}', -1135],
  ["a symbol out of a prototype", '{"method":"depth","params":{"__proto__":"BTCUSDT"},"id":1}', -1102],
  ["a price that is a list", '{"method":"order.place","params":{"price":[1]},"id":1}', -1135],
  ["an order without a key", '{"method":"order.place","params":{"symbol":"BTCUSDT"},"id":1}', -2014],
  ["a binary frame", Uint8Array.of(1, 2, 3), -1135],
];

describe("frames that no client would send", () => {
  test.each(FRAMES)("on a websocket of streams: %s", async (_name, frame, code) => {
    const stream = await here.stream("/ws");
    stream.socket.send(frame);
    const [answer] = await stream.until(1);
    expect(answer.error?.code).toBe(code);
    expect((await stream.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).result.length).toBeLessThanOrEqual(
      1_024,
    );
    stream.socket.terminate();
  });

  test.each(REQUESTS)("on a websocket of the API: %s", async (_name, frame, code) => {
    const stream = await here.stream("/ws-api/v3");
    stream.socket.send(frame);
    const [answer] = await stream.until(1);
    expect([answer.status >= 400, answer.error?.code]).toEqual([true, code]);
    expect(await stream.ask({ method: "ping", id: "p" })).toMatchObject({ id: "p", status: 200 });
    stream.socket.terminate();
  });

  test.each(["/ws", "/ws-api/v3", "/stream?streams=btcusdt@trade"])(
    "a frame of 10 MB, and one that is no UTF-8, end the connection on %s",
    async (path) => {
      const large = await here.stream(path);
      large.socket.send(Buffer.alloc(10 << 20, 0x20));
      expect(await large.closed).toBeGreaterThanOrEqual(1006);
      const odd = await here.stream(path);
      odd.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
      expect(await odd.closed).toBeGreaterThanOrEqual(1006);
    },
  );

  test.each([
    "/ws/%zz",
    "/ws/btcusdt@trade/%00",
    "/stream?streams=%E0%A4%A/btcusdt@x",
    "/ws///",
    "/ws/__proto__",
  ])("an address of rubbish is a websocket that hears nothing: %s", async (path) => {
    const stream = await here.stream(path);
    const { result } = await stream.ask({ method: "LIST_SUBSCRIPTIONS", id: 1 });
    expect(result.filter((name: string) => name !== "btcusdt@trade")).toEqual([]);
    stream.socket.terminate();
  });
});

test("the control endpoint takes objects alone", async () => {
  const open = await new Rehearsal({ control: true }).start();
  for (const body of ["null", "[]", "1", "{", deep(10_000)]) {
    const headers = { "content-type": "application/json" };
    const address = `${open.server.urls.rest}/control/faults`;
    expect((await fetch(address, { method: "POST", headers, body })).status, body.slice(0, 9)).toBe(400);
  }
  await open.close();
});
