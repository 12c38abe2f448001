import { describe, expect, it } from "vitest";
import { MAX_TICKS } from "../../src/model/index.ts";
import { ShortSale, shortLots } from "../../src/risk/short-sale.ts";

const make = () => new ShortSale({ instruments: 2 });

describe("shortLots", () => {
  it.each([
    [100, 0, 50, 0],
    [100, 0, 100, 0],
    [100, 0, 101, 1],
    [100, 60, 40, 0],
    [100, 60, 41, 1],
    [100, 60, 100, 60],
    [100, 99, 5, 4],
    [100, 100, 5, 5],
    [100, 120, 5, 5],
    [0, 0, 5, 5],
    [-10, 0, 5, 5],
    [Number.NaN, 0, 5, 5],
    [100, Number.NaN, 5, 5],
  ])("position %i, open sells %i, order %i: %i short", (position, open, lots, short) => {
    expect(shortLots(position, open, lots)).toBe(short);
  });
});

describe("ShortSale", () => {
  it.each([
    [1_000, 901, false],
    [1_000, 900, true],
    [1_001, 901, false],
    [1_001, 900, true],
    [999, 900, false],
    [999, 899, true],
    [MAX_TICKS, 900_000_000, true],
    [MAX_TICKS, 900_000_001, false],
    [1_000, Number.NaN, false],
  ])("a close of %i and a trade at %i: triggered %s", (close, ticks, triggered) => {
    const test = make();
    test.setPriorClose(1, close, 3);
    expect([test.isRestricted(1, 3), test.trade(1, ticks, 3), test.isRestricted(1, 3)]).toEqual([
      false,
      triggered,
      triggered,
    ]);
    expect(test.trade(1, ticks, 3)).toBe(false);
  });

  it("restricts the rest of the day and the next trading day", () => {
    const test = make();
    for (const day of [2, 3, 4, 5, 6]) {
      test.setPriorClose(0, 100, day);
      if (day === 3) test.trade(0, 90, 3);
      expect([day, test.isRestricted(0, day)]).toEqual([day, day === 3 || day === 4]);
    }
    test.setPriorClose(0, 100, 3);
    expect(test.isRestricted(0, 3)).toBe(true);
    test.setPriorClose(0, 100, 2);
    expect(test.isRestricted(0, 2)).toBe(false);
  });

  it("can be set off again on the next day", () => {
    const test = make();
    test.setPriorClose(0, 100, 3);
    test.trade(0, 90, 3);
    test.setPriorClose(0, 90, 4);
    expect(test.trade(0, 81, 4)).toBe(true);
    test.setPriorClose(0, 90, 5);
    expect(test.isRestricted(0, 5)).toBe(true);
  });

  it("takes the word of the listing market", () => {
    const test = make();
    test.setPriorClose(0, 100, 3);
    test.trigger(0, 3);
    expect(test.isRestricted(0, 3)).toBe(true);
    expect(test.trade(0, 1, 3)).toBe(false);
  });

  it("restricts what it does not know", () => {
    const test = make();
    expect(test.isRestricted(0, 0)).toBe(true);
    test.setPriorClose(0, 100, 0);
    expect([test.isRestricted(0, 0), test.isRestricted(0, 1), test.isRestricted(1, 0)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([test.trade(0, 50, 1), test.trade(5, 50, 0), test.isRestricted(5, 0)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(test.isRestricted(0, Number.NaN)).toBe(true);
  });

  it("lets short sales go above the best bid only", () => {
    const test = make();
    const asks = () => [98, 99, 100, -Infinity, Number.NaN].map((price) => test.allows(0, 3, price, 99));
    expect(asks()).toEqual([false, false, true, false, false]);
    test.setPriorClose(0, 100, 3);
    expect(asks()).toEqual([true, true, true, true, true]);
    test.trigger(0, 3);
    expect(asks()).toEqual([false, false, true, false, false]);
    expect([test.allows(0, 3, 1, -Infinity), test.allows(0, 3, 1, Number.NaN)]).toEqual([true, false]);
  });

  it("comes back from JSON", () => {
    const test = make();
    test.setPriorClose(0, 100, 3);
    test.trigger(0, 3);
    test.setPriorClose(1, 100, 4);
    const copy = make();
    copy.load(JSON.parse(JSON.stringify(test.save())));
    expect(copy.save()).toEqual(test.save());
    expect([copy.isRestricted(0, 3), copy.isRestricted(1, 4), copy.trade(1, 90, 4)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it.each([
    ["closeTicks", [MAX_TICKS + 1, 0]],
    ["closeTicks", [-1, 0]],
    ["closeDay", [-3, 0]],
    ["closeDay", [2 ** 31, 0]],
    ["triggerDay", [-3, 0]],
    ["triggerDay", [0, 2 ** 31]],
    ["triggerDay", [0]],
  ])("takes no state whose %s is %j", (name, column) => {
    const test = make();
    test.setPriorClose(0, 100, 3);
    const before = test.save();
    expect(() => test.load({ ...make().save(), [name]: column })).toThrow(`FAULT_INPUT shortSale.${name}`);
    expect(test.save()).toEqual(before);
  });

  it("faults on what is no instrument, price or day", () => {
    expect(() => make().setPriorClose(2, 1, 0)).toThrow("FAULT_INPUT shortSale.instrument");
    expect(() => make().setPriorClose(0, 0, 0)).toThrow("FAULT_INPUT shortSale.closeTicks");
    expect(() => make().setPriorClose(0, MAX_TICKS + 1, 0)).toThrow("FAULT_INPUT shortSale.closeTicks");
    expect(() => make().setPriorClose(0, 1, -1)).toThrow("FAULT_INPUT shortSale.day");
    expect(() => make().setPriorClose(0, 1, 2 ** 31)).toThrow("FAULT_INPUT shortSale.day");
    expect(() => make().trigger(-1, 0)).toThrow("FAULT_INPUT shortSale.instrument");
    expect(() => make().trigger(0, -1)).toThrow("FAULT_INPUT shortSale.day");
    expect(() => make().trigger(0, 2 ** 31)).toThrow("FAULT_INPUT shortSale.day");
    expect(() => new ShortSale({ instruments: 0 })).toThrow("FAULT_CONFIG shortSale.instruments");
    expect(() => new ShortSale({ instruments: 2 ** 24 + 1 })).toThrow("FAULT_CONFIG shortSale.instruments");
    expect(() => new ShortSale({ instruments: 1, days: 2 } as never)).toThrow("FAULT_CONFIG shortSale.days");
  });
});
