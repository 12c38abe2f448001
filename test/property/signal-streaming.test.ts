import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as signal from "../../src/signal/index.ts";
import { SIGNAL_CASES, samples } from "../fixtures/signal-table.ts";
import * as oracle from "./signal-oracle.ts";

/** Prices with jumps of many sizes, equal neighbours and far-off levels. */
const prices = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 20 }),
    fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    fc.double({ min: 1e6, max: 1e6 + 1, noNaN: true }),
  ),
  { minLength: 1, maxLength: 120 },
);
const periods = fc.integer({ min: 1, max: 25 });

/** Feeds all prices and compares wherever the window is full; the scale is the largest price near. */
function check(
  xs: readonly number[],
  window: number,
  update: (x: number) => number,
  batch: (window: readonly number[]) => number,
  digits = 1e-11,
): void {
  for (const [i, x] of xs.entries()) {
    const value = update(x);
    if (i + 1 < window) {
      expect(value).toBeNaN();
      continue;
    }
    const held = oracle.tail(xs, i, window);
    const wanted = batch(held);
    const scale = Math.max(Math.abs(wanted), ...held.map(Math.abs));
    if (!(Math.abs(value - wanted) <= digits * scale))
      expect(value, `sample ${i} of window ${window}`).toBe(wanted);
  }
}

describe("streaming equals batch", () => {
  it("Sma, StandardDeviation, BollingerBands, ZScore", () => {
    fc.assert(
      fc.property(prices, periods, (xs, period) => {
        const sma = new signal.Sma({ period });
        check(xs, period, (x) => sma.update(x), oracle.mean);
        const window = period + 1;
        for (const ddof of [0, 1] as const) {
          const deviation = new signal.StandardDeviation({ period: window, ddof });
          check(
            xs,
            window,
            (x) => deviation.update(x),
            (held) => oracle.deviation(held, ddof),
            1e-8,
          );
        }
        const bands = new signal.BollingerBands({ period: window, deviations: 1.5 });
        check(xs, window, (x) => bands.update(x), oracle.mean);
        const upper = (held: readonly number[]): number => oracle.mean(held) + 1.5 * oracle.deviation(held);
        bands.reset();
        check(xs, window, (x) => (Number.isNaN(bands.update(x)) ? Number.NaN : bands.upper), upper, 1e-8);
      }),
    );
  });

  it("StandardDeviation keeps small deviations far from zero, and is 0 for equal samples", () => {
    const near = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(near, periods, fc.integer({ min: 0, max: 1e6 }), (steps, period, level) => {
        const window = period + 1;
        const deviation = new signal.StandardDeviation({ period: window });
        for (const [i, step] of steps.entries()) {
          const value = deviation.update(level + step / 1_024);
          if (i + 1 < window) continue;
          const wanted = oracle.deviation(oracle.tail(steps, i, window)) / 1_024;
          expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(wanted, 1e-3));
        }
        for (let i = 0; i < 3 * window; i++) deviation.update(level / 3);
        expect([deviation.value, deviation.mean]).toEqual([0, level / 3]);
        const score = new signal.ZScore({ period: window });
        for (let i = 0; i < 2 * window; i++) score.update(level / 3);
        expect(score.value).toBe(0);
      }),
    );
  });

  it("ZScore is bounded by the size of its window", () => {
    fc.assert(
      fc.property(prices, periods, (xs, period) => {
        const score = new signal.ZScore({ period: period + 1 });
        for (const x of xs) {
          score.update(x);
          // One rounding error of a window nearly constant may weigh as much as its whole deviation.
          if (score.ready) expect(Math.abs(score.value)).toBeLessThanOrEqual(2 * Math.sqrt(period) + 1e-6);
        }
      }),
    );
  });

  it("Ema, Rma and Wma", () => {
    fc.assert(
      fc.property(prices, periods, (xs, period) => {
        const seen: number[] = [];
        const ema = new signal.Ema({ period });
        const rma = new signal.Rma({ period });
        const top = Math.max(...xs);
        for (const x of xs) {
          seen.push(x);
          const values = [ema.update(x), rma.update(x)];
          if (seen.length < period) continue;
          const wanted = [oracle.ema(seen, period, 2 / (period + 1)), oracle.ema(seen, period, 1 / period)];
          for (const [i, value] of values.entries()) {
            expect(Math.abs(value - (wanted[i] as number))).toBeLessThanOrEqual(1e-11 * top);
          }
        }
        const wma = new signal.Wma({ period });
        for (const [i, x] of xs.entries()) {
          const value = wma.update(x);
          if (i + 1 < period) continue;
          expect(Math.abs(value - oracle.wma(oracle.tail(xs, i, period)))).toBeLessThanOrEqual(1e-11 * top);
        }
      }),
    );
  });

  it("Rsi by Cutler, RateOfChange, RollingMin, RollingMax", () => {
    fc.assert(
      fc.property(prices, periods, (xs, period) => {
        const low = new signal.RollingMin({ period });
        const high = new signal.RollingMax({ period });
        const change = new signal.RateOfChange({ period });
        for (const [i, x] of xs.entries()) {
          const values = [low.update(x), high.update(x), change.update(x)];
          const held = oracle.tail(xs, i, period);
          if (i + 1 >= period) expect(values.slice(0, 2)).toEqual([Math.min(...held), Math.max(...held)]);
          const base = xs[i - period] as number;
          if (i >= period) expect(values[2]).toBe((x - base) / base);
        }
        const rsi = new signal.Rsi({ period, average: "cutler" });
        for (const [i, x] of xs.entries()) {
          const value = rsi.update(x);
          if (i < period) expect(value).toBeNaN();
          else expect(value).toBeCloseTo(oracle.cutler(oracle.tail(xs, i, period + 1)), 6);
        }
      }),
    );
  });

  it("RealizedVariance, bipower, TwoScaleVariance", () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 2, max: 20 }), fc.nat(), (xs, period, pick) => {
        const variance = new signal.RealizedVariance({ period });
        const scale = 2 + (pick % (period - 1));
        const plain = new signal.TwoScaleVariance({ period, scale });
        const adjusted = new signal.TwoScaleVariance({ period, scale, adjust: true });
        for (const [i, x] of xs.entries()) {
          const values = [variance.update(x), variance.bipower, plain.update(x), adjusted.update(x)];
          if (i < period) {
            for (const value of values) expect(value).toBeNaN();
            continue;
          }
          const held = oracle.tail(xs, i, period + 1);
          const two = oracle.twoScale(held, scale);
          const factor = 1 - (period - scale + 1) / (scale * period);
          const wanted = [oracle.realized(held), oracle.bipower(held), two, two / factor];
          for (const [j, value] of values.entries()) expect(value).toBeCloseTo(wanted[j] as number, 7);
        }
      }),
    );
  });
});

describe("streaming equals batch on bars, quotes and trades", () => {
  const seeds = fc.integer({ min: 0, max: 1e6 });

  it("RangeVolatility and YangZhang", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 20 }), (seed, period) => {
        const bars = samples(seed, 60).map((sample) => sample.bar);
        const names = ["parkinson", "garmanKlass", "rogersSatchell"] as const;
        const ranges = names.map((estimator) => new signal.RangeVolatility({ period, estimator }));
        const yangZhang = new signal.YangZhang({ period });
        for (const [i, bar] of bars.entries()) {
          for (const [j, range] of ranges.entries()) {
            const value = range.update(bar);
            if (i + 1 < period) continue;
            const held = oracle.tail(bars, i, period);
            const each = held.map((item) => oracle.rangeVariance(item, names[j] as "parkinson"));
            expect(value).toBeCloseTo(Math.sqrt(oracle.mean(each)), 10);
          }
          const value = yangZhang.update(bar);
          if (i < period) expect(value).toBeNaN();
          else expect(value).toBeCloseTo(oracle.yangZhang(oracle.tail(bars, i, period + 1)), 10);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("OrderFlowImbalance and TradeImbalance by events and by time", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 12 }), (seed, period) => {
        const data = samples(seed, 80);
        const windowNs = 1e8;
        const byEvents = new signal.OrderFlowImbalance({ events: period });
        const byTime = new signal.OrderFlowImbalance({ windowNs, slices: period });
        const trades = new signal.TradeImbalance({ windowNs, slices: period });
        const flows: { ns: number; amount: number }[] = [];
        for (const [i, it] of data.entries()) {
          const value = byEvents.update(it.bid, it.bidSize, it.ask, it.askSize);
          const timed = byTime.update(it.bid, it.bidSize, it.ask, it.askSize, it.ns);
          const before = data[i - 1];
          if (before !== undefined) flows.push({ ns: it.ns, amount: oracle.flow(before, it) });
          expect(byEvents.last).toBe(before === undefined ? 0 : flows.at(-1)?.amount);
          if (i < period) expect(value).toBeNaN();
          else expect(value).toBe(flows.slice(-period).reduce((total, flow) => total + flow.amount, 0));
          if (byTime.ready) expect(timed).toBe(oracle.sumOfSlices(flows, it.ns, windowNs, period));
          const imbalance = trades.update(it.side, it.volume, it.ns);
          if (!trades.ready) continue;
          const seen = data.slice(0, i + 1);
          const sided = (side: number): number => {
            const events = seen.map((each) => ({
              ns: each.ns,
              amount: each.side === side ? each.volume : 0,
            }));
            return oracle.sumOfSlices(events, it.ns, windowNs, period);
          };
          const [bought, sold] = [sided(1), sided(-1)];
          expect(imbalance).toBe(bought + sold === 0 ? 0 : (bought - sold) / (bought + sold));
        }
        expect(byTime.ready).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("every signal saved at any sample goes on equally", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 5, max: 12 }),
        fc.integer({ min: 0, max: 60 }),
        (seed, period, cut) => {
          const data = samples(seed, 80);
          for (const { make, feed } of SIGNAL_CASES) {
            const whole = make(period);
            for (const sample of data.slice(0, cut)) feed(whole, sample);
            const resumed = make(period);
            resumed.load(JSON.parse(JSON.stringify(whole.save())));
            for (const sample of data.slice(cut)) expect(feed(resumed, sample)).toBe(feed(whole, sample));
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});
