import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkBoolean, checkChoice, checkKeys, checkText, Fault, isRefusal } from "../base/index.ts";
import {
  LEAN_MARKETS,
  LEAN_RESOLUTIONS,
  type LeanBarOptions,
  LeanBarReader,
  LeanFactors,
  LeanMap,
  leanDate,
  leanInstrument,
  type MemoryTape,
} from "../feed/index.ts";
import { type BarBlock, type InstrumentOptions, parseNanos } from "../model/index.ts";
import { attempt, ioFault } from "./file-bytes.ts";

/** Which bars of a Lean data folder to read. */
export interface LeanFilesOptions
  extends Pick<LeanBarOptions, "market" | "resolution" | "quotes" | "adjusted" | "session" | "policies"> {
  /** The folder that holds `equity`, `crypto` and `forex`. */
  readonly root: string;
  /** The folder below the market: `usa`, `coinbase`, `oanda` unless given. */
  readonly venue?: string;
  readonly symbol: string;
  /** By the market's usual grid unless given; see `leanInstrument`. */
  readonly instrument?: InstrumentOptions;
  /** First and last day of minute and second bars, `yyyy-MM-dd`; all that are there unless given. */
  readonly from?: string;
  readonly to?: string;
  /** Splits and dividends of equities from the factor file; true unless given. */
  readonly actions?: boolean;
}

const KEYS = [
  "root",
  "market",
  "venue",
  "symbol",
  "resolution",
  "instrument",
  "quotes",
  "from",
  "to",
  "actions",
  "adjusted",
  "session",
  "policies",
] as const;

const VENUES = { equity: "usa", crypto: "coinbase", forex: "oanda" } as const;

/**
 * Reads bars of one symbol from a Lean data folder into a bar tape, with the splits and dividends of its factor
 * file.
 *
 * @throws `FAULT_CONFIG` naming the option; `FAULT_IO` naming the file or the folder that is not there, or holds
 * no day asked for; `FAULT_INPUT` naming zip, entry and line as `LeanBarReader`.
 * @cost One zip in memory at a time, and the tape.
 */
export function readLeanBars(options: LeanFilesOptions): MemoryTape<BarBlock> {
  checkKeys("lean", options, KEYS);
  const { quotes, adjusted, session, policies } = options;
  const market = checkChoice("lean.market", options.market, LEAN_MARKETS);
  const resolution = checkChoice("lean.resolution", options.resolution, LEAN_RESOLUTIONS);
  const symbol = checkText("lean.symbol", options.symbol).toLowerCase();
  const venue = checkText("lean.venue", options.venue ?? VENUES[market]);
  const folder = join(checkText("lean.root", options.root), market, venue);
  const hasActions = checkBoolean("lean.actions", options.actions ?? market === "equity");
  const instrument = options.instrument ?? leanInstrument(market, symbol, venue);
  const files = filesOf(options, folder, symbol);
  const reader = new LeanBarReader({
    name: `${market} ${venue} ${symbol} ${resolution}${quotes === undefined ? "" : ` ${quotes}s`}`,
    market,
    resolution,
    instrument,
    ...(quotes === undefined ? {} : { quotes }),
    ...(hasActions ? { factors: readFactors(folder, symbol) } : {}),
    ...(adjusted === undefined ? {} : { adjusted }),
    ...(session === undefined ? {} : { session }),
    ...(policies === undefined ? {} : { policies }),
  });
  for (const file of files) reader.push(file, readBytes(file));
  return reader.end();
}

function readFactors(folder: string, symbol: string): LeanFactors {
  const path = join(folder, "factor_files", `${symbol}.csv`);
  if (existsSync(path)) return new LeanFactors(path, readBytes(path));
  throw ioFault(path, "no file", "a factor file, or actions: false for bars without splits and dividends");
}

/** The zip files to read, in the order of their days. */
function filesOf(options: LeanFilesOptions, folder: string, symbol: string): readonly string[] {
  const { market, resolution, quotes } = options;
  const kind = quotes === undefined ? "trade" : "quote";
  if (resolution === "daily" || resolution === "hour") {
    for (const name of ["from", "to"] as const) {
      if (options[name] === undefined) continue;
      const expected = `nothing: all ${resolution} bars are one file`;
      throw new Fault("FAULT_CONFIG", { path: `lean.${name}`, value: options[name], expected });
    }
    const name = market === "crypto" ? `${symbol}_${kind}.zip` : `${symbol}.zip`;
    return [join(folder, resolution, name)];
  }
  const [from, to] = [dayOf("lean.from", options.from), dayOf("lean.to", options.to)];
  const found: { readonly date: string; readonly path: string }[] = [];
  for (const { ticker, first, last } of tickersOf(folder, symbol)) {
    const place = join(folder, resolution, ticker);
    if (!existsSync(place)) continue;
    for (const name of attempt(place, () => readdirSync(place))) {
      const date = name.slice(0, 8);
      if (name !== `${date}_${kind}.zip` || !/^\d{8}$/.test(date)) continue;
      if (date < first || date > last || date < (from ?? date) || date > (to ?? date)) continue;
      found.push({ date, path: join(place, name) });
    }
  }
  if (found.length === 0) {
    const days = `${options.from ?? "the first day"} to ${options.to ?? "the last"}`;
    throw ioFault(join(folder, resolution, symbol), "no file", `files yyyyMMdd_${kind}.zip, ${days}`);
  }
  return found.sort((left, right) => (left.date < right.date ? -1 : 1)).map(({ path }) => path);
}

/** The tickers a security went by, each with its first and last day, where the folder has a map file. */
function tickersOf(
  folder: string,
  symbol: string,
): readonly { readonly ticker: string; readonly first: string; readonly last: string }[] {
  const path = join(folder, "map_files", `${symbol}.csv`);
  if (!existsSync(path)) return [{ ticker: symbol, first: "00000000", last: "99999999" }];
  const { rows } = new LeanMap(path, readBytes(path));
  return rows.map((row, i) => {
    const before = rows[i - 1];
    const first = before === undefined ? row.day : before.day + 1;
    return { ticker: row.ticker, first: leanDate(first), last: leanDate(row.day) };
  });
}

function dayOf(path: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/.test(text) && !isRefusal(parseNanos(text))) {
    return text.replaceAll("-", "");
  }
  throw new Fault("FAULT_CONFIG", { path, value: text, expected: "a date yyyy-MM-dd" });
}

function readBytes(path: string): Uint8Array {
  return attempt(path, () => readFileSync(path));
}
