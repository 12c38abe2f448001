import process from "node:process";
import { loadTape, tileTape } from "../../src/feed/index.ts";
import { openDepthTape } from "../../src/host/index.ts";
import { type DepthBlock, flatFees } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import { Backtester, type RunResult } from "../../src/run/index.ts";
import { ConstantLatency, generateDepthTape } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";
import { ratioFields } from "./bench-row.ts";
import { captureTapeFile } from "./market-file.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

const QUIET = { halfSpread: 5e-5, gridInterval: 5e-5, skew: 5e-6 };
const BUSY = { halfSpread: 2e-6, gridInterval: 2e-6, skew: 2e-7 };

async function marketTape(): Promise<TapeSource<DepthBlock>> {
  const file = await captureTapeFile();
  if (file !== undefined) return tileTape(loadTape(openDepthTape(file)), 2);
  const grid = { symbol: "BTCUSDT", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" };
  return generateDepthTape({ instrument: grid, seed: 7, priceTicks: 600_000, durationNs: 900_000_000_000 });
}

/** A backtest whose single trades are kept beside the same without: what the observer and the second walk cost. */
export async function bench(): Promise<BenchResult> {
  const tape = await marketTape();
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const [name, grid] of [
    ["grid maker", QUIET],
    ["grid maker at the touch", BUSY],
  ] as const) {
    const [with_, without] = [runOf(tape, grid, true), runOf(tape, grid, false)];
    if (with_.runHash !== without.runHash) throw new Error(`${name}: the hashes differ`);
    const { submitted } = with_.orders;
    const bytes = JSON.stringify(with_.drill).length;
    notes.push(
      `${name}: ${submitted} orders, ${with_.fills.count} fills, ${bytes} bytes of JSON, equal hashes`,
    );
    const measured = await interleave(
      [
        { name: "with", run: () => timed(tape, grid, true) },
        { name: "without", run: () => timed(tape, grid, false) },
      ],
      { rounds: 5, warmUps: 1 },
    );
    const of = (which: string): Measured => measured.get(which) as Measured;
    rows.push({
      name,
      ours: spreadOf(of("with").nsPerUnit).median,
      unit: "ns/row, processor time",
      peer: "without drill",
      peerValue: spreadOf(of("without").nsPerUnit).median,
      ...ratioFields(ratioOf(of("without"), of("with"))),
    });
  }
  return { rows, notes };
}

function runOf(tape: TapeSource<DepthBlock>, grid: typeof QUIET, drill: boolean): RunResult {
  const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
  const sizes = { levels: 10, orderLots: 10, maxPositionLots: 100 };
  return new Backtester({
    markets: [{ tape, fees: flatFees("0.0002", "0.0005"), venue: { latency } }],
    strategies: [new GridMaker({ instrument: "BTCUSDT", ...grid, ...sizes })],
    cash: { USDT: "10000000" },
    tca: false,
    drill,
  }).runToEnd();
}

/** Processor time, not the clock's: other work on the machine is not counted. */
function timed(tape: TapeSource<DepthBlock>, grid: typeof QUIET, drill: boolean): Run {
  const before = process.cpuUsage();
  const { events } = runOf(tape, grid, drill);
  const { user, system } = process.cpuUsage(before);
  return { units: events, elapsedNs: (user + system) * 1_000 };
}
