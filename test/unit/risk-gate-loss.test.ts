import { describe, expect, it } from "vitest";
import { LEVELS } from "../../src/risk/index.ts";
import { at, makeGate, NOW, order, PATH, RISK, TRADER, verdict, worth } from "../fixtures/gate-setup.ts";

const HOUR = 3_600e9;
const SHARE = { maxDrawdownShare: 0.1 };

describe.each(LEVELS)("losses at the level %s", (level) => {
  const name = PATH[level];

  it("of the day refuse what adds at the limit, until the next day", () => {
    const gate = makeGate({ limits: [at(level, { maxDailyLoss: "10" })] });
    gate.settlement.book(0, 0, 1, 100, 9_999, NOW);
    gate.settlement.charge(0, 0, 999);
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 1);
    const refusal = gate.check(order({ lots: 1 }), NOW);
    const code = "RISK_DAILY_LOSS";
    expect(refusal).toMatchObject({ ok: false, code, level, name, limit: "maxDailyLoss", unit: "money" });
    expect(refusal).toMatchObject({ measured: 1_000, bound: 1_000 });
    gate.settlement.charge(0, 0, -1_000);
    expect(verdict(gate)).toBe(code);
    gate.control.newDay(NOW, 1);
    expect(verdict(gate)).toBe("approved");
  });

  it("of the day let pass what reduces this level's own position", () => {
    const gate = makeGate({ limits: [at(level, { maxDailyLoss: "10" })] });
    gate.settlement.book(0, 0, 1, 100, 9_999, NOW);
    gate.settlement.charge(0, 0, 1_000);
    expect(verdict(gate, { side: -1, lots: 101 })).toBe("RISK_DAILY_LOSS");
    expect(verdict(gate, { side: -1, lots: 100 })).toBe("approved");
    expect(verdict(gate, { side: -1, lots: 1 })).toBe("RISK_DAILY_LOSS");
  });

  it("are marked at the far touch, and latch on a quote alone", () => {
    const gate = makeGate({ limits: [at(level, { maxDailyLoss: "10" })] });
    gate.settlement.book(0, 0, 1, 100, 9_999, NOW);
    gate.quote(0, 9_989, 10_001, NOW);
    gate.quote(0, 9_999, 10_001, NOW);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
    const short = makeGate({ limits: [at(level, { maxDailyLoss: "10" })] });
    short.settlement.book(0, 0, -1, 100, 10_001, NOW);
    short.quote(0, 9_999, 10_010, NOW);
    expect(verdict(short)).toBe("approved");
    short.quote(0, 9_999, 10_011, NOW);
    expect(verdict(short, { side: -1 })).toBe("RISK_DAILY_LOSS");
  });

  it("within a window latch, until somebody of the risk function resets them", () => {
    const gate = makeGate({ limits: [at(level, { maxWindowLoss: "10" })], lossWindowNs: HOUR });
    gate.settlement.book(0, 0, 1, 100, 9_999, NOW);
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 999);
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 1);
    const code = "RISK_WINDOW_LOSS";
    const rest = { level, name, limit: "maxWindowLoss", unit: "money", measured: 1_000, bound: 1_000 };
    expect(gate.check(order(), NOW)).toMatchObject({ ok: false, code, ...rest });
    expect(verdict(gate, { side: -1, lots: 100 })).toBe("approved");
    gate.settlement.charge(0, 0, -1_000);
    expect(verdict(gate, {}, NOW + 4 * HOUR)).toBe(code);
    const where = level === "firm" ? undefined : name;
    expect(gate.control.resetLosses(level, where, TRADER, "please", NOW)).toMatchObject({
      ok: false,
      code: "RISK_OVERRIDE_FORBIDDEN",
    });
    expect(gate.control.resetLosses(level, where, RISK, "looked at", NOW).ok).toBe(true);
    gate.quote(0, 9_999, 10_001, NOW + 4 * HOUR);
    expect(verdict(gate, {}, NOW + 4 * HOUR)).toBe("approved");
  });

  it("from the highest equity latch", () => {
    const gate = makeGate({ limits: [at(level, { maxDrawdown: "10" })], capital: [worth(level, "100")] });
    gate.settlement.charge(0, 0, -500);
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 999);
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 1);
    const rest = { level, name, limit: "maxDrawdown", unit: "money", measured: 1_000, bound: 1_000 };
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_DRAWDOWN", ...rest });
  });

  it("of a share of the highest equity latch", () => {
    const gate = makeGate({ limits: [at(level, SHARE)], capital: [worth(level, "100")] });
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 999);
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 1);
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_DRAWDOWN", level, name });
  });
});

describe("losses", () => {
  it("of a share of the highest equity say so", () => {
    const gate = makeGate({ limits: [at("user", SHARE)], capital: [worth("user", "100")] });
    verdict(gate);
    gate.settlement.charge(0, 0, 1_000);
    const rest = { limit: "maxDrawdownShare", unit: "share", measured: 0.1, bound: 0.1 };
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_DRAWDOWN", ...rest });
  });

  it("of a limit of 0 refuse all that adds", () => {
    const gate = makeGate({ limits: [at("user", { maxDailyLoss: "0" })] });
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
    // Before any price or fill of the day as well.
    gate.control.newDay(NOW, 1);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
  });

  it("bind the path alone", () => {
    const gate = makeGate({ limits: [at("user", { maxDailyLoss: "1", maxWindowLoss: "1" })] });
    gate.settlement.charge(0, 0, 1_000);
    expect([0, 1, 2].map((seat) => verdict(gate, { seat }))).toEqual([
      "RISK_DAILY_LOSS",
      "approved",
      "approved",
    ]);
  });

  it("stay latched when the limit is raised", () => {
    const gate = makeGate({ limits: [at("user", { maxDailyLoss: "1" })] });
    gate.settlement.charge(0, 0, 100);
    gate.control.change([at("user", { maxDailyLoss: "1000" })], RISK, "raised", NOW);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
  });

  it("reset by a person do not come back as equity", () => {
    const gate = makeGate({
      limits: [at("account", { maxDailyLoss: "100", maxLeverage: 1 })],
      capital: [worth("account", "1000")],
    });
    gate.settlement.charge(0, 0, 50_000);
    gate.control.resetLosses("account", "A1", RISK, "looked at", NOW);
    const node = gate.parts.node("", "account", "A1");
    expect([gate.parts.equityOf(node), gate.parts.dayProfitOf(node)]).toEqual([50_000, 0]);
    expect(verdict(gate, { lots: 6 })).toBe("RISK_LEVERAGE_EXCEEDED");
  });

  it("begin anew with the day, equity goes on", () => {
    const gate = makeGate({
      limits: [at("account", { maxDailyLoss: "10", maxLeverage: 1_000 })],
      capital: [worth("account", "1000")],
    });
    const node = gate.parts.node("", "account", "A1");
    gate.settlement.charge(0, 0, 900);
    gate.control.newDay(NOW, 1);
    expect([gate.parts.equityOf(node), gate.parts.dayProfitOf(node), gate.parts.day]).toEqual([99_100, 0, 1]);
    gate.settlement.charge(0, 0, 999);
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 1);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
  });

  it("within a window are not made by a new day", () => {
    const gate = makeGate({ limits: [at("account", { maxWindowLoss: "10" })], lossWindowNs: HOUR });
    gate.settlement.charge(0, 0, -5_000);
    expect(verdict(gate)).toBe("approved");
    gate.control.newDay(NOW, 1);
    // A gain of yesterday is no loss of today.
    expect(verdict(gate)).toBe("approved");
  });

  it("within a window are not hidden by a new day", () => {
    const gate = makeGate({ limits: [at("account", { maxWindowLoss: "10" })], lossWindowNs: HOUR });
    expect(verdict(gate)).toBe("approved");
    gate.settlement.charge(0, 0, 600);
    gate.control.newDay(NOW, 1);
    gate.settlement.charge(0, 0, 600);
    expect(verdict(gate)).toBe("RISK_WINDOW_LOSS");
  });

  it("without a rate are unknown and latch", () => {
    const gate = makeGate({ limits: [at("account", { maxDailyLoss: "10" })] });
    gate.settlement.book(0, 0, 1, 1, 10_000, NOW);
    expect(() => gate.settlement.charge(0, 0, Number.NaN)).toThrow("FAULT_INPUT");
    expect(() => gate.settlement.charge(9, 0, 1)).toThrow("FAULT_INPUT");
    expect(verdict(gate)).toBe("approved");
  });
});
