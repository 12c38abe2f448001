/** The gate inside a backtest: the maker wants 50 lots and may hold 20; after a loss of 2 USDT it may only reduce. */
import { flatFees } from "tickwright/model";
import { NO_LIMITS } from "tickwright/risk";
import { Backtester, type BacktestOptions } from "tickwright/run";
import { ConstantLatency, generateDepthTape } from "tickwright/sim";
import { AvellanedaStoikovMaker } from "tickwright/strategies";

const tape = generateDepthTape({
  instrument: { symbol: "SIM", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" },
  seed: 7,
  priceTicks: 600_000,
  durationNs: 300 * 1_000_000_000,
});
const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
const maker = { instrument: "SIM", gamma: 0.001, k: 15, orderLots: 10, maxPositionLots: 50 };

function run(limits: Pick<BacktestOptions, "risk">) {
  return new Backtester({
    markets: [{ tape, fees: flatFees("0.0002", "0.0004"), venue: { latency } }],
    strategies: [new AvellanedaStoikovMaker(maker)],
    cash: { USDT: "100000" },
    ...limits,
  }).runToEnd();
}

const limits = { ...NO_LIMITS, maxLongLots: 20, maxShortLots: 20, maxDailyLoss: "2" };
const firm = { level: "firm", limits } as const;
const free = run({});
const bound = run({
  risk: { currency: "USDT", limits: [firm], capital: [], hours: "always", status: "trusted" },
});
for (const [name, result] of Object.entries({ free, bound })) {
  const most = Math.max(...(result.samples.instruments[0]?.position.map(Math.abs) ?? []));
  console.log(name, { fills: result.fills.count, mostHeld: most, equity: result.money.finalEquity });
}
console.log("refusals:", bound.orders.refusals);
