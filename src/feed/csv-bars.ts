import { checkChoice, checkKeys, checkText, Fault, isRefusal, parseScaled } from "../base/index.ts";
import {
  type BarBlock,
  type EpochNanos,
  Instrument,
  type InstrumentOptions,
  type Lots,
  parseNanos,
  type TapeMeta,
  type Ticks,
} from "../model/index.ts";
import { CsvLines } from "./csv-lines.ts";
import { BarTapeBuilder } from "./tape-builder.ts";
import type { MemoryTape } from "./tape-memory.ts";

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
  readonly policies?: Partial<Readonly<Record<CsvTrouble, "fail" | "drop">>>;
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

class Trouble extends Error {
  readonly kind: CsvTrouble;
  readonly value: unknown;
  readonly expected: string;

  constructor(kind: CsvTrouble, value: unknown, expected: string) {
    super(expected);
    this.kind = kind;
    this.value = value;
    this.expected = expected;
  }
}

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
  readonly #snap: number;
  #columns: Readonly<Record<string, number>> | undefined = undefined;
  #builder: BarTapeBuilder | undefined = undefined;
  #baseNs = 0n;
  #lastNs = Number.NEGATIVE_INFINITY;
  #bars = 0;
  readonly #counts: Map<string, number> = new Map();

  constructor(options: CsvBarOptions) {
    checkKeys("csv", options, KEYS);
    checkText("csv.name", options.name);
    checkKeys("csv.columns", options.columns ?? {}, ["time", ...PRICES, "volume", "adjustedClose"]);
    checkKeys("csv.policies", options.policies ?? {}, CSV_TROUBLES);
    for (const kind of CSV_TROUBLES) {
      checkChoice(`csv.policies.${kind}`, options.policies?.[kind] ?? "fail", ["fail", "drop"]);
    }
    if (options.session !== undefined) {
      checkKeys("csv.session", options.session, ["openAt", "closeAt"]);
      timeOfDay("csv.session.openAt", options.session.openAt);
      timeOfDay("csv.session.closeAt", options.session.closeAt);
    }
    const snap = parseScaled(options.snapWithin ?? "0");
    if (snap === undefined || snap.digits < 0n) {
      throw new Fault("FAULT_CONFIG", {
        path: "csv.snapWithin",
        value: options.snapWithin,
        expected: "a decimal of at least 0",
      });
    }
    this.#snap = Number(options.snapWithin ?? "0");
    this.#options = options;
    this.#instrument = new Instrument(options.instrument);
    this.#lines = new CsvLines(options.name, options.separator ?? ",", (fields, line) =>
      this.#line(fields, line),
    );
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** Ends the file. @throws `FAULT_INPUT` where it held no bar. */
  end(): MemoryTape<BarBlock> {
    this.#lines.end();
    if (this.#builder === undefined || this.#bars === 0) {
      throw new Fault("FAULT_INPUT", {
        path: this.#options.name,
        value: "0 bars",
        expected: "at least one bar",
      });
    }
    for (const [name, count] of this.#counts) this.#builder.count(name, count);
    return this.#builder.build();
  }

  #line(fields: readonly string[], line: number): void {
    if (this.#columns === undefined) {
      this.#columns = this.#header(fields);
      return;
    }
    try {
      this.#bar(fields, this.#columns);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      if ((this.#options.policies?.[error.kind] ?? "fail") === "fail") {
        const path = `${this.#options.name}:${line}`;
        throw new Fault("FAULT_INPUT", { path, value: error.value, expected: error.expected });
      }
      this.#count(`${error.kind}Dropped`);
    }
  }

  #header(fields: readonly string[]): Readonly<Record<string, number>> {
    const names = this.#options.columns ?? {};
    const wanted: Record<string, string | null | undefined> = {
      time: names.time ?? "time",
      volume: names.volume === undefined ? "volume" : names.volume,
      adjustedClose: names.adjustedClose,
    };
    for (const price of PRICES) wanted[price] = names[price] ?? price;
    const found: Record<string, number> = {};
    for (const [key, name] of Object.entries(wanted)) {
      if (name === null || name === undefined) continue;
      const at = fields.findIndex((field) => field.trim() === name);
      if (at < 0) {
        throw new Fault("FAULT_INPUT", {
          path: `${this.#options.name}:1`,
          value: fields.join(this.#options.separator ?? ","),
          expected: `a column ${name}`,
        });
      }
      found[key] = at;
    }
    return found;
  }

  #bar(fields: readonly string[], columns: Readonly<Record<string, number>>): void {
    const field = (key: string): string => (fields[columns[key] ?? -1] ?? "").trim();
    const [openNs, closeNs] = this.#times(field("time"));
    if (this.#builder === undefined) this.#start(openNs);
    const open = Number(openNs - this.#baseNs);
    const close = Number(closeNs - this.#baseNs);
    if (!(open >= this.#lastNs))
      throw new Trouble("timeFalls", field("time"), "a bar that opens after the one before closed");
    const prices = PRICES.map((key) => this.#price(field(key))) as [Ticks, Ticks, Ticks, Ticks];
    const [o, h, l, c] = prices;
    if (l > Math.min(o, c) || h < Math.max(o, c)) {
      throw new Trouble("badBar", PRICES.map(field).join(" "), "low <= open, close <= high");
    }
    const volume = "volume" in columns ? this.#volume(field("volume")) : 0;
    const factor = "adjustedClose" in columns ? this.#factor(field("adjustedClose"), field("close")) : 1;
    this.#lastNs = close;
    this.#bars += 1;
    this.#builder?.push({ openNs: open, closeNs: close, open: o, high: h, low: l, close: c, volume, factor });
  }

  #start(openNs: EpochNanos): void {
    const day = 86_400_000_000_000n;
    this.#baseNs = openNs - (((openNs % day) + day) % day);
    this.#builder = new BarTapeBuilder({
      instrument: this.#options.instrument,
      baseNs: this.#baseNs,
      source: this.#options.name,
      simulated: this.#options.simulated ?? false,
    });
  }

  #times(text: string): readonly [EpochNanos, EpochNanos] {
    const at = /^\d{13,19}$/.test(text) ? BigInt(text.padEnd(19, "0")) : parseNanos(text);
    if (isRefusal(at)) throw new Trouble("malformed", text, "a date or time in ISO 8601");
    const { bar, session } = this.#options;
    if (bar !== undefined) {
      const length = BigInt(bar.lengthNs);
      return bar.timeIs === "open" ? [at, at + length] : [at - length, at];
    }
    const openAt = timeOfDay("csv.session.openAt", session?.openAt ?? "00:00");
    const closeAt = timeOfDay("csv.session.closeAt", session?.closeAt ?? "23:59");
    return [at + openAt, at + closeAt];
  }

  #price(text: string): Ticks {
    const exact = this.#instrument.parsePrice(text);
    if (exact.ok) return exact.value;
    const near = exact.code === "PRICE_OFF_GRID" ? this.#instrument.priceNearest(Number(text)) : undefined;
    if (near !== undefined && Math.abs(Number(text) - near * this.#instrument.tickSize) <= this.#snap) {
      this.#count("pricesSnapped");
      return near;
    }
    throw new Trouble(
      exact.code === "PRICE_OFF_GRID" ? "offGrid" : "malformed",
      text,
      exact.expected ?? exact.code,
    );
  }

  #volume(text: string): Lots | number {
    const exact = this.#instrument.parseBookQuantity(text);
    if (exact.ok) return exact.value;
    throw new Trouble("malformed", text, `a volume: ${exact.expected ?? exact.code}`);
  }

  #factor(adjusted: string, close: string): number {
    const factor = Number(adjusted) / Number(close);
    if (Number.isFinite(factor) && factor > 0 && adjusted !== "") return factor;
    throw new Trouble("malformed", adjusted, "an adjusted close above 0");
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

/** Reads a whole CSV file of bars that is in memory. @throws as {@link CsvBarReader} */
export function readCsvBars(
  bytes: Uint8Array,
  options: CsvBarOptions,
): MemoryTape<BarBlock> & { readonly meta: TapeMeta } {
  const reader = new CsvBarReader(options);
  reader.push(bytes);
  return reader.end();
}

function timeOfDay(path: string, text: string): bigint {
  const match = typeof text === "string" ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) : null;
  if (match === null) throw new Fault("FAULT_CONFIG", { path, value: text, expected: "a time HH:MM" });
  return BigInt(Number(match[1]) * 3600 + Number(match[2]) * 60) * 1_000_000_000n;
}
