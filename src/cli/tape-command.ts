import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, extname } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { BINANCE_POLICIES, judgeQuality, readCsvBars } from "../feed/index.ts";
import { checkBinanceCapture, importBinanceCapture, openTape, writeTape } from "../host/index.ts";
import { NANOS_PER_HOUR } from "../model/index.ts";
import { recordedDays, reportRecordedDay } from "../run/index.ts";
import { ProgressBar } from "./progress-bar.ts";
import { qualityLines } from "./quality-words.ts";
import { addCommand, folderInfo, lsCommand, sqlCommand, verifyCommand } from "./tape-library-command.ts";
import { barsCommand, exportCommand, mergeCommand, sliceCommand } from "./tape-parts-command.ts";
import { marketOf, type TapeCall, tellTape } from "./tape-words.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright tape import <file> --out FILE [options]    make a tape
tickwright tape check  <capture> [--market spot|usdm] [--json]
tickwright tape info   <tape or DIR> [--json]
tickwright tape quality <DIR> [--hours H] [--json]      what a recording lacks, and the gate: exit code 1 if a day fails
tickwright tape merge  <tape> <tape>... --out FILE [--overlap first|last]      one tape, in the order of time
tickwright tape slice  <tape> --from T --to T --out FILE                       a part of it, beginning with its book
tickwright tape export <tape> --out FILE.csv|FILE.parquet [--times iso|ns] [--numbers decimals|steps]
tickwright tape bars   <tape or capture> --period 1m --out FILE [--prices mid] [--clock local] [--empty repeat]
tickwright tape add    <tape>... --library DIR                                 into a folder with a manifest
tickwright tape ls     <DIR> [--symbol S] [--from T] [--to T] [--json]         a library, a recording, any folder
tickwright tape verify <DIR> [--json]                   its files against its manifest: exit code 1 if they differ
tickwright tape sql    "select ..." [DIR or files] [--json | --csv]            views: bars, depth, trades
tickwright tape download --exchange E --symbol S --bars 1m|--trades --from T [--to T] [--out FILE | --library DIR]
                                                        history through ccxt; started again, it goes on

Files: a raw Binance websocket capture (.gz or plain), or CSV bars (.csv).

  --market M       spot or usdm, for captures; guessed from the file's name unless given
  --out FILE       the tape to write
  --overwrite      replace it where it is there
  --codec C        none (fastest to replay) or zstd (smallest)
  --symbol S       CSV: the symbol; capture: what it must be
  --venue V        CSV: the venue
  --tick-size T    CSV: the smallest step of a price, such as 0.01
  --lot-size L     CSV: the smallest step of a quantity; 1 unless given
  --quote C        CSV: the currency of prices; USD unless given
  --columns LIST   CSV: names, such as time=date,open=Open,close=Close
  --snap-within T  CSV: prices this near to the grid are read as on it (files made of 32-bit floats)
  --hours H        quality: the length of what is judged; 24 unless given
  --overlap W      merge: where tapes have the same time, the one that begins first, or last, has it; else it is a fault
  --from T, --to T a moment such as 2024-08-08T14:30Z; slice takes the first and not the last
  --times T        export to CSV: iso (unless given), or ns since 1970
  --numbers N      export to Parquet: decimals (unless given), or whole steps of tick and lot
  --period P       bars: such as 1s, 5m, 1h, 1d, of a tape or of a raw capture's trades; a tape's times never fall, so
                   no trade of it is late: where the import moved one, its meta counts exchClamped
  --prices P       bars: trades (unless given) or mid
  --clock C        bars: exchange (unless given) or local time
  --empty E        bars: skip (unless given) a period without a trade, or repeat the close
  --late L         bars of a capture: what becomes of a trade whose bar is finished: fail (unless given), drop it, or
                   carry it into the first bar still open; counted in the tape's meta
  --lateness T     bars of a capture: how long a bar waits for late trades, such as 1s; 0 unless given
  --library DIR    add: made where it is not there
  --csv            sql: comma-separated values
  --exchange E     download: an exchange that ccxt knows (npm install ccxt), such as binance
  --bars P         download: bars of a length that the exchange has, such as 1m; those that are over, nothing else
  --trades         download: trades (at Binance its aggregate trades)
                   --from is included, --to is not: bars open and are over between them; without --to all until now.
                   FILE ends in .tape or .parquet; EXCHANGE-SYMBOL-WHAT-FROM[-TO].tape unless given. FILE.download
                   holds what is there so far. --tick-size and --lot-size count in place of the market's own
  --url U          download: another address that speaks Binance's spot protocol, such as that of tickwright exchange
  --simulated      download: mark the tape as of a simulated market
  --page-rows N    download: rows asked for at once, in place of what the exchange is known to give
  --json           print one JSON object; quality: one a day

What a capture may do wrong, and what happens then: ${Object.entries(BINANCE_POLICIES)
  .map(([trouble, policy]) => `${trouble} ${policy}`)
  .join(", ")}.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  market: { type: "string" },
  out: { type: "string" },
  overwrite: { type: "boolean" },
  codec: { type: "string" },
  symbol: { type: "string" },
  venue: { type: "string" },
  "tick-size": { type: "string" },
  "lot-size": { type: "string" },
  quote: { type: "string" },
  columns: { type: "string" },
  "snap-within": { type: "string" },
  hours: { type: "string" },
  csv: { type: "boolean" },
  overlap: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  times: { type: "string" },
  numbers: { type: "string" },
  period: { type: "string" },
  prices: { type: "string" },
  clock: { type: "string" },
  empty: { type: "string" },
  late: { type: "string" },
  lateness: { type: "string" },
  library: { type: "string" },
  exchange: { type: "string" },
  bars: { type: "string" },
  trades: { type: "boolean" },
  url: { type: "string" },
  simulated: { type: "boolean" },
  "page-rows": { type: "string" },
} as const;

/** What each verb takes beside a file and --json; what is imported decides which of the rest. */
const CAPTURE = ["market", "symbol"] as const;
const CSV = ["symbol", "venue", "tick-size", "lot-size", "quote", "columns", "snap-within"] as const;
const OUT = ["out", "overwrite", "codec"] as const;
const DOWNLOAD = [
  ...[...OUT, "exchange", "symbol", "bars", "trades", "from", "to", "library", "numbers"],
  ...["url", "simulated", "tick-size", "lot-size", "page-rows"],
] as const;

/** The verbs that take tapes as they are: which options each takes, and what does it. */
const WORK: Readonly<
  Record<string, { readonly takes: readonly string[]; readonly run: (call: TapeCall) => Promise<number> }>
> = {
  merge: { takes: [...OUT, "overlap"], run: mergeCommand },
  slice: { takes: [...OUT, "from", "to"], run: sliceCommand },
  export: { takes: ["out", "overwrite", "times", "numbers"], run: exportCommand },
  bars: {
    takes: [...OUT, ...CAPTURE, "period", "prices", "clock", "empty", "late", "lateness"],
    run: barsCommand,
  },
  add: { takes: ["library", "codec"], run: addCommand },
  ls: { takes: ["symbol", "from", "to"], run: lsCommand },
  verify: { takes: [], run: verifyCommand },
  sql: { takes: ["csv"], run: sqlCommand },
  download: {
    takes: DOWNLOAD,
    // What it needs, no other verb does.
    run: async (call) => (await import("./tape-download-command.ts")).downloadCommand(call),
  },
};

/** Where a fault of a tape's making tells of an option. */
const PATHS: OptionPaths = {
  "instrument.symbol": "--symbol",
  "instrument.venue": "--venue",
  "instrument.tickSize": "--tick-size",
  "instrument.lotSize": "--lot-size",
  "instrument.quote": "--quote",
  "csv.columns": "--columns",
  "csv.snapWithin": "--snap-within",
};

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
}

/** `tickwright tape`: import, check, info and quality; and what is done with tapes that are there. */
export async function tapeCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [verb, path, more] = positionals;
  if (values.help === true || verb === undefined) {
    process.stdout.write(HELP);
    return values.help === true ? 0 : 2;
  }
  const work = Object.hasOwn(WORK, verb) ? WORK[verb] : undefined;
  if (work !== undefined) {
    checkIdle(values, work.takes, `tape ${verb}`);
    return await work.run({ paths: positionals.slice(1), values: values as TapeCall["values"] });
  }
  if (!["check", "import", "info", "quality"].includes(verb)) {
    const verbs = ["import", "check", "info", "quality", ...Object.keys(WORK)];
    throw new Usage(`there is no tape ${verb}; there are ${verbs.join(", ")}`);
  }
  if (path === undefined) throw new Usage(`tape ${verb} which file?`);
  if (more !== undefined) throw new Usage(`tape ${verb} takes one file, and ${more} is another`);
  const isCsv = extname(path) === ".csv";
  if (verb === "info") {
    checkIdle(values, [], "tape info");
    return info(path, values);
  }
  if (verb === "quality") {
    checkIdle(values, ["hours"], "tape quality");
    return quality(path, values);
  }
  if (verb === "check") {
    checkIdle(values, CAPTURE, "tape check");
    return await check(path, values);
  }
  checkIdle(
    values,
    isCsv ? [...OUT, ...CSV] : [...OUT, ...CAPTURE],
    `tape import of a ${isCsv ? "CSV" : "capture"}`,
  );
  return await usageOf(PATHS, () => importFile(path, values));
}

/** Refuses options that would do nothing. */
function checkIdle(values: Values, taken: readonly string[], where: string): void {
  const idle = Object.keys(values).find((name) => name !== "json" && !taken.includes(name));
  if (idle !== undefined) throw new Usage(`--${idle} does nothing in ${where}`);
}

async function check(path: string, values: Values): Promise<number> {
  const report = await checkBinanceCapture({
    path,
    market: marketOf(path, values.market),
    ...symbolOf(values),
  });
  if (values.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const { events, gaps, duplicates, outOfOrder, crossed, bboCompared, bboEqual } = report;
    process.stdout.write(
      `${basename(path)}: ${events} events, ${gaps} gaps, ${duplicates} duplicates, ${outOfOrder} out of order, ` +
        `${crossed} crossed; best bid and offer equal at ${bboEqual} of ${bboCompared} diffs\n` +
        `clock shifted by ${(Number(report.clockShiftNs) / 1e6).toFixed(3)} ms\n`,
    );
  }
  return report.gaps === 0 && report.bboEqual === report.bboCompared ? 0 : 1;
}

/** Reads a recording's raw lines again, day by day. */
function quality(folder: string, values: Values): number {
  const hours = values.hours === undefined ? 24 : Number(values.hours);
  if (!(hours > 0 && hours <= 24)) throw new Usage(`--hours is above 0 and at most 24, not ${values.hours}`);
  const days = recordedDays(folder);
  if (days.length === 0) throw new Usage(`${folder} holds no recorded day (date=.../symbol=...)`);
  let failed = 0;
  for (const day of days) {
    const report = reportRecordedDay(day.folder);
    const verdict = judgeQuality(report, { lengthNs: Math.round(hours * NANOS_PER_HOUR) });
    if (!verdict.pass) failed += 1;
    const text =
      values.json === true ? JSON.stringify({ report, verdict }) : qualityLines(report, verdict).join("\n");
    process.stdout.write(`${text}\n`);
  }
  return failed === 0 ? 0 : 1;
}

async function importFile(path: string, values: Values): Promise<number> {
  const out = values.out ?? "";
  if (out === "") throw new Usage("--out which tape?");
  const codec = values.codec ?? "none";
  if (codec !== "none" && codec !== "zstd") throw new Usage(`--codec is none or zstd, not ${codec}`);
  const overwrite = values.overwrite === true;
  if (!overwrite && existsSync(out))
    throw new Usage(`--out: ${out} is there already; --overwrite replaces it`);
  if (extname(path) === ".csv") {
    const tape = readCsvBars(readFileSync(path), csvOptions(path, values));
    return tellTape(writeTape(out, tape, { codec, overwrite }), values.json === true);
  }
  const bar = new ProgressBar(`import ${basename(path)}`);
  const { meta } = await importBinanceCapture({
    path,
    out,
    codec,
    overwrite,
    market: marketOf(path, values.market),
    ...symbolOf(values),
    onProgress: ({ phase, bytesRead, bytes }) =>
      bar.update((phase === "write" ? bytes : 0) + bytesRead, 2 * bytes),
  });
  bar.finish(meta.rows);
  return tellTape(meta, values.json === true);
}

function info(path: string, values: Values): number {
  if (existsSync(path) && statSync(path).isDirectory()) return folderInfo(path, values.json === true);
  const tape = openTape(path);
  try {
    return tellTape(tape.meta, values.json === true);
  } finally {
    tape.close();
  }
}

function symbolOf(values: Values): { readonly symbol?: string } {
  return values.symbol === undefined ? {} : { symbol: values.symbol };
}

function csvOptions(path: string, values: Values): Parameters<typeof readCsvBars>[1] {
  const tickSize = values["tick-size"];
  if (tickSize === undefined) throw new Usage("CSV bars need --tick-size, such as 0.01");
  const columns: Record<string, string> = {};
  for (const pair of (values.columns ?? "").split(",").filter((text) => text !== "")) {
    const [key = "", name] = pair.split("=");
    if (name === undefined) throw new Usage(`--columns: ${pair} is no name=column`);
    columns[key] = name;
  }
  return {
    name: basename(path),
    instrument: {
      symbol: values.symbol ?? basename(path, ".csv").toUpperCase(),
      venue: values.venue ?? "csv",
      tickSize,
      lotSize: values["lot-size"] ?? "1",
      quote: values.quote ?? "USD",
    },
    columns,
    ...(values["snap-within"] === undefined ? {} : { snapWithin: values["snap-within"] }),
  };
}
