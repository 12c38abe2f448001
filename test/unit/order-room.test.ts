import { describe, expect, it } from "vitest";
import { ColumnPool, Fault } from "../../src/base/index.ts";
import {
  apply,
  ExecutionPool,
  ORDER_EVENT,
  OrderEvent,
  OrderStore,
  type OrderTerms,
  OUTCOME,
  ROW_FLAG,
} from "../../src/order/index.ts";

const TERMS: OrderTerms = {
  instrument: 0,
  strategy: 0,
  side: 1,
  type: 0,
  timeInForce: 0,
  flags: 0,
  priceTicks: 100,
  lots: 1000,
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

function sent(store: OrderStore, event: OrderEvent): number {
  const row = store.open(TERMS);
  apply(store, row, event.set(ORDER_EVENT.submit));
  return row;
}

function trade(event: OrderEvent, execId: number, lastLots: number, lastTicks: number): OrderEvent {
  return Object.assign(event.set(ORDER_EVENT.trade), { execId, lastLots, lastTicks });
}

describe("lists of open orders", () => {
  it.each([0, 15, 16, 31, 32, 64, 65_535])("hold key %d, and say -1 for any other", (key) => {
    const store = new OrderStore({ capacity: 2 });
    expect(store.firstOfStrategy(key)).toBe(-1);
    const row = store.open({ ...TERMS, strategy: key, instrument: key, venue: key });
    expect([store.firstOfStrategy(key), store.firstOfInstrument(key), store.firstOfVenue(key)]).toEqual([
      row,
      row,
      row,
    ]);
    for (const other of [-1, key + 1, 2 * key + 1, 2 ** 20]) {
      expect([
        store.firstOfStrategy(other),
        store.firstOfInstrument(other),
        store.firstOfVenue(other),
      ]).toEqual([-1, -1, -1]);
    }
  });

  it("keep what they have when they grow", () => {
    const store = new OrderStore({ capacity: 4 });
    const rows = [3, 3, 200].map((strategy) => store.open({ ...TERMS, strategy }));
    expect([store.firstOfStrategy(3), store.firstOfStrategy(200)]).toEqual([rows[0], rows[2]]);
    rows.push(store.open({ ...TERMS, strategy: 3 }));
    expect(store.nextOfStrategy(rows[1]!)).toBe(rows[3]);
  });

  it("say -1 after a row that is in none", () => {
    const store = new OrderStore({ capacity: 3 });
    const [first, second] = [store.open(TERMS), store.open(TERMS)];
    expect([2, second].map((row) => store.nextOfStrategy(row))).toEqual([-1, -1]);
    expect([store.firstOfVenue(0), store.nextOfVenue(first)]).toEqual([first, second]);
    store.unlink(first);
    expect([store.nextOfStrategy(first), store.nextOfInstrument(first), store.nextOfVenue(first)]).toEqual([
      -1, -1, -1,
    ]);
  });

  it.each([
    ["strategy", -1],
    ["strategy", 65_536],
    ["strategy", 0.5],
    ["instrument", NaN],
    ["instrument", 15.5],
    ["venue", -1],
    ["venue", 65_536],
  ])("fault on %s %d by name", (name, value) => {
    const fault = faultOf(() => new OrderStore({ capacity: 1 }).open({ ...TERMS, [name]: value }));
    expect([fault.code, fault.path, fault.value, fault.expected]).toEqual([
      "FAULT_INPUT",
      `order.${name}`,
      value,
      "an index within 0 and 65535",
    ]);
  });
});

describe("rows", () => {
  it("start without executions, and are given back without them", () => {
    const store = new OrderStore({ capacity: 2 });
    expect([...store.firstExecution]).toEqual([-1, -1]);
    const event = new OrderEvent();
    const row = sent(store, event);
    apply(store, row, trade(event, 1, 1, 1));
    store.free(row);
    expect(store.firstExecution[row]).toBe(-1);
  });

  it("start with the terms they were opened with, whatever the row held before", () => {
    const given = { stopTicks: 90, trigger: 2, guardTicks: 4, displayLots: 3, minLots: 2, venue: 6 };
    const codes = { instrument: 8, strategy: 9, side: -1, type: 3, timeInForce: 2, flags: 0xffff };
    const store = new OrderStore({ capacity: 1 });
    const columns = (row: number): unknown[] =>
      Object.keys({ ...given, ...TERMS }).map((name) => (store[name as "lots"] as Float64Array)[row]);
    const row = store.open({ ...TERMS, ...given, ...codes, expireNs: 7, createdNs: 5 });
    const marks = ROW_FLAG.postOnly | ROW_FLAG.reduceOnly | ROW_FLAG.hidden;
    expect(columns(row)).toEqual([90, 2, 4, 3, 2, 6, 8, 9, -1, 3, 2, marks, 100, 1000, 7, 5]);
    const event = new OrderEvent();
    for (const type of ["submit", "activate"] as const) apply(store, row, event.set(ORDER_EVENT[type]));
    const life = [
      { type: ORDER_EVENT.trade, execId: 3, lastLots: 5, lastTicks: 100, sequence: 4 },
      { type: ORDER_EVENT.newDay, day: 3 },
      { type: ORDER_EVENT.bust, execId: 4, refExecId: 9 },
      { type: ORDER_EVENT.replaceRequest, requestId: 2, newLots: 900, newTicks: 3 },
      { type: ORDER_EVENT.replaceAck, requestId: 2, sequence: 5 },
      { type: ORDER_EVENT.cancelRequest, requestId: 3 },
      { type: ORDER_EVENT.stop, lastLots: 7, sequence: 6, reason: 3 },
    ];
    for (const { type, ...fields } of life) apply(store, row, Object.assign(event.set(type), fields));
    store.free(row);
    const again = store.open(TERMS);
    expect(columns(again)).toEqual([0, 0, Infinity, 0, 0, 0, 0, 0, 1, 0, 0, 0, 100, 1000, Infinity, 0]);
    const fresh = new OrderStore({ capacity: 1 });
    fresh.open(TERMS);
    for (const [name, column] of Object.entries(store)) {
      if (!ArrayBuffer.isView(column) || name === "id" || name.startsWith("pending")) continue;
      expect([name, column]).toEqual([name, fresh[name as keyof OrderStore]]);
    }
    expect([store.pendingCount[again], store.id[again]]).toEqual([0, 2]);
  });

  it.each<Partial<OrderTerms>>([
    { priceTicks: -(2 ** 31) - 1 },
    { stopTicks: 0.5 },
    { stopTicks: 2 ** 31 },
    { lots: Number.MAX_SAFE_INTEGER + 1 },
    { side: NaN },
  ])("fault on %j", (part) => {
    expect(faultOf(() => new OrderStore({ capacity: 1 }).open({ ...TERMS, ...part })).path).toBe("order");
  });

  it("are as many as were asked for, the next one known beforehand", () => {
    const store = new OrderStore({ capacity: 2 });
    const next = [store.nextRow];
    const rows = [store.open(TERMS)];
    next.push(store.nextRow);
    rows.push(store.open(TERMS));
    expect([next, store.nextRow, store.open(TERMS), store.size]).toEqual([rows, -1, -1, 2]);
  });

  it("fault on wrong terms, saying which order", () => {
    const fault = faultOf(() => new OrderStore({ capacity: 1 }).open({ ...TERMS, side: 0 }));
    expect([fault.code, fault.path]).toEqual(["FAULT_INPUT", "order"]);
    expect(fault.value).toEqual({ ...TERMS, side: 0 });
    expect(fault.expected).toMatch(/^lots of at least 1, a side of 1 or -1, and .*32 bits$/);
  });

  it("have the mean price of what was filled", () => {
    const store = new OrderStore({ capacity: 2 });
    const event = new OrderEvent();
    sent(store, event);
    const row = sent(store, event);
    expect(store.averageTicks(row)).toBeNaN();
    apply(store, row, trade(event, 1, 3, 100));
    apply(store, row, trade(event, 2, 1, 102));
    expect([store.averageTicks(row), store.averageTicks(0)]).toEqual([100.5, NaN]);
  });
});

describe("executions", () => {
  it("have room for one an order, for 16 at least, for the limit at most", () => {
    const sizes = [
      { capacity: 1 },
      { capacity: 100 },
      { capacity: 100, maxExecutions: 50 },
      { capacity: 1, maxExecutions: 1 },
    ].map((options) => new OrderStore(options).executions.size);
    expect(sizes).toEqual([16, 100, 50, 1]);
  });

  it("keep every word of theirs when they grow", () => {
    const store = new OrderStore({ capacity: 1 });
    const event = new OrderEvent();
    const row = sent(store, event);
    for (let id = 1; id <= 40; id++) apply(store, row, trade(event, id, id, 100 + id));
    Object.assign(event.set(ORDER_EVENT.correct), { execId: 41, refExecId: 2, lastLots: 9, lastTicks: 90 });
    apply(store, row, event);
    for (let id = 42; id <= 130; id++) apply(store, row, trade(event, id, 1, 100));
    expect(apply(store, row, trade(event, 1, 1, 101))).toBe(OUTCOME.duplicate);
    expect(apply(store, row, trade(event, 1, 2, 101))).toBe(OUTCOME.conflict);
    expect(apply(store, row, trade(event, 1, 1, 100))).toBe(OUTCOME.conflict);
    const bust = (execId: number, refExecId: number): number =>
      apply(store, row, Object.assign(event.set(ORDER_EVENT.bust), { execId, refExecId }));
    expect([bust(201, 2), event.undoneLots, event.undoneTicks]).toEqual([OUTCOME.applied, 9, 90]);
    expect([bust(202, 7), event.undoneLots, event.undoneTicks]).toEqual([OUTCOME.applied, 7, 107]);
    for (let id = 301; id <= 500; id++) apply(store, row, trade(event, id, 1, 100));
    expect([bust(201, 2), bust(202, 8), bust(203, 7)]).toEqual([
      OUTCOME.duplicate,
      OUTCOME.conflict,
      OUTCOME.duplicate,
    ]);
  });

  it("are all given back, to the last one", () => {
    const store = new OrderStore({ capacity: 1, maxExecutions: 2 });
    const event = new OrderEvent();
    for (let life = 0; life < 3; life++) {
      const row = sent(store, event);
      for (const id of [1, 2]) expect(apply(store, row, trade(event, id, 1, 1))).toBe(OUTCOME.applied);
      const fault = faultOf(() => apply(store, row, trade(event, 3, 1, 1)));
      expect([fault.code, fault.path, fault.value, fault.expected]).toEqual([
        "FAULT_CAPACITY",
        "orderStore.maxExecutions",
        2,
        "room for one more execution: free finished orders, or raise the limit",
      ]);
      store.free(row);
    }
  });

  it("are taken in front of a chain and released as one", () => {
    const pool = new ExecutionPool(2, 4, new ColumnPool());
    const first = pool.take(-1);
    const second = pool.take(first);
    pool.kind[first] = pool.kind[second] = 1;
    expect([pool.next[second], pool.next[first], pool.successor[second]]).toEqual([first, -1, -1]);
    pool.release(second);
    expect([pool.kind[first], pool.kind[second]]).toEqual([0, 0]);
    expect(new Set([pool.take(-1), pool.take(-1)])).toEqual(new Set([first, second]));
    expect([pool.size, pool.limit]).toEqual([2, 4]);
  });
});

describe("an event", () => {
  it("starts cleared, as a submit", () => {
    const used = Object.assign(new OrderEvent(), { execId: 4, statusCode: 2, repeated: 1, undoneTicks: 3 });
    expect(new OrderEvent()).toEqual(used.set(ORDER_EVENT.submit));
    const { type, execId, statusCode, cumLots, leavesLots, bookedLots, venue, sequence } = new OrderEvent();
    expect([type, execId, statusCode, cumLots, leavesLots]).toEqual([0, 0, -1, -1, -1]);
    expect([bookedLots, venue, sequence]).toEqual([0, -1, 0]);
  });
});
