import { describe, expect, it } from "vitest";
import { FIRM_SCOPE, GATE_FLAG, KillLatch, KillScopes, NO_LIMITS } from "../../src/risk/index.ts";
import { at, codeOf, figures, makeGate, NOW, opened, order, PATH, verdict } from "../fixtures/gate-setup.ts";

const SCOPES = [
  [null, [0, 1, 2]],
  [{ kind: "venue", name: "XNAS" }, [0, 1, 2]],
  [{ kind: "account", name: PATH.account }, [0, 1]],
  [{ kind: "desk", name: PATH.desk }, [0, 1]],
  [{ kind: "user", name: PATH.user }, [0]],
  [{ kind: "strategy", name: PATH.strategy }, [0]],
  [{ kind: "symbol", name: PATH.symbol }, [0, 1, 2]],
] as const;
const LEVELS_OF_KILLS = [1, 2, 3, 4] as const;

describe.each(SCOPES)("a kill of %j", (scope, seats) => {
  const killed = (level: 1 | 2 | 3 | 4) => {
    const gate = makeGate();
    gate.parts.latch.set(gate.parts.scopes.indexOf(scope), level);
    return gate;
  };

  it.each(LEVELS_OF_KILLS)("at level %i refuses its own orders and no others, and is told", (level) => {
    const gate = killed(level);
    const codes = [0, 1, 2].map((seat) => verdict(gate, { seat }));
    expect(codes).toEqual([0, 1, 2].map((seat) => (seats.includes(seat as 0) ? "RISK_KILLED" : "approved")));
    const isElsewhere = scope === null || !("symbol venue".includes(scope.kind) || seats.length === 3);
    const elsewhere = verdict(gate, { instrument: 1 });
    expect(elsewhere).toBe(isElsewhere ? "RISK_KILLED" : "approved");
    const what = scope === null ? "firm" : `${scope.kind} ${scope.name}`;
    expect(gate.check(order(), NOW)).toMatchObject({
      ok: false,
      code: "RISK_KILLED",
      field: "killLatch",
      value: `${what} at level ${level}`,
    });
  });

  it("lets positions be closed at level 3 and above, marked so, and never turned", () => {
    for (const level of LEVELS_OF_KILLS) {
      const gate = killed(level);
      gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
      const flags = GATE_FLAG.flatten;
      expect(verdict(gate, { side: -1, lots: 10 })).toBe("RISK_KILLED");
      expect(verdict(gate, { side: -1, lots: 11, flags })).toBe("RISK_KILLED");
      expect(verdict(gate, { side: 1, lots: 1, flags })).toBe("RISK_KILLED");
      expect(verdict(gate, { side: -1, lots: 10, flags })).toBe(level >= 3 ? "approved" : "RISK_KILLED");
    }
  });

  it("lifted, lets orders pass again", () => {
    const gate = killed(2);
    gate.parts.latch.clear(gate.parts.scopes.indexOf(scope));
    expect(verdict(gate)).toBe("approved");
  });

  it("stops replaces, and never cancels", () => {
    const gate = makeGate();
    const slot = opened(gate);
    const id = gate.parts.orders.id[slot] as number;
    gate.parts.latch.set(gate.parts.scopes.indexOf(scope), 1);
    expect(codeOf(gate.checkReplace(slot, id, 1, 11, 10_000, NOW))).toBe("RISK_KILLED");
    expect(codeOf(gate.checkReplace(slot, id, 2, 5, 10_000, NOW))).toBe("RISK_KILLED");
    gate.settlement.canceling(slot, NOW);
    gate.settlement.closed(slot);
    expect(figures(gate).buyLots).toBe(0);
  });
});

describe("the kill latch of a gate", () => {
  it("may be shared with a kill switch and other threads", () => {
    const scopes = new KillScopes({ strategy: ["pairs"] });
    const latch = new KillLatch(scopes.size);
    const gate = makeGate({ kill: { latch, scopes } });
    const elsewhere = new KillLatch(latch.buffer);
    elsewhere.set(scopes.indexOf({ kind: "strategy", name: "pairs" }), 2);
    expect([0, 1].map((seat) => verdict(gate, { seat }))).toEqual(["RISK_KILLED", "approved"]);
    elsewhere.set(FIRM_SCOPE, 2);
    expect([0, 1].map((seat) => verdict(gate, { seat }))).toEqual(["RISK_KILLED", "RISK_KILLED"]);
  });

  it("with fewer scopes than it is given is refused", () => {
    const scopes = new KillScopes({ strategy: ["pairs"] });
    expect(() => makeGate({ kill: { latch: new KillLatch(1), scopes } })).toThrow("FAULT_CONFIG");
  });

  it("is read again after every other check", () => {
    const gate = makeGate({
      hours: {
        "ABC@XNAS": { allows: () => gate.parts.latch.set(FIRM_SCOPE, 1) },
        "XYZ@XNYS": "always",
      },
    });
    expect(verdict(gate)).toBe("RISK_KILLED");
    expect(figures(gate).buyLots).toBe(0);
  });

  it("of another symbol, venue or strategy leaves the rest open", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10 })] });
    const { latch, scopes } = gate.parts;
    latch.set(scopes.indexOf({ kind: "symbol", name: "XYZ@XNYS" }), 2);
    latch.set(scopes.indexOf({ kind: "strategy", name: "carry" }), 2);
    latch.set(scopes.indexOf({ kind: "venue", name: "XNYS" }), 2);
    expect(verdict(gate)).toBe("approved");
    expect(verdict(gate, { lots: 11 })).toBe("RISK_QUANTITY_EXCEEDED");
  });

  it("comes before an unknown seat when the firm is killed", () => {
    const gate = makeGate();
    gate.parts.latch.set(1, 1);
    expect(verdict(gate, { seat: 9 })).toBe("RISK_SEAT_UNKNOWN");
    gate.parts.latch.set(FIRM_SCOPE, 1);
    expect(verdict(gate, { seat: 9 })).toBe("RISK_KILLED");
  });

  it("is asked of a gate without any limit too", () => {
    const gate = makeGate({ firm: NO_LIMITS });
    expect(gate.parts.isUnlimited).toBe(true);
    expect(verdict(gate)).toBe("approved");
    gate.parts.latch.set(FIRM_SCOPE, 1);
    expect(verdict(gate)).toBe("RISK_KILLED");
  });
});
