import {
  divideBig,
  Fault,
  normalizeScaled,
  parseScaled,
  pow10,
  rescale,
  type Scaled,
} from "../base/index.ts";
import { CsvLines } from "./csv-lines.ts";
import { leanDay } from "./lean-day.ts";

/** Digits after the point that factor files keep at least. */
const FACTOR_DIGITS = 7;
/** Digits after the point that a dividend may have. */
const DIVIDEND_DIGITS_MAX = 9;

/** One row of a factor file: what holds for days up to `day` (included). */
export interface LeanFactorRow {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly priceFactor: Scaled;
  readonly splitFactor: Scaled;
  /** The raw close of `day`; undefined where the file has none. */
  readonly reference: Scaled | undefined;
}

/** A split or a dividend, or both, that takes effect on the first trading day after `afterDay`. */
export interface CorporateAction {
  readonly afterDay: number;
  /** `numerator` new units stand for `denominator` old ones. */
  readonly split: { readonly numerator: number; readonly denominator: number } | undefined;
  /** Cash for one unit held before the split of the same day, in the quote currency. */
  readonly dividend: Scaled | undefined;
}

/**
 * A Lean factor file: `date,price factor,split factor[,reference price]`. Factors are cumulative from the end,
 * so a change between two rows is a corporate action on the first trading day after the earlier one.
 *
 * Factors are rounded to seven decimals. A split is therefore the simplest fraction, and a dividend the decimal
 * with the fewest digits, that rounds to what the file says.
 *
 * @throws `FAULT_INPUT` naming file and line: a row that is not of this form, dates that do not rise, a factor
 * that is not above 0, a price factor that falls, a dividend without a reference price, a file without rows.
 * @example
 * ```ts
 * import { LeanFactors } from "tickwright/feed";
 * const text = "20140606,0.9011818,0.0357143,645.57\n20140806,0.9011818,0.25,94.97\n20501231,0.9056639,0.25,0\n";
 * const factors = new LeanFactors("aapl.csv", new TextEncoder().encode(text));
 * factors.actions[0]?.split; // => { numerator: 7, denominator: 1 }
 * factors.actions[1]?.dividend; // => { digits: 47n, scale: 2 }
 * ```
 */
export class LeanFactors {
  readonly rows: readonly LeanFactorRow[];
  /** In order of their days. */
  readonly actions: readonly CorporateAction[];
  readonly #name: string;
  readonly #factors: Float64Array;

  constructor(name: string, bytes: Uint8Array) {
    this.#name = name;
    const rows: LeanFactorRow[] = [];
    const lines = new CsvLines(name, ",", (fields, line) => {
      const row = readRow(`${name}:${line}`, fields);
      const before = rows.at(-1);
      if (before !== undefined && row.day <= before.day) {
        throw new Fault("FAULT_INPUT", {
          path: `${name}:${line}`,
          value: fields[0],
          expected: "a later date",
        });
      }
      rows.push(row);
    });
    lines.push(bytes);
    lines.end();
    if (rows.length === 0) {
      throw new Fault("FAULT_INPUT", {
        path: name,
        value: "0 rows",
        expected: "at least one row of factors",
      });
    }
    this.rows = rows;
    this.#factors = Float64Array.from(rows, (row) => toNumber(row.priceFactor) * toNumber(row.splitFactor));
    this.actions = rows.slice(1).flatMap((later, i) => actionsOf(name, rows[i] as LeanFactorRow, later));
  }

  /**
   * What multiplies a raw price of a day into the series adjusted for everything that came later.
   *
   * @throws `FAULT_INPUT` after the last row of the file.
   * @cost O(log rows)
   */
  factorOf(day: number): number {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.rows[middle] as LeanFactorRow).day < day) low = middle + 1;
      else high = middle;
    }
    const factor = this.#factors[low];
    if (factor !== undefined) return factor;
    throw new Fault("FAULT_INPUT", {
      path: this.#name,
      value: `day ${day}`,
      expected: "factors up to that day",
    });
  }
}

function readRow(place: string, fields: readonly string[]): LeanFactorRow {
  const bad = (value: unknown, expected: string): Fault =>
    new Fault("FAULT_INPUT", { path: place, value, expected });
  if (fields.length !== 3 && fields.length !== 4) {
    throw bad(fields.join(","), "date,price factor,split factor[,reference price]");
  }
  const day = leanDay(fields[0] as string);
  if (day === undefined) throw bad(fields[0], "a date yyyyMMdd");
  const factor = (at: number): Scaled => {
    const value = parseScaled(fields[at] as string);
    if (value !== undefined && value.digits > 0n) return normalizeScaled(value);
    throw bad(fields[at], "a factor above 0");
  };
  const reference = fields[3] === undefined ? undefined : parseScaled(fields[3]);
  if (fields[3] !== undefined && (reference === undefined || reference.digits < 0n)) {
    throw bad(fields[3], "a reference price");
  }
  const known = reference !== undefined && reference.digits > 0n;
  return { day, priceFactor: factor(1), splitFactor: factor(2), reference: known ? reference : undefined };
}

function actionsOf(name: string, row: LeanFactorRow, later: LeanFactorRow): readonly CorporateAction[] {
  const split = splitOf(name, row, later);
  const dividend = dividendOf(name, row, later);
  return split === undefined && dividend === undefined ? [] : [{ afterDay: row.day, split, dividend }];
}

function splitOf(name: string, row: LeanFactorRow, later: LeanFactorRow): CorporateAction["split"] {
  const [old, next, slack] = onOneScale(row.splitFactor, later.splitFactor);
  if (old === next) return undefined;
  if (old <= slack || next <= slack) {
    const expected = `split factors of more than 1e-${FACTOR_DIGITS}`;
    throw new Fault("FAULT_INPUT", { path: name, value: `${old}, ${next}`, expected });
  }
  const [numerator, denominator] = simplest(next - slack, old + slack, next + slack, old - slack);
  return { numerator: Number(numerator), denominator: Number(denominator) };
}

function dividendOf(name: string, row: LeanFactorRow, later: LeanFactorRow): Scaled | undefined {
  const [old, next, slack] = onOneScale(row.priceFactor, later.priceFactor);
  if (old === next) return undefined;
  const { reference } = row;
  if (old > next || reference === undefined) {
    const value = `row of day ${row.day}`;
    const expected = old > next ? "price factors that do not fall" : "a reference price beside the dividend";
    throw new Fault("FAULT_INPUT", { path: name, value, expected });
  }
  // The dividend is reference * (1 - old / next); both factors are known to half a unit of their last digit.
  const unit = pow10(DIVIDEND_DIGITS_MAX);
  const cash = (part: bigint, whole: bigint): bigint =>
    divideBig(reference.digits * unit * (whole - part), whole * pow10(reference.scale), "halfEven");
  const [low, high] = [cash(old + slack, next - slack), cash(old - slack, next + slack)];
  const middle = (low + high) / 2n;
  for (let scale = 0; scale < DIVIDEND_DIGITS_MAX; scale++) {
    const step = pow10(DIVIDEND_DIGITS_MAX - scale);
    const digits = divideBig(middle, step, "halfUp");
    if (digits > 0n && digits * step >= low && digits * step <= high) return { digits, scale };
  }
  return { digits: middle, scale: DIVIDEND_DIGITS_MAX };
}

/** Two factors as integers of one scale, and half a unit of the seventh decimal in it. */
function onOneScale(left: Scaled, right: Scaled): readonly [bigint, bigint, bigint] {
  const scale = Math.max(left.scale, right.scale, FACTOR_DIGITS + 1);
  const slack = 5n * pow10(scale - FACTOR_DIGITS - 1);
  return [rescale(left, scale) ?? 0n, rescale(right, scale) ?? 0n, slack];
}

/** The fraction with the smallest denominator within [a / b, c / d], by continued fractions. */
function simplest(a: bigint, b: bigint, c: bigint, d: bigint): readonly [bigint, bigint] {
  const whole = a / b;
  if (whole * b === a) return [whole, 1n];
  if ((whole + 1n) * d <= c) return [whole + 1n, 1n];
  const [numerator, denominator] = simplest(d, c - whole * d, b, a - whole * b);
  return [whole * numerator + denominator, numerator];
}

function toNumber(value: Scaled): number {
  return Number(value.digits) / Number(pow10(value.scale));
}
