import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adjustedPValues,
  averageCorrelation,
  deflatedSharpe,
  effectiveTrials,
  expectedMaximumSharpe,
  haircutSharpes,
  minimumBacktestLength,
  mostTrials,
  probabilisticSharpe,
  sharpeHurdle,
  sharpePower,
} from "../../src/stat/index.ts";

const ratio = fc.double({ min: -0.5, max: 0.5, noNaN: true });
const variance = fc.double({ min: 1e-6, max: 1, noNaN: true });
const many = fc.double({ min: 1, max: 1e6, noNaN: true });
const RULES = ["bonferroni", "sidak", "holm", "bhy"] as const;

describe("the deflated Sharpe ratio", () => {
  it("falls as trials and their variance grow, and starts at the probabilistic one", () => {
    fc.assert(
      fc.property(ratio, variance, many, many, (sharpe, spread, one, other) => {
        const moments = { sharpe, count: 500, skewness: 0.2, kurtosis: 4 };
        const [few, more] = [Math.min(one, other), Math.max(one, other)];
        const at = (count: number, scale = 1): number =>
          deflatedSharpe(moments, { count, variance: spread * scale })?.probability as number;
        expect(at(more)).toBeLessThanOrEqual(at(few));
        expect(at(more, 2)).toBeLessThanOrEqual(at(more));
        expect(at(1)).toBe(probabilisticSharpe(moments));
      }),
    );
  });

  it("has a hurdle at which the probability is the confidence", () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 60, max: 5_000 }),
          benchmark: fc.double({ min: 0, max: 0.3, noNaN: true }),
          skewness: fc.double({ min: -1, max: 1, noNaN: true }),
          kurtosis: fc.double({ min: 3, max: 8, noNaN: true }),
          confidence: fc.double({ min: 0.6, max: 0.99, noNaN: true }),
        }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (plan, edge) => {
          const { count, benchmark, skewness, kurtosis, confidence } = plan;
          const hurdle = sharpeHurdle(plan) as number;
          expect(hurdle).toBeGreaterThan(benchmark);
          const found = probabilisticSharpe({ sharpe: hurdle, count, skewness, kurtosis }, benchmark);
          expect(Math.abs((found as number) - confidence)).toBeLessThan(1e-9);
          expect(sharpePower(hurdle, plan)).toBeCloseTo(0.5, 12);
          const power = sharpePower(edge, plan) as number;
          expect(sharpePower(edge, { ...plan, benchmark: benchmark + 0.01 })).toBeLessThanOrEqual(power);
        },
      ),
    );
  });
});

describe("trials", () => {
  it("bear a length to the last trial", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 20, noNaN: true }), (years) => {
        const most = mostTrials(years, 1);
        expect(minimumBacktestLength(most, 1)).toBeLessThanOrEqual(years);
        expect(minimumBacktestLength(most + 1, 1)).toBeGreaterThan(years);
      }),
    );
  });

  it("have an expected maximum within what simulations of a maximum allow: at most sqrt(2 ln N)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1e9 }), (count) => {
        const found = expectedMaximumSharpe({ count, variance: 1 });
        expect(found).toBeGreaterThan(0);
        expect(found).toBeLessThan(Math.sqrt(2 * Math.log(count)));
      }),
    );
  });

  const columns = fc.integer({ min: 3, max: 12 }).chain((rows) => {
    const value = fc.integer({ min: -50, max: 50 });
    return fc.array(fc.array(value, { minLength: rows, maxLength: rows }), { minLength: 1, maxLength: 15 });
  });

  it("that depend on one another count as the pairs say, formed one by one", () => {
    fc.assert(
      fc.property(columns, (all) => {
        const { average, squares, varying } = pairsOf(all);
        const found = averageCorrelation(all);
        if (varying < 2) {
          expect(found).toBeNull();
          return;
        }
        expect(found).toBeCloseTo(average, 10);
        const spread = effectiveTrials(all, "participation");
        expect(spread).toBeCloseTo((varying * varying) / squares, 8);
        for (const count of [spread, effectiveTrials(all)]) {
          expect(count).toBeGreaterThanOrEqual(1 - 1e-9);
          expect(count).toBeLessThanOrEqual(varying + 1e-9);
        }
        const moved = all.map((column, i) => column.map((value) => value * (i + 2) + 7));
        expect(effectiveTrials(moved, "participation")).toBeCloseTo(spread, 8);
      }),
    );
  });
});

describe("adjusted p-values", () => {
  it("grow, keep their order, and Holm's are at most Bonferroni's", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (pValues) => {
        const bounds = adjustedPValues(pValues, "bonferroni");
        for (const rule of RULES) {
          const adjusted = adjustedPValues(pValues, rule);
          for (const [i, p] of pValues.entries()) {
            const mine = adjusted[i] as number;
            expect(mine).toBeGreaterThanOrEqual(p * (1 - 1e-12));
            expect(mine).toBeLessThanOrEqual(1);
            if (rule === "holm") expect(mine).toBeLessThanOrEqual(bounds[i] as number);
          }
          const order = pValues
            .map((_, i) => i)
            .sort((i, j) => (pValues[i] as number) - (pValues[j] as number));
          const sorted = order.map((i) => adjusted[i] as number);
          expect(sorted.every((mine, k) => k === 0 || mine * (1 + 1e-12) >= (sorted[k - 1] as number))).toBe(
            true,
          );
        }
      }),
    );
  });

  it("cut Sharpe ratios down and never turn them", () => {
    fc.assert(
      fc.property(fc.array(ratio, { minLength: 1, maxLength: 20 }), (ratios) => {
        for (const rule of RULES) {
          for (const [i, cut] of haircutSharpes(ratios, 250, rule).entries()) {
            expect(Math.abs(cut.sharpe)).toBeLessThanOrEqual(Math.abs(ratios[i] as number));
            expect(cut.sharpe * (ratios[i] as number)).toBeGreaterThanOrEqual(0);
            expect(cut.haircut >= 0 && cut.haircut <= 1).toBe(true);
          }
        }
      }),
    );
  });
});

/** The slow way: every pair's correlation from its definition. */
function pairsOf(columns: readonly number[][]): { average: number; squares: number; varying: number } {
  const varying = columns.filter((column) => new Set(column).size > 1);
  let [total, squares, pairs] = [0, 0, 0];
  for (const [i, a] of varying.entries()) {
    for (const [j, b] of varying.entries()) {
      const r = correlation(a, b);
      squares += r * r;
      if (i < j) total += r;
      if (i < j) pairs += 1;
    }
  }
  return { average: total / pairs, squares, varying: varying.length };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = mean(a.map((value, i) => (value - ma) * ((b[i] as number) - mb)));
  const spread = (values: readonly number[], m: number): number =>
    Math.sqrt(mean(values.map((v) => (v - m) * (v - m))));
  return product / (spread(a, ma) * spread(b, mb));
}
