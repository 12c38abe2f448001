import { describe, expect, it } from "vitest";
import {
  incrementE4,
  isOnIncrement,
  QUOTE_RELATION,
  quoteRelation,
  SUB_PENNY_TERMS,
  subPennyTerms,
  tradesThrough,
} from "../../src/risk/price-rules.ts";

const { apart, crosses, locks } = QUOTE_RELATION;

describe("Rule 612", () => {
  it.each([
    ["2006-01-31", "612 (2005)"],
    ["2026-11-01", "612 (2005)"],
    ["2026-11-02", "612 (2024)"],
  ])("on %s it is %s", (date, rule) => {
    expect(subPennyTerms(date).rule).toBe(rule);
  });

  it("has no rows before 2006, and a table of the caller's", () => {
    expect(() => subPennyTerms("2006-01-30")).toThrow(
      'FAULT_INPUT subPenny.date: found "2006-01-30", expected a day on which the rule held',
    );
    expect(() => subPennyTerms("2026")).toThrow('FAULT_INPUT subPenny.date: found "2026"');
    expect(subPennyTerms("2026-12-01", SUB_PENNY_TERMS.slice(0, 1)).narrowE4).toBe(100);
  });

  it.each([
    ["2024-05-01", false, [1, 1, 100, 100]],
    ["2024-05-01", true, [1, 1, 100, 100]],
    ["2027-01-04", false, [1, 1, 100, 100]],
    ["2027-01-04", true, [1, 1, 50, 50]],
  ])("on %s, narrow %s: increments %j", (date, narrow, increments) => {
    const terms = subPennyTerms(date);
    expect([1, 9_999, 10_000, 5_000_000].map((price) => incrementE4(terms, price, narrow))).toEqual(
      increments,
    );
  });

  it("lets whole increments pass, and nothing else", () => {
    const [old, now] = [subPennyTerms("2024-05-01"), subPennyTerms("2027-01-04")];
    const asks = (terms: typeof old, narrow: boolean) =>
      [9_999, 9_999.5, 10_000, 10_001, 10_050, 10_100, NaN, Infinity].map((price) =>
        isOnIncrement(terms, price, narrow),
      );
    expect(asks(old, true)).toEqual([true, false, true, false, false, true, false, false]);
    expect(asks(now, false)).toEqual([true, false, true, false, false, true, false, false]);
    expect(asks(now, true)).toEqual([true, false, true, false, true, true, false, false]);
  });
});

describe("Rule 611", () => {
  it.each([
    [1, 101, false],
    [1, 102, true],
    [1, 99, false],
    [1, NaN, true],
    [-1, 99, false],
    [-1, 98, true],
    [-1, 101, false],
    [-1, NaN, true],
  ])("side %i at %i trades through 99 x 101: %s", (side, price, through) => {
    expect(tradesThrough(side, price, 99, 101)).toBe(through);
  });

  it("protects nothing where there is no quote, and everything where it is unknown", () => {
    expect([tradesThrough(1, 1e9, -Infinity, Infinity), tradesThrough(-1, -5, -Infinity, Infinity)]).toEqual([
      false,
      false,
    ]);
    expect([tradesThrough(1, 1, 0, NaN), tradesThrough(-1, 1, NaN, 9)]).toEqual([true, true]);
  });
});

describe("Rule 610", () => {
  it.each([
    [1, 100, apart],
    [1, 101, locks],
    [1, 102, crosses],
    [1, NaN, crosses],
    [-1, 100, apart],
    [-1, 99, locks],
    [-1, 98, crosses],
    [-1, NaN, crosses],
  ])("side %i at %i stands to 99 x 101 as %i", (side, price, relation) => {
    expect(quoteRelation(side, price, 99, 101)).toBe(relation);
  });

  it("stands apart from no quote, and crosses an unknown one", () => {
    expect(QUOTE_RELATION).toEqual({ apart: 0, locks: 1, crosses: 2 });
    expect([quoteRelation(1, 5, -Infinity, Infinity), quoteRelation(-1, 5, -Infinity, Infinity)]).toEqual([
      apart,
      apart,
    ]);
    expect([quoteRelation(1, 5, 4, NaN), quoteRelation(-1, 5, NaN, 6)]).toEqual([crosses, crosses]);
  });
});
