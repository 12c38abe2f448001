import { describe, expect, test } from "vitest";
import {
  kurtosis,
  mean,
  normalCdf,
  normalPdf,
  normalQuantile,
  quantile,
  quantileSorted,
  skewness,
  stdev,
  sum,
} from "../../src/stat/index.ts";

/**
 * Expected moments and quantiles: numpy 2 and scipy 1.17 (`scipy.stats.skew`, `kurtosis(fisher=False)`,
 * `numpy.quantile` with methods linear, inverted_cdf and median_unbiased).
 */
const RETURNS = [
  0.012, -0.007, 0.003, 0.021, -0.034, 0.008, 0.0055, -0.0015, 0.017, -0.011, 0, 0.0265, -0.019, 0.0042,
  0.0098, -0.0063, 0.031, -0.0022, 0.0071, -0.0455, 0.0137, 0.0029, -0.0084, 0.0191,
];

describe("moments", () => {
  test.each([
    ["mean", mean(RETURNS), 0.0019125],
    ["stdev", stdev(RETURNS), 0.01763433687317223],
    ["skewness", skewness(RETURNS), -0.8759137408409362],
    ["kurtosis", kurtosis(RETURNS), 3.916174803185002],
    ["quantile 0.05", quantile(RETURNS, 0.05), -0.03175],
    ["quantile 0.95", quantile(RETURNS, 0.95), 0.025675],
    ["quantile 0.37", quantile(RETURNS, 0.37), -0.000735],
    ["nearest rank 0.37", quantile(RETURNS, 0.37, "nearestRank"), -0.0015],
    ["median unbiased 0.37", quantile(RETURNS, 0.37, "medianUnbiased"), -0.000995],
  ])("%s equals scipy's", (_name, found, expected) => {
    expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThan(1e-13 * Math.max(1, Math.abs(expected)));
  });

  test("typed arrays give the same figures", () => {
    expect(stdev(Float64Array.from(RETURNS))).toBe(stdev(RETURNS));
    expect(quantile(Float64Array.from(RETURNS), 0.37)).toBe(quantile(RETURNS, 0.37));
  });

  test("a constant series whose mean is not exact has no deviation, and no shape", () => {
    const tenths = new Array<number>(7).fill(0.1);
    expect(stdev(tenths)).toBe(0);
    expect(skewness(tenths)).toBeNull();
    expect(kurtosis(tenths)).toBeNull();
  });

  test("too few values are null", () => {
    expect(mean([])).toBeNull();
    expect(stdev([1])).toBeNull();
    expect(skewness([1])).toBeNull();
    expect(kurtosis([])).toBeNull();
    expect(quantile([], 0.5)).toBeNull();
    expect(sum([])).toBe(0);
  });

  test("an overflow is null, not Infinity", () => {
    expect(stdev([1e308, -1e308])).toBeNull();
    expect(mean([1e308, 1e308])).toBeNull();
  });

  test("a value that is not finite is named", () => {
    expect(() => sum([1, Number.NaN])).toThrow("values[1]: found NaN");
    expect(() => stdev([1, Infinity, 2])).toThrow("values[1]: found Infinity");
    expect(() => quantile([1, Number.NaN], 0.5)).toThrow("values[1]");
  });
});

describe("sum", () => {
  test("keeps what a plain sum loses", () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(sum(new Array<number>(10).fill(0.1))).toBe(1);
  });
});

describe("quantile", () => {
  test("0 and 1 are the extremes by every rule", () => {
    for (const rule of ["linear", "nearestRank", "medianUnbiased"] as const) {
      expect(quantile([3, 1, 2], 0, rule)).toBe(1);
      expect(quantile([3, 1, 2], 1, rule)).toBe(3);
      expect(quantile([5], 0.3, rule)).toBe(5);
    }
  });

  test("a rank that misses a whole number by rounding counts as whole", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(quantileSorted(hundred, 0.07, "nearestRank")).toBe(7);
  });

  test("leaves its argument alone and refuses a share that is none", () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
    expect(() => quantile(values, 1.5)).toThrow("FAULT_CONFIG q");
    expect(() => quantile(values, 0.5, "middle" as "linear")).toThrow("FAULT_CONFIG rule");
  });
});

/** mpmath 1.4 with 40 digits: `erfc(-x / sqrt 2) / 2` rounded once. */
const CDF: readonly (readonly [number, number])[] = [
  [-30.7, 2.8458302208738193e-207],
  [-20, 2.7536241186062337e-89],
  [-19.3, 2.6854605427992225e-83],
  [-12, 1.776482112077679e-33],
  [-9.87, 2.8082305354423035e-23],
  [-8, 6.220960574271784e-16],
  [-5, 2.866515718791939e-7],
  [-3, 0.0013498980316300946],
  [-2.4444, 0.007254664902236394],
  [-1.959963984540054, 0.025000000000000012],
  [-1, 0.15865525393145705],
  [-0.5, 0.3085375387259869],
  [-1e-10, 0.49999999996010575],
  [0, 0.5],
  [0.1, 0.539827837277029],
  [0.5, 0.6914624612740131],
  [1, 0.8413447460685429],
  [1.6448536269514722, 0.95],
  [2, 0.9772498680518208],
  [4, 0.9999683287581669],
  [6, 0.9999999990134123],
  [8, 0.9999999999999993],
];

/** mpmath 1.4 with 40 digits: the root of the distribution at the double p. */
const QUANTILES: readonly (readonly [number, number])[] = [
  [1e-300, -37.0470962993612],
  [1e-100, -21.273453560965326],
  [1e-16, -8.222082216130435],
  [1e-10, -6.361340902404057],
  [1e-5, -4.264890793922825],
  [0.001, -3.0902323061678136],
  [0.01, -2.326347874040841],
  [0.025, -1.9599639845400543],
  [0.05, -1.6448536269514726],
  [0.1, -1.2815515655446004],
  [0.25, -0.6744897501960817],
  [0.4, -0.2533471031357997],
  [0.49999, -2.5066282748960008e-5],
  [0.5, 0],
  [0.6, 0.2533471031357997],
  [0.75, 0.6744897501960817],
  [0.9, 1.2815515655446006],
  [0.95, 1.6448536269514722],
  [0.975, 1.9599639845400538],
  [0.99, 2.3263478740408408],
  [0.999, 3.090232306167813],
  [0.9999999, 5.199337582290661],
  [0.9999999999999, 7.3487545403000425],
];

describe("the normal distribution", () => {
  test.each(CDF)("cdf(%d), relative", (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(2e-15);
  });

  test.each(QUANTILES)("quantile(%d)", (p, expected) => {
    expect(Math.abs(normalQuantile(p) - expected)).toBeLessThanOrEqual(
      2e-15 * Math.max(1, Math.abs(expected)),
    );
  });

  test("the two-sided 95 % point", () => {
    expect(Math.abs(normalQuantile(0.975) - 1.959963984540054)).toBeLessThan(1e-15);
  });

  test("the ends: a probability of 0 or 1 has no quantile, the far tail no mass", () => {
    for (const p of [0, 1, -0.1, 1.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow("FAULT_INPUT p");
    expect(() => normalCdf(Number.NaN)).toThrow("FAULT_INPUT x");
    expect(normalCdf(-Infinity)).toBe(0);
    expect(normalCdf(Infinity)).toBe(1);
    expect(normalCdf(-37)).toBeGreaterThan(0);
    expect(normalPdf(0)).toBeCloseTo(0.3989422804014327, 15);
    expect(normalPdf(1)).toBeCloseTo(0.24197072451914337, 15);
  });
});
