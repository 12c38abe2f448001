import { expect, test } from "vitest";
import { ClockDrift } from "../../src/host/clock-drift.ts";

const SECOND = 1_000_000_000n;

/** Adds one offset a second. @units µs */
function add(drift: ClockDrift, fromSecond: number, offsetsUs: readonly number[]): ClockDrift {
  offsetsUs.forEach((offset, index) => {
    drift.add(BigInt(fromSecond + index) * SECOND, offset * 1_000);
  });
  return drift;
}

test("a drift is the median slope of all pairs, of at least 8 samples", () => {
  const drift = add(new ClockDrift(64), 0, [0, 5, -3, 9, 1, 14, 4]);
  expect(drift.ppm()).toBeUndefined();
  add(drift, 7, [40]);
  // By hand: of the 28 slopes in order the middle two are 3/2 and 7/4.
  const offsets = [0, 5, -3, 9, 1, 14, 4, 40];
  const slopes = offsets
    .flatMap((late, to) => offsets.slice(0, to).map((early, from) => (late - early) / (to - from)))
    .sort((left, right) => left - right);
  expect(slopes).toHaveLength(28);
  expect(drift.ppm()).toBeCloseTo(((slopes[13] ?? 0) + (slopes[14] ?? 0)) / 2, 9);
  expect(drift.ppm()).not.toBeCloseTo(slopes[13] ?? 0, 3);
});

test("a drift of an odd number of slopes is the one in the middle", () => {
  const drift = add(new ClockDrift(64), 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000]);
  expect(drift.ppm()).toBeCloseTo(1, 9);
});

test("a drift forgets what is older than its window, and everything when it is told to", () => {
  const drift = add(new ClockDrift(8), 0, [0, 1, 2, 3, 4, 5, 6, 7]);
  expect(drift.ppm()).toBeCloseTo(1, 9);
  add(drift, 8, [4, 1, -2, -5, -8, -11, -14, -17]);
  expect(drift.ppm()).toBeCloseTo(-3, 9);
  drift.clear();
  expect(drift.ppm()).toBeUndefined();
});
