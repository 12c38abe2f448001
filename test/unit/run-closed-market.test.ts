import { describe, expect, it } from "vitest";
import { AlgoDesk } from "../../src/algo/index.ts";
import { Fault } from "../../src/base/index.ts";
import {
  Backtester,
  type BacktestOptions,
  type Progress,
  type RunResult,
  replaySession,
  resimulate,
} from "../../src/run/index.ts";
import {
  type ClosedMarketOptions,
  ConstantLatency,
  generateDepthTape,
  type MatchingVenue,
} from "../../src/sim/index.ts";
import type { BookView, FillView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { ABC } from "../fixtures/matching-venue-driver.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { faultOf } from "../fixtures/run-tapes.ts";

const SECOND = 1_000_000_000;
const latency = new ConstantLatency({ entryNs: 1_000_000, responseNs: 1_000_000 });

function optionsOf(
  strategy: Strategy,
  market: Partial<ClosedMarketOptions> = {},
  more: Partial<BacktestOptions> = {},
): BacktestOptions {
  const closed = { instrument: ABC, seed: 7, durationNs: 20 * SECOND, ...market };
  return {
    ...{ markets: [{ closed, venue: { latency } }], strategies: [strategy], cash: { USD: "10000000" } },
    ...more,
  };
}

/** Buys once, a second after the first book, and keeps what it paid and where the market went. */
class Buyer implements Strategy {
  readonly name = "buyer";
  readonly lots: number;
  /** The mid when it decided, and each second after, in ticks. */
  readonly mids: number[] = [];
  paid = 0;
  got = 0;
  constructor(lots: number) {
    this.lots = lots;
  }
  onStart(ctx: StrategyContext) {
    ctx.clock.every(SECOND);
  }
  onTimer(_timer: number, ctx: StrategyContext) {
    const mid = ctx.book("ABC").midTicks;
    if (!(mid > 0)) return;
    this.mids.push(mid);
    if (this.mids.length === 1) this.act(ctx);
  }
  act(ctx: StrategyContext) {
    ctx.submit({ instrument: "ABC", side: "buy", lots: this.lots, type: "market" });
  }
  onFill(fill: FillView, _ctx: StrategyContext) {
    this.paid += fill.priceTicks * fill.lots;
    this.got += fill.lots;
  }
  /** What it paid beyond the mid when it decided. @units ticks a lot */
  get cost(): number {
    return this.paid / this.got - (this.mids[0] as number);
  }
  /** How far the market is from where it was, so many seconds after. */
  moved(seconds: number): number {
    return (this.mids[seconds] as number) - (this.mids[0] as number);
  }
}

/** The same by a TWAP. */
class Slicer extends Buyer {
  readonly desk = new AlgoDesk();
  override act(ctx: StrategyContext) {
    const times = { startNs: ctx.clock.ns + 1, endNs: ctx.clock.ns + 60 * SECOND };
    const spec = {
      algo: "twap",
      instrument: "ABC",
      side: "buy",
      lots: this.lots,
      residual: "cross",
    } as const;
    const answer = this.desk.start({ ...spec, ...times, slices: 12, seed: 1 }, ctx);
    if (!answer.ok) throw new Error(answer.message);
  }
  override onTimer(timer: number, ctx: StrategyContext) {
    if (!this.desk.onTimer(timer, ctx)) super.onTimer(timer, ctx);
  }
  onBook(book: BookView, ctx: StrategyContext) {
    this.desk.onBook(book, ctx);
  }
  onTrade(trade: Parameters<NonNullable<Strategy["onTrade"]>>[0], ctx: StrategyContext) {
    this.desk.onTrade(trade, ctx);
  }
  onOrder(order: Parameters<NonNullable<Strategy["onOrder"]>>[0], ctx: StrategyContext) {
    this.desk.onOrder(order, ctx);
  }
  override onFill(fill: FillView, ctx: StrategyContext) {
    super.onFill(fill, ctx);
    this.desk.onFill(fill, ctx);
  }
}

const run = (options: BacktestOptions): RunResult => new Backtester(options).runToEnd();
const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
const SEEDS = [1, 2, 3, 4];

/** The same purchase in the markets of four seeds. */
function over<Kind extends Buyer>(make: () => Kind, market: Partial<ClosedMarketOptions>): readonly Kind[] {
  return SEEDS.map((seed) => {
    const buyer = make();
    run(optionsOf(buyer, { ...market, seed }));
    return buyer;
  });
}

describe("a backtest in a closed market", () => {
  it("has one hash for one seed, and another for another", () => {
    const hashes = [7, 7, 8].map((seed) => run(optionsOf(new BusyStrategy(100_000_000), { seed })).runHash);
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it("has another hash where the venue is another", () => {
    const base = optionsOf(new BusyStrategy(100_000_000));
    const other = {
      ...base,
      markets: base.markets.map((each) => ({ ...each, venue: { latency, selfMatch: "cancelNewest" } })),
    };
    expect(run(other as BacktestOptions).runHash).not.toBe(run(base).runHash);
  });

  it("names crowd, seed and what was told in its manifest, and says that it is simulated", () => {
    const result = run(optionsOf(new Buyer(5)));
    const [input] = result.manifest.inputs;
    expect(result.simulated).toBe(true);
    expect(input).toMatchObject({ schema: "closed", simulated: true, instrument: "ABC@sim" });
    expect(input?.source).toMatch(/^closed market, seed 7, \{"durationNs":20000000000\}$/);
    expect(input?.contentSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(input?.rows).toBe(result.events);
    expect(input?.counts.trades).toBeGreaterThan(10);
    expect(result.manifest.models["ABC@sim"]).toMatchObject({
      ...{ venue: "matching", selfMatch: "none", latency: { model: "constant" }, participants: [] },
      crowd: { seed: 7, makers: { lots: 20 } },
    });
    expect(result.warnings.some((line) => line.startsWith("ABC@sim: simulated market"))).toBe(true);
    expect(result.fills.reasons).toEqual({ taken: result.fills.count });
  });

  it("tells how far it is", () => {
    const told: Progress[] = [];
    new Backtester(optionsOf(new Buyer(5), { durationNs: 1_200 * SECOND })).runToEnd((each) =>
      told.push(each),
    );
    expect(told.length).toBeGreaterThan(0);
    for (const { events, totalEvents } of told) {
      expect(events).toBeLessThanOrEqual(totalEvents);
      expect(events / totalEvents).toBeGreaterThan(0.2);
    }
  });

  it("is recorded like any other, and replays to the same decisions", () => {
    const journal = new MemoryJournal();
    const strategy = () => new BusyStrategy(100_000_000);
    run(optionsOf(strategy(), {}, { journal }));
    const replay = replaySession(journal.records, { strategies: [strategy()] });
    expect(replay.isIdentical).toBe(true);
    // What it told is a tape; over it the same strategy meets a venue that does not react.
    const again = resimulate(journal.records, { strategies: [strategy()] });
    expect(again.result.manifest.inputs[0]?.schema).toBe("depth");
  });

  it("is heard when its feed has come, and never sooner", () => {
    const feed = { latencyFloorNs: 40_000_000, latencyMedianNs: 0 };
    let least = Number.POSITIVE_INFINITY;
    const watch: Strategy = {
      name: "watch",
      onTrade: ({ ns, exchNs }, ctx) => {
        least = Math.min(least, ctx.clock.ns - exchNs);
        expect(ctx.clock.ns).toBe(ns);
      },
    };
    run(optionsOf(watch, { feed }));
    expect(least).toBe(40_000_000);
  });

  it("runs beside a tape, each in its own time", () => {
    const tape = generateDepthTape({
      instrument: { ...ABC, symbol: "XYZ" },
      seed: 3,
      durationNs: 10 * SECOND,
    });
    const { markets, ...rest } = optionsOf(new Buyer(5));
    const seen = new Set<string>();
    const watch: Strategy = { name: "watch", onBook: ({ instrument }) => void seen.add(instrument.symbol) };
    const result = run({ ...rest, strategies: [watch], markets: [...markets, { tape }] });
    expect([...seen].sort()).toEqual(["ABC", "XYZ"]);
    expect(result.manifest.inputs.map(({ schema }) => schema)).toEqual(["closed", "depth"]);
  });

  it("ends when it is told to", () => {
    const backtester = new Backtester(optionsOf(new Buyer(5), {}, { toNs: 5 * SECOND }));
    expect(Number(backtester.runToEnd().toNs) - Number(backtester.kernel.baseNs)).toBe(5 * SECOND);
    expect((backtester.venues[0] as MatchingVenue).passed).toBeCloseTo(0.25, 2);
  });

  it.each([
    ["a market without an instrument", { closed: { seed: 1, durationNs: 1 } }, "instrument"],
    ["one without a length", { closed: { instrument: ABC, seed: 1 } }, "market.durationNs"],
    [
      "a tape too",
      { closed: { instrument: ABC, seed: 1, durationNs: 1 }, tape: 1 },
      "backtest.markets[0].tape",
    ],
    [
      "a fill model",
      { closed: { instrument: ABC, seed: 1, durationNs: 1 }, venue: { fills: "partial" } },
      "venue.fills",
    ],
    ["nothing at all", undefined, "backtest.markets[0]"],
  ])("refuses %s", (_name, market, path) => {
    const options = { ...optionsOf(new Buyer(5)), markets: [market] } as unknown as BacktestOptions;
    const fault = faultOf(() => new Backtester(options)) as Fault;
    expect([fault instanceof Fault, fault.code, fault.path]).toEqual([true, "FAULT_CONFIG", path]);
  });
});

/** Buys by a VWAP of which the closing auction gets a share. */
class Closer extends Slicer {
  readonly ends: string[] = [];
  override act(ctx: StrategyContext) {
    const startNs = ctx.clock.ns + 1;
    const closing = { share: 0.4, fromNs: 14 * SECOND };
    const spec = {
      algo: "vwap",
      instrument: "ABC",
      side: "buy",
      lots: this.lots,
      limitTicks: 20_000,
    } as const;
    const times = { startNs, endNs: 19 * SECOND, auctions: { closing } };
    const answer = this.desk.start({ ...spec, ...times, curve: [1, 1], urgency: 1, seed: 1 }, ctx);
    if (!answer.ok) throw new Error(answer.message);
  }
  override onOrder(order: Parameters<NonNullable<Strategy["onOrder"]>>[0], ctx: StrategyContext) {
    this.ends.push(order.kind);
    super.onOrder(order, ctx);
  }
}

describe("the closing auction of a closed market", () => {
  it("fills the share of a VWAP that waits for it beside the book, and its replay does the same", () => {
    const phases = [
      { atNs: 15 * SECOND, phase: "closing" },
      { atNs: 17 * SECOND, phase: "closed" },
    ] as const;
    const journal = new MemoryJournal();
    const buyer = new Closer(20);
    const made = (each: Closer, more: Partial<BacktestOptions> = {}): BacktestOptions => ({
      ...optionsOf(each, {}, more),
      markets: [
        { closed: { instrument: ABC, seed: 7, durationNs: 20 * SECOND }, venue: { latency, phases } },
      ],
    });
    const result = run(made(buyer, { journal }));
    // Its limit is far through the book: what waits for the auction meets nothing of it before.
    expect(result.fills.reasons).toEqual({ taken: expect.any(Number), auction: expect.any(Number) });
    expect(buyer.got).toBe(20);
    expect(buyer.desk.parents.map(({ status, filledLots }) => [status, filledLots])).toEqual([
      ["filled", 20],
    ]);
    const replay = replaySession(journal.records, { strategies: [new Closer(20)] });
    expect([replay.isIdentical, replay.difference]).toEqual([true, undefined]);
  });
});

describe("the market's reaction", () => {
  const deep = { durationNs: 25 * SECOND, volatilityTicks: 0.2 };

  it("costs more the more is bought", () => {
    const costs = [10, 80, 160, 320].map((lots) =>
      mean(over(() => new Buyer(lots), deep).map(({ cost }) => cost)),
    );
    for (let i = 1; i < costs.length; i++) expect(costs[i]).toBeGreaterThan(costs[i - 1] as number);
  });

  it("goes back where makers and informed traders know better", () => {
    const buyers = over(() => new Buyer(160), { ...deep, volatilityTicks: 0 });
    expect(mean(buyers.map(({ cost }) => cost))).toBeGreaterThan(1.5);
    for (const buyer of buyers) expect(Math.abs(buyer.moved(20))).toBeLessThanOrEqual(1.5);
  });

  it("stays where it is permanent, and informed traders know", () => {
    const market = { ...deep, volatilityTicks: 0, permanentTicksPerLot: 0.05 };
    // 160 lots at 0.05 ticks each: 8 ticks.
    for (const buyer of over(() => new Buyer(160), market))
      expect(Math.abs(buyer.moved(20) - 8)).toBeLessThanOrEqual(1.5);
  });

  it("stays where makers learn from trades and nobody knows better", () => {
    const learns = { lagNs: 3_600 * SECOND, flowTicksPerLot: 0.05 };
    const others = {
      noise: { ratePerSecond: 0 },
      excited: { ratePerSecond: 0 },
      informed: { ratePerSecond: 0 },
    };
    const market = { ...deep, volatilityTicks: 0, makers: learns, ...others };
    // 160 lots at 0.05 ticks each: 8 ticks.
    const moved = over(() => new Buyer(160), market).map((buyer) => buyer.moved(20));
    expect(Math.abs(mean(moved) - 8)).toBeLessThanOrEqual(1.5);
    for (const ticks of moved) expect(ticks).toBeGreaterThan(4);
  });

  it("makes a market order dearer than the same lots by a TWAP", () => {
    const long = { ...deep, durationNs: 70 * SECOND };
    const [market, twap] = [over(() => new Buyer(240), long), over(() => new Slicer(240), long)];
    expect(twap.every(({ got }) => got === 240)).toBe(true);
    expect(mean(market.map(({ cost }) => cost))).toBeGreaterThan(2 * mean(twap.map(({ cost }) => cost)));
  });
});
