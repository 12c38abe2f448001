import type { DuckDBDataChunk } from "@duckdb/node-api";
import { Fault, formatScaled, parseScaled, pow10, type Scaled } from "../base/index.ts";
import type { TimeBase } from "../feed/index.ts";
import type { Instrument } from "../model/index.ts";
import type { FoundColumn } from "./parquet-columns.ts";
import type { ParquetSnap } from "./parquet-options.ts";

const WORD = 4_294_967_296;

/** What decides how numbers become ticks, lots and offsets. */
export interface ChunkTerms {
  readonly path: string;
  readonly instrument: Instrument;
  readonly base: TimeBase;
  readonly snap: ParquetSnap;
}

/**
 * Reads the columns of a chunk into columns of numbers: times as ns from the base, prices as ticks, quantities as
 * book lots.
 *
 * @throws `FAULT_INPUT` naming file, column and row: a null, a price or a quantity off the grid; `FAULT_TIME` on a
 * time that a double cannot hold as an offset from the base.
 */
export class ChunkReader {
  /** Floating-point numbers that were not those of the grid. */
  snapped = 0;
  readonly #terms: ChunkTerms;
  readonly #columns: readonly FoundColumn[];
  /** The index of each column's first expression. */
  readonly #at: ReadonlyMap<string, number>;
  /** Rows of earlier chunks. */
  #rows = 0;
  #chunk: DuckDBDataChunk | undefined;

  constructor(terms: ChunkTerms, columns: readonly FoundColumn[]) {
    this.#terms = terms;
    this.#columns = columns;
    let at = 0;
    this.#at = new Map(
      columns.map(({ name, sql }) => {
        at += sql.length;
        return [name, at - sql.length];
      }),
    );
  }

  /** Turns to the next chunk; returns its rows. */
  take(chunk: DuckDBDataChunk): number {
    this.#rows += this.#chunk?.rowCount ?? 0;
    this.#chunk = chunk;
    return chunk.rowCount;
  }

  /** The place of a row of this chunk, for messages. */
  place(row: number): string {
    return `${this.#terms.path} row ${this.#rows + row}`;
  }

  /** Fills `into` with a column of this chunk. */
  numbers(name: string, into: Float64Array): Float64Array {
    const column = this.#columns.find((each) => each.name === name) as FoundColumn;
    if (column.kind === "time" && column.sql.length === 2) this.#times(column, into);
    else if (column.type.startsWith("DECIMAL(") && column.kind !== "factor") this.#decimals(column, into);
    else if (this.#isFloat(column)) this.#floats(column, into);
    else this.#plain(column, 0, into);
    return into;
  }

  /** A column of texts; null stays null. */
  texts(name: string): readonly (string | null)[] {
    const vector = this.#vector(name, 0);
    return Array.from({ length: vector.itemCount }, (_, i) => vector.getItem(i) as string | null);
  }

  #isFloat({ kind, type }: FoundColumn): boolean {
    return (kind === "price" || kind === "quantity") && (type === "DOUBLE" || type === "FLOAT");
  }

  #vector(name: string, part: number): ReturnType<DuckDBDataChunk["getColumnVector"]> {
    return (this.#chunk as DuckDBDataChunk).getColumnVector((this.#at.get(name) as number) + part);
  }

  #plain(column: FoundColumn, part: number, into: Float64Array): void {
    const vector = this.#vector(column.name, part);
    for (let i = 0; i < vector.itemCount; i++) {
      const value = vector.getItem(i);
      if (typeof value !== "number") {
        const what = column.kind === "time" ? "time" : "number";
        throw this.#fault(column, i, value, `a ${what} in every row`);
      }
      into[i] = value;
    }
  }

  #times(column: FoundColumn, into: Float64Array): void {
    const [highs, lows] = [this.#vector(column.name, 0), this.#vector(column.name, 1)];
    const { base } = this.#terms;
    for (let i = 0; i < highs.itemCount; i++) {
      const high = highs.getItem(i);
      const low = lows.getItem(i);
      if (typeof high !== "number" || typeof low !== "number") {
        throw this.#fault(column, i, high, "a time in every row");
      }
      const coarse = (high - base.high) * WORD;
      const fine = low - base.low;
      const offset = coarse + fine;
      if (high < 0 || offset - coarse !== fine) {
        const value = BigInt(high) * BigInt(WORD) + BigInt(low);
        const path = `${this.place(i)} ${column.name}`;
        const expected = `epoch ns that a double measures exactly from base ${base.text}`;
        throw new Fault("FAULT_TIME", { path, value, expected });
      }
      into[i] = offset;
    }
  }

  #decimals(column: FoundColumn, into: Float64Array): void {
    const vector = this.#vector(column.name, 0);
    const step = this.#step(column);
    for (let i = 0; i < vector.itemCount; i++) {
      const value = vector.getItem(i) as { readonly value: bigint; readonly scale: number } | null;
      if (value === null) throw this.#fault(column, i, value, "a number in every row");
      const up = value.value * pow10(Math.max(step.scale - value.scale, 0));
      const unit = step.digits * pow10(Math.max(value.scale - step.scale, 0));
      if (up % unit !== 0n) {
        const text = formatScaled(value.value, value.scale);
        throw this.#fault(column, i, text, `a multiple of ${sizeOf(step)}`);
      }
      into[i] = Number(up / unit);
    }
  }

  #floats(column: FoundColumn, into: Float64Array): void {
    this.#plain(column, 0, into);
    const step = this.#step(column);
    const size = Number(sizeOf(step));
    const within = Number(this.#terms.snap[column.kind as "price" | "quantity"]);
    const { itemCount } = this.#vector(column.name, 0);
    for (let i = 0; i < itemCount; i++) {
      const value = into[i] as number;
      const steps = Math.round(value / size);
      if (!(Math.abs(value - steps * size) <= within && Number.isSafeInteger(steps))) {
        throw this.#fault(column, i, value, `within ${within} of a multiple of ${sizeOf(step)}`);
      }
      if (value !== Number((steps * size).toPrecision(15))) this.snapped += 1;
      into[i] = steps;
    }
  }

  #step({ kind }: FoundColumn): Scaled {
    const { tickSize, lotSize, bookLotSize } = this.#terms.instrument.describe();
    return parseScaled(kind === "price" ? tickSize : (bookLotSize ?? lotSize)) as Scaled;
  }

  #fault(column: FoundColumn, row: number, value: unknown, expected: string): Fault {
    return new Fault("FAULT_INPUT", { path: `${this.place(row)} ${column.name}`, value, expected });
  }
}

function sizeOf({ digits, scale }: Scaled): string {
  return scale === 0 ? `${digits}` : `${digits}e-${scale}`;
}
