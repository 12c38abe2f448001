import { checkBoolean, checkChoice, checkKeys, checkText, Fault } from "../base/index.ts";
import type { InstrumentOptions } from "../model/index.ts";
import { checkSeparator } from "./csv-bars.ts";
import type { LinePolicy } from "./csv-policy.ts";

/** What can be wrong with a line of ticks. */
export const CSV_TICK_TROUBLES = ["malformed", "offGrid", "timeFalls", "badQuote", "otherSymbol"] as const;

/** A kind of trouble in a CSV file of ticks. */
export type CsvTickTrouble = (typeof CSV_TICK_TROUBLES)[number];

/** What the lines of a CSV file of ticks are. */
export type CsvTickKind = "trades" | "quotes" | "both" | "levels";

/** What a `CsvTickReader` is made from. */
export interface CsvTickOptions {
  /** The file's name, for messages and the tape's source. */
  readonly name: string;
  readonly instrument: InstrumentOptions;
  /**
   * What a line is: a trade (`time price quantity`, `side` where named), a best bid and ask (`time bid bidSize ask
   * askSize`), either or both of these with the other's fields empty, or a level of the book that now holds a
   * quantity, 0 to remove it (`time side price quantity`).
   */
  readonly holds: CsvTickKind;
  /** Names of the columns where they are not the words above. */
  readonly columns?: {
    /** The exchange's time. */
    readonly time?: string;
    /** When it arrived here; the exchange's time unless named. */
    readonly localTime?: string;
    readonly price?: string;
    readonly quantity?: string;
    /** `buy` or `sell` for the aggressor of a trade; `bid` or `ask`, `buy` or `sell`, for a level. */
    readonly side?: string;
    readonly bid?: string;
    readonly bidSize?: string;
    readonly ask?: string;
    readonly askSize?: string;
    /** Where it is named, every line must say the instrument's symbol. */
    readonly symbol?: string;
  };
  readonly separator?: string;
  /** Lines of one time are one message of the feed; false unless given: every line is its own. */
  readonly groupByTime?: boolean;
  /** What to do with a bad line: `fail` unless given; `drop` counts it. */
  readonly policies?: Partial<Readonly<Record<CsvTickTrouble, LinePolicy>>>;
  readonly simulated?: boolean;
}

const KEYS = [
  "name",
  "instrument",
  "holds",
  "columns",
  "separator",
  "groupByTime",
  "policies",
  "simulated",
] as const;

const TRADE = ["price", "quantity"] as const;
const QUOTE = ["bid", "bidSize", "ask", "askSize"] as const;
const COLUMNS = {
  trades: TRADE,
  quotes: QUOTE,
  both: [...TRADE, ...QUOTE],
  levels: ["side", ...TRADE],
} as const;
/** Columns that are read only where they are named. */
const OPTIONAL = ["localTime", "symbol"] as const;

/** Checks the options of a `CsvTickReader`. @throws `FAULT_CONFIG` naming the option */
export function checkTickOptions(options: CsvTickOptions): void {
  checkKeys("csv", options, KEYS);
  checkText("csv.name", options.name);
  const holds = checkChoice("csv.holds", options.holds, ["trades", "quotes", "both", "levels"]);
  checkBoolean("csv.groupByTime", options.groupByTime ?? false);
  checkSeparator(options.separator ?? ",");
  const known = ["time", ...COLUMNS[holds], ...OPTIONAL, ...(holds === "quotes" ? [] : ["side"])];
  checkKeys("csv.columns", options.columns ?? {}, known);
  for (const [key, name] of Object.entries(options.columns ?? {})) {
    if (name === "")
      throw new Fault("FAULT_CONFIG", { path: `csv.columns.${key}`, value: name, expected: "a name" });
  }
}

/** The columns to find in the header, by key. */
export function tickColumns(options: CsvTickOptions): Readonly<Record<string, string | undefined>> {
  const wanted: Record<string, string | undefined> = { ...options.columns };
  for (const key of ["time", ...COLUMNS[options.holds]]) wanted[key] ??= key;
  return wanted;
}
