import { describe, expect, it } from "vitest";
import { ORDER_TYPE } from "../../src/model/index.ts";
import { LuldState, luldTerms, SelfMatch } from "../../src/risk/index.ts";
import { at, codeOf, makeGate, marketOrder, NOW, opened, order } from "../fixtures/gate-setup.ts";

const SECOND = 1e9;
/** Every order is worth more than this, and so is refused with what it is worth, in cents. */
const TINY = { limits: [at("user", { maxOrderValue: "0.01" })] };

const stopOrder = (stopTicks: number, side = 1) =>
  order({ type: ORDER_TYPE.stop, side, priceTicks: 0, stopTicks, lots: 10 });

describe("an order to buy without a price collar is worth", () => {
  it("its stop, where it waits for one: not the ask", () => {
    expect(makeGate(TINY).check(stopOrder(11_000), NOW)).toMatchObject({
      ...{ code: "RISK_NOTIONAL_EXCEEDED", measured: 110_000 },
    });
  });

  it("the ask, at the market", () => {
    expect(makeGate(TINY).check(marketOrder({ lots: 10 }), NOW)).toMatchObject({
      ...{ code: "RISK_NOTIONAL_EXCEEDED", measured: 100_010 },
    });
  });

  it("the last trade, at the market, when the book is too old", () => {
    const gate = makeGate(TINY);
    const later = NOW + 10 * SECOND;
    gate.trade(0, 12_000, later);
    expect(gate.check(marketOrder({ lots: 10 }), later)).toMatchObject({
      ...{ code: "RISK_NOTIONAL_EXCEEDED", measured: 120_000 },
    });
  });
});

describe("an order that closes a position is worth", () => {
  const holding = () => {
    const gate = makeGate({ ...TINY, ages: { quoteNs: SECOND } });
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    return gate;
  };

  it("its own price, not that of the position", () => {
    expect(holding().check(order({ side: -1, priceTicks: 12_000, lots: 10 }), NOW)).toMatchObject({
      ...{ code: "RISK_NOTIONAL_EXCEEDED", measured: 120_000 },
    });
  });

  it("what the position is at the last known ask, at the market, where no fresh price is known", () => {
    const later = NOW + 2 * SECOND;
    expect(holding().check(marketOrder({ side: -1, lots: 10 }), later)).toMatchObject({
      ...{ code: "RISK_NOTIONAL_EXCEEDED", measured: 100_010 },
    });
  });
});

describe("price bands of 95 and 105 dollars", () => {
  const banded = (priceCollarBps?: number) => {
    const bands = new LuldState({ instruments: 2, trades: 8, terms: luldTerms("2024-05-01"), openNs: 0 });
    bands.list(0, 1, 1_000_000);
    bands.open(0, 1_000_000, NOW);
    const limits = priceCollarBps === undefined ? [] : [at("user", { priceCollarBps })];
    return makeGate({ rules: { bands }, limits });
  };
  const OUTSIDE = { code: "RISK_PRICE_BAND", field: "priceTicks", expected: "a price within the bands" };

  it.each([
    [1, 10_500, 10_501],
    [-1, 9_500, 9_499],
  ])("hold an order on side %i that waits for a stop to the stop", (side, inside, outside) => {
    expect(codeOf(banded().check(stopOrder(inside, side), NOW))).toBe("approved");
    expect(banded().check(stopOrder(outside, side), NOW)).toMatchObject({ ...OUTSIDE, value: outside });
  });

  it.each([
    [1, 10_501],
    [-1, 9_499],
  ])("hold a market order on side %i to the price it may trade at, at worst", (side, bound) => {
    expect(codeOf(banded(500).check(marketOrder({ side }), NOW))).toBe("approved");
    expect(banded(501).check(marketOrder({ side }), NOW)).toMatchObject({ ...OUTSIDE, value: bound });
  });
});

describe("an own order in the way", () => {
  it.each([
    ["cancelNewest", "no own resting order in its way: none at that price"],
    ["cancelOldest", "no own resting order in its way: sent after they were canceled"],
  ] as const)("with the mode %s is told with what could be done", (selfMatch, expected) => {
    const own = new SelfMatch({ groups: 16, instruments: 2, orders: 64 });
    const gate = makeGate({ rules: { selfMatch: own }, capacity: 64, selfMatch });
    opened(gate, { side: -1, priceTicks: 10_010 });
    expect(gate.check(order({ priceTicks: 10_010 }), NOW)).toMatchObject({
      ...{ code: "RISK_SELF_MATCH", field: "priceTicks", value: 10_010, expected },
    });
  });

  it.each([1, -1])("stops no order on side %i that waits for a stop", (side) => {
    const own = new SelfMatch({ groups: 16, instruments: 2, orders: 64 });
    const gate = makeGate({ rules: { selfMatch: own }, capacity: 64 });
    opened(gate, { side: -side, priceTicks: 10_000 + side * 10 });
    expect(codeOf(gate.check(stopOrder(10_000 + side * 50, side), NOW))).toBe("approved");
  });
});
