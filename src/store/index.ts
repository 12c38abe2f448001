export { checkParquetPeer } from "./duckdb.ts";
export type { ParquetNumbers } from "./parquet-meta.ts";
export type {
  ParquetBarOptions,
  ParquetReadOptions,
  ParquetSnap,
  ParquetTickOptions,
} from "./parquet-options.ts";
export { type QueryResult, queryParquet } from "./parquet-query.ts";
export { readParquetBars, readParquetTicks } from "./parquet-read.ts";
export { type ParquetColumn, type ParquetTableOptions, writeParquetTable } from "./parquet-table.ts";
export type { ParquetTape } from "./parquet-tape.ts";
export { type ParquetWriteOptions, writeParquet } from "./parquet-write.ts";
export type {
  S3Api,
  S3Call,
  S3Head,
  S3Place,
  S3PutInput,
  S3Server,
  S3Version,
  S3Versions,
} from "./s3-api.ts";
export type { S3AuditOptions } from "./s3-audit-options.ts";
export { S3AuditStore, type S3Put, type S3Terms } from "./s3-audit-store.ts";
export type { S3Patience } from "./s3-caller.ts";
export type { S3Listed, S3Stored } from "./s3-stored.ts";
