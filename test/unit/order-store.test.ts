import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  apply,
  ORDER_EVENT,
  ORDER_REFUSALS,
  ORDER_STATUSES,
  OrderEvent,
  OrderStateMachine,
  type OrderStateMachineOptions,
  OrderStore,
  type OrderTerms,
  OUTCOME,
  ROW_FLAG,
  refuseRequest,
  refuseStoreFull,
  STATUS_ALIASES,
  STATUS_CHANGES,
  TRANSITIONS,
} from "../../src/order/index.ts";

const TERMS: OrderTerms = {
  instrument: 0,
  strategy: 0,
  side: 1,
  type: 0,
  timeInForce: 0,
  flags: 3,
  priceTicks: 100,
  lots: 10,
  expireNs: Infinity,
  createdNs: 0,
};

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
  }
  throw new Error("no fault");
}

function tradeOf(event: OrderEvent, execId: number, lots: number, ticks = 100): OrderEvent {
  event.set(ORDER_EVENT.trade);
  event.execId = execId;
  event.lastLots = lots;
  event.lastTicks = ticks;
  return event;
}

describe("OrderStore", () => {
  it("refuses wrong options by name", () => {
    const cases: readonly (readonly [object, string])[] = [
      [{}, "orderStore.capacity"],
      [{ capacity: 0 }, "orderStore.capacity"],
      [{ capacity: NaN }, "orderStore.capacity"],
      [{ capacity: 1, maxPendingRequests: 0 }, "orderStore.maxPendingRequests"],
      [{ capacity: 1, maxExecutions: -1 }, "orderStore.maxExecutions"],
      [{ capacity: 1, pending: 2 }, "orderStore.pending"],
    ];
    for (const [options, path] of cases) {
      const fault = faultOf(() => new OrderStore(options as { capacity: number }));
      expect([fault.code, fault.path]).toEqual(["FAULT_CONFIG", path]);
    }
  });

  it("faults on terms no gate lets through, and takes no row for them", () => {
    const store = new OrderStore({ capacity: 2 });
    const wrong: readonly Partial<OrderTerms>[] = [
      { lots: 0 },
      { lots: 1.5 },
      { lots: NaN },
      { side: 0 },
      { side: 2 },
      { priceTicks: 1.5 },
      { priceTicks: 2 ** 31 },
      { stopTicks: 0.5 },
      { stopTicks: -(2 ** 31) - 1 },
      { venue: -1 },
      { venue: 65_536 },
      { strategy: -1 },
      { instrument: 65_536 },
      { instrument: 0.5 },
    ];
    for (const part of wrong) {
      expect(faultOf(() => store.open({ ...TERMS, ...part })).code).toBe("FAULT_INPUT");
    }
    expect([store.size, store.nextId]).toEqual([0, 1]);
  });

  it("returns -1 when full and finds a stale reference out", () => {
    const store = new OrderStore({ capacity: 1 });
    const row = store.open(TERMS);
    const id = store.id[row] as number;
    expect([store.open(TERMS), store.isCurrent(row, id)]).toEqual([-1, true]);
    expect(refuseStoreFull(store).code).toBe("ORDER_STORE_FULL");
    store.free(row);
    store.free(row);
    expect([store.size, store.isCurrent(row, id), store.isCurrent(row, 0)]).toEqual([0, false, false]);
    const again = store.open(TERMS);
    expect([again, store.isCurrent(again, id), store.isCurrent(again, id + 1)]).toEqual([row, false, true]);
    expect(apply(store, 99, new OrderEvent())).toBe(OUTCOME.stale);
    expect(apply(store, -1, new OrderEvent())).toBe(OUTCOME.stale);
  });

  it("lists open orders oldest first, a revived one in its old place", () => {
    const store = new OrderStore({ capacity: 4 });
    const event = new OrderEvent();
    const rows = [store.open(TERMS), store.open(TERMS), store.open(TERMS)] as const;
    apply(store, rows[1], event.set(ORDER_EVENT.submit));
    apply(store, rows[1], event.set(ORDER_EVENT.unsolicitedCancel));
    expect([store.firstOfStrategy(0), store.nextOfStrategy(rows[0]), store.nextOfStrategy(rows[2])]).toEqual([
      rows[0],
      rows[2],
      -1,
    ]);
    apply(store, rows[1], event.set(ORDER_EVENT.activate));
    expect([
      store.firstOfInstrument(0),
      store.nextOfInstrument(rows[0]),
      store.nextOfInstrument(rows[1]),
    ]).toEqual(rows);
    expect([store.firstOfStrategy(7), store.firstOfStrategy(-1)]).toEqual([-1, -1]);
  });

  it("makes the lists of venues when they are first asked for, and keeps them from there on", () => {
    const store = new OrderStore({ capacity: 8 });
    const event = new OrderEvent();
    const open = (venue: number) => {
      const row = store.open({ ...TERMS, venue });
      apply(store, row, event.set(ORDER_EVENT.submit));
      return row;
    };
    const venues = (venue: number) => {
      const rows: number[] = [];
      for (let row = store.firstOfVenue(venue); row >= 0; row = store.nextOfVenue(row)) rows.push(row);
      return rows;
    };
    const [a, b, c, d] = [open(40), open(0), open(40), open(65_535)] as const;
    for (const row of [a, d]) apply(store, row, event.set(ORDER_EVENT.expire));
    store.free(b);
    expect([store.nextOfVenue(c), venues(40), venues(0), venues(65_535), venues(7)]).toEqual([
      -1,
      [c],
      [],
      [],
      [],
    ]);
    for (const row of [d, a]) apply(store, row, event.set(ORDER_EVENT.activate));
    const [e, f] = [open(40), open(0)] as const;
    expect([e, venues(40), venues(0), venues(65_535)]).toEqual([b, [a, c, e], [f], [d]]);
    const g = open(20_000);
    store.free(c);
    expect([venues(40), venues(20_000)]).toEqual([[a, e], [g]]);
  });

  it("clears what the order before left in a row", () => {
    const store = new OrderStore({ capacity: 1 });
    const event = new OrderEvent();
    const rare = { stopTicks: -5, trigger: 3, guardTicks: 0, displayLots: 1, minLots: 2, venue: 8 };
    const row = store.open({ ...TERMS, ...rare });
    const columns = () => [
      store.stopTicks[row],
      store.trigger[row],
      store.guardTicks[row],
      store.displayLots[row],
      store.minLots[row],
      store.venue[row],
      store.sequence[row],
      store.phaseSequence[row],
      store.termsSequence[row],
      store.day[row],
      store.priorLots[row],
      store.priorNotionalTicks[row],
    ];
    apply(store, row, event.set(ORDER_EVENT.submit));
    apply(store, row, tradeOf(event, 1, 2, 100));
    apply(store, row, Object.assign(event.set(ORDER_EVENT.newDay), { day: 4 }));
    apply(store, row, Object.assign(event.set(ORDER_EVENT.suspend), { sequence: 6 }));
    apply(
      store,
      row,
      Object.assign(event.set(ORDER_EVENT.restated), { sequence: 5, newLots: 9, newTicks: 1 }),
    );
    expect(columns()).toEqual([-5, 3, 0, 1, 2, 8, 6, 6, 5, 4, 2, 200]);
    apply(
      store,
      row,
      Object.assign(event.set(ORDER_EVENT.restated), { newLots: 18, newTicks: 1, ratioTo: 2, reason: 1 }),
    );
    expect([store.cumLots[row], store.dayCumLots(row), store.reason[row]]).toEqual([4, 0, 1]);
    store.free(row);
    expect(store.open(TERMS)).toBe(row);
    expect(columns()).toEqual([0, 0, Infinity, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    apply(store, row, event.set(ORDER_EVENT.submit));
    apply(store, row, tradeOf(event, 1, 3, 100));
    expect([store.cumLots[row], store.dayCumLots(row)]).toEqual([3, 3]);
    apply(store, row, Object.assign(event.set(ORDER_EVENT.bust), { execId: 2, refExecId: 1 }));
    expect([event.undoneLots, store.priorLots[row]]).toEqual([3, 0]);
    expect([event.set(ORDER_EVENT.restated).ratioTo, event.set(ORDER_EVENT.newDay).day]).toEqual([1, 0]);
  });

  it("doubles its executions up to the limit, then faults before anything changed", () => {
    const store = new OrderStore({ capacity: 1, maxExecutions: 40 });
    const event = new OrderEvent();
    const row = store.open({ ...TERMS, lots: 1000 });
    for (let i = 1; i <= 40; i++)
      expect(apply(store, row, tradeOf(event, i, 1))).toBe(i === 1 ? OUTCOME.criticalFill : 0);
    expect(faultOf(() => apply(store, row, tradeOf(event, 41, 1))).code).toBe("FAULT_CAPACITY");
    expect([store.cumLots[row], store.executions.size]).toEqual([40, 40]);
    store.free(row);
    const next = store.open({ ...TERMS, lots: 1000 });
    expect(apply(store, next, tradeOf(event, 1, 1))).toBe(OUTCOME.criticalFill);
  });

  it("faults on sums past 2^53 before anything changed", () => {
    const store = new OrderStore({ capacity: 1 });
    const event = new OrderEvent();
    const row = store.open({ ...TERMS, lots: Number.MAX_SAFE_INTEGER });
    apply(store, row, event.set(ORDER_EVENT.submit));
    expect(faultOf(() => apply(store, row, tradeOf(event, 1, 2 ** 50, 16))).code).toBe("FAULT_ARITHMETIC");
    expect([apply(store, row, tradeOf(event, 1, 2 ** 49, 15)), store.cumLots[row]]).toEqual([
      OUTCOME.applied,
      2 ** 49,
    ]);
    expect(faultOf(() => apply(store, row, tradeOf(event, 2, 2 ** 49, 2))).code).toBe("FAULT_ARITHMETIC");
    event.set(ORDER_EVENT.correct);
    event.execId = 3;
    event.refExecId = 1;
    event.lastLots = 2 ** 49;
    event.lastTicks = 2;
    expect(faultOf(() => apply(store, row, event)).code).toBe("FAULT_ARITHMETIC");
    expect([store.cumLots[row], store.notionalTicks[row]]).toEqual([2 ** 49, 15 * 2 ** 49]);
  });

  it("answers malformed numbers without changing anything", () => {
    const store = new OrderStore({ capacity: 1 });
    const event = new OrderEvent();
    const row = store.open(TERMS);
    apply(store, row, event.set(ORDER_EVENT.submit));
    for (const [execId, lots, ticks] of [
      [0, 1, 1],
      [1, 0, 1],
      [1, -1, 1],
      [1, NaN, 1],
      [1, 1, 0.5],
      [NaN, 1, 1],
    ] as const) {
      expect(apply(store, row, tradeOf(event, execId, lots, ticks))).toBe(OUTCOME.malformed);
    }
    event.set(99);
    expect(apply(store, row, event)).toBe(OUTCOME.malformed);
    expect([ORDER_STATUSES[store.status[row] as number], store.cumLots[row]]).toEqual(["pendingNew", 0]);
  });

  it("says what was booked and undone", () => {
    const store = new OrderStore({ capacity: 1 });
    const event = new OrderEvent();
    const row = store.open(TERMS);
    apply(store, row, event.set(ORDER_EVENT.submit));
    apply(store, row, tradeOf(event, 1, 10, 100));
    expect([event.bookedLots, event.bookedTicks, event.undoneLots]).toEqual([10, 100, 0]);
    event.set(ORDER_EVENT.correct);
    Object.assign(event, { execId: 2, refExecId: 1, lastLots: 4, lastTicks: 101 });
    apply(store, row, event);
    expect([event.bookedLots, event.bookedTicks, event.undoneLots, event.undoneTicks]).toEqual([
      4, 101, 10, 100,
    ]);
    event.set(ORDER_EVENT.bust);
    Object.assign(event, { execId: 3, refExecId: 1, repeated: 1 });
    apply(store, row, event);
    expect([event.bookedLots, event.undoneLots, event.undoneTicks]).toEqual([0, 4, 101]);
    const flags = store.flags[row] as number;
    expect([flags & ROW_FLAG.staleReplay, flags & ROW_FLAG.postOnly]).toEqual([
      ROW_FLAG.staleReplay,
      ROW_FLAG.postOnly,
    ]);
  });

  it("turns refused requests into refusals", () => {
    const store = new OrderStore({ capacity: 1, maxPendingRequests: 1 });
    const event = new OrderEvent();
    const row = store.open(TERMS);
    const request = (
      type: "cancelRequest" | "replaceRequest",
      requestId: number,
      newLots = 5,
    ): string | undefined => {
      event.set(ORDER_EVENT[type]);
      event.requestId = requestId;
      event.newLots = newLots;
      return refuseRequest(store, row, apply(store, row, event))?.code;
    };
    expect(request("cancelRequest", 1)).toBe("ORDER_NOT_OPEN");
    apply(store, row, event.set(ORDER_EVENT.submit));
    expect(request("replaceRequest", 1, 0)).toBe("ORDER_TERMS_MALFORMED");
    expect(request("replaceRequest", 1)).toBeUndefined();
    expect(request("replaceRequest", 1)).toBe("ORDER_REQUEST_REPEATED");
    expect(request("replaceRequest", 2)).toBe("ORDER_REQUESTS_FULL");
    expect(request("cancelRequest", 3)).toBeUndefined();
    expect(request("cancelRequest", 4)).toBe("ORDER_CANCEL_PENDING");
    store.free(row);
    expect(request("cancelRequest", 5)).toBe("ORDER_STALE");
    expect(ORDER_REFUSALS).toHaveLength(15);
  });
});

describe("order tables", () => {
  it("have a mark for every status, change and event", () => {
    for (const table of [STATUS_CHANGES, TRANSITIONS]) {
      const rows = Object.values(table).map((row) => Object.values(row as Record<string, string>));
      expect(rows).toHaveLength(14);
      for (const row of rows) expect(row.every((mark) => ["P", "A", "x"].includes(mark))).toBe(true);
    }
    expect(Object.keys(STATUS_CHANGES.new)).toHaveLength(13);
    expect(Object.keys(TRANSITIONS.new)).toHaveLength(24);
  });

  it("names every alias's status", () => {
    for (const status of Object.values(STATUS_ALIASES)) expect(ORDER_STATUSES).toContain(status);
    expect([STATUS_ALIASES.New, STATUS_ALIASES.Live, STATUS_ALIASES.Cancelled]).toEqual([
      "created",
      "new",
      "canceled",
    ]);
  });
});

describe("OrderStateMachine", () => {
  it("refuses wrong options by name", () => {
    const right: OrderStateMachineOptions = { side: "buy", lots: 1 };
    const cases: readonly (readonly [object, string])[] = [
      [{ ...right, side: "long" }, "order.side"],
      [{ ...right, lots: 0 }, "order.lots"],
      [{ ...right, priceTicks: 0.5 }, "order.priceTicks"],
      [{ ...right, type: "iceberg" }, "order.type"],
      [{ ...right, type: "stop" }, "order.stopTicks"],
      [{ ...right, type: "stopLimit", stopTicks: 0.5 }, "order.stopTicks"],
      [{ ...right, type: "market", stopTicks: 1 }, "order.stopTicks"],
      [{ ...right, trigger: "mid" }, "order.trigger"],
      [{ ...right, hidden: 1 }, "order.hidden"],
      [{ ...right, timeInForce: "GTX" }, "order.timeInForce"],
      [{ ...right, postOnly: 1 }, "order.postOnly"],
      [{ ...right, expireNs: NaN }, "order.expireNs"],
      [{ ...right, quantity: 1 }, "order.quantity"],
    ];
    for (const [options, path] of cases) {
      const fault = faultOf(() => new OrderStateMachine(options as OrderStateMachineOptions));
      expect([fault.code, fault.path]).toEqual(["FAULT_CONFIG", path]);
    }
    const order = new OrderStateMachine(right);
    expect(faultOf(() => order.apply({ type: "fill" } as never)).code).toBe("FAULT_INPUT");
  });

  it("keeps ids as they were given, execution and request ids apart", () => {
    const order = new OrderStateMachine({ side: "sell", lots: 9, priceTicks: 7 });
    order.apply({ type: "submit" });
    order.apply({ type: "trade", execId: "b", lots: 1, priceTicks: 7 });
    order.apply({ type: "replaceRequest", requestId: "a", lots: 8 });
    order.apply({ type: "replaceRequest", requestId: "b", priceTicks: 6 });
    expect(order.pending).toEqual([
      { kind: "replace", requestId: "a", lots: 8, priceTicks: 7 },
      { kind: "replace", requestId: "b", lots: 8, priceTicks: 6 },
    ]);
    expect(order.apply({ type: "replaceAck", requestId: "a" })).toBe("applied");
    expect(order.apply({ type: "replaceAck" })).toBe("applied");
    expect([order.lots, order.priceTicks, order.status, order.pending]).toEqual([
      8,
      6,
      "partiallyFilled",
      [],
    ]);
    order.apply({ type: "cancelRequest" });
    const id = order.pending[0]?.requestId ?? "";
    expect(order.apply({ type: "cancelReject", requestId: id, reason: 1 })).toBe("applied");
    expect([order.isUnknown, order.isOpen, order.isOverfilled, order.hasLateFill]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(order.apply({ type: "status", status: "new", cumLots: 1 })).toBe("mismatch");
    expect(order.apply({ type: "status", status: "partiallyFilled", cumLots: 1, leavesLots: 7 })).toBe(
      "applied",
    );
    expect([order.isUnknown, order.baseStatus]).toEqual([false, "partiallyFilled"]);
  });

  it("takes fields that are undefined as left out", () => {
    const order = new OrderStateMachine({ side: "buy", lots: 1 });
    order.apply({ type: "submit", sequence: undefined, repeated: undefined } as never);
    expect(order.apply({ type: "status", status: undefined, cumLots: undefined } as never)).toBe("applied");
    expect(order.apply({ type: "cancelRequest", requestId: undefined } as never)).toBe("applied");
    expect(order.apply({ type: "reject", reason: undefined } as never)).toBe("applied");
    expect(order.status).toBe("rejected");
  });

  it("marks repetitions and passes sequences on", () => {
    const order = new OrderStateMachine({ side: "buy", lots: 1 });
    for (const type of ["submit", "ack"] as const) order.apply({ type });
    expect(order.apply({ type: "activate", repeated: true })).toBe("duplicate");
    expect(order.apply({ type: "activate", sequence: 2 })).toBe("duplicate");
    expect(order.apply({ type: "suspend", sequence: 1 })).toBe("outdated");
    expect(order.apply({ type: "activate" })).toBe("anomaly");
  });

  it("has no average before the first fill", () => {
    const order = new OrderStateMachine({ side: "buy", lots: 1 });
    expect(order.averageTicks).toBeNaN();
  });
});
