import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import { loadKernel, saveKernel } from "../../src/kernel/index.ts";
import type { OrderRequest } from "../../src/model/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import type { OrderTicket, Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

/** One order may be open. */
const risk = {
  ...({ currency: "USD", capital: [], hours: "always", status: "trusted" } as const),
  limits: [{ level: "firm", limits: { ...NO_LIMITS, maxOpenOrders: 1 } }],
} as const;
const MINUTE = 60e9;

class Night extends KernelDriver {
  constructor(strategy: Partial<Strategy> = {}, orderCapacity = 8) {
    const saves = { onSave: () => ({ version: 1, state: {} }), onLoad: () => {} };
    super([{ name: "s", onStart: () => {}, ...saves, ...strategy }], {
      risk,
      isolates: true,
      lingerNs: MINUTE,
      orderCapacity,
    });
    this.at(100).row("bid", 99, 5).row("ask", 101, 5);
  }

  buy(timeInForce: OrderRequest["timeInForce"] = "GTC", priceTicks = 98): OrderTicket {
    const order = { instrument: "ABC", side: "buy", lots: 6, priceTicks, timeInForce } as const;
    return this.ctx().submit(order) as OrderTicket;
  }

  get held(): readonly number[] {
    return [...this.kernel.gate.parts.orders.heldLots].filter((lots) => lots !== 0);
  }
}

describe("an order that is done for the day", () => {
  it("is held by the gate where it is good for another day: it may fill tomorrow", () => {
    const to = new Night();
    const ticket = to.buy();
    to.report("accepted").report("trade", 0, { lots: 2 }).report("doneForDay");
    expect([ticket.status, ...to.held]).toEqual(["doneForDay", 4]);
    expect(isRefusal(to.buy("GTC", 97))).toBe(true);
    to.report("restated", 0, { lots: 5, tick: 96 });
    expect(to.held).toEqual([3]);
    const again = new Night();
    loadKernel(again.kernel, saveKernel(to.kernel));
    expect(again.held).toEqual([3]);
    to.report("triggered");
    expect([ticket.status, ...to.held]).toEqual(["partiallyFilled", 3]);
    to.report("canceled");
    expect(to.held).toEqual([]);
    expect(isRefusal(to.buy("GTC", 97))).toBe(false);
  });

  it("is over where it is good for the day: neither the gate nor the store keeps it", () => {
    const to = new Night({}, 1);
    const ticket = to.buy("DAY");
    to.report("accepted").report("doneForDay");
    expect([ticket.status, ...to.held]).toEqual(["doneForDay"]);
    to.at(100 + 2 * MINUTE);
    expect(isRefusal(to.buy("DAY", 97))).toBe(false);
  });

  it("is asked back where its strategy is stopped", () => {
    const to = new Night({
      onTrade: () => {
        throw new Error("my bug");
      },
    });
    to.buy();
    to.report("accepted").report("doneForDay").row("trade", 97, 1);
    expect(to.kernel.faulted).toHaveLength(1);
    expect(to.door.sent.map(({ what }) => what)).toEqual(["submit", "cancel"]);
    to.report("cancelRejected", 0, { requestId: 1 });
    to.at(to.kernel.timers.nextNs[0] as number).kernel.timer();
    expect(to.door.sent.map(({ what }) => what)).toEqual(["submit", "cancel", "cancel"]);
    to.report("canceled", 0, { requestId: 2 });
    expect([to.kernel.timers.nextNs[0], ...to.held]).toEqual([Number.POSITIVE_INFINITY]);
  });
});
