import { describe, expect, it, vi } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { outboundOrder } from "../../src/port/index.ts";
import { ApprovalVault } from "../../src/risk/approved-order.ts";
import { ApprovedOrder, FIRM_SCOPE, RiskGate } from "../../src/risk/index.ts";
import {
  approved,
  at,
  figures,
  holdings,
  makeGate,
  NOW,
  order,
  RISK,
  TRADER,
  taken,
} from "../fixtures/gate-setup.ts";

/** What a call throws; a test fails that throws nothing. */
function faultOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return "nothing";
}

/** Every way out of the gate refuses it. */
function isForged(gate: RiskGate, token: unknown): boolean {
  const approval = token as ApprovedOrder;
  const codes = [
    faultOf(() => gate.take(approval, outboundOrder())),
    faultOf(() => gate.slotOf(approval)),
    faultOf(() => gate.abandon(approval)),
  ];
  return codes.every((code) => code === "FAULT_APPROVAL");
}

const gateOf = () => makeGate();
const mint = (gate: RiskGate): ApprovedOrder => approved(gate.check(order(), NOW));

describe("an ApprovedOrder", () => {
  it("is taken once, with the terms that were approved", () => {
    const gate = gateOf();
    const asked = order({ row: 9, displayLots: 4, flags: 1 });
    const approval = approved(gate.check(asked, NOW));
    expect([approval.ok, ApprovedOrder.is(approval), gate.slotOf(approval)]).toEqual([
      true,
      true,
      gate.lastSlot,
    ]);
    expect(taken(gate, approval)).toEqual({
      ...{ row: 9, id: asked.id, requestId: 0, sideSign: 1, type: 0, timeInForce: 0, flags: 1 },
      ...{ priceTicks: 10_000, stopTicks: 0, lots: 10, displayLots: 4, expireNs: Number.POSITIVE_INFINITY },
    });
    expect(isForged(gate, approval)).toBe(true);
  });

  it("keeps its terms when the order's object is used again", () => {
    const gate = gateOf();
    const asked = order();
    const approval = approved(gate.check(asked, NOW));
    Object.assign(asked, { lots: 1_000_000, priceTicks: 1, side: -1, id: 5 });
    expect(taken(gate, approval)).toMatchObject({ lots: 10, priceTicks: 10_000, sideSign: 1 });
  });

  it("cannot be made by new, whatever is given", () => {
    const Made = ApprovedOrder as unknown as new (...args: unknown[]) => ApprovedOrder;
    const given = [
      [],
      [Symbol("mint")],
      [Symbol.for("mint")],
      [undefined, {}, 0, 1],
      [true, new ApprovalVault(1), 0, 1],
    ];
    for (const args of given) expect(faultOf(() => new Made(...args))).toBe("FAULT_APPROVAL");
    expect(faultOf(() => Reflect.construct(ApprovedOrder, [Symbol("mint")], Object))).toBe("FAULT_APPROVAL");
  });

  it("cannot be subclassed into being", () => {
    class Forged extends (ApprovedOrder as unknown as new (...args: unknown[]) => ApprovedOrder) {
      constructor() {
        super(Symbol("mint"), {}, 0, 1);
      }
    }
    class Late extends Object {
      readonly ok = true;
    }
    Object.setPrototypeOf(Late.prototype, ApprovedOrder.prototype);
    expect(faultOf(() => new Forged())).toBe("FAULT_APPROVAL");
    expect(isForged(gateOf(), new Late())).toBe(true);
  });

  it.each([
    ["a spread", (real: ApprovedOrder) => ({ ...(real as object) })],
    [
      "a spread with its kind",
      (real: ApprovedOrder) => Object.setPrototypeOf({ ...(real as object) }, ApprovedOrder.prototype),
    ],
    ["Object.assign", (real: ApprovedOrder) => Object.assign(Object.create(ApprovedOrder.prototype), real)],
    ["Object.create of the prototype", () => Object.create(ApprovedOrder.prototype)],
    ["Object.create of a real one", (real: ApprovedOrder) => Object.create(real)],
    ["structuredClone", (real: ApprovedOrder) => structuredClone(real)],
    ["JSON", (real: ApprovedOrder) => JSON.parse(JSON.stringify(real))],
    [
      "JSON with its kind",
      (real: ApprovedOrder) =>
        Object.setPrototypeOf(JSON.parse(JSON.stringify(real)), ApprovedOrder.prototype),
    ],
    ["a Proxy", (real: ApprovedOrder) => new Proxy(real, {})],
    [
      "a Proxy that says yes to all",
      (real: ApprovedOrder) => new Proxy(real, { has: () => true, get: () => 0 }),
    ],
    ["its own prototype", () => ApprovedOrder.prototype],
    ["its class", () => ApprovedOrder],
    [
      "an object of its own keys",
      (real: ApprovedOrder) => Object.fromEntries(Reflect.ownKeys(real).map((key) => [key, 1])),
    ],
    ["a refusal", (_: ApprovedOrder, gate: RiskGate) => gate.check(order({ lots: 0 }), NOW)],
    ["nothing", () => undefined],
    ["null", () => null],
    ["a number", () => 1],
    ["a text", () => "approved"],
    ["a function", () => () => true],
  ] as const)("is not %s", (_, forge) => {
    const gate = gateOf();
    const real = mint(gate);
    const before = holdings(gate);
    const forged = (forge as (real: ApprovedOrder, gate: RiskGate) => unknown)(real, gate);
    expect(ApprovedOrder.is(forged)).toBe(false);
    expect(isForged(gate, forged)).toBe(true);
    expect(holdings(gate)).toBe(before);
    expect(taken(gate, real)).toMatchObject({ lots: 10 });
  });

  it("shows nothing to steal: no key, no symbol, no state", () => {
    const real = mint(gateOf());
    expect([
      Reflect.ownKeys(real),
      JSON.stringify(real),
      Object.getOwnPropertySymbols(ApprovedOrder),
    ]).toEqual([[], "{}", []]);
    expect(Reflect.ownKeys(ApprovedOrder.prototype).sort()).toEqual(["constructor", "ok"]);
    expect(Reflect.ownKeys(ApprovedOrder).filter((key) => typeof key === "symbol")).toEqual([]);
  });

  it("cannot be bent: class and prototype are frozen, and so is the gate's", () => {
    expect([ApprovedOrder, ApprovedOrder.prototype, RiskGate.prototype].map(Object.isFrozen)).toEqual([
      true,
      true,
      true,
    ]);
    expect(() => Object.defineProperty(ApprovedOrder, "is", { value: () => true })).toThrow(TypeError);
    expect(() => Object.defineProperty(ApprovedOrder.prototype, "ok", { value: false })).toThrow(TypeError);
    expect(() => Object.defineProperty(RiskGate.prototype, "take", { value: () => {} })).toThrow(TypeError);
    expect(() => Object.setPrototypeOf(ApprovedOrder.prototype, { ok: 1 })).toThrow(TypeError);
  });

  it("is one gate's own", () => {
    const [ours, other] = [gateOf(), gateOf()];
    const theirs = mint(other);
    mint(ours);
    expect(isForged(ours, theirs)).toBe(true);
    expect(taken(other, theirs)).toMatchObject({ lots: 10 });
    expect(() => new (class extends RiskGate {})({} as never)).toThrow("FAULT_CONFIG");
  });

  it("of another copy of the package is none", async () => {
    vi.resetModules();
    const copy = (await import("../../src/risk/index.ts")) as typeof import("../../src/risk/index.ts");
    const fixture = await import("../fixtures/gate-setup.ts");
    expect(copy.ApprovedOrder).not.toBe(ApprovedOrder);
    const foreign = fixture.approved(fixture.makeGate().check(fixture.order(), NOW));
    expect([foreign.ok, ApprovedOrder.is(foreign), copy.ApprovedOrder.is(foreign)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(isForged(gateOf(), foreign)).toBe(true);
  });

  it("of a module that is loaded again under another address is none", async () => {
    const address = "../../src/risk/approved-order.ts?again";
    const again = (await import(address)) as typeof import("../../src/risk/approved-order.ts");
    expect(again.ApprovedOrder).not.toBe(ApprovedOrder);
    const foreign = new again.ApprovalVault(8).mint(0);
    const gate = gateOf();
    mint(gate);
    expect(isForged(gate, foreign)).toBe(true);
  });

  it("of a vault that somebody made is another gate's", () => {
    const gate = gateOf();
    mint(gate);
    expect(isForged(gate, new ApprovalVault(8).mint(0))).toBe(true);
  });

  it("is void after a kill of anything, even one that was lifted", () => {
    for (const scope of [FIRM_SCOPE, 1]) {
      const gate = gateOf();
      const [first, second] = [mint(gate), mint(gate)];
      gate.parts.latch.set(scope, 1);
      expect(faultOf(() => taken(gate, first))).toBe("FAULT_APPROVAL");
      gate.parts.latch.clear(scope);
      expect(faultOf(() => taken(gate, second))).toBe("FAULT_APPROVAL");
      gate.abandon(first);
      gate.abandon(second);
      expect(figures(gate).buyLots).toBe(0);
      expect(taken(gate, mint(gate))).toMatchObject({ lots: 10 });
    }
  });

  it("is void after a change of limits, and with it every change that is versioned", () => {
    const changes: ((gate: RiskGate) => unknown)[] = [
      (gate) => gate.control.change([at("desk", { maxOrderLots: 1_000 })], RISK, "wider", NOW),
      (gate) => gate.control.newDay(NOW, 1),
      (gate) => gate.control.setCapital({ level: "firm", amount: "1" }, RISK, "deposit", NOW),
      (gate) => gate.control.resetLosses("firm", undefined, RISK, "looked at", NOW),
      (gate) =>
        gate.control.override(
          {
            ...{ level: "desk", name: "equities", limits: { maxOrderLots: 50 }, reason: "event" },
            ...{ requestedBy: TRADER, approvedBy: RISK, untilNs: NOW + 1 },
          },
          NOW,
        ),
    ];
    for (const change of changes) {
      const gate = gateOf();
      const approval = mint(gate);
      change(gate);
      expect(faultOf(() => taken(gate, approval))).toBe("FAULT_APPROVAL");
      gate.abandon(approval);
      expect(taken(gate, mint(gate))).toBeDefined();
    }
  });

  it("given up is void, and free what it held", () => {
    const gate = gateOf();
    const approval = mint(gate);
    gate.abandon(approval);
    expect(isForged(gate, approval)).toBe(true);
    expect([figures(gate).buyLots, gate.parts.orders.room]).toEqual([0, 4_096]);
    // Its place goes to another order, whose approval is another one.
    const next = mint(gate);
    expect(isForged(gate, approval)).toBe(true);
    expect(taken(gate, next)).toMatchObject({ lots: 10 });
  });

  it("of an order is void once a replace of it was approved", () => {
    const gate = gateOf();
    const asked = order();
    const first = approved(gate.check(asked, NOW));
    taken(gate, first);
    const one = approved(gate.checkReplace(gate.lastSlot, asked.id, 1, 9, 10_000, NOW));
    const two = approved(gate.checkReplace(gate.lastSlot, asked.id, 2, 8, 10_000, NOW));
    expect([first, one].map((token) => isForged(gate, token))).toEqual([true, true]);
    expect(taken(gate, two)).toMatchObject({ requestId: 2, lots: 8 });
  });

  it("whose order ended before it was sent is void: nothing is reserved for it", () => {
    for (const end of ["closed", "forget"] as const) {
      const gate = makeGate({ limits: [at("user", { maxLongLots: 10 })] });
      const approval = mint(gate);
      gate.settlement[end](gate.lastSlot);
      expect(faultOf(() => taken(gate, approval))).toBe("FAULT_APPROVAL");
      expect(taken(gate, mint(gate))).toMatchObject({ lots: 10 });
    }
  });

  it("comes of no refusal, by any call", () => {
    const gate = makeGate({ limits: [at("firm", { maxOrderLots: 5 })] });
    const refusal = gate.check(order(), NOW);
    expect([refusal.ok, ApprovedOrder.is(refusal), gate.lastSlot]).toEqual([false, false, -1]);
  });
});
