import { closeSync, openSync, readSync } from "node:fs";
import { checkArray, checkText, Fault, parseScaled } from "../base/index.ts";
import { BAR_ROW, KIND_MASK, LAST, ROW, SNAPSHOT, type TapeMeta } from "../model/index.ts";
import { type DuckDbSession, literal, onFile, openDuckDb } from "./duckdb.ts";
import { type ParquetMeta, readMeta } from "./parquet-meta.ts";

/** What a query found. Numbers that a double does not hold exactly are texts: decimals, 64-bit integers, times. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What a cell of the views is made from, by the view's column. */
type Fields = readonly (readonly [name: string, sql: string])[];

const SELECT = 1;
const EXPLAIN = 4;

/**
 * Asks Parquet files that `writeParquet` wrote a question in SQL, over three views.
 *
 * - `bars`: `date symbol venue open_time close_time open_ns close_ns open high low close volume factor`
 * - `depth`: `date symbol venue local_time exch_time local_ns exch_ns kind snapshot last price quantity`
 * - `trades`: `date symbol venue local_time exch_time local_ns exch_ns side price quantity`
 *
 * Times are TIMESTAMP_NS, prices and quantities decimals, whatever the files hold. `date` is that of the local time,
 * of bars that of the open. A split or a dividend is no bar, and is left out.
 *
 * @invariant Nothing is written, loaded or fetched: one SELECT (or EXPLAIN) is taken, no file but those given can be
 * read, and the database's settings are locked.
 * @throws `FAULT_PEER_MISSING` without `@duckdb/node-api`; `FAULT_CONFIG` on a text that is none; `FAULT_INPUT` naming
 * `sql`: another statement, several, or what the database says; naming the file that is none of ours
 * @cost DuckDB's own; two threads, 512 MB, nothing spilled to disk; the result in memory.
 */
export async function queryParquet(sql: string, paths: readonly string[]): Promise<QueryResult> {
  checkText("sql", sql);
  checkArray("paths", paths, 0);
  const session = await openDuckDb();
  try {
    await makeViews(session, paths);
    return await ask(session, sql);
  } finally {
    session.close();
  }
}

async function makeViews({ connection }: DuckDbSession, paths: readonly string[]): Promise<void> {
  const parts: Record<"bars" | "depth" | "trades", string[]> = { bars: [], depth: [], trades: [] };
  for (const path of paths) {
    checkParquet(path);
    const meta = await onFile(path, () => readMeta(connection, path));
    if (meta === undefined) {
      throw new Fault("FAULT_INPUT", { path, value: "a file by others", expected: "a file of writeParquet" });
    }
    const from = `FROM read_parquet(${literal(path)})`;
    if (meta.tape.schema === "bars")
      parts.bars.push(selectOf(barFields(meta), from, `kind = ${BAR_ROW.bar}`));
    else {
      parts.depth.push(selectOf(depthFields(meta), from, "true"));
      const what = `(kind & ${KIND_MASK})`;
      const isTrade = `${what} IN (${ROW.buy}, ${ROW.sell}, ${ROW.trade})`;
      parts.trades.push(selectOf(tradeFields(meta), from, isTrade));
    }
  }
  const none = { numbers: "steps", tape: EMPTY } as ParquetMeta;
  const empty = "FROM (SELECT NULL::BIGINT AS open_ns) WHERE false";
  parts.bars.push(`SELECT ${typed(barFields(none), BAR_TYPES)} ${empty}`);
  parts.depth.push(`SELECT ${typed(depthFields(none), TICK_TYPES)} ${empty}`);
  parts.trades.push(`SELECT ${typed(tradeFields(none), TICK_TYPES)} ${empty}`);
  for (const [name, selects] of Object.entries(parts)) {
    await connection.run(`CREATE VIEW ${name} AS ${selects.join(" UNION ALL ")}`);
  }
  await connection.run(`SET allowed_paths = [${paths.map(literal).join(", ")}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

async function ask({ connection }: DuckDbSession, sql: string): Promise<QueryResult> {
  const refused = (value: unknown, expected: string, cause?: unknown): Fault =>
    new Fault("FAULT_INPUT", { path: "sql", value, expected, ...(cause === undefined ? {} : { cause }) });
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw refused(`${statements.count} statements`, "one");
    const prepared = await statements.prepare(0);
    const { statementType } = prepared;
    if (statementType !== SELECT && statementType !== EXPLAIN) {
      throw refused(sql.trim().split(/\s+/)[0], "a SELECT: nothing is written, attached, installed or set");
    }
    const reader = await prepared.runAndReadAll();
    return { columns: reader.columnNames(), rows: reader.getRowsJson() };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? (cause.message.split("\n")[0] as string) : String(cause);
    throw refused(value, "a SELECT over bars, depth and trades that DuckDB can run", cause);
  }
}

function selectOf(fields: Fields, from: string, where: string): string {
  return `SELECT ${fields.map(([name, sql]) => `${sql} AS ${name}`).join(", ")} ${from} WHERE ${where}`;
}

function keyFields({ tape }: ParquetMeta, dated: string): Fields {
  return [
    ["date", `CAST(make_timestamp_ns(${dated}) AS DATE)`],
    ["symbol", literal(tape.instrument.symbol)],
    ["venue", literal(tape.instrument.venue)],
  ];
}

function timeFields(names: readonly string[]): Fields {
  return [
    ...names.map((name) => [`${name}_time`, `make_timestamp_ns(${name}_ns)`] as const),
    ...names.map((name) => [`${name}_ns`, `${name}_ns`] as const),
  ];
}

function barFields(meta: ParquetMeta): Fields {
  const { tick, lot } = stepsOf(meta);
  return [
    ...keyFields(meta, "open_ns"),
    ...timeFields(["open", "close"]),
    ...["open", "high", "low", "close"].map((name) => [name, tick(name)] as const),
    ["volume", lot("volume")],
    ["factor", "factor"],
  ];
}

function depthFields(meta: ParquetMeta): Fields {
  const words = Object.entries(ROW).map(([word, kind]) => `WHEN ${kind} THEN ${literal(word)}`);
  return [
    ...keyFields(meta, "local_ns"),
    ...timeFields(["local", "exch"]),
    ["kind", `CASE kind & ${KIND_MASK} ${words.join(" ")} END`],
    ["snapshot", `kind & ${SNAPSHOT} <> 0`],
    ["last", `kind & ${LAST} <> 0`],
    ...amountFields(meta),
  ];
}

function tradeFields(meta: ParquetMeta): Fields {
  const side = `CASE kind & ${KIND_MASK} WHEN ${ROW.buy} THEN 'buy' WHEN ${ROW.sell} THEN 'sell' END`;
  return [
    ...keyFields(meta, "local_ns"),
    ...timeFields(["local", "exch"]),
    ["side", side],
    ...amountFields(meta),
  ];
}

function amountFields(meta: ParquetMeta): Fields {
  const { tick, lot } = stepsOf(meta);
  const isSteps = meta.numbers === "steps";
  return [
    ["price", tick(isSteps ? "tick" : "price")],
    ["quantity", lot(isSteps ? "lots" : "quantity")],
  ];
}

/** Whole steps become decimals; files of decimals hold them already. */
function stepsOf({ numbers, tape }: ParquetMeta): Record<"tick" | "lot", (column: string) => string> {
  const { tickSize, lotSize, bookLotSize } = tape.instrument;
  const times = (step: string) => (column: string) => {
    if (numbers === "decimals") return column;
    const { digits, scale } = parseScaled(step) ?? { digits: 1n, scale: 0 };
    const width = Math.max(`${digits}`.length, scale) + 1;
    return `(CAST(${column} AS DECIMAL(19, 0)) * CAST(${literal(step)} AS DECIMAL(${width}, ${scale})))`;
  };
  return { tick: times(tickSize), lot: times(bookLotSize ?? lotSize) };
}

const EMPTY = {
  instrument: { symbol: "", venue: "", tickSize: "1", lotSize: "1", quote: "USD" },
} as TapeMeta;
const TICK_TYPES: Readonly<Record<string, string>> = {
  ...{ date: "DATE", symbol: "VARCHAR", venue: "VARCHAR", kind: "VARCHAR", side: "VARCHAR" },
  ...{ snapshot: "BOOLEAN", last: "BOOLEAN", price: "DECIMAL(18, 0)", quantity: "DECIMAL(18, 0)" },
  ...{ local_time: "TIMESTAMP_NS", exch_time: "TIMESTAMP_NS", local_ns: "BIGINT", exch_ns: "BIGINT" },
};
const BAR_TYPES: Readonly<Record<string, string>> = {
  ...{ date: "DATE", symbol: "VARCHAR", venue: "VARCHAR", volume: "DECIMAL(18, 0)", factor: "DOUBLE" },
  ...{ open_time: "TIMESTAMP_NS", close_time: "TIMESTAMP_NS", open_ns: "BIGINT", close_ns: "BIGINT" },
  ...{ open: "DECIMAL(18, 0)", high: "DECIMAL(18, 0)", low: "DECIMAL(18, 0)", close: "DECIMAL(18, 0)" },
};

function typed(fields: Fields, types: Readonly<Record<string, string>>): string {
  return fields.map(([name]) => `NULL::${types[name]} AS ${name}`).join(", ");
}

/** DuckDB takes patterns and addresses too; and its word on a text file is about anything but that. */
function checkParquet(path: string): void {
  checkText("path", path);
  if (/[*?[\]{}]/.test(path)) {
    throw new Fault("FAULT_CONFIG", { path: "path", value: path, expected: "the path of one file" });
  }
  const magic = Buffer.alloc(4);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, magic, 0, 4, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be read", cause });
  }
  if (magic.toString("latin1") === "PAR1") return;
  throw new Fault("FAULT_INPUT", { path, value: magic.toString("latin1"), expected: "a Parquet file" });
}
