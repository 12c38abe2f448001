import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { timingSummary } from "../../src/stat/index.ts";

describe("a summary of times", () => {
  it("has the quantiles of nearest rank that a sample of its size can have", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(timingSummary(hundred)).toMatchObject({
      ...{ count: 100, minNs: 1, maxNs: 100 },
      quantiles: [
        [0.5, 50],
        [0.75, 75],
        [0.9, 90],
        [0.95, 95],
        [0.99, 99],
      ],
    });
    expect(timingSummary([7])?.quantiles).toEqual([[0.5, 7]]);
    expect(timingSummary([])).toBeNull();
  });

  it("loses no time in its classes, which are few, grow by one factor and hold their own", () => {
    const rng = new Prng(5);
    for (const spread of [0, 0.1, 3, 25]) {
      const times = Array.from({ length: 500 }, () => Math.round(1_000 * Math.exp(spread * rng.float())));
      const classes = timingSummary([0, 0, ...times])?.classes ?? [];
      expect(classes[0]).toEqual([0, 0, 2]);
      expect(classes.length).toBeLessThanOrEqual(32);
      const rest = classes.slice(1);
      expect(rest.reduce((sum, [, , count]) => sum + count, 0)).toBe(500);
      const factors = rest.map(([from, to]) => to / from);
      for (const factor of factors) expect(factor).toBeCloseTo(factors[0] as number, 9);
      for (const [from, to, count] of rest)
        expect(times.filter((ns) => ns >= from && ns < to)).toHaveLength(count);
      expect([rest[0]?.[2], rest.at(-1)?.[2]].every((count) => (count ?? 0) > 0)).toBe(true);
    }
  });

  it("is of nothing but zeros where all are", () => {
    expect(timingSummary([0, 0])).toMatchObject({ maxNs: 0, classes: [[0, 0, 2]] });
  });

  it.each([[-1], [Number.NaN], [Infinity]])("refuses %d", (ns) => {
    expect(() => timingSummary([5, ns])).toThrow(/FAULT_INPUT times\[1\]/);
  });
});
