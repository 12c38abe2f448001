import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkText, Fault } from "../base/index.ts";
import type { QualityReport } from "../feed/index.ts";
import { type CaptureSegmentsRead, openBarTape, openDepthTape, readCaptureSegments } from "../host/index.ts";
import { writeParquet } from "../store/index.ts";
import { RecordedDay, type RecordedDayFiles, type RecordedDayTerms } from "./recorded-day.ts";

/** A day of a symbol in a recorder's folder. */
export interface RecordedDayPlace {
  readonly folder: string;
  readonly date: string;
  readonly symbol: string;
  /** Of all its files. @units bytes */
  readonly bytes: number;
}

/**
 * The days that were recorded in a folder, oldest first.
 *
 * @throws `FAULT_IO` where there is no such folder
 */
export function recordedDays(folder: string): RecordedDayPlace[] {
  if (!existsSync(checkText("folder", folder))) {
    throw new Fault("FAULT_IO", {
      path: folder,
      value: "no folder",
      expected: "a folder that was recorded to",
    });
  }
  const places: RecordedDayPlace[] = [];
  for (const dated of readdirSync(folder).sort()) {
    const date = /^date=(\d{4}-\d\d-\d\d)$/.exec(dated)?.[1];
    if (date === undefined) continue;
    for (const named of readdirSync(join(folder, dated)).sort()) {
      const symbol = /^symbol=(.+)$/.exec(named)?.[1];
      if (symbol === undefined) continue;
      const place = join(folder, dated, named);
      const bytes = readdirSync(place).reduce((sum, name) => sum + statSync(join(place, name)).size, 0);
      places.push({ folder: place, date, symbol, bytes });
    }
  }
  return places;
}

/**
 * The raw lines of a recorded day in order, as `importCapture` and `CaptureImport` take them; a torn end is left out.
 *
 * @throws `FAULT_IO`; `FAULT_TAPE_CORRUPT` where a segment is damaged
 */
export function readRecordedDay(folder: string, onLines: (lines: Uint8Array) => void): CaptureSegmentsRead {
  return readCaptureSegments(checkText("folder", folder), onLines);
}

/**
 * Reads a recorded day again and makes its tapes and its report anew: after a crash, or with other terms.
 *
 * @throws `FAULT_INPUT` where the folder is no recorded day; `FAULT_IO`, `FAULT_TAPE_CORRUPT`
 */
export function makeRecordedDay(folder: string, terms: RecordedDayTerms = {}): RecordedDayFiles {
  return RecordedDay.open(checkText("folder", folder), terms).finish();
}

/**
 * Reads a recorded day and says what is in it and what is missing; writes nothing.
 *
 * @throws as {@link makeRecordedDay}
 */
export function reportRecordedDay(folder: string, terms: RecordedDayTerms = {}): QualityReport {
  const day = RecordedDay.open(checkText("folder", folder), { ...terms, isReadOnly: true });
  return day.report();
}

/**
 * Writes the tapes of a recorded day as Parquet files beside them: `depth.parquet`, `bars-1m.parquet` and so on.
 *
 * @throws `FAULT_PEER_MISSING` without `@duckdb/node-api`; as `writeParquet`
 */
export async function writeDayParquet(folder: string, tapes: readonly string[]): Promise<void> {
  for (const name of tapes) {
    const tape = name === "depth.tape" ? openDepthTape(join(folder, name)) : openBarTape(join(folder, name));
    try {
      await writeParquet(tape, join(folder, name.replace(/[.]tape$/, ".parquet")), { overwrite: true });
    } finally {
      tape.close();
    }
  }
}

/** Removes the oldest days while all take more than `bytesMax`, but for one date; returns what was removed. */
export function pruneDays(folder: string, bytesMax: number, kept: string): RecordedDayPlace[] {
  const days = recordedDays(folder);
  let bytes = days.reduce((sum, day) => sum + day.bytes, 0);
  const removed: RecordedDayPlace[] = [];
  for (const day of days) {
    if (bytes <= bytesMax) break;
    if (day.date >= kept) continue;
    rmSync(day.folder, { recursive: true });
    bytes -= day.bytes;
    removed.push(day);
  }
  return removed;
}
