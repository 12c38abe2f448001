import type { DuckDBConnection } from "@duckdb/node-api";
import { Fault } from "../base/index.ts";
import type { TapeMeta } from "../model/index.ts";
import { literal } from "./duckdb.ts";

/** The key of the file's metadata that holds what the tape says about itself. */
const KEY = "tickwright.tape";

/** How a file's prices and quantities are written. */
export type ParquetNumbers = "steps" | "decimals";

/** What our own files say about themselves. */
export interface ParquetMeta {
  readonly format: 1;
  readonly numbers: ParquetNumbers;
  readonly tape: TapeMeta;
}

/** The `KV_METADATA` clause for a tape. */
export function metaClause(numbers: ParquetNumbers, tape: TapeMeta): string {
  const meta: ParquetMeta = { format: 1, numbers, tape };
  return `KV_METADATA {${literal(KEY)}: ${literal(JSON.stringify(meta))}}`;
}

/** Reads what one of our own files says about itself; undefined for files by others. */
export async function readMeta(connection: DuckDBConnection, path: string): Promise<ParquetMeta | undefined> {
  const reader = await connection.runAndReadAll(
    `SELECT decode(value) FROM parquet_kv_metadata(${literal(path)}) WHERE decode(key) = ${literal(KEY)}`,
  );
  const text = reader.getRows()[0]?.[0];
  if (typeof text !== "string") return undefined;
  const meta = parse(text);
  if (meta?.format === 1 && typeof meta.tape?.schema === "string" && typeof meta.tape.baseNs === "string") {
    return meta as ParquetMeta;
  }
  throw new Fault("FAULT_INPUT", { path: `${path} metadata ${KEY}`, value: text, expected: "a tape's meta" });
}

function parse(text: string): Partial<ParquetMeta> | undefined {
  try {
    return JSON.parse(text) as Partial<ParquetMeta>;
  } catch {
    return undefined;
  }
}
