import { existsSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { utcDayBase } from "../feed/index.ts";
import type { Instrument } from "../model/index.ts";
import { FeedRecorder } from "../run/index.ts";
import { BinanceFeed, binanceInstruments } from "../venue/binance.ts";
import type { FeedListener } from "../venue/index.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const HELP = `tickwright record --exchange binance --symbols LIST --out DIR [options]

Records depth, trades and quotes until it is stopped (Ctrl-C), day by day and symbol by symbol:
DIR/date=2024-08-08/symbol=BTCUSDT/ with raw-000001.gz and on (exact messages with the local time they came), and at
the end of each day and of the recording depth.tape, bars-1s.tape to bars-1d.tape and quality.json.

  --exchange E     binance (spot)
  --symbols LIST   such as BTCUSDT,ETHUSDT
  --out DIR        where to; a recording that is there is gone on with
  --url U          another address of the streams, such as ws://127.0.0.1:9443/stream
  --rest-url U     another address of the snapshots
  --seconds N      stop after so long
  --keep-gb G      remove the oldest whole days while all take more
  --parquet        Parquet files too (needs @duckdb/node-api)
  --every N        a line of progress every N seconds; 10 unless given

Then: tickwright tape quality DIR
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  exchange: { type: "string" },
  symbols: { type: "string" },
  out: { type: "string" },
  url: { type: "string" },
  "rest-url": { type: "string" },
  seconds: { type: "string" },
  "keep-gb": { type: "string" },
  parquet: { type: "boolean" },
  every: { type: "string" },
} as const;

/** Where a fault tells of an option. */
const PATHS: OptionPaths = {
  "feed.streamUrl": "--url",
  "feed.restUrl": "--rest-url",
  restUrl: "--rest-url",
  "recorder.folder": "--out",
  "recorder.keepBytesMax": "--keep-gb",
  symbols: "--symbols",
};

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS });
}

/** `tickwright record`: a recording of live market data. */
export async function recordCommand(args: readonly string[]): Promise<number> {
  const { values } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.exchange !== "binance")
    throw new Usage(`--exchange is binance, not ${values.exchange ?? "nothing"}`);
  const symbols = (values.symbols ?? "").split(",").filter((each) => each !== "");
  if (symbols.length === 0) throw new Usage("--symbols which, such as BTCUSDT,ETHUSDT?");
  if (values.out === undefined || values.out === "") throw new Usage("--out which folder?");
  const out = values.out;
  return await usageOf(PATHS, async () => await record(symbols, out, values));
}

async function record(symbols: readonly string[], folder: string, values: Values): Promise<number> {
  const seconds = numberOf("seconds", values.seconds);
  const every = numberOf("every", values.every) ?? 10;
  const keep = numberOf("keep-gb", values["keep-gb"]);
  const rest = values["rest-url"] === undefined ? {} : { restUrl: values["rest-url"] };
  const instruments = await binanceInstruments({ symbols, ...rest });
  const clock = wallClock();
  const ask = async (instrument: Instrument): Promise<void> => {
    await feed.requestSnapshot(instrument).catch((error: unknown) => say(String(error)));
  };
  const recorder = new FeedRecorder({
    folder,
    instruments,
    baseNs: clock.baseNs,
    parquet: values.parquet === true,
    ...(keep === undefined ? {} : { keepBytesMax: Math.round(keep * 1e9) }),
    onDay: (instrument) => void ask(instrument),
    onTrouble: ({ code, words }) => say(`${code} ${words}`),
  });
  const feed = new BinanceFeed({
    clock,
    seed: process.pid,
    ...rest,
    ...(values.url === undefined ? {} : { streamUrl: values.url }),
    onLine: (instrument, localNs, bytes, from, to) => recorder.line(instrument, localNs, bytes, from, to),
  });
  say(`recording ${symbols.join(", ")} to ${folder}${existsSync(folder) ? ", which is there already" : ""}`);
  const progress = setInterval(() => tell(recorder), every * 1_000);
  try {
    await feed.open(listener());
    recorder.start();
    for (const instrument of instruments) await feed.subscribe(instrument, ["depth", "trades", "quotes"]);
    await stopped(seconds);
  } finally {
    clearInterval(progress);
    await feed.close();
    recorder.flush();
    tell(recorder);
    await recorder.stop();
  }
  return 0;
}

/** Resolves when somebody wants it to stop, or after some time. */
async function stopped(seconds: number | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, seconds === undefined ? 2 ** 31 - 1 : seconds * 1_000);
    function done(): void {
      clearTimeout(timer);
      process.off("SIGINT", done);
      process.off("SIGTERM", done);
      resolve();
    }
    process.on("SIGINT", done);
    process.on("SIGTERM", done);
  });
}

function listener(): FeedListener {
  return {
    message: () => {},
    alive: () => {},
    connected: (source) => say(`${source} connected`),
    disconnected: (source, { code, words }) => say(`${source} disconnected: ${code} ${words}`),
    trouble: (source, { code, words }) => say(`${source} ${code} ${words}`),
  };
}

function tell(recorder: FeedRecorder): void {
  for (const { symbol, date, lines, bytes, gaps, isSynced, linesLost, pendingBytes } of recorder.progress()) {
    const state = isSynced ? "book joined" : "no book";
    const lost = linesLost === 0 ? "" : `, ${linesLost} lines LOST`;
    const waiting = pendingBytes < 1e6 ? "" : `, ${(pendingBytes / 1e6).toFixed(1)} MB wait`;
    const size = (bytes / 1e6).toFixed(1);
    say(
      `${date} ${symbol}: ${lines.toLocaleString("en-US")} lines, ${size} MB, ${gaps} gaps, ${state}${waiting}${lost}`,
    );
  }
}

function say(words: string): void {
  process.stderr.write(`${new Date().toISOString()} ${words}\n`);
}

function numberOf(name: keyof typeof OPTIONS, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new Usage(`--${name} is a number above 0, not ${text}`);
}

/** Wall time at its start, steady from then on, from the midnight before. */
function wallClock(): { readonly baseNs: bigint; readonly nowNs: () => number } {
  const now = BigInt(Date.now()) * 1_000_000n;
  const baseNs = utcDayBase(now);
  const startedNs = Number(now - baseNs);
  const startedMs = performance.now();
  return { baseNs, nowNs: () => startedNs + Math.round((performance.now() - startedMs) * 1e6) };
}
