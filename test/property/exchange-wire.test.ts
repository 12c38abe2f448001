import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BTCUSDT, Rehearsal, type Stream } from "../fixtures/exchange.ts";
import { fuzz } from "../fixtures/fuzz.ts";

let here: Rehearsal;
let api: Stream;
let streams: Stream;

beforeAll(async () => {
  here = new Rehearsal({
    markets: [{ instrument: BTCUSDT, rules: { minNotional: "0" } }],
    rateLimits: { requestWeight: 1e9, ordersPer10s: 1e9, ordersPerDay: 1e9 },
  });
  (await here.start()).book();
  api = await here.stream("/ws-api/v3");
  streams = await here.stream("/ws");
});

afterAll(async () => {
  await here.close();
});

const NAMES = [
  ...["symbol", "symbols", "side", "type", "timeInForce", "price", "quantity", "quoteOrderQty", "stopPrice"],
  ...["newClientOrderId", "origClientOrderId", "orderId", "cancelOrderId", "cancelOrigClientOrderId"],
  ...["cancelReplaceMode", "cancelRestrictions", "newQty", "newOrderRespType", "recvWindow", "listenKey"],
  ...["limit", "fromId", "startTime", "endTime", "interval", "icebergQty", "timestamp", "signature"],
  ...["omitZeroBalances", "__proto__", "constructor", ""],
];
const GOOD = [
  ...["BTCUSDT", "BUY", "SELL", "LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "TAKE_PROFIT_LIMIT"],
  ...["GTC", "IOC", "FOK", "99.00", "101.00", "102", "1", "0.5", "2", "x1", "STOP_ON_FAILURE", "ONLY_NEW"],
  ...["ALLOW_FAILURE", "FULL", "ACK", "1m", "1M", "1s", '["BTCUSDT"]', "true"],
];
const BAD = [
  ...[
    "",
    "0",
    "-1",
    "NaN",
    "Infinity",
    "1e9",
    "1e309",
    "0x10",
    "9".repeat(20),
    "9".repeat(400),
    "1.2.3",
    ".5",
  ],
  ...[
    "0.000000001",
    "9007199254740993",
    "null",
    "undefined",
    "[]",
    "{}",
    "[[",
    '["X"]',
    "__proto__",
    "%",
    "\0",
  ],
  ...["constructor", "\u{1F600}", "BTCUSDT ", "btcusdt", "a&b=c", "../..", "'", '"', "<", "x".repeat(300)],
];
const ROUTES = [
  ...[
    "GET time",
    "GET exchangeInfo",
    "GET depth",
    "GET trades",
    "GET aggTrades",
    "GET klines",
    "GET avgPrice",
  ],
  ...[
    "GET ticker/24hr",
    "GET ticker/price",
    "GET ticker/bookTicker",
    "POST order",
    "POST order",
    "POST order",
  ],
  ...[
    "DELETE order",
    "GET order",
    "POST order/test",
    "POST order/cancelReplace",
    "PUT order/amend/keepPriority",
  ],
  ...[
    "GET openOrders",
    "DELETE openOrders",
    "GET allOrders",
    "GET myTrades",
    "GET account",
    "PUT userDataStream",
  ],
  ...["POST userDataStream", "DELETE userDataStream", "GET account/commission", "GET rateLimit/order"],
];
const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...GOOD) },
  { weight: 3, arbitrary: fc.constantFrom(...BAD) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
);
const LIMIT = { side: "BUY", type: "LIMIT", timeInForce: "GTC", price: "99.00", quantity: "1" };
const request = fc.record({
  route: fc.constantFrom(...ROUTES),
  isWhole: fc.boolean(),
  changes: fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 }),
  isSigned: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
});
type Given = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

function parametersOf({ isWhole, changes }: Given): Record<string, string> {
  return { ...(isWhole ? { symbol: "BTCUSDT", ...LIMIT } : {}), ...Object.fromEntries(changes) };
}

function expectSound(): void {
  expect(here.server.conservation()).toEqual([]);
  for (const { origQty, executedQty } of here.server.truth("alice").openOrders)
    expect(Number(executedQty)).toBeLessThanOrEqual(Number(origQty));
}

test("every request over HTTP is answered with a yes or a code, and money stays where it is", async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (all) => {
      for (const given of all) {
        const [method = "", path = ""] = given.route.split(" ");
        const { timestamp: _, signature: __, ...parameters } = parametersOf(given);
        const sign = given.isSigned;
        const { status, body } = await here.send(method, `/api/v3/${path}`, parameters, { sign });
        seen.add(status === 200 ? 0 : body.code);
        if (status === 200) continue;
        expect([400, 401, 404, 409, 503]).toContain(status);
        expect(body).toMatchObject({ code: expect.any(Number), msg: expect.any(String) });
        // What nobody foresaw is a defect of the server's, not of the request's.
        expect([-1000, -1001, -1006, -1007]).not.toContain(body.code);
      }
      expectSound();
    }),
    fuzz(60),
  );
  // Sixty runs drawn anew see a handful of codes at least; a server that refuses everything alike sees one or two.
  expect(seen.size).toBeGreaterThan(3);
});

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }),
  fc.constantFrom(...GOOD, ...BAD),
  fc.integer(),
  fc.double(),
);
const frame = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.jsonValue().map((given) => JSON.stringify(given)),
  fc
    .record({
      id: fc.oneof(fc.integer(), json),
      method: fc.oneof(
        fc.constantFrom("SUBSCRIBE", "UNSUBSCRIBE", "SET_PROPERTY", "order.place", "order.cancel", "depth"),
        fc.constantFrom("openOrders.cancelAll", "klines", "userDataStream.subscribe.signature", "toString"),
        json,
      ),
      params: fc.oneof(
        fc.array(fc.constantFrom("btcusdt@trade", "btcusdt@depth", "@", "__proto__@x", ...BAD)),
        fc.dictionary(fc.constantFrom(...NAMES), json),
        json,
      ),
    })
    .map((given) => JSON.stringify(given)),
);

test("every frame is answered, and the websocket goes on", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 8 }), async (frames) => {
      for (const stream of [api, streams]) {
        const before = stream.texts.length;
        for (const each of frames) stream.socket.send(each);
        const answers = (await stream.until(before + frames.length)).slice(before);
        for (const answer of answers) {
          const isYes = answer.result !== undefined || answer.status === 200;
          if (!isYes)
            expect(answer.error).toMatchObject({ code: expect.any(Number), msg: expect.any(String) });
        }
        // A stream that somebody did subscribe to would speak unasked.
        if (stream === streams) {
          const names = (await stream.ask({ method: "LIST_SUBSCRIPTIONS", id: 1 })).result;
          stream.socket.send(JSON.stringify({ method: "UNSUBSCRIBE", params: names, id: 2 }));
          await stream.until(before + frames.length + 2);
        }
      }
      expectSound();
    }),
    fuzz(80),
  );
});
