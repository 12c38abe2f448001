import { describe, expect, it } from "vitest";
import { MeanReversion, MovingAverageMomentum } from "../../src/strategies/index.ts";
import { bar, FakeContext, type FakeTicket, market } from "../fixtures/fake-strategy-context.ts";

/** Feeds closes in cents, fills every market order at once, and lists what was sent at each bar. */
function run(
  strategy: MovingAverageMomentum | MeanReversion,
  ctx: FakeContext,
  closes: readonly number[],
  factor: (i: number) => number = () => 1,
): string[] {
  const { instrument } = ctx.market("SPY");
  return closes.map((close, i) => {
    strategy.onBar(bar(instrument, close, factor(i)), ctx);
    const sent = ctx.take().join(" ");
    for (const ticket of ctx.openOrders()) ctx.fill(strategy, ticket);
    return sent;
  });
}

function momentum(more: object = {}): [MovingAverageMomentum, FakeContext] {
  const ctx = new FakeContext(market("SPY"));
  const strategy = new MovingAverageMomentum({ instrument: "SPY", fast: 1, slow: 3, ...more });
  strategy.onStart(ctx);
  return [strategy, ctx];
}

describe("MovingAverageMomentum", () => {
  it("is long above the slow average and flat below, sized by equity at the raw close", () => {
    const [strategy, ctx] = momentum();
    const sent = run(strategy, ctx, [10_000, 10_000, 10_000, 12_500, 12_600, 5_000, 4_900]);
    expect(sent).toEqual(["", "", "", "+ buy 8000 @ market", "", "+ sell 8000 @ market", ""]);
  });

  it("turns short where it may, and weighs", () => {
    const [strategy, ctx] = momentum({ mode: "longShort", weight: 0.5, average: "ema" });
    const sent = run(strategy, ctx, [10_000, 10_000, 10_000, 12_500, 5_000]);
    expect(sent.slice(3)).toEqual(["+ buy 4000 @ market", "+ sell 14000 @ market"]);
    expect(ctx.market("SPY").lots).toBe(-10_000);
  });

  it("judges by adjusted closes: a split is no fall, and leaves the position alone", () => {
    const [strategy, ctx] = momentum();
    const closes = [10_000, 10_100, 10_200, 10_300, 5_200, 5_300];
    const sent = run(strategy, ctx, closes.slice(0, 4), (i) => (i < 4 ? 0.5 : 1));
    expect(sent).toEqual(["", "", "+ buy 9803 @ market", ""]);
    ctx.market("SPY").lots *= 2;
    expect(run(strategy, ctx, closes.slice(4))).toEqual(["", ""]);
    expect(ctx.market("SPY").lots).toBe(19_606);
  });

  it("waits for the order that is out, and sends again what was refused or not filled", () => {
    const [strategy, ctx] = momentum();
    const { instrument } = ctx.market("SPY");
    const feed = (close: number): string[] => {
      strategy.onBar(bar(instrument, close), ctx);
      return ctx.take();
    };
    for (const close of [100, 100, 100]) feed(close);
    ctx.refuses = () => true;
    expect(feed(200)).toEqual(["! buy"]);
    ctx.refuses = () => false;
    ctx.isWarm = false;
    expect(feed(210)).toEqual([]);
    ctx.isWarm = true;
    expect(feed(220)).toHaveLength(1);
    expect(feed(230)).toEqual([]);
    (ctx.tickets[0] as FakeTicket).status = "rejected";
    expect(feed(240)).toHaveLength(1);
  });

  it("needs more than the band to turn", () => {
    const [strategy, ctx] = momentum({ band: 0.1 });
    expect(run(strategy, ctx, [100, 100, 100, 105, 130]).map((it) => it !== "")).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it("sends nothing without equity, and nothing for other instruments", () => {
    const [strategy, ctx] = momentum();
    ctx.equity = -5;
    expect(run(strategy, ctx, [100, 100, 100, 200]).join("")).toBe("");
    ctx.equity = 1e6;
    strategy.onBar(bar(market("QQQ").instrument, 500), ctx);
    expect(ctx.take()).toEqual([]);
  });

  it("goes on from a saved state", () => {
    const [one, ctx] = momentum({ average: "ema", mode: "longShort" });
    run(one, ctx, [100, 110, 120, 130]);
    const saved = JSON.parse(JSON.stringify(one.onSave()));
    const [two, other] = momentum({ average: "ema", mode: "longShort" });
    other.market("SPY").lots = ctx.market("SPY").lots;
    two.onLoad(saved, other);
    expect(run(two, other, [90, 95, 140])).toEqual(run(one, ctx, [90, 95, 140]));
    const load =
      (state: unknown, version = 2) =>
      () =>
        two.onLoad({ version, state }, other);
    expect(load(saved.state, 1)).toThrow("FAULT_INPUT movingAverageMomentum.load.version");
    expect(load({})).toThrow("FAULT_INPUT movingAverageMomentum.load.state");
    expect(load({ ...saved.state, wanted: 2 })).toThrow("FAULT_INPUT movingAverageMomentum.load.wanted");
    expect(load({ ...saved.state, order: 99 })).toThrow("FAULT_INPUT movingAverageMomentum.load.order");
    const [sma] = momentum();
    expect(() => sma.onLoad(saved, other)).toThrow("FAULT_INPUT Sma.load");
  });

  it("waits for the order that was out when it was saved, and needs no start", () => {
    const [one, ctx] = momentum();
    for (const close of [100, 100, 100, 200]) one.onBar(bar(ctx.market("SPY").instrument, close), ctx);
    const saved = JSON.parse(JSON.stringify(one.onSave()));
    expect(saved.state.order).toBe(1);
    const two = new MovingAverageMomentum({ instrument: "SPY", fast: 1, slow: 3 });
    two.onLoad(saved, ctx);
    ctx.take();
    const { instrument } = ctx.market("SPY");
    two.onBar(bar(instrument, 210), ctx);
    expect(ctx.take()).toEqual([]);
    ctx.finish(two, ctx.tickets[0] as FakeTicket, "rejected");
    expect(two.onSave().state).toMatchObject({ order: null });
    two.onBar(bar(instrument, 220), ctx);
    expect(ctx.take()).toHaveLength(1);
  });

  it("does not wait for an order that a bust brought back", () => {
    const [one, ctx] = momentum();
    const { instrument } = ctx.market("SPY");
    for (const close of [100, 100, 100, 200]) one.onBar(bar(instrument, close), ctx);
    const ticket = ctx.tickets[0] as FakeTicket;
    ctx.fill(one, ticket);
    ticket.filled = 0;
    ticket.status = "new";
    ctx.market("SPY").lots = 0;
    ctx.take();
    one.onBar(bar(instrument, 210), ctx);
    expect(ctx.take()).toHaveLength(1);
  });

  it.each([
    ["fast", { fast: 0 }],
    ["slow", { slow: 1 }],
    ["weight", { weight: 0 }],
    ["mode", { mode: "short" }],
    ["average", { average: "wma" }],
    ["band", { band: -1 }],
    ["instrument", { instrument: "" }],
    ["lookback", { lookback: 3 }],
  ])("refuses %s by name", (key, more) => {
    expect(() => momentum(more)).toThrow(`FAULT_CONFIG movingAverageMomentum.${key}`);
  });
});

function reversion(more: object = {}): [MeanReversion, FakeContext] {
  const ctx = new FakeContext(market("SPY"));
  const strategy = new MeanReversion({ instrument: "SPY", period: 5, entry: 1.5, exit: 0.5, ...more });
  strategy.onStart(ctx);
  return [strategy, ctx];
}

describe("MeanReversion", () => {
  // Scores of the last five: the fifth close is first judged.
  const fall = [10_000, 10_010, 10_000, 10_010, 9_000];

  it("buys far below the mean and sells when it is back", () => {
    const [strategy, ctx] = reversion();
    const sent = run(strategy, ctx, [...fall, 9_010, 9_600, 9_990]);
    expect(sent).toEqual(["", "", "", "", "+ buy 11111 @ market", "", "+ sell 11111 @ market", ""]);
  });

  it("sells short far above, or not at all", () => {
    const rise = fall.map((close) => 20_000 - close);
    const [both, ctx] = reversion();
    expect(run(both, ctx, [...rise, 10_000]).slice(4)).toEqual([
      "+ sell 9090 @ market",
      "+ buy 9090 @ market",
    ]);
    const [longOnly, other] = reversion({ mode: "longFlat" });
    expect(run(longOnly, other, [...rise, 10_000]).join("")).toBe("");
  });

  it("stays flat where nothing moves", () => {
    const [strategy, ctx] = reversion();
    expect(run(strategy, ctx, new Array<number>(20).fill(10_000)).join("")).toBe("");
  });

  it("goes on from a saved state", () => {
    const [one, ctx] = reversion();
    run(one, ctx, fall);
    const [two, other] = reversion();
    two.onLoad(JSON.parse(JSON.stringify(one.onSave())), other);
    other.market("SPY").lots = ctx.market("SPY").lots;
    expect(run(two, other, [9_010, 9_600])).toEqual(run(one, ctx, [9_010, 9_600]));
    const load =
      (state: unknown, version = 2) =>
      () =>
        two.onLoad({ version, state }, other);
    expect(load({ score: 1, wanted: 5, order: null })).toThrow("FAULT_CONFIG ZScore.load");
    expect(load(one.onSave().state, 1)).toThrow("FAULT_INPUT meanReversion.load.version");
  });

  it.each([
    ["period", { period: 1 }],
    ["entry", { entry: 2 }],
    ["exit", { exit: 1.5 }],
    ["exit", { exit: -1 }],
    ["mode", { mode: "longOnly" }],
    ["treshold", { treshold: 2 }],
  ])("refuses %s by name", (key, more) => {
    expect(() => reversion(more)).toThrow(`FAULT_CONFIG meanReversion.${key}`);
  });
});
