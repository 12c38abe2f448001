import { describe, expect, it } from "vitest";
import { GATE_FLAG } from "../../src/risk/gate-order.ts";
import { Locates, NO_LIMITS, type RiskGate } from "../../src/risk/index.ts";
import { ACCOUNT } from "../../src/risk/levels.ts";
import { approved, makeGate, NOW, opened, order, verdict } from "../fixtures/gate-setup.ts";

const WIDE = { ...NO_LIMITS, maxLongLots: 1_000_000, maxShortLots: 1_000_000 };

function hold(gate: RiskGate, side: number, lots: number, priceTicks = Number.NaN): number {
  const id = gate.reserves.open({ seat: 0, instrument: 0, side, lots, priceTicks }, NOW);
  if (typeof id !== "number") throw new Error(id.message);
  return id;
}

describe("parents that are held", () => {
  it("do not stand in the way of what a kill flattens", () => {
    const gate = makeGate({ firm: WIDE });
    gate.settlement.book(0, 0, 1, 100, 10_000, NOW);
    hold(gate, -1, 100);
    gate.parts.latch.set(0, 3);
    const flatten = { side: -1, lots: 100, priceTicks: 9_999, flags: GATE_FLAG.flatten };
    expect(verdict(gate, { ...flatten, lots: 101 })).toBe("RISK_KILLED");
    expect(verdict(gate, flatten)).toBe("approved");
  });

  it("tell repeated orders apart only for what they hold", () => {
    const gate = makeGate({ firm: WIDE });
    const parent = hold(gate, 1, 20);
    const child = (slice: number, lots: number): string => verdict(gate, { parent, slice, lots });
    expect([child(1, 2), child(2, 9), child(3, 9)]).toEqual(["approved", "approved", "approved"]);
    // Nothing is left of the parent: what follows is a plain order.
    expect([child(4, 10), child(5, 10)]).toEqual(["approved", "RISK_DUPLICATE_ORDER"]);
    const first = hold(gate, 1, 7);
    expect(verdict(gate, { parent: first, slice: 0, lots: 7 })).toBe("approved");
    gate.reserves.release(0, first, NOW);
    expect(verdict(gate, { parent: hold(gate, 1, 8), slice: 0, lots: 7 })).toBe("RISK_DUPLICATE_ORDER");
  });

  it("are no way around the rule of equal orders for who opens one for each order", () => {
    const gate = makeGate({ firm: WIDE });
    const open = (lots: number, nowNs = NOW, seat = 0, priceTicks = 10_000): number | string => {
      const answer = gate.reserves.open({ seat, instrument: 0, side: 1, lots, priceTicks }, nowNs);
      return typeof answer === "number" ? answer : answer.code;
    };
    const [first, others] = [open(10), [open(10), open(10, NOW + 499_999_999)]];
    expect(others).toEqual(["RISK_DUPLICATE_ORDER", "RISK_DUPLICATE_ORDER"]);
    expect(gate.reserves.release(0, first as number, NOW)).toBeUndefined();
    expect(open(10)).toBe("RISK_DUPLICATE_ORDER");
    // Another strategy's, another price, later: none again. An order like it is no parent like it.
    expect([open(10, NOW, 1), open(10, NOW, 0, 9_999), open(10, NOW + 5e8)]).toEqual([2, 3, 4]);
    expect(verdict(gate, { slice: 0 })).toBe("approved");
    // Parents that differ, each for one equal order.
    const [soon, later] = [NOW + 5e8, NOW + 1e9];
    const child = (parent: number | string, slice: number, nowNs: number): string =>
      verdict(gate, { parent: parent as number, slice, lots: 5, priceTicks: 9_998 }, nowNs);
    const [fifth, sixth] = [open(50, soon), open(51, soon)];
    expect([child(fifth, 1, soon), child(sixth, 1, soon)]).toEqual(["approved", "RISK_DUPLICATE_ORDER"]);
    gate.quote(0, 9_999, 10_001, later);
    expect(child(sixth, 1, later)).toBe("approved");
    // What follows the first is a slice of its own.
    expect([child(fifth, 2, later), child(sixth, 2, later)]).toEqual(["approved", "approved"]);
  });

  it("of one strategy use up its own places and no other's, and grow where none is left", () => {
    const gate = makeGate({ firm: WIDE, capacity: 6 });
    const open = (seat: number, lots: number): number | string => {
      const answer = gate.reserves.open({ seat, instrument: 0, side: 1, lots, priceTicks: 10_000 }, NOW);
      return typeof answer === "number" ? answer : answer.code;
    };
    expect([open(0, 1), open(0, 2), open(0, 3), open(0, 4)]).toEqual([
      1,
      2,
      "RISK_CAPACITY",
      "RISK_CAPACITY",
    ]);
    expect([open(1, 1), open(1, 2), open(2, 1), open(2, 2), open(2, 3)]).toEqual([
      3,
      4,
      5,
      6,
      "RISK_CAPACITY",
    ]);
    expect(gate.reserves.change(0, 1, 100, 10_000, NOW)).toBeUndefined();
    expect(gate.reserves.find(0, 1)?.heldLots).toBe(100);
    const full = [...gate.parts.parents.save()];
    gate.drain(() => undefined);
    const again = makeGate({ firm: WIDE, capacity: 6, book: null });
    again.load(gate.save());
    expect(again.parts.parents.save()).toEqual(full);
    for (const each of [gate, again]) {
      const answer = each.reserves.open(
        { seat: 0, instrument: 0, side: 1, lots: 9, priceTicks: 10_000 },
        NOW,
      );
      expect(answer).toMatchObject({ code: "RISK_CAPACITY" });
      each.reserves.releaseAll(0);
    }
    expect([open(0, 5), open(0, 6), open(0, 7)]).toEqual([7, 8, "RISK_CAPACITY"]);
  });

  it("get smaller under a kill and no larger, whatever their children hold beyond them", () => {
    const gate = makeGate({ firm: WIDE });
    const parent = hold(gate, 1, 100, 10_000);
    opened(gate, { parent, slice: 1, lots: 70 });
    opened(gate, { parent, slice: 2, lots: 50 });
    const held = (): unknown => gate.reserves.find(0, parent);
    const before = held();
    expect(before).toMatchObject({ lots: 100, childLots: 120, heldLots: 0 });
    const change = (lots: number, priceTicks: number): string =>
      gate.reserves.change(0, parent, lots, priceTicks, NOW)?.code ?? "ok";
    gate.parts.latch.set(0, 2);
    expect([change(101, 10_000), change(110, 10_000), change(150, 10_000)]).toEqual(
      Array.from({ length: 3 }, () => "RISK_KILLED"),
    );
    expect([change(101, 9_000), change(100, 10_001), change(100, Number.NaN)]).toEqual(
      Array.from({ length: 3 }, () => "RISK_KILLED"),
    );
    expect(JSON.stringify(held())).toBe(JSON.stringify(before));
    expect([change(100, 10_000), change(90, 10_000), change(90, 9_999), change(5, 9_999)]).toEqual(
      Array.from({ length: 4 }, () => "ok"),
    );
    // As small as it was made, it stays: it does not grow back either.
    expect(change(6, 9_999)).toBe("RISK_KILLED");
    gate.parts.latch.clear(0);
    expect(change(110, 10_000)).toBe("ok");
  });

  it("are asked again where they lose their limit", () => {
    const gate = makeGate({ firm: { ...NO_LIMITS, maxOpenValue: "500.00" } });
    const parent = hold(gate, 1, 100, 1);
    expect(gate.reserves.change(0, parent, 100, Number.NaN, NOW)?.code).toBe("RISK_OPEN_VALUE_EXCEEDED");
    expect(gate.reserves.change(0, parent, 4, Number.NaN, NOW)?.code).toBeUndefined();
  });

  it("are a share of the daily volume as a whole, however much of them is done", () => {
    const dailyVolumeLots = { "ABC@XNAS": 1_000 };
    const gate = makeGate({ firm: { ...WIDE, maxVolumeShare: 0.1 }, dailyVolumeLots });
    const parent = hold(gate, 1, 100, 10_000);
    gate.settlement.filled(opened(gate, { parent, slice: 1, lots: 60 }), 60, 10_000, NOW);
    expect(gate.reserves.change(0, parent, 101, 10_000, NOW)?.code).toBe("RISK_VOLUME_SHARE_EXCEEDED");
  });

  it("are asked again where their limit gets worse", () => {
    const gate = makeGate({ firm: { ...NO_LIMITS, maxOpenValue: "500.00" } });
    const parent = hold(gate, 1, 100, 1);
    expect(gate.reserves.change(0, parent, 100, 10_000, NOW)?.code).toBe("RISK_OPEN_VALUE_EXCEEDED");
    expect(gate.reserves.find(0, parent)).toMatchObject({ heldLots: 100, unitTicks: 1 });
    expect(gate.reserves.change(0, parent, 50, 1, NOW)).toBeUndefined();
  });

  it("hold what they should behind two unanswered replaces of a child", () => {
    const gate = makeGate({ replacesByCancel: ["XNAS"], firm: WIDE });
    const parent = hold(gate, 1, 100);
    const slot = opened(gate, { parent, slice: 1, lots: 10 });
    const id = gate.parts.orders.id[slot] as number;
    approved(gate.checkReplace(slot, id, 1, 20, 10_000, NOW));
    approved(gate.checkReplace(slot, id, 2, 20, 10_000, NOW));
    const row = gate.reserves.find(0, parent);
    expect(row?.heldLots).toBe((row?.lots ?? 0) - (row?.filledLots ?? 0) - (row?.childLots ?? 0));
  });

  it("keep the money that a cheaper child leaves: it may come back", () => {
    const gate = makeGate({ firm: { ...NO_LIMITS, maxOpenValue: "1000.00" } });
    const parent = hold(gate, 1, 10, 10_000);
    const slot = opened(gate, { parent, slice: 1, lots: 5, priceTicks: 9_000 });
    expect(gate.reserves.find(0, parent)).toMatchObject({ heldLots: 5, heldTickLots: 55_000 });
    expect(verdict(gate, { lots: 1, priceTicks: 5_000 })).toBe("RISK_OPEN_VALUE_EXCEEDED");
    gate.settlement.filled(slot, 2, 9_000, NOW);
    expect(gate.reserves.find(0, parent)).toMatchObject({ heldLots: 5, heldTickLots: 53_000 });
    gate.settlement.forget(slot);
    expect(gate.reserves.find(0, parent)).toMatchObject({ heldLots: 8, heldTickLots: 80_000 });
  });

  it("are asked for what a replace of a child to fewer and dearer lots leaves with them", () => {
    const gate = makeGate({ firm: { ...NO_LIMITS, maxOpenValue: "1000.00" } });
    const parent = hold(gate, 1, 10, 10_000);
    const slot = opened(gate, { parent, slice: 1, lots: 10, priceTicks: 10_000 });
    const id = gate.parts.orders.id[slot] as number;
    // Nine at 10,500 are worth less than ten at 10,000, and with the tenth of the parent more.
    const answer = gate.checkReplace(slot, id, 1, 9, 10_500, NOW);
    expect(answer).toMatchObject({ code: "RISK_OPEN_VALUE_EXCEEDED" });
    expect(gate.reserves.find(0, parent)?.heldTickLots).toBe(0);
    approved(gate.checkReplace(slot, id, 2, 9, 10_000, NOW));
  });

  it("are held again where a rule throws", () => {
    const gate = makeGate({ firm: WIDE });
    const parent = hold(gate, 1, 100);
    const { hours } = gate.parts as { hours: unknown };
    Object.defineProperty(gate.parts, "hours", {
      get: () => {
        throw new Error("no hours");
      },
      configurable: true,
    });
    const child = order({ parent, slice: 1, lots: 10 });
    expect(() => gate.explain(child, NOW)).toThrow();
    expect(() => gate.check(child, NOW)).toThrow();
    Object.defineProperty(gate.parts, "hours", { value: hours, configurable: true, writable: true });
    expect(gate.reserves.find(0, parent)?.heldLots).toBe(100);
  });
});

describe("located shares of parents", () => {
  const located = (lots: number): RiskGate => {
    const locates = new Locates({ accounts: 16, instruments: 2, orders: 64 });
    const gate = makeGate({ firm: WIDE, capacity: 64, rules: { locates } });
    locates.grant(gate.parts.hierarchy.paths[ACCOUNT] as number, 0, lots, NOW + 1e12);
    return gate;
  };
  const open = (gate: RiskGate, lots: number, seat = 0): number | string => {
    const answer = gate.reserves.open({ seat, instrument: 0, side: -1, lots, priceTicks: 10_000 }, NOW);
    return typeof answer === "number" ? answer : answer.code;
  };
  const child = (gate: RiskGate, parent: number, slice: number, lots: number): string =>
    verdict(gate, { side: -1, parent, slice, lots });

  it("are held once: two parents of an account, or a parent and an order, do not share them", () => {
    const gate = located(100);
    expect([open(gate, 60), open(gate, 41), open(gate, 41, 1)]).toEqual([
      1,
      "RISK_LOCATE_MISSING",
      "RISK_LOCATE_MISSING",
    ]);
    expect([open(gate, 40, 1), verdict(gate, { side: -1, lots: 1 })]).toEqual([2, "RISK_LOCATE_MISSING"]);
    // Each child draws what its own parent holds, and no more.
    expect([child(gate, 1, 1, 59), child(gate, 1, 2, 2)]).toEqual(["approved", "RISK_LOCATE_MISSING"]);
    expect(gate.reserves.change(0, 1, 61, 10_000, NOW)?.code).toBe("RISK_LOCATE_MISSING");
    gate.reserves.release(0, 1, NOW);
    expect([open(gate, 2), open(gate, 1)]).toEqual(["RISK_LOCATE_MISSING", 3]);
  });

  it("go to a child and come back when it ends, and are used up by its executions", () => {
    const gate = located(100);
    expect(open(gate, 100)).toBe(1);
    const slot = opened(gate, { side: -1, parent: 1, slice: 1, lots: 50 });
    const free = (): string => verdict(gate, { side: -1, lots: 1 });
    expect(free()).toBe("RISK_LOCATE_MISSING");
    gate.settlement.filled(slot, 20, 10_000, NOW);
    gate.settlement.forget(slot);
    expect([free(), gate.reserves.find(0, 1)?.shortLots]).toEqual(["RISK_LOCATE_MISSING", 80]);
    expect(gate.reserves.change(0, 1, 90, 10_000, NOW)).toBeUndefined();
    expect([child(gate, 1, 2, 70), child(gate, 1, 3, 11), child(gate, 1, 3, 10)]).toEqual([
      "approved",
      "RISK_LOCATE_MISSING",
      "approved",
    ]);
  });

  it("are not needed for what a position covers", () => {
    const gate = located(30);
    gate.settlement.book(0, 0, 1, 70, 10_000, NOW);
    expect([open(gate, 101), open(gate, 100)]).toEqual(["RISK_LOCATE_MISSING", 1]);
    expect(gate.reserves.find(0, 1)?.shortLots).toBe(30);
    expect([open(gate, 1), child(gate, 1, 1, 70), child(gate, 1, 2, 30)]).toEqual([
      "RISK_LOCATE_MISSING",
      "approved",
      "approved",
    ]);
  });

  it("are held after a restart", () => {
    const gate = located(100);
    expect(open(gate, 60)).toBe(1);
    opened(gate, { side: -1, parent: 1, slice: 1, lots: 10 });
    gate.drain(() => undefined);
    const again = located(100);
    again.load(gate.save());
    expect([open(again, 41), open(again, 40)]).toEqual(["RISK_LOCATE_MISSING", 2]);
  });
});
