import { describe, expect, it } from "vitest";
import { outboundOrder } from "../../src/port/index.ts";
import { DECISION } from "../../src/risk/decision-log.ts";
import {
  CircuitBreaker,
  FIRM_SCOPE,
  GATE_FLAG,
  KillLatch,
  KillScopes,
  NO_LIMITS,
  RepeatThrottle,
} from "../../src/risk/index.ts";
import { LIMIT } from "../../src/risk/limits.ts";
import {
  approved,
  at,
  codeOf,
  makeGate,
  marketOrder,
  NOW,
  order,
  records,
  taken,
  verdict,
} from "../fixtures/gate-setup.ts";

/** A latch that another thread sets right after the gate's first look at it. */
class LateLatch extends KillLatch {
  meanwhile: (() => unknown) | undefined = undefined;

  override read(): number {
    const word = super.read();
    const { meanwhile } = this;
    this.meanwhile = undefined;
    meanwhile?.();
    return word;
  }
}

const scopes = new KillScopes({ strategy: ["pairs", "grid"] });
const PAIRS = scopes.indexOf({ kind: "strategy", name: "pairs" });

describe.each([
  ["firm", FIRM_SCOPE, ["RISK_KILLED", "RISK_KILLED"]],
  ["strategy", PAIRS, ["RISK_KILLED", "approved"]],
] as const)("an order while whose checks the %s is killed", (_, scope, expected) => {
  it("is stopped by a gate without any limit", () => {
    const codes = [0, 1].map((seat) => {
      const latch = new LateLatch(scopes.size);
      const gate = makeGate({ firm: NO_LIMITS, kill: { latch, scopes } });
      latch.meanwhile = () => latch.set(scope, 1);
      return verdict(gate, { seat });
    });
    expect(codes).toEqual(expected);
  });

  it("is stopped by a gate whose limits it nearly uses up", () => {
    const codes = [0, 1].map((seat) => {
      const latch = new LateLatch(scopes.size);
      const gate = makeGate({
        limits: [{ level: "firm", limits: { maxOrderLots: 10 } }],
        kill: { latch, scopes },
      });
      latch.meanwhile = () => latch.set(scope, 1);
      return verdict(gate, { seat, lots: 10 });
    });
    expect(codes).toEqual(expected);
  });
});

describe.each([
  ["with limits", {}],
  ["without any limit", { firm: NO_LIMITS }],
])("a gate %s", (_, setup) => {
  it("stops an order where there is room for no more", () => {
    const gate = makeGate({ ...setup, capacity: 1 });
    expect(verdict(gate)).toBe("approved");
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_CAPACITY", field: "orders", value: 1 });
    gate.settlement.forget(gate.lastSlot);
    expect(verdict(gate)).toBe("approved");
  });
});

describe("a gate with limits", () => {
  it("warns of an order above four fifths of a limit, and not of one at them", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10, maxLongLots: 9 })] });
    expect(verdict(gate, { lots: 8 })).toBe("approved");
    const warned = () => records(gate).filter(({ kind }) => kind === DECISION.warning);
    expect(warned().map(({ limit }) => limit)).toEqual([LIMIT.maxLongLots]);
    expect(verdict(gate, { instrument: 1, lots: 9 })).toBe("approved");
    expect(warned().map(({ limit }) => limit)).toEqual([LIMIT.maxOrderLots]);
  });

  it("stops an order whose record would be lost", () => {
    const gate = makeGate({ records: 16 });
    const codes = Array.from({ length: 17 }, () => verdict(gate));
    expect(codes.at(0)).toBe("approved");
    expect(codes.at(-1)).toBe("RISK_RECORDS_FULL");
    gate.drain(() => {});
    expect(verdict(gate)).toBe("approved");
  });
});

describe("a gate without any limit", () => {
  it("asks for no price, and lets what only reduces be any order", () => {
    const gate = makeGate({ firm: NO_LIMITS, book: null });
    expect(codeOf(gate.check(marketOrder(), NOW))).toBe("approved");
    expect(verdict(gate, { flags: GATE_FLAG.reduceOnly })).toBe("approved");
  });
});

describe("an order that closes a position", () => {
  it("passes an open breaker, and a strategy that was disabled", () => {
    const breaker = new CircuitBreaker({ name: "one", coolDownNs: 1_000, onTransition: () => {} });
    const repeats = new RepeatThrottle({ strategies: 3, capacity: 16, windowNsMax: 1e9 });
    const gate = makeGate({ rules: { breakers: [breaker], repeats } });
    gate.settlement.book(0, 0, 1, 20, 10_000, NOW);
    breaker.trip("errorCount", NOW);
    expect([1, -1].map((side) => verdict(gate, { side }))).toEqual(["RISK_BREAKER_OPEN", "approved"]);
    breaker.reset("R. Isk", NOW);
    repeats.configure(0, { count: 1, windowNs: 1e9 });
    repeats.executed(0, 0, 1, 1, NOW);
    expect([1, -1].map((side) => verdict(gate, { side }))).toEqual(["RISK_REPEATED_EXECUTIONS", "approved"]);
  });
});

describe("an approval that was sent", () => {
  it("stays void when its place is taken by the next orders", () => {
    const gate = makeGate({ capacity: 1 });
    const sent = [];
    for (let i = 0; i < 4; i++) {
      const approval = approved(gate.check(order(), NOW));
      for (const old of sent) expect(() => gate.take(old, outboundOrder())).toThrow("FAULT_APPROVAL");
      expect(taken(gate, approval).lots).toBe(10);
      sent.push(approval);
      gate.settlement.forget(gate.lastSlot);
    }
  });

  it("stays void when a replace of its order is approved", () => {
    const gate = makeGate();
    const first = approved(gate.check(order({ lots: 10 }), NOW));
    const { id } = taken(gate, first);
    const second = approved(gate.checkReplace(gate.lastSlot, id, 1, 12, 10_000, NOW));
    expect(() => gate.take(first, outboundOrder())).toThrow("FAULT_APPROVAL");
    expect(taken(gate, second)).toMatchObject({ requestId: 1, lots: 12 });
    const third = approved(gate.checkReplace(gate.lastSlot, id, 2, 14, 10_000, NOW));
    for (const old of [first, second]) expect(() => gate.slotOf(old)).toThrow("FAULT_APPROVAL");
    expect(taken(gate, third)).toMatchObject({ requestId: 2, lots: 14 });
  });
});
