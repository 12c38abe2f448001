import type { DuckDBConnection } from "@duckdb/node-api";
import { Fault } from "../base/index.ts";
import { identifier, literal } from "./duckdb.ts";

/** What a column must hold. */
export type ColumnKind = "time" | "price" | "quantity" | "code" | "factor" | "side";

/** A column that is wanted. */
export interface WantedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A column that was found: its type, and the expression that reads it. */
export interface FoundColumn extends WantedColumn {
  readonly type: string;
  readonly sql: string;
}

const INTEGERS = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"];
const FLOATS = ["FLOAT", "DOUBLE"];
const TIMES = ["TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "TIMESTAMP WITH TIME ZONE", "DATE"];

const EXPECTED: Readonly<Record<ColumnKind, string>> = {
  time: "BIGINT epoch ns, a TIMESTAMP or a DATE",
  price: "DECIMAL, or an integer number of ticks (FLOAT and DOUBLE with snapWithin)",
  quantity: "DECIMAL, or an integer number of lots (FLOAT and DOUBLE with snapWithin)",
  code: "an integer",
  factor: "DOUBLE",
  side: "VARCHAR",
};

/**
 * Finds the wanted columns in a file.
 *
 * @throws `FAULT_INPUT` naming the file and the column: one that is missing, or of a type that cannot hold it.
 */
export async function findColumns(
  connection: DuckDBConnection,
  path: string,
  wanted: readonly WantedColumn[],
  allowsFloats: boolean,
): Promise<readonly FoundColumn[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
  const types = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
  return wanted.map(({ name, kind }) => {
    const type = types.get(name);
    if (type === undefined) {
      const value = [...types.keys()].join(", ");
      throw new Fault("FAULT_INPUT", { path, value, expected: `a column ${name}` });
    }
    const sql = expressionOf(name, type, kind, allowsFloats);
    if (sql !== undefined) return { name, kind, type, sql };
    throw new Fault("FAULT_INPUT", {
      path: `${path} column ${name}`,
      value: type,
      expected: EXPECTED[kind],
    });
  });
}

/** The expression that reads a column as a type its reader knows; undefined where the type cannot hold it. */
function expressionOf(name: string, type: string, kind: ColumnKind, allowsFloats: boolean): string | undefined {
  const column = identifier(name);
  const isDecimal = type.startsWith("DECIMAL(");
  const isFloat = FLOATS.includes(type);
  const isInteger = INTEGERS.includes(type);
  switch (kind) {
    case "time":
      if (type === "BIGINT") return column;
      return TIMES.includes(type) ? `epoch_ns(${type === "DATE" ? `${column}::TIMESTAMP` : column})` : undefined;
    case "price":
    case "quantity":
      if (isDecimal) return column;
      if (isFloat) return allowsFloats ? `${column}::DOUBLE` : undefined;
      return isInteger ? `${column}::BIGINT` : undefined;
    case "code":
      return isInteger ? `${column}::INTEGER` : undefined;
    case "factor":
      return isFloat || isDecimal || isInteger ? `${column}::DOUBLE` : undefined;
    default:
      return type === "VARCHAR" || type.startsWith("ENUM(") ? `${column}::VARCHAR` : undefined;
  }
}
