import { describe, expect, it } from "vitest";
import type { RiskGate } from "../../src/risk/index.ts";
import {
  approved,
  at,
  codeOf,
  figures,
  type GateSetup,
  makeGate,
  NOW,
  opened,
  taken,
} from "../fixtures/gate-setup.ts";

/** An order of 10 at 10,000 that is open, and how to replace it. */
function replacing(setup: GateSetup = {}) {
  const gate = makeGate(setup);
  const slot = opened(gate);
  const id = gate.parts.orders.id[slot] as number;
  let requestId = 0;
  const ask = (lots: number, priceTicks = 10_000) => {
    requestId += 1;
    return gate.checkReplace(slot, id, requestId, lots, priceTicks, NOW);
  };
  const verdict = (lots: number, priceTicks = 10_000) => codeOf(ask(lots, priceTicks));
  return { gate, slot, id, ask, verdict, last: () => requestId };
}

const heldBy = (gate: RiskGate) => {
  const { buyLots, buyTickLots, openOrders, openValue } = figures(gate);
  return [buyLots, buyTickLots, openOrders, openValue];
};

describe("a replace", () => {
  it("is measured by its new total", () => {
    const { verdict } = replacing({ limits: [at("user", { maxOrderLots: 20, maxOrderValue: "2000" })] });
    expect([verdict(21), verdict(20, 10_001), verdict(20)]).toEqual([
      "RISK_QUANTITY_EXCEEDED",
      "RISK_NOTIONAL_EXCEEDED",
      "approved",
    ]);
  });

  it("is measured by what it adds to the position", () => {
    const { verdict } = replacing({ limits: [at("user", { maxLongLots: 15 })] });
    expect([verdict(16), verdict(15), verdict(15), verdict(1)]).toEqual([
      "RISK_POSITION_EXCEEDED",
      "approved",
      "approved",
      "approved",
    ]);
  });

  it("holds the larger of both versions until it is answered, where the venue replaces in one step", () => {
    const { gate, slot, ask } = replacing();
    approved(ask(15, 10_100));
    expect(heldBy(gate)).toEqual([15, 151_500, 1, 151_500]);
    gate.settlement.replaced(slot, 1);
    expect(heldBy(gate)).toEqual([15, 151_500, 1, 151_500]);
    approved(ask(5, 10_000));
    expect(heldBy(gate)).toEqual([15, 151_500, 1, 151_500]);
    gate.settlement.replaced(slot, 2);
    expect(heldBy(gate)).toEqual([5, 50_000, 1, 50_000]);
    approved(ask(8, 10_000));
    gate.settlement.replaceRejected(slot, 3);
    expect(heldBy(gate)).toEqual([5, 50_000, 1, 50_000]);
  });

  it("holds the worse price of both, whichever version has it", () => {
    const { gate, slot, ask } = replacing();
    approved(ask(5, 11_000));
    expect(heldBy(gate)).toEqual([10, 100_000, 1, 100_000]);
    approved(ask(10, 10_500));
    expect(heldBy(gate)).toEqual([10, 105_000, 1, 105_000]);
    gate.settlement.replaceRejected(slot, 2);
    expect(heldBy(gate)).toEqual([10, 100_000, 1, 100_000]);
  });

  it("holds both versions where the venue cancels and sends anew", () => {
    const { gate, slot, ask, verdict } = replacing({
      replacesByCancel: ["XNAS"],
      limits: [at("user", { maxLongLots: 25 })],
    });
    expect(verdict(16)).toBe("RISK_POSITION_EXCEEDED");
    approved(ask(15));
    expect(heldBy(gate)).toEqual([25, 250_000, 1, 250_000]);
    expect(verdict(1)).toBe("RISK_POSITION_EXCEEDED");
    gate.settlement.replaced(slot, 2);
    expect(heldBy(gate)).toEqual([15, 150_000, 1, 150_000]);
    approved(ask(10));
    gate.settlement.replaceRejected(slot, 4);
    expect(heldBy(gate)).toEqual([15, 150_000, 1, 150_000]);
  });

  it("shrinks with a fill, in all versions", () => {
    for (const replacesByCancel of [[], ["XNAS"]]) {
      const { gate, slot, ask } = replacing({ replacesByCancel });
      approved(ask(15));
      gate.settlement.filled(slot, 4, 10_000, NOW);
      expect(heldBy(gate)[0]).toBe(replacesByCancel.length === 0 ? 11 : 17);
      gate.settlement.replaced(slot, 1);
      expect(heldBy(gate)[0]).toBe(11);
    }
  });

  it("to no more than is filled holds nothing", () => {
    const { gate, slot, ask } = replacing();
    gate.settlement.filled(slot, 4, 10_000, NOW);
    approved(ask(4));
    expect(heldBy(gate)).toEqual([6, 60_000, 1, 60_000]);
    gate.settlement.replaced(slot, 1);
    expect(heldBy(gate)).toEqual([0, 0, 0, 0]);
    expect(codeOf(gate.checkReplace(slot, 1, 9, 5, 10_000, NOW))).toBe("RISK_ORDER_NOT_OPEN");
  });

  it("is asked for an open order alone, with a request that is new", () => {
    const { gate, slot, id } = replacing();
    const code = (...[s, i, r]: [number, number, number]) =>
      codeOf(gate.checkReplace(s, i, r, 9, 10_000, NOW));
    for (const place of [slot + 1, -1, 1e9, Number.NaN])
      expect(code(place, id, 1)).toBe("RISK_ORDER_NOT_OPEN");
    for (const other of [id + 1, 0, -1, Number.NaN]) expect(code(slot, other, 1)).toBe("RISK_ORDER_NOT_OPEN");
    for (const request of [0, -1, 0.5, Number.NaN, 2 ** 53])
      expect(code(slot, id, request)).toBe("RISK_ORDER_INVALID");
    expect(code(slot, id, 5)).toBe("approved");
    expect(code(slot, id, 5)).toBe("RISK_ORDER_INVALID");
    expect(code(slot, id, 4)).toBe("RISK_ORDER_INVALID");
    gate.settlement.closed(slot);
    expect(code(slot, id, 6)).toBe("RISK_ORDER_NOT_OPEN");
  });

  it("may have four before it that were sent and nobody answered", () => {
    const { gate, slot, ask, verdict } = replacing();
    const codes = [11, 12, 13, 14, 15].map((lots) => {
      const decision = ask(lots);
      if (decision.ok) taken(gate, decision);
      return codeOf(decision);
    });
    expect(codes).toEqual(["approved", "approved", "approved", "approved", "RISK_ORDER_NOT_OPEN"]);
    expect(heldBy(gate)[0]).toBe(14);
    gate.settlement.replaceRejected(slot, 2);
    gate.settlement.replaced(slot, 4);
    expect(heldBy(gate)[0]).toBe(14);
    gate.settlement.replaced(slot, 1);
    gate.settlement.replaceRejected(slot, 3);
    expect(heldBy(gate)[0]).toBe(11);
    expect(() => gate.settlement.replaced(slot, 3)).toThrow("FAULT_INPUT");
    expect(verdict(12)).toBe("approved");
  });

  it("tells the door its request and its terms", () => {
    const { gate, slot, id, ask } = replacing();
    expect(taken(gate, approved(ask(7, 9_900)))).toMatchObject({
      ...{ id, requestId: 1, lots: 7, priceTicks: 9_900, sideSign: 1 },
    });
    expect(gate.lastSlot).toBe(slot);
  });

  it("given up holds what the order held", () => {
    const { gate, slot, ask } = replacing();
    gate.abandon(approved(ask(70)));
    expect(heldBy(gate)).toEqual([10, 100_000, 1, 100_000]);
    expect(gate.parts.orders.heldLots[slot]).toBe(10);
  });

  it("that only shrinks passes where new risk does not", () => {
    const { gate, ask, verdict } = replacing({ status: { staleNs: 1e12, unknownIs: "trading" } });
    gate.parts.status?.set(0, 4, NOW);
    expect(verdict(11)).toBe("RISK_HALTED");
    expect(verdict(10, 10_001)).toBe("RISK_HALTED");
    expect(verdict(9)).toBe("approved");
    approved(ask(9));
  });

  it("checks its price and its numbers as an order does", () => {
    const { verdict } = replacing({ limits: [at("user", { priceCollarBps: 500, maxTicksThrough: 100 })] });
    expect(verdict(10, 10_501)).toBe("RISK_PRICE_COLLAR");
    expect(verdict(10, 10_102)).toBe("RISK_PRICE_THROUGH");
    for (const lots of [0, -1, 0.5, Number.NaN, 2 ** 53]) expect(verdict(lots)).toBe("RISK_ORDER_INVALID");
    for (const ticks of [0.5, Number.NaN, -0, 2e9]) expect(verdict(10, ticks)).toBe("RISK_ORDER_INVALID");
  });

  it("is no duplicate and needs no new id", () => {
    const { verdict } = replacing();
    expect([verdict(10), verdict(10), verdict(10)]).toEqual(["approved", "approved", "approved"]);
  });

  it("of an order that nobody sent is refused: the order's own approval would be void", () => {
    const gate = makeGate();
    const approval = approved(gate.check({ ...orderOf(), id: 9_000_000 }, NOW));
    gate.checkReplace(gate.lastSlot, 9_000_000, 1, 5, 10_000, NOW);
    expect(() => taken(gate, approval)).not.toThrow();
  });

  it("that is refused changes nothing", () => {
    const { gate, verdict } = replacing({ limits: [at("user", { maxOrderLots: 20 })] });
    const before = heldBy(gate);
    expect(verdict(21)).toBe("RISK_QUANTITY_EXCEEDED");
    expect(heldBy(gate)).toEqual(before);
  });

  it("that is refused is recorded with its own order's fields", () => {
    const gate = makeGate();
    const mine = opened(gate, { seat: 1, instrument: 1, side: -1, id: 9_100_000 });
    gate.decide({ strategy: "carry", instrument: "ABC@XNAS", side: "buy", lots: 3, priceTicks: 9_990 }, NOW);
    gate.drain(() => {});
    gate.checkReplace(mine, 9_100_000, 0, 5, 10_000, NOW);
    gate.drain((cells, from) => {
      // id, seat, instrument, side, lots, price
      expect([...cells.slice(from + 4, from + 10)]).toEqual([9_100_000, 1, 1, -1, 5, 10_000]);
    });
  });
});

describe("terms changed by the venue", () => {
  it("are held as they are told", () => {
    const { gate, slot } = replacing();
    gate.settlement.restated(slot, 6, 10_200);
    expect(heldBy(gate)).toEqual([6, 61_200, 1, 61_200]);
    gate.settlement.closed(slot);
    gate.settlement.restated(slot, 6, 10_000);
    expect(heldBy(gate)[0]).toBe(6);
    expect(() => gate.settlement.restated(slot, 0.5, 10_000)).toThrow("FAULT_INPUT");
    expect(() => gate.settlement.restated(slot, 6, Number.NaN)).toThrow("FAULT_INPUT");
  });

  it("are faults for a place without an order", () => {
    const { gate, slot } = replacing();
    const { settlement } = gate;
    settlement.forget(slot);
    const calls = [
      () => settlement.filled(slot, 1, 1, NOW),
      () => settlement.busted(slot, 1, 1, NOW),
      () => settlement.closed(slot),
      () => settlement.forget(slot),
      () => settlement.replaced(slot, 1),
      () => settlement.replaceRejected(slot, 1),
      () => settlement.restated(slot, 1, 1),
      () => settlement.canceling(slot, NOW),
      () => settlement.filled(-1, 1, 1, NOW),
      () => settlement.filled(1e9, 1, 1, NOW),
      () => settlement.book(3, 0, 1, 1, 1, NOW),
      () => settlement.book(0, 2, 1, 1, 1, NOW),
      () => settlement.book(-1, 0, 1, 1, 1, NOW),
      () => settlement.book(0, -1, 1, 1, 1, NOW),
      () => settlement.book(0.5, 0, 1, 1, 1, NOW),
      () => settlement.book(0, 0, 1, Number.NaN, 1, NOW),
      () => settlement.book(0, 0, 1, 1, 0.5, NOW),
    ];
    const before = heldBy(gate);
    for (const call of calls) expect(call).toThrow("FAULT_INPUT");
    expect(heldBy(gate)).toEqual(before);
  });
});

function orderOf() {
  return {
    ...{ seat: 0, instrument: 0, id: 1, side: 1, type: 0, timeInForce: 0, flags: 0, priceTicks: 10_000 },
    ...{
      stopTicks: 0,
      lots: 10,
      displayLots: 0,
      expireNs: Number.POSITIVE_INFINITY,
      row: 0,
      slice: 0,
      parent: 0,
    },
  };
}
