import { describe, expect, test } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { backtestOverfitting } from "../../src/stat/index.ts";

/** Columns by a formula, so that numpy has the same: the fractions of large sines, and a drift. */
function scattered(trials: number, periods: number): number[][] {
  return Array.from({ length: trials }, (_, i) =>
    Array.from({ length: periods }, (__, t) => {
      const x = Math.sin(t * 12.9898 + i * 78.233) * 437.5;
      return x - Math.floor(x) - 0.5 + 0.01 * i;
    }),
  );
}

function noise(seed: number, trials: number, periods: number): Float64Array[] {
  const rng = new Prng(seed);
  return Array.from({ length: trials }, () => Float64Array.from({ length: periods }, () => rng.normal()));
}

/** Expected: numpy 2.4 and scipy 1.17 over `itertools.combinations`, every half put together row by row. */
describe("seven trials over 66 periods in six blocks", () => {
  const found = backtestOverfitting(scattered(7, 66), { blocks: 6 });

  test("the probability and what it counts", () => {
    expect([found.splits, found.trials, found.periods]).toEqual([20, 7, 66]);
    expect(found.probability).toBe(0.35);
    expect([...found.chosen]).toEqual([0, 0, 4, 0, 5, 5, 5, 5, 0, 4, 0, 5, 0, 0, 0, 0, 5, 5, 5, 5]);
    expect(found.logits.reduce((a, b) => a + b) / 20).toBeCloseTo(0.3589730198455389, 10);
    expect(found.logits[0]).toBeCloseTo(1.0986122886681098, 12);
  });

  test("figures in and out of sample", () => {
    expect(found.inSample[0]).toBeCloseTo(0.2706515349387377, 10);
    expect(found.outOfSample[0]).toBeCloseTo(0.37728479533138964, 10);
    expect(found.inSample[5]).toBeCloseTo(0.3377683425795333, 10);
    expect(found.outOfSample[5]).toBeCloseTo(0.29679523993238305, 10);
    expect(found.probabilityOfLoss).toBe(0);
  });

  test("the degradation is scipy's `linregress`", () => {
    expect(found.degradation?.slope).toBeCloseTo(-0.6702259024464966, 9);
    expect(found.degradation?.intercept).toBeCloseTo(0.49225331701271346, 9);
    expect(found.degradation?.rSquared).toBeCloseTo(0.47849116110117307, 9);
  });

  test("stochastic dominance: of the second order only", () => {
    const { first, second, points, chosen, all } = found.dominance;
    expect([first, second, points.length]).toEqual([false, true, 401]);
    expect([chosen[200], chosen[100]]).toEqual([0.3, 0]);
    expect(all[200]).toBeCloseTo(0.4714285714285714, 12);
    expect(all[100]).toBeCloseTo(0.18571428571428572, 12);
    expect([chosen[400], all[400]]).toEqual([1, 1]);
  });
});

describe("what a probability of overfitting is", () => {
  test("0 where one trial is best everywhere, and choosing it dominates", () => {
    const columns = noise(3, 20, 320).map((column, i) => column.map((value) => value + (i === 7 ? 2 : 0)));
    const found = backtestOverfitting(columns);
    expect([found.splits, found.probability, found.probabilityOfLoss]).toEqual([12_870, 0, 0]);
    expect(new Set(found.chosen)).toEqual(new Set([7]));
    expect([found.dominance.first, found.dominance.second]).toEqual([true, true]);
  });

  test("near 1/2 for noise, over many worlds", () => {
    const worlds = 60;
    let total = 0;
    for (let seed = 0; seed < worlds; seed++) {
      total += backtestOverfitting(noise(seed, 20, 160), { blocks: 8 }).probability;
    }
    // One world's probability deviates by about 0.2.
    expect(Math.abs(total / worlds - 0.5)).toBeLessThan(4 * (0.2 / Math.sqrt(worlds)));
  });

  test("1 where what wins in one half loses in the other", () => {
    // Each trial wins in one block what it loses in all others: best in sample is worst out of sample.
    const columns = Array.from({ length: 4 }, (_, i) =>
      Array.from({ length: 80 }, (__, t) => (Math.floor(t / 20) === i ? 4 : -2) + Math.sin(t * 7 + i)),
    );
    const found = backtestOverfitting(columns, { blocks: 4 });
    expect(found.probability).toBe(1);
    expect(found.degradation?.slope).toBeLessThan(0);
  });

  test("trials that never trade have a ratio of 0, and share ranks", () => {
    const idle = new Float64Array(32);
    const found = backtestOverfitting([idle, idle, idle], { blocks: 4 });
    expect(found.probability).toBe(1);
    expect([...found.logits]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(found.degradation).toBeNull();
    const steady = new Float64Array(32).fill(0.1);
    expect([...backtestOverfitting([steady, idle], { blocks: 4 }).inSample]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("periods that fit no block are left out, the earliest", () => {
    const columns = scattered(5, 66);
    const late = columns.map((column) => [9, -9, 9, ...column]);
    const plan = { blocks: 6 };
    expect(backtestOverfitting(late, plan).probability).toBe(backtestOverfitting(columns, plan).probability);
    expect(backtestOverfitting(late, plan).periods).toBe(66);
  });
});

describe("what is wrong is named", () => {
  const two = [new Float64Array(64), new Float64Array(64)];
  test.each([
    ["columns.length", () => backtestOverfitting([two[0] as Float64Array])],
    ["columns[1].length", () => backtestOverfitting([[1, 2], [1]])],
    [
      "columns[0][1]",
      () =>
        backtestOverfitting([
          [1, Number.NaN],
          [1, 2],
        ]),
    ],
    [
      "columns[0].length: found 7",
      () => backtestOverfitting([new Float64Array(7), new Float64Array(7)], { blocks: 4 }),
    ],
    ["options.blocks: found 5", () => backtestOverfitting(two, { blocks: 5 })],
    ["options.blocks: found 22", () => backtestOverfitting(two, { blocks: 22 })],
    ["options.metrics", () => backtestOverfitting(two, { metrics: 1 } as never)],
    ["options.metric (trial 0)", () => backtestOverfitting(two, { metric: () => Number.NaN })],
  ])("%s", (path, call) => expect(call).toThrow(path));
});
