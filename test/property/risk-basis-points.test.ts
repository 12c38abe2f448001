import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ceilBps, floorBps } from "../../src/risk/basis-points.ts";

describe("basis points", () => {
  it("are those of integers of any size", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 10_000 }), (amount, bps) => {
        const product = BigInt(amount) * BigInt(bps);
        expect(BigInt(floorBps(amount, bps))).toBe(product / 10_000n);
        expect(BigInt(ceilBps(amount, bps))).toBe((product + 9_999n) / 10_000n);
      }),
    );
  });
});
