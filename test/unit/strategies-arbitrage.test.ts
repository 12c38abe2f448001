import { describe, expect, it } from "vitest";
import { flatFees } from "../../src/model/index.ts";
import { CrossVenueArbitrage, type CrossVenueArbitrageOptions } from "../../src/strategies/index.ts";
import { FakeContext, type FakeMarket, type FakeTicket, market } from "../fixtures/fake-strategy-context.ts";

/** Ten lots of this are one of the other; a tick of a lot is worth a tenth of a cent. */
const FINE = { lotSize: "0.1", bookLotSize: "0.01", quote: { code: "USD", decimals: 3 } };

interface Setup {
  readonly one: FakeMarket;
  readonly two: FakeMarket;
  readonly ctx: FakeContext;
  readonly strategy: CrossVenueArbitrage;
  look(): string[];
  ticket(index: number): FakeTicket;
}

function setup(more: Partial<CrossVenueArbitrageOptions> = {}, second: object = {}): Setup {
  const one = market("AAA", { venue: "one", fees: flatFees("0", "0.0005") });
  const two = market("BBB", { venue: "two", fees: flatFees("0", "0.0005"), ...second });
  const ctx = new FakeContext(one, two);
  const strategy = new CrossVenueArbitrage({
    first: "AAA",
    second: "BBB",
    thresholdBp: 5,
    orderLots: 10,
    maxPositionLots: 25,
    ...more,
  });
  strategy.onStart(ctx);
  const look = (): string[] => {
    strategy.onBook(one.view, ctx);
    return ctx.take();
  };
  return { one, two, ctx, strategy, look, ticket: (index) => ctx.tickets.at(index) as FakeTicket };
}

describe("CrossVenueArbitrage", () => {
  it("needs more than both fees and the threshold, 15 bp here", () => {
    const { one, two, look } = setup();
    one.quote(9_999, 10_000);
    two.quote(10_014, 10_020);
    expect(look()).toEqual([]);
    two.quote(10_016, 10_020);
    expect(look()).toEqual(["+ buy 10 @ 10000", "+ sell 10 @ 10016"]);
  });

  it("works the other way round, with fees given by hand", () => {
    const { one, two, look, ctx } = setup({ feeRates: [0, 0], thresholdBp: 0 });
    one.quote(10_001, 10_002);
    two.quote(9_990, 10_000);
    expect(look()).toEqual(["+ buy 10 @ 10000", "+ sell 10 @ 10001"]);
    expect(ctx.tickets.map((it) => [it.instrument.symbol, it.request.timeInForce])).toEqual([
      ["BBB", "IOC"],
      ["AAA", "IOC"],
    ]);
  });

  it("takes only what stands at both touches, and no more than the limits leave", () => {
    const { one, two, look, ctx, strategy } = setup();
    one.quote(9_999, 10_000, 50, 7);
    two.quote(10_100, 10_110, 4, 50);
    expect(look()).toEqual(["+ buy 4 @ 10000", "+ sell 4 @ 10100"]);
    for (const ticket of ctx.openOrders()) ctx.fill(strategy, ticket);
    [one.lots, two.lots] = [22, -20];
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    expect(look()).toEqual(["+ buy 3 @ 10000", "+ sell 3 @ 10100"]);
    for (const ticket of ctx.openOrders()) ctx.fill(strategy, ticket);
    expect(look()).toEqual([]);
  });

  it("waits for both legs, then attacks again", () => {
    const { one, two, look, ctx, strategy, ticket } = setup();
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    expect(look()).toHaveLength(2);
    ctx.fill(strategy, ticket(0));
    expect(look()).toEqual([]);
    ctx.fill(strategy, ticket(1));
    expect(look()).toHaveLength(2);
    expect(strategy.counts).toEqual({ attacks: 2, unwinds: 0 });
  });

  it.each([
    ["the second leg traded nothing", 10, 0, "+ sell 10 @ market"],
    ["the first leg traded nothing", 0, 10, "+ buy 10 @ market"],
    ["the second leg traded less", 10, 4, "+ sell 6 @ market"],
    ["the first leg traded less", 3, 8, "+ buy 5 @ market"],
  ])("trades the surplus back on the leg that has it: %s", (_name, bought, sold, unwind) => {
    const { one, two, look, ctx, strategy } = setup();
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    look();
    for (const [i, lots] of [bought, sold].entries()) {
      const it = ctx.tickets[i] as FakeTicket;
      if (lots > 0) ctx.fill(strategy, it, lots);
      if (it.isOpen) ctx.finish(strategy, it, "expired");
    }
    expect(ctx.take()).toEqual([unwind]);
    expect((ctx.tickets[2] as FakeTicket).instrument.symbol).toBe(bought > sold ? "AAA" : "BBB");
    expect(look()).toEqual([]);
    ctx.fill(strategy, ctx.tickets[2] as FakeTicket);
    expect(one.lots + two.lots).toBe(0);
    expect(look()).toHaveLength(2);
  });

  it("unwinds when the venue's door refuses the second leg, and tries again until it is even", () => {
    const { one, two, look, ctx, strategy, ticket } = setup();
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    ctx.refuses = (request) => request.side === "sell";
    expect(look()).toEqual(["+ buy 10 @ 10000", "! sell"]);
    ctx.fill(strategy, ticket(0));
    expect(ctx.take()).toEqual(["! sell", "! sell"]);
    ctx.refuses = () => false;
    expect(look()).toEqual(["+ sell 10 @ market"]);
    ctx.fill(strategy, ticket(-1), 6);
    ctx.finish(strategy, ticket(-1), "expired");
    expect(ctx.take()).toEqual([]);
    expect(look()).toEqual(["+ sell 4 @ market"]);
    ctx.fill(strategy, ticket(-1));
    expect(one.lots).toBe(0);
  });

  it("does nothing where the first leg is refused, one side is missing, or it is not warm", () => {
    const { one, two, look, ctx } = setup();
    one.quote(9_999, undefined);
    two.quote(10_100, 10_110);
    expect(look()).toEqual([]);
    one.quote(9_999, 10_000);
    ctx.isWarm = false;
    expect(look()).toEqual([]);
    ctx.isWarm = true;
    ctx.refuses = () => true;
    expect(look()).toEqual(["! buy"]);
    ctx.refuses = () => false;
    expect(look()).toHaveLength(2);
  });

  it("rests after an attack", () => {
    const { one, two, look, ctx, strategy } = setup({ cooldownNs: 1_000 });
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    look();
    for (const ticket of ctx.openOrders()) ctx.fill(strategy, ticket);
    ctx.nowNs = 999;
    expect(look()).toEqual([]);
    ctx.nowNs = 1_000;
    expect(look()).toHaveLength(2);
  });

  it("counts lots of unlike size in the finer one, and evens out what is less than a coarse lot", () => {
    const { one, two, look, ctx, strategy, ticket } = setup({}, FINE);
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110, 350);
    expect(look()).toEqual(["+ buy 3 @ 10000", "+ sell 30 @ 10100"]);
    ctx.fill(strategy, ticket(0));
    ctx.fill(strategy, ticket(1), 14);
    ctx.finish(strategy, ticket(1), "expired");
    expect(ctx.take()).toEqual(["+ sell 1 @ market"]);
    ctx.fill(strategy, ticket(-1));
    expect(look()).toEqual(["+ sell 6 @ market"]);
    ctx.fill(strategy, ticket(-1));
    expect(one.lots * 10 + two.lots).toBe(0);
    expect(look()).toHaveLength(2);
  });

  it("refuses pairs that cannot be compared", () => {
    expect(() => setup({}, { quote: "EUR" })).toThrow("FAULT_CONFIG crossVenueArbitrage.second");
    expect(() => setup({}, { lotSize: "0.3", quote: { code: "USD", decimals: 4 } })).toThrow(
      "FAULT_CONFIG crossVenueArbitrage.second",
    );
    expect(() => setup({ second: "AAA" })).toThrow("FAULT_CONFIG crossVenueArbitrage.second");
  });

  it.each([
    ["thresholdBp", { thresholdBp: -1 }],
    ["orderLots", { orderLots: 0 }],
    ["maxPositionLots", { maxPositionLots: 9 }],
    ["cooldownNs", { cooldownNs: 0.5 }],
    ["feeRates", { feeRates: [1] }],
    ["feeRates[1]", { feeRates: [0, 2] }],
    ["fees", { fees: 1 }],
    ["levels", { levels: 0 }],
    ["latencyNs.AAA", { latencyNs: { AAA: -1 } }],
    ["first", { first: [] }],
    ["first[0]", { first: [1] }],
  ])("refuses %s by name", (key, more) => {
    expect(() => setup(more as never)).toThrow(`FAULT_CONFIG crossVenueArbitrage.${key}`);
  });

  it("goes on from a saved state with one leg over and the other out", () => {
    const { one, two, ctx, strategy, look, ticket } = setup();
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    look();
    ctx.fill(strategy, ticket(0), 8);
    ctx.finish(strategy, ticket(0), "expired");
    const saved = JSON.parse(JSON.stringify(strategy.onSave()));
    expect(saved.state.first).toMatchObject({ net: 8, orders: [[1, 0, expect.any(Number), 8, 0]] });
    expect(saved.state.second.router.inFlight.slices).toHaveLength(1);
    const after = new CrossVenueArbitrage({
      first: "AAA",
      second: "BBB",
      thresholdBp: 5,
      orderLots: 10,
      maxPositionLots: 25,
    });
    after.onLoad(saved, ctx);
    expect(after.onSave()).toEqual(saved);
    after.onBook(one.view, ctx);
    expect(ctx.take()).toEqual([]);
    ctx.fill(after, ticket(1), 6);
    ctx.finish(after, ticket(1), "expired");
    expect(ctx.take()).toEqual(["+ sell 2 @ market"]);
    expect(after.counts).toEqual({ attacks: 1, unwinds: 1 });
    const load = (state: object, version = 3) => {
      return () => after.onLoad({ version, state: { ...saved.state, ...state } }, ctx);
    };
    const path = "FAULT_INPUT crossVenueArbitrage.load";
    expect(load({}, 2)).toThrow(`${path}.version`);
    expect(load({ first: { net: 0.5 } })).toThrow(`${path}.first.net`);
    expect(load({ second: null })).toThrow(`${path}.second.net`);
    expect(load({ attacks: -1 })).toThrow(`${path}.attacks`);
    expect(load({ pending: [1] })).toThrow(`${path}.pending[0]`);
    expect(load({ first: { ...saved.state.first, orders: [[1, 9, 0, 0, 0]] } })).toThrow(
      `${path}.first.orders[0]`,
    );
    expect(load({ first: { ...saved.state.first, router: {} } })).toThrow("route.saved.version");
    expect(load({})).toThrow(`${path}.second.orders[0]`);
    expect(new CrossVenueArbitrage(after.params as never).onSave().state).toMatchObject({ first: null });
  });

  it("rests on after it was loaded", () => {
    const { one, two, ctx, strategy, look } = setup({ cooldownNs: 1_000 });
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    look();
    for (const ticket of ctx.openOrders()) ctx.fill(strategy, ticket);
    const after = new CrossVenueArbitrage(strategy.params as never);
    after.onLoad(JSON.parse(JSON.stringify(strategy.onSave())), ctx);
    for (const [ns, sent] of [
      [999, 0],
      [1_000, 2],
    ] as const) {
      ctx.nowNs = ns;
      after.onBook(one.view, ctx);
      expect(ctx.take()).toHaveLength(sent);
    }
  });

  it("counts what is taken back of an order that is over, without waiting for it again", () => {
    const { one, two, ctx, strategy, look, ticket } = setup();
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    look();
    ctx.fill(strategy, ticket(0));
    ctx.fill(strategy, ticket(1));
    // Three lots of the first leg are busted, and the store has the order open again.
    ticket(-2).filled = 7;
    ticket(-2).status = "partiallyFilled";
    const order = {
      kind: "busted",
      ticket: ticket(-2),
      instrument: one.instrument,
      ns: 0,
      reason: "",
    } as const;
    strategy.onOrder(order, ctx);
    one.quote(9_999, 10_000);
    two.quote(9_999, 10_000);
    expect(look()).toEqual(["+ buy 3 @ market"]);
  });

  it("divides a leg among its venues by price and fees, to the depth that pays, and arrives together", () => {
    const at = (symbol: string, venue: string, taker: string) =>
      market(symbol, { venue, fees: flatFees("0", taker) });
    const [one, cheap, two] = [
      at("AAA", "one", "0.0005"),
      at("AAB", "three", "0"),
      at("BBB", "two", "0.0005"),
    ];
    const ctx = new FakeContext(one, cheap, two);
    const latencyNs = { "AAA@one": 1_000, "AAB@three": 400, "BBB@two": 1_000 };
    const terms = { thresholdBp: 5, orderLots: 40, maxPositionLots: 100, latencyNs };
    const strategy = new CrossVenueArbitrage({ first: ["AAA", "AAB"], second: "BBB", ...terms });
    strategy.onStart(ctx);
    one.quote(9_990, 10_000, 50, 7);
    cheap.quote(9_990, 10_003, 50, 6);
    two.quote(10_100, 10_110, 10, 50);
    strategy.onBook(one.view, ctx);
    // The dearer price without a fee is the cheaper one: 6 of it, 4 of the other; it waits for the slower venues.
    expect(ctx.take()).toEqual(["+ buy 4 @ 10000", "+ sell 10 @ 10100"]);
    const saved = JSON.parse(JSON.stringify(strategy.onSave()));
    expect(saved.state.pending).toHaveLength(1);
    for (const ticket of ctx.openOrders()) ctx.fill(strategy, ticket);
    expect(ctx.take()).toEqual([]);
    ctx.nowNs = 600;
    strategy.onTimer(saved.state.pending[0][2], ctx);
    expect(ctx.take()).toEqual(["+ buy 6 @ 10003"]);
    ctx.fill(strategy, ctx.tickets.at(-1) as FakeTicket);
    expect(one.lots + cheap.lots + two.lots).toBe(0);
    expect(strategy.counts).toEqual({ attacks: 1, unwinds: 0 });
    // A surplus of the divided leg goes back where it is cheapest.
    strategy.onBook(one.view, ctx);
    expect(ctx.take()).toEqual(["+ buy 4 @ 10000", "+ sell 10 @ 10100"]);
    for (const ticket of ctx.openOrders()) ctx.finish(strategy, ticket, "expired");
    strategy.onTimer(ctx.timers.length - 1, ctx);
    ctx.fill(strategy, ctx.tickets.at(-1) as FakeTicket);
    expect(ctx.take()).toEqual(["+ buy 6 @ 10003", "+ sell 6 @ market"]);
    expect((ctx.tickets.at(-1) as FakeTicket).instrument.symbol).toBe("AAB");
  });

  it("takes the next level only as long as its units pay", () => {
    const [one, more, two] = [
      market("AAA", { venue: "one" }),
      market("AAB"),
      market("BBB", { venue: "two" }),
    ];
    const ctx = new FakeContext(one, more, two);
    const terms = { thresholdBp: 10, orderLots: 40, maxPositionLots: 100, feeRates: [0, 0] } as const;
    const strategy = new CrossVenueArbitrage({ first: ["AAA", "AAB"], second: "BBB", ...terms });
    strategy.onStart(ctx);
    one.quote(9_990, 10_000, 50, 3);
    more.quote(9_990, 10_002, 50, 6);
    two.quote(10_011, 10_030, 40, 50);
    strategy.onBook(one.view, ctx);
    expect(ctx.take()).toEqual(["+ buy 3 @ 10000", "+ sell 3 @ 10011"]);
    for (const ticket of ctx.openOrders()) ctx.fill(strategy, ticket);
    one.quote(9_990, 10_000, 50, 3);
    more.quote(9_990, 10_000, 50, 6);
    strategy.onBook(one.view, ctx);
    expect(ctx.take()).toEqual(["+ buy 3 @ 10000", "+ buy 6 @ 10000", "+ sell 9 @ 10011"]);
  });

  it("takes up nothing before its start", () => {
    const { ctx, strategy } = setup();
    const fresh = new CrossVenueArbitrage(strategy.params as never);
    const saved = fresh.onSave();
    const again = new CrossVenueArbitrage(strategy.params as never);
    again.onLoad(JSON.parse(JSON.stringify(saved)), ctx);
    expect(again.onSave()).toEqual(saved);
  });
});
