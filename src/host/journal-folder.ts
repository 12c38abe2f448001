import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { Fault } from "../base/index.ts";
import { type Disk, readWhole, writeWhole } from "./journal-disk.ts";

/** How sealed segments are stored. */
export type SegmentCodec = "none" | "gzip" | "zstd";

/** A segment's file. */
export interface SegmentEntry {
  readonly name: string;
  /** The sequence number of its first record. */
  readonly baseSeq: number;
  readonly codec: SegmentCodec;
}

/** The lock of the one that writes. */
export const LOCK_NAME = "journal.lock";
/** Space kept back for a full disk. */
export const RESERVE_NAME = "reserve.twj";
/** The next segment while it is made. */
export const NEXT_NAME = "next.twj.partial";
/** A packed segment while it is written. */
export const PACK_NAME = "pack.partial";
/** A snapshot while it is written. */
export const SNAPSHOT_PARTIAL_NAME = "snapshot.partial";
/** What the disk is measured with. */
export const MEASURE_NAME = "measure.partial";

const PARTIALS = [NEXT_NAME, PACK_NAME, SNAPSHOT_PARTIAL_NAME, MEASURE_NAME, "reserve.partial"];
const SUFFIX: Readonly<Record<SegmentCodec, string>> = { none: "", gzip: ".gz", zstd: ".zst" };
const SEGMENT_NAME = /^segment-(\d{16})\.twj(|\.gz|\.zst)$/;
const SNAPSHOT_NAME = /^snapshot-(\d{16})\.tws$/;
/** No segment is longer, packed or not. */
const SEGMENT_BYTES_MAX = 1024 * 1024 * 1024;

/** A segment's file name. */
export function segmentName(baseSeq: number, codec: SegmentCodec = "none"): string {
  return `segment-${String(baseSeq).padStart(16, "0")}.twj${SUFFIX[codec]}`;
}

/** A snapshot's file name. */
export function snapshotName(seq: number): string {
  return `snapshot-${String(seq).padStart(16, "0")}.tws`;
}

/** A journal's folder: which files lie in it, by kind and in order. */
export class JournalFolder {
  readonly path: string;
  readonly disk: Disk;

  constructor(path: string, disk: Disk) {
    this.path = path;
    this.disk = disk;
  }

  /** The path of a file of the folder. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** The segments by their first record; of one that is there twice, packed and not, the one that is not. */
  segments(): SegmentEntry[] {
    const found = new Map<number, SegmentEntry>();
    for (const entry of this.#segmentFiles()) {
      if (entry.codec === "none" || !found.has(entry.baseSeq)) found.set(entry.baseSeq, entry);
    }
    return [...found.values()].sort((a, b) => a.baseSeq - b.baseSeq);
  }

  /** The sequence numbers of the snapshots, newest first. */
  snapshots(): number[] {
    return this.#names()
      .flatMap((name) => SNAPSHOT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  /** Whether a journal or its snapshots lie here. @throws `FAULT_JOURNAL_FORMAT` where only other files do */
  isJournal(): boolean {
    const names = this.#names();
    if (names.some((name) => SEGMENT_NAME.test(name) || SNAPSHOT_NAME.test(name))) return true;
    const foreign = names.find((name) => !isOwn(name));
    if (foreign === undefined) return false;
    const expected = "a folder with a journal, or an empty one";
    throw new Fault("FAULT_JOURNAL_FORMAT", {
      path: this.file(foreign),
      value: "a file of others",
      expected,
    });
  }

  /** Removes what an interrupted run left half-written, and the packed twins of segments. */
  tidy(): void {
    const names = this.#names().filter((name) => PARTIALS.includes(name));
    const kept = new Set(this.segments().map(({ name }) => name));
    const twins = this.#segmentFiles().filter(({ name }) => !kept.has(name));
    for (const name of [...names, ...twins.map((twin) => twin.name)]) this.disk.remove(this.file(name));
    if (names.length + twins.length > 0) this.disk.syncFolder(this.path);
  }

  /** A segment's bytes, unpacked. @throws `FAULT_JOURNAL_CORRUPT` where they cannot be */
  read(entry: SegmentEntry): Uint8Array {
    const bytes = readWhole(this.disk, this.file(entry.name));
    return entry.codec === "none" ? bytes : unpack(bytes, entry.codec, this.file(entry.name));
  }

  /**
   * Packs a sealed segment: the packed file is whole, checked and on the disk before the other one goes.
   *
   * @returns the bytes saved
   */
  pack(entry: SegmentEntry, codec: "gzip" | "zstd"): number {
    const bytes = readWhole(this.disk, this.file(entry.name));
    const packed =
      codec === "gzip"
        ? gzipSync(bytes, { level: 6 })
        : zstdCompressSync(bytes, {
            params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
          });
    const name = segmentName(entry.baseSeq, codec);
    writeWhole(this.disk, this.path, PACK_NAME, name, packed);
    const again = this.read({ name, baseSeq: entry.baseSeq, codec });
    if (Buffer.compare(again, bytes) !== 0) {
      const expected = "the bytes that were packed";
      throw new Fault("FAULT_JOURNAL_CORRUPT", { path: this.file(name), value: "other bytes", expected });
    }
    this.removeDurably(entry.name);
    return bytes.length - packed.length;
  }

  /** Removes a file and waits until its name is gone: a later one must not go before it. */
  removeDurably(name: string): void {
    this.disk.remove(this.file(name));
    this.disk.syncFolder(this.path);
  }

  /** The bytes of a file. */
  sizeOf(name: string): number {
    const file = this.disk.open(this.file(name), "read");
    try {
      return file.size();
    } finally {
      file.close();
    }
  }

  #segmentFiles(): SegmentEntry[] {
    return this.#names().flatMap((name) => {
      const match = SEGMENT_NAME.exec(name);
      if (match === null) return [];
      const codec = match[2] === ".gz" ? "gzip" : match[2] === ".zst" ? "zstd" : "none";
      return [{ name, baseSeq: Number(match[1]), codec } as const];
    });
  }

  #names(): string[] {
    return this.disk.list(this.path) ?? [];
  }
}

function isOwn(name: string): boolean {
  return PARTIALS.includes(name) || name === RESERVE_NAME || name.startsWith(LOCK_NAME);
}

function unpack(bytes: Uint8Array, codec: "gzip" | "zstd", path: string): Uint8Array {
  try {
    const options = { maxOutputLength: SEGMENT_BYTES_MAX };
    const raw = codec === "gzip" ? gunzipSync(bytes, options) : zstdDecompressSync(bytes, options);
    return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_JOURNAL_CORRUPT", { path, value, expected: `a whole ${codec} stream`, cause });
  }
}
