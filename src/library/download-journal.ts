import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { canonicalJson, crc32c, Fault } from "../base/index.ts";
import { lockFile, unlockFile } from "../host/index.ts";
import type { HistoryMarket } from "../venue/index.ts";
import { momentText } from "./download-grid.ts";
import type { DownloadRow, PageFinding, PagerState } from "./download-pager.ts";

/** What is downloaded: another download than this one is refused. JSON-safe. @units epoch ms */
export interface DownloadRequest {
  readonly venue: string;
  readonly symbol: string;
  /** `1m` and other lengths of bars, or `trades`. */
  readonly what: string;
  readonly fromMs: number;
  /** Null where it was left to the first start. */
  readonly toMs: number | null;
  readonly simulated: boolean;
}

/** The first line of a journal: what is downloaded, and what the venue said of it at the first start. */
export interface DownloadHeader {
  readonly format: 1;
  readonly request: DownloadRequest;
  /** Where the download ends: as asked, or where the venue's clock stood. @units epoch ms */
  readonly endMs: number;
  readonly market: HistoryMarket;
  /** Steps that took the place of the market's own; empty where none did. */
  readonly tickSize: string;
  readonly lotSize: string;
}

/** One answer of the venue: the rows that were kept of it, and where the download stands with them. */
export interface DownloadPage {
  readonly page: number;
  readonly rows: readonly DownloadRow[];
  readonly found: readonly PageFinding[];
  readonly state: PagerState;
}

/** How much a file is read at once. @units bytes */
const CHUNK = 1 << 20;
const FORMAT = 1;

/**
 * What a download has so far, a line of text for each answer: a checksum (CRC-32C, 8 hex digits), a space, JSON. The
 * first line is a {@link DownloadHeader}, each further one a {@link DownloadPage}; a last one, `{"written":true}`,
 * says that the file that is asked for is being written from here on.
 *
 * @invariant A line is on the disk before the next question: a kill tears at most the last one, which is then asked
 * again.
 * @throws `FAULT_IO` where another process holds it; `FAULT_JOURNAL_CORRUPT` naming the line that is not what was
 * written; `FAULT_CONFIG` naming what another download differs in
 */
export class DownloadJournal {
  readonly path: string;
  header: DownloadHeader | undefined = undefined;
  /** The last page; undefined before the first. */
  last: DownloadPage | undefined = undefined;
  /** Pages and rows that are there. */
  pages = 0;
  rows = 0;
  /** Whether the file that is asked for was being written. */
  isWriting = false;
  #file: number;

  constructor(path: string, request: DownloadRequest) {
    this.path = path;
    attempt(path, () => lockFile(`${path}.lock`));
    this.#file = -1;
    try {
      if (existsSync(path)) this.#recover(request);
      this.#file = attempt(path, () => openSync(path, "a"));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Writes the first line. */
  begin(header: DownloadHeader): void {
    this.#put(header);
    this.header = header;
  }

  /** Writes an answer, and waits for the disk. */
  append(page: Omit<DownloadPage, "page">): void {
    const whole = { page: this.pages + 1, ...page };
    this.#put(whole);
    this.#count(whole);
  }

  /** Writes that the file that is asked for is ours to replace from here on. */
  writing(): void {
    if (this.isWriting) return;
    this.#put({ written: true });
    this.isWriting = true;
  }

  /** The answers in order, read from the disk one by one. */
  *read(): Generator<DownloadPage> {
    for (const { value, number } of linesOf(this.path)) {
      if (value === undefined) throw this.#corrupt(number, "other bytes");
      if (isPage(value)) yield value;
    }
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
    unlockFile(`${this.path}.lock`);
  }

  /** Takes the journal away: what it was for is there. */
  remove(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
    attempt(this.path, () => rmSync(this.path, { force: true }));
    unlockFile(`${this.path}.lock`);
  }

  #recover(request: DownloadRequest): void {
    let whole = 0;
    let torn = 0;
    for (const { value, number, end, text } of linesOf(this.path)) {
      if (torn > 0) throw this.#corrupt(torn, "other bytes");
      if (value === undefined) {
        if (number === 1 && !isBegun(text)) throw this.#corrupt(1, "another file");
        torn = number;
        continue;
      }
      if (number === 1) this.#checkHeader(value, request);
      else if (isPage(value) && value.page === this.pages + 1) this.#count(value);
      else if (isRecord(value) && value["written"] === true) this.isWriting = true;
      else throw this.#corrupt(number, value);
      whole = end;
    }
    attempt(this.path, () => {
      const file = openSync(this.path, "r+");
      try {
        if (fstatSync(file).size > whole) ftruncateSync(file, whole);
      } finally {
        closeSync(file);
      }
    });
  }

  #checkHeader(value: unknown, request: DownloadRequest): void {
    const header = value as DownloadHeader;
    const told = (key: string, given: unknown): unknown =>
      key.endsWith("Ms") && typeof given === "number" ? momentText(given) : given;
    if (!isRecord(value) || header.format !== FORMAT || !isRecord(header.request))
      throw this.#corrupt(1, value);
    for (const key of Object.keys(request) as (keyof DownloadRequest)[]) {
      if (header.request[key] === request[key]) continue;
      throw new Fault("FAULT_CONFIG", {
        path: `download.${key}`,
        value: told(key, request[key]),
        expected:
          `${printed(told(key, header.request[key]))}, as in the download that ${this.path} holds; ` +
          "remove that file to begin anew",
      });
    }
    this.header = header;
  }

  #count(page: DownloadPage): void {
    this.pages = page.page;
    this.rows += page.rows.length;
    this.last = page;
  }

  #put(value: unknown): void {
    const json = canonicalJson(value);
    const bytes = Buffer.from(`${crcText(json)} ${json}\n`);
    attempt(this.path, () => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
      fdatasyncSync(this.#file);
    });
  }

  #corrupt(line: number, value: unknown): Fault {
    return new Fault("FAULT_JOURNAL_CORRUPT", {
      path: `${this.path} line ${line}`,
      value,
      expected: "the line that a download wrote there",
    });
  }
}

interface Line {
  /** What the line says; undefined where its end or its checksum is not there. */
  readonly value: unknown;
  readonly text: string;
  readonly number: number;
  /** Where the next line begins. @units bytes */
  readonly end: number;
}

function* linesOf(path: string): Generator<Line> {
  const file = attempt(path, () => openSync(path, "r"));
  try {
    const room = Buffer.alloc(CHUNK);
    let rest: Buffer = Buffer.alloc(0);
    let [at, number] = [0, 0];
    for (;;) {
      const got = attempt(path, () => readSync(file, room, 0, CHUNK, null));
      if (got === 0) break;
      const bytes = Buffer.concat([rest, room.subarray(0, got)]);
      let from = 0;
      for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
        number += 1;
        at += end + 1 - from;
        const text = bytes.toString("utf8", from, end);
        yield { value: parsedLine(text), text, number, end: at };
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
    if (rest.length > 0) {
      yield { value: undefined, text: rest.toString(), number: number + 1, end: at + rest.length };
    }
  } finally {
    closeSync(file);
  }
}

/** Whether a line may be the begin of a first one: another file in its place is not ours to cut off. */
function isBegun(text: string): boolean {
  return /^[0-9a-f]{0,8}$|^[0-9a-f]{8} (\{.*)?$/.test(text);
}

function parsedLine(line: string): unknown {
  const json = line.slice(9);
  if (line[8] !== " " || line.slice(0, 8) !== crcText(json)) return undefined;
  return JSON.parse(json) as unknown;
}

function crcText(json: string): string {
  return crc32c(Buffer.from(json)).toString(16).padStart(8, "0");
}

function isPage(value: unknown): value is DownloadPage {
  return isRecord(value) && typeof value["page"] === "number" && Array.isArray(value["rows"]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function printed(value: unknown): string {
  return value === null ? "none" : String(value as string | number | boolean);
}

function attempt<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", {
      path,
      value,
      expected: "a journal of a download that can be written",
      cause,
    });
  }
}
