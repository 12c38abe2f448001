import { describe, expect, it } from "vitest";
import { gateOrder } from "../../src/risk/gate-order.ts";
import { type Fingerprint, RecentOrders } from "../../src/risk/recent-orders.ts";

const order: Fingerprint = {
  seat: 1,
  instrument: 2,
  side: -1,
  lots: 5,
  priceTicks: 1000,
  stopTicks: 7,
  type: 3,
  timeInForce: 4,
  slice: 0,
};
const fields = Object.keys(order) as (keyof Fingerprint)[];

function recent(count?: number): RecentOrders {
  return new RecentOrders({ capacity: 4, windowNs: 100, ...(count === undefined ? {} : { count }) });
}

describe("recent orders", () => {
  it("find a repetition within the window only", () => {
    const made = recent();
    expect(made.check(order, 0)).toBe("clear");
    expect(made.check(order, 0)).toBe("clear");
    made.commit(order, 0);
    expect([0, 99, 100].map((nowNs) => made.check({ ...order }, nowNs))).toEqual([
      "duplicate",
      "duplicate",
      "clear",
    ]);
  });

  it("remember for 500 ms unless told", () => {
    const made = new RecentOrders({ capacity: 4 });
    made.commit(order, 0);
    expect([made.check(order, 499_999_999), made.check(order, 500_000_000)]).toEqual(["duplicate", "clear"]);
  });

  it("let as many pass as they are told", () => {
    const made = recent(3);
    made.commit(order, 0);
    expect(made.check(order, 10)).toBe("clear");
    made.commit(order, 10);
    expect([made.check(order, 99), made.check(order, 100)]).toEqual(["duplicate", "clear"]);
  });

  it.each(fields)("take an order with another %s for another order", (field) => {
    const made = recent();
    made.commit(order, 0);
    expect(made.check({ ...order, [field]: 11 }, 1)).toBe("clear");
  });

  it.each(
    fields.flatMap((field) => [Number.NaN, Number.POSITIVE_INFINITY].map((value) => [field, value] as const)),
  )("say that %s %d is no order", (field, value) => {
    expect(recent().check({ ...order, [field]: value }, 1)).toBe("invalid");
  });

  it("say that a time that is no number is none", () => {
    expect(recent().check(order, Number.NaN)).toBe("invalid");
  });

  it("are full rather than forget", () => {
    const made = recent();
    for (let i = 0; i < 4; i++) made.commit({ ...order, slice: i + 1 }, i);
    expect([made.check(order, 99), made.check(order, 100)]).toEqual(["full", "clear"]);
    expect(made.check({ ...order, slice: 3 }, 99)).toBe("duplicate");
    expect(() => made.commit(order, 99)).toThrow("FAULT_CAPACITY");
  });

  it("take the gate's own order", () => {
    const made = recent();
    const own = gateOrder();
    made.commit(own, 0);
    expect(made.check(own, 1)).toBe("duplicate");
  });

  it("continue from saved state", () => {
    const made = recent();
    made.commit(order, 5);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({ timesNs: [5], keys: [[16_777_218, 3087, 5, 1000, 7, 0]] });
    const again = recent();
    again.load(saved);
    expect([again.check(order, 104), again.check(order, 105)]).toEqual(["duplicate", "clear"]);
    expect(() => again.load({ timesNs: [1] })).toThrow("FAULT_INPUT");
  });

  it.each([
    [{ capacity: 3 }, "keyRing.capacity"],
    [{ capacity: 4, windowNs: 0 }, "recentOrders.windowNs"],
    [{ capacity: 4, count: 1 }, "recentOrders.count"],
    [{ capacity: 4, window: 1 }, "recentOrders.window"],
  ])("refuse the options %j", (options, path) => {
    expect(() => new RecentOrders(options)).toThrow(`FAULT_CONFIG ${path}`);
  });
});

describe("commitChecked", () => {
  it("remembers the order that was checked last, as commit does", () => {
    const [made, other] = [recent(), recent()];
    made.check({ ...order, lots: 6 }, 0);
    made.check(order, 0);
    made.commitChecked(5);
    other.commit(order, 5);
    expect(made.save()).toEqual(other.save());
    expect([made.check(order, 104), made.check(order, 105)]).toEqual(["duplicate", "clear"]);
    expect(made.check({ ...order, lots: 6 }, 6)).toBe("clear");
  });

  it("faults where check said full", () => {
    const made = new RecentOrders({ capacity: 1, windowNs: 100 });
    made.commit(order, 0);
    expect(made.check({ ...order, slice: 1 }, 99)).toBe("full");
    expect(() => made.commitChecked(99)).toThrow("FAULT_CAPACITY keyRing.add");
  });
});
