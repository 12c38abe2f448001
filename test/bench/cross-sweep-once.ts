/** A sweep of average crosses over a CSV of bars, in a process of its own: prints one JSON line. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { readCsvBars, SharedTape } from "tickwright/feed";
import { Sweep, ThreadExecutor } from "tickwright/sweep";

const { values } = parseArgs({
  options: {
    csv: { type: "string" },
    fast: { type: "string" },
    slow: { type: "string" },
    threads: { type: "string", default: "2" },
  },
});
const numbers = (text: string | undefined): number[] => (text ?? "").split(",").map(Number);
const tape = readCsvBars(readFileSync(values.csv as string), {
  name: "walk.csv",
  instrument: { symbol: "WALK", venue: "csv", tickSize: "0.01", lotSize: "1", quote: "USD" },
  columns: { time: "Date", open: "Open", high: "High", low: "Low", close: "Close", volume: "Volume" },
  bar: { lengthNs: 60_000_000_000, timeIs: "open" },
});
const sweep = new Sweep({
  space: { fast: numbers(values.fast), slow: numbers(values.slow) },
  tapes: [SharedTape.from(tape)],
  recipe: { module: new URL("./cross-recipe.ts", import.meta.url).href, name: "cross" },
  executor: new ThreadExecutor({ threads: Number(values.threads) }),
});
const began = process.hrtime.bigint();
const { points } = await sweep.run();
const ns = Number(process.hrtime.bigint() - began);
const finals = points.map(({ params, finalEquity, trades }) => [
  params.fast,
  params.slow,
  Number(finalEquity),
  trades,
]);
process.stdout.write(
  `${JSON.stringify({
    ...{ engine: "tickwright", bars: tape.meta.rows, points: points.length, ns },
    ...{ pointsPerSecond: (points.length / ns) * 1e9, finals },
  })}\n`,
);
