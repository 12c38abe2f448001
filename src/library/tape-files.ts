import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { extname } from "node:path";
import { checkArray, checkBoolean, checkKeys, checkText, Fault } from "../base/index.ts";
import {
  type MergeOptions,
  mergeTapes,
  sliceTape,
  type TapeCsvOptions,
  type TapeWindow,
  tapeCsv,
} from "../feed/index.ts";
import { openTape, type TapeFileOptions, writeDraft } from "../host/index.ts";
import type { BarBlock, DepthBlock, TapeMeta } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { type ParquetWriteOptions, writeParquet } from "../store/index.ts";

/**
 * Merges tape files into a new one, block by block; see `mergeTapes` of `feed`.
 *
 * @throws as `openTape`, `mergeTapes` and `writeDraft`; nothing is left behind then
 * @cost One block of each tape in memory, and a file handle each.
 */
export function mergeTapeFiles(
  paths: readonly string[],
  out: string,
  options: MergeOptions & TapeFileOptions = {},
): TapeMeta {
  checkArray("paths", paths);
  const { codec, overwrite, ...merge } = options;
  const tapes: TapeSource[] = [];
  try {
    for (const path of paths) tapes.push(openTape(path));
    const draft = mergeTapes(tapes as TapeSource<DepthBlock>[], merge);
    return writeDraft(out, draft, fileOptions(codec, overwrite));
  } finally {
    for (const tape of tapes) tape.close();
  }
}

/**
 * Writes the part of a tape file between two moments to a new one; see `sliceTape` of `feed`.
 *
 * @throws as `openTape`, `sliceTape` and `writeDraft`; nothing is left behind then
 */
export function sliceTapeFile(
  path: string,
  out: string,
  window: TapeWindow,
  options: TapeFileOptions = {},
): TapeMeta {
  const tape = openTape(path);
  try {
    return writeDraft(out, sliceTape(tape as TapeSource<DepthBlock>, window), options);
  } finally {
    tape.close();
  }
}

/** How a tape is written for other programs. */
export interface TapeExportOptions extends TapeCsvOptions, ParquetWriteOptions {}

/**
 * Writes a tape as a `.csv` or a `.parquet` file: by the path's ending. See `tapeCsv` of `feed`, `writeParquet` of
 * `store`.
 *
 * @throws `FAULT_CONFIG` on another ending, or an option that does nothing for this one; `FAULT_IO` where the path
 * exists and `overwrite` was not given, or the system refuses; as `writeParquet`
 */
export async function exportTape(
  source: TapeSource<DepthBlock> | TapeSource<BarBlock>,
  path: string,
  options: TapeExportOptions = {},
): Promise<void> {
  const ending = extname(checkText("path", path));
  if (ending === ".parquet") {
    await writeParquet(source, path, options);
    return;
  }
  if (ending !== ".csv") {
    throw new Fault("FAULT_CONFIG", {
      path: "path",
      value: path,
      expected: "a path that ends in .csv or .parquet",
    });
  }
  checkKeys("export", options, ["times", "overwrite"]);
  const { overwrite, ...csv } = options;
  writeText(path, tapeCsv(source, csv), checkBoolean("export.overwrite", overwrite ?? false));
}

/** Writes text to a file beside it, which takes the name when it is whole and on the disk. */
export function writeText(path: string, pieces: Iterable<string>, overwrite: boolean): void {
  if (!overwrite && existsSync(path)) {
    const expected = "a new path, or overwrite: true";
    throw new Fault("FAULT_IO", { path, value: "a file that is there already", expected });
  }
  const partial = `${path}.partial`;
  let file = -1;
  let isOurs = false;
  try {
    file = openSync(partial, "w");
    isOurs = true;
    for (const piece of pieces) {
      const bytes = Buffer.from(piece);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    }
    fsyncSync(file);
    closeSync(file);
    file = -1;
    if (overwrite) renameSync(partial, path);
    else {
      // A hard link fails where the name was taken meanwhile; a rename would replace it.
      linkSync(partial, path);
      unlinkSync(partial);
    }
  } catch (cause) {
    if (file >= 0) closeSync(file);
    if (isOurs) rmSync(partial, { force: true });
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be written", cause });
  }
}

function fileOptions(
  codec: TapeFileOptions["codec"],
  overwrite: TapeFileOptions["overwrite"],
): TapeFileOptions {
  return {
    ...(codec === undefined ? {} : { codec }),
    ...(overwrite === undefined ? {} : { overwrite }),
  };
}
