import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Fault } from "../base/index.ts";
import { readCsvBars } from "../feed/index.ts";
import { importBinanceCapture, openDepthTape } from "../host/index.ts";
import { type BarBlock, type DepthBlock, flatFees } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { renderSummary } from "../report/index.ts";
import { Backtester, type BacktestOptions, type RunResult } from "../run/index.ts";
import { ConstantLatency, generateDepthTape } from "../sim/index.ts";
import { AvellanedaStoikovMaker, MeanReversion, MovingAverageMomentum } from "../strategies/index.ts";
import { dailyLimits, makerLimits } from "./demo-limits.ts";
import { ProgressBar } from "./progress-bar.ts";
import { folderName, runWithProgress, writeRun } from "./run-files.ts";

const HELP = `tickwright demo [--out FOLDER]

Backtests momentum and mean reversion on S&P 500 days 2000-2020 (the package vega-datasets), and a market maker
at tick level: on the BTCUSDT futures capture where TICKWRIGHT_DATA or ../shared/data has it, else on a seeded
simulated market, which every output says. Every order passes a risk gate; reports print its limits.

  --out FOLDER   where runs go; out unless given
`;

const CAPTURE = join("binance-raw", "usdm_btcusdt_20240808.gz");
/** A cent on an index of a few thousand: what its history is quoted in. */
const SNAP = "0.0005";

/** `tickwright demo`: three runs from nothing. */
export async function demoCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: "boolean", short: "h" }, out: { type: "string", default: "out" } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const results: RunResult[] = [];
  const written: string[] = [];
  const keep = (label: string, options: BacktestOptions): void => {
    const result = runWithProgress(label.padEnd(30), new Backtester({ ...options, name: label }));
    results.push(result);
    written.push(writeRun(join(values.out, folderName(label)), result).report);
  };
  const spx = standardAndPoors();
  keep("momentum S&P 500", {
    ...dailyMarket(spx),
    strategies: [new MovingAverageMomentum({ instrument: "SPX", fast: 50, slow: 200 })],
  });
  keep("mean reversion S&P 500", {
    ...dailyMarket(spx),
    strategies: [
      new MeanReversion({ instrument: "SPX", period: 20, entry: 2, exit: 0.5, mode: "longShort" }),
    ],
  });
  await withTicks(async (tape) => {
    const label = tape.meta.simulated ? "market maker simulated" : "market maker BTCUSDT";
    keep(label, makerOptions(tape));
  });
  process.stdout.write(
    `\n${renderSummary(results, { width: Math.max(80, Math.min(process.stdout.columns ?? 110, 140)) })}\n`,
  );
  if (results.some(({ simulated }) => simulated)) {
    process.stdout.write("The market maker ran on SIMULATED data: no capture was found (TICKWRIGHT_DATA).\n");
  }
  process.stdout.write(`\nReports:\n${written.map((path) => `  ${path}`).join("\n")}\n`);
  return 0;
}

function dailyMarket(tape: TapeSource<BarBlock>): Pick<BacktestOptions, "markets" | "cash" | "risk"> {
  return {
    markets: [{ tape, fees: flatFees("0.0001", "0.0001"), bars: { participation: 0.01, slippageTicks: 5 } }],
    cash: { USD: "1000000" },
    risk: dailyLimits("1000000"),
  };
}

function makerOptions(tape: TapeSource<DepthBlock>): BacktestOptions {
  const { instrument } = tape.meta;
  return {
    markets: [
      {
        tape,
        fees: flatFees("-0.00005", "0.0004"),
        venue: { latency: new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 }) },
      },
    ],
    strategies: [
      new AvellanedaStoikovMaker({
        instrument: instrument.symbol,
        gamma: 0.001,
        k: tape.meta.simulated ? 15 : 5,
        orderLots: 10,
        maxPositionLots: 100,
      }),
    ],
    cash: { USDT: "100000" },
    risk: makerLimits("100000"),
  };
}

/** S&P 500 days from the development dependency; 252 or so a year, quoted to the cent. */
function standardAndPoors(): TapeSource<BarBlock> {
  const path = datasetPath("sp500-2000.csv");
  return readCsvBars(readFileSync(path), {
    name: "vega-datasets sp500-2000.csv",
    instrument: { symbol: "SPX", venue: "index", tickSize: "0.01", lotSize: "1", quote: "USD" },
    columns: { time: "date", adjustedClose: "adjclose" },
    session: { openAt: "14:30", closeAt: "21:00" },
    snapWithin: SNAP,
  });
}

function datasetPath(name: string): string {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    for (const modules of createRequire(from).resolve.paths("vega-datasets") ?? []) {
      const found = join(modules, "vega-datasets", "data", name);
      if (existsSync(found)) return found;
    }
  }
  throw new Fault("FAULT_PEER_MISSING", { path: "vega-datasets", expected: "npm install vega-datasets" });
}

/** Calls `work` with the capture as a tape where it is there, else with a simulated market. */
async function withTicks(work: (tape: TapeSource<DepthBlock>) => Promise<void>): Promise<void> {
  const capture = findCapture();
  if (capture === undefined) {
    await work(
      generateDepthTape({
        instrument: {
          symbol: "SIMUSDT",
          venue: "simulated",
          tickSize: "0.1",
          lotSize: "0.001",
          quote: "USDT",
        },
        seed: 7,
        priceTicks: 600_000,
        durationNs: 20 * 60 * 1_000_000_000,
      }),
    );
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "tickwright-"));
  try {
    const out = join(folder, "capture.tape");
    const bar = new ProgressBar("import BTCUSDT capture".padEnd(30));
    const { meta } = await importBinanceCapture({
      path: capture,
      out,
      market: "usdm",
      onProgress: ({ phase, bytesRead, bytes }) =>
        bar.update((phase === "write" ? bytes : 0) + bytesRead, 2 * bytes),
    });
    bar.finish(meta.rows);
    const tape = openDepthTape(out);
    await work(tape);
    tape.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findCapture(): string | undefined {
  const folders = [process.env["TICKWRIGHT_DATA"], join("..", "shared", "data")];
  for (const folder of folders) {
    if (folder === undefined || folder === "") continue;
    const path = join(folder, CAPTURE);
    if (existsSync(path)) return path;
  }
  return undefined;
}
