import { describe, expect, test } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { realityCheck, StationaryBootstrap, stationaryBlockLength } from "../../src/stat/index.ts";

/** Values that keep a share of the one before, by a formula, so that numpy has the same. */
function recurring(share: number, count: number, series = 0): number[] {
  let last = 0;
  return Array.from({ length: count }, (_, t) => {
    const x = Math.sin(t * 12.9898 + series * 78.233) * 437.5;
    last = share * last + x - Math.floor(x) - 0.5;
    return last;
  });
}

/** Expected: `optimal_block_length` of Python's arch 8.0. */
describe("the mean block length", () => {
  test.each([
    [0.5, 300, 5.886561585712545],
    [0.8, 500, 30.4555454084791],
    [-0.4, 200, 6.939220000934314],
    [0.95, 400, 31.2890264832753],
  ])("a share of %d kept over %i values", (share, count, expected) => {
    expect(stationaryBlockLength(recurring(share, count))).toBeCloseTo(expected, 8);
  });

  test("at least 1: of noise (arch: 0.525), of few values, of what does not vary", () => {
    expect(stationaryBlockLength(recurring(0, 300))).toBe(1);
    expect(stationaryBlockLength([1, 2, 3])).toBe(1);
    expect(stationaryBlockLength(new Float64Array(100))).toBe(1);
    expect(() => stationaryBlockLength([1, Number.NaN])).toThrow("values[1]");
  });
});

describe("a stationary bootstrap", () => {
  test("draws every place as often, and blocks of the mean length", () => {
    const [count, blockLength, turns] = [50, 4, 4_000];
    const bootstrap = new StationaryBootstrap({ count, blockLength, seed: 3 });
    const drawn = new Float64Array(count);
    let neighbours = 0;
    for (let turn = 0; turn < turns; turn++) {
      const places = bootstrap.places();
      for (const [i, at] of places.entries()) {
        drawn[at] = (drawn[at] as number) + 1;
        if (i > 0 && at === ((places[i - 1] as number) + 1) % count) neighbours += 1;
      }
    }
    for (const times of drawn) expect(Math.abs(times / turns - 1)).toBeLessThan(0.15);
    // A place is followed by the next one where the block goes on, or else by chance.
    const expected = 3 / 4 + 1 / 4 / count;
    expect(Math.abs(neighbours / (turns * (count - 1)) - expected)).toBeLessThan(0.005);
  });

  test("a block length of 1 draws one by one", () => {
    const bootstrap = new StationaryBootstrap({ count: 9, blockLength: 1 });
    let blocks = 0;
    bootstrap.blocks((_start, length) => {
      expect(length).toBe(1);
      blocks += 1;
    });
    expect(blocks).toBe(9);
  });

  test.each([
    ["options.count", { count: 0, blockLength: 1 }],
    ["options.blockLength", { count: 5, blockLength: 0.5 }],
    ["options.seed", { count: 5, blockLength: 1, seed: -1 }],
  ])("%s", (path, options) => expect(() => new StationaryBootstrap(options)).toThrow(path));
});

describe("the reality check", () => {
  const COLUMNS = Array.from({ length: 6 }, (_, k) =>
    recurring(0.3, 300, k).map((value) => value * (1 + k / 3) + (k - 3.5) * 0.03),
  );
  const found = realityCheck(COLUMNS, { blockLength: 5, resamples: 20_000 });

  /** Expected: numpy 2.4, with the variances of arch 8.0's `SPA`. */
  test("statistics", () => {
    expect([found?.best, found?.superior.best, found?.strategies, found?.periods]).toEqual([5, 5, 6, 300]);
    expect(found?.statistic).toBeCloseTo(2.0409262087638336, 9);
    expect(found?.superior.statistic).toBeCloseTo(1.9885858663525333, 9);
  });

  /**
   * Expected: White's by arch 8.0 (`upper`, 100,000 resamples: 0.0401); Hansen's by numpy, 40,000 resamples whose
   * places are followed one by one. Both sides are drawn: four deviations of their difference.
   */
  test.each([
    ["White", (): number | undefined => found?.pValue, 0.0401],
    ["Hansen, lower", (): number | undefined => found?.superior.lowerPValue, 0.047625],
    ["Hansen, consistent", (): number | undefined => found?.superior.pValue, 0.068175],
    ["Hansen, upper", (): number | undefined => found?.superior.upperPValue, 0.1325],
  ])("p-values: %s", (_whose, pValue, expected) => {
    const drawn = Math.sqrt(expected * (1 - expected) * (1 / 20_000 + 1 / 40_000));
    expect(Math.abs((pValue() ?? 0) - expected)).toBeLessThan(4 * drawn);
  });

  test("the best of noise is not superior, at the rate it should not be", () => {
    const rng = new Prng(21);
    const worlds = 150;
    let rejected = 0;
    for (let world = 0; world < worlds; world++) {
      const columns = Array.from({ length: 10 }, () =>
        Float64Array.from({ length: 100 }, () => rng.normal()),
      );
      const test = realityCheck(columns, { resamples: 199, blockLength: 1, seed: world });
      if ((test?.superior.pValue as number) <= 0.1) rejected += 1;
    }
    // A rate of 0.1: four deviations are 0.098. The test is near exact here, so it must reject sometimes too.
    expect(Math.abs(rejected / worlds - 0.1)).toBeLessThan(0.098);
    expect(rejected).toBeGreaterThan(0);
  });

  test("an edge among many poor strategies: Hansen's test finds what White's does not", () => {
    const rng = new Prng(5);
    const edge = Float64Array.from({ length: 250 }, () => rng.normal() * 0.2 + 0.05);
    const poor = Array.from({ length: 30 }, () =>
      Float64Array.from({ length: 250 }, () => rng.normal() - 0.5),
    );
    const both = realityCheck([...poor, edge], { resamples: 999, blockLength: 1 });
    expect(both?.superior.best).toBe(30);
    expect(both?.superior.pValue).toBeLessThan(0.02);
    expect(both?.pValue).toBeGreaterThan(0.2);
  });

  test("what does not vary is left out; places stay those of the columns", () => {
    const idle = new Float64Array(300).fill(9);
    const with0 = realityCheck([idle, ...COLUMNS], { blockLength: 5, resamples: 200 });
    expect([with0?.best, with0?.strategies]).toEqual([6, 6]);
    expect(with0?.pValue).toBe(realityCheck(COLUMNS, { blockLength: 5, resamples: 200 })?.pValue);
    expect(realityCheck([idle])).toBeNull();
  });

  test("a strategy whose blocks cancel is no candidate of Hansen's, and makes nothing NaN", () => {
    const cancels = Float64Array.from({ length: 300 }, (_, t) => (t % 2 === 0 ? 1 : -1));
    const found = realityCheck([cancels], { blockLength: 300, resamples: 50 });
    expect(found?.superior.pValue).toBeGreaterThan(0);
    const exact = realityCheck([cancels, ...COLUMNS], { blockLength: 5, resamples: 50 });
    expect(exact?.superior.best).toBe(6);
  });

  test("the block length comes from the columns", () => {
    const two = [recurring(0.5, 300), recurring(0, 300)];
    expect(realityCheck(two, { resamples: 20 })?.blockLength).toBeCloseTo((5.886561585712545 + 1) / 2, 8);
  });

  test.each([
    ["options.resample", () => realityCheck(COLUMNS, { resample: 1 } as never)],
    ["options.resamples", () => realityCheck(COLUMNS, { resamples: 5 })],
    ["options.blockLength", () => realityCheck(COLUMNS, { blockLength: 301 })],
    ["options.seed", () => realityCheck(COLUMNS, { seed: 0.5 })],
    ["columns[0].length", () => realityCheck([new Float64Array(19)])],
    ["columns[1].length", () => realityCheck([new Float64Array(30), new Float64Array(31)])],
    ["columns", () => realityCheck([])],
  ])("%s", (path, call) => expect(call).toThrow(path));
});
