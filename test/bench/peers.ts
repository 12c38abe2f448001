import { parseArgs } from "node:util";
import { benchBacktest } from "./peers/backtest.ts";
import { benchBars } from "./peers/bars.ts";
import { benchMatch } from "./peers/match.ts";
import { type PeerBench, writeReport } from "./peers/report.ts";
import { benchRing } from "./peers/ring.ts";
import { benchSweep } from "./peers/sweep.ts";

/** Benches against peers from other ecosystems: `npm run bench:peers -- <name> [options]`. */
const BENCHES: Readonly<Record<string, PeerBench>> = {
  backtest: benchBacktest,
  bars: benchBars,
  match: benchMatch,
  ring: benchRing,
  sweep: benchSweep,
};

const USAGE = `npm run bench:peers -- <${Object.keys(BENCHES).join(" | ")}> [options]
  --json            one JSON object on standard output, progress on standard error
  --rounds N        rounds, each program a fresh process per round (5; 3 with --quick)
  --rows N          rows of the tape, tiled to at least as many (5,000,000; 1,000,000 with --quick); bars, sweep: bars
  --quick           fewer cases and rows
  --rows-file PATH  backtest: use this rows file as it is
  --case TEXT       backtest: only the cases whose name contains TEXT
`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      rows: { type: "string" },
      "rows-file": { type: "string" },
      case: { type: "string", default: "" },
    },
  });
  const bench = BENCHES[positionals[0] ?? ""];
  if (bench === undefined || positionals.length !== 1) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const note = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  const report = bench({
    quick: values.quick,
    rounds: count("rounds", values.rounds),
    rows: count("rows", values.rows),
    rowsFile: values["rows-file"],
    only: values.case,
    note,
  });
  writeReport(report, values.json);
  if (report.failed) process.exitCode = 1;
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} is a whole number above 0, not ${text}`);
  return value;
}

main();
