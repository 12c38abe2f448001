import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { checkBoolean, checkKeys, checkText } from "../base/index.ts";
import {
  TAPE_MAGIC,
  type TapeCodec,
  type TapeDraft,
  type TapeHead,
  TapeReader,
  TapeWriter,
} from "../feed/index.ts";
import { BarBlock, DepthBlock, type TapeMeta, type TapeSchema } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { attempt, FileBytes, ioFault } from "./file-bytes.ts";

/**
 * Opens a tape file; its blocks are read by position, one at a time.
 *
 * @throws `FAULT_IO` where the file cannot be read; `FAULT_TAPE_CORRUPT` naming file, block and byte where it
 * is truncated, no tape, or damaged.
 */
export function openTape(path: string): TapeReader<DepthBlock | BarBlock> {
  const bytes = new FileBytes(checkText("path", path));
  try {
    return new TapeReader<DepthBlock | BarBlock>(bytes);
  } catch (error) {
    bytes.close();
    throw error;
  }
}

/** Whether a file begins as a tape does. @throws `FAULT_IO` where it cannot be read */
export function isTape(path: string): boolean {
  const bytes = new FileBytes(checkText("path", path));
  try {
    if (bytes.length < TAPE_MAGIC.length) return false;
    const begin = new Uint8Array(TAPE_MAGIC.length);
    bytes.read(0, begin);
    return String.fromCharCode(...begin) === TAPE_MAGIC;
  } finally {
    bytes.close();
  }
}

/** Opens a tape file that must hold depth rows. @throws as {@link openTape}, `FAULT_IO` on a bar tape */
export function openDepthTape(path: string): TapeReader<DepthBlock> {
  return openAs(path, "depth");
}

/** Opens a tape file that must hold bars. @throws as {@link openTape}, `FAULT_IO` on a depth tape */
export function openBarTape(path: string): TapeReader<BarBlock> {
  return openAs(path, "bars");
}

function openAs<Block extends DepthBlock | BarBlock>(path: string, schema: TapeSchema): TapeReader<Block> {
  const tape = openTape(path);
  if (tape.meta.schema === schema) return tape as TapeReader<Block>;
  tape.close();
  throw ioFault(path, `a tape of ${tape.meta.schema}`, `a tape of ${schema}`);
}

/** How a tape file is written. */
export interface TapeFileOptions {
  /** `none` unless given. */
  readonly codec?: TapeCodec;
  /** False unless given: a file that is there stays, and the write is a fault. */
  readonly overwrite?: boolean;
}

/**
 * A tape file being written: bytes go to a temporary file beside it, which takes the name at `finish`.
 *
 * @invariant At no time does a half-written tape carry the name; `abort` leaves nothing behind.
 * @throws `FAULT_IO` where the path exists and `overwrite` was not given, or the system refuses.
 */
export class TapeFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #overwrite: boolean;
  readonly #writer: TapeWriter;
  #file: number;

  constructor(path: string, head: TapeHead & { readonly schema: TapeSchema }, options: TapeFileOptions = {}) {
    checkKeys("options", options, ["codec", "overwrite"]);
    this.#path = checkText("path", path);
    this.#overwrite = checkBoolean("options.overwrite", options.overwrite ?? false);
    if (!this.#overwrite && existsSync(path)) throw occupied(path);
    this.#temporary = `${path}.partial`;
    this.#file = attempt(this.#temporary, () => openSync(this.#temporary, "w"));
    try {
      this.#writer = new TapeWriter({
        ...head,
        codec: options.codec ?? "none",
        sink: (bytes) => this.#put(bytes),
      });
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  write(block: DepthBlock | BarBlock): void {
    this.#writer.write(block);
  }

  /** Adds to a named count of the meta. */
  count(name: string, by = 1): void {
    this.#writer.count(name, by);
  }

  /** Writes the footer, waits for the disk and gives the file its name. */
  finish(): TapeMeta {
    const meta = this.#writer.finish();
    attempt(this.#temporary, () => fsyncSync(this.#file));
    this.#close();
    attempt(this.#path, () => this.#rename());
    return meta;
  }

  /** Gives up: removes the temporary file. */
  abort(): void {
    if (this.#file < 0) return;
    this.#close();
    attempt(this.#temporary, () => unlinkSync(this.#temporary));
  }

  #rename(): void {
    if (this.#overwrite) {
      renameSync(this.#temporary, this.#path);
      return;
    }
    // A hard link fails where the name was taken meanwhile; a rename would replace it.
    linkSync(this.#temporary, this.#path);
    unlinkSync(this.#temporary);
  }

  #put(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      done += attempt(this.#temporary, () => writeSync(this.#file, bytes, done));
    }
  }

  #close(): void {
    closeSync(this.#file);
    this.#file = -1;
  }
}

/**
 * Writes a whole tape to a file.
 *
 * @throws `FAULT_IO` where the path exists and `overwrite` was not given, or the system refuses.
 */
export function writeTape(
  path: string,
  source: TapeSource<DepthBlock> | TapeSource<BarBlock>,
  options: TapeFileOptions = {},
): TapeMeta {
  const { meta } = source;
  const { schema, instrument, simulated } = meta;
  const head = { schema, instrument, simulated, source: meta.source, baseNs: BigInt(meta.baseNs) };
  const file = new TapeFile(path, head, options);
  try {
    const room = schema === "depth" ? new DepthBlock() : new BarBlock();
    for (let i = 0; i < source.blockCount; i++) {
      (source as TapeSource).read(i, room);
      file.write(room);
    }
    for (const [name, count] of Object.entries(meta.counts)) file.count(name, count);
    return file.finish();
  } catch (error) {
    file.abort();
    throw error;
  }
}

/**
 * Writes the tape of a draft to a file, such as a slice or a merged tape.
 *
 * @throws as {@link writeTape}; what the draft throws while its rows are made
 */
export function writeDraft(path: string, draft: TapeDraft, options: TapeFileOptions = {}): TapeMeta {
  const file = new TapeFile(path, draft.head, options);
  try {
    draft.writeTo(file);
    return file.finish();
  } catch (error) {
    file.abort();
    throw error;
  }
}

function occupied(path: string): ReturnType<typeof ioFault> {
  return ioFault(path, "a file that is there already", "a new path, or overwrite: true");
}
