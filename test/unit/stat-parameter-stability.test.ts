import { describe, expect, test } from "vitest";
import { parameterStability, rankCorrelation } from "../../src/stat/index.ts";

/** A fraction by a formula, so that numpy has the same. */
function fraction(t: number): number {
  const x = Math.sin(t * 12.9898) * 437.5;
  return x - Math.floor(x);
}

/** Expected: numpy 2.4 and scipy 1.17, from the definitions. */
describe("a grid of 4 times 3 times 2 points", () => {
  const points = [5, 10, 20, 40].flatMap((a) => [0.1, 0.2, 0.4].flatMap((b) => [1, 2].map((c) => [a, b, c])));
  const figures = points.map(([a, b], i) => {
    const octaves = Math.log2((a as number) / 10);
    return 2 - 0.1 * octaves * octaves - Math.abs((b as number) - 0.2) * 3 + 0.2 * fraction(i + 1);
  });
  const outOfSample = figures.map((figure, i) => figure * 0.5 + 0.6 * fraction(i + 100));
  const found = parameterStability({ points, figures, outOfSample });

  test("the best point and its neighbours, across too", () => {
    expect([found.layout, found.best]).toEqual(["grid", 8]);
    expect(found.bestFigure).toBeCloseTo(2.1136825146738945, 12);
    expect([...found.neighbours]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(found.neighbourMean).toBeCloseTo(1.738817921978269, 10);
    expect(found.neighbourWorst).toBeCloseTo(1.3795877639158276, 10);
    expect(found.meanOverBest).toBeCloseTo(0.8226485812825769, 10);
    expect(found.worstOverBest).toBeCloseTo(1.3795877639158276 / 2.1136825146738945, 10);
  });

  test("the plateau", () => {
    expect(found.plateau).toBe(13 / 24);
    expect(parameterStability({ points, figures }, { plateau: 0.9 }).plateau).toBe(6 / 24);
    expect(parameterStability({ points, figures }, { plateau: 1 }).plateau).toBe(1 / 24);
  });

  test("shares of variance, the parameter without effect near its chance", () => {
    const shares = found.sensitivity.map((one) => one.share as number);
    expect(shares[0]).toBeCloseTo(0.2819260512051442, 10);
    expect(shares[1]).toBeCloseTo(0.6966196220907938, 10);
    expect(shares[2]).toBeCloseTo(6.018500600803109e-6, 10);
    expect(found.sensitivity.map((one) => one.classes)).toEqual([4, 3, 2]);
    expect(found.sensitivity[1]?.byChance).toBe(2 / 23);
  });

  test("in sample and out of sample", () => {
    expect(found.rankCorrelation).toBeCloseTo(0.6852173913043478, 12);
    expect(parameterStability({ points, figures }).rankCorrelation).toBeNull();
  });
});

describe("sixty scattered points", () => {
  const points = Array.from({ length: 60 }, (_, i) => [fraction(i + 1) * 100, fraction(i + 500) * 2 - 1]);
  const figures = points.map(([a, b]) => {
    const [x, y] = [((a as number) - 60) / 30, (b as number) - 0.3];
    return 3 - x * x - 2 * y * y;
  });
  const found = parameterStability({ points, figures });

  test("the nearest four by scaled distance", () => {
    expect([found.layout, found.best, ...found.neighbours]).toEqual(["scattered", 7, 8, 26, 29, 34]);
    expect(found.neighbourMean).toBeCloseTo(2.5848556404670577, 9);
    expect(found.neighbourWorst).toBeCloseTo(2.493857628988549, 9);
    expect(found.plateau).toBe(6 / 60);
    expect(parameterStability({ points, figures }, { neighbours: 2 }).neighbours.length).toBe(2);
  });

  test("shares of variance over eight classes", () => {
    expect(found.sensitivity[0]?.share).toBeCloseTo(0.4991898941064807, 9);
    expect(found.sensitivity[1]?.share).toBeCloseTo(0.4415614083269243, 9);
    expect(found.sensitivity[0]?.byChance).toBe(7 / 59);
    expect(parameterStability({ points, figures }, { classes: 3 }).sensitivity[1]?.classes).toBe(3);
  });
});

describe("peaks, plateaus and nothing at all", () => {
  const line = Array.from({ length: 9 }, (_, i) => [i]);

  test("a peak stands alone, a plateau does not", () => {
    const peak = parameterStability({ points: line, figures: [0, 0, 0, 0, 5, 0, 0, 0, 0] });
    expect([peak.meanOverBest, peak.worstOverBest, peak.plateau]).toEqual([0, 0, 1 / 9]);
    const flat = parameterStability({ points: line, figures: [0, 0, 4.5, 4.8, 5, 4.9, 4.6, 0, 4.9] });
    expect([flat.worstOverBest, flat.plateau]).toEqual([0.96, 5 / 9]);
  });

  test("where nothing is above 0 there is no ratio", () => {
    const found = parameterStability({ points: line, figures: line.map(([i]) => -(i as number) - 1) });
    expect([found.best, found.meanOverBest, found.plateau, found.neighbourMean]).toEqual([0, null, null, -2]);
  });

  test("one point, and figures that do not vary", () => {
    const one = parameterStability({ points: [[1, 2]], figures: [3] });
    expect([one.neighbours.length, one.neighbourMean, one.worstOverBest, one.plateau]).toEqual([
      0,
      null,
      null,
      1,
    ]);
    expect(one.sensitivity[1]).toEqual({ parameter: 1, share: null, byChance: 0, classes: 1 });
    expect(parameterStability({ points: line, figures: line.map(() => 1) }, { plateau: 1 }).plateau).toBe(1);
  });

  test("a grid with a hole, or a point twice, is scattered", () => {
    const square = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    expect(parameterStability({ points: square, figures: [1, 2, 3, 4] }).layout).toBe("grid");
    expect(parameterStability({ points: square.slice(1), figures: [2, 3, 4] }).layout).toBe("scattered");
    const twice = [...square.slice(1), [1, 1]];
    expect(parameterStability({ points: twice, figures: [1, 2, 3, 4] }).layout).toBe("scattered");
  });
});

test("rank correlation with ties is scipy's `spearmanr`", () => {
  const found = rankCorrelation([1, 2, 2, 3, 5, 4, 4, 4], [2, 1, 1, 7, 6, 6, 3, 9]);
  expect(found).toBeCloseTo(0.6336503867247937, 12);
  expect(rankCorrelation([], [])).toBeNull();
  expect(() => rankCorrelation([1], [1, 2])).toThrow("b.length");
});

test.each([
  ["search.points", { points: [], figures: [] }, {}],
  ["search.points[1].length", { points: [[1], [1, 2]], figures: [1, 2] }, {}],
  ["search.points[0].length", { points: [[]], figures: [1] }, {}],
  ["search.figures.length", { points: [[1], [2]], figures: [1] }, {}],
  ["search.figures[1]", { points: [[1], [2]], figures: [1, Number.NaN] }, {}],
  ["search.outOfSample.length", { points: [[1]], figures: [1], outOfSample: [] }, {}],
  ["search.figure", { points: [[1]], figures: [1], figure: 1 }, {}],
  ["options.plateau", { points: [[1]], figures: [1] }, { plateau: 2 }],
  ["options.neighbours", { points: [[1]], figures: [1] }, { neighbours: 0 }],
  ["options.classes", { points: [[1]], figures: [1] }, { classes: 1 }],
])("%s is named, of %o and %o", (path, search, options) => {
  expect(() => parameterStability(search as never, options)).toThrow(path);
});
