import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Prng } from "../../src/base/index.ts";
import {
  drawdownSeries,
  LatencyHistogram,
  Markouts,
  maxDrawdown,
  mean,
  monthlyReturns,
  normalCdf,
  normalQuantile,
  performance,
  quantile,
  RoundTrips,
  sharpeMoments,
  sharpeStandardError,
  simpleReturns,
  stdev,
  sum,
} from "../../src/stat/index.ts";

const equities = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 });
const returnSeries = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), {
  minLength: 3,
  maxLength: 60,
});
const nanos = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.double({ min: 0, max: 2 ** 62, noNaN: true }).map(Math.floor),
);

describe("series", () => {
  test("the compensated sum is the exact one, rounded", () => {
    const scaled = fc.array(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), { maxLength: 50 });
    fc.assert(
      fc.property(scaled, (values) => {
        const exact = values.reduce((total, value) => total + BigInt(value), 0n);
        expect(sum(values.map((value) => value / 1024))).toBe(Number(exact) / 1024);
      }),
    );
  });

  test("the deviation ignores a shift and follows a scale", () => {
    fc.assert(
      fc.property(returnSeries, fc.integer({ min: -8, max: 8 }), (values, shift) => {
        const base = stdev(values) ?? 0;
        expect(Math.abs((stdev(values.map((value) => value + shift)) ?? 0) - base)).toBeLessThan(1e-12);
        expect(Math.abs((stdev(values.map((value) => value * -4)) ?? 0) - 4 * base)).toBeLessThan(1e-12);
      }),
    );
  });

  test("a nearest-rank quantile leaves a share of at least q at or below it, and no smaller value does", () => {
    fc.assert(
      fc.property(equities, fc.integer({ min: 0, max: 100 }), (values, percent) => {
        const found = quantile(values, percent / 100, "nearestRank") ?? Number.NaN;
        const least = Math.max(100, percent * values.length);
        expect(values.filter((value) => value <= found).length * 100).toBeGreaterThanOrEqual(least);
        expect(values.filter((value) => value < found).length * 100).toBeLessThan(least);
      }),
    );
  });
});

describe("the normal distribution", () => {
  test("the quantile inverts the distribution, in the tail that carries the digits", () => {
    fc.assert(
      fc.property(fc.double({ min: -37, max: 8, noNaN: true }), (x) => {
        const p = normalCdf(x);
        if (p >= 1) return;
        const slack = x <= 0 ? 1e-13 * Math.max(1, -x) : 1e-13 + (4e-16 * 2.51) / Math.exp((-x * x) / 2);
        expect(Math.abs(normalQuantile(p) - x)).toBeLessThanOrEqual(slack);
      }),
    );
  });

  test("both tails make one", () => {
    fc.assert(
      fc.property(fc.double({ min: -40, max: 40, noNaN: true }), (x) => {
        expect(Math.abs(normalCdf(x) + normalCdf(-x) - 1)).toBeLessThan(3e-16);
      }),
    );
  });
});

describe("drawdown", () => {
  /** Every pair of an earlier and a later sample. */
  function slowest(equity: readonly number[]): { relative: number; absolute: number } {
    let [relative, absolute] = [0, 0];
    equity.forEach((peak, i) => {
      for (const later of equity.slice(i)) {
        relative = Math.max(relative, (peak - later) / peak);
        absolute = Math.max(absolute, peak - later);
      }
    });
    return { relative, absolute };
  }

  /** For every start, how long equity stays below it before coming back; only peaks of all before count. */
  function longest(equity: readonly number[]): number {
    let most = 0;
    equity.forEach((height, i) => {
      if (equity.slice(0, i).some((before) => before > height)) return;
      const next = equity.slice(i + 1);
      if ((next[0] ?? height) >= height) return;
      const back = next.findIndex((value) => value >= height);
      most = Math.max(most, back === -1 ? equity.length - 1 - i : back + 1);
    });
    return most;
  }

  test("is the largest fall over all pairs, and lasts as long as a search says", () => {
    fc.assert(
      fc.property(equities, (equity) => {
        const ms = equity.map((_, i) => i);
        const fall = maxDrawdown(ms, equity);
        expect(fall).toMatchObject({ ...slowest(equity), longestMs: longest(equity) });
        expect(fall?.relative).toBe(Math.max(...(drawdownSeries(equity) ?? [])));
        if (fall === null || fall.relative === 0) return;
        const [peak, trough] = [equity[fall.peakIndex] ?? 0, equity[fall.troughIndex] ?? 0];
        expect((peak - trough) / peak).toBe(fall.relative);
        expect(fall.durationMs).toBe((fall.recoveryIndex ?? equity.length - 1) - fall.peakIndex);
      }),
      { numRuns: 300 },
    );
  });
});

describe("performance", () => {
  test("whatever the equity, no figure is NaN or infinite", () => {
    const any = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -3, max: 3 }),
    );
    const steps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 1e10 }), equity: any }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, fc.boolean(), (rows, traded) => {
        let now = 0;
        const ms = rows.map((row) => (now += row.gap));
        const equity = rows.map((row) => row.equity);
        const trades = traded ? { count: 0, wins: 0, losses: 0, grossProfit: 0, grossLoss: 0 } : null;
        const figures = performance({
          ms,
          equity,
          exposure: equity,
          periodsPerYear: 365,
          trades,
          turnover: 1,
        });
        for (const [name, value] of Object.entries(figures)) {
          expect(value === null || Number.isFinite(value), `${name} is ${value}`).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("scaling the equity changes no ratio", () => {
    fc.assert(
      fc.property(equities, (equity) => {
        const ms = equity.map((_, i) => i * 86_400_000);
        const one = performance({ ms, equity, periodsPerYear: 252 });
        const big = performance({ ms, equity: equity.map((value) => value * 1024), periodsPerYear: 252 });
        expect({ ...big, maxDrawdownAbsolute: null }).toEqual({ ...one, maxDrawdownAbsolute: null });
      }),
    );
  });

  test("monthly returns compound to the total", () => {
    fc.assert(
      fc.property(equities, fc.integer({ min: 0, max: 2e12 }), (equity, start) => {
        const ms = equity.map((_, i) => start + i * 9 * 86_400_000);
        const product = monthlyReturns(ms, equity).reduce((all, row) => all * (1 + (row.value ?? 0)), 1);
        expect(product).toBeCloseTo((equity.at(-1) ?? 1) / (equity[0] ?? 1), 9);
      }),
    );
  });

  test("without lags, the standard error is the factor of the probabilistic ratio", () => {
    fc.assert(
      fc.property(returnSeries, (returns) => {
        const moments = sharpeMoments(returns);
        const error = sharpeStandardError(returns, 0, 0);
        const spread = stdev(returns) ?? 0;
        if (moments === null || error === null || spread < 1e-6) return;
        const n = returns.length;
        const ratio = moments.sharpe * Math.sqrt(n / (n - 1));
        const factor = 1 - moments.skewness * ratio + ((moments.kurtosis - 1) / 4) * ratio * ratio;
        if (factor < 1e-6) return;
        expect(error / Math.sqrt(factor / n)).toBeCloseTo(1, 6);
      }),
    );
  });

  test("the mean of simple returns is that of the changes it came from", () => {
    const returns = simpleReturns([4, 5, 4]);
    expect(mean(returns ?? [])).toBeCloseTo(0.025, 14);
  });
});

describe("LatencyHistogram", () => {
  test("a quantile is the sorted value or at most 1/64 above it; extremes are exact", () => {
    fc.assert(
      fc.property(
        fc.array(nanos, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 0, max: 100 }),
        (values, q) => {
          const times = new LatencyHistogram();
          for (const value of values) times.record(value);
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil((q * values.length) / 100)) - 1] ?? Number.NaN;
          const found = times.quantile(q / 100) ?? Number.NaN;
          expect(found).toBeGreaterThanOrEqual(exact);
          expect(found).toBeLessThanOrEqual(exact < 128 ? exact : exact * (1 + 1 / 64));
          expect([times.min, times.max, times.count]).toEqual([sorted[0], sorted.at(-1), values.length]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("merging is recording everything in one", () => {
    fc.assert(
      fc.property(fc.array(nanos), fc.array(nanos), (left, right) => {
        const [one, other, both] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()];
        for (const value of left) one.record(value);
        for (const value of right) other.record(value);
        for (const value of [...left, ...right]) both.record(value);
        one.merge(other);
        expect(one.distribution()).toEqual(both.distribution());
      }),
    );
  });
});

describe("RoundTrips", () => {
  interface Fill {
    readonly lots: number;
    readonly price: number;
    readonly fee: bigint;
  }
  const fills = fc.array(
    fc.record({
      lots: fc.integer({ min: -5, max: 5 }).filter((lots) => lots !== 0),
      price: fc.integer({ min: -50, max: 200 }),
      fee: fc.bigInt({ min: -20n, max: 20n }),
    }),
    { maxLength: 60 },
  );

  /** One lot at a time: a trade is every lot between two moments without a position. */
  function oneByOne(all: readonly Fill[], quantum: bigint): { nets: bigint[]; lots: number } {
    let [lots, net] = [0, 0n];
    const nets: bigint[] = [];
    for (const fill of all) {
      for (let i = 0; i < Math.abs(fill.lots); i++) {
        lots += Math.sign(fill.lots);
        net -= BigInt(Math.sign(fill.lots) * fill.price) * quantum;
        if (lots !== 0) continue;
        nets.push(net);
        net = 0n;
      }
    }
    return { nets, lots };
  }

  test("without fees, its trades are those of a walk lot by lot", () => {
    fc.assert(
      fc.property(fills, (all) => {
        const trips = new RoundTrips({ quantumMinor: 3n });
        const found = all
          .map((fill, i) => trips.fill(fill.lots, fill.price, i))
          .filter((net) => net !== null);
        const slow = oneByOne(all, 3n);
        expect(found).toEqual(slow.nets);
        expect(trips.openLots).toBe(slow.lots);
        expect(trips.wins).toBe(slow.nets.filter((net) => net > 0n).length);
        expect(trips.losses).toBe(slow.nets.filter((net) => net < 0n).length);
        expect(trips.netMinor).toBe(slow.nets.reduce((total, net) => total + net, 0n));
      }),
      { numRuns: 300 },
    );
  });

  test("when flat, what was realized is the cash that moved, fees included", () => {
    fc.assert(
      fc.property(fills, fc.integer({ min: 1, max: 99 }), (all, last) => {
        const trips = new RoundTrips({ quantumMinor: 3n });
        let cash = 0n;
        all.forEach((fill, i) => {
          trips.fill(fill.lots, fill.price, i, fill.fee);
          cash -= BigInt(fill.lots * fill.price) * 3n + fill.fee;
        });
        if (trips.openLots !== 0) {
          cash += BigInt(trips.openLots * last) * 3n - 1n;
          trips.fill(-trips.openLots, last, all.length, 1n);
        }
        expect(trips.netMinor).toBe(cash);
        expect(trips.count).toBe(trips.wins + trips.losses + trips.scratches);
        expect(trips.holding.count).toBe(trips.count);
      }),
      { numRuns: 300 },
    );
  });
});

describe("Markouts", () => {
  interface Event {
    readonly gap: number;
    readonly mid: number | null;
    readonly sign: 1 | -1;
    readonly price: number;
  }
  const HORIZONS = [0, 3, 10, 25];

  /** Looks every mid up: the last one set at or before the horizon. */
  function lookUp(events: readonly Event[], horizon: number): { total: number; count: number } {
    const times: number[] = [];
    events.reduce((now, event) => {
      times.push(now + event.gap);
      return now + event.gap;
    }, 0);
    let [total, count] = [0, 0];
    events.forEach((fill, i) => {
      const due = (times[i] as number) + horizon;
      if (fill.mid !== null || due >= (times.at(-1) as number)) return;
      const mid = events.findLast((event, j) => event.mid !== null && (times[j] as number) <= due)?.mid;
      if (mid === undefined || mid === null) return;
      total += ((fill.sign * (mid - fill.price)) / fill.price) * 10_000;
      count += 1;
    });
    return { total, count };
  }

  test("is a look-up of the last mid at or before every horizon", () => {
    const event = fc.record({
      gap: fc.integer({ min: 0, max: 6 }),
      mid: fc.option(fc.integer({ min: 50, max: 150 }), { freq: 2 }),
      sign: fc.constantFrom<1 | -1>(1, -1),
      price: fc.integer({ min: 50, max: 150 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const markouts = new Markouts({ horizonsNs: HORIZONS, capacity: 64 });
        let [now, mid] = [0, Number.NaN];
        for (const next of events) {
          now += next.gap;
          if (now > (markouts.nextDueNs[0] as number)) markouts.settle(now, mid);
          if (next.mid === null) markouts.record(next.sign, next.price, now);
          else mid = next.mid;
        }
        for (const horizonNs of HORIZONS) {
          const slow = lookUp(events, horizonNs);
          const found = markouts.means().find((row) => row.horizonNs === horizonNs);
          expect(found?.count ?? 0).toBe(slow.count);
          if (found !== undefined) expect(found.bp).toBeCloseTo(slow.total / slow.count, 8);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a ring that grows and wraps loses no fill", () => {
    const rng = new Prng(11);
    const markouts = new Markouts({ horizonsNs: [5_000, 20_000] });
    let [now, mid, settled] = [0, 1_000, 0];
    const fills: { due: number; sign: number; price: number }[] = [];
    let expected = 0;
    for (let i = 0; i < 30_000; i++) {
      // Thinner at first, so that the ring has wrapped when it must grow.
      now += rng.below(i < 8_000 ? 60 : 8);
      if (now > (markouts.nextDueNs[0] as number)) markouts.settle(now, mid);
      while (fills[settled] !== undefined && (fills[settled] as { due: number }).due < now) {
        const fill = fills[settled] as { sign: number; price: number };
        expected += ((fill.sign * (mid - fill.price)) / fill.price) * 10_000;
        settled += 1;
      }
      mid += rng.below(3) - 1;
      const sign = rng.below(2) === 0 ? 1 : -1;
      markouts.record(sign, mid, now);
      fills.push({ due: now + 20_000, sign, price: mid });
    }
    const last = markouts.means()[1];
    expect(last?.count).toBe(settled);
    expect(last?.bp).toBeCloseTo(expected / settled, 8);
    expect(markouts.waiting).toBe(fills.length - settled);
    expect(markouts.dropped).toBe(0);
    expect(settled).toBeGreaterThan(20_000);
  });
});
