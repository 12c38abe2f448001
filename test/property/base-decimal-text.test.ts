import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatScaled,
  normalizeScaled,
  parseScaled,
  pow10,
  rescale,
  type Scaled,
} from "../../src/base/index.ts";

const Wide = Decimal.clone({ precision: 2_000, toExpNeg: -9e15, toExpPos: 9e15 });
const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
const scale = fc.integer({ min: 0, max: 40 });

/** Decimal texts as people, venues and spreadsheets write them. */
const decimalText = fc
  .tuple(
    fc.constantFrom("", "+", "-"),
    fc.stringMatching(/^\d{1,25}$/),
    fc.option(fc.stringMatching(/^\d{0,25}$/), { nil: undefined }),
    fc.option(fc.tuple(fc.constantFrom("e", "E"), fc.integer({ min: -60, max: 60 })), { nil: undefined }),
  )
  .map(([sign, whole, fraction, exponent]) => {
    const tail = exponent === undefined ? "" : exponent.join("");
    return `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${tail}`;
  });

function parsed(text: string): Scaled {
  const value = parseScaled(text);
  if (value === undefined) throw new Error(`${text} was refused`);
  return value;
}

describe("decimal texts", () => {
  it("are read as decimal.js reads them, exactly", () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        const { digits: count, scale: places } = parsed(text);
        expect(places).toBeGreaterThanOrEqual(0);
        expect(new Wide(`${count}`).div(new Wide(10).pow(places)).eq(new Wide(text))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are written as decimal.js writes them, and read back", () => {
    fc.assert(
      fc.property(digits, scale, (count, places) => {
        const text = formatScaled(count, places);
        const exact = new Wide(`${count}`).div(new Wide(10).pow(places));
        expect(text).toBe(exact.toFixed(places));
        expect(parsed(text)).toEqual({ digits: count, scale: places });
      }),
      { numRuns: 1_000 },
    );
  });

  it("are never mistaken: every other text is refused", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("0123456789.+-eE ,_x∞")), maxLength: 8 }),
        (text) => {
          const isDecimal = /^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?$/.test(text);
          expect(parseScaled(text) !== undefined).toBe(isDecimal);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    "",
    " ",
    "1 ",
    " 1",
    ".5",
    "-",
    "+",
    "1e",
    "1e1000",
    "0x10",
    "1_000",
    "1,5",
    "NaN",
    "Infinity",
    "１",
    "1\n",
  ])("refuse %j", (text) => {
    expect(parseScaled(text)).toBeUndefined();
  });

  it.each([
    ["1e3", { digits: 1000n, scale: 0 }],
    ["1.50e1", { digits: 150n, scale: 1 }],
    ["-0.0", { digits: 0n, scale: 1 }],
    ["7.", { digits: 7n, scale: 0 }],
    ["1e-2", { digits: 1n, scale: 2 }],
  ])("%s", (text, expected) => {
    expect(parseScaled(text)).toEqual(expected);
  });
});

describe("scales", () => {
  it("normalizing keeps the value and leaves no trailing zero", () => {
    fc.assert(
      fc.property(digits, scale, (count, places) => {
        const short = normalizeScaled({ digits: count, scale: places });
        expect(short.digits * pow10(places - short.scale)).toBe(count);
        expect(short.scale === 0 || short.digits % 10n !== 0n).toBe(true);
      }),
    );
  });

  it("rescaling keeps the value or says that it cannot", () => {
    fc.assert(
      fc.property(digits, scale, scale, (count, from, to) => {
        const moved = rescale({ digits: count, scale: from }, to);
        const exact = new Wide(`${count}`).times(new Wide(10).pow(to - from));
        expect(moved).toBe(exact.isInteger() ? BigInt(exact.toFixed(0)) : undefined);
      }),
    );
  });
});
