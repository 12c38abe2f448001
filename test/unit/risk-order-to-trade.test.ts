import { describe, expect, it } from "vitest";
import {
  ORDER_COUNT,
  type OrderCountKind,
  OrderToTrade,
  type OrderToTradeLimit,
} from "../../src/risk/order-to-trade.ts";

function ratio(limit?: OrderToTradeLimit): OrderToTrade {
  const made = new OrderToTrade({ instruments: 2 });
  made.configure(1, limit);
  return made;
}

describe("the ratio of unexecuted orders to transactions", () => {
  it.each([
    ["single", 1, 2, 1],
    ["quote", 2, 4, 2],
    ["pair", 2, 4, 2],
  ] as const)(
    "counts a %s as %d, its modification as %d, its cancel as %d",
    (kind, submit, modify, cancel) => {
      const made = ratio();
      made.submitted(1, kind, 10);
      expect(made.save().orders).toEqual([0, submit]);
      made.modified(1, kind, 10, 7);
      expect(made.save().orders).toEqual([0, submit + modify]);
      made.canceled(1, kind, 7);
      expect(made.save()).toEqual({
        orders: [0, submit + modify + cancel],
        orderLots: [0, 34],
        transactions: [0, 0],
        transactionLots: [0, 0],
      });
      expect(Object.keys(ORDER_COUNT)).toEqual(["single", "quote", "pair"] satisfies OrderCountKind[]);
    },
  );

  it("is orders / transactions - 1, by number and by volume", () => {
    const made = ratio();
    expect([made.byNumber(1), made.byVolume(1)]).toEqual([Number.NaN, Number.NaN]);
    for (let i = 0; i < 6; i++) made.submitted(1, "single", 10);
    expect([made.byNumber(1), made.byVolume(1)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    made.executed(1, 5);
    made.executed(1, 10);
    expect([made.byNumber(1), made.byVolume(1), made.byNumber(0)]).toEqual([2, 3, Number.NaN]);
  });

  it("holds new orders to the limit by number", () => {
    const made = ratio({ byNumber: 1, minOrders: 0 });
    expect(made.allows(1, "single", 1)).toBe(false);
    made.executed(1, 1);
    made.submitted(1, "single", 1);
    expect([made.allows(1, "single", 1e9), made.allows(1, "quote", 1)]).toEqual([true, false]);
    made.submitted(1, "single", 1);
    expect(made.allows(1, "single", 1)).toBe(false);
  });

  it("holds new orders to the limit by volume", () => {
    const made = ratio({ byVolume: 0.5, minOrders: 0 });
    made.executed(1, 20);
    made.submitted(1, "single", 10);
    expect([
      made.allows(1, "quote", 20),
      made.allows(1, "single", 21),
      made.allows(1, "single", Number.NaN),
    ]).toEqual([true, false, false]);
  });

  it("holds them to both", () => {
    const made = ratio({ byNumber: 0, byVolume: 0, minOrders: 0 });
    made.executed(1, 5);
    expect([made.allows(1, "single", 5), made.allows(1, "single", 6), made.allows(1, "quote", 5)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("refuses nothing up to the least number of orders", () => {
    const made = ratio({ byNumber: 0, minOrders: 2 });
    made.submitted(1, "single", 1);
    expect([made.allows(1, "single", 1), made.allows(1, "quote", 1)]).toEqual([true, false]);
    made.submitted(1, "single", 1);
    expect(made.allows(1, "single", 1)).toBe(false);
  });

  it("refuses nothing without a limit", () => {
    const made = ratio({ minOrders: 0 });
    made.submitted(1, "single", 1);
    expect([made.allows(1, "single", 1), made.allows(0, "single", 1), made.allows(2, "single", 1)]).toEqual([
      true,
      true,
      false,
    ]);
    const other = ratio({ byNumber: 0, minOrders: 0 });
    other.submitted(1, "single", 1);
    other.configure(1, undefined);
    expect([other.allows(1, "single", 1), other.save().orders]).toEqual([true, [0, 1]]);
    other.configure(1, { byVolume: 0, minOrders: 0 });
    other.executed(1, 9);
    expect(other.allows(1, "quote", 8)).toBe(true);
    other.configure(1, { byNumber: 0, minOrders: 0 });
    expect([
      other.allows(1, "quote", 8),
      ratio({ byNumber: 9, minOrders: 0 }).allows(1, "single", 0),
    ]).toEqual([false, false]);
  });

  it("begins a day at 0", () => {
    const made = ratio({ byNumber: 0, minOrders: 1 });
    made.submitted(1, "single", 1);
    made.executed(1, 1);
    made.newDay();
    expect([made.save(), made.allows(1, "single", 1), made.allows(1, "quote", 1)]).toEqual([
      ratio().save(),
      true,
      false,
    ]);
  });

  it("continues from saved counts", () => {
    const made = ratio();
    made.submitted(1, "quote", 10);
    made.executed(1, 4);
    made.executed(0, 3);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({
      orders: [0, 2],
      orderLots: [0, 10],
      transactions: [1, 1],
      transactionLots: [3, 4],
    });
    const again = ratio();
    again.load(saved);
    expect([again.save(), again.byNumber(1), again.byVolume(1)]).toEqual([saved, 1, 1.5]);
  });

  it.each([
    [{}, "orderToTrade:"],
    [{ orders: [0] }, "orderToTrade.orders:"],
    [{ orders: [0, -1] }, "orderToTrade.orders[1]"],
    [{ orderLots: [0, 0.5] }, "orderToTrade.orderLots[1]"],
    [{ transactions: [0, 2 ** 53] }, "orderToTrade.transactions[1]"],
    [{ transactionLots: [0, "1"] }, "orderToTrade.transactionLots[1]"],
  ])("refuses to continue from %j", (part, path) => {
    const made = ratio();
    made.submitted(1, "single", 3);
    const before = made.save();
    expect(() => made.load(Object.keys(part).length === 0 ? part : { ...before, ...part })).toThrow(
      `FAULT_INPUT ${path}`,
    );
    expect(made.save()).toEqual(before);
  });

  it.each([
    [{ instruments: 0 }, "instruments"],
    [{ instruments: 65_537 }, "instruments"],
    [{ instruments: 1, size: 1 }, "size"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new OrderToTrade(options)).toThrow(`FAULT_CONFIG orderToTrade.${path}`);
  });

  it.each([
    [1, { minOrders: -1 }, "minOrders"],
    [1, {} as OrderToTradeLimit, "minOrders"],
    [1, { minOrders: 0, byNumber: -0.1 }, "byNumber"],
    [1, { minOrders: 0, byNumber: Number.NaN }, "byNumber"],
    [1, { minOrders: 0, byVolume: -0.1 }, "byVolume"],
    [1, { minOrders: 0, byLots: 1 }, "limit.byLots"],
    [2, undefined, "instrument"],
    [-1, undefined, "instrument"],
  ])("refuses for instrument %d the limit %j", (instrument, limit, path) => {
    const made = ratio({ byNumber: 0, minOrders: 1 });
    expect(() => made.configure(instrument, limit)).toThrow(`FAULT_CONFIG orderToTrade.${path}:`);
    expect([made.allows(1, "single", 1), made.allows(1, "quote", 1)]).toEqual([true, false]);
  });
});
