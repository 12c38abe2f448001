import { describe, expect, it } from "vitest";
import type { KernelRisk } from "../../src/kernel/index.ts";
import { CELL, NODE } from "../../src/risk/exposure-rows.ts";
import type { RiskLimits } from "../../src/risk/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { FeedMultipleLatency, generateDepthTape } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";

const SECOND = 1_000_000_000;
const SIM = { symbol: "SIM", venue: "sim", tickSize: "0.1", lotSize: "0.001", quote: "USDT" } as const;
const tape = generateDepthTape({ instrument: SIM, seed: 11, priceTicks: 600_000, durationNs: 60 * SECOND });

/** Limits that nothing reaches: every check is asked. */
const WIDE: RiskLimits = {
  maxOrderLots: 1_000_000,
  maxOrderValue: "100000000",
  maxLongLots: 1_000_000,
  maxShortLots: 1_000_000,
  maxGrossValue: "10000000000",
  maxNetValue: "10000000000",
  maxOpenOrders: 10_000,
  maxOpenValue: "10000000000",
  maxConcentration: 1_000,
  maxDailyLoss: "90000",
  maxOrdersPerSecond: 100_000,
  maxOrdersPerMinute: 1_000_000,
  priceCollarBps: 1_000,
  maxMarginShare: 1_000,
  maxLeverage: 1_000,
  maxWindowLoss: "90000",
  maxDrawdownShare: 0.9,
};

function run(risk?: KernelRisk, copies = 1) {
  const maker = () =>
    new GridMaker({
      instrument: "SIM",
      halfSpread: 1e-6,
      gridInterval: 1e-6,
      skew: 1e-7,
      levels: 5,
      orderLots: 10,
      maxPositionLots: 50,
    });
  const latency = new FeedMultipleLatency({ entry: 1.5, response: 1.25, entryOffsetNs: 100_000 });
  const backtester = new Backtester({
    markets: [{ tape, venue: { latency, queue: { model: "power2", n: 2.5 } } }],
    strategies: Array.from({ length: copies }, maker),
    cash: { USDT: "100000" },
    ...(risk === undefined ? {} : { risk }),
  });
  return { result: backtester.runToEnd(), kernel: backtester.kernel };
}

function limited(...limits: KernelRisk["limits"][number][]): KernelRisk {
  const levels = ["firm", "desk", "account", "user"] as const;
  const named = (level: (typeof levels)[number]) => (level === "firm" ? { level } : { level, name: "main" });
  return {
    currency: "USDT",
    limits: [
      ...levels.map((level) => ({ ...named(level), limits: WIDE })),
      { level: "class", name: "all", limits: WIDE },
      { level: "symbol", name: "SIM@sim", limits: WIDE },
      ...limits,
    ],
    capital: [
      ...levels.map((level) => ({ ...named(level), amount: "100000" })),
      { level: "class", name: "all", amount: "100000" },
      { level: "symbol", name: "SIM@sim", amount: "100000" },
    ],
    hours: "always",
    status: "trusted",
    duplicates: { windowNs: 1_000_000, count: 2 },
  };
}

describe("the gate inside a backtest", () => {
  const free = run();

  it("changes nothing while no limit is reached: every fill is the same", () => {
    const wide = run(limited());
    expect(free.result.fills.count).toBeGreaterThan(50);
    expect(wide.result.orders.refusals).toEqual({});
    expect(wide.kernel.effects.hex()).toBe(free.kernel.effects.hex());
    expect(wide.result.runHash).not.toBe(free.result.runHash);
    expect(run(limited()).result.runHash).toBe(wide.result.runHash);
  });

  it("has the ledger's position and profit, and holds exactly what is open", () => {
    const { kernel } = run(limited(), 2);
    const { exposure } = kernel.gate.parts;
    expect(exposure.cell(0, 0, CELL.positionLots)).toBe(kernel.ledger.positionLots[0]);
    let [buys, sells, open] = [0, 0, 0];
    for (let row = 0; row < kernel.orders.capacity; row++) {
      if (!((kernel.orders.id[row] as number) > 0)) continue;
      const leaves = kernel.orders.worstLeavesLots(row);
      if (leaves > 0) open += 1;
      if (kernel.orders.side[row] === 1) buys += leaves;
      else sells += leaves;
    }
    const held = [
      exposure.cell(0, 0, CELL.buyLots),
      exposure.cell(0, 0, CELL.sellLots),
      exposure.node(0, NODE.openOrders),
    ];
    expect(held).toEqual([buys, sells, open]);
    const { bestBid, bestAsk } = (kernel.stations[0] as (typeof kernel.stations)[number]).book;
    kernel.gate.quote(0, bestBid, bestAsk, kernel.nowNs[0] as number);
    const profit = kernel.gate.parts.dayProfitOf(0) / 100;
    expect(Math.abs(profit - (kernel.portfolio.equity - 100_000))).toBeLessThan(1);
  });

  it("refuses what breaks a limit: the position stays within it at every fill", () => {
    const tight = run(
      limited({ level: "symbol", name: "SIM@sim", limits: { maxLongLots: 20, maxShortLots: 20 } }),
    );
    const positions = tight.result.samples.instruments.flatMap((series) => series.position);
    expect(Math.max(...positions.map(Math.abs))).toBeLessThanOrEqual(0.02);
    expect(tight.result.orders.refusals.RISK_POSITION_EXCEEDED).toBeGreaterThan(0);
    expect(tight.result.fills.count).toBeGreaterThan(0);
  });

  it("stops new risk of one strategy only when that one has lost too much", () => {
    const { result } = run(
      limited({ level: "strategy", name: "grid-maker", limits: { maxDailyLoss: "0.01" } }),
      2,
    );
    expect(result.orders.refusals.RISK_DAILY_LOSS).toBeGreaterThan(0);
  });
});
