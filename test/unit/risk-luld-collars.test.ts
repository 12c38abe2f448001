import { describe, expect, it } from "vitest";
import { type LuldSide, luldCollars, widenLuldCollars } from "../../src/risk/index.ts";
import { faultOf } from "../fixtures/run-tapes.ts";

/** Collars of a limit state, and after each side that an extension widens: prices in dollars. */
function collars(limit: LuldSide, lower: number, upper: number, widened: readonly LuldSide[] = []) {
  const bands = { lowerE4: Math.round(lower * 1e4), upperE4: Math.round(upper * 1e4) };
  const found = widened.reduce(widenLuldCollars, luldCollars(limit, bands));
  return [found.lowerE4 / 1e4, found.upperE4 / 1e4, found.referenceE4 / 1e4];
}

describe("collars of a reopening auction", () => {
  it.each<[string, LuldSide, number, number, readonly LuldSide[], readonly number[]]>([
    ["a limit state below", "lower", 95, 105, [], [90.25, 105, 95]],
    ["a limit state above", "upper", 95, 105, [], [95, 110.25, 105]],
    ["one extension down: a step of the reference", "lower", 95, 105, ["lower"], [85.5, 105, 95]],
    ["two down", "lower", 95, 105, ["lower", "lower"], [80.75, 105, 95]],
    [
      "the step is that of the reference on the other side, too",
      "lower",
      95,
      105,
      ["upper"],
      [90.25, 109.75, 95],
    ],
    ["down, then up", "lower", 95, 105, ["lower", "upper"], [85.5, 109.75, 95]],
    ["up twice", "upper", 90, 110, ["upper", "upper"], [90, 126.5, 110]],
    ["5 % to the nearest penny: 0.5625", "upper", 9.25, 11.25, [], [9.25, 11.81, 11.25]],
    ["halves go up: 0.505", "lower", 10.1, 12, [], [9.59, 12, 10.1]],
    ["$3.00 is an amount", "lower", 3, 4.5, [], [2.85, 4.5, 3]],
    ["$3.01 is a share: 0.1505", "lower", 3.01, 4.5, [], [2.86, 4.5, 3.01]],
    ["an upper band of $2.40", "upper", 1.6, 2.4, ["upper"], [1.6, 2.7, 2.4]],
    ["an upper band above $3.00 with a lower one below", "upper", 2.4, 3.6, [], [2.4, 3.78, 3.6]],
    ["a lower band below the amount", "lower", 0.1, 0.4, [], [0, 0.4, 0.1]],
    ["a lower collar stays above nothing", "lower", 0.2, 0.5, ["lower", "lower"], [0, 0.5, 0.2]],
  ])("%s", (_what, limit, lower, upper, widened, expected) => {
    expect(collars(limit, lower, upper, widened)).toEqual(expected);
  });

  it("are on the increment that is asked for", () => {
    expect(luldCollars("upper", { lowerE4: 90_000, upperE4: 112_500 }, 1).upperE4).toBe(118_125);
  });

  it.each([
    ["luld.limit", "middle", { lowerE4: 1, upperE4: 2 }],
    ["luld.lowerE4", "lower", { lowerE4: 3, upperE4: 2 }],
    ["luld.lowerE4", "lower", { lowerE4: -1, upperE4: 2 }],
    ["luld.lowerE4", "lower", { lowerE4: Number.POSITIVE_INFINITY, upperE4: 2 }],
    ["luld.upperE4", "lower", { lowerE4: 1, upperE4: 1.5 }],
    ["luld.upperE4", "lower", { lowerE4: 0, upperE4: 0 }],
  ])("refuse a wrong %s", (path, limit, bands) => {
    expect(faultOf(() => luldCollars(limit as LuldSide, bands))).toMatchObject({ path });
  });

  it("refuse a wrong increment", () => {
    expect(faultOf(() => luldCollars("lower", { lowerE4: 1, upperE4: 2 }, 0))).toMatchObject({
      path: "luld.incrementE4",
    });
  });
});
