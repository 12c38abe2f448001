import { describe, expect, it } from "vitest";
import { Prng, type PrngState } from "../../src/base/index.ts";

const WORD = 0xffffffffn;

/** The generator as its paper writes it, on bigints. */
function* slowXoshiro(state: PrngState): Generator<number> {
  const rotate = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (32n - by))) & WORD;
  const s = state.map((word) => BigInt(word) & WORD) as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number((rotate((s[1] * 5n) & WORD, 7n) * 9n) & WORD);
    const t = (s[1] << 9n) & WORD;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
  }
}

describe("Prng", () => {
  it.each([
    [0, [1789933344, 44971166, 2521387044, 3848737593]],
    [7, [210494603, 711084892, 3993689120, 4089369890]],
    [-1, [3095969123, 4260146918, 3495199447, 3453775008]],
    [4294967301, [2592727264, 3488770204, 2280222821, 1113183733]],
    [Number.MAX_SAFE_INTEGER, [103322086, 323481549, 2899417732, 1556233913]],
  ])("seed %d gives for ever what it gave first", (seed, draws) => {
    const rng = new Prng(seed);
    expect(draws.map(() => rng.uint32())).toEqual(draws);
  });

  it("draws every kind of number, for ever the same", () => {
    const rng = new Prng(7);
    expect(rng.float()).toBe(0.049009592574554284);
    expect(rng.below(10)).toBe(0);
    expect(rng.normal()).toBe(0.4492847209050003);
    expect(rng.exponential(2)).toBe(0.2260414934086689);
    expect(rng.poisson(3)).toBe(1);
    expect(rng.fork("a").uint32()).toBe(4184664645);
    expect(rng.fork("b").uint32()).toBe(1486873612);
    expect(rng.state()).toEqual([-501263845, 852547203, 191991218, 986621747]);
  });

  it.each([[[1, 2, 3, 4]], [[-1, 0, 0, 0]], [new Prng(99).state()]] as [PrngState][])(
    "is xoshiro128** from state %j",
    (state) => {
      const rng = Prng.fromState(state);
      const oracle = slowXoshiro(state);
      for (let i = 0; i < 2000; i++) expect(rng.uint32()).toBe(oracle.next().value);
    },
  );

  it("goes on from a state it gave, also through JSON", () => {
    const rng = new Prng(42);
    for (let i = 0; i < 100; i++) rng.uint32();
    const state: PrngState = JSON.parse(JSON.stringify(rng.state()));
    const next = Array.from({ length: 50 }, () => rng.float());
    const again = Prng.fromState(state);
    expect(Array.from({ length: 50 }, () => again.float())).toEqual(next);
    again.restore(state);
    expect(again.float()).toBe(next[0]);
  });

  it("tells seeds apart that differ in one bit, low or high", () => {
    const seen = new Map<string, number>();
    for (let base = 0; base < 64; base++) {
      for (const seed of [
        base,
        ...Array.from({ length: 21 }, (_, bit) => (base ^ (2 ** bit)) + 2 ** (32 + bit)),
      ]) {
        const key = new Prng(seed).state().join();
        expect(seen.get(key) ?? seed, "two seeds with one state").toBe(seed);
        seen.set(key, seed);
      }
    }
  });

  it.each([0.5, Number.NaN, 2 ** 53, "7", undefined, null, 7n])("refuses the seed %s", (seed) => {
    expect(() => new Prng(seed as number)).toThrow("FAULT_CONFIG seed");
  });

  it.each([
    [[0, 0, 0, 0]],
    [[1, 2, 3]],
    [[1, 2, 3, 4, 5]],
    [[1, 2, 3, 0.5]],
    [[2 ** 31, 0, 0, 0]],
    [null],
    ["1234"],
  ])("refuses the state %j", (state) => {
    expect(() => Prng.fromState(state as unknown as PrngState)).toThrow("FAULT_CONFIG state");
  });

  it.each([0, -1, 0.5, Number.NaN, 2 ** 32 + 1])("refuses below(%d)", (bound) => {
    expect(() => new Prng(1).below(bound)).toThrow("FAULT_CONFIG bound");
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a mean of %d", (mean) => {
    expect(() => new Prng(1).exponential(mean)).toThrow("FAULT_CONFIG mean");
    expect(() => new Prng(1).poisson(mean)).toThrow("FAULT_CONFIG mean");
    expect(() => new Prng(1).poisson(501)).toThrow("FAULT_CONFIG mean");
  });
});

describe("the draws, with fixed seeds", () => {
  const COUNT = 200_000;

  /** Pearson's statistic over equally likely cells. */
  function chiSquare(cells: Float64Array, draws: number): number {
    const expected = draws / cells.length;
    return cells.reduce((sum, count) => sum + ((count - expected) * (count - expected)) / expected, 0);
  }

  /** Bounds that a chi-square variable leaves once in ten million times on either side. */
  function bounds(freedom: number): [number, number] {
    const spread = 5.2 * Math.sqrt(2 * freedom);
    return [Math.max(0, freedom - spread), freedom + spread + 18];
  }

  it.each([
    ["the top byte", (rng: Prng) => rng.uint32() >>> 24, 256],
    ["the low byte", (rng: Prng) => rng.uint32() & 255, 256],
    ["below 6", (rng: Prng) => rng.below(6), 6],
    ["below 3 * 2^30, by thirds", (rng: Prng) => Math.floor(rng.below(3 * 2 ** 30) / 2 ** 30), 3],
    ["below 1000", (rng: Prng) => rng.below(1000), 1000],
    ["floats in 100 cells", (rng: Prng) => Math.floor(rng.float() * 100), 100],
    ["pairs of floats", (rng: Prng) => Math.floor(rng.float() * 16) * 16 + Math.floor(rng.float() * 16), 256],
    ["forks", (rng: Prng) => rng.fork(`${rng.uint32()}`).uint32() >>> 26, 64],
  ] as const)("%s: uniform, neither too uneven nor too even", (_what, draw, size) => {
    const rng = new Prng(2024);
    const cells = new Float64Array(size);
    const draws = size === 64 ? COUNT / 10 : COUNT;
    for (let i = 0; i < draws; i++) {
      const cell = draw(rng);
      cells[cell] = (cells[cell] as number) + 1;
    }
    const [least, most] = bounds(size - 1);
    expect(chiSquare(cells, draws)).toBeGreaterThan(least);
    expect(chiSquare(cells, draws)).toBeLessThan(most);
  });

  it.each([
    ["normal", (rng: Prng) => rng.normal(), 0, 1],
    ["exponential", (rng: Prng) => rng.exponential(3), 3, 9],
    ["poisson", (rng: Prng) => rng.poisson(4), 4, 4],
    ["poisson, large", (rng: Prng) => rng.poisson(400), 400, 400],
  ] as const)("%s: mean and variance", (name, draw, mean, variance) => {
    const rng = new Prng(5);
    const draws = name === "poisson, large" ? 4_000 : COUNT;
    let [sum, squares] = [0, 0];
    for (let i = 0; i < draws; i++) {
      const value = draw(rng);
      sum += value - mean;
      squares += (value - mean) * (value - mean);
    }
    expect(Math.abs(sum / draws)).toBeLessThan(5 * Math.sqrt(variance / draws));
    expect(Math.abs(squares / draws / variance - 1)).toBeLessThan(30 / Math.sqrt(draws));
  });

  it("floats stay in [0, 1) and use their low bits", () => {
    const rng = new Prng(1);
    let odd = 0;
    for (let i = 0; i < 10_000; i++) {
      const value = rng.float();
      expect(value >= 0 && value < 1).toBe(true);
      if ((value * 2 ** 53) % 2 === 1) odd += 1;
    }
    expect(Math.abs(odd - 5_000)).toBeLessThan(300);
  });

  it("forks are independent of one another, of their parent, and of when they are drawn", () => {
    const parent = new Prng(8);
    const [a, b, again] = [parent.fork("a"), parent.fork("b"), parent.fork("a")];
    expect(parent.state()).toEqual(new Prng(8).state());
    for (let i = 0; i < 10; i++) expect(again.uint32()).toBe(a.uint32());
    for (const [left, right] of [
      [a, b],
      [a, parent],
      [b, parent],
    ] as const) {
      expect(Math.abs(correlation(left, right, 50_000))).toBeLessThan(5 / Math.sqrt(50_000));
    }
  });

  function correlation(left: Prng, right: Prng, count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (left.float() - 0.5) * (right.float() - 0.5);
    return (sum / count) * 12;
  }
});
