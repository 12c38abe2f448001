import { describe, expect, it } from "vitest";
import { TokenBuckets } from "../../src/risk/token-bucket.ts";

const S = 1_000_000_000;
const NEVER = Number.MIN_SAFE_INTEGER;

function buckets(ratePerSecond: number, burst: number): TokenBuckets {
  const made = new TokenBuckets({ size: 2 });
  made.configure(1, { ratePerSecond, burst }, 0);
  return made;
}

describe("token buckets", () => {
  it("give the burst at once, then one token each interval, at the interval exactly", () => {
    const made = buckets(4, 3);
    expect([1, 2, 3, 4].map(() => made.take(1, 50))).toEqual([true, true, true, false]);
    expect([made.take(1, 50 + S / 4 - 1), made.take(1, 50 + S / 4), made.take(1, 50 + S / 4)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("are never fuller than the burst", () => {
    const made = buckets(4, 2);
    expect([made.level(1, 0), made.burst(1)]).toEqual([2, 2]);
    expect([1, 2, 3].map(() => made.take(1, 1000 * S))).toEqual([true, true, false]);
  });

  it("tell the level in whole tokens and the wait", () => {
    const made = buckets(10, 2);
    made.take(1, 0);
    expect([made.level(1, 0), made.level(1, S / 10 - 1), made.level(1, S / 10)]).toEqual([1, 1, 2]);
    expect(made.waitNs(1, 0)).toBe(0);
    made.take(1, 0);
    expect([made.level(1, 0), made.waitNs(1, 0), made.waitNs(1, S / 10 - 7)]).toEqual([0, S / 10, 7]);
    expect(made.level(1, -5 * S)).toBe(0);
    expect(made.allows(1, 0)).toBe(false);
  });

  it("round the interval up: the rate is never exceeded", () => {
    const made = buckets(3, 1);
    made.take(1, 0);
    expect([made.take(1, 333_333_333), made.take(1, 333_333_334)]).toEqual([false, true]);
    expect(buckets(0.5, 1).burst(1)).toBe(1);
  });

  it("do not limit an index without a limit", () => {
    const made = buckets(1, 1);
    expect([1, 2, 3].every(() => made.take(0, 7))).toBe(true);
    expect([made.level(0, 7), made.burst(0), made.waitNs(0, 7)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      0,
    ]);
    expect(made.take(0, Number.NaN)).toBe(false);
  });

  it.each([
    ["NaN", 1, Number.NaN],
    ["-Infinity", 1, Number.NEGATIVE_INFINITY],
    ["an unknown index", 2, 0],
    ["no index", Number.NaN, 0],
  ])("give nothing for %s", (_what, index, nowNs) => {
    const made = buckets(1, 1);
    expect([made.allows(index, nowNs), made.take(index, nowNs)]).toEqual([false, false]);
    expect(made.save().dueNs).toEqual([NEVER, NEVER]);
  });

  it("give nothing when the clock goes back", () => {
    const made = buckets(1, 2);
    made.take(1, 10 * S);
    made.take(1, 10 * S);
    expect([made.take(1, 0), made.take(1, 11 * S - 1), made.take(1, 11 * S)]).toEqual([false, false, true]);
  });

  it("keep what is out when the limit changes", () => {
    const made = buckets(10, 5);
    for (let i = 0; i < 4; i++) made.take(1, 0);
    made.configure(1, { ratePerSecond: 1, burst: 6 }, 1);
    expect([made.level(1, 1), made.level(1, 1 + S)]).toEqual([2, 3]);
    made.configure(1, { ratePerSecond: 1, burst: 2 }, 1);
    expect([made.level(1, 1), made.waitNs(1, 1)]).toEqual([0, 3 * S]);
    made.configure(1, undefined, 1);
    expect([1, 2, 3].every(() => made.take(1, 1))).toBe(true);
    made.configure(1, { ratePerSecond: 1, burst: 2 }, 1);
    expect(made.level(1, 1)).toBe(2);
  });

  it("start full at any time, also when configured later", () => {
    const made = new TokenBuckets({ size: 1 });
    made.configure(0, { ratePerSecond: 1, burst: 2 }, 5 * S);
    expect([made.level(0, 5 * S), made.level(0, -5 * S), made.save().dueNs]).toEqual([2, 2, [NEVER]]);
  });

  it("continue from saved state", () => {
    const made = buckets(1, 2);
    made.take(1, 0);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({ dueNs: [NEVER, S] });
    const again = buckets(1, 2);
    again.load(saved);
    expect([again.level(1, 0), again.level(0, 0)]).toEqual([1, Number.POSITIVE_INFINITY]);
  });

  it.each([
    [null],
    [{}],
    [{ dueNs: [0] }],
    [{ dueNs: [0, Number.NaN] }],
    [{ dueNs: [0, null] }],
    [{ dueNs: [0, 2 ** 53] }],
    [{ dueNs: [0, -(2 ** 53)] }],
    [{ dueNs: [0, 0], more: 1 }],
  ])("refuse to continue from %j", (data) => {
    const made = buckets(1, 2);
    made.take(1, 0);
    expect(() => made.load(data)).toThrow(/^FAULT_INPUT tokenBuckets/);
    expect(made.save().dueNs).toEqual([NEVER, S]);
  });

  it("load fractions of a nanosecond", () => {
    const made = buckets(1, 2);
    made.load({ dueNs: [0, 0.5] });
    expect(made.save()).toEqual({ dueNs: [0, 0.5] });
  });

  it.each([
    [{ size: 0 }, "tokenBuckets.size"],
    [{ size: 65_537 }, "tokenBuckets.size"],
    [{ size: 1, sizes: 1 }, "tokenBuckets.sizes"],
  ])("refuse the options %j", (options, path) => {
    expect(() => new TokenBuckets(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [{ ratePerSecond: 0, burst: 1 }, "tokenBuckets.limit: found"],
    [{ ratePerSecond: -1, burst: 1 }, "tokenBuckets.ratePerSecond"],
    [{ ratePerSecond: 1e9 + 1, burst: 1 }, "tokenBuckets.ratePerSecond"],
    [{ ratePerSecond: 1, burst: 0 }, "tokenBuckets.burst"],
    [{ ratePerSecond: 1, burst: 1.5 }, "tokenBuckets.burst"],
    [
      { ratePerSecond: 1, burst: 4_503_600 },
      'FAULT_CONFIG tokenBuckets.limit: found {"ratePerSecond":1,"burst":4503600}, expected a rate above 0 that fills the bucket within 2^52 ns',
    ],
    [{ rate: 1, burst: 1, ratePerSecond: 1 }, "tokenBuckets.limit.rate"],
  ])("refuse the limit %j", (limit, message) => {
    const made = buckets(1, 2);
    made.take(1, 0);
    expect(() => made.configure(1, limit, 0)).toThrow(message);
    expect([made.level(1, 0), made.burst(1)]).toEqual([1, 2]);
  });

  it("take the largest bucket and the highest rate", () => {
    expect(buckets(1, 4_503_599).level(1, 0)).toBe(4_503_599);
    expect(buckets(1e9, 2 ** 52).burst(1)).toBe(2 ** 52);
    expect(new TokenBuckets({ size: 65_536 }).size).toBe(65_536);
  });

  it.each([
    [-1, 0],
    [2, 0],
    [0, Number.NaN],
  ])("refuse to configure index %d at %d", (index, nowNs) => {
    expect(() => buckets(1, 1).configure(index, undefined, nowNs)).toThrow(
      /^FAULT_CONFIG tokenBuckets\.(index|nowNs)/,
    );
  });
});

describe("tokens that are taken by force", () => {
  const MS = S / 1000;

  it("are owed, and waited for", () => {
    const made = buckets(1000, 2);
    for (let i = 0; i < 3; i++) made.force(1, 0);
    expect([made.level(1, 0), made.waitNs(1, 0), made.take(1, 0)]).toEqual([0, 2 * MS, false]);
    expect([made.allows(1, 2 * MS - 1), made.allows(1, 2 * MS)]).toEqual([false, true]);
  });

  it("come from the full bucket after a pause, and at an earlier time from the same one", () => {
    const made = buckets(1000, 2);
    made.force(1, 10 * MS);
    expect(made.save().dueNs[1]).toBe(11 * MS);
    made.force(1, 0);
    expect(made.save().dueNs[1]).toBe(12 * MS);
  });

  it("cost nothing without a limit", () => {
    const made = buckets(1000, 2);
    made.force(0, 5);
    expect([made.allows(0, 5), made.save().dueNs[0]]).toEqual([true, 5]);
  });
});

describe("buckets in rows of other figures", () => {
  it("have four columns there and leave the rest alone", () => {
    const rows = new Float64Array(3 * 8).fill(7);
    const made = new TokenBuckets({ size: 3 }, { rows, stride: 8, first: 2 });
    const alone = new TokenBuckets({ size: 3 });
    for (const each of [made, alone]) {
      each.configure(1, { ratePerSecond: 1000, burst: 2 }, 0);
      each.configure(2, { ratePerSecond: 10, burst: 1 }, 5);
    }
    for (const nowNs of [7, 5, 9_000_000, 9_000_000]) {
      for (const index of [0, 1, 2]) expect(made.take(index, nowNs)).toBe(alone.take(index, nowNs));
      expect(made.save()).toEqual(alone.save());
    }
    expect([...rows.subarray(8, 16)]).toEqual([7, 7, made.save().dueNs[1], 1_000_000, 1_000_000, 2, 7, 7]);
    expect([made.allows(3, 0), made.take(3, 0), made.allows(-1, 0)]).toEqual([false, false, false]);
    expect([made.allows(1, Number.NaN), made.burst(3), made.level(3, 0)]).toEqual([
      false,
      Number.NaN,
      Number.NaN,
    ]);
    expect([rows[0], rows[7], rows[6], rows[22]]).toEqual([7, 7, 7, 7]);
  });
});
