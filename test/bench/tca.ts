import process from "node:process";
import { AlgoDesk } from "../../src/algo/index.ts";
import { loadTape, tileTape } from "../../src/feed/index.ts";
import { openDepthTape } from "../../src/host/index.ts";
import { type DepthBlock, flatFees } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import { Backtester, type RunResult } from "../../src/run/index.ts";
import { ConstantLatency, generateDepthTape } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import type { BookView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { captureTapeFile } from "./market-file.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

/** The BTCUSDT capture, four times over, held in memory; a simulated market where it is absent. */
async function marketTape(): Promise<TapeSource<DepthBlock>> {
  const file = await captureTapeFile();
  if (file !== undefined) return tileTape(loadTape(openDepthTape(file)), 4);
  const grid = { symbol: "BTCUSDT", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" };
  return generateDepthTape({ instrument: grid, seed: 7, priceTicks: 600_000, durationNs: 900_000_000_000 });
}

/** Buys by one TWAP parent after another, ten a minute. */
class Buyer implements Strategy {
  readonly name = "buyer";
  readonly #desk = new AlgoDesk();
  #nextNs = 0;

  onBook(book: BookView, ctx: StrategyContext): void {
    if (ctx.clock.ns >= this.#nextNs && book.hasBid && book.hasAsk) {
      this.#nextNs = ctx.clock.ns + 6e9;
      const endNs = ctx.clock.ns + 30e9;
      const side = ctx.position(book.instrument.key).lots > 0 ? "sell" : "buy";
      this.#desk.start(
        { ...{ algo: "twap", instrument: book.instrument.key, side, lots: 50, slices: 10, seed: 1, endNs } },
        ctx,
      );
    }
    this.#desk.onBook(book, ctx);
  }
  onTrade(trade: Parameters<NonNullable<Strategy["onTrade"]>>[0], ctx: StrategyContext): void {
    this.#desk.onTrade(trade, ctx);
  }
  onOrder(order: Parameters<NonNullable<Strategy["onOrder"]>>[0], ctx: StrategyContext): void {
    this.#desk.onOrder(order, ctx);
  }
  onFill(fill: Parameters<NonNullable<Strategy["onFill"]>>[0], ctx: StrategyContext): void {
    this.#desk.onFill(fill, ctx);
  }
  onTimer(timer: number, ctx: StrategyContext): void {
    this.#desk.onTimer(timer, ctx);
  }
}

/** Hears every book and does nothing: the market's rows alone. */
const idle = (): Strategy => ({ name: "idle", onBook() {} });
const grid = (): Strategy =>
  new GridMaker({
    ...{ instrument: "BTCUSDT", halfSpread: 5e-5, gridInterval: 5e-5, skew: 5e-6 },
    ...{ levels: 10, orderLots: 10, maxPositionLots: 100 },
  });

/** A backtest with the analysis of its costs beside the same without: what collecting costs. */
export async function bench(): Promise<BenchResult> {
  const tape = await marketTape();
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const [name, make] of [
    ["nobody trades", idle],
    ["TWAP parents", () => new Buyer()],
    ["grid maker", grid],
  ] as const) {
    const [with_, without] = [runOf(tape, make, true), runOf(tape, make, false)];
    if (with_.runHash !== without.runHash) throw new Error(`${name}: the hashes differ`);
    notes.push(`${name}: ${with_.orders.submitted} orders, ${with_.fills.count} fills, equal hashes`);
    const measured = await interleave(
      [
        { name: "with", run: () => timed(tape, make, true) },
        { name: "without", run: () => timed(tape, make, false) },
      ],
      { rounds: 5, warmUps: 1 },
    );
    const of = (which: string): Measured => measured.get(which) as Measured;
    rows.push({
      name,
      ours: spreadOf(of("with").nsPerUnit).median,
      unit: "ns/row, processor time",
      peer: "without costs",
      peerValue: spreadOf(of("without").nsPerUnit).median,
      ...ratioFields(ratioOf(of("without"), of("with"))),
    });
  }
  return { rows, notes };
}

function runOf(tape: TapeSource<DepthBlock>, make: () => Strategy, tca: boolean): RunResult {
  const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
  return new Backtester({
    markets: [{ tape, fees: flatFees("0.0002", "0.0005"), venue: { latency } }],
    strategies: [make()],
    cash: { USDT: "10000000" },
    tca,
  }).runToEnd();
}

/** Processor time, not the clock's: other work on the machine is not counted. */
function timed(tape: TapeSource<DepthBlock>, make: () => Strategy, tca: boolean): Run {
  const before = process.cpuUsage();
  const { events } = runOf(tape, make, tca);
  const { user, system } = process.cpuUsage(before);
  return { units: events, elapsedNs: (user + system) * 1_000 };
}
