import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { CcxtClient, type CcxtExchange, ccxtInstrument } from "../../src/venue/ccxt.ts";
import {
  ExecutionNumbers,
  RequestBudget,
  systemVenueClock,
  VenueOrderIds,
  venueIdPrefix,
} from "../../src/venue/index.ts";
import { ACT, MS, VenueWorld, type VenueWorldOptions } from "../fixtures/venue-world.ts";

async function live(options: VenueWorldOptions = {}): Promise<VenueWorld> {
  const world = new VenueWorld(options);
  await world.start();
  await world.clock.advance(100 * MS);
  return world;
}

describe("client order ids", () => {
  it.each(["[0-9a-z]", "[A-Z0-9]", "[0-9]", "[.A-Z:/a-z0-9_-]"])("are told back by %s", (characters) => {
    const ids = new VenueOrderIds("12", { lengthMax: 36, characters });
    const number = fc.integer({ min: 1, max: 2 ** 40 - 1 });
    const of = fc.tuple(number, fc.oneof(fc.constant(0), number));
    fc.assert(
      fc.property(of, of, (left, right) => {
        const [one, other] = [ids.text(...left), ids.text(...right)];
        expect(ids.parse(one)).toEqual({ id: left[0], requestId: left[1] });
        expect(one === other).toBe(left[0] === right[0] && left[1] === right[1]);
        expect(new RegExp(`^(?:${characters}){1,36}$`).test(one)).toBe(true);
      }),
    );
    expect(ids.parse("12")).toBeUndefined();
    expect(ids.parse("someone")).toBeUndefined();
    expect(ids.parse("12200")).toBeUndefined();
  });

  it("need room and a prefix of the venue's characters", () => {
    expect(() => new VenueOrderIds("abc", { lengthMax: 10, characters: "[0-9a-z]" })).toThrow("prefix");
    expect(() => new VenueOrderIds("a-", { lengthMax: 36, characters: "[0-9a-z]" })).toThrow("prefix");
    expect(() => new VenueOrderIds("a", { lengthMax: 36, characters: "[a-z]" })).toThrow("characters");
    expect(venueIdPrefix("desk", 1n)).not.toBe(venueIdPrefix("desk", 2n));
    expect(venueIdPrefix("desk", 1n)).toMatch(/^\d{6}$/);
  });
});

describe("execution numbers", () => {
  it("are the same at every start, and give their texts back", () => {
    const learned: [number, string][] = [];
    const numbers = new ExecutionNumbers({
      scopes: ["A", "B"],
      learned: (...each) => void learned.push(each),
    });
    const texts = ["1", "A:1", "B:1", "B:90071992547", "7f-aa", "A:01", "C:5", "A:x"];
    const made = texts.map((text) => numbers.numberOf(text));
    expect(new Set(made).size).toBe(texts.length);
    expect(made.map((number) => numbers.textOf(number))).toEqual(texts);
    expect(learned.map(([, text]) => text)).toEqual(["7f-aa", "A:01", "C:5", "A:x"]);
    const later = new ExecutionNumbers({ scopes: ["A", "B"] });
    later.load(JSON.parse(JSON.stringify(numbers.save())));
    expect(made.map((number) => later.textOf(number))).toEqual(texts);
    expect(texts.map((text) => later.numberOf(text))).toEqual(made);
    expect(made.every((number) => number > 0 && number < 2 ** 52)).toBe(true);
  });

  it("are refused where another text has the number", () => {
    const numbers = new ExecutionNumbers({ scopes: ["A"] });
    const number = numbers.numberOf("text");
    const other = new ExecutionNumbers({ scopes: ["A"] });
    other.learn(number, "another");
    expect(other.numberOf("text")).toBeNaN();
    expect(numbers.numberOf("")).toBeNaN();
  });

  it("are hashes where arithmetic ends: at nothing, and from 2^51 on; scopes may have colons", () => {
    const learned: string[] = [];
    const scopes = ["BTC/USDT:USDT"];
    const numbers = new ExecutionNumbers({ scopes, kept: 2, learned: (_, text) => void learned.push(text) });
    expect(numbers.numberOf("BTC/USDT:USDT:41")).toBe(83);
    const large = "9999999999999999";
    const made = ["0", large].map((text) => numbers.numberOf(text));
    expect(made.every((number) => number >= 2 ** 51 && number < 2 ** 52)).toBe(true);
    expect(made.map((number) => numbers.textOf(number))).toEqual(["0", large]);
    expect(learned).toEqual(["0", large]);
    // The oldest of more than are kept is forgotten, and what is loaded takes the place of all.
    numbers.numberOf("x");
    expect(made.map((number) => numbers.textOf(number))).toEqual([String(made[0]), large]);
    numbers.load({ texts: [] });
    expect(numbers.textOf(made[1] as number)).toBe(String(made[1]));
  });
});

describe("a budget of requests", () => {
  it("never lets more through than the venue allows in any stretch of time, and keeps a share for cancels", () => {
    const request = fc.record({ waitNs: fc.integer({ min: 0, max: 300 }), isCancel: fc.boolean() });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 200 }), (requests) => {
        const budget = new RequestBudget([{ name: "all", weight: 10, perNs: 1000 }], 0.3);
        const taken: { readonly ns: number; readonly isCancel: boolean }[] = [];
        let ns = 0;
        for (const { waitNs, isCancel } of requests) {
          ns += waitNs;
          if (budget.take(isCancel ? "cancel" : "submit", ns)) taken.push({ ns, isCancel });
        }
        for (const { ns: from } of taken) {
          const within = taken.filter((each) => each.ns >= from && each.ns < from + 1000);
          expect(within.length).toBeLessThanOrEqual(10);
          expect(within.filter(({ isCancel }) => !isCancel).length).toBeLessThanOrEqual(7);
        }
      }),
    );
  });
});

describe("a budget of requests, to the nanosecond", () => {
  const LIMIT = { name: "all", weight: 4, perNs: 1600 };

  it("takes all of it, keeps a share for cancels of one and of all, and has it again 17 sixteenths later", () => {
    const budget = new RequestBudget([LIMIT], 0.25);
    const taken = ["submit", "replace", "submit", "submit", "cancelAll", "cancel"] as const;
    expect(taken.map((kind) => budget.take(kind, 0))).toEqual([true, true, true, false, true, false]);
    expect(budget.nextNs("cancel", 0)).toBe(100);
    expect(budget.nextNs("cancel", 150)).toBe(200);
    expect([budget.take("submit", 1699), budget.take("submit", 1700)]).toEqual([false, true]);
    expect(budget.nextNs("cancel", 1701)).toBe(1701);
  });

  it("counts part by part: what was drawn later comes back later", () => {
    const budget = new RequestBudget([LIMIT], 0);
    for (const ns of [0, 500, 500, 1000]) expect(budget.take("submit", ns)).toBe(true);
    const free = [1699, 1700, 1701, 2199, 2200, 2200, 2200].map((ns) => budget.take("submit", ns));
    expect(free).toEqual([false, true, false, false, true, true, false]);
  });

  it("draws what each kind costs, on every limit or on none", () => {
    const orders = { name: "orders", weight: 2, perNs: 1600, costs: { cancel: 0, query: 0 } };
    const budget = new RequestBudget([{ ...LIMIT, weight: 10, costs: { query: 5 } }, orders], 0);
    expect([budget.take("submit", 0), budget.take("submit", 0), budget.take("submit", 0)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([budget.take("query", 0), budget.take("query", 0)]).toEqual([true, false]);
    expect([1, 2, 3, 4].map(() => budget.take("cancel", 0))).toEqual([true, true, true, false]);
  });

  it("stands still while the venue says so, the longest of what it said", () => {
    const budget = new RequestBudget([LIMIT], 0);
    budget.pauseUntil(500);
    budget.pauseUntil(100);
    expect(budget.nextNs("cancel", 0)).toBe(500);
    expect([budget.take("cancel", 499), budget.take("cancel", 500)]).toEqual([false, true]);
  });
});

describe("VenueLink's doors", () => {
  it("refuse new orders by report while the link is not live; cancels leave", async () => {
    const world = await live();
    world.act(0, ACT.buy, 5, 995);
    await world.clock.advance(10 * MS);
    world.client.disconnect();
    world.act(0, ACT.buy, 5, 996);
    await world.clock.advance(1 * MS);
    expect(world.refused).toEqual(["2.0 VENUE_DISCONNECTED"]);
    expect(world.strategy.heard).toContain("2 rejected notSent");
    expect(world.strategy.heard).toContain("1 unknown disconnected");
    world.client.connect();
    world.act(0, ACT.cancel, 0, 995);
    await world.settle();
    expect(world.strategy.heard).toContain("1 canceled");
    expect(world.truth().ours).toEqual(world.truth().venue);
  });

  it("refuse what the venue cannot do before anything is sent", async () => {
    const world = await live({ capabilities: { postOnly: false, types: ["limit"], replace: "none" } });
    world.act(0, ACT.postOnly, 5, 995);
    world.act(0, ACT.market, 5, 0);
    world.act(0, ACT.buy, 5, 995);
    await world.clock.advance(10 * MS);
    world.act(0, ACT.replace, 0, 996);
    await world.clock.advance(10 * MS);
    expect(world.refused).toEqual([
      "1.0 VENUE_UNSUPPORTED",
      "2.0 VENUE_UNSUPPORTED",
      "3.1 VENUE_UNSUPPORTED",
    ]);
    expect([...world.venue.arrivals.keys()].length).toBe(1);
  });

  it("refuse what no budget is left for, and let cancels through; more cancels wait, up to a bound", async () => {
    const rateLimits = [{ name: "all", weight: 12, perNs: 1000 * MS, costs: { query: 0, queryOrder: 0 } }];
    const world = await live({ capabilities: { rateLimits }, link: { cancelsQueued: 2 } });
    for (let i = 0; i < 10; i++) world.act(0, ACT.buy, 1, 990 - i);
    await world.clock.advance(10 * MS);
    expect(world.refused).toEqual(["10.0 VENUE_RATE_LIMITED"]);
    for (let i = 0; i < 6; i++) world.act(0, ACT.cancel, i, 990);
    await world.clock.advance(10 * MS);
    expect(world.link.counts).toMatchObject({ cancelsWaiting: 2, cancelsDropped: 1 });
    await world.clock.advance(2000 * MS);
    expect(world.link.counts.cancelsWaiting).toBe(0);
    expect(world.truth().ours).toEqual(world.truth().venue);
  });

  it("tell an order without an answer as unknown, and ask before anything else", async () => {
    const world = await live();
    world.client.requestFaults.push("hang");
    world.client.reportFaults.push("drop");
    world.act(0, ACT.buy, 5, 995);
    await world.clock.advance(55 * MS);
    expect(world.strategy.heard).toEqual(["1 unknown lostOnTheWay"]);
    expect(world.unknown()).toBe(1);
    await world.settle();
    expect(world.unknown()).toBe(0);
    expect(world.twice()).toEqual([]);
    expect(world.truth().ours).toEqual({ open: ["ABC@mem buy 995 5 0"], positions: [0, 0] });
  });

  it("cannot be passed: nothing of the client is reachable from a link", async () => {
    const { link } = await live();
    const names = new Set<string>();
    for (let at: unknown = link; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Reflect.ownKeys(at as object)) names.add(String(name));
    }
    expect([...names].filter((name) => /client|submit|replace/i.test(name))).toEqual([]);
    expect(() => link.door(7)).toThrow("station");
  });
});

const market = {
  ...{ id: "BTCUSDT", symbol: "BTC/USDT", base: "BTC", quote: "USDT", maker: "0.0002", taker: "0.0004" },
  precision: { price: "0.01", amount: "0.00001" },
  limits: { amount: { min: "0.000015", max: "9000.5" }, cost: { min: "5" } },
};

describe("ccxt's markets", () => {
  it("become instruments exactly", () => {
    const { instrument, minNotional, maxNotional } = ccxtInstrument(market, { venue: "binance" });
    expect([instrument.minLots, instrument.maxLots, minNotional, maxNotional]).toEqual([
      2,
      900_050_000,
      "5",
      undefined,
    ]);
    expect(instrument.formatPrice(1)).toBe("0.01");
    const places = { ...market, precision: { price: "2", amount: "8" } };
    expect(ccxtInstrument(places, { venue: "x", precisionMode: 2 }).instrument.formatQuantity(1)).toBe(
      "0.00000001",
    );
    const tiny = { ...market, precision: { price: "1e-10", amount: "1" } };
    expect(ccxtInstrument(tiny, { venue: "x" }).instrument.formatPrice(3)).toBe("0.0000000003");
    expect(() => ccxtInstrument({ ...market, precision: {} }, { venue: "x" })).toThrow("precision.price");
    expect(() => ccxtInstrument(market, { venue: "x", precisionMode: 3 })).toThrow("FAULT_CONFIG");
  });
});

describe("keys of ccxt's exchanges", () => {
  const secret = "sEcReT+with/odd=characters";
  const apiKey = "kEy-of-mine";

  it("stand in no error, no trouble, and nothing that can be printed", async () => {
    const said: unknown[] = [];
    const clock = systemVenueClock(0n);
    const ccxt = await import("ccxt");
    const errors = [
      "NetworkError",
      "RequestTimeout",
      "AuthenticationError",
      "InvalidOrder",
      "ExchangeError",
      "RateLimitExceeded",
      "BadResponse",
    ] as const;
    const instrument = new Instrument({
      symbol: "BTCUSDT",
      venue: "binance",
      tickSize: "0.01",
      lotSize: "0.00001",
      quote: "USDT",
    });
    const words = `binance POST https://x/api?signature=abc123&apiKey=${apiKey} {"apiKey":"${apiKey}","secret":"${secret}"} ${encodeURIComponent(secret)} ${secret}`;
    for (const name of errors) {
      const fail = (): Promise<never> => Promise.reject(new ccxt[name](words));
      const exchange = {
        ...{ id: "binance", has: {}, urls: {}, options: {}, timeout: 1, precisionMode: 4 },
        ...{ markets_by_id: { BTCUSDT: [market] }, handleMessage() {}, setSandboxMode() {} },
        ...{ loadMarkets: async () => ({}), close: async () => {}, watchOrders: fail, watchMyTrades: fail },
        ...{ createOrder: fail, cancelOrder: fail, editOrder: fail, cancelAllOrders: fail, fetchOrder: fail },
        ...{ fetchOpenOrders: fail, fetchMyTrades: fail, fetchBalance: fail, fetchPositions: fail },
      } as object as CcxtExchange;
      const client = new CcxtClient({
        ...{ exchange: "binance", instruments: [instrument], baseNs: 0n, clock, seed: 1, isSandbox: false },
        ...{ credentials: () => ({ apiKey, secret }), make: async () => exchange },
      });
      const note = (each: unknown): void => void said.push(each);
      await client.open({ report: note, connected: () => {}, disconnected: note, trouble: note });
      const order = { instrument, clientOrderId: "a1", orderId: "1" };
      const terms = {
        ...order,
        side: "buy",
        type: "limit",
        timeInForce: "GTC",
        postOnly: false,
        reduceOnly: false,
        priceTicks: 1,
        stopTicks: 0,
        lots: 1,
        displayLots: 0,
        expireNs: Infinity,
      } as const;
      note(await client.submit(terms));
      note(await client.cancel(order, "a2"));
      note(await client.replace(order, terms));
      note(await client.cancelAll(null));
      for (const ask of [client.queryOrder(order), client.query({ sections: ["orders", "cash"] })]) {
        await ask.catch((fault: Error) => note([fault.message, fault.stack, fault.cause]));
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
      await client.close();
      note(Object.keys(client));
    }
    const text = JSON.stringify(said, (_key, value) => (typeof value === "bigint" ? String(value) : value));
    expect(said.length).toBeGreaterThan(errors.length * 6);
    for (const hidden of [secret, apiKey, encodeURIComponent(secret), "abc123"])
      expect(text).not.toContain(hidden);
  });

  it("come from the environment by name, and what is missing is named", async () => {
    const instrument = new Instrument({
      symbol: "BTCUSDT",
      venue: "binance",
      tickSize: "0.01",
      lotSize: "0.00001",
      quote: "USDT",
    });
    const client = new CcxtClient({
      ...{ exchange: "binance", instruments: [instrument], baseNs: 0n, clock: systemVenueClock(0n), seed: 1 },
      ...{ credentials: "NO_SUCH_VENUE", isSandbox: false },
    });
    const listener = { report() {}, connected() {}, disconnected() {}, trouble() {} };
    await expect(client.open(listener)).rejects.toThrow("NO_SUCH_VENUE_API_KEY");
  });
});
