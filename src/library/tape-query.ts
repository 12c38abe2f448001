import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { checkArray, Fault } from "../base/index.ts";
import { openTape } from "../host/index.ts";
import type { DepthBlock } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { type QueryResult, queryParquet, writeParquet } from "../store/index.ts";

/**
 * Asks tapes and Parquet files a question in SQL, over the views `bars`, `depth` and `trades` of `queryParquet`.
 *
 * @throws `FAULT_CONFIG` on a file that ends in neither `.tape` nor `.parquet`; as `openTape`, `writeParquet` and
 * `queryParquet`
 * @cost A tape is written as Parquet into a folder of its own in the system's temporary one first, 0.25 us a row; the
 * folder is removed in the end.
 */
export async function queryTapes(sql: string, paths: readonly string[]): Promise<QueryResult> {
  checkArray("paths", paths);
  for (const path of paths) {
    if ([".tape", ".parquet"].includes(extname(path))) continue;
    const expected = "a path that ends in .tape or .parquet";
    throw new Fault("FAULT_CONFIG", { path: "path", value: path, expected });
  }
  const folder = mkdtempSync(join(tmpdir(), "tickwright-sql-"));
  try {
    const files: string[] = [];
    for (const [i, path] of paths.entries()) {
      files.push(extname(path) === ".parquet" ? path : await asParquet(path, join(folder, `${i}.parquet`)));
    }
    return await queryParquet(sql, files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function asParquet(path: string, out: string): Promise<string> {
  const tape = openTape(path);
  try {
    await writeParquet(tape as TapeSource<DepthBlock>, out, { compression: "snappy" });
  } finally {
    tape.close();
  }
  return out;
}
