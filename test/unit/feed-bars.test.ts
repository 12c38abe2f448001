import { describe, expect, test } from "vitest";
import {
  BarBuilder,
  type BarBuilderOptions,
  buildBars,
  DepthTapeBuilder,
  type FinishedBar,
  type MemoryTape,
} from "../../src/feed/index.ts";
import { BarBlock, type DepthBlock, LAST, NANOS_PER_SECOND, ROW } from "../../src/model/index.ts";

const HEAD = {
  instrument: { symbol: "ABC", venue: "t", tickSize: "0.05", lotSize: "1", quote: "USD" },
  baseNs: 0n,
  source: "by hand",
  simulated: true,
} as const;
const MS = 1_000_000;

function builder(options: Omit<BarBuilderOptions, "onBar">): { bars: FinishedBar[]; builder: BarBuilder } {
  const bars: FinishedBar[] = [];
  return { bars, builder: new BarBuilder({ ...options, onBar: (bar) => bars.push(bar) }) };
}

describe("bars of a period", () => {
  test("hold their start and not their end", () => {
    const { bars, builder: made } = builder({ periodNs: MS });
    made.add(0, 10, 1);
    made.add(MS - 1, 12, 1);
    expect(bars).toEqual([]);
    made.add(MS, 11, 1);
    expect(bars).toEqual([{ openNs: 0, closeNs: MS, open: 10, high: 12, low: 10, close: 12, volume: 2 }]);
    made.end();
    expect(bars).toHaveLength(2);
    expect(made.counts).toMatchObject({ bars: 2, partialBars: 1 });
  });

  test("are finished by time alone, and repeat the close where nothing happened", () => {
    const { bars, builder: made } = builder({ periodNs: MS, empty: "repeat" });
    made.advance(5 * MS);
    made.add(5 * MS, 10, 1);
    made.advance(8 * MS - 1);
    expect(bars.map(({ openNs, volume }) => [openNs / MS, volume])).toEqual([
      [5, 1],
      [6, 0],
    ]);
    made.end();
    expect(made.counts).toMatchObject({ bars: 2, emptyBars: 1, partialBars: 0 });
  });

  test("wait for late trades as long as they may", () => {
    const { bars, builder: made } = builder({ periodNs: MS, latenessNs: 2 * MS });
    made.add(MS / 2, 10, 1);
    made.add(MS + 1, 20, 1);
    made.add(1, 9, 1);
    made.add(MS - 1, 12, 1);
    made.add(3 * MS - 1, 30, 1);
    expect(bars).toEqual([]);
    made.advance(3 * MS);
    expect(bars).toEqual([{ openNs: 0, closeNs: MS, open: 9, high: 12, low: 9, close: 12, volume: 3 }]);
  });

  test.each([
    ["fail", "FAULT_TIME bars ns: found 999999, expected at least 1000000", 0],
    ["drop", { lateDropped: 1 }, 1],
    ["carry", { lateCarried: 1 }, 3],
  ] as const)("meet a late trade: %s", (late, outcome, volume) => {
    const { bars, builder: made } = builder({ periodNs: MS, late });
    made.add(5, 10, 1);
    made.add(MS, 10, 1);
    if (typeof outcome === "string") {
      expect(() => made.add(MS - 1, 11, 2)).toThrow(outcome);
      return;
    }
    made.add(MS - 1, 11, 2);
    made.end();
    expect(made.counts).toMatchObject(outcome);
    expect(bars[1]?.volume).toBe(volume);
  });

  test("may begin elsewhere", () => {
    const { bars, builder: made } = builder({ periodNs: 10 * MS, alignNs: 3 * MS });
    made.add(2 * MS, 1, 1);
    made.add(3 * MS, 2, 1);
    made.end();
    expect(bars.map(({ openNs }) => openNs / MS)).toEqual([-7, 3]);
  });
});

describe("bars of trades and lots", () => {
  test("end with the trade that fills them", () => {
    const { bars, builder: made } = builder({ lotsPerBar: 10 });
    made.add(1, 100, 4);
    made.add(2, 101, 25);
    made.add(3, 102, 10);
    made.add(4, 103, 1);
    made.end();
    expect(bars.map(({ openNs, closeNs, volume }) => [openNs, closeNs, volume])).toEqual([
      [1, 2, 29],
      [3, 3, 10],
      [4, 4, 1],
    ]);
    expect(made.counts.partialBars).toBe(1);
  });

  test("meet a late trade by the policy", () => {
    const { bars, builder: made } = builder({ tradesPerBar: 2, late: "carry" });
    made.add(10, 1, 1);
    made.add(5, 2, 1);
    expect(bars[0]).toMatchObject({ openNs: 10, closeNs: 10, close: 2 });
    expect(made.counts.lateCarried).toBe(1);
  });
});

describe("prices without trades", () => {
  test("make bars without volume, and volume belongs to the price that stands", () => {
    const { bars, builder: made } = builder({ periodNs: MS });
    made.volume(1, 5);
    made.price(2, 10);
    made.price(MS + 1, 11);
    made.volume(2 * MS + 1, 7);
    made.end();
    expect(bars.map(({ close, volume }) => [close, volume])).toEqual([
      [10, 0],
      [11, 0],
      [11, 7],
    ]);
    expect(made.counts.volumeWithoutPrice).toBe(1);
  });
});

describe("a bar builder refuses", () => {
  test.each([
    ["bars", {}],
    ["bars", { periodNs: MS, tradesPerBar: 5 }],
    ["bars.period", { period: MS }],
    ["bars.periodNs", { periodNs: 0 }],
    ["bars.periodNs", { periodNs: Number.NaN }],
    ["bars.periodNs", { periodNs: 1.5 * MS + 0.5 }],
    ["bars.periodNs", { periodNs: "1m" }],
    ["bars.tradesPerBar", { tradesPerBar: 0 }],
    ["bars.lotsPerBar", { lotsPerBar: -1 }],
    ["bars.alignNs", { periodNs: MS, alignNs: 0.5 }],
    ["bars.alignNs", { tradesPerBar: 1, alignNs: 1 }],
    ["bars.empty", { lotsPerBar: 1, empty: "repeat" }],
    ["bars.empty", { periodNs: MS, empty: "fill" }],
    ["bars.latenessNs", { periodNs: MS, latenessNs: -1 }],
    ["bars.latenessNs", { tradesPerBar: 1, latenessNs: 1 }],
    ["bars.late", { periodNs: MS, late: "keep" }],
    ["bars.onBar", { periodNs: MS, onBar: undefined }],
  ])("the option %s of %j", (path, options) => {
    expect(() => new BarBuilder({ onBar: () => {}, ...options } as never)).toThrow(
      `FAULT_CONFIG ${path}: found`,
    );
  });

  test.each([
    ["a time that is none", [Number.NaN, 1, 1], "FAULT_TIME bars ns"],
    ["half a nanosecond", [0.5, 1, 1], "FAULT_TIME bars ns"],
    ["eternity", [Number.POSITIVE_INFINITY, 1, 1], "FAULT_TIME bars ns"],
    ["half a tick", [1, 0.5, 1], "FAULT_INPUT bars tick"],
    ["no price", [1, Number.NaN, 1], "FAULT_INPUT bars tick"],
    ["fewer than no lots", [1, 1, -1], "FAULT_INPUT bars lots"],
    ["half a lot", [1, 1, 0.5], "FAULT_INPUT bars lots"],
  ] as const)("%s", (_what, [ns, tick, lots], message) => {
    const { builder: made } = builder({ periodNs: MS });
    expect(() => made.add(ns, tick, lots)).toThrow(message);
  });

  test("to be told a time that is none", () => {
    expect(() => builder({ periodNs: MS }).builder.advance(Number.POSITIVE_INFINITY)).toThrow("FAULT_TIME");
  });
});

describe("bars of a tape", () => {
  function ticks(): MemoryTape<DepthBlock> {
    const tape = new DepthTapeBuilder(HEAD);
    tape.push(0, 5, ROW.clear, 0, 0);
    tape.push(0, 5, ROW.bid, 99, 4);
    tape.push(0, 5, ROW.ask | LAST, 102, 4);
    tape.push(10, 20, ROW.buy | LAST, 102, 3);
    tape.push(20, NANOS_PER_SECOND, ROW.ask, 102, 0);
    tape.push(20, NANOS_PER_SECOND, ROW.ask | LAST, 101, 4);
    tape.push(20, NANOS_PER_SECOND, ROW.gap | LAST, 0, 0);
    tape.push(NANOS_PER_SECOND, NANOS_PER_SECOND, ROW.trade | LAST, 101, 2);
    return tape.build();
  }

  function rows(tape: MemoryTape<BarBlock>): number[][] {
    const block = new BarBlock();
    tape.read(0, block);
    return [...Array(block.n).keys()].map((i) =>
      [block.open, block.high, block.low, block.close, block.volume].map((column) => column[i] as number),
    );
  }

  test("of trades, by either clock", () => {
    const tape = buildBars(ticks(), { periodNs: NANOS_PER_SECOND });
    expect(rows(tape)).toEqual([
      [102, 102, 102, 102, 3],
      [101, 101, 101, 101, 2],
    ]);
    expect(tape.meta).toMatchObject({
      source: "by hand: bars of 1 s of trades",
      simulated: true,
      counts: { gaps: 1, partialBars: 1 },
    });
    expect(rows(buildBars(ticks(), { tradesPerBar: 9, clock: "local" }))).toEqual([[102, 102, 101, 101, 5]]);
  });

  test("of mids, on half the tick, with the volume of the trades", () => {
    const tape = buildBars(ticks(), { periodNs: NANOS_PER_SECOND, prices: "mid" });
    expect(rows(tape)).toEqual([
      [201, 201, 200, 200, 3],
      [200, 200, 200, 200, 2],
    ]);
    expect(tape.meta.instrument).toMatchObject({ tickSize: "0.025", quote: { code: "USD", decimals: 3 } });
    const later = buildBars(ticks(), { periodNs: NANOS_PER_SECOND, prices: "mid", clock: "local" });
    expect(rows(later)).toEqual([
      [201, 201, 201, 201, 3],
      [200, 200, 200, 200, 2],
    ]);
  });

  test("begin at whole periods since 1970", () => {
    const tape = new DepthTapeBuilder({ ...HEAD, baseNs: 1_500_000_000n });
    tape.push(400_000_000, 400_000_000, ROW.buy | LAST, 1, 1);
    tape.push(500_000_000, 500_000_000, ROW.buy | LAST, 1, 1);
    const { meta } = buildBars(tape.build(), { periodNs: NANOS_PER_SECOND });
    expect([meta.fromNs, meta.toNs, meta.rows]).toEqual(["2000000000", "3000000000", 2]);
  });

  test.each([
    ["an unknown option", { periodNs: MS, period: 1 }, "FAULT_CONFIG bars.period:"],
    ["unknown prices", { periodNs: MS, prices: "last" }, "FAULT_CONFIG bars.prices"],
    ["an unknown clock", { periodNs: MS, clock: "wall" }, "FAULT_CONFIG bars.clock"],
    ["no rule", {}, "FAULT_CONFIG bars:"],
  ])("refuse %s", (_what, options, message) => {
    expect(() => buildBars(ticks(), options as never)).toThrow(message);
  });

  test("refuse a tape without trades, and a tape of bars", () => {
    const tape = new DepthTapeBuilder(HEAD);
    tape.push(0, 0, ROW.bid | LAST, 1, 1);
    const depth = tape.build();
    expect(() => buildBars(depth, { periodNs: MS })).toThrow(
      "FAULT_INPUT tape: found 0, expected at least one row",
    );
    const bars = buildBars(ticks(), { periodNs: MS });
    expect(() => buildBars(bars as never, { periodNs: MS })).toThrow('found "bars", expected a depth tape');
  });
});
