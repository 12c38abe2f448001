import { checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { NANOS_PER_HOUR } from "../model/index.ts";
import { decodeMember, encodeMember, memberLength } from "./capture-member.ts";
import { type Disk, type DiskFile, localDisk, onDisk, readWhole, writeAll } from "./journal-disk.ts";

const NAME = /^raw-(\d{6})[.]gz$/;
const MIB = 1024 * 1024;

/** Where a capture is recorded, and when a new file begins. */
export interface CaptureSegmentsOptions {
  readonly folder: string;
  /** 64 MiB unless given. @units bytes on disk */
  readonly segmentBytesMax?: number;
  /** An hour unless given. @units ns */
  readonly segmentNsMax?: number;
  /** Of the compression, 1 to 9; 1 unless given: a tenth of the bytes at a fifth of the time of 6. */
  readonly level?: number;
  /** This machine's unless given. */
  readonly disk?: Disk;
}

/** What a reading of segments found. */
export interface CaptureSegmentsRead {
  readonly segments: number;
  /** Segments that end within a member, as a crash leaves them, and the bytes that say nothing. */
  readonly tornSegments: number;
  readonly tornBytes: number;
}

/**
 * Files of a capture being recorded: `raw-000001.gz` and on, gzip members of whole lines, each member on the disk before
 * `write` returns.
 *
 * @invariant What is read back after a crash at any byte is a prefix of what was written, whole members only; a write
 * that failed leaves nothing that is read, and may be done again.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_IO` where the disk refuses
 * @cost 10 ns a byte for level 1; one sync a write.
 */
export class CaptureSegments {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #nsMax: number;
  readonly #level: number;
  #file: DiskFile | undefined;
  #next: number;
  /** The end of what was written whole, and when the segment began. */
  #at = 0;
  #beganNs = 0;
  /** Bytes on disk of all segments that this object wrote. */
  bytes = 0;

  constructor(options: CaptureSegmentsOptions) {
    checkKeys("segments", options, ["folder", "segmentBytesMax", "segmentNsMax", "level", "disk"]);
    this.#folder = checkText("segments.folder", options.folder);
    this.#bytesMax = checkInteger("segments.segmentBytesMax", options.segmentBytesMax ?? 64 * MIB, 1_024);
    this.#nsMax = checkInteger("segments.segmentNsMax", options.segmentNsMax ?? NANOS_PER_HOUR, 1);
    this.#level = checkInteger("segments.level", options.level ?? 1, 1, 9);
    this.#disk = options.disk ?? localDisk;
    onDisk(this.#folder, () => this.#disk.makeFolder(this.#folder));
    this.#next = (segmentNames(this.#disk, this.#folder).map(numberOf).at(-1) ?? 0) + 1;
  }

  /** Writes whole lines and waits for the disk. @units `nowNs`: ns from any fixed moment */
  write(lines: Uint8Array, nowNs: number): void {
    const member = encodeMember(lines, this.#level);
    const isFull =
      this.#at > 0 && (this.#at + member.length > this.#bytesMax || nowNs - this.#beganNs >= this.#nsMax);
    if (isFull) this.close();
    onDisk(this.#folder, () => {
      const file = this.#file ?? this.#create(nowNs);
      writeAll(file, member, this.#at);
      file.sync();
    });
    this.#at += member.length;
    this.bytes += member.length;
  }

  /** Ends the segment being written: the next write begins another. */
  close(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    onDisk(this.#folder, () => {
      try {
        if (file.size() > this.#at) file.truncate(this.#at);
      } finally {
        file.close();
      }
    });
    this.#at = 0;
  }

  #create(nowNs: number): DiskFile {
    const name = `raw-${String(this.#next).padStart(6, "0")}.gz`;
    const file = this.#disk.open(`${this.#folder}/${name}`, "create");
    this.#next += 1;
    this.#file = file;
    this.#at = 0;
    this.#beganNs = nowNs;
    this.#disk.syncFolder(this.#folder);
    return file;
  }
}

/**
 * Reads the segments of a folder in order, member by member: whole lines. A segment whose end is torn is read up to
 * there; nothing is changed.
 *
 * @throws `FAULT_TAPE_CORRUPT` naming file and byte where a member is damaged and others follow it; `FAULT_IO`
 */
export function readCaptureSegments(
  folder: string,
  onLines: (lines: Uint8Array) => void,
  disk: Disk = localDisk,
): CaptureSegmentsRead {
  let tornSegments = 0;
  let tornBytes = 0;
  const names = onDisk(folder, () => segmentNames(disk, folder));
  for (const name of names) {
    const path = `${folder}/${name}`;
    const torn = readSegment(
      path,
      onDisk(path, () => readWhole(disk, path)),
      onLines,
    );
    if (torn === 0) continue;
    tornSegments += 1;
    tornBytes += torn;
  }
  return { segments: names.length, tornSegments, tornBytes };
}

/** Hands over the lines of a segment; returns how many bytes at its end are no whole member. */
function readSegment(path: string, bytes: Uint8Array, onLines: (lines: Uint8Array) => void): number {
  let at = 0;
  while (at < bytes.length) {
    const length = memberLength(bytes, at);
    const lines = length === 0 ? undefined : decodeMember(bytes.subarray(at, at + length));
    if (lines === undefined) {
      if (length > 0 && memberLength(bytes, at + length) > 0) throw damaged(path, at);
      return bytes.length - at;
    }
    onLines(lines);
    at += length;
  }
  return 0;
}

function segmentNames(disk: Disk, folder: string): string[] {
  return (disk.list(folder) ?? []).filter((name) => NAME.test(name)).sort();
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}

function damaged(path: string, at: number): Fault {
  return new Fault("FAULT_TAPE_CORRUPT", {
    path: `${path} byte ${at}`,
    value: "lines that are not those that were written",
    expected: "a segment that nobody changed",
  });
}
