import { existsSync } from "node:fs";
import { basename } from "node:path";
import { checkBoolean, checkFunction, checkKeys, checkText } from "../base/index.ts";
import {
  type CaptureBarRule,
  CaptureBars,
  CaptureCheck,
  CaptureImport,
  type CaptureOptions,
  type CaptureReport,
  type MemoryTape,
  type TapeCodec,
} from "../feed/index.ts";
import type { BarBlock, TapeMeta } from "../model/index.ts";
import { type FileProgress, readChunks } from "./capture-chunks.ts";
import { attempt, ioFault } from "./file-bytes.ts";
import { TapeFile } from "./tape-file.ts";

/** Where an import is: a capture is read twice, first checked, then written. */
export interface CaptureProgress extends FileProgress {
  readonly phase: "check" | "write";
}

/** Which capture file to check. */
export interface CaptureFileOptions extends Omit<CaptureOptions, "name"> {
  /** A raw capture, gzipped or plain. */
  readonly path: string;
  readonly onProgress?: (progress: CaptureProgress) => void;
}

/** Which capture file to import, and where to. */
export interface CaptureImportOptions extends CaptureFileOptions {
  /** The tape file to write. */
  readonly out: string;
  readonly codec?: TapeCodec;
  readonly overwrite?: boolean;
}

/** Which capture file to make bars of, and how. */
export interface CaptureBarsFileOptions extends CaptureFileOptions {
  readonly bars: CaptureBarRule;
}

const FILE_KEYS = [
  "path",
  "onProgress",
  "market",
  "symbol",
  "instrument",
  "policies",
  "clockShiftNs",
  "latencyFloorNs",
];

/**
 * Checks a Binance capture: update ids, book against quotes, clocks.
 *
 * @throws `FAULT_IO` where the file cannot be read; `FAULT_INPUT` naming file and line, by policy;
 * `FAULT_CONFIG` on an unknown option.
 */
export async function checkBinanceCapture(options: CaptureFileOptions): Promise<CaptureReport> {
  checkKeys("capture", options, FILE_KEYS);
  return await check(options);
}

/**
 * Imports a Binance capture into a tape file: checks it first, then reads it again and writes its rows.
 *
 * @throws `FAULT_IO` where a file cannot be read or written, or `out` exists and `overwrite` was not given;
 * `FAULT_INPUT` naming file and line, by policy; `FAULT_CONFIG` on an unknown option.
 */
export async function importBinanceCapture(
  options: CaptureImportOptions,
): Promise<{ readonly meta: TapeMeta; readonly report: CaptureReport }> {
  checkKeys("capture", options, [...FILE_KEYS, "out", "codec", "overwrite"]);
  const out = checkText("capture.out", options.out);
  const overwrite = checkBoolean("capture.overwrite", options.overwrite ?? false);
  if (!overwrite && attempt(out, () => existsSync(out))) {
    throw ioFault(out, "a file that is there already", "a new path, or overwrite: true");
  }
  const report = await check(options);
  return { meta: await write(options, report, out, overwrite), report };
}

/**
 * Makes bars of a Binance capture's trades: checks it first, then reads it again.
 *
 * @throws `FAULT_IO` where the file cannot be read; `FAULT_INPUT` naming file and line, by policy, and on a late trade
 * where the rule says `fail`; `FAULT_CONFIG` on an unknown option
 */
export async function buildBinanceBars(options: CaptureBarsFileOptions): Promise<MemoryTape<BarBlock>> {
  checkKeys("capture", options, [...FILE_KEYS, "bars"]);
  const report = await check(options);
  const reading = new CaptureBars(captureOptions(options), report, options.bars);
  const why = await read(options, "write", (chunk) => reading.push(chunk));
  if (why !== undefined) reading.truncated(why);
  return reading.end();
}

async function check(options: CaptureFileOptions): Promise<CaptureReport> {
  const reading = new CaptureCheck(captureOptions(options));
  const why = await read(options, "check", (chunk) => reading.push(chunk));
  if (why !== undefined) reading.truncated(why);
  return reading.end();
}

async function write(
  options: CaptureImportOptions,
  report: CaptureReport,
  out: string,
  overwrite: boolean,
): Promise<TapeMeta> {
  const reading: CaptureImport = new CaptureImport(captureOptions(options), report, (block) =>
    file.write(block),
  );
  const codec = options.codec ?? "none";
  const file = new TapeFile(out, { ...reading.head, schema: "depth" }, { codec, overwrite });
  try {
    const why = await read(options, "write", (chunk) => reading.push(chunk));
    if (why !== undefined) reading.truncated(why);
    for (const [name, count] of Object.entries(reading.end())) file.count(name, count);
    return file.finish();
  } catch (error) {
    file.abort();
    throw error;
  }
}

async function read(
  options: CaptureFileOptions,
  phase: CaptureProgress["phase"],
  onChunk: (chunk: Uint8Array) => void,
): Promise<string | undefined> {
  const { onProgress } = options;
  if (onProgress !== undefined) checkFunction("capture.onProgress", onProgress);
  return await readChunks(checkText("capture.path", options.path), (chunk, progress) => {
    onChunk(chunk);
    onProgress?.({ phase, ...progress });
  });
}

function captureOptions(options: CaptureFileOptions): CaptureOptions {
  const { market, symbol, instrument, policies, clockShiftNs, latencyFloorNs } = options;
  return {
    market,
    name: basename(options.path),
    ...(symbol === undefined ? {} : { symbol }),
    ...(instrument === undefined ? {} : { instrument }),
    ...(policies === undefined ? {} : { policies }),
    ...(clockShiftNs === undefined ? {} : { clockShiftNs }),
    ...(latencyFloorNs === undefined ? {} : { latencyFloorNs }),
  };
}
