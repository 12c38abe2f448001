import { describe, expect, it } from "vitest";
import { MAX_TICKS, ORDER_TYPE } from "../../src/model/index.ts";
import { LEVELS } from "../../src/risk/index.ts";
import { at, makeGate, marketOrder, NOW, order, PATH, verdict } from "../fixtures/gate-setup.ts";

const SECOND = 1e9;
const { stop, stopLimit } = ORDER_TYPE;
const stopOrder = (stopTicks: number, side = 1) => ({ type: stop, side, stopTicks, priceTicks: 0 });

describe.each(LEVELS)("prices at the level %s", (level) => {
  const name = PATH[level];

  it.each([1, -1])("on side %i may lie so far from the reference, and no tick further", (side) => {
    const gate = makeGate({ limits: [at(level, { priceCollarBps: 500 })] });
    expect(verdict(gate, { side, priceTicks: 10_500 })).toBe("approved");
    expect(verdict(gate, { side, priceTicks: 9_500 })).toBe("approved");
    const code = "RISK_PRICE_COLLAR";
    const limit = "priceCollarBps";
    const rest = { ok: false, code, level, name, limit, unit: "bps", measured: 501, bound: 500 };
    expect(gate.check(order({ side, priceTicks: 10_501 }), NOW)).toMatchObject(rest);
    expect(gate.check(order({ side, priceTicks: 9_499 }), NOW)).toMatchObject(rest);
  });

  it("may go so many ticks through the other side", () => {
    const gate = makeGate({ limits: [at(level, { maxTicksThrough: 4 })] });
    expect(verdict(gate, { priceTicks: 10_005 })).toBe("approved");
    expect(verdict(gate, { side: -1, priceTicks: 9_995 })).toBe("approved");
    const code = "RISK_PRICE_THROUGH";
    const limit = "maxTicksThrough";
    const rest = { ok: false, code, level, name, limit, unit: "ticks", measured: 5, bound: 4 };
    expect(gate.check(order({ priceTicks: 10_006 }), NOW)).toMatchObject(rest);
    expect(gate.check(order({ side: -1, priceTicks: 9_994 }), NOW)).toMatchObject(rest);
    expect(verdict(gate, { priceTicks: 1 })).toBe("approved");
  });

  it("without a fresh book refuse what is measured by it", () => {
    const gate = makeGate({ limits: [at(level, { maxTicksThrough: 4 })], ages: { quoteNs: SECOND } });
    expect(verdict(gate, {}, NOW + SECOND)).toBe("approved");
    expect(verdict(gate, {}, NOW + SECOND + 1)).toBe("RISK_REFERENCE_UNAVAILABLE");
  });

  it("of the strictest level count, whichever it is", () => {
    const limits = LEVELS.map((each) => at(each, { priceCollarBps: each === level ? 100 : 500 }));
    const gate = makeGate({ limits });
    expect(verdict(gate, { priceTicks: 10_100 })).toBe("approved");
    expect(gate.check(order({ priceTicks: 10_101 }), NOW)).toMatchObject({ level, name, bound: 100 });
  });
});

describe("the reference", () => {
  const gateOf = () =>
    makeGate({
      limits: [at("user", { priceCollarBps: 100 })],
      ages: { quoteNs: 5 * SECOND, tradeNs: 60 * SECOND, closeNs: 600 * SECOND },
    });
  const near = (gate: ReturnType<typeof gateOf>, ticks: number, nowNs: number) =>
    [verdict(gate, { priceTicks: ticks }, nowNs), verdict(gate, { priceTicks: ticks * 1.02 }, nowNs)].join();
  const ONLY_NEAR = "approved,RISK_PRICE_COLLAR";
  const NONE = "RISK_REFERENCE_UNAVAILABLE,RISK_REFERENCE_UNAVAILABLE";

  it("is the mid, then the last trade, then the close, each within its age", () => {
    const gate = gateOf();
    gate.settlement.close(0, 8_000, NOW);
    gate.trade(0, 9_000, NOW);
    expect(near(gate, 10_000, NOW + 5 * SECOND)).toBe(ONLY_NEAR);
    expect(near(gate, 9_000, NOW + 5 * SECOND + 1)).toBe(ONLY_NEAR);
    expect(near(gate, 9_000, NOW + 60 * SECOND)).toBe(ONLY_NEAR);
    expect(near(gate, 8_000, NOW + 60 * SECOND + 1)).toBe(ONLY_NEAR);
    expect(near(gate, 8_000, NOW + 600 * SECOND)).toBe(ONLY_NEAR);
    expect(near(gate, 8_000, NOW + 600 * SECOND + 1)).toBe(NONE);
  });

  it.each([
    ["crossed", 10_001, 9_999],
    ["locked", 10_000, 10_000],
    ["without a bid", Number.NaN, 10_001],
    ["without an ask", 9_999, Number.NaN],
    ["without end", 9_999, Number.POSITIVE_INFINITY],
    ["without a beginning", Number.NEGATIVE_INFINITY, 10_001],
  ])("is no book that is %s", (_, bid, ask) => {
    const gate = gateOf();
    gate.quote(0, bid, ask, NOW);
    for (const priceTicks of [10_000, 1, 1_000_000]) {
      expect(verdict(gate, { priceTicks })).toBe("RISK_REFERENCE_UNAVAILABLE");
    }
    expect(verdict(gate, { ...stopOrder(10_000) })).toBe("RISK_REFERENCE_UNAVAILABLE");
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "is no trade or close at %d",
    (ticks) => {
      const gate = makeGate({ limits: [at("user", { priceCollarBps: 100 })], book: null });
      gate.trade(0, ticks, NOW);
      gate.settlement.close(0, ticks, NOW);
      for (const side of [1, -1]) expect(verdict(gate, { side })).toBe("RISK_REFERENCE_UNAVAILABLE");
    },
  );

  it("is nothing from the future, and nothing at a time that is none", () => {
    const gate = gateOf();
    expect(near(gate, 10_000, NOW - 1)).toBe(NONE);
    gate.quote(0, 9_999, 10_001, Number.NaN);
    expect(near(gate, 10_000, NOW)).toBe(NONE);
  });

  it("is each instrument's own", () => {
    const gate = gateOf();
    gate.quote(1, 99, 101, NOW);
    expect(verdict(gate, { instrument: 1, priceTicks: 100 })).toBe("approved");
    expect(verdict(gate, { instrument: 1, priceTicks: 10_000 })).toBe("RISK_PRICE_COLLAR");
  });

  it("may be missing where nothing is measured by it", () => {
    const gate = makeGate({ book: null, limits: [at("user", { maxOrderValue: "1000" })] });
    expect(verdict(gate)).toBe("approved");
    expect(verdict(gate, { lots: 11 })).toBe("RISK_NOTIONAL_EXCEEDED");
    expect(gate.check(marketOrder(), NOW)).toMatchObject({ code: "RISK_REFERENCE_UNAVAILABLE" });
  });
});

describe("prices near and below 0", () => {
  const gateOf = (bid: number, ask: number, ticks: number) =>
    makeGate({
      limits: [at("user", { priceCollarBps: 500, priceCollarTicks: ticks })],
      book: [bid, ask],
    });

  it.each([
    [-10_001, -9_999, -10_000],
    [-1, 1, 0],
    [4, 6, 5],
  ])("of %i to %i are held by ticks", (bid, ask, reference) => {
    const gate = gateOf(bid, ask, 10);
    const codes = [-11, -10, 10, 11].map((by) => verdict(gate, { priceTicks: reference + by }));
    expect(codes).toEqual(["RISK_PRICE_COLLAR", "approved", "approved", "RISK_PRICE_COLLAR"]);
    expect(gateOf(bid, ask, 0).explain(order({ priceTicks: reference }), NOW)).toEqual([]);
    expect(verdict(gateOf(bid, ask, 0), { priceTicks: reference + 1 })).toBe("RISK_PRICE_COLLAR");
  });

  it("say in ticks how far they may be off", () => {
    const rest = { limit: "priceCollarTicks", unit: "ticks", measured: 11, bound: 10 };
    const gate = gateOf(-10_001, -9_999, 10);
    expect(gate.check(order({ priceTicks: -9_989 }), NOW)).toMatchObject({
      code: "RISK_PRICE_COLLAR",
      ...rest,
    });
  });

  it("are as much worth as above", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderValue: "999.99" })], book: [-10_001, -9_999] });
    expect(verdict(gate, { priceTicks: -10_000 })).toBe("RISK_NOTIONAL_EXCEEDED");
    expect(verdict(gate, { priceTicks: -9_999 })).toBe("approved");
  });

  it("widen the collar of a cheap instrument", () => {
    const gate = gateOf(99, 101, 10);
    expect(verdict(gate, { priceTicks: 110 })).toBe("approved");
    expect(verdict(gate, { priceTicks: 111 })).toBe("RISK_PRICE_COLLAR");
  });
});

describe("stops", () => {
  const gateOf = () => makeGate({ limits: [at("user", { priceCollarBps: 500, maxOrderValue: "2000" })] });

  it("stand on their side of the reference, at it too, and within the collar", () => {
    const gate = gateOf();
    const code = (stopTicks: number, side: number) => verdict(gate, stopOrder(stopTicks, side));
    expect([9_999, 10_000, 10_500, 10_501].map((ticks) => code(ticks, 1))).toEqual([
      "RISK_STOP_SIDE",
      "approved",
      "approved",
      "RISK_PRICE_COLLAR",
    ]);
    expect([10_001, 10_000, 9_500, 9_499].map((ticks) => code(ticks, -1))).toEqual([
      "RISK_STOP_SIDE",
      "approved",
      "approved",
      "RISK_PRICE_COLLAR",
    ]);
  });

  it("with a limit are measured by both prices", () => {
    const gate = gateOf();
    const both = (stopTicks: number, priceTicks: number) =>
      verdict(gate, { type: stopLimit, stopTicks, priceTicks });
    expect(both(10_100, 10_200)).toBe("approved");
    expect(both(10_100, 10_501)).toBe("RISK_PRICE_COLLAR");
    expect(both(9_999, 10_200)).toBe("RISK_STOP_SIDE");
  });

  it("are worth what they may pay once they are set off", () => {
    const gate = gateOf();
    // The stop at 10,500 may pay 500 more: 11,000 ticks.
    expect(verdict(gate, { ...stopOrder(10_500), lots: 19 })).toBe("RISK_NOTIONAL_EXCEEDED");
    expect(verdict(gate, { ...stopOrder(10_500), lots: 18 })).toBe("approved");
    expect(verdict(gate, { ...stopOrder(9_500, -1), lots: 21 })).toBe("approved");
    expect(verdict(gate, { ...stopOrder(9_500, -1), lots: 22 })).toBe("RISK_NOTIONAL_EXCEEDED");
  });

  it("at 0 are stops too: within the collar", () => {
    for (const type of [stop, stopLimit]) {
      const priceTicks = type === stop ? 0 : 10_000;
      for (const side of [1, -1]) {
        const code = verdict(gateOf(), { type, side, stopTicks: 0, priceTicks });
        expect(code).toBe("RISK_PRICE_COLLAR");
      }
    }
  });

  it("need a stop price in words", () => {
    const words = { strategy: "pairs", instrument: "ABC@XNAS", side: "sell", lots: 1, type: "stop" } as const;
    expect(gateOf().decide(words, NOW)).toMatchObject({
      ok: false,
      code: "RISK_ORDER_INVALID",
      field: "stopTicks",
    });
  });
});

describe("market orders", () => {
  it("are bounded by prices a venue can take", () => {
    const gate = makeGate({
      limits: [at("user", { priceCollarBps: 1_000_000 })],
      book: [29_999_999, 30_000_001],
    });
    // 101 times the reference is more than any price in ticks.
    const decision = gate.check(marketOrder({ lots: 1 }), NOW);
    if (decision.ok) expect(gate.parts.orders.priceTicks[gate.lastSlot]).toBe(MAX_TICKS);
  });

  it("need a reference where a collar is said", () => {
    const gate = makeGate({ limits: [at("user", { priceCollarBps: 500 })], book: null });
    for (const side of [1, -1]) {
      expect(gate.check(marketOrder({ side }), NOW)).toMatchObject({ code: "RISK_REFERENCE_UNAVAILABLE" });
    }
  });
});
