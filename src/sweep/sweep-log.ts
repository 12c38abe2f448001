import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { crc32c, Fault } from "../base/index.ts";

const CRC_DIGITS = 8;
/** How often what was written is brought to the disk. */
const SYNC_MS = 1_000;

/**
 * The lines of a sweep in a file: what a sweep is, then each point's outcome as it came.
 *
 * @shape a line is the CRC-32C of its text in 8 hexadecimal digits, a blank, the text and a newline
 * @invariant What was written survives the process; what is older than a second survives the machine. Of a line that
 * was torn nothing is read, and the next one is written in its place.
 * @throws `FAULT_IO` naming the file; `FAULT_INPUT` naming the line that is damaged where whole ones stand behind it.
 */
export class SweepLog {
  /** Every line that was there, in order. */
  readonly lines: readonly string[];
  readonly #path: string;
  #file: number;
  #syncedMs = 0;

  constructor(path: string) {
    this.#path = path;
    const { lines, bytes } = existsSync(path) ? readLines(path) : { lines: [], bytes: 0 };
    this.lines = lines;
    this.#file = attempt(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      const file = openSync(path, existsSync(path) ? "r+" : "w");
      ftruncateSync(file, bytes);
      return file;
    });
    this.#at = bytes;
  }

  #at: number;

  /** Adds a line. */
  add(text: string): void {
    const bytes = Buffer.from(`${crcOf(text)} ${text}\n`);
    attempt(this.#path, () => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#at + done);
      }
      this.#at += bytes.length;
      const now = performance.now();
      if (now - this.#syncedMs < SYNC_MS) return;
      this.#syncedMs = now;
      fdatasyncSync(this.#file);
    });
  }

  close(): void {
    if (this.#file < 0) return;
    const file = this.#file;
    this.#file = -1;
    attempt(this.#path, () => {
      fdatasyncSync(file);
      closeSync(file);
    });
  }
}

function readLines(path: string): { readonly lines: string[]; readonly bytes: number } {
  const all = attempt(path, () => readFileSync(path));
  const lines: string[] = [];
  let at = 0;
  for (;;) {
    const end = all.indexOf(0x0a, at);
    if (end < 0) break;
    const line = all.toString("utf8", at, end);
    const text = line.slice(CRC_DIGITS + 1);
    if (line.slice(0, CRC_DIGITS) !== crcOf(text)) {
      if (all.indexOf(0x0a, end + 1) < 0) break;
      const expected = "a line that fits its checksum";
      throw new Fault("FAULT_INPUT", {
        path: `${path} line ${lines.length + 1}`,
        value: "other bytes",
        expected,
      });
    }
    lines.push(text);
    at = end + 1;
  }
  return { lines, bytes: at };
}

function crcOf(text: string): string {
  return (crc32c(Buffer.from(text)) >>> 0).toString(16).padStart(CRC_DIGITS, "0");
}

function attempt<Value>(path: string, action: () => Value): Value {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be written", cause });
  }
}
