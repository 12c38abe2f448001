import { describe, expect, it } from "vitest";
import { TradeWindow } from "../../src/risk/trade-window.ts";

const make = (trades = 3, instruments = 2) =>
  new TradeWindow({ instruments, trades, maxPrice: 1_000, windowNs: 100 });

describe("TradeWindow", () => {
  it("keeps the exact mean of the trades that are younger than the window", () => {
    const window = make();
    expect([window.count(0), window.sum(0), window.mean(0)]).toEqual([0, 0, Number.NaN]);
    window.push(0, 10, 0);
    window.push(0, 11, 50);
    expect([window.count(0), window.sum(0), window.mean(0)]).toEqual([2, 21, 11]);
    window.expire(0, 99);
    expect(window.count(0)).toBe(2);
    window.expire(0, 100);
    expect([window.count(0), window.sum(0), window.mean(0)]).toEqual([1, 11, 11]);
    window.expire(0, 150);
    expect([window.count(0), window.sum(0)]).toEqual([0, 0]);
  });

  it.each([
    [[10, 10, 11], 10],
    [[10, 11, 11], 11],
    [[10, 11], 11],
    [[7], 7],
  ])("rounds the mean of %j to %i", (prices, mean) => {
    const window = make();
    for (const price of prices) window.push(1, price, 0);
    expect(window.mean(1)).toBe(mean);
    expect(window.count(0)).toBe(0);
  });

  it("lets the oldest go early when it is full, and says so", () => {
    const window = make();
    for (const price of [1, 2, 3]) window.push(0, price, price);
    expect(window.dropped).toBe(0);
    window.push(0, 4, 4);
    window.push(0, 5, 5);
    expect([window.dropped, window.count(0), window.sum(0)]).toEqual([2, 3, 12]);
    window.expire(0, 104);
    expect([window.count(0), window.sum(0)]).toEqual([1, 5]);
  });

  it("is emptied", () => {
    const window = make();
    for (const price of [1, 2]) window.push(1, price, 0);
    window.clear(1);
    expect([window.count(1), window.sum(1)]).toEqual([0, 0]);
    window.push(1, 9, 1);
    expect([window.count(1), window.sum(1)]).toEqual([1, 9]);
  });

  it("comes back from JSON, sums and all", () => {
    const window = make();
    for (const price of [1, 2, 3, 4]) window.push(1, price, price / 2);
    const copy = make();
    copy.push(1, 500, 0);
    copy.load(JSON.parse(JSON.stringify(window.save())));
    expect([copy.count(1), copy.sum(1), copy.count(0), copy.sum(0)]).toEqual([3, 9, 0, 0]);
    copy.expire(1, 101);
    expect([copy.count(1), copy.sum(1)]).toEqual([2, 7]);
    expect(copy.trades).toBe(3);
  });

  it.each([
    ["prices", [0, 0, 0, 0, 0, 1_001]],
    ["prices", [0, 0, 0, 0, 0, -1]],
    ["prices", [0, 0, 0, 0, 0, 0.5]],
    ["timesNs", [0, 0, 0, 0, 0, null]],
    ["timesNs", [0, 0]],
    ["first", [0, 3]],
    ["first", [-1, 0]],
    ["count", [4, 0]],
    ["count", [-1, 0]],
  ])("takes no state whose %s is %j", (name, column) => {
    const window = make();
    window.push(0, 5, 1.5);
    const before = window.save();
    expect(() => window.load({ ...make().save(), [name]: column })).toThrow(
      `FAULT_INPUT tradeWindow.${name}`,
    );
    expect(window.save()).toEqual(before);
    expect(window.sum(0)).toBe(5);
  });

  it.each([
    ["instruments", { instruments: 0 }],
    ["instruments", { instruments: 2 ** 20 + 1 }],
    ["trades", { trades: 0 }],
    ["trades", { trades: 2 ** 20 + 1, maxPrice: 1 }],
    ["maxPrice", { maxPrice: 0 }],
    ["maxPrice", { trades: 1_000, maxPrice: 80_000_000_001 }],
    ["windowNs", { windowNs: -1 }],
    ["window", { window: 1 }],
  ])("refuses the option %s: %j", (name, options) => {
    const all = { instruments: 1, trades: 1, maxPrice: 1, windowNs: 0, ...options };
    expect(() => new TradeWindow(all)).toThrow(`FAULT_CONFIG tradeWindow.${name}`);
  });

  it("takes the largest sums that stay exact", () => {
    const window = new TradeWindow({ instruments: 1, trades: 1_000, maxPrice: 80_000_000_000, windowNs: 1 });
    for (let i = 0; i < 1_000; i++) window.push(0, 80_000_000_000, 0);
    expect([window.sum(0), window.mean(0), window.maxPrice]).toEqual([8e13, 8e10, 8e10]);
    expect(Number.isSafeInteger(window.sum(0) * 101)).toBe(true);
  });
});
