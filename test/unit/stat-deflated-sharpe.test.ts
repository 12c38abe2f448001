import { describe, expect, test } from "vitest";
import {
  adjustedPValues,
  averageCorrelation,
  deflatedSharpe,
  effectiveTrials,
  expectedMaximumSharpe,
  haircutSharpes,
  minimumBacktestLength,
  mostTrials,
  sharpeHurdle,
  sharpePower,
  sharpeTrials,
} from "../../src/stat/index.ts";

const ROOT_250 = Math.sqrt(250);

/** The paper's example: a Sharpe ratio of 2.5 a year over five years of 250 days, skewness -3, kurtosis 10. */
const FAT = { sharpe: 2.5 / ROOT_250, count: 1_250, skewness: -3, kurtosis: 10 };
const NORMAL = { sharpe: 2.5 / ROOT_250, count: 1_250, skewness: 0, kurtosis: 3 };

function trials(count: number): { count: number; variance: number } {
  return { count, variance: 0.5 / 250 };
}

describe("the deflated Sharpe ratio", () => {
  test.each([
    ["100 trials", FAT, 100, 0.1132, 0.9004],
    ["46 trials: the most that pass at 95 %", FAT, 46, 0.1004, 0.9505],
    ["88 trials of normal returns", NORMAL, 88, 0.1111, 0.9505],
  ])("as published: %s", (_what, moments, count, benchmark, probability) => {
    const found = deflatedSharpe(moments, trials(count));
    expect(found?.benchmark).toBeCloseTo(benchmark, 4);
    expect(found?.probability).toBeCloseTo(probability, 4);
  });

  test("to more digits than published, by scipy 1.17", () => {
    expect(deflatedSharpe(FAT, trials(100))?.probability).toBeCloseTo(0.9003968344493903, 12);
    expect(deflatedSharpe(FAT, trials(1_000_000))?.probability).toBeCloseTo(0.044371242334761994, 12);
    expect(deflatedSharpe(NORMAL, trials(10))?.probability).toBeCloseTo(0.9989652758939248, 12);
  });

  test("47 trials are too many for the paper's example", () => {
    expect(deflatedSharpe(FAT, trials(47))?.probability).toBeLessThan(0.95);
  });

  /** Expected: scipy 1.17's normal quantile in the paper's equation. */
  test.each([
    [2, 0.5197553442805939],
    [10, 1.57459830134575],
    [100, 2.5306028932016846],
    [1_000, 3.255121513652723],
    [1_000_000, 4.867860037837305],
  ])("the largest of %i standard normals is %d", (count, expected) => {
    expect(expectedMaximumSharpe({ count, variance: 1 })).toBeCloseTo(expected, 12);
    expect(expectedMaximumSharpe({ count, variance: 0.25 })).toBeCloseTo(expected / 2, 12);
  });

  test("a count that is no number of trials, and one below 2", () => {
    expect(expectedMaximumSharpe({ count: 1, variance: 4 })).toBe(0);
    expect(expectedMaximumSharpe({ count: 1.05, variance: 4 })).toBe(0);
    expect(() => expectedMaximumSharpe({ count: 0.9, variance: 1 })).toThrow("trials.count");
    expect(() => expectedMaximumSharpe({ count: 2, variance: -1 })).toThrow("trials.variance");
    const misspelt = { count: 2, variance: 1, varience: 1 };
    expect(() => deflatedSharpe(FAT, misspelt)).toThrow("trials.varience");
  });

  test("the trials of a search", () => {
    expect(sharpeTrials([0.25, 0.5, 0.75], 2.5)).toEqual({ count: 2.5, variance: 0.0625 });
    expect(sharpeTrials([0.25])).toBeNull();
    expect(() => sharpeTrials([0.1, Number.NaN])).toThrow("values[1]");
    expect(() => sharpeTrials([0.1, 0.2], 0)).toThrow("effective");
  });
});

/** Expected: scipy 1.17, the hurdle by `brentq` on the probabilistic Sharpe ratio. */
describe("hurdle and power", () => {
  const benchmark = 0.09206873983560238;

  test("the hurdle", () => {
    expect(sharpeHurdle({ count: 1_250 })).toBeCloseTo(0.04656733170908385, 12);
    const fat = { count: 250, benchmark: 0.1, skewness: -1, kurtosis: 6, confidence: 0.99 };
    expect(sharpeHurdle(fat)).toBeCloseTo(0.2722349972843695, 12);
    expect(sharpePower(0.2, fat)).toBeCloseTo(0.15397998741709418, 12);
    expect(sharpeHurdle({ count: 4, kurtosis: 9 })).toBeNull();
    expect(() => sharpeHurdle({ count: 9, confidence: 0.5 })).toThrow("test.confidence");
    expect(() => sharpeHurdle({ count: 1 })).toThrow("test.count");
  });

  test.each([
    [1, 0.0038068271263752367],
    [1.5, 0.060530495278991354],
    [2, 0.3319631671247635],
    [2.5, 0.7508396892609103],
    [3, 0.9627040007568071],
  ])("an edge of %d a year among 1,000 trials of 1,250 days is found at %d", (edge, power) => {
    expect(sharpePower(edge / ROOT_250, { count: 1_250, benchmark })).toBeCloseTo(power, 12);
  });
});

describe("the length of a backtest", () => {
  test("as published: five years bear 45 trials for a ratio of 1", () => {
    expect(mostTrials(5, 1)).toBe(45);
    expect(minimumBacktestLength(45, 1)).toBeCloseTo(4.998087004443404, 10);
    expect(minimumBacktestLength(46, 1)).toBeCloseTo(5.036302717997626, 10);
  });

  test("as published: two years bear 7 trials", () => {
    expect(mostTrials(2, 1)).toBe(7);
    expect(minimumBacktestLength(7, 1)).toBeCloseTo(1.923143406664121, 10);
  });

  test("the ends", () => {
    expect(minimumBacktestLength(1, 1)).toBe(0);
    expect(mostTrials(1e-9, 1)).toBe(1);
    expect(mostTrials(1e9, 1)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => mostTrials(0, 1)).toThrow("periods");
    expect(() => minimumBacktestLength(5, 0)).toThrow("sharpe");
  });
});

/** Columns by a formula, so that numpy has the same. */
function waves(count: number, rows: number): number[][] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: rows }, (_, t) => Math.sin(t * (i + 1) * 0.7) + 0.5 * Math.cos(t * 0.3)),
  );
}

/** Expected: numpy 2.4, `corrcoef` and `eigvalsh`. */
describe("trials that depend on one another", () => {
  test("six columns of 40", () => {
    expect(averageCorrelation(waves(6, 40))).toBeCloseTo(0.11809731560077594, 12);
    expect(effectiveTrials(waves(6, 40))).toBeCloseTo(5.40951342199612, 11);
    expect(effectiveTrials(waves(6, 40), "participation")).toBeCloseTo(4.266974590004916, 11);
  });

  test("more columns than rows", () => {
    expect(effectiveTrials(waves(9, 5), "participation")).toBeCloseTo(3.626637694522566, 11);
  });

  test("what does not vary is no trial", () => {
    const idle = new Float64Array(40);
    for (const estimate of ["averageCorrelation", "participation"] as const) {
      expect(effectiveTrials([...waves(6, 40), idle], estimate)).toBe(
        effectiveTrials(waves(6, 40), estimate),
      );
      expect(effectiveTrials([idle, idle], estimate)).toBe(1);
    }
  });

  test("opposites are two trials, not more", () => {
    const up = [1, -1, 2, -2];
    const down = up.map((value) => -value);
    expect(effectiveTrials([up, down])).toBe(2);
    expect(effectiveTrials([up, down], "participation")).toBeCloseTo(1, 12);
  });

  test("what is wrong is named", () => {
    expect(() => averageCorrelation([])).toThrow("columns");
    expect(() =>
      averageCorrelation([
        [1, 2],
        [1, 2, 3],
      ]),
    ).toThrow("columns[1].length");
    expect(() => effectiveTrials([[1, Number.NaN]])).toThrow("columns[0][1]");
    expect(() => effectiveTrials([[1, 2]], "onc" as "participation")).toThrow("estimate");
  });
});

describe("haircuts", () => {
  const P = [0.01, 0.0004, 0.04, 0.03, 0.005, 0.5, 0.9, 0.0213];

  /** Expected: statsmodels `multipletests`. */
  test.each([
    ["bonferroni", [0.08, 0.0032, 0.32, 0.24, 0.04, 1, 1, 0.1704]],
    [
      "sidak",
      [
        0.07725530557207991, 0.0031955235822085735, 0.2786104210161664, 0.2162566405623039,
        0.039306956424563125, 0.99609375, 0.99999999, 0.15822367592949052,
      ],
    ],
    ["holm", [0.06, 0.0032, 0.12, 0.12, 0.035, 1, 1, 0.1065]],
    [
      "bhy",
      [
        0.07247619047619047, 0.008697142857142856, 0.14495238095238094, 0.13045714285714285,
        0.054357142857142854, 1, 1, 0.11578071428571426,
      ],
    ],
  ] as const)("%s", (rule, expected) => {
    for (const [i, p] of adjustedPValues(P, rule).entries()) expect(p).toBeCloseTo(expected[i] as number, 12);
  });

  test("as published: 0.75 a year over 20 years, one of 200, is worth 0.32", () => {
    const months = 240;
    const best = 0.75 / Math.sqrt(12);
    const sharpes = [best, ...new Array<number>(199).fill(0)];
    const [first, second] = haircutSharpes(sharpes, months, "sidak");
    expect(first?.pValue).toBeCloseTo(0.0008, 4);
    expect(first?.adjustedPValue).toBeCloseTo(0.15, 2);
    expect((first?.sharpe as number) * Math.sqrt(12)).toBeCloseTo(0.3240623177938771, 10);
    expect(second).toEqual({ pValue: 1, adjustedPValue: 1, sharpe: 0, haircut: 0 });
  });

  test("a loser keeps its sign, and a ratio beyond any p-value keeps its size", () => {
    const [loser, giant] = haircutSharpes([-0.3, 5], 400, "holm");
    expect(loser?.sharpe).toBeLessThan(-0.2);
    expect(giant).toEqual({ pValue: 0, adjustedPValue: 0, sharpe: 5, haircut: 0 });
  });

  test("what is wrong is named", () => {
    expect(() => adjustedPValues([0.5, 1.5], "holm")).toThrow("pValues[1]");
    expect(() => adjustedPValues([0.5], "fdr" as "bhy")).toThrow("rule");
    expect(() => haircutSharpes([0.5], 1, "holm")).toThrow("count");
    expect(() => haircutSharpes([Number.NaN], 9, "holm")).toThrow("sharpes[0]");
  });
});
