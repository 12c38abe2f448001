export type { ParquetNumbers } from "./parquet-meta.ts";
export type {
  ParquetBarOptions,
  ParquetReadOptions,
  ParquetSnap,
  ParquetTickOptions,
} from "./parquet-options.ts";
export { readParquetBars, readParquetTicks } from "./parquet-read.ts";
export type { ParquetTape } from "./parquet-tape.ts";
export { type ParquetWriteOptions, writeParquet } from "./parquet-write.ts";
