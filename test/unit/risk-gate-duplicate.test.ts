import { describe, expect, it } from "vitest";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { GATE_FLAG } from "../../src/risk/index.ts";
import { at, makeGate, NOW, order, verdict } from "../fixtures/gate-setup.ts";

const WINDOW = 500_000_000;
const same = { slice: 0 };

describe("duplicates", () => {
  it("of an id are refused for ever, and ids must rise", () => {
    const gate = makeGate();
    expect(verdict(gate, { id: 1_000_000 })).toBe("approved");
    for (const id of [1_000_000, 999_999, 1]) {
      expect(gate.check(order({ id }), NOW + 1e15)).toMatchObject({
        ok: false,
        code: "RISK_DUPLICATE_ID",
        field: "id",
        value: id,
      });
    }
    expect(verdict(gate, { id: 1_000_001 })).toBe("approved");
  });

  it("of an id are each seat's own", () => {
    const gate = makeGate();
    expect([0, 1, 0].map((seat) => verdict(gate, { seat, id: 2_000_000 }))).toEqual([
      "approved",
      "approved",
      "RISK_DUPLICATE_ID",
    ]);
  });

  it("of a refused order are none", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10 })] });
    expect(verdict(gate, { ...same, id: 3_000_000, lots: 11 })).toBe("RISK_QUANTITY_EXCEEDED");
    expect(verdict(gate, { ...same, id: 3_000_000 })).toBe("approved");
  });

  it("of everything but the id are refused within the window", () => {
    const gate = makeGate();
    expect(verdict(gate, same)).toBe("approved");
    expect(gate.check(order(same), NOW + WINDOW - 1)).toMatchObject({
      ok: false,
      code: "RISK_DUPLICATE_ORDER",
      field: "order",
      value: "duplicate",
    });
    expect(verdict(gate, same, NOW + WINDOW)).toBe("approved");
  });

  it("are others as soon as one field of the fingerprint is", () => {
    const gate = makeGate();
    expect(verdict(gate, same)).toBe("approved");
    const others = [
      { seat: 1 },
      { instrument: 1 },
      { side: -1 },
      { lots: 11 },
      { priceTicks: 10_001 },
      { type: ORDER_TYPE.stopLimit, stopTicks: 10_000 },
      { timeInForce: TIME_IN_FORCE.DAY },
    ];
    for (const changes of others) {
      expect(verdict(gate, { ...same, ...changes })).toBe("approved");
      expect(verdict(gate, { ...same, ...changes })).toBe("RISK_DUPLICATE_ORDER");
    }
    const alike = [{ flags: GATE_FLAG.postOnly }, { displayLots: 5 }, { row: 7 }];
    for (const changes of alike) expect(verdict(gate, { ...same, ...changes })).toBe("RISK_DUPLICATE_ORDER");
  });

  it("are no slices of a parent", () => {
    const gate = makeGate();
    const slices = [1, 2, 3, 3].map((slice) => verdict(gate, { slice }));
    expect(slices).toEqual(["approved", "approved", "approved", "RISK_DUPLICATE_ORDER"]);
  });

  it("are counted up to the configured number", () => {
    const gate = makeGate({ duplicates: { windowNs: 1_000, count: 4 } });
    const codes = [0, 1, 2, 3].map(() => verdict(gate, same));
    expect(codes).toEqual(["approved", "approved", "approved", "RISK_DUPLICATE_ORDER"]);
    expect(verdict(gate, same, NOW + 999)).toBe("RISK_DUPLICATE_ORDER");
    expect(verdict(gate, same, NOW + 1_000)).toBe("approved");
  });

  it("refuse when they cannot be remembered", () => {
    const gate = makeGate({ capacity: 1 });
    const { settlement } = gate;
    for (let i = 0; i < 8_192; i++) {
      if (verdict(gate) !== "approved") throw new Error(`order ${i}`);
      settlement.forget(gate.lastSlot);
      if (i % 1_000 === 0) gate.drain(() => {});
    }
    gate.drain(() => {});
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_DUPLICATE_ORDER", value: "full" });
    expect(verdict(gate, {}, NOW + WINDOW)).toBe("approved");
  });
});
