import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BarBuilder,
  type BarBuilderOptions,
  buildBars,
  DepthTapeBuilder,
  type FinishedBar,
} from "../../src/feed/index.ts";
import { BarBlock, LAST, ROW } from "../../src/model/index.ts";
import { filled, slowCounts, slowPeriods, type Trade } from "./feed-bars-oracle.ts";

const PERIOD = 1_000_000;
const trade = fc.record({
  ns: fc.integer({ min: -5 * PERIOD, max: 60 * PERIOD }),
  tick: fc.integer({ min: -1_000, max: 1_000 }),
  lots: fc.integer({ min: 0, max: 50 }),
});
const anyOrder = fc.array(trade, { minLength: 1, maxLength: 120 });
const inOrder = anyOrder.map((trades) => [...trades].sort((left, right) => left.ns - right.ns));
const lateness = fc.constantFrom(0, 1, PERIOD - 1, PERIOD, 7 * PERIOD, 100 * PERIOD);

function build(
  options: Omit<BarBuilderOptions, "onBar">,
  trades: readonly Trade[],
): { readonly bars: FinishedBar[]; readonly builder: BarBuilder } {
  const bars: FinishedBar[] = [];
  const builder = new BarBuilder({ ...options, onBar: (bar) => bars.push(bar) });
  for (const { ns, tick, lots } of trades) builder.add(ns, tick, lots);
  builder.end();
  return { bars, builder };
}

describe("bars as they come are the bars of the whole", () => {
  test("of a period, whatever the order and the lateness allowed", () => {
    fc.assert(
      fc.property(anyOrder, lateness, (trades, latenessNs) => {
        const { bars, builder } = build({ periodNs: PERIOD, latenessNs, late: "drop" }, trades);
        const slow = slowPeriods(trades, PERIOD, latenessNs);
        expect(bars).toEqual(slow.bars);
        expect(builder.counts.lateDropped).toBe(slow.late);
      }),
    );
  });

  test("of a period, empty ones filled", () => {
    fc.assert(
      fc.property(anyOrder, lateness, (trades, latenessNs) => {
        const { bars } = build({ periodNs: PERIOD, latenessNs, late: "drop", empty: "repeat" }, trades);
        expect(bars).toEqual(filled(slowPeriods(trades, PERIOD, latenessNs).bars, PERIOD));
      }),
    );
  });

  test("of a period, however often time is told to have passed", () => {
    fc.assert(
      fc.property(inOrder, (trades) => {
        const bars: FinishedBar[] = [];
        const builder = new BarBuilder({ periodNs: PERIOD, onBar: (bar) => bars.push(bar) });
        for (const { ns, tick, lots } of trades) {
          builder.advance(ns - 1);
          builder.advance(ns);
          builder.add(ns, tick, lots);
        }
        builder.end();
        expect(bars).toEqual(slowPeriods(trades, PERIOD, 0).bars);
      }),
    );
  });

  test("of trades and of lots", () => {
    fc.assert(
      fc.property(inOrder, fc.integer({ min: 1, max: 30 }), (trades, size) => {
        const byTrades = build({ tradesPerBar: size }, trades).bars;
        expect(byTrades).toEqual(slowCounts(trades, (within) => within.length >= size));
        const byLots = build({ lotsPerBar: size }, trades).bars;
        const volume = (within: readonly Trade[]): number => within.reduce((sum, { lots }) => sum + lots, 0);
        expect(byLots).toEqual(slowCounts(trades, (within) => volume(within) >= size));
      }),
    );
  });

  test("no trade is lost: late ones carried, the volume is the whole", () => {
    fc.assert(
      fc.property(anyOrder, lateness, fc.boolean(), (trades, latenessNs, byTrades) => {
        const rule = byTrades ? { tradesPerBar: 5 } : { periodNs: PERIOD, latenessNs };
        const { bars } = build({ ...rule, late: "carry" }, trades);
        const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);
        expect(sum(bars.map(({ volume }) => volume))).toBe(sum(trades.map(({ lots }) => lots)));
        for (const [i, bar] of bars.entries()) {
          expect(bar.openNs).toBeGreaterThanOrEqual(bars[i - 1]?.closeNs ?? Number.NEGATIVE_INFINITY);
        }
      }),
    );
  });

  test("out of a tape", () => {
    fc.assert(
      fc.property(inOrder, fc.integer({ min: 0, max: 3 * PERIOD }), (trades, offset) => {
        const tape = new DepthTapeBuilder({
          instrument: { symbol: "A", venue: "t", tickSize: "1", lotSize: "1", quote: "USD" },
          baseNs: BigInt(10 * PERIOD + offset),
          source: "made up",
          simulated: true,
        });
        for (const { ns, tick, lots } of trades) tape.push(ns, ns + 7, ROW.sell | LAST, tick, lots);
        const block = new BarBlock();
        const bars = buildBars(tape.build(), { periodNs: PERIOD });
        bars.read(0, block);
        const epoch = trades.map((each) => ({ ...each, ns: each.ns + 10 * PERIOD + offset }));
        const slow = slowPeriods(epoch, PERIOD, 0).bars;
        expect([...block.closeNs.subarray(0, block.n)].map((ns) => ns + 10 * PERIOD + offset)).toEqual(
          slow.map(({ closeNs }) => closeNs),
        );
        expect([...block.close.subarray(0, block.n)]).toEqual(slow.map(({ close }) => close));
        expect([...block.volume.subarray(0, block.n)]).toEqual(slow.map(({ volume }) => volume));
      }),
    );
  });
});
