import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { exchangeCcxtUrls } from "../exchange/index.ts";
import {
  type DownloadGap,
  type DownloadProgress,
  TapeDownload,
  type TapeDownloaded,
} from "../library/index.ts";
import { formatNanos } from "../model/index.ts";
import { CcxtHistory } from "../venue/ccxt.ts";
import { ProgressBar } from "./progress-bar.ts";
import { momentOf, type TapeCall, tableText, tellTape } from "./tape-words.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

/** Gaps shown of a download; `--json` has them all. */
const GAPS_SHOWN = 20;
const INTERRUPTED = 130;
const NS_PER_MS = 1_000_000n;

/** Where a fault of a download tells of an option. */
const PATHS: OptionPaths = {
  "ccxt.exchange": "--exchange",
  "history.exchange": "--exchange",
  "history.symbol": "--symbol",
  "history.timeframe": "--bars",
  "history.tickSize": "--tick-size",
  "history.lotSize": "--lot-size",
  "instrument.tickSize": "--tick-size",
  "instrument.lotSize": "--lot-size",
  "download.fromNs": "--from",
  "download.toNs": "--to",
  "download.fromMs": "--from",
  "download.toMs": "--to",
  "download.what": "--bars or --trades",
  "download.venue": "--exchange",
  "download.symbol": "--symbol",
  "download.simulated": "--simulated",
  "download.out": "--out",
  "download.pageRows": "--page-rows",
  origin: "--url",
};

/** `tickwright tape download`: history of an exchange through ccxt. */
export async function downloadCommand({ paths, values }: TapeCall): Promise<number> {
  if (paths.length > 0) throw new Usage(`tape download takes options, and ${paths[0]} is none`);
  const { exchange = "", symbol = "", bars, trades, library } = values;
  if (exchange === "") throw new Usage("--exchange which, such as binance?");
  if (symbol === "") throw new Usage("--symbol which, such as BTC/USDT?");
  if ((bars === undefined) === (trades !== true))
    throw new Usage("--bars 1m (or another length), or --trades");
  const fromNs = wholeMoment("from", values.from);
  if (fromNs === undefined) throw new Usage("--from which moment, such as 2024-01-01?");
  const toNs = wholeMoment("to", values.to);
  if (toNs !== undefined && toNs <= fromNs) {
    throw new Usage(`--to is a moment after --from, not ${values.to}`);
  }
  const days = [fromNs, ...(toNs === undefined ? [] : [toNs])].map(dayText);
  const name = [exchange, symbol, bars ?? "trades", ...days].join("-");
  const base = name.replaceAll(/[^A-Za-z0-9.-]+/g, "-");
  const out = values.out ?? `${base}.tape`;
  if (library !== undefined && values.out !== undefined) throw new Usage("--out or --library, not both");
  const file = checkFile(values, out);
  const bar = new ProgressBar(`${exchange} ${symbol}`, bars === undefined ? "trades" : "bars");
  const restore = goesOn(bar);
  try {
    const told = await usageOf(PATHS, async () => {
      const download = new TapeDownload({
        client: new CcxtHistory({
          ...{ exchange, symbol, ...urlsOf(exchange, values.url), ...stepsOf(values) },
          ...(bars === undefined ? {} : { timeframe: bars }),
        }),
        ...{ fromNs, ...(toNs === undefined ? {} : { toNs }), ...file, ...stepsOf(values) },
        ...(library === undefined ? { out } : { library, journal: `${join(library)}.${base}.download` }),
        ...{ overwrite: values.overwrite === true, simulated: values.simulated === true, seed: process.pid },
        ...pageOf(values["page-rows"]),
        onProgress: (progress) => show(bar, progress),
        onTrouble: ({ code, words }, waitMs) => {
          bar.clear();
          process.stderr.write(`${code} ${words}: again in ${(waitMs / 1_000).toFixed(1)} s\n`);
        },
      });
      return await download.run();
    });
    bar.finish(told.meta.rows);
    return tell(told, values.json === true);
  } finally {
    restore();
  }
}

/** A moment that history can be asked for: a whole millisecond since 1970. */
function wholeMoment(name: "from" | "to", text: string | undefined): bigint | undefined {
  const ns = momentOf(name, text);
  if (ns !== undefined && ns < 0n) throw new Usage(`--${name} is a moment since 1970, not ${text}`);
  if (ns !== undefined && ns % NS_PER_MS > 0n)
    throw new Usage(`--${name} is a whole millisecond, not ${text}`);
  return ns;
}

function checkFile(
  values: TapeCall["values"],
  out: string,
): { codec?: "zstd"; numbers?: "steps" | "decimals" } {
  const { codec = "none", numbers, library } = values;
  const isParquet = library === undefined && out.endsWith(".parquet");
  if (codec !== "none" && codec !== "zstd") throw new Usage(`--codec is none or zstd, not ${codec}`);
  if (isParquet && values.codec !== undefined) throw new Usage("--codec does nothing in a Parquet file");
  if (!isParquet && numbers !== undefined) throw new Usage("--numbers does nothing in a tape");
  if (numbers !== undefined && numbers !== "steps" && numbers !== "decimals") {
    throw new Usage(`--numbers is steps or decimals, not ${numbers}`);
  }
  if (library !== undefined && values.overwrite === true)
    throw new Usage("--overwrite does nothing in a library");
  if (
    library === undefined &&
    values.overwrite !== true &&
    existsSync(out) &&
    !existsSync(`${out}.download`)
  ) {
    throw new Usage(`--out: ${out} is there already; --overwrite replaces it`);
  }
  return {
    ...(codec === "zstd" ? { codec } : {}),
    ...(isParquet ? { numbers: numbers ?? "decimals" } : {}),
  };
}

/** `--url`: where Binance's spot protocol is spoken. */
function urlsOf(exchange: string, url: string | undefined): { urls?: Readonly<Record<string, unknown>> } {
  if (url === undefined) return {};
  if (exchange !== "binance")
    throw new Usage("--url is for --exchange binance: an address that speaks its spot protocol");
  return { urls: exchangeCcxtUrls(url) };
}

function stepsOf(values: TapeCall["values"]): { tickSize?: string; lotSize?: string } {
  const [tickSize, lotSize] = [values["tick-size"], values["lot-size"]];
  return { ...(tickSize === undefined ? {} : { tickSize }), ...(lotSize === undefined ? {} : { lotSize }) };
}

function pageOf(text: string | undefined): { pageRows?: number } {
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Usage(`--page-rows is a whole number above 0, not ${text}`);
  return { pageRows: Number(text) };
}

/** Until the word is taken back, an interrupt says how to go on. */
function goesOn(bar: ProgressBar): () => void {
  const stop = (): void => {
    bar.clear();
    process.stderr.write("stopped: what was downloaded stays, and the same command goes on\n");
    process.exit(INTERRUPTED);
  };
  process.once("SIGINT", stop);
  return () => void process.off("SIGINT", stop);
}

/** The share done is one of time; rows in all are guessed by it. */
function show(bar: ProgressBar, { rows, rowsBefore, fromMs, atMs, toMs }: DownloadProgress): void {
  const share = Math.min(1, (atMs - fromMs) / (toMs - fromMs));
  bar.begin(rowsBefore);
  if (share > 0) bar.update(rows, Math.max(rows, Math.round(rows / share)));
}

function tell(told: TapeDownloaded, isJson: boolean): number {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(told)}\n`);
    return 0;
  }
  const { path, bytes, fileSha256, pages, report, meta } = told;
  tellTape(meta, false);
  const { gaps, gapCount, missing, ids } = report;
  const what = meta.schema === "bars" ? "bars" : "numbers of trades";
  const lacks =
    missing === 0
      ? "nothing that is known to be missing"
      : `${missing.toLocaleString("en-US")} ${what} missing`;
  const lines = [
    `file      ${path}, ${bytes.toLocaleString("en-US")} bytes, sha256 ${fileSha256}`,
    `answers   ${pages.toLocaleString("en-US")}`,
    `gaps      ${gapCount === 0 ? "none" : `${gapCount.toLocaleString("en-US")}: ${lacks}`}`,
  ];
  if (meta.schema === "depth" && ids !== "sequential") {
    lines.push(`numbers   ${ids}: they do not tell whether a trade is missing`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
  if (gaps.length > 0) {
    process.stdout.write(
      tableText(["gap", "from", "to", "missing", "after", "before"], gaps.slice(0, GAPS_SHOWN).map(gapCells)),
    );
  }
  if (gapCount > GAPS_SHOWN) process.stdout.write(`and ${gapCount - GAPS_SHOWN} more: --json lists them\n`);
  return 0;
}

function gapCells({ kind, fromMs, toMs, missing, afterId, beforeId }: DownloadGap): readonly unknown[] {
  return [kind, timeText(fromMs), timeText(toMs), missing === 0 ? "" : missing, afterId, beforeId];
}

function timeText(ms: number): string {
  return `${formatNanos(BigInt(ms) * 1_000_000n).slice(0, 23)}Z`;
}

/** A moment in a file's name: the day, and the time of day where it is not midnight. */
function dayText(ns: bigint): string {
  const [day = "", clock = ""] = formatNanos(ns).split("T");
  const time = clock.slice(0, 8).replaceAll(":", "");
  return `${day.replaceAll("-", "")}${time === "000000" ? "" : `T${time}`}`;
}
