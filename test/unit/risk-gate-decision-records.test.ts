import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { DECISION, LIMIT, RISK_CODE } from "../../src/risk/index.ts";
import { at, makeGate, NOW, order, records, SEATS, verdict } from "../fixtures/gate-setup.ts";

describe("the record of a refusal", () => {
  it("names no node and no limit where the rule is none, and says what was measured", () => {
    const gate = makeGate();
    expect(verdict(gate, { lots: -3 })).toBe("RISK_ORDER_INVALID");
    expect(records(gate)).toMatchObject([
      { code: RISK_CODE.RISK_ORDER_INVALID, node: -1, limit: -1, measured: -3, bound: 0 },
    ]);
  });

  it("measures nothing where what was found is no number", () => {
    const gate = makeGate();
    expect(verdict(gate, { lots: "10" as never })).toBe("RISK_ORDER_INVALID");
    expect(records(gate)).toMatchObject([{ node: -1, limit: -1, measured: 0, bound: 0 }]);
  });

  it("names no node and no limit where the order could not be read", () => {
    const gate = makeGate();
    const words = { strategy: "nobody", instrument: "ABC@XNAS", side: "buy", lots: 7 } as const;
    gate.decide(words, NOW);
    expect(records(gate)).toMatchObject([
      { code: RISK_CODE.RISK_SEAT_UNKNOWN, node: -1, limit: -1, measured: 0, bound: 0 },
    ]);
  });

  it("names the node and the limit that stopped it, with no trace of the refusal before", () => {
    const gate = makeGate({ limits: [at("desk", { maxOrderLots: 10 })] });
    verdict(gate, { lots: 11 });
    verdict(gate, { seat: 9 });
    const node = gate.parts.node("", "desk", "equities");
    expect(records(gate)).toMatchObject([
      { node, limit: LIMIT.maxOrderLots, measured: 11, bound: 10 },
      { node: -1, limit: -1, measured: 9, bound: 0 },
    ]);
  });
});

describe("the record of an approval", () => {
  it("leaves those before it as they are", () => {
    const gate = makeGate();
    const asked = [order({ lots: 3 }), order({ lots: 4, seat: 1 }), order({ lots: 5, side: -1 })];
    for (const [i, each] of asked.entries()) gate.check(each, NOW + i);
    expect(records(gate)).toEqual(
      asked.map(({ id, seat, instrument, side, lots, priceTicks }, i) => ({
        ...{ sequence: i + 1, atNs: NOW + i, kind: DECISION.order, code: 0 },
        ...{ id, seat, instrument, side, lots, priceTicks },
        ...{ node: -1, limit: -1, measured: 0, bound: 0, version: 1, latch: 0 },
      })),
    );
  });

  it("has nothing of the refusal in whose place it is written, and the latch of its own moment", () => {
    const gate = makeGate({ records: 2, limits: [at("desk", { maxOrderLots: 10 })] });
    const { latch, scopes } = gate.parts;
    const first = latch.read();
    latch.set(scopes.indexOf({ kind: "strategy", name: "carry" }), 2);
    const word = latch.read();
    expect(word).not.toBe(first);
    for (const lots of [11, 12]) {
      expect(verdict(gate, { lots })).toBe("RISK_QUANTITY_EXCEEDED");
      expect(records(gate)).toMatchObject([{ measured: lots, bound: 10, latch: word }]);
    }
    for (const lots of [1, 2]) {
      expect(verdict(gate, { lots })).toBe("approved");
      expect(records(gate)).toMatchObject([
        { code: 0, node: -1, limit: -1, measured: 0, bound: 0, latch: word, lots },
      ]);
    }
  });
});

describe("a limit whose measure is not known", () => {
  it("asks for a fresh price, under the limit's name", () => {
    const gate = makeGate({ limits: [at("symbol", { maxVolumeShare: 0.5 })] });
    expect(gate.check(order(), NOW)).toMatchObject({
      ...{ code: "RISK_REFERENCE_UNAVAILABLE", field: "maxVolumeShare", value: Number.NaN },
      expected: "a fresh price",
    });
  });
});

describe("the seats of a gate", () => {
  it("with a strategy twice are told with all their strategies", () => {
    const seats = [...SEATS, { ...SEATS[2], strategy: SEATS[0].strategy }];
    let fault: unknown;
    try {
      makeGate({ seats });
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({
      ...{ code: "FAULT_CONFIG", path: "riskGate.seats", expected: "each strategy once" },
      value: ["pairs", "grid", "carry", "pairs"],
    });
  });
});

describe("value at risk", () => {
  it("of the firm is given under no name, and of nobody under another", () => {
    const gate = makeGate({ limits: [at("firm", { maxValueAtRisk: "10" })] });
    gate.control.setValueAtRisk("firm", "", 500, [50, 0], NOW);
    expect([verdict(gate), verdict(gate, { lots: 11 })]).toEqual(["approved", "RISK_VALUE_AT_RISK_EXCEEDED"]);
    expect(() => gate.control.setValueAtRisk("firm", "firm", 1, [1, 1], NOW)).toThrow("FAULT_CONFIG");
  });
});
