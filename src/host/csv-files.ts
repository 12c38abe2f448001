import { existsSync } from "node:fs";
import { basename } from "node:path";
import { checkBoolean, checkFunction, checkText } from "../base/index.ts";
import {
  type CsvBarOptions,
  CsvBarReader,
  type CsvTickOptions,
  CsvTickReader,
  type TapeCodec,
} from "../feed/index.ts";
import type { DepthBlock, TapeMeta } from "../model/index.ts";
import { type FileProgress, readChunks } from "./capture-chunks.ts";
import { attempt, ioFault } from "./file-bytes.ts";
import { TapeFile, writeTape } from "./tape-file.ts";

/** Which CSV file to import, and where to. */
export interface CsvFileOptions {
  /** A CSV file, gzipped or plain. */
  readonly path: string;
  /** The tape file to write. */
  readonly out: string;
  readonly codec?: TapeCodec;
  readonly overwrite?: boolean;
  readonly onProgress?: (progress: FileProgress) => void;
}

/**
 * Imports a CSV file of bars into a tape file.
 *
 * @throws `FAULT_IO` where a file cannot be read or written, is a gzip file cut short, or `out` exists and
 * `overwrite` was not given; else as `CsvBarReader`.
 */
export async function importCsvBars(
  file: CsvFileOptions,
  options: Omit<CsvBarOptions, "name">,
): Promise<TapeMeta> {
  const out = checkOut(file);
  const reader = new CsvBarReader({ ...options, name: basename(file.path) });
  await readWhole(file, (chunk) => reader.push(chunk));
  return writeTape(out, reader.end(), { codec: file.codec ?? "none", overwrite: file.overwrite ?? false });
}

/**
 * Imports a CSV file of trades, quotes or level updates into a tape file, block by block.
 *
 * @throws `FAULT_IO` where a file cannot be read or written, is a gzip file cut short, or `out` exists and
 * `overwrite` was not given; else as `CsvTickReader`.
 */
export async function importCsvTicks(
  file: CsvFileOptions,
  options: Omit<CsvTickOptions, "name">,
): Promise<TapeMeta> {
  const out = checkOut(file);
  const sink: { tape?: TapeFile } = {};
  const reader: CsvTickReader = new CsvTickReader({ ...options, name: basename(file.path) }, (block) =>
    write(block),
  );
  const write = (block: DepthBlock): void => {
    sink.tape ??= new TapeFile(
      out,
      { ...reader.head, schema: "depth" },
      { codec: file.codec ?? "none", overwrite: file.overwrite ?? false },
    );
    sink.tape.write(block);
  };
  try {
    await readWhole(file, (chunk) => reader.push(chunk));
    const counts = reader.end();
    const tape = sink.tape as TapeFile;
    for (const [name, count] of Object.entries(counts)) tape.count(name, count);
    return tape.finish();
  } catch (error) {
    sink.tape?.abort();
    throw error;
  }
}

function checkOut(file: CsvFileOptions): string {
  const out = checkText("csv.out", file.out);
  checkText("csv.path", file.path);
  const overwrite = checkBoolean("csv.overwrite", file.overwrite ?? false);
  if (overwrite || !attempt(out, () => existsSync(out))) return out;
  throw ioFault(out, "a file that is there already", "a new path, or overwrite: true");
}

async function readWhole(file: CsvFileOptions, onChunk: (chunk: Uint8Array) => void): Promise<void> {
  const { onProgress } = file;
  if (onProgress !== undefined) checkFunction("csv.onProgress", onProgress);
  const why = await readChunks(file.path, (chunk, progress) => {
    onChunk(chunk);
    onProgress?.(progress);
  });
  if (why !== undefined) throw ioFault(file.path, why, "a whole file");
}
