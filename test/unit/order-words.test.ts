import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  type OrderMachineEvent,
  OrderStateMachine,
  type OrderStateMachineOptions,
} from "../../src/order/index.ts";

const OPTIONS: OrderStateMachineOptions = { side: "buy", lots: 10, priceTicks: 100 };

function orderAfter(...events: readonly OrderMachineEvent[]): OrderStateMachine {
  const order = new OrderStateMachine(OPTIONS);
  for (const event of [{ type: "submit" }, { type: "ack" }, ...events] as const) {
    expect([event, order.apply(event)]).toEqual([event, "applied"]);
  }
  return order;
}

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
  }
  throw new Error("no fault");
}

describe("options of the order state machine", () => {
  it.each<Partial<OrderStateMachineOptions>>([
    { type: "limit" },
    { type: "market" },
    { timeInForce: "GTC" },
    { timeInForce: "IOC" },
    { timeInForce: "FOK" },
    { timeInForce: "DAY" },
    { timeInForce: "GTD", expireNs: 5 },
    { postOnly: true, reduceOnly: true },
    { side: "sell" },
    { priceTicks: -1 },
    { maxPendingRequests: 1 },
    { type: "stop", stopTicks: -7 },
    { type: "stopLimit", stopTicks: 7, hidden: true },
  ])("may be %j", (part) => {
    expect(new OrderStateMachine({ ...OPTIONS, ...part }).status).toBe("created");
  });

  it.each<[object, string]>([
    [{ reduceOnly: "no" }, "order.reduceOnly"],
    [{ postOnly: 0 }, "order.postOnly"],
    [{ timeInForce: "" }, "order.timeInForce"],
    [{ type: "" }, "order.type"],
    [{ lots: 0.5 }, "order.lots"],
    [{ maxPendingRequests: 0 }, "orderStore.maxPendingRequests"],
    [{ hidden: 1 }, "order.hidden"],
    [{ type: "stop" }, "order.stopTicks"],
    [{ type: "stopLimit", stopTicks: 0.5 }, "order.stopTicks"],
    [{ type: "stop", stopTicks: 2 ** 53 }, "order.stopTicks"],
    [{ type: "stop", stopTicks: -(2 ** 53) }, "order.stopTicks"],
    [{ type: "market", stopTicks: 5 }, "order.stopTicks"],
  ])("may not be %j", (part, path) => {
    const fault = faultOf(() => new OrderStateMachine({ ...OPTIONS, ...part }));
    expect([fault.code, fault.path]).toEqual(["FAULT_CONFIG", path]);
  });

  it("name what a type may not have", () => {
    const fault = faultOf(() => new OrderStateMachine({ ...OPTIONS, stopTicks: 5 }));
    expect([fault.code, fault.path, fault.value, fault.expected]).toEqual([
      "FAULT_CONFIG",
      "order.stopTicks",
      5,
      "none for this type",
    ]);
  });

  it("leave room for 2 replaces unless they say otherwise", () => {
    const pending = (maxPendingRequests?: number): number => {
      const more = maxPendingRequests === undefined ? {} : { maxPendingRequests };
      const order = new OrderStateMachine({ ...OPTIONS, ...more });
      order.apply({ type: "submit" });
      for (let i = 0; i < 9; i++) order.apply({ type: "replaceRequest", lots: 20 + i });
      return order.pending.length;
    };
    expect([pending(), pending(2), pending(1), pending(5)]).toEqual([2, 2, 1, 5]);
  });
});

describe("words for what happens", () => {
  it.each([[{ type: "fill" }], [{}], [null], [undefined]])("fault where they are none: %j", (event) => {
    const fault = faultOf(() => new OrderStateMachine(OPTIONS).apply(event as never));
    expect([fault.code, fault.path, fault.value, fault.expected]).toEqual([
      "FAULT_INPUT",
      "event.type",
      (event as { type?: string } | null | undefined)?.type,
      "a type of OrderMachineEvent",
    ]);
  });

  it("tell executions by id, their quantity and price", () => {
    const order = orderAfter(
      { type: "trade", execId: "a", lots: 4, priceTicks: 100 },
      { type: "correct", execId: "b", refExecId: "a", lots: 2, priceTicks: 90 },
    );
    expect([order.cumLots, order.averageTicks, order.status]).toEqual([2, 90, "partiallyFilled"]);
    expect(order.apply({ type: "trade", execId: "a", lots: 4, priceTicks: 100 })).toBe("duplicate");
    expect(order.apply({ type: "trade", execId: "a", lots: 4, priceTicks: 101 })).toBe("conflict");
    expect(order.apply({ type: "bust", execId: 3, refExecId: "c" })).toBe("quarantined");
    expect(order.apply({ type: "bust", execId: "3", refExecId: "c" })).toBe("duplicate");
    expect([order.apply({ type: "bust", execId: 4, refExecId: "b" }), order.cumLots]).toEqual(["applied", 0]);
  });

  it("say why a cancel was refused, and the status with it", () => {
    const order = orderAfter({ type: "cancelRequest" }, { type: "cancelReject", reason: 1 });
    expect([order.isUnknown, order.apply({ type: "cancelRequest", requestId: "x" })]).toEqual([
      true,
      "applied",
    ]);
    expect(order.apply({ type: "cancelReject", requestId: "y" })).toBe("anomaly");
    expect(order.apply({ type: "cancelReject", requestId: "x", status: "filled" })).toBe("mismatch");
    expect([order.isUnknown, order.status]).toEqual([true, "new"]);
    order.apply({ type: "cancelRequest" });
    expect([order.apply({ type: "cancelReject", status: "new" }), order.isUnknown]).toEqual([
      "applied",
      true,
    ]);
    expect(order.needsReconciliation).toBe(true);
    expect(order.apply({ type: "status", status: "new", cumLots: 0 })).toBe("applied");
    expect([order.isUnknown, order.needsReconciliation]).toEqual([false, false]);
  });

  it("may leave out the values, or give undefined", () => {
    const order = orderAfter({ type: "cancelRequest", requestId: undefined } as never);
    const given = { type: "cancelReject", requestId: undefined, reason: undefined, status: undefined };
    expect([order.apply(given as never), order.isUnknown, order.status]).toEqual(["applied", false, "new"]);
  });

  it("number requests that have no id of their own", () => {
    const order = orderAfter({ type: "cancelRequest" }, { type: "cancelReject" }, { type: "cancelRequest" });
    expect(order.pending).toEqual([{ kind: "cancel", requestId: "#2", priceTicks: 0, lots: 0 }]);
    order.apply({ type: "replaceRequest", lots: 12 });
    order.apply({ type: "replaceRequest", priceTicks: 99 });
    expect(order.pending.slice(1)).toEqual([
      { kind: "replace", requestId: "#3", priceTicks: 100, lots: 12 },
      { kind: "replace", requestId: "#4", priceTicks: 99, lots: 12 },
    ]);
    expect(order.apply({ type: "cancelReject", requestId: "#2" })).toBe("applied");
  });

  it("keep the order's terms where a replace leaves them out, a cancel on its way or not", () => {
    const order = orderAfter({ type: "cancelRequest" }, { type: "replaceRequest", priceTicks: 99 });
    expect(order.pending[1]).toEqual({ kind: "replace", requestId: "#2", priceTicks: 99, lots: 10 });
    order.apply({ type: "replaceRequest", lots: 15 });
    expect(order.pending[2]).toEqual({ kind: "replace", requestId: "#3", priceTicks: 99, lots: 15 });
  });

  it("fill up the answer to a replace from the replace it answers", () => {
    const order = orderAfter(
      { type: "replaceRequest", requestId: "a", lots: 20, priceTicks: 90 },
      { type: "replaceRequest", requestId: "b", lots: 30, priceTicks: 80 },
      { type: "replaceAck", requestId: "a", lots: 21 },
    );
    expect([order.lots, order.priceTicks]).toEqual([21, 90]);
    order.apply({ type: "replaceAck", requestId: "b", priceTicks: 81 });
    expect([order.lots, order.priceTicks, order.pending]).toEqual([30, 81, []]);
    order.apply({ type: "replaceRequest", requestId: "c", lots: 40 });
    order.apply({ type: "replaceRequest", requestId: "d", lots: 50 });
    order.apply({ type: "replaceAck", priceTicks: 70 });
    expect([order.lots, order.priceTicks, order.pending.length]).toEqual([40, 70, 1]);
    order.apply({ type: "replaceAck", requestId: "d", lots: 51, priceTicks: 71 });
    expect([order.lots, order.priceTicks]).toEqual([51, 71]);
    expect(order.apply({ type: "replaceAck", requestId: "z", lots: 1 })).toBe("anomaly");
  });

  it("fill up the answer to the younger replace from that one", () => {
    const order = orderAfter(
      { type: "replaceRequest", requestId: "a", lots: 20, priceTicks: 90 },
      { type: "replaceRequest", requestId: "b", lots: 30, priceTicks: 80 },
      { type: "replaceAck", requestId: "b", lots: 30 },
    );
    expect([order.lots, order.priceTicks]).toEqual([30, 80]);
  });

  it("mean the order's own venue where they name none", () => {
    const order = orderAfter({ type: "trade", execId: 1, lots: 4, priceTicks: 100 });
    expect(order.apply({ type: "trade", execId: 1, lots: 4, priceTicks: 100, venue: 0 })).toBe("duplicate");
    expect(order.apply({ type: "trade", execId: 1, lots: 4, priceTicks: 100, venue: 1 })).toBe("applied");
  });

  it("fill up a restatement from the order, not from a replace", () => {
    const order = orderAfter(
      { type: "replaceRequest", lots: 20, priceTicks: 90 },
      { type: "restated", lots: 8 },
    );
    expect([order.lots, order.priceTicks]).toEqual([8, 100]);
    order.apply({ type: "restated", priceTicks: 95 });
    expect([order.lots, order.priceTicks]).toEqual([8, 95]);
  });

  it("compare a status with what is known", () => {
    const order = orderAfter({ type: "trade", execId: 1, lots: 4, priceTicks: 100 }, { type: "timeout" });
    const wrong = [
      { cumLots: 3 },
      { cumLots: 0 },
      { leavesLots: 5 },
      { leavesLots: 0 },
      { status: "new" },
    ] as const;
    for (const part of wrong) expect(order.apply({ type: "status", ...part })).toBe("mismatch");
    expect([order.apply({ type: "status", leavesLots: 6 }), order.isUnknown]).toEqual(["applied", true]);
    expect([order.apply({ type: "status", cumLots: 4 }), order.isUnknown]).toEqual(["applied", false]);
  });

  it("may say how much a stop guarantees", () => {
    expect(orderAfter({ type: "stop" }).status).toBe("stopped");
    expect(orderAfter({ type: "stop", lots: 4 }).status).toBe("stopped");
  });
});
