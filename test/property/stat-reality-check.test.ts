import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { realityCheck, StationaryBootstrap } from "../../src/stat/index.ts";

const PERIODS = 24;
const RESAMPLES = 30;
const world = fc.record({
  seed: fc.nat(1_000),
  blockLength: fc.double({ min: 1, max: 9, noNaN: true }),
  columns: fc.array(
    fc
      .array(fc.integer({ min: -99, max: 99 }), { minLength: PERIODS, maxLength: PERIODS })
      .filter((column) => new Set(column).size > 2),
    { minLength: 1, maxLength: 5 },
  ),
});

describe("the reality check", () => {
  it("is what comes out when every resample is written down", () => {
    fc.assert(
      fc.property(world, ({ seed, blockLength, columns }) => {
        const found = realityCheck(columns, { seed, blockLength, resamples: RESAMPLES });
        const slow = slowly(columns, seed, blockLength);
        const shares = [
          found?.pValue,
          found?.superior.lowerPValue,
          found?.superior.pValue,
          found?.superior.upperPValue,
        ];
        for (const [i, share] of shares.entries()) {
          // A resample as large as the run but for rounding may count or not.
          const [least, most] = slow[i] as readonly [number, number];
          const count = Math.round((share as number) * (RESAMPLES + 1)) - 1;
          expect(count).toBeGreaterThanOrEqual(least);
          expect(count).toBeLessThanOrEqual(most);
        }
        const { lowerPValue, pValue, upperPValue } = found?.superior ?? {};
        expect(lowerPValue).toBeLessThanOrEqual(pValue as number);
        expect(pValue).toBeLessThanOrEqual(upperPValue as number);
      }),
    );
  });

  it("does not see the unit of returns, nor Hansen's the size of one strategy", () => {
    fc.assert(
      fc.property(world, ({ seed, blockLength, columns }) => {
        const options = { seed, blockLength, resamples: RESAMPLES };
        const whole = realityCheck(columns, options);
        const scaled = realityCheck(
          columns.map((column) => column.map((value) => value * 8)),
          options,
        );
        expect(scaled?.pValue).toBe(whole?.pValue);
        const one = realityCheck(
          columns.map((column, k) => (k === 0 ? column.map((value) => value * 8) : column)),
          options,
        );
        expect(one?.superior).toEqual(whole?.superior);
      }),
    );
  });
});

type Counts = readonly (readonly [least: number, most: number])[];

/** How often the best of a resample is at least the run's: White, Hansen lower, consistent, upper. */
function slowly(columns: readonly number[][], seed: number, blockLength: number): Counts {
  const bootstrap = new StationaryBootstrap({ count: PERIODS, blockLength, seed });
  const means = columns.map(meanOf);
  const root = Math.sqrt(PERIODS);
  const deviations = columns.map((column) => deviationOf(column, 1 / blockLength));
  const scaled = means.map((mean, k) => (root * mean) / (deviations[k] as number));
  const limit = -Math.sqrt(2 * Math.log(Math.log(PERIODS)));
  const statistic = Math.max(0, ...scaled);
  const centers = [
    (mean: number): number => Math.max(mean, 0),
    (mean: number, k: number): number => ((scaled[k] as number) >= limit ? mean : 0),
    (mean: number): number => mean,
  ];
  const counts: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  const tell = (i: number, value: number, run: number): void => {
    const count = counts[i] as [number, number];
    if (value > run + 1e-9) count[0] += 1;
    if (value > run - 1e-9) count[1] += 1;
  };
  for (let draw = 0; draw < RESAMPLES; draw++) {
    const places = [...bootstrap.places()];
    const drawn = columns.map((column) => meanOf(places.map((at) => column[at] as number)));
    tell(0, Math.max(...drawn.map((mean, k) => mean - (means[k] as number))), Math.max(...means));
    for (const [i, center] of centers.entries()) {
      const each = drawn.map(
        (mean, k) => (root * (mean - center(means[k] as number, k))) / (deviations[k] as number),
      );
      tell(i + 1, Math.max(0, ...each), statistic);
    }
  }
  return counts;
}

/** By the definition: circular autocovariances, every lag weighted by the chance that a block still goes on. */
function deviationOf(column: readonly number[], q: number): number {
  const mean = meanOf(column);
  const n = column.length;
  let total = 0;
  for (let lag = 0; lag < n; lag++) {
    let circular = 0;
    for (let t = 0; t < n; t++) {
      circular += ((column[t] as number) - mean) * ((column[(t + lag) % n] as number) - mean);
    }
    total += ((lag === 0 ? 1 : 2) * (1 - lag / n) * (1 - q) ** lag * circular) / n;
  }
  return Math.sqrt(total);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
