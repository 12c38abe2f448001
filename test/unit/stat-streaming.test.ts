import { describe, expect, test } from "vitest";
import { currency } from "../../src/model/index.ts";
import { LatencyHistogram, Markouts, RoundTrips, sumTrades } from "../../src/stat/index.ts";

describe("LatencyHistogram", () => {
  test("small values are exact", () => {
    const times = new LatencyHistogram();
    for (let ns = 0; ns < 128; ns++) times.record(ns);
    for (let rank = 1; rank <= 128; rank++) expect(times.quantile(rank / 128)).toBe(rank - 1);
  });

  test("the edges of buckets and of the range", () => {
    const times = new LatencyHistogram();
    for (const ns of [1, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 62 * 1.99]) {
      times.reset();
      times.record(ns);
      times.record(ns);
      expect(times.quantile(0.5)).toBe(ns);
    }
    times.record(0.9);
    expect(times.min).toBe(0);
    for (const wrong of [-1, Number.NaN, Infinity, 2 ** 63])
      expect(() => times.record(wrong)).toThrow("FAULT_INPUT ns");
    expect(times.count).toBe(3);
    expect(() => times.quantile(1.1)).toThrow("FAULT_CONFIG q");
  });

  test("empty, and empty again", () => {
    const times = new LatencyHistogram();
    const empty = [times.min, times.max, times.mean, times.quantile(0.5), times.distribution()];
    expect(empty).toEqual([null, null, null, null, null]);
    times.record(1_000_000);
    times.reset();
    expect([times.count, times.max, times.distribution()]).toEqual([0, null, null]);
  });

  test("a distribution has the shape of a run's result", () => {
    const times = new LatencyHistogram();
    for (let i = 1; i <= 100; i++) times.record(i);
    expect(times.distribution()).toEqual({ count: 100, min: 1, p50: 50, p90: 90, p99: 99, max: 100 });
    expect(times.mean).toBe(50.5);
  });
});

describe("RoundTrips", () => {
  test("scaling in, scaling out, turning around", () => {
    const trips = new RoundTrips({ quantumMinor: 10n });
    expect(trips.fill(2, 100, 0, 3n)).toBeNull();
    expect(trips.fill(1, 106, 10, 3n)).toBeNull();
    expect(trips.fill(-1, 110, 20, 3n)).toBeNull();
    // 3 bought for 306, 3 sold at 110: 24 ticks are 240; fees 9, and 2 of 5 lots of the last fee of 11.
    expect(trips.fill(-5, 110, 30, 11n)).toBe(240n - 9n - 4n);
    expect(trips.openLots).toBe(-3);
    // 3 sold at 110, bought at 112: a loss of 60, the rest of the fee, 7.
    expect(trips.fill(3, 112, 50)).toBe(-67n);
    expect([trips.count, trips.wins, trips.losses, trips.scratches]).toEqual([2, 1, 1, 0]);
    expect([trips.grossProfitMinor, trips.grossLossMinor, trips.netMinor]).toEqual([227n, 67n, 160n]);
    expect(trips.holding.distribution()).toMatchObject({ count: 2, min: 20, max: 30 });
    const totals = trips.totals(currency("USD"));
    expect(totals).toEqual({ count: 2, wins: 1, losses: 1, grossProfit: 2.27, grossLoss: 0.67 });
    expect(sumTrades([totals, totals])).toMatchObject({ count: 4, wins: 2, grossProfit: 4.54 });
  });

  test("a scratch is neither win nor loss", () => {
    const trips = new RoundTrips({ quantumMinor: 1n });
    trips.fill(1, 100, 0);
    expect(trips.fill(-1, 100, 1)).toBe(0n);
    expect([trips.count, trips.wins, trips.losses, trips.scratches]).toEqual([1, 0, 0, 1]);
  });

  test("dividends and splits belong to the open trade", () => {
    const trips = new RoundTrips({ quantumMinor: 1n });
    expect(trips.cash(5n)).toBe(false);
    expect(trips.restate(0, 0)).toBeNull();
    trips.fill(10, 400, 0);
    expect(trips.cash(50n)).toBe(true);
    trips.restate(40, 10);
    expect(trips.fill(-40, 101, 20)).toBe(4_040n - 4_000n + 50n);
    trips.fill(-1, 100, 30);
    expect(() => trips.restate(2, 31)).toThrow("FAULT_CONFIG lots");
    trips.cash(-1n);
    expect(trips.restate(0, 40)).toBe(99n);
  });

  test("exact past 2^53", () => {
    const trips = new RoundTrips({ quantumMinor: 7n });
    const [lots, price] = [9_007_199_254_740_991, 1_000_000_001];
    trips.fill(lots, price, 0);
    expect(trips.fill(-lots, price + 1, 1)).toBe(BigInt(lots) * 7n);
    expect(() => {
      trips.fill(lots, 1, 2);
      trips.fill(lots, 1, 3);
    }).toThrow("FAULT_ARITHMETIC");
  });

  test("refuses by name", () => {
    expect(() => new RoundTrips({ quantumMinor: 0n })).toThrow("roundTrips.quantumMinor");
    expect(() => new RoundTrips({ quantum: 1n } as unknown as { quantumMinor: bigint })).toThrow(
      "roundTrips.quantum",
    );
    const trips = new RoundTrips({ quantumMinor: 1n });
    expect(() => trips.fill(0, 1, 0)).toThrow("signedLots");
    expect(() => trips.fill(1, 1.5, 0)).toThrow("priceTicks");
    trips.fill(1, 100, 10);
    expect(() => trips.fill(-1, 100, 9)).toThrow("FAULT_TIME");
    expect(trips.openLots).toBe(1);
  });
});

describe("Markouts", () => {
  test("the mid at the end of the horizon's nanosecond", () => {
    const markouts = new Markouts({ horizonsNs: [0, 100] });
    expect(markouts.nextDueNs[0]).toBe(Infinity);
    markouts.record(-1, 1_000, 50);
    expect(markouts.nextDueNs[0]).toBe(50);
    markouts.settle(50, 900);
    expect(markouts.means()).toEqual([]);
    markouts.settle(51, 1_001);
    expect(markouts.means()).toEqual([{ horizonNs: 0, bp: -10, count: 1 }]);
    expect(markouts.nextDueNs[0]).toBe(150);
    markouts.settle(150, 5);
    markouts.settle(151, 998);
    expect(markouts.means()[1]).toEqual({ horizonNs: 100, bp: 20, count: 1 });
    expect([markouts.nextDueNs[0], markouts.waiting]).toEqual([Infinity, 0]);
  });

  test("no mid, no markout; a full ring refuses and counts", () => {
    const markouts = new Markouts({ horizonsNs: [10], capacity: 2 });
    expect([markouts.record(1, 100, 0), markouts.record(1, 100, 0), markouts.record(1, 100, 0)]).toEqual([
      true,
      true,
      false,
    ]);
    markouts.settle(11, Number.NaN);
    expect([markouts.dropped, markouts.skipped, markouts.means()]).toEqual([1, 2, []]);
    expect(markouts.record(1, 100, 20)).toBe(true);
  });

  test("refuses by name", () => {
    expect(() => new Markouts({ horizonsNs: [] })).toThrow("markouts.horizonsNs");
    expect(() => new Markouts({ horizonsNs: [5, 5] })).toThrow("markouts.horizonsNs[1]");
    expect(() => new Markouts({ horizonsNs: [-1] })).toThrow("markouts.horizonsNs[0]");
    expect(() => new Markouts({ capacity: 0 })).toThrow("markouts.capacity");
    expect(() => new Markouts({ horizons: [1] } as object)).toThrow("markouts.horizons");
    const markouts = new Markouts();
    expect(() => markouts.record(2, 100, 0)).toThrow("sign");
    expect(() => markouts.record(1, 0, 0)).toThrow("priceTicks");
    expect(() => markouts.record(1, 1, Number.NaN)).toThrow("FAULT_TIME");
    expect(() => markouts.settle(Infinity, 1)).toThrow("nowNs");
    markouts.record(1, 1, 5);
    expect(() => markouts.record(1, 1, 4)).toThrow("FAULT_TIME");
  });
});
