import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ExchangeServer } from "../../src/exchange/index.ts";
import { Instrument } from "../../src/model/index.ts";
import { BinanceFeed } from "../../src/venue/binance.ts";
import { CcxtClient } from "../../src/venue/ccxt.ts";
import { systemVenueClock, type VenueOrderTerms, type VenueTrouble } from "../../src/venue/index.ts";
import { FeedEar } from "../fixtures/feed-ear.ts";
import { ACCOUNT, LiveExchange, MARKETS } from "../fixtures/live-exchange.ts";
import { unsettled, untrue } from "../fixtures/live-exchange-truth.ts";
import { type Asked, type Meddled, MeddlingProxy } from "../fixtures/meddling-proxy.ts";

const BOUND_MS = Number(process.env["BOUND_MS"] ?? 20_000);
const SECRET = "s".repeat(64);
const deep = (levels: number): string => `${'{"a":['.repeat(levels)}${"]}".repeat(levels)}`;

const LONG = { timeout: 90_000 };

let world: LiveExchange;
let proxy: MeddlingProxy;

beforeAll(async () => {
  world = new LiveExchange({ seed: 1 });
  proxy = new MeddlingProxy(world.server, SECRET);
  await proxy.open();
  // Where a machine is busy a first connection may be too late.
  for (let i = 0; i < 20; i++) {
    try {
      await world.start();
      break;
    } catch {
      await pause(50);
    }
  }
  world.trader.on("refused", ({ code, message }) => refusals.push(`${code} ${message}`));
  // The gate wants a price that is fresh.
  mover = setInterval(() => world.markets[0]?.trade("buy", 0, 1), 50);
  await settled();
}, 60_000);
let mover: NodeJS.Timeout | undefined;
const refusals: string[] = [];

afterAll(async () => {
  clearInterval(mover);
  await world.close();
  await proxy.close();
});

const pause = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));

/** What is known where something did not come about. */
function standing(): string {
  const { trader, strategy } = world;
  const last = world.alerts.filter(({ code }) => !/HELD|FREED/.test(code)).slice(-4);
  const held = trader.status().instruments.map((each) => each.held.join("+"));
  const { state, breaks, inFlight } = world.figures();
  return JSON.stringify({
    held,
    state,
    breaks,
    inFlight,
    signals: strategy.signals,
    heard: strategy.heard,
    last,
    refusals: refusals.slice(-2),
  });
}

async function until(what: () => string | undefined): Promise<void> {
  const from = performance.now();
  for (let words = what(); words !== undefined; words = what()) {
    if (performance.now() - from > BOUND_MS) throw new Error(`${words}; ${standing()}`);
    await pause(10);
  }
}

/** Both sides agree, and go on to agree. */
async function settled(): Promise<void> {
  let calm = 0;
  await until(() => {
    const words = unsettled(world);
    calm = words === undefined ? calm + 1 : 0;
    return calm > 5 ? undefined : (words ?? "calm for too short a time");
  });
}

let told = 0;

/** An order that rests, each time another one: the gate refuses what it saw before. */
function buy(): void {
  told += 1;
  world.tell("buy", 0, 1 + (told % 9), (world.markets[0]?.bidTicks ?? 0) - 6 - (told % 7));
}

/** An order that is executed at once. */
function take(): void {
  told += 1;
  world.tell("marketBuy", 0, 1 + (told % 9));
}

/** The codes that were told since. */
function codes(from: number): string[] {
  return world.alerts.slice(from).map(({ code, fields }) => String(fields["cause"] ?? code));
}

interface Row {
  readonly begin: () => void;
  /** What is done again and again until the code is told. */
  readonly act: () => void;
  readonly end?: () => void;
}

/** Meddles until something is told of it, ends it, and finds both sides of one mind. */
async function meet({ begin, act, end }: Row, code: string | undefined): Promise<void> {
  const from = world.alerts.length;
  try {
    begin();
    for (let i = 0; code === undefined && i < 2; i++) {
      act();
      await pause(60);
    }
    await doing(act, () => {
      if (code === undefined) return undefined;
      const told = codes(from).filter((each) => !/HELD|FREED/.test(each));
      return told.includes(code) ? undefined : `not told: ${code}; but ${[...new Set(told)].join(" ")}`;
    });
  } finally {
    end?.();
    proxy.calm();
    world.server.faults.clear();
  }
  await settled();
  expect(world.server.conservation()).toEqual([]);
}

/** Orders leave, arrive, and can be canceled, as before. */
async function goesOn(): Promise<void> {
  const before = world.server.truth(ACCOUNT).orders.length;
  await doing(buy, () =>
    world.server.truth(ACCOUNT).orders.length > before ? undefined : "no order arrives any more",
  );
  await doing(
    () => world.tell("cancel", 0, 0),
    () => (world.trader.status().openOrders < 2 ? undefined : "orders are not canceled any more"),
    30,
  );
  await settled();
  expect(untrue(world)).toEqual([]);
}

/** Does something now and then until nothing speaks against it any more. */
async function doing(act: () => void, against: () => string | undefined, everyMs = 250): Promise<void> {
  let actedMs = Number.NEGATIVE_INFINITY;
  await until(() => {
    const words = against();
    if (words === undefined) return undefined;
    if (performance.now() - actedMs > everyMs) {
      actedMs = performance.now();
      act();
    }
    return words;
  });
}

const is = (asked: Asked, method: string, path: string): boolean =>
  asked.method === method && asked.path === `/api/v3/${path}`;
const answering =
  (method: string, path: string, body: string, more: Partial<Meddled> = {}) =>
  () => {
    proxy.answers = (asked) => (is(asked, method, path) ? { body, ...more } : undefined);
  };
const swallowing = (method: string, path: string, body: string) => () => {
  proxy.swallows = (asked) => (is(asked, method, path) ? { body } : undefined);
};
const changing = (method: string, path: string, changes: Readonly<Record<string, string>>) => () => {
  proxy.asks = (asked) => {
    if (!is(asked, method, path)) return false;
    for (const [name, value] of Object.entries(changes)) asked.parameters.set(name, value);
    return true;
  };
};
const wronglySigned = (): void => {
  changing("POST", "order", {})();
  proxy.secret = "another";
};
const cancel = (): void => {
  if (world.trader.status().openOrders === 0) buy();
  else world.tell("cancel", 0, 0);
};

describe("what the venue refuses", () => {
  const ROWS: readonly (readonly [string, Row, string])[] = [
    [
      "a symbol that there is none of",
      { begin: changing("POST", "order", { symbol: "DOGEUSDT" }), act: buy },
      "VENUE_REJECTED",
    ],
    [
      "a price off the grid",
      { begin: changing("POST", "order", { price: "99.001" }), act: buy },
      "VENUE_REJECTED",
    ],
    [
      "a quantity off the grid",
      { begin: changing("POST", "order", { quantity: "0.15" }), act: buy },
      "VENUE_REJECTED",
    ],
    ["too little money", { begin: changing("POST", "order", { price: "1.00" }), act: buy }, "VENUE_REJECTED"],
    [
      "more than there is",
      { begin: changing("POST", "order", { quantity: "200000" }), act: buy },
      "VENUE_REJECTED",
    ],
    [
      "a time of 11 s ago",
      {
        begin: () => world.server.faults.setClockOffset(11_000),
        act: buy,
        end: () => world.server.faults.setClockOffset(0),
      },
      "VENUE_CLOCK",
    ],
    [
      "a time 5 s to come",
      {
        begin: () => world.server.faults.setClockOffset(-5_000),
        act: buy,
        end: () => world.server.faults.setClockOffset(0),
      },
      "VENUE_CLOCK",
    ],
    ["another's signature", { begin: wronglySigned, act: buy }, "VENUE_AUTHENTICATION"],
    ["maintenance", { begin: () => world.server.faults.setMaintenance(true), act: buy }, "VENUE_MAINTENANCE"],
  ];
  test.each(ROWS)("%s", LONG, async (_name, row, code) => {
    await meet(row, code);
  });

  test("the session goes on, nothing was lost or sent twice, and a replay does it again", LONG, goesOn);
});

describe("answers that no exchange would give", () => {
  const BODIES: Readonly<Record<string, string>> = {
    "a page": "<html><body>Bad Gateway</body></html>",
    nothing: "",
    "half an object": '{"orderId":1,"symbol":"BTC',
    "an empty object": "{}",
    "a list": "[]",
    null: "null",
    "a number": "4711",
    "20,000 objects in one another": deep(20_000),
    "an order of wrong types": '{"symbol":[],"orderId":{},"status":1,"price":true,"origQty":null,"time":"x"}',
    "another order": '{"symbol":"BTCUSDT","orderId":4711,"clientOrderId":"another","status":"NEW"}',
  };
  const isAskedFor = ["a page", "half an object", "an empty object", "null", "20,000 objects in one another"];

  test.each(Object.entries(BODIES))("%s for an order that never came", LONG, async (_name, body) => {
    await meet({ begin: swallowing("POST", "order", body), act: buy }, "VENUE_MALFORMED");
  });

  test.each(Object.entries(BODIES))("%s for an order that came", LONG, async (_name, body) => {
    await meet({ begin: answering("POST", "order", body), act: buy }, undefined);
  });

  test.each(Object.entries(BODIES).slice(0, -1))(
    "%s for a cancel that never came",
    LONG,
    async (_name, body) => {
      await meet({ begin: swallowing("DELETE", "order", body), act: cancel }, "VENUE_MALFORMED");
    },
  );

  test.each(isAskedFor.flatMap((name) => [["openOrders", name] as const, ["myTrades", name] as const]))(
    "for the %s: %s",
    LONG,
    async (path, name) => {
      await meet({ begin: answering("GET", path, BODIES[name] as string), act: take }, "VENUE_MALFORMED");
    },
  );

  test("numbers that are none, in lists", LONG, async () => {
    const spoil = (from: RegExp, to: string) => () => {
      proxy.answers = ({ path }, text) =>
        /openOrders|myTrades/.test(path) && from.test(text) ? { body: text.replaceAll(from, to) } : undefined;
    };
    for (const [from, to] of [
      [/"(origQty|qty)":"[^"]*"/g, '"$1":"NaN"'],
      [/"(origQty|qty)":"[^"]*"/g, '"$1":"-1.0"'],
      [/"(origQty|qty)":"[^"]*"/g, '"$1":"1e400"'],
      [/"price":"[^"]*"/g, '"price":"99.001"'],
      [/"side":"[^"]*"|"isBuyer":true/g, '"side":"HOLD"'],
    ] as const) {
      await meet({ begin: spoil(from, to), act: buy }, "VENUE_MALFORMED");
    }
  });

  test("an answer without an end", LONG, async () => {
    await meet(
      { begin: answering("GET", "openOrders", "[", { isEndless: true }), act: buy },
      "VENUE_TIMEOUT",
    );
  });

  test("an answer of 40 MB", LONG, async () => {
    const begin = (): void =>
      void world.server.faults.add({ kind: "oversizedAnswer", on: "submit", count: 2 });
    await meet({ begin, act: buy }, undefined);
  });

  test("the session goes on, nothing was lost or sent twice, and a replay does it again", LONG, goesOn);
});

describe("frames that no exchange would send", () => {
  const report = (more: object): string => {
    const ms = Date.now();
    const event = {
      ...{
        e: "executionReport",
        E: ms,
        s: "BTCUSDT",
        c: "of-nobody",
        S: "BUY",
        o: "LIMIT",
        f: "GTC",
        q: "1.0",
      },
      ...{ p: "100.00", P: "0.0", F: "0.0", g: -1, C: "", x: "TRADE", X: "FILLED", r: "NONE", i: 9_999_999 },
      ...{
        l: "1.0",
        z: "1.0",
        L: "100.00",
        n: "0",
        N: "USDT",
        T: ms,
        t: 8_888_888,
        I: 1,
        w: false,
        m: false,
      },
      ...{ M: false, O: ms, Z: "100.0", Y: "100.0", Q: "0.0", W: ms, V: "NONE" },
      ...more,
    };
    return JSON.stringify({ subscriptionId: 0, event });
  };
  const ACCOUNT_FRAMES: readonly (readonly [string, string | Uint8Array, string | undefined])[] = [
    ["text that is no JSON", "hello", "VENUE_MALFORMED"],
    ["half an object", report({}).slice(0, 200), "VENUE_MALFORMED"],
    ["null", "null", "VENUE_MALFORMED"],
    ["a list", "[1,2,3]", undefined],
    ["20,000 objects in one another", deep(20_000), undefined],
    ["bytes", Uint8Array.of(0, 255, 1), "VENUE_MALFORMED"],
    ["an execution of nobody's order", report({}), undefined],
    ["a quantity of NaN", report({ l: "NaN", t: 1 }), "VENUE_MALFORMED"],
    ["a quantity below nothing", report({ l: "-1.0", t: 2 }), "VENUE_MALFORMED"],
    ["a quantity without an end", report({ l: "1e400", t: 3 }), "VENUE_MALFORMED"],
    ["a price between ticks", report({ L: "99.001", t: 4 }), "VENUE_MALFORMED"],
    ["a side that there is none of", report({ S: "HOLD", t: 5 }), "VENUE_MALFORMED"],
    ["a time that is none", report({ T: "x", E: {}, t: 6 }), undefined],
    ["wrong types", report({ s: "BTCUSDT", i: [], c: {}, l: true, L: null, t: {} }), undefined],
    ["an order of wrong figures", report({ x: "NEW", X: "NEW", q: "x", p: "y" }), "VENUE_MALFORMED"],
  ];

  test.each(ACCOUNT_FRAMES)("to the account: %s", LONG, async (_name, frame, code) => {
    const act = (): void => {
      proxy.say(frame, "/ws-api");
    };
    await meet({ begin: () => {}, act }, code);
  });

  const depth = (data: string): string => `{"stream":"btcusdt@depth@100ms","data":${data}}`;
  const MARKET_FRAMES: readonly (readonly [string, string | Uint8Array])[] = [
    ["text that is no JSON", "hello"],
    ["half an object", depth('{"e":"depthUpdate","E":1').slice(0, -1)],
    ["null", "null"],
    ["bytes", Uint8Array.of(0, 255, 1)],
    ["20,000 objects in one another", deep(20_000)],
    ["a price of NaN", depth('{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[["NaN","1"]],"a":[]}')],
    ["numbers of wrong types", depth('{"e":"depthUpdate","E":{},"s":"BTCUSDT","U":"x","u":[],"b":1,"a":2}')],
  ];

  test.each(MARKET_FRAMES)("to the feed: %s", LONG, async (_name, frame) => {
    const act = (): void => {
      proxy.say(frame, "/stream");
    };
    await meet({ begin: () => {}, act }, "VENUE_MALFORMED");
  });

  test("the session goes on, nothing was lost or sent twice, and a replay does it again", LONG, goesOn);
});

describe("before anything is traded", () => {
  const KEY = { apiKey: "A".repeat(64), secret: SECRET };
  const READER = { apiKey: "R".repeat(64), secret: "r".repeat(64), canTrade: false };
  const [BTC] = MARKETS;
  const baseNs = BigInt(Math.floor(Date.now() / 1000)) * 1_000_000_000n;
  const clock = systemVenueClock(baseNs);
  let server: ExchangeServer;
  const clients: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    const accounts = [{ name: "alice", balances: { USDT: "1000" }, keys: [KEY, READER] }];
    server = new ExchangeServer({ markets: [{ instrument: BTC }], accounts });
    await server.start();
  });

  afterEach(async () => {
    server.faults.clear();
    server.faults.setClockOffset(0);
    await Promise.allSettled(clients.splice(0).map((each) => each.close()));
  });

  afterAll(async () => {
    await server.close();
  });

  function clientOf(key: typeof KEY, instrument: Instrument, urls: object = server.ccxtUrls()): CcxtClient {
    const client = new CcxtClient({
      ...{ exchange: "binance", instruments: [instrument], baseNs, clock, credentials: () => key },
      ...{ isSandbox: false, seed: 1, urls: { ...urls }, timeoutMs: 2_000, backOffMs: 10 },
      options: { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false },
    });
    clients.push(client);
    return client;
  }

  function feedOf(): BinanceFeed {
    const { stream, rest } = server.urls;
    const feed = new BinanceFeed({
      ...{ clock: { baseNs, nowNs: () => clock.nowNs() }, streamUrl: stream, restUrl: rest, seed: 1 },
    });
    clients.push(feed);
    return feed;
  }

  const said: string[] = [];
  const listener = {
    ...{
      report: () => {},
      connected: () => {},
      disconnected: ({ code }: VenueTrouble) => void said.push(code),
    },
    trouble: ({ code }: VenueTrouble) => void said.push(code),
  };
  const instrument = new Instrument(BTC);
  const order: VenueOrderTerms = {
    ...{ instrument, clientOrderId: "x1", side: "buy", type: "limit", timeInForce: "GTC", postOnly: false },
    ...{ reduceOnly: false, priceTicks: 10_000, stopTicks: 0, lots: 1, displayLots: 0 },
    expireNs: Number.POSITIVE_INFINITY,
  };

  test.each(["Z".repeat(64), "{}"])("a key that there is none of: %s", LONG, async (apiKey) => {
    const client = clientOf({ ...KEY, apiKey }, instrument);
    await expect(client.open(listener)).rejects.toThrow("VENUE_AUTHENTICATION");
    expect(await client.submit(order)).toMatchObject({ outcome: "notSent" });
  });

  test("another's secret: a question fails, an order is not sent, the stream says why", LONG, async () => {
    said.length = 0;
    const code = "VENUE_AUTHENTICATION";
    const secret = "t".repeat(64);
    const client = clientOf({ ...KEY, secret }, instrument);
    await client.open(listener);
    await expect(client.query({ sections: ["orders", "cash"] })).rejects.toThrow(code);
    const outcome = await client.submit(order);
    expect(outcome).toMatchObject({ outcome: "notSent", cause: { code } });
    expect(JSON.stringify(outcome)).not.toMatch(new RegExp(`${secret}|${KEY.apiKey}`));
    await until(() => (said.includes(code) ? undefined : "the stream says nothing"));
    expect(server.truth("alice").orders).toEqual([]);
  });

  test("a key that may look and not trade", LONG, async () => {
    const client = clientOf(READER, instrument);
    await client.open(listener);
    expect((await client.query({ sections: ["orders"] })).orders).toEqual([]);
    const cause = { code: "VENUE_PERMISSION" };
    expect(await client.submit(order)).toMatchObject({ outcome: "notSent", cause });
  });

  test("a clock that is off by more than the window", LONG, async () => {
    const client = clientOf(KEY, instrument);
    await client.open(listener);
    for (const ms of [11_000, -5_000]) {
      server.faults.setClockOffset(ms);
      await expect(client.query({ sections: ["orders"] })).rejects.toThrow("VENUE_CLOCK");
      expect(await client.submit(order)).toMatchObject({
        outcome: "notSent",
        cause: { code: "VENUE_CLOCK" },
      });
    }
    server.faults.setClockOffset(0);
    expect((await client.query({ sections: ["orders"] })).orders).toEqual([]);
  });

  test("maintenance: neither account nor market data can be opened", LONG, async () => {
    server.faults.setMaintenance(true);
    await expect(clientOf(KEY, instrument).open(listener)).rejects.toThrow("VENUE_MAINTENANCE");
    await expect(feedOf().open(new FeedEar())).rejects.toThrow("VENUE_MAINTENANCE");
  });

  test("a symbol that there is none of, at both doors", LONG, async () => {
    const doge = new Instrument({ ...BTC, symbol: "DOGEUSDT", base: "DOGE" });
    await expect(clientOf(KEY, doge).open(listener)).rejects.toThrow("VENUE_UNKNOWN_INSTRUMENT");
    const feed = feedOf();
    await feed.open(new FeedEar());
    await feed.subscribe(doge, ["depth"]);
    await expect(feed.requestSnapshot(doge)).rejects.toThrow("VENUE_UNKNOWN_INSTRUMENT");
  });

  test("nobody there", LONG, async () => {
    const nowhere = JSON.parse(
      JSON.stringify(server.ccxtUrls()).replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:1"),
    );
    await expect(clientOf(KEY, instrument, nowhere).open(listener)).rejects.toThrow("VENUE_UNREACHABLE");
  });
});
