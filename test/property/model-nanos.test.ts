import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNanos, parseNanos } from "../../src/model/index.ts";

const FIRST = -62_167_219_200_000_000_000n;
const LAST = 253_402_300_799_999_999_999n;
const moment = fc.bigInt({ min: FIRST, max: LAST });

describe("moments", () => {
  it("are written and read without loss", () => {
    fc.assert(
      fc.property(moment, (ns) => {
        expect(parseNanos(formatNanos(ns))).toBe(ns);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are written as Date writes them, to the millisecond", () => {
    fc.assert(
      fc.property(moment, (ns) => {
        const ms = Number((ns - (((ns % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n);
        expect(formatNanos(ns).slice(0, 23)).toBe(new Date(ms).toISOString().slice(0, 23));
      }),
      { numRuns: 2_000 },
    );
  });

  it("sort as texts as they sort in time", () => {
    fc.assert(
      fc.property(moment, moment, (left, right) => {
        expect(formatNanos(left) < formatNanos(right)).toBe(left < right);
      }),
    );
  });

  it("are accepted as dates exactly where Date has them", () => {
    const part = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), part, part, (year, month, day) => {
        const two = (value: number): string => String(value).padStart(2, "0");
        const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
        const ms = Date.parse(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
        expect(parseNanos(text)).toEqual(
          exists ? BigInt(ms) * 1_000_000n : expect.objectContaining({ code: "TIME_MALFORMED" }),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
