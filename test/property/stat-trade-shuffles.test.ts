import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shuffleTrades } from "../../src/stat/index.ts";

const trades = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 25 });
const options = fc.record({
  capital: fc.integer({ min: 1, max: 500 }),
  method: fc.constantFrom("permutation" as const, "bootstrap" as const),
  seed: fc.nat(9_999),
});

describe("shuffled trades", () => {
  it("of a permutation sum to what they summed to, and fall no deeper than losers after winners", () => {
    fc.assert(
      fc.property(trades, options, (values, plan) => {
        const found = shuffleTrades(values, { ...plan, method: "permutation", draws: 20 });
        const end = plan.capital + values.reduce((a, b) => a + b, 0);
        expect([...(found?.finalEquities ?? [])]).toEqual(new Array(20).fill(end));
        const losses = values.reduce((a, b) => a + Math.min(b, 0), 0);
        // A fall is measured from a peak of at least the capital.
        expect(found?.maxDrawdowns.at(-1)).toBeLessThanOrEqual(-losses / plan.capital + 1e-12);
      }),
    );
  });

  it("are the same for the same seed, in figures that belong together", () => {
    fc.assert(
      fc.property(trades, options, (values, plan) => {
        const found = shuffleTrades(values, { ...plan, draws: 30, ruin: 0.5 });
        expect(shuffleTrades(values, { ...plan, draws: 30, ruin: 0.5 })).toEqual(found);
        let last = -Infinity;
        for (const { maxDrawdown, finalEquity } of found?.quantiles ?? []) {
          expect(maxDrawdown).toBeGreaterThanOrEqual(0);
          expect(finalEquity).toBeGreaterThanOrEqual(last);
          last = finalEquity;
        }
        const deep = [...(found?.maxDrawdowns ?? [])].filter(
          (fall) => fall <= (found?.actual.maxDrawdown ?? 0),
        );
        expect(found?.drawdownRank).toBe(deep.length / 30);
      }),
    );
  });

  it("take every order as often as any other", () => {
    // With so little capital, the six orders of these three fall to four depths.
    const draws = 12_000;
    const found = shuffleTrades([-1, -2, 4], { capital: 5, method: "permutation", draws });
    const seen = new Map<number, number>();
    for (const fall of found?.maxDrawdowns ?? []) seen.set(fall, (seen.get(fall) ?? 0) + 1);
    // -1 -2 4 and -2 -1 4 both fall to 2 of 5.
    const expected = new Map([
      [3 / 5, 2],
      [3 / 9, 2],
      [2 / 8, 1],
      [2 / 5, 1],
    ]);
    expect([...seen.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [fall, orders] of expected) {
      const share = orders / 6;
      const allowed = 4 * Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs((seen.get(fall) ?? 0) / draws - share)).toBeLessThan(allowed);
    }
  });

  it("of the actual order are what a plain loop counts", () => {
    fc.assert(
      fc.property(trades, options, fc.boolean(), (values, plan, compounded) => {
        const given = compounded ? values.map((value) => value / 100) : values;
        const path = [plan.capital];
        for (const trade of given) {
          const now = path[path.length - 1] as number;
          path.push(compounded ? now * (1 + trade) : now + trade);
        }
        const falls = path.map((now, i) => {
          const peak = Math.max(...path.slice(0, i + 1));
          return (peak - now) / peak;
        });
        const actual = shuffleTrades(given, { ...plan, compounded, draws: 10, ruin: 0.5 })?.actual;
        expect(actual?.maxDrawdown).toBeCloseTo(Math.max(...falls), 12);
        expect(actual?.finalEquity).toBeCloseTo(path[path.length - 1] as number, 9);
        expect(actual?.lowestEquity).toBeCloseTo(Math.min(...path), 9);
      }),
    );
  });
});
