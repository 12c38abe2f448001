import type { DuckDBConnection } from "@duckdb/node-api";
import { Fault } from "../base/index.ts";

/** The module as it is, loaded when it is first needed. */
export type DuckDb = typeof import("@duckdb/node-api");

/**
 * Small and alone: two threads, half a GiB, nothing spilled to disk, no extension fetched from anywhere.
 */
const LIMITS = {
  threads: "2",
  memory_limit: "512MB",
  temp_directory: "",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
} as const;

/** An in-memory database of our own, for one file. */
export interface DuckDbSession {
  readonly duckdb: DuckDb;
  readonly connection: DuckDBConnection;
  readonly close: () => void;
}

/**
 * Loads DuckDB and opens a database in memory.
 *
 * @throws `FAULT_PEER_MISSING` saying what to install.
 */
export async function openDuckDb(): Promise<DuckDbSession> {
  const duckdb = await load();
  const instance = await duckdb.DuckDBInstance.create(":memory:", LIMITS);
  const connection = await instance.connect();
  return {
    duckdb,
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function load(): Promise<DuckDb> {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "the optional peer @duckdb/node-api: npm install @duckdb/node-api";
    throw new Fault("FAULT_PEER_MISSING", { path: "@duckdb/node-api", value, expected, cause });
  }
}

/**
 * Whether Parquet can be read and written here: asked before long work whose result is to be a Parquet file.
 *
 * @throws `FAULT_PEER_MISSING` without `@duckdb/node-api`, saying what to install
 */
export async function checkParquetPeer(): Promise<void> {
  await load();
}

/** Runs work of the database on a file; what it throws becomes a fault that names the file. */
export async function onFile<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? (cause.message.split("\n")[0] as string) : String(cause);
    throw new Fault("FAULT_INPUT", { path, value, expected: "a Parquet file that DuckDB can read", cause });
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
