import { describe, expect, it } from "vitest";
import { DepthBlock, type FeeSchedule, flatFees, KIND_MASK, LAST } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import {
  Backtester,
  type BacktestMarket,
  type BacktestOptions,
  type RunResult,
} from "../../src/run/index.ts";
import { ConstantLatency, FeedMultipleLatency, generateDepthTape } from "../../src/sim/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import {
  parseStress,
  STRESS_FIGURES,
  type StressReport,
  type StressWorld,
  stressBacktest,
  stressCsv,
} from "../../src/trial/index.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

const tape = generateDepthTape({
  instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
  ...{ seed: 5, rows: 12_000 },
});
const latency = new ConstantLatency({ entryNs: 40_000_000, responseNs: 80_000_000 });

/** Buys two lots and sells them again, every 20th book. */
function taker(): Strategy {
  let books = 0;
  return {
    name: "taker",
    onBook(_book, ctx) {
      if (++books % 20 !== 0) return;
      const side = (books / 20) % 2 === 1 ? "buy" : "sell";
      ctx.submit({ instrument: "ABC", side, lots: 2, type: "market" });
    },
  };
}

/** Keeps a bid and an ask at the touch, anew every 40th book. */
function maker(): Strategy {
  let books = 0;
  return {
    name: "maker",
    onBook(book, ctx) {
      if (++books % 40 !== 0) return;
      for (const order of ctx.openOrders()) ctx.cancel(order);
      const order = { instrument: "ABC", lots: 2, type: "limit", postOnly: true } as const;
      ctx.submit({ ...order, side: "buy", priceTicks: book.bestBid });
      ctx.submit({ ...order, side: "sell", priceTicks: book.bestAsk });
    },
  };
}

function making(strategy: () => Strategy, market: Partial<BacktestMarket> = {}): () => BacktestOptions {
  const venue = { latency };
  return () => ({
    markets: [{ tape, venue, fees: flatFees("0.0001", "0.0004"), ...market }],
    strategies: [strategy()],
    cash: { USD: "100000" },
  });
}

function run(options: BacktestOptions): RunResult {
  return new Backtester(options).runToEnd();
}

function stressed(make: () => BacktestOptions, words: string): StressReport {
  return stressBacktest({ make, worlds: parseStress(words) });
}

/** What a world makes of one market. */
function marketIn(words: string, market: BacktestMarket): BacktestMarket {
  const [world] = parseStress(words);
  const options = { markets: [market], strategies: [{}], cash: { USD: "1" } };
  return (world as StressWorld).apply(options).markets[0] as BacktestMarket;
}

describe("a stressed backtest", () => {
  it("leaves the base as it is: the hash of the run alone, given or not", () => {
    const make = making(taker);
    const alone = run(make());
    const report = stressed(make, "latency=2x,fees=1.5x,spread=+1tick");
    expect(report.base.runHash).toBe(alone.runHash);
    expect(alone.fills.count).toBeGreaterThan(20);
    const told: string[] = [];
    const onProgress = (done: number, total: number): void => void told.push(`${done}/${total}`);
    const worlds = parseStress("latency=2x,fees=1.5x,spread=+1tick");
    expect(stressBacktest({ make, worlds, base: alone, onProgress })).toEqual(report);
    expect(told).toEqual(["1/4", "2/4", "3/4", "4/4"]);
    expect(run(make()).runHash).toBe(alone.runHash);
  });

  it("tells each world, then all together, with differences and ratios", () => {
    const report = stressed(making(taker), "fees=2x,spread=+1tick");
    expect(report.worlds.map(({ name }) => name)).toEqual(["fees=2x", "spread=+1tick"]);
    expect(report.all?.name).toBe("all");
    expect(new Set([report.base, ...report.worlds, report.all].map((each) => each?.runHash)).size).toBe(4);
    const [fees, spread] = report.worlds;
    const loss = (fees?.decay?.profit.difference ?? 0) + (spread?.decay?.profit.difference ?? 0);
    expect(report.all?.decay?.profit.difference).toBeCloseTo(loss, 1);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(stressed(making(taker), "fees=2x").all).toBeNull();
    const [head = "", ...lines] = stressCsv(report).trimEnd().split("\n");
    expect(head.split(",")).toHaveLength(1 + 3 * STRESS_FIGURES.length + 2);
    expect(lines.map((line) => line.split(",")[0])).toEqual(["base", "fees=2x", "spread=+1tick", "all"]);
    expect(lines[1]?.split(",")[3]).toBe(String(fees?.decay?.profit.ratio));
  });

  it("is the run that the worse options make by hand", () => {
    const by = (options: Partial<BacktestMarket>): Record<string, unknown> => {
      const result = run(making(maker, options)());
      return { fills: result.fills.count, fees: Number(result.money.fees), orders: result.orders.submitted };
    };
    const slow = new ConstantLatency({ entryNs: 100_000_000, responseNs: 200_000_000 });
    const late = new ConstantLatency({ entryNs: 47_000_000, responseNs: 87_000_000 });
    const report = stressed(making(maker), "latency=2.5x,fees=1.5x");
    expect(report.worlds[0]?.figures).toMatchObject(by({ venue: { latency: slow } }));
    expect(report.worlds[1]?.figures).toMatchObject(by({ fees: flatFees("0.00015", "0.0006") }));
    expect(stressed(making(maker), "latency=+7ms").worlds[0]?.figures).toMatchObject(
      by({ venue: { latency: late } }),
    );
    expect(report.worlds[0]?.figures).not.toEqual(report.base.figures);
  });
});

describe("a worse world", () => {
  it("of fees doubles what a taker pays, and changes nothing else", () => {
    const { base, worlds } = stressed(making(taker), "fees=2x");
    const { fees, profit, fills, slippageBp } = worlds[0]?.decay ?? {};
    expect(fees?.ratio).toBeCloseTo(2, 3);
    expect(profit?.difference).toBeCloseTo(-(base.figures?.fees ?? 0), 6);
    expect([fills?.difference, slippageBp?.difference]).toEqual([0, 0]);
  });

  it("of fees leaves a maker less of its rebate", () => {
    const { worlds } = stressed(making(maker, { fees: flatFees("-0.01", "0.0004") }), "fees=2x");
    expect(worlds[0]?.decay?.fees.ratio).toBeCloseTo(0.5, 2);
    expect(worlds[0]?.decay?.profit.difference).toBeLessThan(0);
  });

  it("of spread costs a taker a tick a lot, with the same fills", () => {
    const { base, worlds } = stressed(making(taker, { fees: flatFees("0", "0") }), "spread=+3ticks");
    const { profit, fills, slippageBp } = worlds[0]?.decay ?? {};
    const traded = run(making(taker)()).fills.volume;
    expect(fills?.difference).toBe(0);
    expect(profit?.difference).toBeCloseTo(-traded * 0.03, 6);
    expect(slippageBp?.difference).toBeGreaterThan(0);
    expect(base.figures?.makerFills).toBe(0);
  });

  it("of spread fills a maker less", () => {
    const { base, worlds } = stressed(making(maker), "spread=+1tick");
    expect(base.figures?.makerFills).toBeGreaterThan(20);
    expect(worlds[0]?.decay?.makerFills.ratio).toBeLessThan(0.8);
  });

  it("of late messages shows a strategy another market, and the venue the same", () => {
    const { worlds, base } = stressed(making(taker), "drop=50%");
    expect(worlds[0]?.runHash).not.toBe(base.runHash);
    expect(worlds[0]?.figures).not.toEqual(base.figures);
  });

  it("of lost orders fills a taker about as much less", () => {
    const { worlds } = stressed(making(taker), "lost=40%");
    expect(worlds[0]?.decay?.orders.difference).toBe(0);
    expect(worlds[0]?.decay?.fills.ratio).toBeGreaterThan(0.3);
    expect(worlds[0]?.decay?.fills.ratio).toBeLessThan(0.9);
    const rejected = run(parseStress("lost=40%")[0]?.apply(making(taker)()) as BacktestOptions).orders
      .reasons;
    expect(rejected["lostOnTheWay"]).toBeGreaterThan(5);
    expect(stressed(making(taker), "lost=40%").worlds).toEqual(worlds);
  });

  it("is told of a strategy that does not bear it, and the others go on", () => {
    const frail = (): Strategy => ({
      ...taker(),
      onOrder({ kind }) {
        if (kind === "rejected") throw new Error("never rejected");
      },
    });
    const { worlds, all } = stressed(making(frail), "lost=40%,fees=2x");
    expect(worlds[0]).toMatchObject({ runHash: null, figures: null, decay: null });
    expect(worlds[0]?.failed).toMatchObject({
      code: "FAULT_CALLBACK",
      message: expect.stringContaining("never rejected"),
    });
    expect([worlds[1]?.failed, all?.runHash]).toEqual([null, null]);
  });

  it("of bars knows fees and spread", () => {
    let bars = 0;
    const make = (): BacktestOptions => {
      bars = 0;
      const onBar: Strategy["onBar"] = (_bar, ctx) => {
        const side = bars++ % 2 === 0 ? "buy" : "sell";
        ctx.submit({ instrument: "ABC", side, lots: 10, type: "market" });
      };
      const fees = flatFees("0", "0.001");
      return { markets: [{ tape: barMarket(40), fees }], strategies: [{ onBar }], cash: { USD: "100000" } };
    };
    const { worlds } = stressed(make, "fees=2x,spread=+2ticks");
    expect(worlds[0]?.decay?.fees.ratio).toBeCloseTo(2, 2);
    expect(worlds[1]?.decay?.profit.difference).toBeLessThan(-39 * 10 * 0.02 + 0.1);
  });
});

describe("a feed that loses messages", () => {
  const late = marketIn("drop=10%", { tape }).tape as TapeSource<DepthBlock>;
  const [before, behind] = [new DepthBlock(), new DepthBlock()];

  it("has every row in its place, some of them later, whole messages together", () => {
    let [moved, messages] = [0, 0];
    for (let i = 0; i < tape.blockCount; i++) {
      tape.read(i, before);
      late.read(i, behind);
      expect(behind.n).toBe(before.n);
      for (const column of ["exch", "kind", "tick", "lots"] as const)
        expect(behind[column]).toEqual(before[column]);
      for (let row = 0; row < before.n; row++) {
        const [was, is] = [before.local[row] as number, behind.local[row] as number];
        expect(is).toBeGreaterThanOrEqual(was);
        expect(is).toBeGreaterThanOrEqual(row === 0 ? 0 : (behind.local[row - 1] as number));
        if (((before.kind[row] as number) & LAST) === 0) continue;
        expect((before.kind[row] as number) & KIND_MASK).toBeLessThan(12);
        messages++;
        if (is > was) moved++;
      }
    }
    expect(moved / messages).toBeGreaterThan(0.05);
    expect(moved / messages).toBeLessThan(0.15);
  });

  it("is another tape, and the same one for the same seed", () => {
    const again = marketIn("drop=10%", { tape }).tape;
    expect(again.meta).toEqual(late.meta);
    expect(late.meta.contentSha256).not.toBe(tape.meta.contentSha256);
    const [other] = parseStress("drop=10%", 2);
    const options = { markets: [{ tape }], strategies: [{}], cash: { USD: "1" } };
    const { meta } = ((other as StressWorld).apply(options).markets[0] as BacktestMarket).tape;
    expect(meta.contentSha256).not.toBe(late.meta.contentSha256);
  });
});

describe("fees in a worse world", () => {
  const feesIn = (words: string, fees: FeeSchedule): FeeSchedule | undefined =>
    marketIn(words, { tape, fees }).fees;

  it("are multiplied whole, rebates divided, volumes left", () => {
    const fees: FeeSchedule = {
      tiers: [
        { maker: "0.0002", taker: "0.0005" },
        { fromVolume: "1000", maker: "-0.0001", taker: "0.0004", makerPerUnit: "-0.003" },
      ],
      ...{ perUnit: "0.005", sellRate: "0.00002" },
      order: { minimum: "1.00", maximumRate: "0.01" },
      charges: [{ name: "TAF", side: "sell", perUnit: "0.000166", maximum: "8.30" }],
      revisions: [{ from: "2025-05-14", perUnit: "0.004" }],
    };
    expect(feesIn("fees=1.5x", fees)).toEqual({
      tiers: [
        { maker: "0.0003", taker: "0.00075" },
        { fromVolume: "1000", maker: "-0.000066666666", taker: "0.0006", makerPerUnit: "-0.002" },
      ],
      ...{ perUnit: "0.0075", sellRate: "0.00003" },
      order: { minimum: "1.5", maximumRate: "0.015" },
      charges: [{ name: "TAF", side: "sell", perUnit: "0.000249", maximum: "12.45" }],
      revisions: [{ from: "2025-05-14", perUnit: "0.006" }],
    });
  });

  it("are raised by basis points, of makers too, where there were none as well", () => {
    expect(feesIn("fees=+2.5bp", flatFees("-0.0001", "0.0004"))).toEqual(flatFees("0.00015", "0.00065"));
    expect(feesIn("fees=+2bp", { perUnit: "0.01" })).toEqual({
      perUnit: "0.01",
      ...flatFees("0.0002", "0.0002"),
    });
  });
});

describe("latency in a worse world", () => {
  it("is a multiple of what the model says, whatever the model, there and back", () => {
    const model = new FeedMultipleLatency({ entry: 2, response: 3 });
    const worse = marketIn("latency=1.5x", { tape, venue: { latency: model } }).venue?.latency;
    expect([worse?.usesFeedLatency, worse?.entryNs(0, 100), worse?.responseNs(0, 101)]).toEqual([
      true,
      300,
      455,
    ]);
    expect(worse?.describe()).toEqual({ model: "longer", factor: 1.5, addNs: 0, of: model.describe() });
    const later = marketIn("latency=+7ms", { tape, venue: { latency: model } }).venue?.latency;
    expect([later?.entryNs(0, 100), later?.responseNs(0, 101)]).toEqual([7_000_200, 7_000_303]);
  });

  it("of a lost order says that it is lost when the answer was due", () => {
    const worse = marketIn("lost=50%", { tape, venue: { latency } }).venue?.latency;
    const ways = Array.from({ length: 200 }, () => worse?.entryNs(0, 0));
    expect(new Set(ways)).toEqual(new Set([40_000_000, -120_000_000]));
    expect(ways.filter((ns) => ns === 40_000_000).length).toBeGreaterThan(60);
    expect(worse?.responseNs(0, 0)).toBe(80_000_000);
  });

  it("keeps lost orders lost", () => {
    const lossy = marketIn("lost=50%", { tape, venue: { latency } });
    const both = marketIn("latency=2x", lossy).venue?.latency;
    const ways = Array.from({ length: 200 }, () => both?.entryNs(0, 0));
    expect(new Set(ways)).toEqual(new Set([80_000_000, -120_000_000]));
  });
});

describe("words of stress", () => {
  it.each([
    ["", "stress"],
    ["latency", "stress"],
    ["speed=2x", "stress"],
    ["latency=2x,,fees=2x", "stress"],
    ["latency=2", "stress.latency"],
    ["latency=1x", "stress.latency"],
    ["latency=+2x", "stress.latency"],
    ["latency=5ms", "stress.latency"],
    ["latency=+5min", "stress.latency"],
    ["latency=-5ms", "stress.latency"],
    ["fees=0.5x", "stress.fees"],
    ["fees=+2ticks", "stress.fees"],
    ["fees=+0bp", "stress.fees"],
    ["spread=1tick", "stress.spread"],
    ["spread=+0.5tick", "stress.spread"],
    ["spread=2x", "stress.spread"],
    ["drop=0%", "stress.drop"],
    ["drop=60%", "stress.drop"],
    ["drop=0.1", "stress.drop"],
    ["lost=+1%", "stress.lost"],
    ["drop=1%,drop=2%", "stress.drop"],
  ])("%j is refused, naming the part", (words, path) => {
    expect(() => parseStress(words)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });

  it.each([
    ["latency=2x", { tape: barMarket(10) }, "stress.latency"],
    ["latency=2x", { tape }, "stress.latency"],
    ["lost=1%", { tape: barMarket(10) }, "stress.lost"],
    ["drop=1%", { tape: barMarket(10) }, "stress.drop"],
    ["fees=2x", { tape, fees: flatFees("0", "0") }, "stress.fees"],
  ] as const)("%s is refused where it would change nothing", (words, market, path) => {
    const fault = expect.objectContaining({
      code: "FAULT_CONFIG",
      path,
      expected: expect.stringContaining("nothing"),
    });
    expect(() => marketIn(words, market)).toThrow(fault);
  });

  it.each([
    ["no function", { make: 5 }, "stress.make"],
    ["no worlds", { worlds: [] }, "stress.worlds"],
    ["a world without a name", { worlds: [{ name: "", apply: (x: unknown) => x }] }, "stress.worlds[0].name"],
    ["a world named base", { worlds: [{ name: "base", apply: (x: unknown) => x }] }, "stress.worlds[0].name"],
    ["no run as base", { base: {} }, "stress.base"],
    ["an unknown word", { runs: 5 }, "stress.runs"],
  ])("the library refuses %s", (_name, other, path) => {
    const options = { make: making(taker), worlds: parseStress("fees=2x"), ...other };
    const fault = expect.objectContaining({ code: "FAULT_CONFIG", path });
    expect(() => stressBacktest(options as never)).toThrow(fault);
  });
});
