import { describe, expect, it } from "vitest";
import { at, codeOf, makeGate, NOW, opened, order, verdict } from "../fixtures/gate-setup.ts";

const MINUTE = 60e9;

describe("a rate of no message a second", () => {
  it("lets none through, whatever may come at once", () => {
    const limits = [at("user", { maxOrdersPerSecond: { rate: 0, burst: 5 } })];
    expect(makeGate({ limits }).check(order(), NOW)).toMatchObject({
      ...{ code: "RISK_RATE_SECOND", level: "user", measured: 1, bound: 0 },
    });
  });
});

describe("messages of more than a minute ago", () => {
  const sent = () => {
    const gate = makeGate({
      ...{ limits: [at("user", { maxOrdersPerMinute: 1 })], ages: { quoteNs: 10 * MINUTE } },
    });
    return { gate, slot: opened(gate) };
  };

  it("count no more for an order that is explained", () => {
    const { gate } = sent();
    const codes = (nowNs: number) => gate.explain(order(), nowNs).map(({ code }) => code);
    expect(codes(NOW + MINUTE - 1)).toEqual(["RISK_RATE_MINUTE"]);
    expect(codes(NOW + MINUTE)).toEqual([]);
  });

  it("count no more for a replace", () => {
    const { gate, slot } = sent();
    const id = gate.parts.orders.id[slot] as number;
    const codes = [NOW + MINUTE - 1, NOW + MINUTE].map((nowNs, i) =>
      codeOf(gate.checkReplace(slot, id, i + 1, 11, 10_000, nowNs)),
    );
    expect(codes).toEqual(["RISK_RATE_MINUTE", "approved"]);
  });

  it("count no more for a new order", () => {
    const { gate } = sent();
    expect(verdict(gate, {}, NOW + MINUTE - 1)).toBe("RISK_RATE_MINUTE");
    expect(verdict(gate, {}, NOW + MINUTE)).toBe("approved");
  });
});

describe("a limit that is no rate", () => {
  it.each(["maxOrderLots", "maxOrdersPerMinute", "maxLeverage"])(
    "like %s takes a number, and no rate with a burst",
    (name) => {
      const limits = [at("user", { [name]: { rate: 5, burst: 5 } })];
      expect(() => makeGate({ limits })).toThrow(`FAULT_CONFIG riskGate.limits[1].limits.${name}: found`);
    },
  );
});
