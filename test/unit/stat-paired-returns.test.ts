import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { mean, pairedReturns, StationaryBootstrap, sharpe } from "../../src/stat/index.ts";

function normals(seed: number, count: number): number[] {
  const rng = new Prng(seed);
  return Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float()),
  );
}

/** The same by hand: every place of every resample copied, figures by `stat`'s plain functions. */
function slow(a: readonly number[], b: readonly number[], blockLength: number, resamples: number) {
  const bootstrap = new StationaryBootstrap({ count: a.length, blockLength, seed: 1 });
  const ofMean: number[] = [];
  const ofSharpe: number[] = [];
  for (let draw = 0; draw < resamples; draw++) {
    const places = [...bootstrap.places()];
    const [x, y] = [a, b].map((column) => places.map((place) => column[place] as number)) as [
      number[],
      number[],
    ];
    ofMean.push((mean(y) as number) - (mean(x) as number));
    const ratio = (values: number[]): number => sharpe(values, { periodsPerYear: 1 }) as number;
    ofSharpe.push(ratio(y) - ratio(x));
  }
  const ends = (values: number[]): [number, number] => {
    values.sort((p, q) => p - q);
    const at = (share: number): number => values[Math.round(share * (values.length - 1))] as number;
    return [at(0.025), at(0.975)];
  };
  return { mean: ends(ofMean), sharpe: ends(ofSharpe) };
}

describe("paired differences of returns", () => {
  it("equal those of resamples that are copied out", () => {
    const a = normals(3, 120).map((value) => value * 0.01);
    const b = normals(4, 120).map((value, i) => 0.002 + value * 0.012 + 0.5 * (a[i] as number));
    const found = pairedReturns([a, b], { blockLength: 4, resamples: 200 });
    const expected = slow(a, b, 4, 200);
    const [pair] = found?.pairs ?? [];
    expect(pair?.mean.low).toBeCloseTo(expected.mean[0], 12);
    expect(pair?.mean.high).toBeCloseTo(expected.mean[1], 12);
    expect(pair?.sharpe?.low).toBeCloseTo(expected.sharpe[0], 9);
    expect(pair?.sharpe?.high).toBeCloseTo(expected.sharpe[1], 9);
    expect(pair?.mean.difference).toBeCloseTo((mean(b) as number) - (mean(a) as number), 14);
  });

  it("take the same periods of both: what they share cancels", () => {
    const a = normals(5, 250);
    const found = pairedReturns([a, a.map((value) => value + 0.1), a.map((value) => -value)]);
    const [above, against] = found?.pairs ?? [];
    for (const end of [above?.mean.low, above?.mean.high]) expect(end).toBeCloseTo(0.1, 12);
    expect(above?.correlation).toBeCloseTo(1, 12);
    expect(against?.correlation).toBeCloseTo(-1, 12);
    expect((against?.mean.high ?? 0) - (against?.mean.low ?? 0)).toBeGreaterThan(0.1);
    expect(found?.pairs.map(({ first, second }) => `${first}${second}`)).toEqual(["01", "02", "12"]);
  });

  it("hold the truth about as often as they say", () => {
    let held = 0;
    for (let seed = 0; seed < 200; seed++) {
      const found = pairedReturns([normals(1000 + seed, 150), normals(5000 + seed, 150)], { resamples: 200 });
      const ratio = found?.pairs[0]?.sharpe;
      if (ratio !== null && ratio !== undefined && ratio.low <= 0 && ratio.high >= 0) held += 1;
    }
    expect(held / 200).toBeGreaterThan(0.9);
    expect(held / 200).toBeLessThan(0.99);
  });

  it("are absent where there is nothing to measure", () => {
    expect(pairedReturns([normals(1, 19), normals(2, 19)])).toBeNull();
    const flat = pairedReturns([new Array(30).fill(0), normals(1, 30)]);
    expect(flat?.pairs[0]).toMatchObject({ sharpe: null, correlation: null });
    expect(flat?.pairs[0]?.mean.difference).toBeCloseTo(mean(normals(1, 30)) as number, 14);
  });

  it.each([
    [{ resamples: 5 }, /FAULT_CONFIG options\.resamples/],
    [{ blockLength: 0 }, /FAULT_CONFIG options\.blockLength/],
    [{ confidence: 1 }, /FAULT_CONFIG options\.confidence/],
    [{ blocks: 2 } as object, /FAULT_CONFIG options\.blocks/],
  ])("refuse %j", (options, says) => {
    expect(() => pairedReturns([normals(1, 30), normals(2, 30)], options)).toThrow(says);
  });

  it("refuse columns that do not fit", () => {
    expect(() => pairedReturns([normals(1, 30), normals(2, 29)])).toThrow(/FAULT_INPUT columns\[1\]\.length/);
    expect(() => pairedReturns([normals(1, 30), [...normals(2, 29), Number.NaN]])).toThrow(
      /FAULT_INPUT columns\[1\]\[29\]/,
    );
  });
});
