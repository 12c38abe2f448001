import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { Backtester, type BacktestMarket } from "../../src/run/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import { MARKOUT_HORIZONS_NS } from "../../src/stat/index.ts";
import type { FillCopy } from "../../src/strategy/index.ts";
import { BusyStrategy, type Deed } from "../fixtures/busy-strategy.ts";
import { DAY, type Day, type DepthRow, dayTape, depthTape, wanderingRows } from "../fixtures/run-tapes.ts";

const venue = { latency: new ConstantLatency({ entryNs: 300_000, responseNs: 200_000 }) };
const MILLI = 1_000_000;

interface Played {
  readonly deeds: readonly Deed[];
  readonly fills: readonly FillCopy[];
  readonly backtester: Backtester;
  readonly result: ReturnType<Backtester["runToEnd"]>;
}

function play(markets: readonly BacktestMarket[], seed: number, periodNs = 2 * MILLI): Played {
  const strategy = new BusyStrategy(periodNs);
  const backtester = new Backtester({ markets, strategies: [strategy], cash: { USD: "1000000" }, seed });
  const fills: FillCopy[] = [];
  backtester.on("fill", (fill) => fills.push(fill));
  const result = backtester.runToEnd();
  return { deeds: strategy.deeds, fills, backtester, result };
}

/** Everything from `fromNs` on (by local time) is made anew: levels, sides, quantities, but for the times. */
function changeFuture(rows: readonly DepthRow[], fromNs: number, seed: number): DepthRow[] {
  const prng = new Prng(seed);
  const late = rows.filter(([ns]) => ns >= fromNs);
  return rows.map((row) => {
    if (row[0] < fromNs) return row;
    const [, kind, tick, lots] = late[prng.below(late.length)] as DepthRow;
    return [row[0], kind, tick + prng.below(9) - 4, lots] as const;
  });
}

const before = (deeds: readonly Deed[], ns: number): readonly Deed[] => deeds.filter((deed) => deed.ns < ns);

describe("the future", () => {
  it("of a depth tape changes nothing of the past: no decision, no report, no fill", () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 9 }), (seed, tenth) => {
        const rows = wanderingRows(seed, 400);
        const end = (rows.at(-1) as DepthRow)[0];
        const fromNs = Math.floor((end * tenth) / 10);
        const changed = changeFuture(rows, fromNs, seed + 1);
        // Both tapes tell of a change 10 ns after it happened: what is decided before `fromNs - 10` is safe.
        const safe = fromNs - 10;
        const [a, b] = [rows, changed].map((each) => play([{ tape: depthTape(each), venue }], seed)) as [
          Played,
          Played,
        ];
        expect(before(a.deeds, safe)).toEqual(before(b.deeds, safe));
        const past = ({ fills }: Played): unknown =>
          fills.filter(({ ns }) => ns < safe).map(({ instrument: _, ...rest }) => rest);
        expect(past(a)).toEqual(past(b));
        compared += before(a.deeds, safe).length;
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it("of one instrument changes nothing of the past of another", () => {
    fc.assert(
      fc.property(fc.nat(1_000), (seed) => {
        const a = wanderingRows(seed, 300);
        const b = wanderingRows(seed + 7, 300);
        const fromNs = Math.floor((b[150] as DepthRow)[0]);
        const markets = (second: readonly DepthRow[]): BacktestMarket[] => [
          { tape: depthTape(a, { symbol: "A" }), venue },
          { tape: depthTape(second, { symbol: "B" }), venue },
        ];
        const one = play(markets(b), seed);
        const two = play(markets(changeFuture(b, fromNs, seed)), seed);
        expect(before(one.deeds, fromNs - 10)).toEqual(before(two.deeds, fromNs - 10));
      }),
      { numRuns: 30 },
    );
  });

  it("of bars changes nothing of the past: orders know no bar before its close", () => {
    const bar = fc
      .tuple(fc.integer({ min: 95, max: 105 }), fc.nat(6), fc.nat(6), fc.nat(6), fc.nat(40))
      .map(([open, up, down, close, volume]): Day => {
        const last = Math.max(open - down, Math.min(open + up, open + close - 3));
        return [open, open + up, open - down, last, volume];
      });
    const two = fc.array(fc.tuple(bar, bar), { minLength: 6, maxLength: 24, size: "max" });
    let compared = 0;
    fc.assert(
      fc.property(two, two, fc.nat(100), fc.integer({ min: 1, max: 23 }), (days, other, seed, at) => {
        const cut = Math.min(at, days.length - 1);
        const future = days.map((day, i) => (i < cut ? day : (other[i % other.length] as typeof day)));
        const run = (all: typeof days): Played => {
          const markets = ["A", "B"].map((symbol, i) => ({
            tape: dayTape(
              all.map((day) => day[i] as Day),
              { symbol },
            ),
            bars: { participation: 0.5 },
          }));
          return play(markets, seed, DAY / 4);
        };
        const [a, b] = [run(days), run(future)];
        // The first thing of day `cut` that anybody can know is its open.
        const open = cut * DAY + 14.5 * 3_600_000 * MILLI;
        expect(before(a.deeds, open)).toEqual(before(b.deeds, open));
        compared += before(a.deeds, open).length;
      }),
      { numRuns: 80 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it("between a bar's open and its close, only its open is known", () => {
    const quiet: Day = [100, 101, 99, 100, 50];
    const inside = fc
      .tuple(fc.nat(30), fc.nat(30))
      .map(([up, down]): Day => [100, 100 + up, 100 - down, 100, 50]);
    fc.assert(
      fc.property(fc.nat(100), inside, inside, (seed, one, two) => {
        const run = (last: Day): Played => {
          const days: readonly Day[] = [quiet, quiet, quiet, last];
          return play(
            [{ tape: dayTape(days, { symbol: "A" }) }, { tape: dayTape(days, { symbol: "B" }) }],
            seed,
            DAY / 8,
          );
        };
        const close = 3 * DAY + 21 * 3_600_000 * MILLI;
        expect(before(run(one).deeds, close)).toEqual(before(run(two).deeds, close));
      }),
      { numRuns: 60 },
    );
  });
});

describe("a run over random markets", () => {
  const seeds = fc.nat(10_000);

  it("keeps one truth: venue, orders, ledger and result agree", () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom("partial", "noPartial"), (seed, fills) => {
        const markets = ["A", "B"].map((symbol, i) => ({
          tape: depthTape(wanderingRows(seed + i, 250), { symbol }),
          venue: { ...venue, fills },
        }));
        const { backtester, deeds, fills: seen, result } = play(markets, seed);
        const { kernel } = backtester;
        expect(kernel.anomalies).toBe(0);
        for (const [i, instrument] of kernel.instruments.entries()) {
          const own = seen.filter((fill) => fill.instrument === instrument);
          const position = own.reduce((sum, { side, lots }) => sum + (side === "buy" ? lots : -lots), 0);
          expect(kernel.ledger.positionLots[i]).toBe(position);
          expect(backtester.venues[i]?.position[0]).toBe(position);
        }
        const cash = seen.reduce((sum, { side, lots, priceTicks, feeMinor }) => {
          return sum + BigInt(side === "buy" ? -lots * priceTicks : lots * priceTicks) - feeMinor;
        }, 100_000_000n);
        expect(kernel.ledger.cashMinor("USD")).toBe(cash);
        expect(result.fills.count).toBe(seen.length);
        expect(deeds.map(({ ns }) => ns)).toEqual(deeds.map(({ ns }) => ns).sort((a, b) => a - b));
        const { submitted, accepted, rejected } = result.orders;
        expect(accepted + rejected).toBe(submitted);
        expect(seen.every(({ ns, exchNs }) => ns >= exchNs)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("gives the markouts that looking every mid up gives", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rows = wanderingRows(seed, 300);
        const mids: { ns: number; mid: number }[] = [];
        const strategy = new BusyStrategy(MILLI);
        const backtester = new Backtester({
          markets: [{ tape: depthTape(rows), venue }],
          strategies: [
            strategy,
            { onBook: (book, ctx) => void mids.push({ ns: ctx.clock.ns, mid: book.midTicks }) },
          ],
          cash: { USD: "1000000" },
          seed,
        });
        const fills: FillCopy[] = [];
        backtester.on("fill", (fill) => fills.push(fill));
        const { markouts } = backtester.runToEnd().fills;
        const slow = MARKOUT_HORIZONS_NS.map((horizonNs) => {
          const settled = fills.flatMap((fill) => {
            const due = fill.ns + horizonNs;
            if (due >= (backtester.kernel.nowNs[0] as number)) return [];
            const mid = mids.findLast(({ ns }) => ns <= due)?.mid ?? Number.NaN;
            const sign = fill.side === "buy" ? 1 : -1;
            return Number.isNaN(mid) ? [] : [(sign * (mid - fill.priceTicks) * 10_000) / fill.priceTicks];
          });
          return {
            horizonNs,
            count: settled.length,
            bp: settled.reduce((a, b) => a + b, 0) / settled.length,
          };
        }).filter(({ count }) => count > 0);
        expect(markouts.map(({ horizonNs, count }) => [horizonNs, count])).toEqual(
          slow.map(({ horizonNs, count }) => [horizonNs, count]),
        );
        for (const [i, { bp }] of markouts.entries()) expect(bp).toBeCloseTo(slow[i]?.bp as number, 6);
      }),
      { numRuns: 40 },
    );
  });

  it("is the same whether markets come in one block or are looked at by debug views", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const make = (debug: boolean): string =>
          new Backtester({
            markets: [{ tape: depthTape(wanderingRows(seed, 200)), venue }],
            strategies: [new BusyStrategy(MILLI)],
            cash: { USD: "1000000" },
            seed,
            debug,
          }).runToEnd().runHash;
        expect(make(true)).toBe(make(false));
      }),
      { numRuns: 15 },
    );
  });
});
