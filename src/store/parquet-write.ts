import { existsSync, linkSync, renameSync, unlinkSync } from "node:fs";
import type { DuckDBDataChunk, DuckDBDecimalValue, DuckDBType } from "@duckdb/node-api";
import {
  checkBoolean,
  checkChoice,
  checkKeys,
  checkText,
  Fault,
  parseScaled,
  type Scaled,
} from "../base/index.ts";
import { BarBlock, DepthBlock, type InstrumentOptions, type TapeMeta } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { type DuckDb, type DuckDbSession, literal, openDuckDb } from "./duckdb.ts";
import { metaClause, type ParquetNumbers } from "./parquet-meta.ts";

/** How a Parquet file is written. */
export interface ParquetWriteOptions {
  /** `zstd` unless given. */
  readonly compression?: "zstd" | "snappy" | "none";
  /**
   * `steps` (unless given) writes whole ticks and lots; `decimals` writes prices and quantities as DECIMAL(18, n),
   * which other programs read without knowing the grid. Both are exact.
   */
  readonly numbers?: ParquetNumbers;
  /** False unless given: a file that is there stays, and the write is a fault. */
  readonly overwrite?: boolean;
}

const CHUNK_ROWS = 2_048;
const DECIMAL_WIDTH = 18;
const DECIMAL_END = 1_000_000_000_000_000_000n;

/**
 * Writes a tape as a Parquet file, block by block; `readParquetBars` and `readParquetTicks` give the same tape
 * back. What the tape says about itself goes into the file's metadata.
 *
 * Bars: `close_ns open_ns kind open high low close volume factor`. Depth: `local_ns exch_ns kind tick lots`, or
 * `price quantity` in decimals. Times are int64 epoch ns.
 *
 * @throws `FAULT_PEER_MISSING` without `@duckdb/node-api`; `FAULT_CONFIG` naming the option; `FAULT_IO` where the
 * path exists and `overwrite` was not given, or the system refuses; what the tape throws when it is read.
 * @cost About 1 us a row; one block and one row group in memory.
 */
export async function writeParquet(
  source: TapeSource<DepthBlock> | TapeSource<BarBlock>,
  path: string,
  options: ParquetWriteOptions = {},
): Promise<void> {
  checkKeys("parquet", options, ["compression", "numbers", "overwrite"]);
  checkText("path", path);
  const compression = checkChoice("parquet.compression", options.compression ?? "zstd", [
    "zstd",
    "snappy",
    "none",
  ]);
  const numbers = checkChoice("parquet.numbers", options.numbers ?? "steps", ["steps", "decimals"]);
  const overwrite = checkBoolean("parquet.overwrite", options.overwrite ?? false);
  if (!overwrite && existsSync(path)) throw occupied(path);
  const columns = columnsOf(source.meta, numbers);
  const session = await openDuckDb();
  const partial = `${path}.partial`;
  try {
    await copy(
      session,
      source,
      columns,
      partial,
      `COMPRESSION ${compressionOf(compression)}, ${metaClause(numbers, source.meta)}`,
    );
    finish(partial, path, overwrite);
  } catch (error) {
    if (existsSync(partial)) unlinkSync(partial);
    throw error;
  } finally {
    session.close();
  }
}

/** A column of the file: what fills it, of which type, and how it is written. */
interface OutColumn {
  readonly name: string;
  readonly type: "BIGINT" | "UTINYINT" | "INTEGER" | "DOUBLE";
  readonly values: (block: DepthBlock | BarBlock) => Float64Array | Int32Array | Uint8Array;
  /** Written as DECIMAL(18, n), that many times this size, where one is given. */
  readonly step: Scaled | undefined;
}

function columnsOf(meta: TapeMeta, numbers: ParquetNumbers): readonly OutColumn[] {
  const { tickSize, lotSize, bookLotSize }: InstrumentOptions = meta.instrument;
  const isSteps = numbers === "steps";
  const [tick, lot] = isSteps ? [] : [parseScaled(tickSize), parseScaled(bookLotSize ?? lotSize)];
  if (meta.schema === "depth") {
    const of = (pick: (block: DepthBlock) => Float64Array | Int32Array | Uint8Array): OutColumn["values"] => {
      return (block) => pick(block as DepthBlock);
    };
    return [
      { name: "local_ns", type: "BIGINT", values: of((block) => block.local), step: undefined },
      { name: "exch_ns", type: "BIGINT", values: of((block) => block.exch), step: undefined },
      { name: "kind", type: "UTINYINT", values: of((block) => block.kind), step: undefined },
      { name: isSteps ? "tick" : "price", type: "INTEGER", values: of((block) => block.tick), step: tick },
      { name: isSteps ? "lots" : "quantity", type: "BIGINT", values: of((block) => block.lots), step: lot },
    ];
  }
  const of = (pick: (block: BarBlock) => Float64Array | Int32Array | Uint8Array): OutColumn["values"] => {
    return (block) => pick(block as BarBlock);
  };
  return [
    { name: "close_ns", type: "BIGINT", values: of((block) => block.closeNs), step: undefined },
    { name: "open_ns", type: "BIGINT", values: of((block) => block.openNs), step: undefined },
    { name: "kind", type: "UTINYINT", values: of((block) => block.kind), step: undefined },
    { name: "open", type: "INTEGER", values: of((block) => block.open), step: tick },
    { name: "high", type: "INTEGER", values: of((block) => block.high), step: tick },
    { name: "low", type: "INTEGER", values: of((block) => block.low), step: tick },
    { name: "close", type: "INTEGER", values: of((block) => block.close), step: tick },
    { name: "volume", type: "BIGINT", values: of((block) => block.volume), step: lot },
    { name: "factor", type: "DOUBLE", values: of((block) => block.factor), step: undefined },
  ];
}

/** Lets the database draw the rows out of the tape while it writes. */
async function copy(
  session: DuckDbSession,
  source: TapeSource,
  columns: readonly OutColumn[],
  path: string,
  clauses: string,
): Promise<void> {
  const { duckdb, connection } = session;
  const rows = new RowSource(duckdb, source, columns);
  let failure: Error | undefined;
  connection.registerTableFunction(
    duckdb.DuckDBTableFunction.create({
      name: "tape_rows",
      bindFunction: (info) => {
        for (const column of columns) info.addResultColumn(column.name, typeOf(duckdb, column));
        info.setCardinality(source.meta.rows, true);
      },
      initFunction: (info) => info.setMaxThreads(1),
      mainFunction: (info, chunk) => {
        try {
          rows.fill(chunk);
        } catch (error) {
          failure ??= error instanceof Error ? error : new Error(String(error));
          chunk.rowCount = 0;
          info.setError("the tape could not be read");
        }
      },
    }),
  );
  try {
    await connection.run(`COPY (SELECT * FROM tape_rows()) TO ${literal(path)} (FORMAT parquet, ${clauses})`);
  } catch (cause) {
    if (failure !== undefined) throw failure;
    const value = cause instanceof Error ? (cause.message.split("\n")[0] as string) : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be written", cause });
  }
}

/** Hands a tape's rows out in chunks. */
class RowSource {
  readonly #duckdb: DuckDb;
  readonly #source: TapeSource;
  readonly #columns: readonly OutColumn[];
  readonly #block: DepthBlock | BarBlock;
  readonly #baseNs: bigint;
  #index = 0;
  #row = 0;

  constructor(duckdb: DuckDb, source: TapeSource, columns: readonly OutColumn[]) {
    this.#duckdb = duckdb;
    this.#source = source;
    this.#columns = columns;
    this.#block = source.meta.schema === "depth" ? new DepthBlock() : new BarBlock();
    this.#baseNs = BigInt(source.meta.baseNs);
  }

  /** Fills a chunk; leaves it empty at the end of the tape. */
  fill(chunk: DuckDBDataChunk): void {
    while (this.#row === this.#block.n && this.#index < this.#source.blockCount) {
      this.#source.read(this.#index, this.#block);
      this.#index += 1;
      this.#row = 0;
    }
    const rows = Math.min(this.#block.n - this.#row, CHUNK_ROWS);
    chunk.rowCount = rows;
    if (rows === 0) return;
    for (const [k, column] of this.#columns.entries()) this.#fillColumn(chunk, k, column, rows);
    this.#row += rows;
  }

  #fillColumn(chunk: DuckDBDataChunk, k: number, column: OutColumn, rows: number): void {
    const vector = chunk.getColumnVector(k);
    const values = column.values(this.#block);
    const from = this.#row;
    const isTime = column.name.endsWith("_ns");
    for (let i = 0; i < rows; i++) {
      const value = values[from + i] as number;
      if (column.step !== undefined) vector.setItem(i, this.#decimal(value, column.step));
      else if (column.type !== "BIGINT") vector.setItem(i, value);
      else vector.setItem(i, isTime ? this.#baseNs + BigInt(value) : BigInt(value));
    }
    vector.flush();
  }

  #decimal(steps: number, step: Scaled): DuckDBDecimalValue {
    const value = BigInt(steps) * step.digits;
    if (value < DECIMAL_END && value > -DECIMAL_END) {
      return new this.#duckdb.DuckDBDecimalValue(value, DECIMAL_WIDTH, step.scale);
    }
    throw new Fault("FAULT_INPUT", {
      path: `block ${this.#index - 1}`,
      value: `${value}e-${step.scale}`,
      expected: `a decimal of at most ${DECIMAL_WIDTH} digits; numbers: "steps" holds any`,
    });
  }
}

function typeOf(duckdb: DuckDb, { type, step }: OutColumn): DuckDBType {
  if (step !== undefined) return duckdb.DECIMAL(DECIMAL_WIDTH, step.scale);
  const { BIGINT, UTINYINT, INTEGER, DOUBLE } = duckdb;
  return { BIGINT, UTINYINT, INTEGER, DOUBLE }[type];
}

function compressionOf(compression: "zstd" | "snappy" | "none"): string {
  return compression === "none" ? "uncompressed" : compression;
}

function finish(partial: string, path: string, overwrite: boolean): void {
  try {
    if (overwrite) renameSync(partial, path);
    else {
      // A hard link fails where the name was taken meanwhile; a rename would replace it.
      linkSync(partial, path);
      unlinkSync(partial);
    }
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be written", cause });
  }
}

function occupied(path: string): Fault {
  const expected = "a new path, or overwrite: true";
  return new Fault("FAULT_IO", { path, value: "a file that is there already", expected });
}
