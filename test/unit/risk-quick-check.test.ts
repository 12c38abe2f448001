import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { Decision } from "../../src/risk/decision.ts";
import { NODE } from "../../src/risk/exposure-rows.ts";
import {
  CircuitBreaker,
  FIRM_SCOPE,
  type GateOrder,
  KillLatch,
  KillScopes,
  type Level,
  MARKET_STATUS,
  NO_LIMITS,
  type RiskGate,
  type RiskLimits,
} from "../../src/risk/index.ts";
import { LEVELS } from "../../src/risk/levels.ts";
import { QuickCheck } from "../../src/risk/quick-check.ts";
import { at, type GateSetup, makeGate, NOW, opened, order, worth } from "../fixtures/gate-setup.ts";

/** Whether the quick path decides on an order by itself. */
function isClear(gate: RiskGate, changes: Partial<GateOrder> = {}, nowNs = NOW): boolean {
  const decision = new Decision(gate.parts);
  const asked = order(changes);
  decision.take(asked, nowNs, 0, -1, asked.lots);
  return new QuickCheck(gate.parts).isClear(asked, nowNs, decision);
}

/** The answers for several orders, each asked of its own gate. */
function answers(all: readonly Partial<GateOrder>[], setup: GateSetup = {}): boolean[] {
  return all.map((changes) => isClear(makeGate(setup), changes));
}

/** For so many lots, one more, and one more than that. */
function around(gate: RiskGate, lots: number, changes: Partial<GateOrder> = {}): boolean[] {
  return [lots, lots + 1, lots + 2].map((each) => isClear(gate, { ...changes, lots: each }));
}

const LAST = [true, false, false];

describe("the quick path of a gate", () => {
  it.each<Partial<GateOrder>>([
    {},
    { side: -1 },
    { seat: 2, instrument: 1 },
    { lots: 1 },
    { flags: 1 },
    { timeInForce: 1 },
    { timeInForce: 3 },
    { displayLots: 3 },
    { displayLots: 10 },
    { slice: 0 },
    { row: 0 },
    { row: 0x7fff_ffff },
    { id: 1 },
    { priceTicks: 1 },
    { priceTicks: 1_000_000_000 },
  ])("decides on an order with %o", (changes) => {
    expect(isClear(makeGate(), changes)).toBe(true);
  });

  it.each<Partial<Record<keyof GateOrder, unknown>>>([
    ...[-1, 3, 0.5, -0, Number.NaN, "0", undefined].map((seat) => ({ seat })),
    ...[-1, 2, 0.5, -0, Number.NaN, "0", undefined].map((instrument) => ({ instrument })),
    ...[-1, -2, 3, 4].map((seat) => ({ seat, instrument: 1 })),
    ...[0, -0, -1, 0.5, 2 ** 53, Number.NaN, "10", 10n].map((lots) => ({ lots })),
    ...[0, -0, -1, 0.5, 1_000_000_001, Number.NaN, "10000"].map((priceTicks) => ({ priceTicks })),
    ...[1, 2, 3, -0, Number.NaN, "0"].map((type) => ({ type })),
    ...[0, -0, 2, -2, 0.5, Number.NaN, "1"].map((side) => ({ side })),
    ...[1, -0, Number.NaN, undefined].map((stopTicks) => ({ stopTicks })),
    ...[-1, -0, 0.5, 11, Number.NaN, "0"].map((displayLots) => ({ displayLots })),
    ...[-1, -0, 0.5, Number.NaN, "1"].map((slice) => ({ slice })),
    ...[2, 3, 4, -0, Number.NaN].map((flags) => ({ flags })),
    ...[2, 4, 5, -0, Number.NaN].map((timeInForce) => ({ timeInForce })),
    ...[1, 3].map((timeInForce) => ({ timeInForce, flags: 1 })),
    ...[NOW, -Infinity, Number.NaN].map((expireNs) => ({ expireNs })),
    ...[0, -0, -1, 0.5, 2 ** 53, Number.NaN, "5"].map((id) => ({ id })),
    ...[-1, -0, 0.5, 2 ** 31, Number.NaN, "0"].map((row) => ({ row })),
  ])("leaves an order with %o to the checks", (changes) => {
    expect(isClear(makeGate(), changes as Partial<GateOrder>)).toBe(false);
  });

  it("decides at every time after 0 that is a number", () => {
    const ages = { quoteNs: 10 };
    const when = (nowNs: number, quotedNs: number) => {
      const gate = makeGate({ book: null, ages });
      gate.quote(0, 9_999, 10_001, quotedNs);
      return isClear(gate, {}, nowNs);
    };
    expect([when(1, 0), when(0.5, 0), when(10, 0), when(10, 10)]).toEqual([true, true, true, true]);
    expect([when(0, 0), when(-1, -1), when(11, 0), when(9, 10)]).toEqual([false, false, false, false]);
    expect([when(Number.POSITIVE_INFINITY, 0), when(Number.NaN, 0)]).toEqual([false, false]);
    expect([when("5" as never, 0), when(5n as never, 0)]).toEqual([false, false]);
  });

  it("leaves an order to the checks while anything is killed, and where a kill comes in between", () => {
    const scopes = new KillScopes({ strategy: ["pairs", "grid"] });
    for (const scope of [FIRM_SCOPE, 1]) {
      const latch = new KillLatch(scopes.size);
      const gate = makeGate({ kill: { latch, scopes } });
      expect(isClear(gate)).toBe(true);
      latch.set(scope, 1);
      expect(isClear(gate)).toBe(false);
      latch.clear(scope);
      expect(isClear(gate)).toBe(true);
    }
    class Late extends KillLatch {
      override peek(): number {
        const word = super.peek();
        this.set(FIRM_SCOPE, 1);
        return word;
      }
    }
    expect(isClear(makeGate({ kill: { latch: new Late(scopes.size), scopes } }))).toBe(false);
  });

  it("leaves an order without a book to the checks, and one that may not trade now", () => {
    expect(isClear(makeGate({ book: null }))).toBe(false);
    expect(isClear(makeGate({ book: [10_001, 10_001] }))).toBe(false);
    const hours = (isOpen: boolean) => ({ hours: { "ABC@XNAS": { allows: () => isOpen } } }) as const;
    const open = (isOpen: boolean) =>
      makeGate({ hours: { ...hours(isOpen).hours, "XYZ@XNYS": "always" as const } });
    expect([isClear(open(true)), isClear(open(false)), isClear(open(false), { instrument: 1 })]).toEqual([
      ...[true, false, true],
    ]);
    const gate = makeGate({ status: { staleNs: 100 } });
    expect(isClear(gate)).toBe(false);
    gate.settlement.status(0, MARKET_STATUS.trading, NOW);
    expect([isClear(gate), isClear(gate, { instrument: 1 })]).toEqual([true, false]);
    expect(isClear(gate, {}, NOW + 101)).toBe(false);
  });

  it("leaves an order to the checks where a required limit is said nowhere on its path", () => {
    const firm: RiskLimits = { maxOpenOrders: 1_000 };
    const { maxOrderLots, ...rest } = NO_LIMITS;
    expect([isClear(makeGate({ firm })), isClear(makeGate({ firm: { ...firm, ...rest } }))]).toEqual([
      ...[false, false],
    ]);
    const elsewhere = { firm: { ...firm, ...rest }, limits: [at("user", { maxOrderLots: "unlimited" })] };
    expect(answers([{}, { seat: 1 }], elsewhere as GateSetup)).toEqual([true, false]);
  });

  it("leaves an order to the checks that there is no room for, or that was there before", () => {
    const gate = makeGate({ capacity: 2, records: 4 });
    const again = order();
    gate.check({ ...again }, NOW);
    expect([isClear(gate), isClear(gate, { id: again.id }), isClear(gate, { slice: again.slice })]).toEqual([
      ...[true, false, false],
    ]);
    expect(isClear(gate, { slice: again.slice }, NOW + 500_000_000)).toBe(true);
    gate.check(order(), NOW);
    expect(isClear(gate)).toBe(false);
    const silent = makeGate({ records: 4 });
    for (const room of [true, true, true, false]) {
      expect(isClear(silent)).toBe(room);
      silent.check(order(), NOW);
    }
  });

  it("asks further rules where there are any", () => {
    const breaker = new CircuitBreaker({ name: "one", coolDownNs: 1_000, onTransition: () => {} });
    const gate = makeGate({ rules: { breakers: [breaker] } });
    expect(isClear(gate)).toBe(true);
    breaker.trip("errorCount", NOW);
    expect(isClear(gate)).toBe(false);
    for (const limits of [{ maxWindowLoss: "1" }, { maxDrawdown: "1" }] as const) {
      const losing = makeGate({ limits: [at("account", limits)], capital: [worth("account", "1000")] });
      losing.settlement.book(0, 0, 1, 1, 10_000, NOW);
      expect(isClear(losing)).toBe(true);
      losing.settlement.charge(0, 1, 100_000);
      losing.settlement.trade(0, 10_000, NOW);
      expect(isClear(losing)).toBe(false);
    }
    const unknown = makeGate({ limits: [at("account", { maxValueAtRisk: "1" })] });
    expect(isClear(unknown)).toBe(false);
  });

  it("asks them whatever bounds other seats and instruments have", () => {
    const seats = [0, 1, 2, 3, 4].map((i) => ({ desk: "d", account: "a", user: "u", strategy: `s${i}` }));
    const breaker = new CircuitBreaker({ name: "one", coolDownNs: 1_000, onTransition: () => {} });
    breaker.trip("errorCount", NOW);
    for (const [name, limits, instrument] of [
      ["ABC@XNAS", { maxOrderValue: "0" }, 1],
      ["XYZ@XNYS", { maxOrderLots: 0 }, 0],
    ] as const) {
      const own = {
        seats,
        rules: { breakers: [breaker] },
        limits: [{ level: "symbol", name, limits }],
      } as const;
      const gate = makeGate(own);
      const quick = new QuickCheck(gate.parts);
      const decision = new Decision(gate.parts);
      for (const each of [1 - instrument, instrument]) {
        for (const seat of seats.keys()) {
          const asked = order({ seat, instrument: each });
          decision.take(asked, NOW, 0, -1, asked.lots);
          expect(quick.isClear(asked, NOW, decision)).toBe(false);
        }
      }
    }
  });
});

describe.each(LEVELS.map((level) => [level] as const))("limits of the %s", (level: Level) => {
  const gateOf = (limits: RiskLimits, setup: GateSetup = {}) =>
    makeGate({ ...setup, limits: [at(level, limits)] });

  it("of one order let four fifths pass quickly", () => {
    expect(around(gateOf({ maxOrderLots: 100 }), 80)).toEqual(LAST);
    expect(around(gateOf({ maxOrderValue: "10000" }), 80)).toEqual(LAST);
    const share = { dailyVolumeLots: { "ABC@XNAS": 200 } };
    expect(around(gateOf({ maxVolumeShare: 0.5 }, share), 80)).toEqual(LAST);
    expect(isClear(gateOf({ maxVolumeShare: 0.5 }))).toBe(false);
  });

  it("of its price let four fifths of the collar pass quickly, or all its ticks", () => {
    const prices = (limits: RiskLimits, ...all: number[]) =>
      all.map((priceTicks) => isClear(gateOf(limits), { priceTicks }));
    const bps = { priceCollarBps: 100 };
    expect(prices(bps, 9_919, 9_920, 10_080, 10_081)).toEqual([false, true, true, false]);
    const ticks = { priceCollarBps: 10, priceCollarTicks: 50 };
    expect(prices(ticks, 9_949, 9_950, 10_050, 10_051)).toEqual([false, true, true, false]);
    expect(prices({ priceCollarTicks: 50 }, 10_050, 10_051)).toEqual([true, true]);
    const through = gateOf({ maxTicksThrough: 10 });
    expect([10_009, 10_010].map((priceTicks) => isClear(through, { priceTicks }))).toEqual([true, false]);
    expect([9_991, 9_990].map((priceTicks) => isClear(through, { priceTicks, side: -1 }))).toEqual([
      ...[true, false],
    ]);
  });

  it.each<[string, RiskLimits, 1 | -1]>([
    ["maxLongLots", { maxLongLots: 100 }, 1],
    ["maxShortLots", { maxShortLots: 100 }, -1],
    ["maxGrossValue", { maxGrossValue: "10000" }, 1],
    ["maxGrossValue", { maxGrossValue: "10000" }, -1],
    ["maxNetValue", { maxNetValue: "10000" }, 1],
    ["maxNetValue", { maxNetValue: "10000" }, -1],
    ["maxConcentration", { maxConcentration: 1 }, -1],
    ["maxMarginShare", { maxMarginShare: 1 }, -1],
    ["maxLeverage", { maxLeverage: 1 }, -1],
  ])(
    "of the sums let four fifths of %s pass quickly, what is open and what is held with it",
    (_, limits, side) => {
      const gate = gateOf(limits, { capital: [worth(level, "10000")] });
      expect(around(gate, 80, { side })).toEqual(LAST);
      opened(gate, { side, lots: 20 });
      expect(around(gate, 60, { side })).toEqual(LAST);
      gate.settlement.filled(gate.lastSlot, 15, 10_000, NOW);
      gate.settlement.closed(gate.lastSlot);
      gate.quote(0, 10_000, 10_002, NOW);
      gate.quote(0, 9_998, 10_000, NOW);
      expect(around(gate, 65, { side })).toEqual(LAST);
    },
  );

  it("of the sums are free for the side that has none", () => {
    const long = gateOf({ maxLongLots: 10, maxShortLots: 1_000 });
    expect([isClear(long, { lots: 9 }), isClear(long, { lots: 9, side: -1 })]).toEqual([false, true]);
    const net = gateOf({ maxNetValue: "10000" });
    opened(net, { side: 1, lots: 50 });
    expect(around(net, 80, { side: -1 })).toEqual(LAST);
  });

  it("of what is open let four fifths pass quickly", () => {
    const few = gateOf({ maxOpenOrders: 5 });
    for (const room of [true, true, true, true, false]) {
      expect(isClear(few)).toBe(room);
      if (room) opened(few);
    }
    const value = gateOf({ maxOpenValue: "10000" });
    expect(around(value, 80)).toEqual(LAST);
    opened(value, { lots: 20 });
    expect(around(value, 60, { side: -1 })).toEqual(LAST);
  });

  it("of a day's loss let less than four fifths pass quickly", () => {
    const gate = gateOf({ maxDailyLoss: "100" });
    gate.settlement.charge(0, 0, 7_999);
    expect(isClear(gate)).toBe(true);
    gate.settlement.charge(0, 0, 1);
    expect(isClear(gate)).toBe(false);
    gate.settlement.charge(0, 0, -8_000);
    expect(isClear(gate)).toBe(true);
    const node = gate.parts.node("test", level, level === "firm" ? "" : at(level, {}).name);
    gate.parts.exposure.setNode(node, NODE.isLossLatched, 1);
    expect(isClear(gate)).toBe(false);
  });

  it("of messages let four fifths a minute pass quickly, and all that come at once", () => {
    const minute = gateOf({ maxOrdersPerMinute: 5 });
    for (const room of [true, true, true, true, false]) {
      expect(isClear(minute)).toBe(room);
      if (room) opened(minute);
    }
    minute.quote(0, 9_999, 10_001, NOW + 59_999_999_999);
    expect([59_999_999_999, 60_000_000_000].map((later) => isClear(minute, {}, NOW + later))).toEqual([
      ...[false, true],
    ]);
    const second = gateOf({ maxOrdersPerSecond: { rate: 10, burst: 2 } });
    for (const room of [true, true, false]) {
      expect(isClear(second)).toBe(room);
      if (room) opened(second);
    }
    expect([99_999_999, 100_000_000].map((later) => isClear(second, {}, NOW + later))).toEqual([false, true]);
    expect(isClear(gateOf({ maxOrdersPerSecond: 0 }))).toBe(false);
    expect(isClear(gateOf({ maxOrdersPerSecond: { rate: 10, burst: 0 } }))).toBe(false);
    expect(isClear(gateOf({ maxOrdersPerSecond: { rate: 0, burst: 10 } }))).toBe(false);
    expect(isClear(gateOf({ maxOrdersPerSecond: 1 }))).toBe(true);
  });

  it("by equity leave an order to the checks where that is not known, or nothing", () => {
    const limits = { maxLeverage: 1_000 };
    expect(isClear(gateOf(limits))).toBe(false);
    const capital = [worth(level, "1")];
    const gate = gateOf(limits, { capital });
    expect(isClear(gate, { lots: 1 })).toBe(true);
    gate.settlement.charge(0, 0, 99);
    expect(isClear(gate, { lots: 1, priceTicks: 800 })).toBe(true);
    expect(isClear(gate, { lots: 1, priceTicks: 801 })).toBe(false);
    gate.settlement.charge(0, 0, 1);
    expect(isClear(gate, { lots: 1, priceTicks: 1 })).toBe(false);
    const margin = gateOf(
      { maxMarginShare: 0.5 },
      { capital: [worth(level, "10000")], marginBps: { "ABC@XNAS": 5_000 } },
    );
    expect(around(margin, 80)).toEqual(LAST);
  });
});

describe("the bounds of the quick path", () => {
  it("are the strictest of their path, and of the instrument", () => {
    const gate = makeGate({
      limits: [
        at("desk", { maxOrderLots: 100, priceCollarBps: 10, priceCollarTicks: 60 }),
        at("symbol", { maxOrderLots: 50, priceCollarBps: 20, priceCollarTicks: 40 }),
        at("user", { priceCollarTicks: 5 }),
      ],
    });
    expect([around(gate, 40), around(gate, 80, { instrument: 1 })]).toEqual([LAST, LAST]);
    const clear = (priceTicks: number, instrument: number) => isClear(gate, { priceTicks, instrument });
    expect([clear(10_040, 0), clear(10_041, 0), clear(10_060, 1), clear(10_061, 1)]).toEqual([
      ...[true, false, true, false],
    ]);
    const instrument = (size: object) =>
      new Instrument({ symbol: "ABC", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "USD", ...size });
    const setup = (size: object) => ({ instruments: [instrument(size)], classes: { "ABC@XNAS": "stocks" } });
    expect(around(makeGate(setup({ maxLots: 7 })), 7)).toEqual(LAST);
    expect(answers([{ lots: 5 }, { lots: 1 }], setup({ minLots: 2 }))).toEqual([false, false]);
    expect(around(makeGate(), Math.floor(Number.MAX_SAFE_INTEGER / 10_000))).toEqual(LAST);
  });

  it("follow a change of limits", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 100 })] });
    const decision = new Decision(gate.parts);
    const quick = new QuickCheck(gate.parts);
    const asked = (lots: number) => {
      const next = order({ lots });
      decision.take(next, NOW, 0, -1, lots);
      return quick.isClear(next, NOW, decision);
    };
    expect([asked(80), asked(81)]).toEqual([true, false]);
    gate.parts.setLimits("test", [at("user", { maxOrderLots: 10 })], NOW);
    expect(asked(80)).toBe(true);
    gate.parts.version += 1;
    expect([asked(8), asked(9)]).toEqual([true, false]);
  });

  it("measure a sell below the reference at the reference", () => {
    const gate = makeGate({ book: [9_999, 10_000], limits: [at("desk", { maxOrderValue: "10000" })] });
    const decision = new Decision(gate.parts);
    const planned = (changes: Partial<GateOrder>) => {
      const asked = order({ lots: 3, ...changes });
      decision.take(asked, NOW, 0, -1, asked.lots);
      expect(new QuickCheck(gate.parts).isClear(asked, NOW, decision)).toBe(true);
      const { unitTicks, addTickLots, orderValue, twiceReference, allowedTwice, latch, path, from } =
        decision;
      return [unitTicks, addTickLots, orderValue, twiceReference, allowedTwice, latch, path, from];
    };
    const none = Number.POSITIVE_INFINITY;
    expect(planned({ side: -1, priceTicks: 9_990 })).toEqual([10_000, 30_000, 30_000, 19_999, none, 0, 0, 0]);
    expect(planned({ side: -1, priceTicks: 10_010 }).slice(0, 3)).toEqual([10_010, 30_030, 30_030]);
    expect(planned({ side: 1, priceTicks: 9_990 }).slice(0, 3)).toEqual([9_990, 29_970, 29_970]);
    expect(planned({ seat: 2, instrument: 1 }).slice(6)).toEqual([5, 35]);
  });
});
