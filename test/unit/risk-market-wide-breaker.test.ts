import { describe, expect, it } from "vitest";
import {
  MARKET_WIDE_CUTOFF_NS,
  MARKET_WIDE_HALT_NS,
  MARKET_WIDE_PERCENT,
  MarketWideBreaker,
} from "../../src/risk/market-wide-breaker.ts";

const MINUTE = 60e9;
const make = (more = {}) => new MarketWideBreaker({ priorCloseE2: 500_000, openNs: 0, ...more });

describe("MarketWideBreaker", () => {
  it("triggers at the published values of 2018-02-08", () => {
    const breaker = make({ priorCloseE2: 268_166 });
    expect([1, 2, 3].map((level) => breaker.triggerE2(level))).toEqual([249_394, 233_304, 214_533]);
    expect([0, 4, 1.5].map((level) => breaker.triggerE2(level))).toEqual([NaN, NaN, NaN]);
    expect([MARKET_WIDE_PERCENT, MARKET_WIDE_HALT_NS, MARKET_WIDE_CUTOFF_NS]).toEqual([
      [7, 13, 20],
      900e9,
      2100e9,
    ]);
    expect(make({ priorCloseE2: 50 }).triggerE2(1)).toBe(47);
  });

  it("halts for 15 minutes at 7 and 13 %, for the day at 20 %", () => {
    const breaker = make();
    expect([breaker.level, breaker.isHalted(0), breaker.isHalted(-1), breaker.isHalted(NaN)]).toEqual([
      0,
      false,
      false,
      false,
    ]);
    expect(breaker.update(465_001, MINUTE)).toBe(0);
    expect(breaker.update(465_000, MINUTE)).toBe(1);
    expect([breaker.level, breaker.haltedUntilNs]).toEqual([1, 16 * MINUTE]);
    expect([breaker.isHalted(16 * MINUTE - 1), breaker.isHalted(16 * MINUTE), breaker.isHalted(NaN)]).toEqual(
      [true, false, true],
    );
    expect(breaker.update(450_000, 20 * MINUTE)).toBe(0);
    expect(breaker.update(435_001, 20 * MINUTE)).toBe(0);
    expect(breaker.isHalted(20 * MINUTE)).toBe(false);
    expect(breaker.update(435_000, 21 * MINUTE)).toBe(2);
    expect(breaker.haltedUntilNs).toBe(36 * MINUTE);
    expect(breaker.update(400_001, 40 * MINUTE)).toBe(0);
    expect(breaker.update(400_000, 40 * MINUTE)).toBe(3);
    expect([breaker.level, breaker.isHalted(1e18)]).toEqual([3, true]);
    expect(breaker.update(0, 41 * MINUTE)).toBe(0);
  });

  it.each([
    [435_000, 2, 16],
    [400_000, 3, Infinity],
  ])("goes to the highest level of %i at once", (index, level, minutes) => {
    const breaker = make();
    expect(breaker.update(index, MINUTE)).toBe(level);
    expect(breaker.haltedUntilNs).toBe(minutes * MINUTE);
    expect(breaker.update(460_000, 30 * MINUTE)).toBe(0);
  });

  it("halts late only at 20 %", () => {
    for (const [index, sinceOpenNs, level] of [
      [465_000, 355 * MINUTE - 1, 1],
      [465_000, 355 * MINUTE, 0],
      [435_000, 355 * MINUTE, 0],
      [400_000, 355 * MINUTE, 3],
      [400_000, 390 * MINUTE, 3],
      [400_000, 390 * MINUTE + 1e4, 0],
      [400_000, 0, 3],
      [400_000, -1, 0],
    ] as const) {
      const breaker = make({ openNs: 7 });
      expect([sinceOpenNs, breaker.update(index, sinceOpenNs + 7)]).toEqual([sinceOpenNs, level]);
      expect(breaker.level).toBe(level);
    }
    const short = make({ sessionNs: 210 * MINUTE });
    expect(short.update(465_000, 175 * MINUTE)).toBe(0);
    expect(short.update(465_000, 175 * MINUTE - 1)).toBe(1);
  });

  it("starts each day anew", () => {
    const breaker = make();
    breaker.update(400_000, 0);
    breaker.startDay({ priorCloseE2: 400_000, openNs: 1_000 * MINUTE });
    expect([breaker.level, breaker.haltedUntilNs, breaker.isHalted(0)]).toEqual([0, 0, false]);
    expect(breaker.update(372_000, 1_000 * MINUTE)).toBe(1);
  });

  it("comes back from JSON", () => {
    for (const index of [500_000, 465_000, 400_000]) {
      const breaker = make();
      breaker.update(index, 0.5);
      const copy = make();
      copy.load(JSON.parse(JSON.stringify(breaker.save())));
      expect([copy.level, copy.haltedUntilNs]).toEqual([breaker.level, breaker.haltedUntilNs]);
    }
    const copy = make();
    copy.load([1, -5.5]);
    expect(copy.haltedUntilNs).toBe(-5.5);
    for (const wrong of [[4, 0], [-1, 0], [0.5, 0], [0], [0, 0, 0], [null, 0]]) {
      expect(() => make().load(wrong)).toThrow("FAULT_INPUT marketWideBreaker");
    }
  });

  it.each([
    ["priorCloseE2", { priorCloseE2: 0 }],
    ["priorCloseE2", { priorCloseE2: 1e12 + 1 }],
    ["openNs", { openNs: Number.NaN }],
    ["sessionNs", { sessionNs: 0 }],
    ["session", { session: 1 }],
  ])("refuses the option %s: %j", (name, options) => {
    expect(() => make(options)).toThrow(`FAULT_CONFIG marketWideBreaker.${name}`);
  });

  it("faults on an index or a moment that is none", () => {
    expect(() => make().update(Number.NaN, 0)).toThrow("FAULT_INPUT marketWideBreaker.indexE2");
    expect(() => make().update(-1, 0)).toThrow("FAULT_INPUT marketWideBreaker.indexE2");
    expect(() => make().update(1, Number.NaN)).toThrow("FAULT_INPUT marketWideBreaker.nowNs");
  });
});
