import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { checkText, Fault } from "../base/index.ts";
import { openTape } from "../host/index.ts";
import type { TapeEntry } from "./tape-entry.ts";
import { entryOf } from "./tape-entry.ts";

/** What a folder holds. */
export interface TapeSurvey {
  /** Without the files' hashes: only their footers are read. */
  readonly tapes: readonly Omit<TapeEntry, "fileSha256">[];
  /** Tapes that cannot be opened. */
  readonly faults: readonly Fault[];
}

/**
 * The tapes in a folder and all folders below it, whoever put them there: a recorder, a library, a user.
 *
 * @throws `FAULT_IO` where there is no such folder
 * @cost The footer of each tape is read, not its rows.
 */
export function surveyTapes(folder: string): TapeSurvey {
  const tapes: Omit<TapeEntry, "fileSha256">[] = [];
  const faults: Fault[] = [];
  for (const path of filesBelow(folder).filter((name) => name.endsWith(".tape"))) {
    try {
      const { fileSha256: _, ...tape } = readEntry(folder, path, "");
      tapes.push(tape);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(error);
    }
  }
  return { tapes, faults };
}

/** The entry that a tape's own footer makes. */
export function readEntry(folder: string, path: string, fileSha256: string): TapeEntry {
  const file = join(folder, path);
  const tape = openTape(file);
  try {
    return entryOf(tape.meta, path, statSync(file).size, fileSha256);
  } finally {
    tape.close();
  }
}

/** All files below a folder, sorted, as paths from it with slashes. @throws `FAULT_IO` */
export function filesBelow(folder: string): string[] {
  if (!existsSync(checkText("folder", folder)) || !statSync(folder).isDirectory()) {
    throw new Fault("FAULT_IO", { path: folder, value: "no folder", expected: "a folder with tapes" });
  }
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** The SHA-256 of a file, read by megabytes. @throws `FAULT_IO` */
export function fileSha256(path: string): string {
  const digest = createHash("sha256");
  const room = Buffer.alloc(1 << 20);
  try {
    const file = openSync(path, "r");
    try {
      for (let n = readSync(file, room); n > 0; n = readSync(file, room)) digest.update(room.subarray(0, n));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be read", cause });
  }
  return digest.digest("hex");
}
