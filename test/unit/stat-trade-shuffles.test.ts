import { describe, expect, test } from "vitest";
import { shuffleTrades } from "../../src/stat/index.ts";

const TRADES = [30, -20, 15, -25, 10, -5, -12];
const DRAWS = 40_000;

/** Four deviations of a share that so many draws tell. */
function slack(share: number): number {
  return 4 * Math.sqrt((share * (1 - share)) / DRAWS);
}

/** Expected: Python, all 5,040 orders of the trades by `itertools.permutations`. */
describe("seven trades in another order", () => {
  const found = shuffleTrades(TRADES, {
    ...{ capital: 100, method: "permutation", ruin: 0.6, draws: DRAWS },
    quantiles: [0.05, 0.5, 0.95],
  });

  test("the order they came in", () => {
    expect(found?.actual.maxDrawdown).toBeCloseTo(0.2846153846153846, 12);
    const { finalEquity, lowestEquity, isRuined } = found?.actual ?? {};
    expect([finalEquity, lowestEquity, isRuined]).toEqual([93, 93, false]);
    expect(found?.trades).toBe(7);
  });

  test("drawdowns", () => {
    expect(Math.abs((found?.meanDrawdown ?? 0) - 0.3749501736155254)).toBeLessThan(
      4 * (0.11 / Math.sqrt(DRAWS)),
    );
    expect(found?.maxDrawdowns.at(-1)).toBeCloseTo(0.62, 12);
    expect(found?.maxDrawdowns[0]).toBeCloseTo(0.211864406779661, 12);
    const quantiles = found?.quantiles.map((one) => one.maxDrawdown) ?? [];
    expect(quantiles[0]).toBeCloseTo(0.24545455, 2);
    expect(quantiles[1]).toBeCloseTo(0.36153846, 2);
    expect(quantiles[2]).toBeCloseTo(0.56363636, 2);
  });

  test("ruin and rank", () => {
    const ruin = 0.21825396825396826;
    expect(Math.abs((found?.ruinProbability ?? 0) - ruin)).toBeLessThan(slack(ruin));
    expect(found?.ruinStandardError).toBeCloseTo(slack(ruin) / 4, 4);
    const rank = 0.20753968253968255;
    expect(Math.abs((found?.drawdownRank ?? 0) - rank)).toBeLessThan(slack(rank));
  });

  test("the end is where it was", () => {
    expect(new Set(found?.finalEquities)).toEqual(new Set([93]));
  });

  test("compounded", () => {
    const shares = TRADES.map((trade) => trade / 100);
    const again = shuffleTrades(shares, {
      ...{ capital: 100, method: "permutation", compounded: true, draws: DRAWS },
    });
    expect(again?.actual.maxDrawdown).toBeCloseTo(0.365476, 12);
    expect(again?.actual.finalEquity).toBeCloseTo(82.48812, 10);
    expect(Math.abs((again?.meanDrawdown ?? 0) - 0.3898051841269841)).toBeLessThan(
      4 * (0.11 / Math.sqrt(DRAWS)),
    );
    expect(again?.maxDrawdowns.at(-1)).toBeCloseTo(0.4984, 12);
  });
});

describe("other trades like them", () => {
  /** Expected: Python, all 256 draws of four out of four by `itertools.product`. */
  test("four of four", () => {
    const found = shuffleTrades([3, -2, 1, -4], {
      capital: 10,
      method: "bootstrap",
      ruin: 0.5,
      draws: DRAWS,
    });
    expect(Math.abs((found?.meanDrawdown ?? 0) - 0.49562561507281416)).toBeLessThan(
      4 * (0.3245 / Math.sqrt(DRAWS)),
    );
    expect(Math.abs((found?.meanFinalEquity ?? 0) - 8)).toBeLessThan(4 * Math.sqrt(29 / DRAWS));
    expect(Math.abs((found?.ruinProbability ?? 0) - 0.421875)).toBeLessThan(slack(0.421875));
  });

  /** Feller's reflection principle: P(S <= -c) + P(S < -c) for the last of 20 steps; exact in Python's integers. */
  test("a gambler with 4 who tosses 20 times is ruined as often as the reflection principle says", () => {
    const tosses = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const found = shuffleTrades(tosses, { capital: 4, method: "bootstrap", draws: DRAWS });
    const ruin = 0.38331031799316406;
    expect(Math.abs((found?.ruinProbability ?? 0) - ruin)).toBeLessThan(slack(ruin));
  });

  test("blocks keep what follows what: losses that come together fall deeper", () => {
    const runs = Array.from({ length: 80 }, (_, i) => (Math.floor(i / 8) % 2 === 0 ? 2 : -1.5));
    const plan = { capital: 100, method: "bootstrap", draws: 2_000 } as const;
    const single = shuffleTrades(runs, plan)?.meanDrawdown ?? 0;
    expect(shuffleTrades(runs, { ...plan, blockLength: 8 })?.meanDrawdown).toBeGreaterThan(single * 1.3);
  });
});

test("nothing to shuffle, and one trade", () => {
  const plan = { capital: 100, method: "permutation", draws: 10 } as const;
  expect(shuffleTrades([], plan)).toBeNull();
  const one = shuffleTrades([-100], plan);
  expect(one?.actual).toEqual({ maxDrawdown: 1, finalEquity: 0, lowestEquity: 0, isRuined: true });
  expect([one?.ruinProbability, one?.ruinStandardError, one?.drawdownRank]).toEqual([1, 0, 1]);
});

test.each([
  ["options.capital", { capital: 0, method: "permutation" }],
  ["options.method", { capital: 1, method: "shuffle" }],
  ["options.ruin", { capital: 1, method: "permutation", ruin: 1.5 }],
  ["options.blockLength", { capital: 1, method: "permutation", blockLength: 2 }],
  ["options.blockLength", { capital: 1, method: "bootstrap", blockLength: 0 }],
  ["options.draws", { capital: 1, method: "permutation", draws: 1 }],
  ["options.seed", { capital: 1, method: "permutation", seed: 1.5 }],
  ["options.quantiles[1]", { capital: 1, method: "permutation", quantiles: [0.5, 1.5] }],
  ["options.compounded", { capital: 1, method: "permutation", compounded: 1 }],
  ["options.shuffles", { capital: 1, method: "permutation", shuffles: 1 }],
  ["trades[1]", { capital: 1, method: "permutation", compounded: true }],
])("%s is named, of %o", (path, options) => {
  expect(() => shuffleTrades([0.5, -1.5], options as never)).toThrow(path);
});
