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

/**
 * A column that was found: its type, and the expressions that read it. A time is read as its ns from the base, or where
 * a double may not hold that, as two: high and low word.
 */
export interface FoundColumn extends WantedColumn {
  readonly type: string;
  readonly sql: readonly string[];
  /** Of a time: the expression of its epoch ns. */
  readonly epoch: string | undefined;
}

/** For which columns FLOAT and DOUBLE will do. */
export interface FloatsAllowed {
  readonly price: boolean;
  readonly quantity: boolean;
}

const INTEGERS = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"];
const FLOATS = ["FLOAT", "DOUBLE"];
const TIMES = [
  "TIMESTAMP",
  "TIMESTAMP_NS",
  "TIMESTAMP_MS",
  "TIMESTAMP_S",
  "TIMESTAMP WITH TIME ZONE",
  "DATE",
];

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
  floats: FloatsAllowed,
): Promise<readonly FoundColumn[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
  const types = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
  return wanted.map(({ name, kind }) => {
    const type = types.get(name);
    if (type === undefined) {
      const value = [...types.keys()].join(", ");
      throw new Fault("FAULT_INPUT", { path, value, expected: `a column ${name}` });
    }
    const sql = expressionOf(name, type, kind, floats);
    if (sql !== undefined)
      return { name, kind, type, sql, epoch: kind === "time" ? epochOf(name, type) : undefined };
    throw new Fault("FAULT_INPUT", {
      path: `${path} column ${name}`,
      value: type,
      expected: EXPECTED[kind],
    });
  });
}

/**
 * A time column whose moments all lie so near the base that doubles hold them is read as one number from the base: the
 * database subtracts. Others stay as they are.
 */
export function fromBase(
  column: FoundColumn,
  baseNs: bigint,
  span: readonly [bigint, bigint] | undefined,
): FoundColumn {
  const { epoch } = column;
  if (epoch === undefined || span === undefined) return column;
  const [first, last] = span;
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (first < 0n || first - baseNs < -limit || last - baseNs > limit) return column;
  return { ...column, sql: [`(${epoch} - ${baseNs})::DOUBLE`] };
}

/** The expression that reads a column as a type its reader knows; undefined where the type cannot hold it. */
function expressionOf(
  name: string,
  type: string,
  kind: ColumnKind,
  floats: FloatsAllowed,
): readonly string[] | undefined {
  const column = identifier(name);
  const isDecimal = type.startsWith("DECIMAL(");
  const isFloat = FLOATS.includes(type);
  const isInteger = INTEGERS.includes(type);
  switch (kind) {
    case "time":
      return type === "BIGINT" || TIMES.includes(type) ? words(epochOf(name, type)) : undefined;
    case "price":
    case "quantity":
      if (isDecimal) return [column];
      return isInteger || (isFloat && floats[kind]) ? [`${column}::DOUBLE`] : undefined;
    case "code":
      return isInteger ? [`${column}::DOUBLE`] : undefined;
    case "factor":
      return isFloat || isDecimal || isInteger ? [`${column}::DOUBLE`] : undefined;
    default:
      return type === "VARCHAR" || type.startsWith("ENUM(") ? [`${column}::VARCHAR`] : undefined;
  }
}

/** The expression of a time column's epoch ns. */
function epochOf(name: string, type: string): string {
  const column = identifier(name);
  if (type === "BIGINT") return column;
  return `epoch_ns(${type === "DATE" ? `${column}::TIMESTAMP` : column})`;
}

/** An int64 as two numbers: no bigint is made for a row. */
function words(sql: string): readonly string[] {
  return [`(${sql} >> 32)::DOUBLE`, `(${sql} & 4294967295)::DOUBLE`];
}
