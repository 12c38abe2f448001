import { existsSync, mkdirSync, readFileSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkBoolean, checkChoice, checkKeys, checkText, Fault, type FaultCode } from "../base/index.ts";
import type { TapeCodec, TapeReader } from "../feed/index.ts";
import { openTape, writeTape } from "../host/index.ts";
import { type BarBlock, type DepthBlock, formatNanos } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import {
  byPlace,
  isMeant,
  manifestText,
  readManifest,
  type TapeEntry,
  type TapeFilter,
} from "./tape-entry.ts";
import { writeText } from "./tape-files.ts";
import { fileSha256, filesBelow, readEntry } from "./tape-survey.ts";

const MANIFEST = "manifest.json";
const FILTER_KEYS = ["symbol", "venue", "schema", "fromNs", "toNs"] as const;

/** What a {@link TapeLibrary} is made from. */
export interface TapeLibraryOptions {
  readonly folder: string;
  /** Makes folder and manifest where there are none; false unless given. */
  readonly create?: boolean;
}

/** How a tape is added. */
export interface TapeAddOptions {
  /** `none` unless given. */
  readonly codec?: TapeCodec;
}

/** Something a library does not hold as its manifest says. JSON-safe. */
export interface TapeFinding {
  /** `stray`: a file that the manifest does not name, such as one whose adding was cut short. */
  readonly kind: "missing" | "altered" | "stray";
  readonly path: string;
  readonly code: FaultCode;
  readonly message: string;
}

/**
 * A folder of tapes with a manifest: `date=2024-08-08/symbol=ABC/depth-1a2b3c4d5e6f.tape`, by the UTC date of the first
 * row, named by schema and content.
 *
 * One process at a time may add: there is no lock.
 *
 * @invariant A tape is in the manifest only once it is whole and on the disk: a crash leaves at most a file that the
 * manifest does not name, which `verify` shows and the same `add` takes over.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_IO` where there is no manifest and `create` was not given;
 * `FAULT_TAPE_CORRUPT` naming the manifest's entry
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { BarTapeBuilder } from "tickwright/feed";
 * import { TapeLibrary } from "tickwright/library";
 * const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" };
 * const builder = new BarTapeBuilder({ instrument, baseNs: 0n, source: "by hand", simulated: true });
 * builder.push({ openNs: 0, closeNs: 60_000_000_000, open: 999, high: 1_003, low: 998, close: 1_001, volume: 40 });
 * const library = new TapeLibrary({ folder: join(mkdtempSync(join(tmpdir(), "library-")), "tapes"), create: true });
 * library.add(builder.build());
 * const [tape] = library.open({ symbol: "ABC" });
 * tape?.meta.rows; // => 1
 * tape?.close();
 * library.verify(); // => []
 * ```
 */
export class TapeLibrary {
  readonly folder: string;

  constructor(options: TapeLibraryOptions) {
    checkKeys("library", options, ["folder", "create"]);
    this.folder = checkText("library.folder", options.folder);
    if (checkBoolean("library.create", options.create ?? false) && !TapeLibrary.isAt(this.folder)) {
      this.#made(this.folder);
      this.#write([]);
    }
    this.#entries();
  }

  /** Whether a folder is a library. */
  static isAt(folder: string): boolean {
    return existsSync(join(folder, MANIFEST));
  }

  /**
   * Writes a tape into the library.
   *
   * @throws `FAULT_INPUT` where a tape of equal content, instrument and begin is there; as `writeTape`
   */
  add(tape: TapeSource<DepthBlock> | TapeSource<BarBlock>, options: TapeAddOptions = {}): TapeEntry {
    checkKeys("add", options, ["codec"]);
    const codec = checkChoice("add.codec", options.codec ?? "none", ["none", "zstd"]);
    const path = placeOf(tape);
    const entries = this.#entries();
    if (entries.some((entry) => entry.path === path)) {
      const expected = "a tape that is not in the library";
      throw new Fault("FAULT_INPUT", { path: "tape", value: path, expected });
    }
    const file = join(this.folder, path);
    this.#made(dirname(file));
    writeTape(file, tape, { codec, overwrite: true });
    const entry = readEntry(this.folder, path, fileSha256(file));
    this.#write([...entries, entry]);
    return entry;
  }

  /**
   * Takes a tape out of the library: first out of the manifest, then its file.
   *
   * @throws `FAULT_INPUT` where the manifest does not name it; `FAULT_IO`
   */
  remove(path: string): void {
    const entries = this.#entries();
    const rest = entries.filter((entry) => entry.path !== path);
    if (rest.length === entries.length) {
      throw new Fault("FAULT_INPUT", { path: "path", value: path, expected: "the path of an entry" });
    }
    this.#write(rest);
    const file = join(this.folder, path);
    if (existsSync(file)) attempt(file, () => unlinkSync(file));
  }

  /** The entries that a filter means, by symbol, venue, schema and time. */
  list(filter: TapeFilter = {}): TapeEntry[] {
    checkFilter(filter);
    return this.#entries()
      .filter((entry) => isMeant(entry, filter))
      .sort(byPlace);
  }

  /**
   * Opens the tapes of one instrument and schema that reach into a time, in order; each must be closed.
   *
   * @throws `FAULT_INPUT` where there is none, or of more than one instrument or schema; as `openTape`;
   * `FAULT_TAPE_CORRUPT` where a tape is another than the manifest says
   */
  open(filter: TapeFilter): TapeReader<DepthBlock | BarBlock>[] {
    const entries = this.list(filter);
    const kinds = [...new Set(entries.map(({ symbol, venue, schema }) => `${symbol}@${venue} ${schema}`))];
    if (kinds.length !== 1) {
      const expected = "tapes of one instrument and schema";
      throw new Fault("FAULT_INPUT", { path: "filter", value: kinds, expected });
    }
    const tapes: TapeReader<DepthBlock | BarBlock>[] = [];
    try {
      for (const entry of entries) {
        const file = join(this.folder, entry.path);
        const tape = openTape(file);
        tapes.push(tape);
        const found = tape.meta.contentSha256;
        if (found === entry.contentSha256) continue;
        throw new Fault("FAULT_TAPE_CORRUPT", { path: file, value: found, expected: entry.contentSha256 });
      }
    } catch (error) {
      for (const tape of tapes) tape.close();
      throw error;
    }
    return tapes;
  }

  /**
   * Compares the folder with the manifest: every file's bytes by SHA-256, every footer, files nobody names.
   *
   * @throws `FAULT_IO` where the folder cannot be read
   * @cost Reads every byte.
   */
  verify(): TapeFinding[] {
    const entries = this.#entries();
    const findings: TapeFinding[] = [];
    for (const entry of [...entries].sort(byPlace)) {
      const fault = this.#faultOf(entry);
      if (fault === undefined) continue;
      const kind = fault.code === "FAULT_IO" ? "missing" : "altered";
      findings.push({ kind, path: entry.path, code: fault.code, message: fault.message });
    }
    const named = new Set([MANIFEST, ...entries.map(({ path }) => path)]);
    for (const path of filesBelow(this.folder).filter((each) => !named.has(each))) {
      const { code, message } = new Fault("FAULT_INPUT", {
        path: join(this.folder, path),
        value: "a file",
        expected: "none that the manifest does not name",
      });
      findings.push({ kind: "stray", path, code, message });
    }
    return findings;
  }

  #faultOf(entry: TapeEntry): Fault | undefined {
    const file = join(this.folder, entry.path);
    try {
      const found = fileSha256(file);
      if (found !== entry.fileSha256) {
        return new Fault("FAULT_TAPE_CORRUPT", { path: file, value: found, expected: entry.fileSha256 });
      }
      // The bytes are those that were written; the manifest's other fields must be what they say.
      const own = readEntry(this.folder, entry.path, found);
      const key = (Object.keys(own) as (keyof TapeEntry)[]).find((each) => own[each] !== entry[each]);
      if (key === undefined) return undefined;
      const path = `${join(this.folder, MANIFEST)} ${entry.path} ${key}`;
      return new Fault("FAULT_TAPE_CORRUPT", { path, value: entry[key], expected: `${own[key]}` });
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  #entries(): TapeEntry[] {
    const path = join(this.folder, MANIFEST);
    const text = attempt(path, () => readFileSync(path, "utf8"));
    return readManifest(text, path);
  }

  #write(entries: readonly TapeEntry[]): void {
    writeText(join(this.folder, MANIFEST), [manifestText(entries)], true);
  }

  #made(folder: string): void {
    attempt(folder, () => mkdirSync(folder, { recursive: true }));
  }
}

function placeOf({ meta }: TapeSource<DepthBlock> | TapeSource<BarBlock>): string {
  const date = formatNanos(BigInt(meta.fromNs)).slice(0, 10);
  const symbol = encodeURIComponent(meta.instrument.symbol);
  return `date=${date}/symbol=${symbol}/${meta.schema}-${meta.contentSha256.slice(0, 12)}.tape`;
}

function checkFilter(filter: TapeFilter): void {
  checkKeys("filter", filter, FILTER_KEYS);
  for (const name of ["symbol", "venue"] as const) {
    if (filter[name] !== undefined) checkText(`filter.${name}`, filter[name]);
  }
  if (filter.schema !== undefined) checkChoice("filter.schema", filter.schema, ["depth", "bars"]);
  for (const name of ["fromNs", "toNs"] as const) {
    const value = filter[name];
    if (value === undefined || typeof value === "bigint") continue;
    throw new Fault("FAULT_CONFIG", { path: `filter.${name}`, value, expected: "epoch ns as a bigint" });
  }
}

function attempt<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a library's folder, with a manifest", cause });
  }
}
