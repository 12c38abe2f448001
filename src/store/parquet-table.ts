import { existsSync, renameSync, unlinkSync } from "node:fs";
import { checkArray, checkBoolean, checkChoice, checkKeys, checkText, Fault } from "../base/index.ts";
import { identifier, literal, openDuckDb } from "./duckdb.ts";

/** A column of a table: its values, null where there is none. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: "DOUBLE" | "BIGINT" | "VARCHAR" | "BOOLEAN";
  readonly values: readonly (number | string | boolean | null)[];
}

/** How a table's file is written. */
export interface ParquetTableOptions {
  /** False unless given: a file that is there stays, and the write is a fault. */
  readonly overwrite?: boolean;
}

/**
 * Writes a table of any columns as a Parquet file: results, not market data.
 *
 * @shape columns of one length
 * @throws `FAULT_PEER_MISSING` without `@duckdb/node-api`; `FAULT_CONFIG` naming the column; `FAULT_IO` where the path
 * exists and `overwrite` was not given, or the system refuses.
 * @cost Values go through the database one by one, about 0.2 us each.
 */
export async function writeParquetTable(
  path: string,
  columns: readonly ParquetColumn[],
  options: ParquetTableOptions = {},
): Promise<void> {
  checkText("path", path);
  checkKeys("parquetTable", options, ["overwrite"]);
  const overwrite = checkBoolean("parquetTable.overwrite", options.overwrite ?? false);
  checkColumns(columns);
  if (!overwrite && existsSync(path)) {
    throw new Fault("FAULT_IO", { path, value: "a file", expected: "no file, or the option overwrite" });
  }
  const { connection, close } = await openDuckDb();
  const partial = `${path}.partial`;
  try {
    const fields = columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(", ");
    await connection.run(`CREATE TABLE rows (${fields})`);
    const appender = await connection.createAppender("rows");
    for (let row = 0; row < (columns[0]?.values.length ?? 0); row++) {
      for (const { type, values } of columns) {
        const value = values[row] ?? null;
        if (value === null) appender.appendNull();
        else if (type === "DOUBLE") appender.appendDouble(value as number);
        else if (type === "BIGINT") appender.appendBigInt(BigInt(value));
        else if (type === "VARCHAR") appender.appendVarchar(value as string);
        else appender.appendBoolean(value as boolean);
      }
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(`COPY rows TO ${literal(partial)} (FORMAT parquet, COMPRESSION zstd)`);
    renameSync(partial, path);
  } catch (cause) {
    if (existsSync(partial)) unlinkSync(partial);
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? (cause.message.split("\n")[0] as string) : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be written", cause });
  } finally {
    close();
  }
}

function checkColumns(columns: readonly ParquetColumn[]): void {
  checkArray("columns", columns);
  const names = new Set<string>();
  for (const [i, { name, type, values }] of columns.entries()) {
    const path = `columns[${i}]`;
    checkText(`${path}.name`, name);
    checkChoice(`${path}.type`, type, ["DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN"]);
    if (names.has(name.toLowerCase())) {
      throw new Fault("FAULT_CONFIG", { path: `${path}.name`, value: name, expected: "a name of its own" });
    }
    names.add(name.toLowerCase());
    const length = columns[0]?.values.length;
    if (values.length !== length) {
      const expected = `${length} values, as the first column has`;
      throw new Fault("FAULT_CONFIG", { path: `${path}.values`, value: values.length, expected });
    }
    const wanted = type === "VARCHAR" ? "string" : type === "BOOLEAN" ? "boolean" : "number";
    const wrong = values.findIndex(
      (value) =>
        value !== null && (typeof value !== wanted || (type === "BIGINT" && !Number.isSafeInteger(value))),
    );
    if (wrong >= 0) {
      const value = values[wrong];
      throw new Fault("FAULT_CONFIG", {
        path: `${path}.values[${wrong}]`,
        value,
        expected: `a ${type} or null`,
      });
    }
  }
}
