import { describe, expect, it } from "vitest";
import { crc32c, Fault } from "../../src/base/index.ts";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  OrderEvent,
  OrderStore,
  type OrderTerms,
  restoreOrders,
  snapshotOrders,
} from "../../src/order/index.ts";

const TERMS: Required<OrderTerms> = {
  instrument: 3,
  strategy: 2,
  side: -1,
  type: 3,
  timeInForce: 4,
  flags: 513,
  priceTicks: -100,
  lots: 10,
  expireNs: 1e9,
  createdNs: 7.5,
  venue: 9,
  stopTicks: -90,
  trigger: 2,
  guardTicks: 4,
  displayLots: 5,
  minLots: 2,
};

/** Where things stand in the bytes: the header, then one order with a cancel pending and two executions. */
const AT = {
  magic: 0,
  version: 4,
  capacity: 8,
  requestSlots: 12,
  maxExecutions: 16,
  nextId: 20,
  count: 28,
  untouched: 32,
  row: 36,
  id: 40,
  phase: 48,
  side: 51,
  instrument: 52,
  strategy: 56,
  lots: 97,
} as const;

function sample(): OrderStore {
  const store = new OrderStore({ capacity: 4, maxExecutions: 16 });
  const event = new OrderEvent();
  const row = store.open(TERMS);
  apply(store, row, event.set(ORDER_EVENT.submit));
  const tell = (type: keyof typeof ORDER_EVENT, fields: object) =>
    apply(store, row, Object.assign(event.set(ORDER_EVENT[type]), fields));
  tell("ack", { sequence: 1 });
  tell("trade", { execId: 5, lastLots: 3, lastTicks: -101, venue: 2, sequence: 2 });
  tell("correct", { execId: 6, refExecId: 5, lastLots: 2, lastTicks: -101, venue: 2 });
  tell("cancelRequest", { requestId: 11 });
  return store;
}

function sealed(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, bytes.length - 4);
  new DataView(bytes.buffer).setUint32(body.length, crc32c(body), true);
  return bytes;
}

function faultOf(bytes: Uint8Array): string {
  try {
    restoreOrders(bytes);
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.path}`;
    throw error;
  }
  return "none";
}

function changed(at: number, write: (view: DataView, at: number) => void): string {
  const bytes = snapshotOrders(sample());
  write(new DataView(bytes.buffer), at);
  return faultOf(sealed(bytes));
}

const u32 = (value: number) => (view: DataView, at: number) => view.setUint32(at, value, true);
const f64 = (value: number) => (view: DataView, at: number) => view.setFloat64(at, value, true);
const u8 = (value: number) => (view: DataView, at: number) => view.setUint8(at, value);

describe("a snapshot of orders", () => {
  it("keeps every column, request and execution", () => {
    const store = sample();
    const again = restoreOrders(snapshotOrders(store));
    const row = 0;
    for (const name of Object.keys(TERMS) as (keyof OrderTerms)[]) {
      expect([name, again[name][row]]).toEqual([name, name === "flags" ? store.flags[row] : TERMS[name]]);
    }
    for (const [name, column] of Object.entries(store)) {
      if (!ArrayBuffer.isView(column)) continue;
      const rows = (column as Float64Array).length === store.capacity ? 1 : store.requestSlots;
      const now = Reflect.get(again, name) as Float64Array;
      if (name === "firstExecution") continue;
      expect([name, now.subarray(0, rows)]).toEqual([name, (column as Float64Array).subarray(0, rows)]);
    }
    expect([again.requestSlots, again.capacity, again.executions.limit, again.nextId, again.nextRow]).toEqual(
      [3, 4, 16, 2, 1],
    );
    expect([again.cumLots[row], again.notionalTicks[row], again.lastExecId[row]]).toEqual([2, -202, 6]);
    expect([again.firstOfStrategy(2), again.firstOfInstrument(3), again.firstOfVenue(9)]).toEqual([0, 0, 0]);
    expect(checkInvariants(again, row)).toEqual([]);
  });

  it("of an empty, a full and a used store restores", () => {
    const event = new OrderEvent();
    const store = new OrderStore({ capacity: 3, maxPendingRequests: 1 });
    for (const step of ["empty", "one", "full", "freed", "again"]) {
      if (step === "one") store.open(TERMS);
      if (step === "full") store.open(TERMS);
      if (step === "full") store.open({ ...TERMS, lots: 3 });
      if (step === "freed") store.free(0);
      if (step === "freed") store.free(2);
      if (step === "again") apply(store, store.open(TERMS), event.set(ORDER_EVENT.submit));
      const again = restoreOrders(snapshotOrders(store));
      expect([step, again.size, again.nextRow, again.nextId]).toEqual([
        step,
        store.size,
        store.nextRow,
        store.nextId,
      ]);
      expect([...again.freeRows()]).toEqual([...store.freeRows()]);
      expect(snapshotOrders(again)).toEqual(snapshotOrders(store));
    }
  });

  it("is a copy", () => {
    const store = sample();
    const bytes = snapshotOrders(store);
    const copy = bytes.slice();
    store.free(0);
    expect(bytes).toEqual(copy);
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  });

  it("reads bytes in the midst of a larger buffer", () => {
    const bytes = snapshotOrders(sample());
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    expect(restoreOrders(larger.subarray(7, 7 + bytes.length)).size).toBe(1);
  });

  it("is refused when cut, lengthened or turned, naming what is wrong", () => {
    const bytes = snapshotOrders(sample());
    expect(faultOf(new Uint8Array(0))).toBe("FAULT_INPUT orderSnapshot.length");
    expect(faultOf(new Uint8Array(3))).toBe("FAULT_INPUT orderSnapshot.length");
    expect(faultOf(new Uint8Array(4))).toBe("FAULT_INPUT orderSnapshot.length");
    for (let length = 4; length < bytes.length; length++) {
      const cut = faultOf(bytes.slice(0, length));
      expect([length, cut.startsWith("FAULT_INPUT orderSnapshot.")]).toEqual([length, true]);
      expect([length, faultOf(sealed(bytes.slice(0, length))) === "none"]).toEqual([length, false]);
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect([faultOf(longer), faultOf(sealed(longer))]).toEqual([
      "FAULT_INPUT orderSnapshot.checksum",
      "FAULT_INPUT orderSnapshot.length",
    ]);
    bytes[AT.lots] = 1;
    expect(faultOf(bytes)).toBe("FAULT_INPUT orderSnapshot.checksum");
  });

  it.each([
    ["magic", AT.magic, u32(1), "FAULT_INPUT orderSnapshot.magic"],
    ["version", AT.version, u32(2), "FAULT_INPUT orderSnapshot.version"],
    ["capacity 0", AT.capacity, u32(0), "FAULT_CONFIG orderStore.capacity"],
    ["no slots", AT.requestSlots, u32(1), "FAULT_CONFIG orderStore.maxPendingRequests"],
    ["no executions", AT.maxExecutions, u32(0), "FAULT_CONFIG orderStore.maxExecutions"],
    ["too few executions", AT.maxExecutions, u32(1), "FAULT_CAPACITY orderStore.maxExecutions"],
    ["more orders than rows", AT.count, u32(5), "FAULT_INPUT orderSnapshot.orders"],
    ["more free rows than there are", AT.untouched, u32(4), "FAULT_INPUT orderSnapshot.freeRows"],
    ["a free row that is held", AT.untouched, u32(2), "FAULT_INPUT orderSnapshot.row"],
    ["a row that is free", AT.row, u32(1), "FAULT_INPUT orderSnapshot.row"],
    ["a row past the last", AT.row, u32(4), "FAULT_INPUT orderSnapshot.row"],
    ["an id not given yet", AT.id, f64(2), "FAULT_INPUT orderSnapshot.id"],
    ["an id of 0", AT.id, f64(0), "FAULT_INPUT orderSnapshot.id"],
    ["half an id", AT.id, f64(0.5), "FAULT_INPUT orderSnapshot.id"],
    ["a phase that is a quantity", AT.phase, u8(3), "FAULT_INPUT orderSnapshot.phase"],
    ["a filled phase", AT.phase, u8(4), "FAULT_INPUT orderSnapshot.phase"],
    ["a phase that is a request", AT.phase, u8(12), "FAULT_INPUT orderSnapshot.phase"],
    ["the last phase", AT.phase, u8(11), "none"],
    ["no side", AT.side, u8(0), "FAULT_INPUT orderSnapshot.side"],
    ["a strategy below 0", AT.strategy, u32(0xffffffff), "FAULT_INPUT order.strategy"],
    ["an instrument past the last", AT.instrument, u32(65_536), "FAULT_INPUT order.instrument"],
    ["lots of 0", AT.lots, f64(0), "FAULT_INPUT orderSnapshot.lots"],
    ["half a lot", AT.lots, f64(1.5), "FAULT_INPUT orderSnapshot.lots"],
  ] as const)("sealed again with %s is refused by name", (_name, at, write, expected) => {
    expect(changed(at, write)).toBe(expected);
  });

  it("sealed again with wrong requests or executions is refused by name", () => {
    const length = snapshotOrders(sample()).length;
    // From the end: checksum, two executions of 44 bytes each, their number, one request of 21 bytes.
    const second = length - 4 - 44;
    const first = second - 44;
    const request = first - 4 - 21;
    expect(changed(request - 1, u8(4))).toBe("FAULT_INPUT orderSnapshot.pendingCount");
    expect(changed(request, u8(0))).toBe("FAULT_INPUT orderSnapshot.pendingKind");
    expect(changed(request, u8(2))).toBe("none");
    expect(changed(request, u8(3))).toBe("FAULT_INPUT orderSnapshot.pendingKind");
    const kind = 8 + 8 + 2 + 8 + 4;
    expect(changed(first + kind, u8(0))).toBe("FAULT_INPUT orderSnapshot.kind");
    expect(changed(first + kind, u8(7))).toBe("FAULT_INPUT orderSnapshot.kind");
    expect(changed(first + kind, u8(1))).toBe("FAULT_INPUT orderSnapshot.successor");
    expect(changed(second + kind, u8(2))).toBe("FAULT_INPUT orderSnapshot.successor");
    expect(changed(second + kind, u8(6))).toBe("none");
    const successor = kind + 1 + 1 + 8;
    expect(changed(first + successor, u32(3))).toBe("FAULT_INPUT orderSnapshot.successor");
    expect(changed(first + successor, u32(0))).toBe("FAULT_INPUT orderSnapshot.successor");
    const lots = 8 + 8 + 2;
    expect(changed(second + lots, f64(0))).toBe("FAULT_INPUT orderSnapshot.executions");
    expect(changed(second + lots, f64(0.5))).toBe("FAULT_INPUT orderSnapshot.executions");
    expect(changed(second + lots, f64(2 ** 52))).toBe("FAULT_INPUT orderSnapshot.executions");
    expect(changed(first - 4, u32(1))).toBe("FAULT_INPUT orderSnapshot.successor");
  });

  it("refuses rows that are free twice or no rows", () => {
    const store = new OrderStore({ capacity: 3 });
    store.open(TERMS);
    store.open(TERMS);
    store.free(0);
    for (const [row, expected] of [
      [0, "none"],
      [2, "FAULT_INPUT orderSnapshot.freeRows"],
      [3, "FAULT_INPUT orderSnapshot.freeRows"],
    ] as const) {
      const bytes = snapshotOrders(store);
      u32(row)(new DataView(bytes.buffer), AT.untouched + 4);
      expect([row, faultOf(sealed(bytes))]).toEqual([row, expected]);
    }
  });

  it("refuses two cancels, and replaces in the slot that is the cancel's", () => {
    const kinds = (list: readonly string[], change: (view: DataView, at: number) => void) => {
      const store = new OrderStore({ capacity: 1, maxPendingRequests: 1 });
      const event = new OrderEvent();
      const row = store.open(TERMS);
      apply(store, row, event.set(ORDER_EVENT.submit));
      for (const [i, type] of list.entries()) {
        event.set(type === "cancel" ? ORDER_EVENT.cancelRequest : ORDER_EVENT.replaceRequest);
        apply(store, row, Object.assign(event, { requestId: i + 1, newLots: 9 }));
      }
      const bytes = snapshotOrders(store);
      change(new DataView(bytes.buffer), bytes.length - 8 - 21);
      return faultOf(sealed(bytes));
    };
    expect(kinds(["replace", "cancel"], () => {})).toBe("none");
    expect(kinds(["replace", "cancel"], u8(2))).toBe("FAULT_INPUT orderSnapshot.pendingCount");
    expect(kinds(["cancel", "replace"], u8(1))).toBe("FAULT_INPUT orderSnapshot.pendingCount");
  });
});
