import { AUDIT_FRAME, AUDIT_FRAME_BYTES_MAX } from "../audit/index.ts";
import { onAuditDisk } from "./audit-names.ts";
import type { Disk, DiskFile } from "./journal-disk.ts";

const HEAD_BYTES = 8;
const CHUNK_BYTES = 1024 * 1024;
const TAGS: ReadonlySet<number> = new Set(Object.values(AUDIT_FRAME));

/** A whole frame of a segment's file, or a piece of what is none. */
export interface AuditFrame {
  /** Where it begins in the file. @units bytes */
  readonly at: number;
  /** One of `AUDIT_FRAME`; 0 for bytes that are no whole frame. */
  readonly tag: number;
  /** Head and body; a view that is good until the next frame. */
  readonly bytes: Uint8Array;
}

/**
 * Reads a segment's file frame by frame. What is no whole frame comes in pieces with the tag 0, to the end
 * of the file.
 *
 * @throws `FAULT_IO` where the file cannot be read.
 * @cost One buffer of 1 MiB, or of the largest frame.
 */
export function* readAuditFrames(disk: Disk, path: string): Generator<AuditFrame, void> {
  const file = onAuditDisk(path, () => disk.open(path, "read"));
  try {
    yield* new FrameSource(file, path).frames();
  } finally {
    file.close();
  }
}

class FrameSource {
  readonly #file: DiskFile;
  readonly #path: string;
  #buffer = new Uint8Array(CHUNK_BYTES);
  /** What of the buffer is not given out yet, and where in the file that is. */
  #from = 0;
  #to = 0;
  #at = 0;

  constructor(file: DiskFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  *frames(): Generator<AuditFrame, void> {
    while (this.#has(HEAD_BYTES)) {
      const view = new DataView(this.#buffer.buffer, this.#from, HEAD_BYTES);
      const tag = view.getUint32(0, true);
      const length = HEAD_BYTES + view.getUint32(4, true);
      if (!TAGS.has(tag) || length > HEAD_BYTES + AUDIT_FRAME_BYTES_MAX || !this.#has(length)) break;
      yield this.#give(tag, length);
    }
    while (this.#has(1)) yield this.#give(0, this.#to - this.#from);
  }

  #give(tag: number, length: number): AuditFrame {
    const frame = { at: this.#at, tag, bytes: this.#buffer.subarray(this.#from, this.#from + length) };
    this.#from += length;
    this.#at += length;
    return frame;
  }

  /** Reads on until so many bytes are at hand; `false` where the file ends before. */
  #has(length: number): boolean {
    if (this.#to - this.#from >= length) return true;
    const rest = this.#buffer.subarray(this.#from, this.#to);
    const buffer = length > this.#buffer.length ? new Uint8Array(length) : this.#buffer;
    buffer.set(rest);
    this.#buffer = buffer;
    this.#from = 0;
    this.#to = rest.length;
    while (this.#to < length) {
      const into = buffer.subarray(this.#to);
      const count = onAuditDisk(this.#path, () => this.#file.read(into, this.#at + this.#to));
      if (count === 0) return false;
      this.#to += count;
    }
    return true;
  }
}

/** The note of a checkpoint's frame. */
export function noteOf(frame: AuditFrame): string {
  return Buffer.from(
    frame.bytes.buffer,
    frame.bytes.byteOffset + HEAD_BYTES,
    frame.bytes.length - HEAD_BYTES,
  ).toString();
}
