import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parameterStability, rankCorrelation } from "../../src/stat/index.ts";

/** Searches over whole numbers: some are grids, some have holes and repeated points. */
const search = fc
  .integer({ min: 1, max: 3 })
  .chain((parameters) =>
    fc
      .array(
        fc.tuple(
          fc.array(fc.integer({ min: 0, max: 3 }), { minLength: parameters, maxLength: parameters }),
          fc.integer({ min: -20, max: 60 }),
        ),
        { minLength: 1, maxLength: 40 },
      )
      .map((rows) => ({ points: rows.map(([point]) => point), figures: rows.map(([, figure]) => figure) })),
  );
const grid = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.infiniteStream(fc.integer({ min: 1, max: 99 })),
  )
  .map(([a, b, figures]) => {
    const points = Array.from({ length: a * b }, (_, i) => [Math.floor(i / b) * 7, (i % b) * 0.25 - 1]);
    return { a, b, points, figures: [...figures.take(a * b)] };
  });

describe("the stability of parameters", () => {
  it("on a grid is what looking around cell by cell says", () => {
    fc.assert(
      fc.property(grid, fc.double({ min: 0, max: 1, noNaN: true }), ({ a, b, points, figures }, plateau) => {
        const found = parameterStability({ points, figures }, { plateau });
        expect(found.layout).toBe("grid");
        const best = figures.indexOf(Math.max(...figures));
        const around = (at: number): number[] => {
          const cells: number[] = [];
          for (let x = 0; x < a; x++) {
            for (let y = 0; y < b; y++) {
              const isNear = Math.abs(x - Math.floor(at / b)) <= 1 && Math.abs(y - (at % b)) <= 1;
              if (isNear && x * b + y !== at) cells.push(x * b + y);
            }
          }
          return cells;
        };
        expect([found.best, ...found.neighbours]).toEqual([best, ...around(best)]);
        // The plateau by repetition: whoever neighbours one of it, and is good enough, joins.
        const least = plateau * (figures[best] as number);
        let joined = new Set([best]);
        for (let turn = 0; turn < a * b; turn++) {
          const more = [...joined].flatMap(around).filter((at) => (figures[at] as number) >= least);
          joined = new Set([...joined, ...more]);
        }
        expect(found.plateau).toBe(joined.size / (a * b));
        const shares = found.sensitivity.map((one) => one.share ?? 0);
        expect(shares.reduce((x, y) => x + y)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it("keeps its figures within bounds on any points", () => {
    fc.assert(
      fc.property(search, ({ points, figures }) => {
        const found = parameterStability({ points, figures, outOfSample: figures });
        expect(found.bestFigure).toBe(Math.max(...figures));
        expect([...found.neighbours]).not.toContain(found.best);
        if (found.neighbourMean !== null) {
          expect(found.neighbourWorst as number).toBeLessThanOrEqual(found.neighbourMean + 1e-9);
          expect(found.neighbourMean).toBeLessThanOrEqual(found.bestFigure + 1e-9);
        }
        if (found.plateau !== null) expect(found.plateau).toBeGreaterThanOrEqual(1 / points.length);
        if (found.rankCorrelation !== null) expect(found.rankCorrelation).toBeCloseTo(1, 12);
        for (const { share } of found.sensitivity) {
          if (share !== null) expect(share >= 0 && share <= 1).toBe(true);
        }
      }),
    );
  });

  it("has the nearest neighbours that sorting all distances gives", () => {
    fc.assert(
      fc.property(search, fc.integer({ min: 1, max: 6 }), ({ points, figures }, neighbours) => {
        const found = parameterStability({ points, figures }, { neighbours });
        if (found.layout === "grid") return;
        const scaled = points.map((point) =>
          point.map((value, p) => {
            const column = points.map((one) => one[p] as number);
            const [low, high] = [Math.min(...column), Math.max(...column)];
            return high > low ? (value - low) / (high - low) : 0;
          }),
        );
        const home = scaled[found.best] as number[];
        const far = scaled.map((point) => point.reduce((a, v, p) => a + (v - (home[p] as number)) ** 2, 0));
        const order = points.map((_, i) => i).filter((i) => i !== found.best);
        order.sort((i, j) => (far[i] as number) - (far[j] as number) || i - j);
        expect([...found.neighbours]).toEqual(order.slice(0, neighbours).sort((i, j) => i - j));
      }),
    );
  });

  it("correlates ranks as the textbook does where nothing is tied", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 30 }),
        fc.nat(999),
        (values, salt) => {
          const other = values.map((value, i) => Math.sin(value + salt) + i * 1e-9);
          fc.pre(new Set(other).size === other.length);
          const rank = (all: readonly number[], value: number): number =>
            all.filter((one) => one < value).length;
          const n = values.length;
          const squares = values.reduce((total, value, i) => {
            const gap = rank(values, value) - rank(other, other[i] as number);
            return total + gap * gap;
          }, 0);
          expect(rankCorrelation(values, other)).toBeCloseTo(1 - (6 * squares) / (n * (n * n - 1)), 10);
        },
      ),
    );
  });
});
