import { describe, expect, it } from "vitest";
import type { KernelRisk } from "../../src/kernel/index.ts";
import { type ApprovalTaker, outboundOrder, type VenueDoor } from "../../src/port/index.ts";
import { type ApprovedOrder, FIRM_SCOPE, NO_LIMITS } from "../../src/risk/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

const DAY = 86_400_000_000_000;
const idle = { name: "idle", onStart: () => {} };
const risk: KernelRisk = {
  currency: "USD",
  limits: [{ level: "firm", limits: { ...NO_LIMITS, maxDailyLoss: "10" } }],
  capital: [],
  hours: "always",
  status: "trusted",
};

function driven(options: { readonly risk?: KernelRisk } = {}) {
  const to = new KernelDriver([idle], options);
  to.at(100).row("bid", 99, 5).row("ask", 101, 5);
  const { key } = to.kernel.instruments[0] as (typeof to.kernel.instruments)[number];
  let lots = 0;
  const submit = () => {
    lots += 1; // no order is the one before again
    return to.ctx().submit({ instrument: key, side: "buy", lots, priceTicks: 99 });
  };
  return { to, submit };
}

describe("the kernel's side of the gate", () => {
  it("takes an order back that a kill overtook on its way to the door", () => {
    const { to, submit } = driven();
    let gate: ApprovalTaker<ApprovedOrder> | undefined;
    const door: VenueDoor<ApprovedOrder> = {
      bind: (bound) => {
        gate = bound;
      },
      send: (approved) => {
        to.kernel.gate.parts.latch.set(FIRM_SCOPE, 2);
        gate?.take(approved, outboundOrder());
      },
      cancel: () => {},
    };
    to.kernel.connect(0, door);
    expect(submit()).toMatchObject({ ok: false, code: "RISK_APPROVAL_LATE" });
    expect(to.kernel.orders.size).toBe(0);
    expect(to.kernel.gate.parts.orders.room).toBe(to.kernel.gate.parts.orders.capacity);
    expect(submit()).toMatchObject({ ok: false, code: "RISK_KILLED" });
  });

  it("begins the gate's day with the first order of a UTC day", () => {
    const { to, submit } = driven({ risk });
    expect(submit()).toMatchObject({ ok: true });
    to.kernel.gate.settlement.charge(0, 0, 1_000);
    expect(submit()).toMatchObject({ ok: false, code: "RISK_DAILY_LOSS" });
    // The base is 1,000 ns after midnight.
    to.at(DAY - 1_001);
    expect(submit()).toMatchObject({ ok: false, code: "RISK_DAILY_LOSS" });
    to.at(DAY - 1_000);
    expect(submit()).toMatchObject({ ok: true });
    expect([to.kernel.gate.control.version, to.kernel.gate.parts.day]).toEqual([2, 1]);
  });
});
