import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { MAX_TICKS, ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { outboundOrder } from "../../src/port/index.ts";
import { ApprovedOrder, FIRM_SCOPE, NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import { approved, makeGate, NOW, order, taken, verdict } from "../fixtures/gate-setup.ts";

/** The fault of a call, in words; a test fails that throws none. */
function faultOf(call: () => unknown): Pick<Fault, "code" | "path" | "value" | "expected"> {
  try {
    call();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, path, value, expected } = error;
    return { code, path, value, expected };
  }
  throw new Error("nothing was thrown");
}

describe("what is no good approval is told in words", () => {
  const no = (value: string, expected: string) => ({
    ...{ code: "FAULT_APPROVAL", path: "approvedOrder", value, expected },
  });

  it("when somebody calls the constructor", () => {
    const Made = ApprovedOrder as unknown as new () => ApprovedOrder;
    expect(faultOf(() => new Made())).toEqual(no("a constructor call", "an approval that a gate returned"));
  });

  it("when it is none at all", () => {
    expect(faultOf(() => makeGate().take({} as never, outboundOrder()))).toEqual(
      no("not an approval of this copy of the package", "an approval"),
    );
  });

  it("when another gate made it", () => {
    const approval = approved(makeGate().check(order(), NOW));
    expect(faultOf(() => makeGate().take(approval, outboundOrder()))).toEqual(
      no("another gate's approval", "this gate's approval"),
    );
  });

  it("when it was sent before", () => {
    const gate = makeGate();
    const approval = approved(gate.check(order(), NOW));
    taken(gate, approval);
    expect(faultOf(() => gate.take(approval, outboundOrder()))).toEqual(
      no("an approval that was used or revoked", "a good approval"),
    );
  });
});

describe("an unknown option of a gate", () => {
  it("is told with its path", () => {
    expect(faultOf(() => makeGate({ limit: 5 } as never))).toMatchObject({
      ...{ code: "FAULT_CONFIG", path: "riskGate.limit", value: 5 },
    });
  });
});

describe("each of the ten limits that must be said", () => {
  const required: RiskLimits = {
    ...{ maxOrderLots: "unlimited", maxOrderValue: "unlimited", maxLongLots: "unlimited" },
    ...{ maxShortLots: "unlimited", maxConcentration: "unlimited", maxDailyLoss: "unlimited" },
    ...{ maxOrdersPerSecond: "unlimited", maxOrdersPerMinute: "unlimited" },
    ...{ priceCollarBps: "unlimited", maxMarginShare: "unlimited" },
  };

  it("is one of these", () => {
    expect(NO_LIMITS).toEqual(required);
  });

  it.each(Object.keys(required))("is missed by name where nobody said %s", (missing) => {
    const firm = Object.fromEntries(Object.entries(required).filter(([name]) => name !== missing));
    const gate = makeGate({ firm: { ...firm, maxOpenOrders: 5 } });
    expect(gate.explain(order(), NOW)).toMatchObject([{ code: "RISK_LIMIT_MISSING", field: missing }]);
    expect(verdict(gate)).toBe("RISK_LIMIT_MISSING");
  });
});

describe("a refusal says", () => {
  it("that more orders came within the window than can be remembered", () => {
    const gate = makeGate({ capacity: 1, duplicates: { capacity: 1 } });
    expect(verdict(gate)).toBe("approved");
    gate.settlement.forget(gate.lastSlot);
    expect(gate.check(order(), NOW)).toMatchObject({
      ...{ code: "RISK_DUPLICATE_ORDER", field: "order", value: "full" },
      expected: "fewer orders within the window",
    });
  });

  it.each([
    [{ row: 2 ** 31 - 1 }],
    [{ row: 0 }],
    [{ slice: 0 }],
    [{ displayLots: 10 }],
    [{ priceTicks: MAX_TICKS }],
    [{ priceTicks: -MAX_TICKS }],
    [{ type: ORDER_TYPE.stop, priceTicks: 0, stopTicks: MAX_TICKS }],
    [{ timeInForce: TIME_IN_FORCE.GTD, expireNs: NOW + 1 }],
  ])("nothing of %o, in explain mode too: the edge of a field's range is within", (changes) => {
    expect(makeGate().explain(order(changes), NOW)).toEqual([]);
  });

  it("once, in explain mode too, that the firm is killed", () => {
    const gate = makeGate();
    gate.parts.latch.set(FIRM_SCOPE, 2);
    for (const seat of [0, 1, 2]) {
      for (const instrument of [0, 1]) {
        const all = gate.explain(order({ seat, instrument }), NOW);
        expect(all.filter(({ code }) => code === "RISK_KILLED").map(({ value }) => value)).toEqual([
          "firm at level 2",
        ]);
      }
    }
  });
});
