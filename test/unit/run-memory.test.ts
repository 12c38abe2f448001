import { expect, test } from "vitest";
import { ColumnPool } from "../../src/base/index.ts";
import { tileTape } from "../../src/feed/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import { Backtester, type BacktestOptions, type RunMemory } from "../../src/run/index.ts";
import { ConstantLatency, generateBarTape, generateDepthTape } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";

test("a spare column comes back as zeros, to one taker, of its own kind and length alone", () => {
  const pool = new ColumnPool();
  const columns = [pool.float64(8), pool.int32(8), pool.uint16(8), pool.int8(8), pool.uint8(8)] as const;
  for (const column of columns) column.fill(7);
  const next = pool.surrender();
  expect(pool.float64(8)).not.toBe(columns[0]);
  expect(next.float64(9)).toHaveLength(9);
  expect(next.uint8(8)).toBe(columns[4]);
  expect(next.int8(8)).toBe(columns[3]);
  expect(next.uint16(8)).toBe(columns[2]);
  expect(next.int32(8)).toBe(columns[1]);
  expect(next.float64(8)).toBe(columns[0]);
  for (const column of columns) expect([...column]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(next.float64(8)).not.toBe(columns[0]);
  // What was surrendered is surrendered on, taken or not.
  expect(next.surrender().surrender().int32(8)).toBe(columns[1]);
});

const instrument = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };
const depth = generateDepthTape({ instrument, seed: 3, priceTicks: 10_000, durationNs: 120_000_000_000 });
const bars = generateBarTape({ instrument, seed: 5, bars: 400 });

/** Makers, and one that fills rows with stops, replaces and cancels, so that no column stays as it was. */
const busy = (): Strategy => ({
  name: "busy",
  onBook: (book, ctx) => {
    if (!book.hasBid || !book.hasAsk || ctx.rng.float() > 0.3) return;
    const open = ctx.openOrders();
    const first = open[0];
    if (open.length > 12 && first !== undefined) ctx.cancel(first);
    else if (open.length > 6 && first !== undefined)
      ctx.replace(first, { lots: 3, priceTicks: book.bestBid - 2 });
    else {
      const order = { instrument: "ABC", side: ctx.rng.float() < 0.5 ? "buy" : "sell", lots: 2 } as const;
      const price = order.side === "buy" ? book.bestBid - 1 : book.bestAsk + 1;
      ctx.submit({ ...order, type: "limit", priceTicks: price, timeInForce: "DAY" });
      if (ctx.rng.float() < 0.3) ctx.submit({ ...order, type: "market" });
    }
  },
});
const daily = (): Strategy => ({
  name: "daily",
  onBar: (bar, ctx) => {
    const side = ctx.rng.float() < 0.5 ? "buy" : "sell";
    const order = { instrument: "ABC", side, lots: 1 } as const;
    if (ctx.openOrders().length > 20) for (const each of ctx.openOrders()) ctx.cancel(each);
    else if (ctx.rng.float() < 0.5) ctx.submit({ ...order, type: "market" });
    else ctx.submit({ ...order, type: "limit", priceTicks: bar.close, timeInForce: "DAY" });
  },
});
const grid = (): Strategy =>
  new GridMaker({
    ...{ instrument: "ABC", halfSpread: 1e-4, gridInterval: 1e-4, skew: 1e-6 },
    ...{ levels: 5, orderLots: 2, maxPositionLots: 20 },
  });
const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
const cash = { USD: "1000000" };
const limits = { ...NO_LIMITS, maxLongLots: 30, maxShortLots: 30 };

/** Every kind of venue, several capacities, with and without limits and journals' kernels. */
const KINDS: Readonly<Record<string, () => BacktestOptions>> = {
  depth: () => ({ markets: [{ tape: depth, venue: { latency } }], strategies: [busy()], cash }),
  "two strategies": () => ({
    markets: [{ tape: depth, venue: { latency } }],
    strategies: [grid(), busy()],
    cash,
  }),
  bars: () => ({ markets: [{ tape: bars }], strategies: [daily()], cash }),
  closed: () => ({
    markets: [{ closed: { instrument, seed: 7, durationNs: 30_000_000_000 } }],
    ...{ strategies: [busy()], cash },
  }),
  "few orders": () => ({
    markets: [{ tape: depth, venue: { latency } }],
    ...{ strategies: [grid()], cash, orderCapacity: 64 },
  }),
  limits: () => ({
    markets: [{ tape: depth, venue: { latency } }],
    ...{ strategies: [busy()], cash },
    risk: {
      currency: "USD",
      limits: [{ level: "firm", limits }],
      capital: [],
      hours: "always",
      status: "trusted",
    },
  }),
};

test("whatever ran before in the same memory, a run is the run it is alone", () => {
  const alone = new Map(
    Object.entries(KINDS).map(([kind, make]) => [kind, new Backtester(make()).runToEnd()] as const),
  );
  for (const { orders, fills } of alone.values()) {
    expect(orders.submitted).toBeGreaterThan(20);
    expect(fills.count).toBeGreaterThan(5);
  }
  const kinds = Object.keys(KINDS);
  // Each behind each: the second row goes through all pairs of neighbours at another distance.
  for (const step of [1, 5]) {
    let memory: RunMemory | undefined;
    for (let i = 0; i < 2 * kinds.length; i++) {
      const kind = kinds[(i * step) % kinds.length] as string;
      const backtester = new Backtester((KINDS[kind] as () => BacktestOptions)(), memory);
      const { runHash, money, fills } = backtester.runToEnd();
      const own = alone.get(kind);
      expect({ kind, runHash }).toEqual({ kind, runHash: own?.runHash });
      expect(money).toEqual(own?.money);
      expect(fills).toEqual(own?.fills);
      memory = backtester.surrender();
    }
  }
});

test("memory that is given twice, or surrendered twice, is nobody's but the first taker's", () => {
  const make = (): BacktestOptions => ({
    markets: [{ tape: tileTape(depth, 8), venue: { latency } }],
    ...{ strategies: [busy()], cash },
  });
  const first = new Backtester(make());
  const { runHash } = first.runToEnd();
  const memory = first.surrender();
  const held = [memory, memory, first.surrender()].map((given) => new Backtester(make(), given));
  const runs = held.map((backtester) => backtester.run());
  // In turns: each is at work while the others are.
  const told = new Map<number, string>();
  for (let turn = 0; told.size < runs.length; turn++) {
    const step = (runs[turn % runs.length] as (typeof runs)[number]).next();
    if (step.done === true && step.value !== undefined) told.set(turn % runs.length, step.value.runHash);
    else expect(turn).toBeLessThan(1_000);
  }
  expect([...told.values()]).toEqual([runHash, runHash, runHash]);
  expect(() => new Backtester(make()).surrender()).toThrow("FAULT_INPUT backtester.surrender");
});
