import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  autocorrelations,
  cagr,
  calmar,
  drawdownSeries,
  expectancy,
  fillRate,
  hitRate,
  inferSampling,
  logReturns,
  maxDrawdown,
  minimumTrackRecord,
  monthlyReturns,
  PERFORMANCE_FIGURES,
  performance,
  periodsPerYear,
  probabilisticSharpe,
  profitFactor,
  Slippage,
  sharpe,
  sharpeMoments,
  sharpeScale,
  sharpeStandardError,
  simpleReturns,
  slippageBp,
  sortino,
  successRate,
  tailRatio,
  timeInvested,
  totalReturn,
  turnoverRatio,
  ulcerIndex,
  volatility,
  yearlyReturns,
} from "../../src/stat/index.ts";

const DAY = 86_400_000;
const RETURNS = [
  0.012, -0.007, 0.003, 0.021, -0.034, 0.008, 0.0055, -0.0015, 0.017, -0.011, 0, 0.0265, -0.019, 0.0042,
  0.0098, -0.0063, 0.031, -0.0022, 0.0071, -0.0455, 0.0137, 0.0029, -0.0084, 0.0191,
];
const RATE = 0.02;
const PER_DAY = RATE / 252;

function near(found: number | null, expected: number, tolerance = 1e-12): void {
  expect(found).not.toBeNull();
  expect(Math.abs((found as number) / expected - 1)).toBeLessThan(tolerance);
}

/** Expected: numpy 2 and scipy 1.17 in double precision, from the definitions and not from this code. */
describe("ratios against numpy", () => {
  const options = { periodsPerYear: 252, riskFree: RATE };
  test("Sharpe", () => near(sharpe(RETURNS, options), 1.6501961444345454));
  test("Sortino over all n", () => near(sortino(RETURNS, options), 2.283953126930416));
  test("volatility", () => near(volatility(RETURNS, 252), 0.2799364194117005));
  test("tail ratio", () => near(tailRatio(RETURNS), 0.8086614173228343));

  test("no spread, no ratio: rounding noise is not risk", () => {
    const decayed = [1.3];
    for (let i = 0; i < 50; i++) decayed.push((decayed[i] as number) * 0.999877);
    const returns = simpleReturns(decayed) ?? [];
    expect(new Set(returns).size).toBeGreaterThan(1);
    expect(sharpe(returns, options)).toBeNull();
    expect(sharpe([0.01], options)).toBeNull();
    expect(sharpe([], options)).toBeNull();
    expect(sortino([0.01, 0.02], options)).toBeNull();
    expect(tailRatio([0.01])).toBeNull();
    expect(tailRatio([0, 0, 0])).toBeNull();
    expect(calmar(0.1, 0)).toBeNull();
    expect(calmar(0.1, 0.2)).toBe(0.5);
  });

  test("a misspelt option is refused by name", () => {
    const misspelt = { periodsPerYear: 252, riskfree: 0.02 } as { periodsPerYear: number };
    expect(() => sharpe(RETURNS, misspelt)).toThrow("options.riskfree");
    expect(() => sharpe(RETURNS, { periodsPerYear: 0 })).toThrow("options.periodsPerYear: found 0");
    expect(() => sortino([0.1, Number.NaN], { periodsPerYear: 1 })).toThrow("values[1]");
  });
});

/**
 * The full digits are scipy 1.17's (`norm.cdf`, `norm.ppf` over the formulas of the paper). The parameters
 * are those of the examples in Bailey and Lopez de Prado (2012): 24 months of a ratio of 0.458 with and
 * without skewness -2.448 and kurtosis 10.164; an annual ratio of 2 against 1 by sampling frequency.
 */
describe("probabilistic Sharpe ratio and track record", () => {
  test.each([
    [-2.448, 10.164, 0, 0.913361083860933],
    [-2.448, 10.164, 0.1, 0.8564312381396653],
    [0, 3, 0.1, 0.9488061460431657],
  ])("skewness %d, kurtosis %d, benchmark %d", (skewness, kurtosis, benchmark, expected) => {
    near(probabilisticSharpe({ sharpe: 0.458, count: 24, skewness, kurtosis }, benchmark), expected);
  });

  test.each([
    [250, 0, 3, 2.731187801728176],
    [52, 0, 3, 2.828833586945237],
    [12, 0, 3, 3.239800696444647],
    [12, -0.72, 5.78, 4.991258223875627],
  ])(
    "%d periods a year, skewness %d, kurtosis %d: years to tell 2 from 1",
    (periods, skewness, kurtosis, years) => {
      const root = Math.sqrt(periods);
      const needed = minimumTrackRecord({ sharpe: 2 / root, skewness, kurtosis }, 1 / root);
      near((needed ?? 0) / periods, years);
    },
  );

  test("from a series", () => {
    const moments = sharpeMoments(RETURNS, PER_DAY);
    if (moments === null) throw new Error("no moments");
    near(probabilisticSharpe(moments), 0.682809399462656);
    near(probabilisticSharpe(moments, 0.05), 0.597478542549888);
    near(minimumTrackRecord(moments), 276.14054837330895);
  });

  test("a ratio that does not beat its benchmark has no track record long enough", () => {
    expect(minimumTrackRecord({ sharpe: 0.1, skewness: 0, kurtosis: 3 }, 0.1)).toBeNull();
    expect(minimumTrackRecord({ sharpe: -0.1, skewness: 0, kurtosis: 3 })).toBeNull();
    expect(sharpeMoments([0.1, 0.1, 0.1])).toBeNull();
    expect(probabilisticSharpe({ sharpe: 1, count: 9, skewness: 5, kurtosis: 1 })).toBeNull();
    expect(() => minimumTrackRecord({ sharpe: 1, skewness: 0, kurtosis: 3 }, 0, 1)).toThrow("confidence");
  });
});

/** Expected: numpy, the matrix form of Lo's estimator (gradient, Newey-West covariance of the two moments). */
describe("Lo's standard error", () => {
  test.each([
    [0, 0.21420711734131753],
    [2, 0.13921886533409622],
    [3, 0.1373341321761765],
  ])("%d lags", (lags, expected) => near(sharpeStandardError(RETURNS, PER_DAY, lags), expected));

  test("autocorrelations and the scale of 12 periods", () => {
    const found = autocorrelations(RETURNS, 3) ?? [];
    near(found[0] ?? null, -0.44897163851869454);
    near(found[1] ?? null, -0.006773033872815497);
    near(found[2] ?? null, 0.14333604370618225);
    near(sharpeScale(12, found), 5.615076242558576);
    near(sharpeScale(12, []), Math.sqrt(12));
    expect(sharpeScale(2, [-1])).toBeNull();
  });
});

describe("returns", () => {
  test("simple, logarithmic and total", () => {
    expect([...(simpleReturns([100, 110, 99]) ?? [])].map((r) => r.toFixed(12))).toEqual([
      "0.100000000000",
      "-0.100000000000",
    ]);
    near((logReturns([1, Math.E]) ?? [])[0] ?? null, 1);
    expect(totalReturn([100, 50, 150])).toBe(0.5);
    expect(simpleReturns([100])).toHaveLength(0);
    expect(totalReturn([100])).toBeNull();
  });

  test("no rate of return on nothing or on a debt", () => {
    expect(simpleReturns([100, 0, 50])).toBeNull();
    expect(simpleReturns([-5, 5])).toBeNull();
    expect([...(simpleReturns([100, -50]) ?? [])]).toEqual([-1.5]);
    expect(logReturns([100, 0])).toBeNull();
    expect(totalReturn([0, 5])).toBeNull();
  });

  test("growth is scaled to a year from 30 days on", () => {
    near(cagr(0.21, 2), 0.1, 1e-14);
    near(cagr(0.1, 0.5), 0.21, 1e-12);
    expect(cagr(0.1, 29 / 365.25)).toBeNull();
    expect(cagr(-1, 1)).toBe(-1);
    expect(cagr(-1.5, 1)).toBeNull();
    expect(turnoverRatio(500, 100)).toBe(5);
    expect(turnoverRatio(500, 0)).toBeNull();
  });
});

describe("drawdown", () => {
  const equity = [1000];
  for (const r of RETURNS) equity.push((equity.at(-1) as number) * (1 + r));
  const ms = equity.map((_, i) => i * DAY);

  /** Expected: numpy, `maximum.accumulate`. */
  test("against numpy", () => {
    const fall = maxDrawdown(ms, equity);
    near(fall?.relative ?? null, 0.0455000000000001);
    near(fall?.absolute ?? null, 48.402353049517046);
    near(ulcerIndex(equity), 0.019988937755552164);
    near(totalReturn(equity), 0.04316116014682847);
  });

  test("peak to recovery, from the last sample at the peak", () => {
    const fall = maxDrawdown([0, 10, 20, 30, 40, 50], [100, 120, 120, 60, 90, 120]);
    expect(fall).toEqual({
      relative: 0.5,
      absolute: 60,
      peakIndex: 2,
      troughIndex: 3,
      recoveryIndex: 5,
      durationMs: 30,
      longestMs: 30,
    });
  });

  test("still under water counts to the end", () => {
    const fall = maxDrawdown([0, 10, 20, 30], [100, 80, 90, 95]);
    expect(fall).toMatchObject({ relative: 0.2, recoveryIndex: null, durationMs: 30, longestMs: 30 });
  });

  test("the deepest, the largest in money and the longest fall may be three", () => {
    const fall = maxDrawdown(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [100, 50, 100, 400, 300, 400, 399, 399, 399, 401],
    );
    expect(fall).toMatchObject({
      relative: 0.5,
      absolute: 100,
      durationMs: 2,
      longestMs: 4,
      recoveryIndex: 2,
    });
  });

  test("no fall, no samples, no equity", () => {
    expect(maxDrawdown([0, 1], [1, 2])).toMatchObject({ relative: 0, durationMs: 0, longestMs: 0 });
    expect(maxDrawdown([], [])).toBeNull();
    expect(maxDrawdown([0, 1], [0, 2])).toBeNull();
    expect(drawdownSeries([0, 1])).toBeNull();
    expect([...(drawdownSeries([100, 90, 110, 55]) ?? [])]).toEqual([0, 0.1, 0, 0.5]);
    expect(() => maxDrawdown([0, 0], [1, 2])).toThrow("ms[1]");
    expect(() => maxDrawdown([0], [1, 2])).toThrow("equity.length");
  });
});

describe("trades and fills", () => {
  const trades = { count: 5, wins: 3, losses: 1, grossProfit: 30, grossLoss: 10 };
  const none = { count: 0, wins: 0, losses: 0, grossProfit: 0, grossLoss: 0 };

  test("figures, and null where there is nothing to divide by", () => {
    expect([hitRate(trades), profitFactor(trades), expectancy(trades)]).toEqual([0.6, 3, 4]);
    expect([hitRate(none), profitFactor(none), expectancy(none)]).toEqual([null, null, null]);
    expect([fillRate(3, 4), successRate(9, 10), fillRate(0, 0)]).toEqual([0.75, 0.9, null]);
    expect(() => hitRate({ ...trades, grossLoss: -10 })).toThrow("trades.grossLoss");
  });

  test("slippage is a signed cost in basis points", () => {
    expect(slippageBp(1, 10_001, 10_000)).toBeCloseTo(1, 10);
    expect(slippageBp(-1, 10_001, 10_000)).toBeCloseTo(-1, 10);
    expect(slippageBp(1, 1, 0)).toBeNull();
    expect(slippageBp(1, 1, Number.NaN)).toBeNull();
    const slippage = new Slippage();
    expect([slippage.meanBp, slippage.weightedBp]).toEqual([null, null]);
    slippage.record(1, 101, 100, 3);
    slippage.record(-1, 101, 100, 1);
    slippage.record(1, 101, Number.NaN, 1);
    expect(slippage.meanBp).toBeCloseTo(0, 10);
    expect(slippage.weightedBp).toBeCloseTo(50, 10);
    expect([slippage.count, slippage.skipped]).toEqual([2, 1]);
  });
});

describe("sampling", () => {
  const monday = Date.UTC(2024, 0, 1);
  const at = (days: number): number => monday + days * DAY;

  test.each([
    ["weekdays", [0, 1, 2, 3, 4, 7, 8, 9].map(at), 252],
    ["everyDay", [0, 1, 2, 3, 4, 5, 6].map(at), 365],
    ["weekly", [0, 7, 14].map(at), 52],
    ["monthly", [0, 31, 60, 91].map(at), 12],
    ["continuous", [0, 1, 2].map((i) => monday + i * 1_000), 365 * 86_400],
  ] as const)("%s", (rule, ms, expected) => {
    expect(inferSampling(ms)).toMatchObject({ rule, periodsPerYear: expected });
  });

  test("by hand", () => {
    expect(periodsPerYear({ market: "continuous", periodMs: 1_000 })).toBe(31_536_000);
    expect(periodsPerYear({ market: "sessions", periodMs: DAY })).toBe(252);
    expect(periodsPerYear({ market: "sessions", periodMs: 7 * DAY })).toBe(36);
    expect(() => periodsPerYear({ market: "sessions", periodMs: 60_000 })).toThrow("calendar.sessionMs");
    expect(inferSampling([5])).toBeNull();
    expect(() => inferSampling([5, 5])).toThrow("ms[1]");
  });
});

describe("calendar returns", () => {
  const at = (text: string): number => Date.parse(`${text}T00:00:00Z`);
  const ms = [at("2023-12-30"), at("2023-12-31"), at("2024-01-15"), at("2024-01-31"), at("2024-03-01")];

  test("months measured from the last equity before them; empty ones left out", () => {
    expect(monthlyReturns(ms, [100, 110, 50, 121, 242])).toEqual([
      { year: 2023, month: 12, value: 110 / 100 - 1 },
      { year: 2024, month: 1, value: 121 / 110 - 1 },
      { year: 2024, month: 3, value: 1 },
    ]);
    expect(yearlyReturns(ms, [100, 110, 50, 121, 242])).toEqual([
      { year: 2023, value: 110 / 100 - 1 },
      { year: 2024, value: 242 / 110 - 1 },
    ]);
    expect(monthlyReturns([], [])).toEqual([]);
    expect(monthlyReturns([ms[0] as number], [100])).toEqual([{ year: 2023, month: 12, value: 0 }]);
  });
});

describe("performance", () => {
  const equity = [1000];
  for (const r of RETURNS) equity.push((equity.at(-1) as number) * (1 + r));
  const ms = equity.map((_, i) => i * DAY * 2);

  test("is the single figures under their names", () => {
    const figures = performance({
      ms,
      equity,
      exposure: equity.map((_, i) => (i < 12 ? 0 : 500)),
      periodsPerYear: 252,
      riskFree: RATE,
      trades: { count: 4, wins: 3, losses: 1, grossProfit: 30, grossLoss: 10 },
      turnover: 5_000,
    });
    expect(Object.keys(figures).sort()).toEqual([...PERFORMANCE_FIGURES].sort());
    near(figures.sharpe, 1.6501961444345454, 1e-11);
    near(figures.sortino, 2.283953126930416, 1e-11);
    near(figures.probabilisticSharpe, 0.682809399462656, 1e-11);
    near(figures.minimumTrackRecord, 276.14054837330895, 1e-11);
    near(figures.maxDrawdown, 0.0455, 1e-11);
    near(figures.bestPeriod, 0.031);
    near(figures.worstPeriod, -0.0455);
    near(figures.positivePeriods, 14 / 24);
    near(figures.exposure, 0.5);
    near(figures.years, 48 / 365.25);
    expect([figures.hitRate, figures.profitFactor, figures.expectancy]).toEqual([0.75, 3, 5]);
    expect([figures.periods, figures.trades]).toEqual([24, 4]);
    near(figures.turnoverPerYear, ((figures.turnover ?? 0) * 365.25) / 48);
    near(figures.calmar, (figures.cagr ?? 0) / (figures.maxDrawdown ?? 1));
  });

  test.each([
    ["no sample", [], []],
    ["one sample", [0], [100]],
    ["a flat line", [0, DAY, 2 * DAY], [100, 100, 100]],
    ["ruin", [0, DAY, 2 * DAY], [100, 0, 0]],
    ["a debt", [0, DAY, 2 * DAY], [100, -10, -20]],
    ["no start", [0, DAY, 2 * DAY], [0, 10, 20]],
    ["an explosion", [0, 40 * DAY, 80 * DAY], [1e-300, 1e300, 1e-300]],
  ])("%s has only finite figures and nulls", (_name, times, values) => {
    const figures = performance({
      ms: times,
      equity: values,
      periodsPerYear: 252,
      trades: null,
      turnover: 0,
    });
    for (const [name, value] of Object.entries(figures)) {
      expect(value === null || Number.isFinite(value), `${name} is ${value}`).toBe(true);
    }
    expect(figures.sharpe).toBeNull();
  });

  test("refuses wrong input by name", () => {
    const good = { ms: [0, 1], equity: [1, 2], periodsPerYear: 252 };
    expect(() => performance({ ...good, periodsPerYear: 0 })).toThrow("performance.periodsPerYear");
    expect(() => performance({ ...good, exposure: [1] })).toThrow("exposure.length");
    expect(() => performance({ ...good, equity: [1, Number.NaN] })).toThrow("equity[1]");
    expect(() => performance({ ...good, rf: 0 } as typeof good)).toThrow("performance.rf");
    expect(timeInvested([0, 1, 4], [0, 5, 0])).toBe(0.75);
    expect(timeInvested([0], [5])).toBeNull();
  });
});

const shared =
  process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const reference = join(shared, "indicators", "spy_sortino.csv");
const hasReference = existsSync(reference);
if (!hasReference) console.log("skipped: Sortino against spy_sortino.csv, the file is absent");

/** Columns: 4 close; 14 and 15 rolling Sortino over 15 returns, per period, with a rate of 0 and 0.01. */
describe.skipIf(!hasReference)("Sortino against a published table", () => {
  test("every row of both columns, to the 9 digits of the file", () => {
    const rows = readFileSync(reference, "utf8").trim().split("\n").slice(1);
    const cells = rows.map((row) => row.split(","));
    const returns = [...(simpleReturns(cells.map((row) => Number(row[4]))) ?? [])];
    let compared = 0;
    for (let i = 15; i < cells.length; i++) {
      const window = returns.slice(i - 15, i);
      for (const [column, riskFree] of [
        [14, 0],
        [15, 0.01],
      ] as const) {
        const found = sortino(window, { periodsPerYear: 1, riskFree }) ?? Number.NaN;
        expect(Math.abs(found - Number(cells[i]?.[column]))).toBeLessThan(2e-9);
        compared += 1;
      }
    }
    expect(compared).toBe(2 * (cells.length - 15));
    expect(compared).toBeGreaterThan(100);
  });
});
