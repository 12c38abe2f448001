import { describe, expect, it } from "vitest";
import { LEVELS } from "../../src/risk/index.ts";
import { approved, at, makeGate, NOW, opened, order, PATH, verdict } from "../fixtures/gate-setup.ts";

const SECOND = 1e9;

describe.each(LEVELS)("rates at the level %s", (level) => {
  const name = PATH[level];

  it("a second: so many at once, then as many as come back", () => {
    const gate = makeGate({ limits: [at(level, { maxOrdersPerSecond: { rate: 10, burst: 2 } })] });
    expect([verdict(gate), verdict(gate)]).toEqual(["approved", "approved"]);
    const refusal = gate.check(order(), NOW + SECOND / 10 - 1);
    const limit = "maxOrdersPerSecond";
    expect(refusal).toMatchObject({ ok: false, code: "RISK_RATE_SECOND", level, name, limit, unit: "count" });
    expect(verdict(gate, {}, NOW + SECOND / 10)).toBe("approved");
    expect(verdict(gate, {}, NOW + SECOND / 10)).toBe("RISK_RATE_SECOND");
  });

  it("a second: a number is rate and burst", () => {
    const gate = makeGate({ limits: [at(level, { maxOrdersPerSecond: 2 })] });
    expect([verdict(gate), verdict(gate)]).toEqual(["approved", "approved"]);
    expect(gate.check(order(), NOW)).toMatchObject({ measured: 3, bound: 2 });
    expect(verdict(gate, {}, NOW + SECOND / 2)).toBe("approved");
  });

  it("a minute: so many in any minute", () => {
    const gate = makeGate({
      limits: [at(level, { maxOrdersPerMinute: 2 })],
      ages: { quoteNs: 600 * SECOND },
    });
    expect([verdict(gate), verdict(gate, {}, NOW + SECOND)]).toEqual(["approved", "approved"]);
    const refusal = gate.check(order(), NOW + 60 * SECOND - 1);
    const limit = "maxOrdersPerMinute";
    expect(refusal).toMatchObject({ ok: false, code: "RISK_RATE_MINUTE", level, name, limit, unit: "count" });
    expect(refusal).toMatchObject({ measured: 3, bound: 2 });
    expect(verdict(gate, {}, NOW + 60 * SECOND)).toBe("approved");
    expect(verdict(gate, {}, NOW + 61 * SECOND - 1)).toBe("RISK_RATE_MINUTE");
    expect(verdict(gate, {}, NOW + 61 * SECOND)).toBe("approved");
  });

  it("of 0 let nothing pass", () => {
    const none = [
      { maxOrdersPerSecond: 0 },
      { maxOrdersPerSecond: { rate: 5, burst: 0 } },
      { maxOrdersPerMinute: 0 },
    ];
    const codes = none.map((limits) => verdict(makeGate({ limits: [at(level, limits)] })));
    expect(codes).toEqual(["RISK_RATE_SECOND", "RISK_RATE_SECOND", "RISK_RATE_MINUTE"]);
  });
});

describe("rates", () => {
  it("say how many at once, where fewer may than come back in a second", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerSecond: { rate: 10, burst: 2 } })] });
    opened(gate);
    opened(gate);
    expect(gate.check(order(), NOW)).toMatchObject({ measured: 3, bound: 2 });
  });

  it("count cancels, which are never refused", () => {
    const gate = makeGate({ limits: [at("account", { maxOrdersPerMinute: 3, maxOrdersPerSecond: 1_000 })] });
    const slot = opened(gate);
    gate.settlement.canceling(slot, NOW);
    gate.settlement.canceling(slot, NOW);
    expect(verdict(gate)).toBe("RISK_RATE_MINUTE");
    for (let i = 0; i < 50; i++) gate.settlement.canceling(slot, NOW);
    expect(verdict(gate, {}, NOW + 1)).toBe("RISK_RATE_MINUTE");
  });

  it("count replaces", () => {
    const gate = makeGate({ limits: [at("account", { maxOrdersPerSecond: 2 })] });
    const slot = opened(gate);
    const id = gate.parts.orders.id[slot] as number;
    approved(gate.checkReplace(slot, id, 1, 9, 10_000, NOW));
    expect(gate.checkReplace(slot, id, 2, 8, 10_000, NOW)).toMatchObject({ code: "RISK_RATE_SECOND" });
    expect(verdict(gate)).toBe("RISK_RATE_SECOND");
  });

  it("count no refusal", () => {
    const gate = makeGate({ limits: [at("account", { maxOrdersPerSecond: 1, maxOrderLots: 10 })] });
    for (let i = 0; i < 5; i++) expect(verdict(gate, { lots: 11 })).toBe("RISK_QUANTITY_EXCEEDED");
    expect(verdict(gate)).toBe("approved");
  });

  it("give nothing for a clock that goes back", () => {
    const gate = makeGate({ limits: [at("account", { maxOrdersPerSecond: 1, maxOrdersPerMinute: 5 })] });
    gate.quote(0, 9_999, 10_001, 0);
    expect(verdict(gate, {}, SECOND)).toBe("approved");
    expect(verdict(gate, {}, 1)).toBe("RISK_RATE_SECOND");
  });

  it("bind each strategy, user and account together with all under them", () => {
    const gate = makeGate({ limits: [at("account", { maxOrdersPerSecond: 2 })] });
    const codes = [0, 1, 0, 1, 2].map((seat) => verdict(gate, { seat }));
    expect(codes).toEqual(["approved", "approved", "RISK_RATE_SECOND", "RISK_RATE_SECOND", "approved"]);
  });

  it("keep what was sent when the limit changes", () => {
    const gate = makeGate({ limits: [at("account", { maxOrdersPerSecond: 2, maxOrdersPerMinute: 3 })] });
    opened(gate);
    opened(gate);
    gate.control.change(
      [at("account", { maxOrdersPerSecond: 3, maxOrdersPerMinute: 2 })],
      { name: "R. Isk", role: "risk" },
      "one more",
      NOW,
    );
    expect(verdict(gate)).toBe("RISK_RATE_MINUTE");
  });
});
