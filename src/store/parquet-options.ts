import { checkInteger, checkKeys, checkText, Fault, parseScaled } from "../base/index.ts";
import type { InstrumentOptions } from "../model/index.ts";

/** How far off the grid a floating-point number may be and still be read as the number on the grid. */
export interface ParquetSnap {
  /** In price units, such as "0.0001". */
  readonly price?: string;
  /** In units of quantity. */
  readonly quantity?: string;
}

/** What both kinds of reading share. */
export interface ParquetReadOptions {
  /** Needed where the file was not written by us, or holds none. */
  readonly instrument?: InstrumentOptions;
  /** Accepts FLOAT and DOUBLE columns, which cannot hold most decimals; numbers that were snapped are counted. */
  readonly snapWithin?: ParquetSnap;
  /** Rows from this moment on, and before that one, epoch ns: of bars by close, of ticks by local time. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
  /** True where a generator made the rows; what the file says, or false, unless given. */
  readonly simulated?: boolean;
}

/** How a file of bars is read. */
export interface ParquetBarOptions extends ParquetReadOptions {
  /**
   * Names of the columns, for files by others: `open_ns` and `close_ns`, or one `time` with `bar`; `volume: null`
   * where there is none. Prices are DECIMAL or whole ticks.
   */
  readonly columns?: {
    readonly openNs?: string;
    readonly closeNs?: string;
    readonly time?: string;
    readonly open?: string;
    readonly high?: string;
    readonly low?: string;
    readonly close?: string;
    readonly volume?: string | null;
    readonly factor?: string;
  };
  /** For a single time column: the length of a bar, ns, and which end of it the time is. */
  readonly bar?: { readonly lengthNs: number; readonly timeIs: "open" | "close" };
}

/** How a file of ticks is read. Without our metadata it holds trades. */
export interface ParquetTickOptions extends ParquetReadOptions {
  /** Names of the columns: `time price quantity` unless given; `side` (buy or sell) only where named. */
  readonly columns?: {
    readonly time?: string;
    readonly price?: string;
    readonly quantity?: string;
    readonly side?: string;
  };
}

const SHARED = ["instrument", "snapWithin", "fromNs", "toNs", "simulated", "columns"] as const;
const BAR_COLUMNS = [
  "openNs",
  "closeNs",
  "time",
  "open",
  "high",
  "low",
  "close",
  "volume",
  "factor",
] as const;
const TICK_COLUMNS = ["time", "price", "quantity", "side"] as const;

/** Checks the options of `readParquetBars`. @throws `FAULT_CONFIG` naming the option */
export function checkBarOptions(options: ParquetBarOptions): void {
  checkKeys("parquet", options, [...SHARED, "bar"]);
  checkShared(options, BAR_COLUMNS);
  const { bar, columns } = options;
  if (bar !== undefined) {
    checkKeys("parquet.bar", bar, ["lengthNs", "timeIs"]);
    checkInteger("parquet.bar.lengthNs", bar.lengthNs, 1);
    if (bar.timeIs !== "open" && bar.timeIs !== "close") {
      throw config("parquet.bar.timeIs", bar.timeIs, "open or close");
    }
  }
  if ((bar === undefined) === (columns?.time === undefined)) return;
  throw config("parquet.bar", bar, "a bar's length beside columns.time, and neither without the other");
}

/** Checks the options of `readParquetTicks`. @throws `FAULT_CONFIG` naming the option */
export function checkTickOptions(options: ParquetTickOptions): void {
  checkKeys("parquet", options, SHARED);
  checkShared(options, TICK_COLUMNS);
}

function checkShared(
  options: ParquetReadOptions & { readonly columns?: object },
  columns: readonly string[],
): void {
  checkKeys("parquet.columns", options.columns ?? {}, columns);
  for (const [key, name] of Object.entries(options.columns ?? {})) {
    if (name !== undefined && !(key === "volume" && name === null)) checkText(`parquet.columns.${key}`, name);
  }
  checkKeys("parquet.snapWithin", options.snapWithin ?? {}, ["price", "quantity"]);
  for (const [key, text] of Object.entries(options.snapWithin ?? {})) {
    const snap = typeof text === "string" ? parseScaled(text) : undefined;
    if (text === undefined || (snap !== undefined && snap.digits > 0n)) continue;
    throw config(`parquet.snapWithin.${key}`, text, "a decimal above 0, as text");
  }
  for (const key of ["fromNs", "toNs"] as const) {
    const value = options[key];
    if (value === undefined || (typeof value === "bigint" && value >= 0n && value < 1n << 63n)) continue;
    throw config(`parquet.${key}`, value, "epoch ns as a bigint");
  }
}

function config(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_CONFIG", { path, value, expected });
}
