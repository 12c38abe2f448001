import { checkChoice, checkInteger, checkKeys, checkText, Fault, parseScaled } from "../base/index.ts";
import {
  type BarBlock,
  type EpochNanos,
  Instrument,
  type InstrumentOptions,
  NANOS_PER_DAY,
  type Ticks,
} from "../model/index.ts";
import { findHeader } from "./csv-header.ts";
import { CsvLines } from "./csv-lines.ts";
import { LineJudge, type LinePolicy, LineTrouble } from "./csv-policy.ts";
import { csvNanos, timeOfDayNs } from "./csv-time.ts";
import { BarTapeBuilder } from "./tape-builder.ts";
import type { MemoryTape } from "./tape-memory.ts";
import { TimeBase, utcDayBase } from "./tape-time.ts";

/** What can be wrong with a line of bars. */
export const CSV_TROUBLES = ["malformed", "offGrid", "timeFalls", "badBar"] as const;

/** A kind of trouble in a CSV file. */
export type CsvTrouble = (typeof CSV_TROUBLES)[number];

/** What a {@link CsvBarReader} is made from. */
export interface CsvBarOptions {
  /** The file's name, for messages and the tape's source. */
  readonly name: string;
  readonly instrument: InstrumentOptions;
  /** Names of the columns; `time open high low close volume` unless given. `adjustedClose` has no default. */
  readonly columns?: {
    readonly time?: string;
    readonly open?: string;
    readonly high?: string;
    readonly low?: string;
    readonly close?: string;
    /** Null where the file has none: volume is then 0, unknown. */
    readonly volume?: string | null;
    readonly adjustedClose?: string;
  };
  readonly separator?: string;
  /** Time of day in UTC when a dated bar opens and closes, `HH:MM`; 00:00 and 23:59 unless given. */
  readonly session?: { readonly openAt: string; readonly closeAt: string };
  /** For bars with a time of day: the length of a bar, ns, and whether the time is its open or its close. */
  readonly bar?: { readonly lengthNs: number; readonly timeIs: "open" | "close" };
  /**
   * How far off the grid a price may be and still be read as the price on the grid, in price units: for
   * files whose prices went through 32-bit floats. Each such price is counted. "0" unless given.
   */
  readonly snapWithin?: string;
  /** What to do with a bad line: `fail` unless given; `drop` counts it. */
  readonly policies?: Partial<Readonly<Record<CsvTrouble, LinePolicy>>>;
  readonly simulated?: boolean;
}

const KEYS = [
  "name",
  "instrument",
  "columns",
  "separator",
  "session",
  "bar",
  "snapWithin",
  "policies",
  "simulated",
] as const;
const PRICES = ["open", "high", "low", "close"] as const;

/**
 * Reads bars from a CSV file that comes in chunks, into a bar tape.
 *
 * @invariant Every line becomes a bar, or is counted, or ends the reading with a fault naming file and line.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` naming file and line: a missing column, an empty
 * file, and by policy a malformed line, a price off the grid, a time that falls, a bar whose low and high do
 * not enclose it.
 * @example
 * ```ts
 * import { CsvBarReader } from "tickwright/feed";
 * const reader = new CsvBarReader({
 *   name: "abc.csv",
 *   instrument: { symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" },
 * });
 * reader.push(new TextEncoder().encode("time,open,high,low,close,volume\n2024-01-02,10,10.5,9.75,10.25,100\n"));
 * reader.end().meta.rows; // => 1
 * ```
 */
export class CsvBarReader {
  readonly #options: CsvBarOptions;
  readonly #instrument: Instrument;
  readonly #lines: CsvLines;
  readonly #judge: LineJudge<CsvTrouble>;
  readonly #snap: number;
  readonly #session: { readonly openNs: bigint; readonly closeNs: bigint };
  #columns: ReadonlyMap<string, number> | undefined = undefined;
  #width = 0;
  #builder: BarTapeBuilder | undefined = undefined;
  #base: TimeBase | undefined = undefined;
  #lastNs: EpochNanos = -1n;

  constructor(options: CsvBarOptions) {
    checkKeys("csv", options, KEYS);
    checkText("csv.name", options.name);
    checkKeys("csv.columns", options.columns ?? {}, ["time", ...PRICES, "volume", "adjustedClose"]);
    this.#judge = new LineJudge("csv.policies", CSV_TROUBLES, options.policies);
    this.#session = checkSession(options.session);
    if (options.bar !== undefined) checkLength(options);
    this.#snap = checkSnap(options.snapWithin ?? "0");
    this.#options = options;
    this.#instrument = new Instrument(options.instrument);
    const separator = checkSeparator(options.separator ?? ",");
    this.#lines = new CsvLines(options.name, separator, (fields, line) => this.#line(fields, line));
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** Ends the file. @throws `FAULT_INPUT` where it held no bar. */
  end(): MemoryTape<BarBlock> {
    this.#lines.end();
    const builder = this.#builder;
    if (builder === undefined) {
      throw new Fault("FAULT_INPUT", {
        path: this.#options.name,
        value: "0 bars",
        expected: "at least one bar",
      });
    }
    for (const [name, count] of this.#judge.counts) builder.count(name, count);
    return builder.build();
  }

  #line(fields: readonly string[], line: number): void {
    const columns = this.#columns;
    if (columns === undefined) {
      this.#columns = this.#header(fields);
      this.#width = fields.length;
      return;
    }
    this.#judge.judge(`${this.#options.name}:${line}`, () => this.#bar(fields, columns));
  }

  #header(fields: readonly string[]): ReadonlyMap<string, number> {
    const { volume, ...names } = this.#options.columns ?? {};
    return findHeader(this.#options.name, fields, {
      time: "time",
      open: "open",
      high: "high",
      low: "low",
      close: "close",
      ...names,
      volume: volume === undefined ? "volume" : (volume ?? undefined),
    });
  }

  #bar(fields: readonly string[], columns: ReadonlyMap<string, number>): void {
    if (fields.length !== this.#width) {
      throw trouble("malformed", fields.join(","), `${this.#width} fields, as the header has`);
    }
    const field = (key: string): string => (fields[columns.get(key) ?? -1] ?? "").trim();
    const [openNs, closeNs] = this.#times(field("time"));
    if (openNs < this.#lastNs) {
      throw trouble("timeFalls", field("time"), "a bar that opens after the one before closed");
    }
    const [open, high, low, close] = PRICES.map((key) => this.#price(field(key))) as [
      Ticks,
      Ticks,
      Ticks,
      Ticks,
    ];
    if (low > Math.min(open, close) || high < Math.max(open, close)) {
      throw trouble("badBar", PRICES.map(field).join(" "), "low <= open, close <= high");
    }
    const volume = columns.has("volume") ? this.#volume(field("volume")) : 0;
    const factor = columns.has("adjustedClose") ? this.#factor(field("adjustedClose"), field("close")) : 1;
    const [builder, base] = this.#start(openNs);
    this.#lastNs = closeNs;
    const times = { openNs: base.offsetOf(openNs), closeNs: base.offsetOf(closeNs) };
    builder.push({ ...times, open, high, low, close, volume, factor });
  }

  /** The first bar that is sound decides what times are counted from. */
  #start(openNs: EpochNanos): readonly [BarTapeBuilder, TimeBase] {
    if (this.#builder !== undefined && this.#base !== undefined) return [this.#builder, this.#base];
    const baseNs = utcDayBase(openNs);
    this.#base = new TimeBase(baseNs);
    this.#builder = new BarTapeBuilder({
      instrument: this.#options.instrument,
      baseNs,
      source: this.#options.name,
      simulated: this.#options.simulated ?? false,
    });
    return [this.#builder, this.#base];
  }

  #times(text: string): readonly [EpochNanos, EpochNanos] {
    const at = csvNanos(text);
    if (at === undefined || at < 0n)
      throw trouble("malformed", text, "a date or time in ISO 8601, from 1970 on");
    const { bar } = this.#options;
    if (bar !== undefined) {
      const length = BigInt(bar.lengthNs);
      return bar.timeIs === "open" ? [at, at + length] : [at - length, at];
    }
    if (at % BigInt(NANOS_PER_DAY) !== 0n) {
      throw trouble("malformed", text, "a date: bars with a time of day need the option csv.bar");
    }
    return [at + this.#session.openNs, at + this.#session.closeNs];
  }

  #price(text: string): Ticks {
    const exact = this.#instrument.parsePrice(text);
    if (exact.ok) return exact.value;
    const near = exact.code === "PRICE_OFF_GRID" ? this.#instrument.priceNearest(Number(text)) : undefined;
    if (near !== undefined && Math.abs(Number(text) - near * this.#instrument.tickSize) <= this.#snap) {
      this.#judge.count("pricesSnapped");
      return near;
    }
    const kind = exact.code === "PRICE_OFF_GRID" ? "offGrid" : "malformed";
    throw trouble(kind, text, exact.expected ?? exact.code);
  }

  #volume(text: string): number {
    const exact = this.#instrument.parseBookQuantity(text);
    if (exact.ok) return exact.value;
    const kind = exact.code === "QUANTITY_OFF_GRID" ? "offGrid" : "malformed";
    throw trouble(kind, text, `a volume: ${exact.expected ?? exact.code}`);
  }

  #factor(adjusted: string, close: string): number {
    const factor = Number(adjusted) / Number(close);
    if (Number.isFinite(factor) && factor > 0 && adjusted !== "") return factor;
    throw trouble("malformed", adjusted, "an adjusted close above 0");
  }
}

/** Reads a whole CSV file of bars that is in memory. @throws as {@link CsvBarReader} */
export function readCsvBars(bytes: Uint8Array, options: CsvBarOptions): MemoryTape<BarBlock> {
  const reader = new CsvBarReader(options);
  reader.push(bytes);
  return reader.end();
}

function trouble(kind: CsvTrouble, value: unknown, expected: string): LineTrouble<CsvTrouble> {
  return new LineTrouble(kind, value, expected);
}

function checkSession(session: CsvBarOptions["session"]): {
  readonly openNs: bigint;
  readonly closeNs: bigint;
} {
  const { openAt, closeAt } = session ?? { openAt: "00:00", closeAt: "23:59" };
  checkKeys("csv.session", session ?? {}, ["openAt", "closeAt"]);
  const openNs = timeOfDayNs("csv.session.openAt", openAt);
  const closeNs = timeOfDayNs("csv.session.closeAt", closeAt);
  if (openNs < closeNs) return { openNs, closeNs };
  throw new Fault("FAULT_CONFIG", {
    path: "csv.session.closeAt",
    value: closeAt,
    expected: `after ${openAt}`,
  });
}

function checkLength({ bar, session }: CsvBarOptions): void {
  checkKeys("csv.bar", bar, ["lengthNs", "timeIs"]);
  checkInteger("csv.bar.lengthNs", bar?.lengthNs, 1);
  checkChoice("csv.bar.timeIs", bar?.timeIs, ["open", "close"]);
  if (session === undefined) return;
  const expected = "nothing beside csv.bar: a session is for dated bars";
  throw new Fault("FAULT_CONFIG", { path: "csv.session", value: session, expected });
}

function checkSnap(text: string): number {
  const snap = typeof text === "string" ? parseScaled(text) : undefined;
  if (snap !== undefined && snap.digits >= 0n) return Number(text);
  throw new Fault("FAULT_CONFIG", {
    path: "csv.snapWithin",
    value: text,
    expected: "a decimal of at least 0, as text",
  });
}

/** Checks the character between fields. @throws `FAULT_CONFIG` */
export function checkSeparator(separator: string): string {
  if (typeof separator === "string" && separator.length === 1 && !'"\r\n'.includes(separator))
    return separator;
  throw new Fault("FAULT_CONFIG", { path: "csv.separator", value: separator, expected: "one character" });
}
