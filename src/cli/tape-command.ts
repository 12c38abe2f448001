import { existsSync, readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { BINANCE_POLICIES, type CaptureMarket, judgeQuality, readCsvBars } from "../feed/index.ts";
import { checkBinanceCapture, importBinanceCapture, openTape, writeTape } from "../host/index.ts";
import { formatNanos, NANOS_PER_HOUR, type TapeMeta } from "../model/index.ts";
import { recordedDays, reportRecordedDay } from "../run/index.ts";
import { ProgressBar } from "./progress-bar.ts";
import { qualityLines } from "./quality-words.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright tape import <file> --out FILE [options]    make a tape
tickwright tape check  <capture> [--market spot|usdm] [--json]
tickwright tape info   <tape> [--json]
tickwright tape quality <DIR> [--hours H] [--json]      what a recording lacks, and the gate: exit code 1 if a day fails

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
} as const;

/** What each verb takes beside a file and --json; what is imported decides which of the rest. */
const CAPTURE = ["market", "symbol"] as const;
const CSV = ["symbol", "venue", "tick-size", "lot-size", "quote", "columns", "snap-within"] as const;
const OUT = ["out", "overwrite", "codec"] as const;

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

/** `tickwright tape`: import, check, info and quality. */
export async function tapeCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [verb, path, more] = positionals;
  if (values.help === true || verb === undefined) {
    process.stdout.write(HELP);
    return values.help === true ? 0 : 2;
  }
  if (!["check", "import", "info", "quality"].includes(verb))
    throw new Usage(`there is no tape ${verb}; import, check, info and quality are`);
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
    return describe(writeTape(out, tape, { codec, overwrite }), values);
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
  return describe(meta, values);
}

function info(path: string, values: Values): number {
  const tape = openTape(path);
  try {
    return describe(tape.meta, values);
  } finally {
    tape.close();
  }
}

function describe(meta: TapeMeta, values: Values): number {
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(meta)}\n`);
    return 0;
  }
  const { symbol, venue, tickSize, lotSize } = meta.instrument;
  const counts = Object.entries(meta.counts).map(([name, count]) => `${name} ${count}`);
  const lines = [
    `${symbol}@${venue}  ${meta.schema}${meta.simulated ? "  SIMULATED" : ""}  tick ${tickSize}  lot ${lotSize}`,
    `rows      ${meta.rows.toLocaleString("en-US")}`,
    `from      ${formatNanos(BigInt(meta.fromNs))}`,
    `to        ${formatNanos(BigInt(meta.toNs))}`,
    `source    ${meta.source}`,
    `sha256    ${meta.contentSha256}`,
    `counts    ${counts.length === 0 ? "nothing dropped or repaired" : counts.join(", ")}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return 0;
}

function marketOf(path: string, market: string | undefined): CaptureMarket {
  const guess = market ?? (/usdm|futures|perp/i.test(basename(path)) ? "usdm" : "spot");
  if (guess === "spot" || guess === "usdm") return guess;
  throw new Usage(`--market is spot or usdm, not ${guess}`);
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
