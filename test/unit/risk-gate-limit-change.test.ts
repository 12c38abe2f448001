import { describe, expect, it } from "vitest";
import { NODE } from "../../src/risk/exposure-rows.ts";
import type { RiskLimits } from "../../src/risk/index.ts";
import { at, makeGate, NOW, opened, verdict, worth } from "../fixtures/gate-setup.ts";

describe("a change of one limit", () => {
  it.each<[RiskLimits, string]>([
    [{ maxWindowLoss: "10" }, "RISK_WINDOW_LOSS"],
    [{ maxDrawdown: "10" }, "RISK_DRAWDOWN"],
    [{ maxDrawdownShare: 0.01 }, "RISK_DRAWDOWN"],
  ])("leaves what the window of %o has seen", (limits, code) => {
    for (const change of [{ maxOrderLots: 1_000 }, { maxOrdersPerMinute: 5_000 }, { maxDailyLoss: "1000" }]) {
      const gate = makeGate({ limits: [at("account", limits)], capital: [worth("account", "1000")] });
      gate.trade(0, 10_000, NOW);
      gate.settlement.charge(0, 0, 900);
      gate.trade(0, 10_000, NOW + 1);
      expect(verdict(gate, {}, NOW + 1)).toBe("approved");
      gate.parts.setLimits("test", [at("account", change)], NOW + 1);
      gate.settlement.charge(0, 0, 150);
      gate.trade(0, 10_000, NOW + 2);
      expect(verdict(gate, {}, NOW + 2)).toBe(code);
    }
  });

  it("leaves the messages of this second, and those of a new rate are no more than were sent", () => {
    const gate = makeGate({ limits: [at("account", { maxOrdersPerSecond: { rate: 1, burst: 2 } })] });
    opened(gate);
    opened(gate);
    gate.parts.setLimits("test", [at("account", { maxOrderLots: 1_000 })], NOW);
    expect(verdict(gate)).toBe("RISK_RATE_SECOND");
    gate.parts.setLimits("test", [at("account", { maxOrdersPerSecond: { rate: 1, burst: 3 } })], NOW);
    expect([verdict(gate), verdict(gate)]).toEqual(["approved", "RISK_RATE_SECOND"]);
  });

  it("is in force at its node alone, with its soft part beside the sums", () => {
    const gate = makeGate();
    const { exposure, hierarchy } = gate.parts;
    const before = exposure.nodes.slice();
    gate.parts.setLimits("test", [at("user", { maxLongLots: 100, maxLeverage: 10, maxOrderLots: 7 })], NOW);
    const user = hierarchy.find("user", "mara") as number;
    before[user * 32 + NODE.mostLongLots] = 80;
    before[user * 32 + NODE.mostLeverage] = 8;
    before[user * 32 + NODE.hasShares] = 1;
    expect(exposure.nodes).toEqual(before);
    gate.parts.setLimits("test", [at("user", { maxLeverage: "unlimited" })], NOW);
    before[user * 32 + NODE.mostLeverage] = Number.POSITIVE_INFINITY;
    before[user * 32 + NODE.hasShares] = 0;
    expect(exposure.nodes).toEqual(before);
  });
});
