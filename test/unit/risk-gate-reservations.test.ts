import { describe, expect, it } from "vitest";
import { TIME_IN_FORCE } from "../../src/model/index.ts";
import { type GateOrder, gateOrder, SelfMatch, ShortSale } from "../../src/risk/index.ts";
import { Reservations } from "../../src/risk/reservations.ts";
import { approved, at, codeOf, makeGate, NOW, opened, taken } from "../fixtures/gate-setup.ts";

const terms = (changes: Partial<GateOrder> = {}): GateOrder => ({
  ...{ ...gateOrder(), id: 1, lots: 10, priceTicks: 100, displayLots: 0, slice: 0 },
  ...changes,
});

/** Three orders of 10 at 100, in places 0 to 2; venues replace in one step unless `isAtomic` is 0. */
function three(isAtomic = 1, changes: Partial<GateOrder> = {}) {
  const orders = new Reservations(4);
  const slots = [1, 2, 3].map((id) => orders.open(terms({ id, ...changes }), 100, isAtomic));
  for (const slot of slots) orders.isTaken[slot] = 1;
  return orders;
}

describe("places", () => {
  it("are taken from the first on, and given back", () => {
    const orders = three();
    expect([orders.capacity, orders.room, [...orders.id]]).toEqual([4, 1, [1, 2, 3, 0]]);
    orders.free(1);
    expect([orders.room, orders.isCurrent(1, 2), orders.open(terms({ id: 9 }), 100, 1)]).toEqual([
      2,
      false,
      1,
    ]);
  });

  it("hold the order of an id, and none of the id 0", () => {
    const orders = three();
    expect([orders.isCurrent(0, 1), orders.isCurrent(0, 2), orders.isCurrent(3, 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("unanswered replaces", () => {
  it("are each order's own", () => {
    const orders = three();
    for (const slot of [0, 1, 2]) {
      orders.addReplace(slot, 7, 20 + slot, 101 + slot, 110 + slot);
      orders.isTaken[slot] = 1;
    }
    expect([0, 1, 2].map((slot) => orders.findReplace(slot, 7))).toEqual([0, 4, 8]);
    expect([0, 1, 2].map((slot) => [orders.worstLots(slot), orders.worstTickLots(slot)])).toEqual([
      [20, 2_200],
      [21, 2_331],
      [22, 2_464],
    ]);
    expect([0, 1, 2].map((slot) => orders.boldestTicks(slot))).toEqual([101, 102, 103]);
    orders.accept(1, 4);
    expect([orders.lots[1], orders.priceTicks[1], orders.unitTicks[1], orders.findReplace(1, 7)]).toEqual([
      ...[21, 102, 111, -1],
    ]);
    expect([orders.findReplace(0, 7), orders.findReplace(2, 7)]).toEqual([0, 8]);
    orders.dropAll(2);
    expect([orders.findReplace(2, 7), orders.worstLots(2)]).toEqual([-1, 10]);
  });

  it("close ranks when one of them goes", () => {
    for (const slot of [0, 1, 2]) {
      const orders = three();
      for (const id of [1, 2, 3, 4]) {
        orders.addReplace(slot, id, 10 + id, 100 + id, 200 + id);
        orders.isTaken[slot] = 1;
      }
      expect(orders.canReplace(slot)).toBe(false);
      orders.drop(slot, orders.findReplace(slot, 2));
      expect([orders.canReplace(slot), orders.findReplace(slot, 2)]).toEqual([true, -1]);
      const from = slot * 4;
      expect([1, 3, 4].map((id) => orders.findReplace(slot, id))).toEqual([from, from + 1, from + 2]);
      orders.accept(slot, orders.findReplace(slot, 3));
      expect([orders.lots[slot], orders.priceTicks[slot], orders.unitTicks[slot]]).toEqual([13, 103, 203]);
      orders.accept(slot, orders.findReplace(slot, 4));
      expect([orders.lots[slot], orders.priceTicks[slot], orders.unitTicks[slot]]).toEqual([14, 104, 204]);
    }
  });

  it("that were never taken make room for the next, those that were stay", () => {
    const orders = three();
    orders.addReplace(1, 1, 20, 101, 101);
    orders.isTaken[1] = 0;
    orders.addReplace(1, 2, 30, 102, 102);
    expect([orders.findReplace(1, 1), orders.findReplace(1, 2)]).toEqual([-1, 4]);
    orders.isTaken[1] = 1;
    orders.addReplace(1, 3, 40, 103, 103);
    expect([orders.findReplace(1, 2), orders.findReplace(1, 3)]).toEqual([4, 5]);
    // A first one that was answered before the next was approved leaves nothing to drop.
    orders.isTaken[0] = 0;
    orders.addReplace(0, 1, 20, 101, 101);
    expect(orders.findReplace(0, 1)).toBe(0);
    orders.addReplace(0, 2, 20, 101, 101);
    expect([orders.findReplace(0, 1), orders.findReplace(0, 2)]).toEqual([-1, 0]);
  });

  it("are met first at the boldest price of all versions, for either side", () => {
    for (const [side, tried, boldest] of [
      [1, [99, 103, 102], 103],
      [1, [98, 99, 97], 100],
      [-1, [101, 97, 98], 97],
      [-1, [103, 101, 102], 100],
    ] as const) {
      const orders = three(1, { side });
      for (const [i, ticks] of tried.entries()) {
        orders.addReplace(2, i + 1, 10, ticks, 100);
        orders.isTaken[2] = 1;
      }
      expect(orders.boldestTicks(2)).toBe(boldest);
    }
  });
});

describe("what can still execute", () => {
  it("is the largest version, or their sum where the venue cancels and sends anew", () => {
    for (const [isAtomic, lots, tickLots] of [
      [1, 16, 1_280],
      [0, 27, 2_750],
    ] as const) {
      const orders = three(isAtomic);
      orders.cumLots[1] = 4;
      orders.addReplace(1, 1, 20, 80, 80);
      orders.isTaken[1] = 1;
      orders.addReplace(1, 2, 9, 90, 174);
      expect([orders.worstLots(1), orders.worstTickLots(1)]).toEqual([lots, tickLots]);
    }
  });

  it("is never below 0", () => {
    for (const isAtomic of [0, 1]) {
      const orders = three(isAtomic);
      orders.cumLots[0] = 12;
      orders.addReplace(0, 1, 11, 100, 100);
      expect([orders.worstLots(0), orders.worstTickLots(0)]).toEqual([0, 0]);
      orders.addReplace(1, 1, 0, 100, 100);
      expect(orders.worstLots(1)).toBe(10);
    }
  });

  it("grows by a replace by what is held too little, or by all of it", () => {
    const orders = three();
    orders.cumLots[0] = 4;
    orders.heldLots[0] = 6;
    orders.heldTickLots[0] = 600;
    expect([orders.addedLots(0, 12), orders.addedLots(0, 10), orders.addedLots(0, 3)]).toEqual([2, 0, 0]);
    expect([orders.addedTickLots(0, 12, 100), orders.addedTickLots(0, 10, 101)]).toEqual([200, 6]);
    expect([orders.addedTickLots(0, 9, 100), orders.addedTickLots(0, 3, 100)]).toEqual([0, 0]);
    const anew = three(0);
    anew.cumLots[0] = 4;
    anew.heldLots[0] = 6;
    anew.heldTickLots[0] = 600;
    expect([anew.addedLots(0, 12), anew.addedLots(0, 3), anew.addedTickLots(0, 12, 100)]).toEqual([
      8, 0, 800,
    ]);
    expect(anew.addedTickLots(0, 3, 100)).toBe(0);
  });
});

describe("replaces of a gate", () => {
  const replacing = (setup: Parameters<typeof makeGate>[0], changes: Partial<GateOrder> = {}) => {
    const gate = makeGate(setup);
    opened(gate, { instrument: 1, lots: 1 });
    const slot = opened(gate, changes);
    const id = gate.parts.orders.id[slot] as number;
    const ask = (requestId: number, lots: number, ticks = 10_000) =>
      gate.checkReplace(slot, id, requestId, lots, ticks, NOW);
    return { gate, slot, ask };
  };

  it("add what is not filled yet to positions and open value", () => {
    const { gate, slot, ask } = replacing({ limits: [at("symbol", { maxLongLots: 12 })] });
    gate.settlement.filled(slot, 4, 10_000, NOW);
    expect([codeOf(ask(1, 13)), codeOf(ask(2, 12))]).toEqual(["RISK_POSITION_EXCEEDED", "approved"]);
    const open = replacing({ limits: [at("symbol", { maxOpenValue: "1000" })] });
    open.gate.settlement.filled(open.slot, 4, 10_000, NOW);
    expect([codeOf(open.ask(1, 15)), codeOf(open.ask(2, 14))]).toEqual([
      "RISK_OPEN_VALUE_EXCEEDED",
      "approved",
    ]);
  });

  it("are known to self-match at their boldest price", () => {
    const selfMatch = new SelfMatch({ groups: 16, instruments: 2, orders: 64 });
    const { slot, ask } = replacing({ rules: { selfMatch }, capacity: 64 }, { side: 1, priceTicks: 9_990 });
    const ticks = () => selfMatch.save().find(([place]) => place === slot)?.[4];
    approved(ask(1, 10, 9_995));
    expect(ticks()).toBe(9_995);
    approved(ask(2, 10, 9_980));
    expect(ticks()).toBe(9_990);
  });

  it("of a short sale are tested without locates too", () => {
    const shortSale = new ShortSale({ instruments: 2 });
    for (const i of [0, 1]) shortSale.setPriorClose(i, 11_000, 0);
    const { gate, ask } = replacing({ rules: { shortSale }, capacity: 64 }, { side: -1 });
    expect(codeOf(ask(1, 12, 9_990))).toBe("approved");
    shortSale.trigger(0, 0);
    expect([codeOf(ask(2, 12, 9_990)), codeOf(ask(3, 12, 10_000))]).toEqual(["RISK_SHORT_SALE", "approved"]);
    expect(gate.parts.day).toBe(0);
  });

  it("of a place that was opened anew tell the door the order's own terms", () => {
    const { gate, slot } = replacing({}, { timeInForce: TIME_IN_FORCE.DAY });
    gate.settlement.forget(slot);
    const approval = approved(gate.check(terms({ id: 9_900_000, priceTicks: 9_999 }), NOW));
    expect(taken(gate, approval)).toMatchObject({
      requestId: 0,
      priceTicks: 9_999,
      lots: 10,
      timeInForce: 0,
    });
  });
});
