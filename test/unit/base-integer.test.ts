import { describe, expect, it } from "vitest";
import { addSafe, divideBig, gcdBig, multiplySafe, type Rounding, roundTo } from "../../src/base/index.ts";

const ROUNDINGS: readonly Rounding[] = ["down", "up", "floor", "ceil", "halfEven", "halfUp"];

describe("divideBig and roundTo", () => {
  it.each([
    // value, down, up, floor, ceil, halfEven, halfUp
    [5, 2, 2, 3, 2, 3, 2, 3],
    [-5, 2, -2, -3, -3, -2, -2, -3],
    [7, 2, 3, 4, 3, 4, 4, 4],
    [-7, 2, -3, -4, -4, -3, -4, -4],
    [1, 4, 0, 1, 0, 1, 0, 0],
    [-1, 4, 0, -1, -1, 0, 0, 0],
    [3, 4, 0, 1, 0, 1, 1, 1],
    [-3, 4, 0, -1, -1, 0, -1, -1],
    [1, 2, 0, 1, 0, 1, 0, 1],
    [-1, 2, 0, -1, -1, 0, 0, -1],
    [6, 3, 2, 2, 2, 2, 2, 2],
    [0, 3, 0, 0, 0, 0, 0, 0],
  ])("settle %i / %i", (dividend, divisor, ...expected) => {
    for (const [i, rounding] of ROUNDINGS.entries()) {
      const wanted = expected[i] as number;
      expect(divideBig(BigInt(dividend), BigInt(divisor), rounding), rounding).toBe(BigInt(wanted));
      expect(divideBig(BigInt(-dividend), BigInt(-divisor), rounding), rounding).toBe(BigInt(wanted));
      if (divisor !== 3) expect(roundTo(dividend / divisor, rounding), rounding).toBe(wanted);
    }
  });

  it("never give a negative zero", () => {
    for (const rounding of ROUNDINGS) {
      expect(Object.is(roundTo(-0, rounding), 0), rounding).toBe(true);
      if (rounding !== "up" && rounding !== "floor" && rounding !== "halfUp") {
        expect(Object.is(roundTo(-0.5, rounding), 0), rounding).toBe(true);
      }
    }
  });

  it("do not round up what is just below a half", () => {
    expect(roundTo(0.49999999999999994, "halfUp")).toBe(0);
    expect(roundTo(0.49999999999999994, "halfEven")).toBe(0);
    expect(roundTo(4503599627370495.5, "halfEven")).toBe(4503599627370496);
    expect(roundTo(4503599627370494.5, "halfEven")).toBe(4503599627370494);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, -(2 ** 53), 1e300])(
    "roundTo(%d) is a fault",
    (value) => {
      for (const rounding of ROUNDINGS)
        expect(() => roundTo(value, rounding)).toThrow("FAULT_ARITHMETIC value");
    },
  );

  it("divideBig by 0 is a fault", () => {
    for (const rounding of ROUNDINGS)
      expect(() => divideBig(1n, 0n, rounding)).toThrow("FAULT_ARITHMETIC divisor");
  });
});

describe("safe arithmetic", () => {
  const MOST = Number.MAX_SAFE_INTEGER;

  it("is exact up to 2^53", () => {
    expect(multiplySafe(94906265, 94906265)).toBe(Number(94906265n * 94906265n));
    expect(addSafe(MOST - 1, 1)).toBe(MOST);
    expect(addSafe(-MOST, MOST)).toBe(0);
    expect(Object.is(multiplySafe(-1, 0), 0)).toBe(true);
    expect(Object.is(addSafe(-0, -0), 0)).toBe(true);
  });

  it.each([
    [94906266, 94906267],
    [MOST, 2],
    [-MOST, 2],
    [0.5, 1],
    [Number.NaN, 1],
  ])("multiplySafe(%d, %d) is a fault", (left, right) => {
    expect(() => multiplySafe(left, right)).toThrow("FAULT_ARITHMETIC product");
  });

  it.each([
    [MOST, 1],
    [-MOST, -1],
    [0.25, 0.5],
    [Number.POSITIVE_INFINITY, 1],
  ])("addSafe(%d, %d) is a fault", (left, right) => {
    expect(() => addSafe(left, right)).toThrow("FAULT_ARITHMETIC sum");
  });

  it.each([
    [12n, 18n, 6n],
    [-12n, 18n, 6n],
    [0n, 5n, 5n],
    [5n, 0n, 5n],
    [0n, 0n, 0n],
    [17n, 13n, 1n],
  ])("gcdBig(%d, %d)", (left, right, expected) => {
    expect(gcdBig(left, right)).toBe(expected);
  });
});
