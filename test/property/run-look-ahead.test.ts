import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { BarTapeBuilder, DepthTapeBuilder, type MemoryTape } from "../../src/feed/index.ts";
import { BarBlock, DepthBlock, KIND_MASK, ROW } from "../../src/model/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { ConstantLatency, generateBarTape, generateDepthTape } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import type { Strategy, StrategyContext } from "../../src/strategy/index.ts";

const DEPTH = { symbol: "SIM", venue: "sim", tickSize: "0.1", lotSize: "0.001", quote: "USDT" } as const;
const BARS = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" } as const;
const SECOND = 1_000_000_000;
const tape = generateDepthTape({ instrument: DEPTH, seed: 3, priceTicks: 600_000, durationNs: 20 * SECOND });
const bars = generateBarTape({ instrument: BARS, seed: 3, bars: 300 });

/** The tape with every row received after `fromNs` replaced: prices moved, quantities drawn anew. */
function alterDepth(source: MemoryTape<DepthBlock>, fromNs: number, seed: number): MemoryTape<DepthBlock> {
  const rng = new Prng(seed);
  const builder = new DepthTapeBuilder({
    instrument: DEPTH,
    baseNs: BigInt(source.meta.baseNs),
    source: "altered",
    simulated: true,
  });
  const block = new DepthBlock();
  for (let b = 0; b < source.blockCount; b++) {
    source.read(b, block);
    for (let i = 0; i < block.n; i++) {
      const [exch, local, kind] = [
        block.exch[i] as number,
        block.local[i] as number,
        block.kind[i] as number,
      ];
      const altered = local > fromNs && exch > fromNs && (kind & KIND_MASK) !== ROW.clear;
      const tick = (block.tick[i] as number) + (altered ? rng.below(41) - 20 : 0);
      builder.push(exch, local, kind, tick, altered ? rng.below(50) : (block.lots[i] as number));
    }
  }
  return builder.build();
}

/** Everything a strategy did and was told, with its time. */
function decisions(market: MemoryTape<DepthBlock>): readonly string[] {
  const grid = new GridMaker({
    instrument: "SIM",
    halfSpread: 1e-6,
    gridInterval: 1e-6,
    skew: 1e-7,
    levels: 5,
    orderLots: 10,
    maxPositionLots: 50,
  });
  const backtester = new Backtester({
    markets: [
      {
        tape: market,
        venue: { latency: new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 }) },
      },
    ],
    strategies: [grid],
    cash: { USDT: "100000" },
  });
  const told: string[] = [];
  backtester.on("fill", (fill) =>
    told.push(`${fill.ns} fill ${fill.orderId} ${fill.priceTicks} ${fill.lots}`),
  );
  const { desk } = backtester.kernel;
  const submit = desk.submit.bind(desk);
  desk.submit = (slot, request) => {
    told.push(`${slot.clock.ns} submit ${request.side} ${request.priceTicks} ${request.lots}`);
    return submit(slot, request);
  };
  backtester.runToEnd();
  return told;
}

function until(told: readonly string[], ns: number): readonly string[] {
  return told.filter((line) => Number(line.split(" ")[0]) <= ns);
}

describe("no look-ahead", () => {
  test("depth: a future that is altered leaves every decision and fill before it as it was", () => {
    const before = decisions(tape);
    expect(before.length).toBeGreaterThan(50);
    const from = Number(BigInt(tape.meta.fromNs) - BigInt(tape.meta.baseNs));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 19 }), fc.integer(), (second, seed) => {
        const cut = from + second * SECOND;
        const after = decisions(alterDepth(tape, cut, seed));
        expect(until(after, cut)).toEqual(until(before, cut));
        expect(after).not.toEqual(before);
      }),
      { numRuns: 12 },
    );
  });

  test("bars: a strategy's orders up to a close do not depend on any later bar", () => {
    const trend: () => Strategy & { readonly told: string[] } = () => {
      const told: string[] = [];
      let last = 0;
      return {
        name: "trend",
        told,
        onBar(bar, ctx: StrategyContext) {
          const side = bar.closeTicks > last ? "buy" : "sell";
          last = bar.closeTicks;
          told.push(`${ctx.clock.ns} ${side} ${bar.closeTicks} ${ctx.position("ABC").lots}`);
          ctx.submit({ instrument: "ABC", side, lots: 1, priceTicks: bar.closeTicks, timeInForce: "DAY" });
        },
        onFill(fill, ctx) {
          told.push(`${ctx.clock.ns} filled ${fill.priceTicks}`);
        },
      };
    };
    const run = (market: MemoryTape<BarBlock>): readonly string[] => {
      const strategy = trend();
      new Backtester({
        markets: [{ tape: market }],
        strategies: [strategy],
        cash: { USD: "100000" },
      }).runToEnd();
      return strategy.told;
    };
    const before = run(bars);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 298 }), fc.integer({ min: 1, max: 500 }), (kept, shift) => {
        const builder = new BarTapeBuilder({
          instrument: BARS,
          baseNs: BigInt(bars.meta.baseNs),
          source: "altered",
          simulated: true,
        });
        const block = new BarBlock();
        bars.read(0, block);
        let cut = 0;
        for (let i = 0; i < block.n; i++) {
          const by = i >= kept ? shift * (i % 2 === 0 ? 1 : -1) : 0;
          if (i === kept - 1) cut = block.closeNs[i] as number;
          builder.push({
            openNs: block.openNs[i] as number,
            closeNs: block.closeNs[i] as number,
            open: (block.open[i] as number) + by,
            high: (block.high[i] as number) + by,
            low: (block.low[i] as number) + by,
            close: (block.close[i] as number) + by,
            volume: block.volume[i] as number,
          });
        }
        const after = run(builder.build());
        // The next bar opens at the moment this one closes: its fills bear the same time.
        expect(until(after, cut - 1_000_000)).toEqual(until(before, cut - 1_000_000));
        expect(after).not.toEqual(before);
      }),
      { numRuns: 40 },
    );
  });
});
