import { describe, expect, it } from "vitest";
import { LEVELS } from "../../src/risk/index.ts";
import { at, makeGate, NOW, opened, order, PATH, RISK, verdict, worth } from "../fixtures/gate-setup.ts";

const CASES = [
  ["RISK_CONCENTRATION_EXCEEDED", "maxConcentration", 0.2, "share"],
  ["RISK_MARGIN_EXCEEDED", "maxMarginShare", 0.2, "share"],
  ["RISK_LEVERAGE_EXCEEDED", "maxLeverage", 0.2, "ratio"],
] as const;

describe.each(LEVELS)("shares of equity at the level %s", (level) => {
  const name = PATH[level];

  it.each(CASES)("%s by %s of %s: at it passes, past it not", (code, limit, bound, unit) => {
    for (const side of [1, -1]) {
      const gate = makeGate({ limits: [at(level, { [limit]: bound })], capital: [worth(level, "10000")] });
      opened(gate, { side });
      expect(verdict(gate, { side, lots: 11 })).toBe(code);
      expect(verdict(gate, { side })).toBe("approved");
      const refusal = gate.check(order({ side, lots: 1 }), NOW);
      expect(refusal).toMatchObject({ ok: false, code, level, name, limit, unit, measured: 0.21, bound });
    }
  });

  it("of no equity refuse what adds, of unknown equity too", () => {
    for (const [, limit, bound] of CASES) {
      const unknown = makeGate({ limits: [at(level, { [limit]: bound })] });
      expect(unknown.check(order(), NOW)).toMatchObject({ code: "RISK_EQUITY_UNKNOWN", field: "capital" });
    }
    for (const [code, limit, bound] of CASES) {
      const none = makeGate({ limits: [at(level, { [limit]: bound })], capital: [worth(level, "0")] });
      expect(none.check(order(), NOW)).toMatchObject({ code, measured: Number.POSITIVE_INFINITY, bound });
      const broke = makeGate({ limits: [at(level, { [limit]: bound })], capital: [worth(level, "1")] });
      broke.settlement.charge(0, 0, 200);
      expect(broke.check(order(), NOW)).toMatchObject({ code, measured: Number.POSITIVE_INFINITY, bound });
      const little = makeGate({ limits: [at(level, { [limit]: bound })], capital: [worth(level, "0.01")] });
      expect(little.check(order(), NOW)).toMatchObject({ code, measured: 100_000, bound });
    }
  });

  it("of no or unknown equity let pass what reduces", () => {
    for (const [, limit] of CASES) {
      for (const capital of [[], [worth(level, "0")]]) {
        const gate = makeGate({ limits: [at(level, { [limit]: 0 })], capital });
        gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
        expect(verdict(gate, { side: -1, lots: 10 })).toBe("approved");
      }
    }
  });
});

describe("equity", () => {
  const gateOf = () =>
    makeGate({ limits: [at("account", { maxLeverage: 1 })], capital: [worth("account", "1000")] });

  it("is the capital with what was made and lost, at the far touch", () => {
    const gate = gateOf();
    gate.settlement.book(0, 0, 1, 10, 9_000, NOW);
    const node = gate.parts.node("", "account", "A1");
    // Bought at 90.00, worth 99.99 at the bid.
    expect(gate.parts.equityOf(node)).toBe(100_000 + 9_990);
    gate.settlement.charge(0, 0, 90);
    expect(gate.parts.equityOf(node)).toBe(109_900);
    gate.settlement.charge(0, 0, -90);
    gate.settlement.book(0, 0, -1, 20, 9_999, NOW);
    // Ten short now, at 99.99: worth 100.01 at the ask.
    expect(gate.parts.equityOf(node)).toBe(100_000 + 9_990 - 20);
  });

  it("counts what one instrument made for another", () => {
    const gate = gateOf();
    gate.settlement.book(0, 1, 1, 10, 9_999, NOW);
    gate.settlement.book(0, 1, -1, 10, 10_999, NOW);
    expect(verdict(gate, { lots: 11 })).toBe("approved");
    expect(verdict(gate, { lots: 1 })).toBe("RISK_LEVERAGE_EXCEEDED");
  });

  it("is set anew by word from the broker, whatever was made before", () => {
    const gate = gateOf();
    gate.settlement.charge(0, 0, 30_000);
    gate.control.setCapital(worth("account", "1000"), RISK, "deposit", NOW);
    expect(verdict(gate)).toBe("approved");
    expect(verdict(gate, { lots: 1 })).toBe("RISK_LEVERAGE_EXCEEDED");
  });

  it("takes each instrument's margin, rounded up", () => {
    const gate = makeGate({
      limits: [at("account", { maxMarginShare: 0.5 })],
      capital: [worth("account", "30")],
      marginBps: { "ABC@XNAS": 150 },
    });
    // 1.5 % of 100,000 is 1,500: half of 3,000. A tick more is 1,500.15.
    expect(verdict(gate, { priceTicks: 10_001 })).toBe("RISK_MARGIN_EXCEEDED");
    expect(verdict(gate)).toBe("approved");
  });

  it("keeps a buffer: the larger of the worst sides counts", () => {
    const gate = makeGate({
      limits: [at("account", { maxMarginShare: 0.9 })],
      capital: [worth("account", "1000")],
    });
    opened(gate, { lots: 9 });
    expect(verdict(gate, { side: -1, lots: 10 })).toBe("RISK_MARGIN_EXCEEDED");
    expect(verdict(gate, { side: -1, lots: 9 })).toBe("approved");
  });

  it("names the level whose limit broke, of several", () => {
    const limits = LEVELS.map((level) => at(level, { maxConcentration: level === "user" ? 0.05 : 10 }));
    const capital = LEVELS.map((level) => worth(level, "10000"));
    expect(makeGate({ limits, capital }).check(order(), NOW)).toMatchObject({ level: "user", measured: 0.1 });
  });
});

describe("value at risk", () => {
  const gateOf = () => makeGate({ limits: [at("desk", { maxValueAtRisk: "10" })], valueAtRiskAgeNs: 1_000 });
  const set = (gate: ReturnType<typeof gateOf>, marginal: number) =>
    gate.control.setValueAtRisk("desk", "equities", 500, [marginal, 0], NOW);

  it("is the last figure and the order's own part", () => {
    const gate = gateOf();
    set(gate, 50);
    expect(verdict(gate, {}, NOW + 1_000)).toBe("approved");
    expect(gate.check(order({ lots: 11 }), NOW)).toMatchObject({
      ...{ code: "RISK_VALUE_AT_RISK_EXCEEDED", level: "desk", name: "equities", limit: "maxValueAtRisk" },
      ...{ unit: "money", measured: 1_050, bound: 1_000 },
    });
    expect(verdict(gate, { side: -1, lots: 1_000 })).toBe("approved");
  });

  it("refuses what it cannot know", () => {
    const gate = gateOf();
    expect(verdict(gate)).toBe("RISK_REFERENCE_UNAVAILABLE");
    set(gate, 50);
    expect(verdict(gate, {}, NOW + 1_001)).toBe("RISK_REFERENCE_UNAVAILABLE");
    expect(() => set(gate, Number.NaN)).toThrow("FAULT_CONFIG");
    expect(() => gate.control.setValueAtRisk("firm", "", 1, [1], NOW)).toThrow("FAULT_CONFIG");
    gate.control.setValueAtRisk("firm", "", 1, [1, 1], NOW);
  });

  it("lets what reduces pass, and what adds nothing", () => {
    const gate = gateOf();
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    expect(verdict(gate, { side: -1 })).toBe("approved");
    set(gate, 0);
    expect(verdict(gate, { lots: 1_000 })).toBe("approved");
  });
});
