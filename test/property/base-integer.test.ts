import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideBig, gcdBig, type Rounding, roundTo } from "../../src/base/index.ts";

const MODES: readonly (readonly [Rounding, Decimal.Rounding])[] = [
  ["down", Decimal.ROUND_DOWN],
  ["up", Decimal.ROUND_UP],
  ["floor", Decimal.ROUND_FLOOR],
  ["ceil", Decimal.ROUND_CEIL],
  ["halfEven", Decimal.ROUND_HALF_EVEN],
  ["halfUp", Decimal.ROUND_HALF_UP],
];
const size = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const small = fc.bigInt({ min: -40n, max: 40n });

/** Walks to the answer one step at a time: slow, and too simple to be wrong. */
function slowDivide(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const [top, bottom] = divisor < 0n ? [-dividend, -divisor] : [dividend, divisor];
  let low = 0n;
  while (low * bottom > top) low -= 1n;
  while ((low + 1n) * bottom <= top) low += 1n;
  const rest = top - low * bottom;
  if (rest === 0n) return low;
  const high = low + 1n;
  const [nearZero, farFromZero] = top < 0n ? [high, low] : [low, high];
  if (rounding === "floor") return low;
  if (rounding === "ceil") return high;
  if (rounding === "down") return nearZero;
  if (rounding === "up") return farFromZero;
  if (2n * rest < bottom) return low;
  if (2n * rest > bottom) return high;
  if (rounding === "halfUp") return farFromZero;
  return low % 2n === 0n ? low : high;
}

describe("divideBig", () => {
  it.each(MODES)("%s is what counting gives", (rounding) => {
    fc.assert(
      fc.property(small, small, (dividend, divisor) => {
        fc.pre(divisor !== 0n);
        expect(divideBig(dividend, divisor, rounding)).toBe(slowDivide(dividend, divisor, rounding));
      }),
      { numRuns: 500 },
    );
  });

  it.each(MODES)("%s is what decimal.js gives, at 60 digits", (rounding, mode) => {
    const Wide = Decimal.clone({ precision: 100 });
    fc.assert(
      fc.property(size, size, (dividend, divisor) => {
        fc.pre(divisor !== 0n);
        const exact = new Wide(`${dividend}`).div(`${divisor}`).toDecimalPlaces(0, mode);
        expect(divideBig(dividend, divisor, rounding).toString()).toBe(
          exact.plus(0).toFixed(0).replace(/^-0$/, "0"),
        );
      }),
    );
  });

  it.each(MODES)("%s stays within one divisor of the dividend", (rounding) => {
    fc.assert(
      fc.property(size, size, (dividend, divisor) => {
        fc.pre(divisor !== 0n);
        const off = divideBig(dividend, divisor, rounding) * divisor - dividend;
        const [far, bound] = [off < 0n ? -off : off, divisor < 0n ? -divisor : divisor];
        expect(far < bound).toBe(true);
      }),
    );
  });
});

describe("roundTo", () => {
  const value = fc.oneof(
    fc.double({ min: -1e15, max: 1e15, noNaN: true }),
    fc.integer({ min: -2000, max: 2000 }).map((quarters) => quarters / 4),
  );

  it.each(MODES)("%s is what decimal.js gives on the double's exact value", (rounding, mode) => {
    const Wide = Decimal.clone({ precision: 2000, toExpNeg: -9e15, toExpPos: 9e15 });
    fc.assert(
      fc.property(value, (number) => {
        const exact = new Wide(number).toDecimalPlaces(0, mode).toNumber();
        expect(roundTo(number, rounding)).toBe(exact + 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("gcdBig", () => {
  it("divides both, and leaves nothing common behind", () => {
    fc.assert(
      fc.property(size, size, (left, right) => {
        fc.pre(left !== 0n && right !== 0n);
        const common = gcdBig(left, right);
        expect(common > 0n).toBe(true);
        expect([left % common, right % common]).toEqual([0n, 0n]);
        expect(gcdBig(left / common, right / common)).toBe(1n);
      }),
    );
  });
});
