import { beforeEach, describe, expect, it } from "vitest";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  ORDER_EVENTS,
  ORDER_STATUS,
  ORDER_STATUSES,
  ORDER_TYPE_TERMS,
  OrderEvent,
  type OrderEventName,
  OrderStore,
  OUTCOMES,
  RECONCILE_BY_CODE,
  REPORTED_BY_CODE,
  ROW_FLAG,
  restoreOrders,
  snapshotOrders,
} from "../../src/order/index.ts";

const TERMS = {
  instrument: 0,
  strategy: 0,
  side: 1,
  type: 0,
  timeInForce: 0,
  flags: 0,
  priceTicks: 100,
  lots: 10,
  expireNs: Infinity,
  createdNs: 0,
};

const event = new OrderEvent();
let store: OrderStore;
let row: number;

beforeEach(() => {
  store = new OrderStore({ capacity: 2 });
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

function status(): string {
  return ORDER_STATUSES[store.status[row] as number] as string;
}

function has(flag: keyof typeof ROW_FLAG): boolean {
  return ((store.flags[row] as number) & ROW_FLAG[flag]) !== 0;
}

describe("a report that is older than another", () => {
  it("says nothing about the status, when it answers a request", () => {
    tell("cancelRequest", { requestId: 1 });
    tell("trade", { execId: 1, lastLots: 1, lastTicks: 1, sequence: 5 });
    const answer = { requestId: 1, statusCode: ORDER_STATUS.suspended, sequence: 4 };
    expect([tell("cancelReject", answer), has("reconcile"), status()]).toEqual([
      "applied",
      false,
      "partiallyFilled",
    ]);
  });

  it("brings no terms, whichever request it answers", () => {
    tell("replaceRequest", { requestId: 1, newLots: 20, newTicks: 90 });
    tell("restated", { newLots: 15, newTicks: 95, sequence: 9 });
    expect(tell("replaceAck", { requestId: 1, sequence: 8 })).toBe("outdated");
    expect([store.lots[row], store.priceTicks[row], store.pendingCount[row], status()]).toEqual([
      15,
      95,
      0,
      "new",
    ]);
  });

  it("answers its request all the same", () => {
    tell("cancelRequest", { requestId: 1 });
    tell("suspend", { sequence: 9 });
    expect(status()).toBe("pendingCancel");
    expect([tell("cancelAck", { requestId: 1, sequence: 8 }), status()]).toEqual(["outdated", "suspended"]);
  });

  it("stays older when one without a sequence came between", () => {
    tell("suspend", { sequence: 9 });
    tell("activate");
    expect([tell("expire", { sequence: 8 }), status()]).toEqual(["outdated", "new"]);
    tell("restated", { newLots: 15, newTicks: 95, sequence: 12 });
    tell("restated", { newLots: 16, newTicks: 96 });
    expect([tell("restated", { newLots: 17, newTicks: 97, sequence: 11 }), store.lots[row]]).toEqual([
      "outdated",
      16,
    ]);
  });
});

describe("doubt", () => {
  it("ends with the answer to a replace", () => {
    tell("replaceRequest", { requestId: 1, newLots: 20, newTicks: 90 });
    tell("timeout");
    expect([has("unknown"), tell("replaceAck", { requestId: 1 }), has("unknown")]).toEqual([
      true,
      "applied",
      false,
    ]);
  });
});

describe("a mark for a repetition that changed something", () => {
  it("is not set by what was told once", () => {
    tell("trade", { execId: 1, lastLots: 11, lastTicks: 1 });
    tell("replaceAck", { requestId: 7 });
    expect([has("overfilled"), has("reconcile"), has("staleReplay")]).toEqual([true, true, false]);
  });
});

describe("sums at the edge of what is exact", () => {
  it("may cancel each other out", () => {
    const trade = (execId: number, lastLots: number, lastTicks: number): string =>
      tell("trade", { execId, lastLots, lastTicks });
    expect([trade(1, 2 ** 51, 3), trade(2, 2 ** 51, -3)]).toEqual(["overfill", "overfill"]);
    expect([store.cumLots[row], store.notionalTicks[row]]).toEqual([2 ** 52, 0]);
  });

  it("count what is held, though it has no price", () => {
    tell("bust", { execId: 1, refExecId: 9 });
    tell("trade", { execId: 2, lastLots: 2 ** 52, lastTicks: 0 });
    expect(() => tell("trade", { execId: 3, lastLots: 2 ** 52, lastTicks: 0 })).toThrow("2^53");
    expect(store.cumLots[row]).toBe(2 ** 52);
  });

  it("are not split by nothing, filled or not", () => {
    const split = { ratioTo: 1, ratioFrom: 0, newLots: 20, newTicks: 50 };
    expect([tell("restated", split), store.lots[row], store.stoppedLots[row]]).toEqual(["malformed", 10, 0]);
  });
});

describe("a snapshot that ends too early", () => {
  it("says how much is missing", () => {
    expect(() => restoreOrders(new Uint8Array(1))).toThrow(
      "FAULT_INPUT orderSnapshot.length: found 1, expected at least 3 bytes more",
    );
  });

  it("or not, lists its orders by venue as well", () => {
    const before = new OrderStore({ capacity: 1 });
    before.open({ ...TERMS, strategy: 20, instrument: 40, venue: 80 });
    const again = restoreOrders(snapshotOrders(before));
    expect([again.firstOfStrategy(20), again.firstOfInstrument(40), again.firstOfVenue(80)]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe("tables by code", () => {
  it("tell our own events from a venue's, and what asks for a comparison", () => {
    const own = ORDER_EVENTS.filter((_, code) => REPORTED_BY_CODE[code] === 0);
    expect(own).toEqual(["submit", "cancelRequest", "replaceRequest", "timeout", "disconnect", "newDay"]);
    const asks = OUTCOMES.filter((_, code) => RECONCILE_BY_CODE[code] === 1);
    const mild = ["applied", "duplicate", "notOpen", "requestPending", "requestsFull", "outdated"];
    expect(OUTCOMES.filter((name) => !asks.includes(name))).toEqual(mild);
  });

  it("say which times in force go with a type", () => {
    const days = ["GTC", "DAY", "GTD"];
    expect([ORDER_TYPE_TERMS.stop, ORDER_TYPE_TERMS.stopLimit]).toEqual([days, days]);
  });
});
