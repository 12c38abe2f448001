import { expect, test } from "vitest";
import { BOUND, PriceReference } from "../../src/feed/price-reference.ts";

test("after a wild series, whose soft band is wider than the hard one, an absurd price is still out", () => {
  const reference = new PriceReference({
    ...{ samples: 64, hardRatio: 10, sigmas: 10, band: 0.05, bandTicks: 100, leaveShare: 0.5 },
    isSigned: false,
  });
  for (const twice of [40_000_000, 20_001, 20_000]) reference.push(twice);
  const { bounds } = reference;
  expect(bounds[BOUND.high]).toBeGreaterThan(20_000_000);
  expect([bounds[BOUND.hardLow], bounds[BOUND.hardHigh]]).toEqual([1_000.05, 100_005]);
  expect([bounds[BOUND.askLeast], bounds[BOUND.bidMost]]).toEqual([1_000.05, 100_005]);
});
