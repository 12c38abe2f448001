import { describe, expect, expectTypeOf, it } from "vitest";
import { type AlgoPort, PairQuoter } from "../../src/algo/index.ts";
import { type AlgoSpec, flatFees } from "../../src/model/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import { Backtester, type BacktestOptions } from "../../src/run/index.ts";
import { ConstantLatency, generateDepthTape } from "../../src/sim/index.ts";
import type { Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { AlgoStrategy } from "../fixtures/algo-strategy.ts";

const SECOND = 1_000_000_000;
const LOTS = 400;
const tape = generateDepthTape({
  instrument: { symbol: "SIM", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" },
  seed: 7,
  priceTicks: 600_000,
  durationNs: 60 * SECOND,
});
const latency = new ConstantLatency({ entryNs: 3_000_000, responseNs: 2_000_000 });

const PROGRAMS: Readonly<Record<AlgoSpec["algo"], object>> = {
  twap: { algo: "twap", slices: 8, residual: "cross" },
  vwap: { algo: "vwap", curve: [3, 1, 1, 3], residual: "cross" },
  pov: { algo: "pov", participation: 0.3, ownPrints: false, intervalNs: 2 * SECOND },
  shortfall: { algo: "shortfall", impact: { riskAversion: 1e-4, sigma: 5, eta: 0.5 }, residual: "cross" },
  iceberg: { algo: "iceberg", displayLots: 40, displayJitterLots: 10 },
  sweep: { algo: "sweep", levels: 30 },
};

function specOf(algo: AlgoSpec["algo"], side: "buy" | "sell", nowNs: number): AlgoSpec {
  const limitTicks = side === "buy" ? 602_000 : 598_000;
  const common = {
    instrument: "SIM",
    side,
    lots: LOTS,
    limitTicks,
    urgency: 0.4,
    endNs: nowNs + 40 * SECOND,
  };
  return { ...common, ...PROGRAMS[algo] } as AlgoSpec;
}

function run(strategy: Strategy, more: Partial<BacktestOptions> = {}) {
  const market = { tape, fees: flatFees("0", "0.0004"), venue: { latency, fills: "partial" as const } };
  return new Backtester({
    markets: [market],
    strategies: [strategy],
    cash: { USDT: "1000000" },
    ...more,
  }).runToEnd();
}

describe("algorithms on the simulated venue", () => {
  it("work through a strategy's context as it is", () => {
    expectTypeOf<StrategyContext>().toExtend<AlgoPort>();
  });

  it.each(Object.keys(PROGRAMS) as AlgoSpec["algo"][])(
    "%s fills its quantity once, and says the same again",
    (algo) => {
      for (const side of ["buy", "sell"] as const) {
        const strategy = new AlgoStrategy((nowNs) => specOf(algo, side, nowNs));
        const result = run(strategy);
        const { parent } = strategy;
        if (parent === undefined) throw new Error(strategy.refusal?.message);
        expect(parent.isOver).toBe(true);
        expect(parent.filledLots).toBe(Math.abs(strategy.filled));
        expect(parent.filledLots).toBeLessThanOrEqual(LOTS);
        expect(parent.filledLots).toBeGreaterThan(algo === "pov" ? LOTS / 10 : LOTS / 2);
        if (algo === "pov") expect(parent.filledLots).toBeLessThanOrEqual((parent.volumeLots * 0.3) / 0.7);
        expect(Number(result.positions[0]?.quantity)).toBeCloseTo(strategy.filled / 1000, 9);
        const again = run(new AlgoStrategy((nowNs) => specOf(algo, side, nowNs)));
        expect(again.runHash).toBe(result.runHash);
      }
    },
  );

  it("pass the gate with each child, and are refused as a whole where they cannot fit", () => {
    const limits = { ...NO_LIMITS, maxLongLots: LOTS - 1, maxOrderLots: 100, priceCollarBps: 500 };
    const risk = {
      currency: "USDT",
      capital: [],
      hours: "always",
      status: "trusted",
      limits: [{ level: "firm", limits }],
    } as const;
    const whole = new AlgoStrategy((nowNs) => specOf("twap", "buy", nowNs));
    expect(run(whole, { risk }).orders.submitted).toBe(0);
    expect([whole.refusal?.code, whole.refusal?.field]).toEqual(["RISK_POSITION_EXCEEDED", "maxLongLots"]);
    const fits = new AlgoStrategy((nowNs) => ({ ...specOf("twap", "buy", nowNs), lots: LOTS - 1 }));
    const result = run(fits, { risk });
    expect(fits.parent?.filledLots).toBe(LOTS - 1);
    expect(result.orders.refusals.RISK_POSITION_EXCEEDED).toBe(undefined);
    expect(result.orders.submitted).toBe(fits.parent?.childCount);
  });

  it("quote a pair that trades on both sides within its position", () => {
    const pair = new PairQuoter({
      ...{
        instrument: "SIM",
        lots: 10,
        spreadTicks: 2,
        maxSpreadTicks: 6,
        maxPositionLots: 30,
        skewTicks: 2,
      },
      staleNs: 2 * SECOND,
    });
    let most = 0;
    const sides = new Set<string>();
    const result = run({
      name: "pair",
      onBook: (book, ctx) => pair.onBook(book, ctx),
      onOrder: (order, ctx) => pair.onOrder(order, ctx),
      onFill: (fill, ctx) => {
        sides.add(fill.side);
        most = Math.max(most, Math.abs(ctx.position("SIM").lots));
        pair.onFill(fill, ctx);
      },
      onTimer: (timer, ctx) => void pair.onTimer(timer, ctx),
    });
    expect([...sides].sort()).toEqual(["buy", "sell"]);
    expect(most).toBeLessThanOrEqual(30);
    expect(result.fills.makerCount).toBe(result.fills.count);
  });
});
