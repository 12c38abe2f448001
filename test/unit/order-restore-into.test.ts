import { describe, expect, it } from "vitest";
import {
  apply,
  ORDER_EVENT,
  OrderEvent,
  OrderStore,
  type OrderStoreOptions,
  type OrderTerms,
  restoreOrders,
  snapshotOrders,
} from "../../src/order/index.ts";

const SIZES: Required<OrderStoreOptions> = { capacity: 6, maxPendingRequests: 2, maxExecutions: 64 };
const terms = (strategy: number, instrument: number): OrderTerms => ({
  ...{ instrument, strategy, side: 1, type: 0, timeInForce: 0, flags: 0, priceTicks: 1_000, lots: 5 },
  ...{ expireNs: Number.POSITIVE_INFINITY, createdNs: 3 },
});

/** Orders with a request, executions, a freed row and one that a bust brought back to life. */
function sample(): OrderStore {
  const store = new OrderStore(SIZES);
  const event = new OrderEvent();
  const tell = (row: number, type: keyof typeof ORDER_EVENT, fields: object = {}) =>
    apply(store, row, Object.assign(event.set(ORDER_EVENT[type]), fields));
  for (const strategy of [0, 70, 0, 0]) {
    const row = store.open(terms(strategy, strategy + 20));
    tell(row, "submit");
    tell(row, "ack");
  }
  tell(0, "trade", { execId: 1, lastLots: 5, lastTicks: 1_000 });
  tell(2, "cancelRequest", { requestId: 8 });
  store.free(3);
  tell(0, "bust", { execId: 2, refExecId: 1 });
  return store;
}

const list = (first: number, next: (row: number) => number): number[] => {
  const rows: number[] = [];
  for (let row = first; row >= 0 && rows.length < 9; row = next(row)) rows.push(row);
  return rows;
};

describe("orders restored into a store that is there", () => {
  it("are those of the snapshot, in its lists and rows, and the store is the one given", () => {
    const store = sample();
    const bytes = snapshotOrders(store);
    const into = new OrderStore(SIZES);
    expect(into.firstOfVenue(0)).toBe(-1); // the lists by venue are kept from here on
    expect(restoreOrders(bytes, into)).toBe(into);
    expect(snapshotOrders(into)).toEqual(bytes);
    for (const key of [0, 20, 70, 90]) {
      expect(list(into.firstOfStrategy(key), (row) => into.nextOfStrategy(row))).toEqual(
        list(store.firstOfStrategy(key), (row) => store.nextOfStrategy(row)),
      );
      expect(list(into.firstOfInstrument(key), (row) => into.nextOfInstrument(row))).toEqual(
        list(store.firstOfInstrument(key), (row) => store.nextOfInstrument(row)),
      );
    }
    expect(list(into.firstOfStrategy(0), (row) => into.nextOfStrategy(row))).toEqual([0, 2]);
    expect(into.open(terms(0, 0))).toBe(store.open(terms(0, 0)));
    expect(into.nextId).toBe(store.nextId);
  });

  it("are in its list by venue, where it keeps one", () => {
    const into = new OrderStore(SIZES);
    into.firstOfVenue(0);
    restoreOrders(snapshotOrders(sample()), into);
    const store = sample();
    expect(list(into.firstOfVenue(0), (row) => into.nextOfVenue(row))).toEqual(
      list(store.firstOfVenue(0), (row) => store.nextOfVenue(row)),
    );
  });

  const others: readonly [string, string, OrderStoreOptions][] = [
    ["capacity", "capacity", { ...SIZES, capacity: 7 }],
    ["unanswered requests", "requestSlots", { ...SIZES, maxPendingRequests: 3 }],
    ["executions", "maxExecutions", { ...SIZES, maxExecutions: 63 }],
  ];

  it.each(others)("must be of one size in %s", (_name, part, sizes) => {
    const into = new OrderStore(sizes);
    expect(() => restoreOrders(snapshotOrders(sample()), into)).toThrow(`FAULT_INPUT orderSnapshot.${part}`);
    expect([into.size, into.nextId]).toEqual([0, 1]);
  });

  it("must not come into a store that ever held an order", () => {
    const bytes = snapshotOrders(sample());
    const used = new OrderStore(SIZES);
    used.open(terms(0, 0));
    expect(() => restoreOrders(bytes, used)).toThrow("FAULT_INPUT orderSnapshot.into");
    used.free(0);
    expect(() => restoreOrders(bytes, used)).toThrow("FAULT_INPUT orderSnapshot.into");
    const restored = restoreOrders(bytes);
    expect(() => restoreOrders(bytes, restored)).toThrow("FAULT_INPUT orderSnapshot.into");
    expect(snapshotOrders(restored)).toEqual(bytes);
  });

  it("that are damaged leave the store as it was", () => {
    const bytes = snapshotOrders(sample());
    const into = new OrderStore(SIZES);
    for (let at = 0; at < bytes.length; at++) {
      const broken = bytes.slice();
      broken[at] = (broken[at] as number) ^ 4;
      expect(() => restoreOrders(broken, into)).toThrow("FAULT_INPUT orderSnapshot.checksum");
    }
    restoreOrders(bytes, into);
    expect(snapshotOrders(into)).toEqual(bytes);
  });
});
