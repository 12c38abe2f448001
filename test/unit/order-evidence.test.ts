import { beforeEach, describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  ORDER_STATUS,
  ORDER_STATUSES,
  OrderEvent,
  type OrderEventName,
  OrderStore,
  OUTCOMES,
  REQUEST_REJECT,
  ROW_FLAG,
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
const TOO_LARGE = Number.MAX_SAFE_INTEGER + 1;

const event = new OrderEvent();
let store: OrderStore;
/** The row looked at: not the first, so that slots and rows are told apart. */
let row: number;

beforeEach(() => {
  store = new OrderStore({ capacity: 4, maxPendingRequests: 3 });
  store.open(TERMS);
  row = store.open(TERMS);
  store.open(TERMS);
});

/** Lets one event happen and returns the outcome's name. */
function tell(type: OrderEventName, fields: Partial<OrderEvent> = {}): string {
  const outcome = apply(store, row, Object.assign(event.set(ORDER_EVENT[type]), fields));
  expect(checkInvariants(store, row)).toEqual([]);
  return OUTCOMES[outcome] as string;
}

function trade(execId: number, lastLots: number, lastTicks = 100): string {
  return tell("trade", { execId, lastLots, lastTicks });
}

function status(): string {
  return ORDER_STATUSES[store.status[row] as number] as string;
}

function has(flag: keyof typeof ROW_FLAG): boolean {
  return ((store.flags[row] as number) & ROW_FLAG[flag]) !== 0;
}

function live(): void {
  tell("submit");
  tell("ack");
}

describe("a report marked as a repetition", () => {
  it("leaves a mark only where it changed something, or might have", () => {
    live();
    expect(has("staleReplay")).toBe(false);
    expect([tell("trade", { execId: 1, lastLots: 0, repeated: 1 }), has("staleReplay")]).toEqual([
      "malformed",
      false,
    ]);
    trade(1, 1);
    expect(has("staleReplay")).toBe(false);
    const again = { execId: 1, lastLots: 1, lastTicks: 100, repeated: 1 };
    expect([tell("trade", again), has("staleReplay")]).toEqual(["duplicate", false]);
    expect([tell("trade", { ...again, lastLots: 2 }), has("staleReplay")]).toEqual(["conflict", false]);
    expect([tell("trade", { ...again, execId: 2 }), has("staleReplay")]).toEqual(["applied", true]);
  });

  it("leaves a mark where it could not be", () => {
    live();
    expect([tell("replaceAck", { repeated: 1 }), has("staleReplay")]).toEqual(["anomaly", true]);
  });
});

describe("a status report", () => {
  beforeEach(() => {
    live();
    trade(1, 4);
    tell("timeout");
  });

  it.each<[Partial<OrderEvent>, string, boolean]>([
    [{ statusCode: ORDER_STATUS.partiallyFilled }, "applied", false],
    [{ cumLots: 4 }, "applied", false],
    [{ cumLots: 4, leavesLots: 6, statusCode: ORDER_STATUS.partiallyFilled }, "applied", false],
    [{ statusCode: ORDER_STATUS.created }, "mismatch", true],
    [{ statusCode: ORDER_STATUS.new }, "mismatch", true],
    [{ cumLots: 0 }, "mismatch", true],
    [{ cumLots: 3 }, "mismatch", true],
    [{ cumLots: 4, leavesLots: 5 }, "mismatch", true],
    [{ cumLots: 4, leavesLots: 0 }, "mismatch", true],
    [{ cumLots: 5, leavesLots: 6 }, "mismatch", true],
    [{ leavesLots: 6 }, "applied", true],
    [{}, "applied", true],
  ])("with %j is %s; doubt stays: %s", (fields, outcome, doubt) => {
    expect([tell("status", fields), has("unknown")]).toEqual([outcome, doubt]);
    expect([store.cumLots[row], status()]).toEqual([4, "partiallyFilled"]);
  });

  it("agrees with the base too, while a request is on its way", () => {
    tell("cancelRequest", { requestId: 1 });
    expect(tell("status", { statusCode: ORDER_STATUS.pendingCancel })).toBe("applied");
    expect(tell("status", { statusCode: ORDER_STATUS.partiallyFilled })).toBe("applied");
    expect(tell("status", { statusCode: ORDER_STATUS.pendingReplace })).toBe("mismatch");
  });

  it("of an order without fills or without a status ends the doubt", () => {
    row = store.open(TERMS);
    live();
    tell("disconnect");
    expect([tell("status", { cumLots: 0 }), has("unknown")]).toEqual(["applied", false]);
    row = 0;
    tell("timeout");
    expect([tell("status", { statusCode: ORDER_STATUS.created }), has("unknown")]).toEqual([
      "applied",
      false,
    ]);
  });
});

describe("the answer to a request", () => {
  beforeEach(live);

  it("that the venue does not know the order makes it unknown while it is open", () => {
    tell("cancelRequest", { requestId: 1 });
    expect(tell("cancelReject", { reason: REQUEST_REJECT.unknownOrder })).toBe("applied");
    expect(has("unknown")).toBe(true);
    tell("cancelRequest", { requestId: 2 });
    expect(has("unknown")).toBe(true);
    tell("cancelReject", { reason: REQUEST_REJECT.tooLate });
    expect([has("unknown"), has("acknowledged")]).toEqual([false, true]);
    tell("cancelRequest", { requestId: 3 });
    trade(1, 10);
    tell("cancelReject", { reason: REQUEST_REJECT.unknownOrder });
    expect([has("unknown"), status()]).toEqual([false, "filled"]);
  });

  it("goes to the request it names, wherever that stands", () => {
    for (const requestId of [1, 2, 3])
      tell("replaceRequest", { requestId, newLots: 10 + requestId, newTicks: 7 });
    tell("cancelRequest", { requestId: 4 });
    const at = row * store.requestSlots;
    const ids = (): number[] => [...store.pendingId.subarray(at, at + (store.pendingCount[row] as number))];
    expect([ids(), status()]).toEqual([[1, 2, 3, 4], "pendingCancel"]);
    expect(store.worstLeavesLots(row)).toBe(13);
    expect([tell("replaceReject", { requestId: 2 }), ids()]).toEqual(["applied", [1, 3, 4]]);
    const unmatched = [tell("replaceReject", { requestId: 4 }), tell("replaceAck", { requestId: 9 })];
    expect([unmatched, ids()]).toEqual([
      ["duplicate", "anomaly"],
      [1, 3, 4],
    ]);
    expect([tell("cancelReject"), ids(), status()]).toEqual(["applied", [1, 3], "pendingReplace"]);
    expect([tell("replaceAck", { requestId: 3 }), store.lots[row], store.priceTicks[row]]).toEqual([
      "applied",
      13,
      7,
    ]);
    expect([tell("replaceAck", { requestId: 1 }), store.lots[row], status()]).toEqual(["applied", 13, "new"]);
    expect(store.worstLeavesLots(row)).toBe(13);
  });

  it("may say other terms than were asked for, if they can be", () => {
    tell("replaceRequest", { requestId: 1, newLots: 20, newTicks: 90 });
    for (const wrong of [
      { newLots: -1, newTicks: 91 },
      { newLots: 15.5, newTicks: 91 },
      { newLots: 15, newTicks: 0.5 },
      { newLots: TOO_LARGE, newTicks: 91 },
    ]) {
      expect(tell("replaceAck", { requestId: 1, ...wrong })).toBe("malformed");
    }
    expect([store.lots[row], store.pendingCount[row]]).toEqual([10, 1]);
    expect(tell("replaceAck", { requestId: 1, newLots: 15, newTicks: 91 })).toBe("applied");
    expect([store.lots[row], store.priceTicks[row], store.pendingCount[row]]).toEqual([15, 91, 0]);
  });

  it("disagrees where its status does", () => {
    tell("cancelRequest", { requestId: 1 });
    expect(tell("cancelReject", { statusCode: ORDER_STATUS.partiallyFilled })).toBe("mismatch");
    tell("cancelRequest", { requestId: 2 });
    expect(tell("cancelReject", { statusCode: ORDER_STATUS.created })).toBe("mismatch");
    tell("cancelRequest", { requestId: 3 });
    expect(tell("cancelReject", { statusCode: ORDER_STATUS.new })).toBe("applied");
  });
});

describe("what cannot be", () => {
  beforeEach(live);

  it.each<[OrderEventName, Partial<OrderEvent>]>([
    ["bust", { execId: 0, refExecId: 1 }],
    ["bust", { execId: 2, refExecId: 0 }],
    ["bust", { execId: 2.5, refExecId: 1 }],
    ["bust", { execId: 2, refExecId: NaN }],
    ["correct", { execId: 0, refExecId: 1, lastLots: 1, lastTicks: 1 }],
    ["correct", { execId: 2, refExecId: 0, lastLots: 1, lastTicks: 1 }],
    ["correct", { execId: 2, refExecId: 1, lastLots: 0, lastTicks: 1 }],
    ["correct", { execId: 2, refExecId: 1, lastLots: 1, lastTicks: 1.5 }],
    ["correct", { execId: 2, refExecId: 1, lastLots: TOO_LARGE, lastTicks: 1 }],
    ["trade", { execId: TOO_LARGE, lastLots: 1, lastTicks: 1 }],
    ["trade", { execId: 3, lastLots: TOO_LARGE, lastTicks: 1 }],
    ["trade", { execId: 3, lastLots: 1, lastTicks: 2 ** 31 }],
    ["cancelRequest", { requestId: 0 }],
    ["cancelRequest", { requestId: 1.5 }],
    ["cancelRequest", { requestId: NaN }],
    ["replaceRequest", { requestId: 1, newLots: 0, newTicks: 1 }],
    ["replaceRequest", { requestId: 1, newLots: 1.5, newTicks: 1 }],
    ["replaceRequest", { requestId: 1, newLots: 1, newTicks: 0.5 }],
    ["replaceRequest", { requestId: 1, newLots: 1, newTicks: -(2 ** 31) - 1 }],
    ["replaceRequest", { requestId: TOO_LARGE, newLots: 1, newTicks: 1 }],
    ["restated", { newLots: 0, newTicks: 1 }],
    ["restated", { newLots: 5, newTicks: 1.5 }],
  ])("%s %j is malformed and changes nothing", (type, fields) => {
    trade(1, 1);
    expect(tell(type, fields)).toBe("malformed");
    const { cumLots, lots, pendingCount, heldCount, lastExecId } = store;
    const columns = [cumLots, lots, pendingCount, heldCount, lastExecId];
    expect(columns.map((column) => column[row])).toEqual([1, 10, 0, 0, 1]);
  });

  it("is refused at one lot, tick or id past what can", () => {
    expect(trade(Number.MAX_SAFE_INTEGER, 1, 2 ** 31 - 1)).toBe("applied");
    expect(trade(1, 1, -(2 ** 31))).toBe("applied");
    const terms = { newLots: Number.MAX_SAFE_INTEGER, newTicks: -(2 ** 31) };
    expect(tell("replaceRequest", { requestId: Number.MAX_SAFE_INTEGER, ...terms })).toBe("applied");
    expect(tell("cancelRequest", { requestId: Number.MAX_SAFE_INTEGER })).toBe("duplicate");
  });

  it("a repeated request id is, whatever it asks for", () => {
    tell("replaceRequest", { requestId: 2, newLots: 20, newTicks: 90 });
    for (const requestId of [1, 2]) {
      expect(tell("cancelRequest", { requestId })).toBe("duplicate");
      expect(tell("replaceRequest", { requestId, newLots: 20, newTicks: 90 })).toBe("duplicate");
    }
  });
});

describe("executions at the edges", () => {
  beforeEach(live);

  it("are the same with whatever else the report says", () => {
    const same = { execId: 1, refExecId: 5, lastLots: 2, lastTicks: 100 };
    expect([tell("trade", same), tell("trade", { ...same, refExecId: 0 })]).toEqual(["applied", "duplicate"]);
    expect(tell("trade", { ...same, execId: 2, lastTicks: 101 })).toBe("applied");
    expect(tell("trade", { ...same, execId: 2, lastTicks: 102 })).toBe("conflict");
  });

  it("past the total are an overfill, not a late fill", () => {
    expect([trade(1, 10), trade(2, 1), has("overfilled"), has("lateFill")]).toEqual([
      "applied",
      "overfill",
      true,
      false,
    ]);
    tell("bust", { execId: 3, refExecId: 2 });
    expect([has("overfilled"), has("bustedAfterTerminal"), status()]).toEqual([false, true, "filled"]);
  });

  it("after the end are late", () => {
    trade(1, 1);
    tell("unsolicitedCancel");
    expect([trade(2, 1), has("lateFill"), status()]).toEqual(["lateFill", true, "canceled"]);
    expect([trade(3, 20), status()]).toEqual(["overfill", "filled"]);
  });

  it("busted while it is open leave no mark", () => {
    trade(1, 4);
    expect([tell("bust", { execId: 2, refExecId: 1 }), has("bustedAfterTerminal")]).toEqual([
      "applied",
      false,
    ]);
    expect([store.cumLots[row], status()]).toEqual([0, "new"]);
  });

  it("may cancel each other out in money, but not past 2^53 of lots", () => {
    const faultOf = (run: () => unknown): Fault => {
      try {
        run();
      } catch (error) {
        if (error instanceof Fault) return error;
      }
      throw new Error("no fault");
    };
    const half = 2 ** 52;
    expect([trade(1, half, 1), trade(2, half - 2, -1)]).toEqual(["overfill", "overfill"]);
    const fault = faultOf(() => trade(3, 2, 0));
    expect([fault.code, fault.path, fault.value, fault.expected]).toEqual([
      "FAULT_ARITHMETIC",
      "order.notionalTicks",
      "2 lots at 0 ticks more",
      "sums of lots and of lots times ticks within 2^53",
    ]);
    expect([store.cumLots[row], store.notionalTicks[row]]).toEqual([2 ** 53 - 2, 2]);
  });

  it("with one held are summed as if all came to count", () => {
    tell("bust", { execId: 1, refExecId: 9 });
    trade(2, 2 ** 52, 1);
    expect(() => trade(3, 2 ** 52, -1)).toThrow("2^53");
    expect(() => trade(3, 2 ** 51, -3)).toThrow("2^53");
    expect(trade(3, 2 ** 51, -1)).toBe("overfill");
  });
});

describe("words that end a filled order", () => {
  beforeEach(live);

  it("are remembered once, and the first of them counts", () => {
    trade(1, 10);
    expect([tell("cancelAck"), tell("cancelAck"), tell("expire")]).toEqual([
      "anomaly",
      "duplicate",
      "anomaly",
    ]);
    expect(status()).toBe("filled");
    tell("bust", { execId: 2, refExecId: 1 });
    expect(status()).toBe("canceled");
  });

  it("such as a rejection leave doubt", () => {
    trade(1, 4);
    expect([tell("reject"), has("unknown"), status()]).toEqual(["anomaly", true, "partiallyFilled"]);
    tell("unsolicitedCancel");
    expect(has("unknown")).toBe(true);
    const agreed = { statusCode: ORDER_STATUS.canceled, cumLots: 4 };
    expect([tell("status", agreed), has("unknown"), has("reconcile")]).toEqual(["applied", false, false]);
    expect([tell("reject"), has("unknown"), has("reconcile")]).toEqual(["anomaly", true, true]);
  });
});

describe("a stop", () => {
  beforeEach(live);

  it("guarantees what it says, and no more than it says", () => {
    expect([tell("stop", { lastLots: 4 }), store.stoppedLots[row], status()]).toEqual([
      "applied",
      4,
      "stopped",
    ]);
    expect([tell("stop"), store.stoppedLots[row]]).toEqual(["duplicate", 4]);
    tell("unsolicitedCancel");
    expect([tell("stop", { lastLots: 7 }), store.stoppedLots[row]]).toEqual(["anomaly", 4]);
  });
});

describe("requests", () => {
  it("of a filled order may only make it larger", () => {
    live();
    trade(1, 10);
    const replace = (requestId: number, newLots: number): string =>
      tell("replaceRequest", { requestId, newLots, newTicks: 1 });
    expect([tell("cancelRequest", { requestId: 1 }), replace(2, 10), replace(3, 11)]).toEqual([
      "notOpen",
      "notOpen",
      "applied",
    ]);
    expect([tell("cancelRequest", { requestId: 4 }), tell("cancelRequest", { requestId: 5 })]).toEqual([
      "applied",
      "requestPending",
    ]);
    tell("unsolicitedCancel");
    expect(replace(6, 20)).toBe("notOpen");
  });

  it("of an order that never was sent, or has ended, are refused", () => {
    expect(tell("cancelRequest", { requestId: 1 })).toBe("notOpen");
    expect(tell("replaceRequest", { requestId: 1, newLots: 20, newTicks: 1 })).toBe("notOpen");
    live();
    tell("doneForDay");
    expect(tell("cancelRequest", { requestId: 1 })).toBe("applied");
    expect(tell("replaceRequest", { requestId: 2, newLots: 20, newTicks: 1 })).toBe("applied");
    tell("expire");
    expect(tell("cancelRequest", { requestId: 3 })).toBe("notOpen");
    expect(tell("replaceRequest", { requestId: 3, newLots: 20, newTicks: 1 })).toBe("notOpen");
  });

  it("are as many replaces as there is room for, and one cancel", () => {
    live();
    const replace = (requestId: number): string =>
      tell("replaceRequest", { requestId, newLots: 10 + requestId, newTicks: 1 });
    expect([1, 2, 3, 4].map(replace)).toEqual(["applied", "applied", "applied", "requestsFull"]);
    expect(tell("cancelRequest", { requestId: 5 })).toBe("applied");
    expect(replace(6)).toBe("requestsFull");
    tell("replaceReject", { requestId: 1 });
    expect([replace(7), replace(8), tell("cancelRequest", { requestId: 9 })]).toEqual([
      "applied",
      "requestsFull",
      "requestPending",
    ]);
    expect([status(), store.worstLeavesLots(row)]).toEqual(["pendingCancel", 17]);
  });
});

describe("a rejection of an order that filled", () => {
  it("is told twice, and an anomaly where the order was accepted before", () => {
    expect([tell("submit"), tell("reject"), trade(1, 10)]).toEqual(["applied", "applied", "criticalFill"]);
    expect([tell("reject"), store.cumLots[row]]).toEqual(["duplicate", 10]);
    row = store.open(TERMS);
    expect([tell("submit"), tell("ack"), trade(2, 10)]).toEqual(["applied", "applied", "applied"]);
    expect(tell("reject")).toBe("anomaly");
  });
});
