import { describe, expect, it } from "vitest";
import { KeyRing } from "../../src/risk/key-ring.ts";
import { TokenBuckets } from "../../src/risk/token-bucket.ts";

describe("a key ring whose rows are full to the last number", () => {
  it.each([1, 3, 7])("keeps keys of %d numbers apart from the next key's time", (width) => {
    const made = new KeyRing({ width, capacity: 2, keepNs: 100 });
    made.key.fill(5);
    made.add(1_000);
    expect([made.isFull(1_000), made.save().timesNs]).toEqual([false, [1_000]]);
    made.add(1_001);
    expect(made.save().timesNs).toEqual([1_000, 1_001]);
    expect([made.isFull(1_099), made.isFull(1_100), made.count(100, 1_001)]).toEqual([true, false, 2]);
  });
});

describe("token buckets in rows of other figures", () => {
  const place = () => ({ rows: new Float64Array(24).fill(-7), stride: 8, first: 3 });
  const limit = { ratePerSecond: 10, burst: 2 };

  it("write their four columns of their own rows, and nothing else", () => {
    const shared = place();
    const buckets = new TokenBuckets({ size: 2 }, shared);
    for (const index of [0, 1]) buckets.configure(index, limit, 0);
    buckets.force(0, 0);
    buckets.force(1, 5);
    const others = [-7, -7, -7];
    expect([...shared.rows]).toEqual([
      ...[...others, 100_000_000, 100_000_000, 100_000_000, 2, -7],
      ...[...others, 100_000_005, 100_000_000, 100_000_000, 2, -7],
      ...new Array(8).fill(-7),
    ]);
  });

  it("have no token at an index that is not theirs, whatever stands there", () => {
    const shared = place();
    const buckets = new TokenBuckets({ size: 2 }, shared);
    shared.rows.fill(0, 16);
    for (const index of [2, 3]) {
      expect([buckets.allows(index, 1), buckets.take(index, 1)]).toEqual([false, false]);
      expect([buckets.level(index, 1), buckets.burst(index), buckets.waitNs(index, 1)]).toEqual([
        ...[Number.NaN, Number.NaN, Number.NaN],
      ]);
    }
  });
});
