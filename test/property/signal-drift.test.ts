import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { BollingerBands, SessionVwap, Sma, StandardDeviation, Wma, ZScore } from "../../src/signal/index.ts";
import { deviation, mean, tail, wma } from "./signal-oracle.ts";

const UPDATES = 10_000_000;
const PERIOD = 37;

/** Prices near a million that move by cents: the worst case for sums of squares. */
function* walk(seed: number, count: number): Generator<number> {
  const rng = new Prng(seed);
  for (let i = 0; i < count; i++) yield 1_000_000 + (rng.below(1_000) + 1) / 1_024;
}

describe("rounding error over a long history", () => {
  it("stays where it began over 10 million updates, while sums of squares lose every digit", () => {
    const spread = new StandardDeviation({ period: PERIOD });
    const average = new Sma({ period: PERIOD });
    const ring = new Float64Array(PERIOD);
    let [sum, squares] = [0, 0];
    let [early, late, naive, averages] = [0, 0, 0, 0];
    let i = 0;
    for (const x of walk(3, UPDATES)) {
      const at = i % PERIOD;
      const old = ring[at] as number;
      ring[at] = x;
      sum += x - old;
      squares += x * x - old * old;
      const value = spread.update(x);
      const middle = average.update(x);
      i += 1;
      if (i % 99_991 > 2 || i < PERIOD) continue;
      const held = Array.from(ring);
      const wanted = deviation(held);
      const error = Math.abs(value / wanted - 1);
      if (i < UPDATES / 10) early = Math.max(early, error);
      else late = Math.max(late, error);
      averages = Math.max(averages, Math.abs(middle / mean(held) - 1));
      naive = Math.max(
        naive,
        Math.abs(Math.sqrt(Math.max(squares / PERIOD - (sum / PERIOD) ** 2, 0)) / wanted - 1),
      );
    }
    expect(i).toBe(UPDATES);
    expect(early).toBeLessThan(1e-9);
    expect(late).toBeLessThan(1e-9);
    expect(averages).toBeLessThan(1e-15);
    expect(naive).toBeGreaterThan(1e6 * late);
  }, 120_000);

  it("forgets an outlier with the sample that made it", () => {
    const signals = [
      new Sma({ period: PERIOD }),
      new Wma({ period: PERIOD }),
      new StandardDeviation({ period: PERIOD }),
      new ZScore({ period: PERIOD }),
      new BollingerBands({ period: PERIOD }),
    ];
    const xs = Array.from({ length: 3 * PERIOD }, (_, i) => 1 + ((i * 7) % 11) / 16);
    for (const spike of [0, 1, 17, 18, 35, 36]) {
      for (const signal of signals) signal.reset();
      for (const [i, x] of xs.entries()) for (const signal of signals) signal.update(i === spike ? 1e15 : x);
      const held = tail(xs, xs.length - 1, PERIOD);
      const last = held.at(-1) as number;
      const wanted = [
        mean(held),
        wma(held),
        deviation(held),
        (last - mean(held)) / deviation(held),
        mean(held),
      ];
      for (const [i, signal] of signals.entries()) expect(signal.value).toBeCloseTo(wanted[i] as number, 12);
    }
  });

  it("a session's average price keeps its digits over a million trades", () => {
    const vwap = new SessionVwap();
    let exact = 0n;
    let volume = 0n;
    let last = 0;
    for (const x of walk(5, 1_000_000)) {
      const size = 1 + (exact % 7n === 0n ? 3 : 0);
      exact += BigInt(x * 1_024) * BigInt(size);
      volume += BigInt(size);
      last = vwap.update(x, size);
    }
    const wanted = Number((exact * 1_000_000_000n) / volume) / 1_024e9;
    expect(Math.abs(last / wanted - 1)).toBeLessThan(4e-16);
  });
});
