import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { mean, probabilisticSharpe, sharpeMoments } from "../../src/stat/index.ts";
import { crossValidate, type SweepReturns, walkForward } from "../../src/sweep/index.ts";

const DAY = 86_400_000;
const YEARLY = Math.sqrt(365.25);

/** A sweep of daily returns, in percent; its points are numbered from 10. */
function sweepOf(percents: readonly (readonly number[])[]): SweepReturns {
  const boundariesMs = Array.from(
    { length: (percents[0] as readonly number[]).length + 1 },
    (_, i) => i * DAY,
  );
  const points = percents.map((each, i) => ({
    index: 10 + i,
    returns: Float64Array.from(each, (value) => value / 100),
  }));
  return { plan: { series: { periodNs: DAY * 1e6, boundariesMs } }, points };
}

const BY_HAND = sweepOf([
  [1, 3, 1, 3, -1, -3, -1, -3, -1, -3, 2, 4],
  [-1, -3, -1, -3, 1, 3, 1, 3, 1, -1, -2, 0],
  [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
]);

/** Sweeps of 30 points of pure noise, 240 days each. */
function noise(seed: number, edge = 0): SweepReturns {
  const draws = new Prng(seed);
  return sweepOf(
    Array.from({ length: 30 }, (_, point) =>
      Array.from({ length: 240 }, () => draws.normal() + (point === 17 ? edge : 0)),
    ),
  );
}

describe("a walk forward through three points and twelve periods", () => {
  const walk = walkForward(BY_HAND, { train: 4, test: 2 });

  it("chooses by training alone and takes what came behind it", () => {
    expect(walk.windows.map(({ point }) => point)).toEqual([10, 12, 11, 12]);
    expect(walk.windows.map(({ train, test }) => [train.first, train.end, test.first, test.end])).toEqual([
      [0, 4, 4, 6],
      [2, 6, 6, 8],
      [4, 8, 8, 10],
      [6, 10, 10, 12],
    ]);
    expect(walk.windows[1]?.test).toMatchObject({ fromMs: 6 * DAY, toMs: 8 * DAY });
    expect(Array.from(walk.returns, (value) => value * 100)).toEqual([-1, -3, 0, 1, 1, -1, 0, 1]);
    expect(walk.boundariesMs).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12].map((day) => day * DAY));
    expect(walk).toMatchObject({ changes: 3, hindsight: 12, metric: "sharpe" });
  });

  it("tells figures in training and behind it", () => {
    const root = Math.sqrt(3) * YEARLY;
    const inSample = [root, root / 2, root, root / 2];
    const outOfSample = [-Math.SQRT2, Math.SQRT1_2, 0, Math.SQRT1_2].map((each) => each * YEARLY);
    for (const [i, window] of walk.windows.entries()) {
      expect(window.inSample).toBeCloseTo(inSample[i] as number, 10);
      expect(window.outOfSample).toBeCloseTo(outOfSample[i] as number, 10);
    }
    expect(walk.inSample).toBeCloseTo(0.75 * root, 10);
    expect(walk.outOfSample).toBeCloseTo(0, 10);
    expect(walk.degradation).toBeCloseTo(0.75 * root, 10);
    expect(walk.inSampleReturn).toBeCloseTo(0.0125 * 365.25, 10);
    expect(walk.outOfSampleReturn).toBeCloseTo(-0.0025 * 365.25, 10);
    expect(walk.efficiency).toBeCloseTo(-0.2, 10);
    const chained = -0.25 / Math.sqrt(13.5 / 7);
    expect(walk.sharpe).toBeCloseTo(chained * YEARLY, 10);
    expect(walk.moments?.sharpe).toBeCloseTo(chained, 10);
    expect(walk.probabilisticSharpe).toBe(probabilisticSharpe(sharpeMoments(walk.returns) as never));
  });

  it("leaves out the longer of purge and embargo, and lets a training grow", () => {
    const spans = (options: object): (readonly number[])[] =>
      walkForward(BY_HAND, { train: 4, test: 4, ...options }).windows.map(({ train }) => [
        train.first,
        train.end,
      ]);
    expect(spans({ purge: 1 })).toEqual([
      [0, 3],
      [4, 7],
    ]);
    expect(spans({ purge: 1, embargo: 2 })).toEqual([
      [0, 2],
      [4, 6],
    ]);
    expect(spans({ embargo: 1, anchored: true })).toEqual([
      [0, 3],
      [0, 7],
    ]);
  });

  it("cuts a number of folds that use every period", () => {
    const windows = walkForward(noise(1), { folds: 5 }).windows;
    expect(windows.map(({ test }) => [test.first, test.end])).toEqual(
      [90, 120, 150, 180, 210].map((first) => [first, first + 30]),
    );
    expect(windows[0]?.train).toMatchObject({ first: 0, end: 90 });
  });

  it("chooses by the figure it is told, high or low", () => {
    const chosen = (metric: string): (number | null)[] =>
      walkForward(BY_HAND, { train: 4, test: 4, metric }).windows.map(({ point }) => point);
    expect(chosen("totalReturn")).toEqual([10, 11]);
    expect(chosen("-totalReturn")).toEqual([11, 10]);
    expect(chosen("-maxDrawdown")).toEqual([10, 11]);
    expect(chosen("-volatility")).toEqual([12, 12]);
    expect(chosen("positivePeriods")).toEqual([10, 11]);
    const low = walkForward(BY_HAND, { train: 4, test: 4, metric: "-volatility" });
    expect(low.degradation).toBeCloseTo(0, 10);
  });

  it("chooses points that ended early while they lived, and holds their cash behind that", () => {
    const [whole, early] = sweepOf([
      [1, 2, 1, 2, 1, 2],
      [5, 6, 5, -9, 0, 0],
    ]).points;
    const { plan } = sweepOf([[0, 0, 0, 0, 0, 0]]);
    const walk = walkForward(
      { plan, points: [whole as never], pruned: [early as never] },
      { train: 2, test: 2, metric: "totalReturn" },
    );
    expect(walk.windows.map(({ point }) => point)).toEqual([11, 10]);
    expect(walk.returns[1]).toBeLessThan(-0.05);
    const cross = crossValidate(
      { plan, points: [], pruned: [early as never] },
      { groups: 3, testGroups: 1, metric: "totalReturn" },
    );
    expect(new Set(cross.chosen)).toEqual(new Set([11]));
  });

  it("keeps cash where no point has a figure, and takes the first of equals", () => {
    const flat = walkForward(sweepOf([[0, 0, 0, 0, 5, 5]]), { train: 4, test: 2 });
    expect(flat.windows[0]).toMatchObject({ point: null, inSample: null, outOfSample: null });
    expect(flat).toMatchObject({
      returns: new Float64Array(2),
      sharpe: null,
      efficiency: null,
      hindsight: 10,
    });
    const twins = walkForward(
      sweepOf([
        [1, 2, 1, 2],
        [1, 2, 1, 2],
      ]),
      { train: 2, test: 2 },
    );
    expect(twins.windows[0]?.point).toBe(10);
  });
});

describe("a cross-validation of three points and twelve periods", () => {
  const { paths, ...told } = crossValidate(BY_HAND, { groups: 3, testGroups: 2 });

  it("chooses for every choice of groups and puts paths together", () => {
    expect(told).toMatchObject({ splits: 3, chosen: [12, 11, 10], belowZero: 0.5 });
    expect(paths.map((path) => Array.from(path, (value) => value * 100))).toEqual([
      [0, 1, 0, 1, 0, 1, 0, 1, 1, -1, -2, 0],
      [-1, -3, -1, -3, -1, -3, -1, -3, -1, -3, 2, 4],
    ]);
  });

  it("tells the distribution of the paths' ratios", () => {
    const first = (1 / 6 / Math.sqrt((10 - 12 / 36) / 11)) * YEARLY;
    const second = (-7 / 6 / Math.sqrt((70 - (12 * 49) / 36) / 11)) * YEARLY;
    expect(told.sharpes[0]).toBeCloseTo(first, 10);
    expect(told.sharpes[1]).toBeCloseTo(second, 10);
    expect(told.mean).toBeCloseTo((first + second) / 2, 10);
    expect(told.deviation).toBeCloseTo((first - second) / Math.SQRT2, 10);
    expect(told.quantiles.map(({ share }) => share)).toEqual([0.05, 0.25, 0.5, 0.75, 0.95]);
    expect(told.quantiles[1]?.sharpe).toBeCloseTo(0.75 * second + 0.25 * first, 10);
    expect(told.inSample).toBeCloseTo(((0.5 + 1 + 1) / 3) * Math.sqrt(3) * YEARLY, 10);
  });

  it("has phi = C(N, k) k / N paths", () => {
    const made = crossValidate(noise(2), { groups: 6, testGroups: 2, purge: 1, embargo: 2 });
    expect(made).toMatchObject({ splits: 15, purge: 1, embargo: 2 });
    expect(made.paths).toHaveLength(5);
    expect(made.paths.every((path) => path.length === 240)).toBe(true);
  });
});

describe("what is chosen among noise", () => {
  it("looks well in training and is worth nothing behind it", () => {
    const walks = Array.from({ length: 40 }, (_, seed) => walkForward(noise(seed + 1)));
    const inSample = mean(walks.map((walk) => walk.inSample as number)) as number;
    const outOfSample = walks.map((walk) => walk.sharpe as number);
    // The best of 30 over 90 days: two deviations of 19.1 / sqrt(90).
    expect(inSample).toBeGreaterThan(3);
    // One ratio of 150 days deviates by 1.56, the mean of 40 by 0.25.
    expect(Math.abs(mean(outOfSample) as number)).toBeLessThan(0.75);
    expect(mean(walks.map(({ degradation }) => degradation as number))).toBeGreaterThan(3);
    expect(Math.abs(mean(walks.map(({ efficiency }) => efficiency as number)) as number)).toBeLessThan(0.2);
    const crossed = Array.from({ length: 20 }, (_, seed) =>
      crossValidate(noise(seed + 1), { groups: 6, testGroups: 2 }),
    );
    expect(mean(crossed.map((each) => each.inSample as number))).toBeGreaterThan(2);
    // Trainings share the noise of what is not tested: the mean is near 0, or a little below it.
    expect(Math.abs(mean(crossed.map((each) => each.mean)) as number)).toBeLessThan(1);
  });

  it("is not what a planted edge is", () => {
    const sweep = noise(3, 0.5);
    const walk = walkForward(sweep);
    expect(walk.windows.every(({ point }) => point === 27)).toBe(true);
    expect(walk).toMatchObject({ changes: 0, hindsight: 27 });
    expect(walk.efficiency).toBeGreaterThan(0.5);
    expect(walk.probabilisticSharpe).toBeGreaterThan(0.99);
    const crossed = crossValidate(sweep, { purge: 1, embargo: 3 });
    expect(new Set(crossed.chosen)).toEqual(new Set([27]));
    expect(crossed.belowZero).toBe(0);
  });
});

describe("options of walking and crossing", () => {
  it.each([
    ["an unknown word", { fold: 3 }, "walkForward.fold"],
    ["no folds", { folds: 0 }, "walkForward.folds"],
    ["more folds than periods", { folds: 10 }, "walkForward.folds"],
    ["folds beside lengths", { folds: 2, train: 4, test: 2 }, "walkForward.folds"],
    ["a training without a test", { train: 4 }, "walkForward.test"],
    ["a test without a training", { test: 4 }, "walkForward.train"],
    ["a training of one period", { train: 1, test: 2 }, "walkForward.train"],
    ["tests behind the end", { train: 8, test: 5 }, "walkForward.test"],
    ["a purge that leaves one period", { train: 4, test: 2, purge: 3 }, "walkForward.purge"],
    ["an embargo below 0", { embargo: -1 }, "walkForward.embargo"],
    ["a half-true anchor", { anchored: 1 }, "walkForward.anchored"],
    ["a figure of trades", { metric: "profitFactor" }, "walkForward.metric"],
    ["a figure that is none", { metric: "constructor" }, "walkForward.metric"],
    ["no text", { metric: 3 }, "walkForward.metric"],
  ])("walkForward refuses %s", (_name, options, path) => {
    expect(() => walkForward(BY_HAND, options as never)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path, expected: expect.stringMatching(/./) }),
    );
  });

  it.each([
    ["an unknown word", { folds: 3 }, "crossValidation.folds"],
    ["one group", { groups: 1 }, "crossValidation.groups"],
    ["more groups than periods", { groups: 13 }, "crossValidation.groups"],
    ["tests of all groups", { groups: 3, testGroups: 3 }, "crossValidation.testGroups"],
    ["half a period", { purge: 0.5 }, "crossValidation.purge"],
    ["a purge of everything", { groups: 3, testGroups: 1, purge: 8 }, "crossValidation.purge"],
    [
      "an embargo of everything",
      { groups: 3, testGroups: 1, embargo: 12, purge: 3 },
      "crossValidation.embargo",
    ],
    ["a figure that is none", { metric: "-luck" }, "crossValidation.metric"],
  ])("crossValidate refuses %s", (_name, options, path) => {
    expect(() => crossValidate(BY_HAND, options as never)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path, expected: expect.stringMatching(/./) }),
    );
  });

  it("refuses too many splits before any of them is made", () => {
    expect(() => crossValidate(noise(1), { groups: 24, testGroups: 12 })).toThrow(
      expect.objectContaining({ path: "crossValidation.testGroups", value: 12 }),
    );
  });

  it("refuses a sweep without points", () => {
    const none = { ...BY_HAND, points: [] };
    const expected = expect.objectContaining({ code: "FAULT_INPUT", path: "result.points.length", value: 0 });
    expect(() => walkForward(none, { train: 4, test: 2 })).toThrow(expected);
    expect(() => crossValidate(none)).toThrow(expected);
  });
});
