import { describe, expect, it, vi } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { OrderStore, restoreOrders, snapshotOrders } from "../../src/order/index.ts";
import { heldOrder } from "../../src/run/venue-desk.ts";

const TERMS = {
  ...{ instrument: 0, strategy: 0, side: 1, type: 0, timeInForce: 0, flags: 0 },
  ...{ priceTicks: 1000, lots: 5, expireNs: Number.POSITIVE_INFINITY, createdNs: 0 },
} as const;

/** Every id that was ever given, and some that were not, has the row that a search of the column finds. */
function expectAll(store: OrderStore): void {
  for (let id = -1; id <= store.nextId; id++) {
    expect(store.rowOf(id), `id ${id}`).toBe(id > 0 ? store.id.indexOf(id) : -1);
  }
}

describe("OrderStore.rowOf", () => {
  it.each([1, 2, 3, 4])("finds what the column of ids holds while orders come and go, seed %i", (seed) => {
    const rng = new Prng(seed);
    const store = new OrderStore({ capacity: 5 });
    for (let step = 0; step < 400; step++) {
      const row = rng.below(5);
      // Row 4 is seldom freed: its order is overtaken by many.
      if (rng.below(2) === 0 && (row !== 4 || rng.below(30) === 0)) store.free(row);
      else store.open(TERMS);
      if (step > 20) expectAll(store);
    }
  });

  it("has no row for what is no id", () => {
    const store = new OrderStore({ capacity: 4 });
    store.free(store.open(TERMS));
    for (const id of [0, -1, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(store.rowOf(id)).toBe(-1);
  });

  it("knows the orders of a snapshot, and those after ids that were left out", () => {
    const store = new OrderStore({ capacity: 8 });
    for (let i = 0; i < 6; i++) store.open(TERMS);
    store.free(2);
    const again = new OrderStore({ capacity: 8 });
    expect(again.rowOf(1)).toBe(-1);
    restoreOrders(snapshotOrders(store), again);
    expectAll(again);
    again.skipIds(2 ** 40);
    const row = again.open(TERMS);
    expect([again.rowOf(again.nextId - 1), again.rowOf(1)]).toEqual([row, 0]);
  });

  it("is what a held order is found by: no search of all rows", () => {
    const orders = new OrderStore({ capacity: 1024 });
    for (let i = 0; i < 9; i++) orders.open(TERMS);
    orders.free(3);
    const search = vi.spyOn(orders.id, "indexOf").mockImplementation(() => {
      throw new Error("searched");
    });
    const session = { kernel: { orders } } as never;
    expect(heldOrder(session, 9)).toMatchObject({ row: 8, station: 0, cumLots: 0 });
    expect([heldOrder(session, 4), heldOrder(session, 10)]).toEqual([undefined, undefined]);
    expect(search).not.toHaveBeenCalled();
  });
});
