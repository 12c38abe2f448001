/** One run of the average cross over a CSV of bars, in a process of its own: prints one JSON line. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { readCsvBars } from "../../src/feed/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { AverageCross } from "./average-cross.ts";

const { values } = parseArgs({ options: { csv: { type: "string" }, warm: { type: "string" } } });
const tape = readCsvBars(readFileSync(values.csv as string), {
  name: "walk.csv",
  instrument: { symbol: "WALK", venue: "csv", tickSize: "0.01", lotSize: "1", quote: "USD" },
  columns: { time: "Date", open: "Open", high: "High", low: "Low", close: "Close", volume: "Volume" },
  bar: { lengthNs: 60_000_000_000, timeIs: "open" },
});

function once(): string {
  const strategy = new AverageCross();
  const backtester = new Backtester({
    markets: [{ tape, bars: { participation: 1 } }],
    strategies: [strategy],
    cash: { USD: "1000000" },
    tca: false,
  });
  const began = process.hrtime.bigint();
  const result = backtester.runToEnd();
  const ns = Number(process.hrtime.bigint() - began);
  return JSON.stringify({
    engine: "tickwright",
    bars: strategy.bars,
    ns,
    barsPerSecond: Math.round((strategy.bars / ns) * 1e9),
    trades: Math.floor(strategy.closed),
    finalEquity: Number(result.money.finalEquity),
    runHash: result.runHash,
  });
}

/** As many runs before as make half a million bars: what is timed is compiled code, as with the peers. */
const warm = Number(values.warm ?? Math.min(200, Math.ceil(500_000 / tape.meta.rows)));
for (let i = 0; i < warm; i++) once();
process.stdout.write(`${once()}\n`);
