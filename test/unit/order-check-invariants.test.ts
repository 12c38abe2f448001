import { describe, expect, it } from "vitest";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  ORDER_STATUS,
  OrderEvent,
  OrderStore,
  REQUEST,
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
  venue: 7,
};

/** Three open orders; the one in the middle, which is looked at, filled 1 lot the day before and 3 lots today. */
function orders(): { store: OrderStore; row: number; event: OrderEvent } {
  const store = new OrderStore({ capacity: 4 });
  const event = new OrderEvent();
  // The lists of venues are there from the first question on.
  store.firstOfVenue(7);
  const [, row] = [store.open(TERMS), store.open(TERMS), store.open(TERMS)] as const;
  apply(store, row, event.set(ORDER_EVENT.submit));
  apply(store, row, event.set(ORDER_EVENT.ack));
  apply(store, row, Object.assign(event.set(ORDER_EVENT.trade), { execId: 1, lastLots: 1, lastTicks: 100 }));
  apply(store, row, Object.assign(event.set(ORDER_EVENT.newDay), { day: 1 }));
  apply(store, row, Object.assign(event.set(ORDER_EVENT.trade), { execId: 2, lastLots: 3, lastTicks: 100 }));
  return { store, row, event };
}

function pend(store: OrderStore, row: number, ...kinds: readonly number[]): void {
  store.pendingCount[row] = kinds.length;
  store.pendingKind.set(kinds, row * store.requestSlots);
}

describe("checkInvariants", () => {
  it("finds nothing wrong with an order that is right, nor with a row that holds none", () => {
    const { store, row } = orders();
    expect(checkInvariants(store, row)).toEqual([]);
    store.free(row);
    store.cumLots[row] = 99;
    expect(checkInvariants(store, row)).toEqual([]);
    expect(checkInvariants(store, 99)).toEqual([]);
  });

  it.each<[string, (store: OrderStore, row: number) => void, readonly string[]]>([
    [
      "a quantity",
      (s, row) => (s.cumLots[row] = 3),
      ["Q1, Q2: leavesLots is 7, expected 6", "Q3: cumLots is 3, expected 4", "Q8: dayLots is 9, expected 8"],
    ],
    ["a notional", (s, row) => (s.notionalTicks[row] = 399), ["Q4: notionalTicks is 399, expected 400"]],
    ["a count of held ones", (s, row) => (s.heldCount[row] = 1), ["Q3: heldCount is 1, expected 0"]],
    [
      "an earlier day",
      (s, row) => (s.priorNotionalTicks[row] = 101),
      ["Q8: priorNotionalTicks is 101, expected 100"],
    ],
    [
      "an execution id",
      (s, row) => (s.executions.execId[s.firstExecution[row]!] = 1),
      ["Q3: execution 7:1 twice"],
    ],
    [
      "a successor",
      (s, row) => (s.executions.successor[s.firstExecution[row]!] = 0),
      ["Q3: execution 7:2 and its successor"],
    ],
    [
      "an overfill flag",
      (s, row) => (s.flags[row]! |= ROW_FLAG.overfilled),
      ["Q6: overfilled is true, expected false"],
    ],
    [
      "a base",
      (s, row) => (s.base[row] = ORDER_STATUS.new),
      ["base new, expected partiallyFilled", "status partiallyFilled, expected new"],
    ],
    ["a status", (s, row) => (s.status[row] = ORDER_STATUS.new), ["status new, expected partiallyFilled"]],
    [
      "its lists",
      (s, row) => s.unlink(row),
      ["strategy", "instrument", "venue"].map((name) => `open true, in the list of its ${name} false`),
    ],
    [
      "an id",
      (s, row) => (s.id[row] = 4),
      ["strategy", "instrument", "venue"].map(
        (name) => `the list of its ${name} is not in the order of ids: 1 4 3`,
      ),
    ],
    [
      "an id given twice",
      (s, row) => (s.id[row] = 3),
      ["strategy", "instrument", "venue"].map(
        (name) => `the list of its ${name} is not in the order of ids: 1 3 3`,
      ),
    ],
  ])("sees %s that is wrong", (_, harm, broken) => {
    const { store, row } = orders();
    harm(store, row);
    expect(checkInvariants(store, row)).toEqual(broken);
  });

  it.each<[string, (store: OrderStore, row: number) => void, string]>([
    [
      "a kind",
      (s, row) => (s.executions.kind[s.firstExecution[row]!] = 2),
      "Q3: execution 7:2 and its successor",
    ],
    ["a total", (s, row) => (s.lots[row] = 4), "Q2: open is true, expected false"],
    ["a lower total", (s, row) => (s.lots[row] = 3), "Q6: overfilled is false, expected true"],
    ["what came before today", (s, row) => (s.priorLots[row] = 2), "Q8: priorLots is 2, expected 1"],
    ["the worst", (s) => (s.worstLeavesLots = () => 5), "Q11: worstLeavesLots is 5, expected 6"],
    ["today's total", (s) => (s.dayLots = () => 8), "Q8: dayLots is 8, expected 9"],
  ])("sees %s that is wrong, too", (_, harm, broken) => {
    const { store, row } = orders();
    harm(store, row);
    expect(checkInvariants(store, row)).toContain(broken);
  });

  it("sees requests that do not fit", () => {
    const { store, row } = orders();
    pend(store, row, REQUEST.cancel);
    expect(checkInvariants(store, row)).toEqual(["status partiallyFilled, expected pendingCancel"]);
    pend(store, row, REQUEST.replace, REQUEST.cancel, REQUEST.replace);
    expect(checkInvariants(store, row)).toEqual(["status partiallyFilled, expected pendingCancel"]);
    store.status[row] = ORDER_STATUS.pendingReplace;
    pend(store, row, REQUEST.replace, REQUEST.replace);
    expect(checkInvariants(store, row)).toEqual([]);
    pend(store, row, REQUEST.replace, REQUEST.replace, REQUEST.replace);
    expect(checkInvariants(store, row)).toEqual(["pending: 13 13 13"]);
    store.status[row] = ORDER_STATUS.pendingCancel;
    pend(store, row, REQUEST.cancel, REQUEST.cancel);
    expect(checkInvariants(store, row)).toEqual(["pending: 12 12"]);
  });

  it("sees executions that were counted although they wait, or were not", () => {
    const { store, row, event } = orders();
    apply(store, row, Object.assign(event.set(ORDER_EVENT.bust), { execId: 3, refExecId: 9 }));
    apply(
      store,
      row,
      Object.assign(event.set(ORDER_EVENT.correct), { execId: 4, refExecId: 8, lastLots: 2, lastTicks: 1 }),
    );
    expect([store.heldCount[row], checkInvariants(store, row)]).toEqual([2, []]);
    store.heldCount[row] = 0;
    expect(checkInvariants(store, row)).toEqual(["Q3: heldCount is 0, expected 2"]);
  });

  it("sees a closed order that is in a list, or has something left", () => {
    const { store, row, event } = orders();
    apply(store, row, event.set(ORDER_EVENT.unsolicitedCancel));
    expect(checkInvariants(store, row)).toEqual([]);
    store.leavesLots = () => 1;
    store.link(row);
    expect(checkInvariants(store, row)).toEqual([
      "Q1, Q2: leavesLots is 1, expected 0",
      "Q11: worstLeavesLots is 0, expected 1",
      ...["strategy", "instrument", "venue"].map((name) => `open false, in the list of its ${name} true`),
    ]);
  });

  it("sees a rejected order that lost its state for what was filled", () => {
    const { store, row, event } = orders();
    const first = 0;
    apply(store, first, event.set(ORDER_EVENT.reject));
    apply(
      store,
      first,
      Object.assign(event.set(ORDER_EVENT.trade), { execId: 1, lastLots: 10, lastTicks: 1 }),
    );
    expect(checkInvariants(store, first)).toEqual([]);
    store.base[first] = ORDER_STATUS.filled;
    expect(checkInvariants(store, first)).toContain("base filled, expected rejected");
    apply(
      store,
      row,
      Object.assign(event.set(ORDER_EVENT.trade), { execId: 5, lastLots: 6, lastTicks: 100 }),
    );
    expect([store.base[row], checkInvariants(store, row)]).toEqual([ORDER_STATUS.filled, []]);
  });
});
