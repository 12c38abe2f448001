import { beforeEach, describe, expect, it } from "vitest";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  ORDER_STATUSES,
  OrderEvent,
  type OrderEventName,
  OrderStateMachine,
  OrderStore,
  OUTCOMES,
  ROW_FLAG,
} from "../../src/order/index.ts";

const TERMS = {
  instrument: 0,
  strategy: 0,
  side: 1,
  type: 0,
  timeInForce: TIME_IN_FORCE.GTC as number,
  flags: 0,
  priceTicks: 100,
  lots: 100,
  expireNs: Infinity,
  createdNs: 0,
  venue: 3,
};

const event = new OrderEvent();
let store: OrderStore;
let row: number;

beforeEach(() => {
  store = new OrderStore({ capacity: 3 });
  store.open(TERMS);
  row = store.open(TERMS);
  tell("submit");
  tell("ack");
});

function tell(type: OrderEventName, fields: Partial<OrderEvent> = {}): string {
  const outcome = apply(store, row, Object.assign(event.set(ORDER_EVENT[type]), fields));
  expect(checkInvariants(store, row)).toEqual([]);
  return OUTCOMES[outcome] as string;
}

function trade(execId: number, lastLots: number, lastTicks = 100, venue = -1): string {
  return tell("trade", { execId, lastLots, lastTicks, venue });
}

function status(): string {
  return ORDER_STATUSES[store.status[row] as number] as string;
}

/** Filled today, its mean price, and what of the total is for today. */
function today(): readonly number[] {
  return [store.dayCumLots(row), store.dayAverageTicks(row), store.dayLots(row)];
}

describe("a new day", () => {
  it("begins once, after the day before", () => {
    for (const day of [0.5, NaN, Infinity, 2 ** 31]) expect(tell("newDay", { day })).toBe("malformed");
    expect([0, -1, 5, 5, 4, 6].map((day) => tell("newDay", { day }))).toEqual([
      "duplicate",
      "duplicate",
      "applied",
      "duplicate",
      "duplicate",
      "applied",
    ]);
    expect(store.day[row]).toBe(6);
  });

  it("does not begin for an order that has ended", () => {
    tell("unsolicitedCancel");
    expect([tell("newDay", { day: 1 }), store.day[row]]).toEqual(["anomaly", 0]);
  });

  it("counts afresh", () => {
    expect(today()).toEqual([0, NaN, 100]);
    trade(1, 10, 90);
    expect(today()).toEqual([10, 90, 100]);
    tell("newDay", { day: 1 });
    expect(today()).toEqual([0, NaN, 90]);
    trade(2, 20, 96);
    trade(3, 10, 99);
    expect([today(), store.averageTicks(row)]).toEqual([[30, 97, 90], 95.25]);
  });

  it("leaves to the day before what is busted or corrected of it", () => {
    trade(1, 10, 90);
    trade(2, 20, 80);
    tell("newDay", { day: 1 });
    trade(3, 5, 70);
    expect(tell("bust", { execId: 4, refExecId: 1 })).toBe("applied");
    expect([today(), store.priorLots[row], store.priorNotionalTicks[row]]).toEqual([[5, 70, 80], 20, 1600]);
    expect(tell("correct", { execId: 5, refExecId: 2, lastLots: 30, lastTicks: 81 })).toBe("applied");
    expect([today(), store.priorLots[row], store.priorNotionalTicks[row]]).toEqual([[5, 70, 70], 30, 2430]);
    expect(tell("correct", { execId: 6, refExecId: 3, lastLots: 4, lastTicks: 71 })).toBe("applied");
    expect([today(), store.priorLots[row], store.cumLots[row]]).toEqual([[4, 71, 70], 30, 34]);
    tell("newDay", { day: 2 });
    expect([today(), store.priorLots[row]]).toEqual([[0, NaN, 66], 34]);
  });

  it.each([
    ["GTC", "partiallyFilled"],
    ["GTD", "partiallyFilled"],
    ["DAY", "doneForDay"],
    ["atClose", "doneForDay"],
  ] as const)("lets an order of the day before go on: %s, %s", (term, after) => {
    store.timeInForce[row] = TIME_IN_FORCE[term];
    trade(1, 10);
    tell("doneForDay");
    expect([status(), tell("newDay", { day: 1 }), status()]).toEqual(["doneForDay", "applied", after]);
  });

  it("leaves no trace on executions of a later order", () => {
    trade(1, 10);
    tell("newDay", { day: 1 });
    store.free(row);
    row = store.open(TERMS);
    tell("submit");
    expect([trade(1, 4, 90), today()]).toEqual(["applied", [4, 90, 100]]);
    tell("bust", { execId: 2, refExecId: 1 });
    expect([store.cumLots[row], store.priorLots[row]]).toEqual([0, 0]);
  });

  it("lets no other order go on", () => {
    tell("suspend");
    expect([tell("newDay", { day: 1 }), status()]).toEqual(["applied", "suspended"]);
  });

  it("finds a stop waiting as before, until it is triggered", () => {
    row = store.open({ ...TERMS, type: ORDER_TYPE.stop, stopTicks: 90 });
    tell("submit");
    tell("ack");
    expect([status(), store.isUntriggered(row)]).toEqual(["suspended", true]);
    tell("doneForDay");
    expect([tell("newDay", { day: 1 }), status()]).toEqual(["applied", "suspended"]);
    expect([tell("activate"), status(), store.isUntriggered(row)]).toEqual(["applied", "new", false]);
    tell("doneForDay");
    expect([tell("newDay", { day: 2 }), status()]).toEqual(["applied", "new"]);
  });

  it("finds a stop triggered that has filled", () => {
    row = store.open({ ...TERMS, type: ORDER_TYPE.stopLimit, stopTicks: 90 });
    tell("submit");
    tell("ack");
    expect([trade(1, 10), status(), store.isUntriggered(row)]).toEqual(["applied", "partiallyFilled", false]);
    expect((store.flags[row] as number) & ROW_FLAG.triggered).toBe(ROW_FLAG.triggered);
  });
});

describe("a split", () => {
  const split = (ratioTo: number, ratioFrom: number, newLots = 200, newTicks = 50): string =>
    tell("restated", { ratioTo, ratioFrom, newLots, newTicks, reason: 4 });

  it("scales what was filled, and what of it was filled before today", () => {
    trade(1, 10, 90);
    tell("newDay", { day: 1 });
    trade(2, 20, 80);
    tell("stop", { lastLots: 5 });
    expect([split(3, 2), store.cumLots[row], store.priorLots[row], store.lots[row]]).toEqual([
      "applied",
      45,
      15,
      200,
    ]);
    expect([store.notionalTicks[row], store.stoppedLots[row], store.reason[row]]).toEqual([2500, 7, 4]);
    expect([split(2, 3, 100), store.cumLots[row], store.stoppedLots[row]]).toEqual(["applied", 30, 4]);
  });

  it("undoes what was filled before it in the lots of now", () => {
    trade(1, 10, 90);
    split(3, 1);
    expect(tell("bust", { execId: 2, refExecId: 1 })).toBe("applied");
    expect([event.undoneLots, event.undoneTicks, event.undoneNotionalTicks]).toEqual([30, 30, 900]);
    expect([store.cumLots[row], store.notionalTicks[row]]).toEqual([0, 0]);
  });

  it.each([
    [0, 1],
    [1, 0],
    [-2, 1],
    [2, -1],
    [-2, -1],
    [1.5, 1],
    [3, 1.5],
    [NaN, 1],
    [1, NaN],
    [Infinity, 1],
    [1, Infinity],
    [1, 3],
    [2 ** 53, 1],
    [2 ** 52, 1],
  ])("of %d for %d cannot be here, and changes nothing", (to, from) => {
    trade(1, 10);
    trade(2, 20);
    expect(split(to, from)).toBe("malformed");
    expect([store.cumLots[row], store.lots[row], store.notionalTicks[row]]).toEqual([30, 100, 3000]);
  });

  it("may be by the largest numbers that stay whole", () => {
    trade(1, 1, 1);
    expect([split(2 ** 52, 1, 2 ** 53 - 1), store.cumLots[row]]).toEqual(["applied", 2 ** 52]);
    expect([split(1, 2 ** 52, 100), store.cumLots[row]]).toEqual(["applied", 1]);
  });

  it("is over with the next restatement, as a day is with the next day", () => {
    trade(1, 10);
    split(2, 1);
    expect([tell("restated", { newLots: 150, newTicks: 50 }), store.cumLots[row]]).toEqual(["applied", 20]);
    tell("newDay", { day: 2 });
    expect(tell("newDay")).toBe("duplicate");
    expect([event.set(ORDER_EVENT.newDay).day, event.set(ORDER_EVENT.restated).ratioTo]).toEqual([0, 1]);
  });

  it("passes over what does not count", () => {
    trade(1, 7);
    trade(2, 10);
    tell("bust", { execId: 3, refExecId: 1 });
    tell("bust", { execId: 4, refExecId: 9 });
    expect([split(1, 2, 50, 200), store.cumLots[row]]).toEqual(["applied", 5]);
  });
});

describe("the venue of an execution", () => {
  it("tells two of the same number apart", () => {
    expect([trade(1, 10), trade(1, 10, 100, 3), trade(1, 10, 100, 4)]).toEqual([
      "applied",
      "duplicate",
      "applied",
    ]);
    expect([trade(1, 11, 100, 4), store.cumLots[row]]).toEqual(["conflict", 20]);
    expect(tell("bust", { execId: 2, refExecId: 1, venue: 4 })).toBe("applied");
    expect(tell("bust", { execId: 2, refExecId: 1, venue: 5 })).toBe("quarantined");
    expect([trade(1, 6, 100, 5), store.cumLots[row]]).toEqual(["applied", 10]);
  });

  it.each([-2, 65_536, 0.5, NaN, Infinity, 2 ** 32])("cannot be %d", (venue) => {
    expect(trade(1, 10, 100, venue)).toBe("malformed");
    expect(tell("bust", { execId: 1, refExecId: 2, venue })).toBe("malformed");
    expect(tell("correct", { execId: 1, refExecId: 2, lastLots: 1, lastTicks: 1, venue })).toBe("malformed");
  });

  it.each([0, 65_535])("may be %d", (venue) => {
    expect([trade(1, 10, 100, venue), trade(1, 10, 100, venue)]).toEqual(["applied", "duplicate"]);
  });
});

describe("what an end took away", () => {
  it.each([
    ["unsolicitedCancel", 70],
    ["expire", 70],
    ["doneForDay", 0],
    ["suspend", 0],
  ] as const)("by %s is %d", (word, lots) => {
    trade(1, 30);
    expect(store.canceledLots(row)).toBe(0);
    tell(word);
    expect(store.canceledLots(row)).toBe(lots);
  });
});

describe("the order state machine", () => {
  it("says what belongs to the day, and what was taken away", () => {
    const order = new OrderStateMachine({ side: "buy", lots: 100, priceTicks: 100 });
    order.apply({ type: "submit" });
    order.apply({ type: "trade", execId: 1, lots: 10, priceTicks: 90 });
    order.apply({ type: "newDay", day: 1 });
    order.apply({ type: "trade", execId: 2, lots: 20, priceTicks: 80 });
    expect([order.dayLots, order.dayCumLots, order.dayAverageTicks, order.canceledLots]).toEqual([
      90, 20, 80, 0,
    ]);
    order.apply({ type: "expire" });
    expect(order.canceledLots).toBe(70);
    expect(order.apply({ type: "newDay", day: 1 })).toBe("duplicate");
  });

  it("scales what a split leaves out", () => {
    const order = new OrderStateMachine({ side: "buy", lots: 100, priceTicks: 30 });
    order.apply({ type: "submit" });
    expect(order.apply({ type: "restated", ratio: [3, 2] })).toBe("applied");
    expect([order.lots, order.priceTicks]).toEqual([150, 20]);
    expect(order.apply({ type: "restated", ratio: [2, 1], lots: 290, priceTicks: 9 })).toBe("applied");
    expect([order.lots, order.priceTicks]).toEqual([290, 9]);
  });
});
