import { Fault } from "../base/index.ts";
import { CsvLines } from "./csv-lines.ts";
import { leanDate, leanDay } from "./lean-day.ts";

/**
 * A Lean map file: under which ticker a security traded up to which day (`date,ticker[,exchange]`).
 *
 * @throws `FAULT_INPUT` naming file and line: a row that is not of this form, dates that do not rise, no rows.
 * @example
 * ```ts
 * import { LeanMap } from "tickwright/feed";
 * import { daysFromCivil } from "tickwright/model";
 * const text = "20040819,goocv,Q\n20140402,goocv,Q\n20501231,goog,Q\n";
 * const map = new LeanMap("goog.csv", new TextEncoder().encode(text));
 * map.tickerOn(daysFromCivil(2015, 1, 2)); // => "goog"
 * map.tickerOn(daysFromCivil(2051, 1, 2)); // => undefined
 * ```
 */
export class LeanMap {
  /** `day`: days since 1970-01-01, included. */
  readonly rows: readonly { readonly day: number; readonly ticker: string }[];

  constructor(name: string, bytes: Uint8Array) {
    const rows: { readonly day: number; readonly ticker: string }[] = [];
    const lines = new CsvLines(name, ",", (fields, line) => {
      const day = leanDay(fields[0] ?? "");
      const ticker = fields[1] ?? "";
      const least = rows.at(-1)?.day ?? Number.NEGATIVE_INFINITY;
      if (day === undefined || ticker === "" || fields.length > 3 || day <= least) {
        const expected = rows.length === 0 ? "date,ticker" : `date,ticker after ${leanDate(least)}`;
        throw new Fault("FAULT_INPUT", { path: `${name}:${line}`, value: fields.join(","), expected });
      }
      rows.push({ day, ticker: ticker.toLowerCase() });
    });
    lines.push(bytes);
    lines.end();
    if (rows.length === 0) {
      throw new Fault("FAULT_INPUT", { path: name, value: "0 rows", expected: "at least one ticker" });
    }
    this.rows = rows;
  }

  /** The ticker of a day; undefined before the first row's day and after the last one's. */
  tickerOn(day: number): string | undefined {
    if (day < (this.rows[0] as { readonly day: number }).day) return undefined;
    return this.rows.find((row) => row.day >= day)?.ticker;
  }
}
