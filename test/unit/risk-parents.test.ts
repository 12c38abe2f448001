import { describe, expect, it } from "vitest";
import { GATE_FLAG } from "../../src/risk/gate-order.ts";
import { NO_LIMITS, type RiskGate } from "../../src/risk/index.ts";
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
    expect([child(1, 10), child(2, 10)]).toEqual(["approved", "approved"]);
    // Nothing is left of the parent: what follows is a plain order.
    expect([child(3, 10), child(4, 10)]).toEqual(["approved", "RISK_DUPLICATE_ORDER"]);
    const first = hold(gate, 1, 7);
    expect(verdict(gate, { parent: first, slice: 0, lots: 7 })).toBe("approved");
    gate.reserves.release(0, first, NOW);
    expect(verdict(gate, { parent: hold(gate, 1, 7), slice: 0, lots: 7 })).toBe("RISK_DUPLICATE_ORDER");
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
