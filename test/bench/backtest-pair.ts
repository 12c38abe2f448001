import process from "node:process";
import { loadTape, tileTape } from "../../src/feed/index.ts";
import { openDepthTape } from "../../src/host/index.ts";
import { type DepthBlock, flatFees } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import { Backtester, type BacktestOptions, type RunResult } from "../../src/run/index.ts";
import { ConstantLatency, generateDepthTape } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { type BenchRow, ratioFields } from "./bench-row.ts";
import { captureTapeFile } from "./market-file.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

/** The BTCUSDT capture, several times over, held in memory; a simulated market where it is absent. */
export async function capturedMarket(times: number): Promise<TapeSource<DepthBlock>> {
  const file = await captureTapeFile();
  if (file !== undefined) return tileTape(loadTape(openDepthTape(file)), times);
  const grid = { symbol: "BTCUSDT", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" };
  return generateDepthTape({ instrument: grid, seed: 7, priceTicks: 600_000, durationNs: 900_000_000_000 });
}

/** A grid maker of ten levels: how far from the middle, and how much it leans. */
export function gridMaker(halfSpread: number, skew: number): Strategy {
  return new GridMaker({
    ...{ instrument: "BTCUSDT", halfSpread, gridInterval: halfSpread, skew },
    ...{ levels: 10, orderLots: 10, maxPositionLots: 100 },
  });
}

/** A backtest with something and without it. */
export interface BacktestPair {
  readonly name: string;
  readonly tape: TapeSource<DepthBlock>;
  readonly make: () => Strategy;
  /** What is left out: the row's peer is `without …`. */
  readonly what: string;
  readonly with: Partial<BacktestOptions>;
  readonly without: Partial<BacktestOptions>;
}

/** Runs both in turns, and checks that they come to the same run. */
export async function measurePair(pair: BacktestPair): Promise<{ row: BenchRow; result: RunResult }> {
  const [result, without] = [runOf(pair, pair.with), runOf(pair, pair.without)];
  if (result.runHash !== without.runHash) throw new Error(`${pair.name}: the hashes differ`);
  const measured = await interleave(
    [
      { name: "with", run: () => timed(pair, pair.with) },
      { name: "without", run: () => timed(pair, pair.without) },
    ],
    { rounds: 5, warmUps: 1 },
  );
  const of = (which: string): Measured => measured.get(which) as Measured;
  const row = {
    name: pair.name,
    ours: spreadOf(of("with").nsPerUnit).median,
    unit: "ns/row, processor time",
    peer: `without ${pair.what}`,
    peerValue: spreadOf(of("without").nsPerUnit).median,
    ...ratioFields(ratioOf(of("without"), of("with"))),
  };
  return { row, result };
}

function runOf({ tape, make }: BacktestPair, options: Partial<BacktestOptions>): RunResult {
  const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
  return new Backtester({
    markets: [{ tape, fees: flatFees("0.0002", "0.0005"), venue: { latency } }],
    strategies: [make()],
    cash: { USDT: "10000000" },
    ...options,
  }).runToEnd();
}

/** Processor time, not the clock's: other work on the machine is not counted. */
function timed(pair: BacktestPair, options: Partial<BacktestOptions>): Run {
  const before = process.cpuUsage();
  const { events } = runOf(pair, options);
  const { user, system } = process.cpuUsage(before);
  return { units: events, elapsedNs: (user + system) * 1_000 };
}
