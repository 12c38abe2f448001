import { Digest } from "../base/index.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from "../journal/index.ts";
import { type DiskFile, writeAll, writeZeros } from "./journal-disk.ts";
import { type JournalFolder, NEXT_NAME, segmentName } from "./journal-folder.ts";

const PIECE_BYTES = 16_384;
const NOTHING = new Uint8Array(0);

/** A file that will become the next segment: made while there is time. */
export interface SpareSegment {
  readonly file: DiskFile;
  /** Bytes of zeros that were written; 0 where the file grows with its records. */
  readonly zeros: number;
}

/** Makes the file of the next segment, with so many zeros on the disk. */
export function makeSpare(folder: JournalFolder, zeros: number): SpareSegment {
  if (folder.disk.list(folder.path)?.includes(NEXT_NAME)) folder.disk.remove(folder.file(NEXT_NAME));
  const file = folder.disk.open(folder.file(NEXT_NAME), "create");
  try {
    writeZeros(file, 0, zeros);
    if (zeros > 0) file.sync();
  } catch (error) {
    file.close();
    throw error;
  }
  return { file, zeros };
}

/**
 * The segment that is written to.
 *
 * @invariant It has its name only once its header is on the disk; its hash covers what `write` took.
 */
export class OpenSegment {
  readonly name: string;
  readonly baseSeq: number;
  readonly #file: DiskFile;
  readonly #hash = new Digest();
  /** Records that were written and are not hashed yet. */
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #waiting = 0;
  readonly #bytes: number;
  readonly #isCut: boolean;
  #at = SEGMENT_HEADER_BYTES;

  constructor(folder: JournalFolder, spare: SpareSegment, header: SegmentHeader, bytes: number) {
    this.name = segmentName(header.baseSeq);
    this.baseSeq = header.baseSeq;
    this.#file = spare.file;
    this.#bytes = bytes;
    this.#isCut = spare.zeros > 0;
    const head = encodeSegmentHeader(header);
    writeAll(this.#file, head, 0);
    this.#file.sync();
    folder.disk.rename(folder.file(NEXT_NAME), folder.file(this.name));
    folder.disk.syncFolder(folder.path);
    this.#hash.update(head);
  }

  /** Bytes up to the last record. */
  get length(): number {
    return this.#at;
  }

  /** Whether so many bytes of records still belong into this segment. */
  hasRoom(bytes: number): boolean {
    return this.#at + bytes <= this.#bytes;
  }

  /** Writes whole records behind the last one. May be called again with the same bytes where it failed. */
  write(records: Uint8Array): void {
    writeAll(this.#file, records, this.#at);
    this.#at += records.length;
    this.#take(records);
  }

  sync(): void {
    this.#file.sync();
  }

  /** Cuts off the zeros, waits for the disk, closes the file; returns the hash for the next segment's header. */
  seal(): string {
    if (this.#isCut) this.#file.truncate(this.#at);
    this.#file.sync();
    this.#file.close();
    this.#take(NOTHING, true);
    return this.#hash.hex();
  }

  /** Hashes records in pieces of some KiB: a call for each batch would cost more than its bytes. */
  #take(records: Uint8Array, isLast = false): void {
    const isFull = this.#waiting + records.length > this.#piece.length;
    if (this.#waiting > 0 && (isFull || isLast)) {
      this.#hash.update(this.#piece.subarray(0, this.#waiting));
      this.#waiting = 0;
    }
    if (records.length > this.#piece.length) {
      this.#hash.update(records);
      return;
    }
    this.#piece.set(records, this.#waiting);
    this.#waiting += records.length;
  }

  /** Closes the file as it is. */
  abandon(): void {
    this.#file.close();
  }
}
