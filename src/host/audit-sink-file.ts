import { AUDIT_FRAME, type AuditSink, parseCheckpoint, parseNote } from "../audit/index.ts";
import { Fault, isRefusal } from "../base/index.ts";
import { AUDIT_NEXT, auditSegmentName, onAuditDisk } from "./audit-names.ts";
import { type Disk, type DiskFile, writeAll } from "./journal-disk.ts";

/** When a sink waits for the disk: with every block, or before and behind every checkpoint. */
export type AuditSync = "append" | "checkpoint";

/** Where in a header's frame the number of its segment stands. */
const SEGMENT_AT = 12;
const HEAD_BYTES = 8;

/**
 * The file of one segment. `AuditFolder` makes it; an `AuditChain` writes to it.
 *
 * @invariant The file has its name only once its header is on the disk. Bytes are only ever added, and
 * none behind a write or sync that failed.
 * @invariant With `append` everything is on the disk when `append` returns. With `checkpoint` a checkpoint
 * is only there with all that it covers.
 */
export class AuditFileSink implements AuditSink {
  /** The number of the segment, which the chain's must be. */
  readonly segment: number;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #sync: AuditSync;
  readonly #path: string;
  #file: DiskFile | undefined;
  #at = 0;
  #state: "new" | "open" | "sealed" | "failed" | "closed" = "new";
  #newestNs = 0n;

  /** @internal */
  constructor(disk: Disk, folder: string, segment: number, sync: AuditSync) {
    this.segment = segment;
    this.#disk = disk;
    this.#folder = folder;
    this.#sync = sync;
    this.#path = `${folder}/${auditSegmentName(segment)}`;
  }

  /** Whether the segment is complete. */
  get isSealed(): boolean {
    return this.#state === "sealed";
  }

  /** Whether its file has its name. */
  get hasFile(): boolean {
    return this.#at > 0;
  }

  /** Bytes written. */
  get byteLength(): number {
    return this.#at;
  }

  /** The time of the last checkpoint that was written; 0 before the first. @units epoch ns */
  get newestNs(): bigint {
    return this.#newestNs;
  }

  append(bytes: Uint8Array): void {
    const tag = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    this.#do(() => {
      if (this.#state === "new") return this.#begin(bytes, tag);
      const file = this.#open();
      const isCheckpoint = tag === AUDIT_FRAME.checkpoint;
      if (isCheckpoint && this.#sync === "checkpoint") file.sync();
      writeAll(file, bytes, this.#at);
      this.#at += bytes.length;
      if (isCheckpoint || this.#sync === "append") file.sync();
      if (isCheckpoint) this.#remember(bytes);
    });
  }

  seal(): void {
    this.#do(() => {
      const file = this.#open();
      file.sync();
      file.close();
      this.#file = undefined;
      this.#disk.seal?.(this.#path);
      this.#disk.syncFolder(this.#folder);
      this.#state = "sealed";
    });
  }

  /** Waits until everything written is on the disk. */
  sync(): void {
    this.#do(() => this.#open().sync());
  }

  /** Closes the file as it is: the next opening takes it up as a segment that nobody ended. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
    if (this.#state !== "sealed") this.#state = "closed";
  }

  #begin(bytes: Uint8Array, tag: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = tag === AUDIT_FRAME.header ? view.getUint32(SEGMENT_AT, true) : "no header";
    if (found !== this.segment) {
      const expected = `the header of segment ${this.segment}: a chain with the folder's state`;
      throw new Fault("FAULT_INPUT", { path: this.#path, value: found, expected });
    }
    const disk = this.#disk;
    const partial = `${this.#folder}/${AUDIT_NEXT}`;
    const names = disk.list(this.#folder) ?? [];
    if (names.includes(auditSegmentName(this.segment))) {
      throw new Fault("FAULT_IO", {
        path: this.#path,
        value: "a file",
        expected: "no file: nothing is overwritten",
      });
    }
    if (names.includes(AUDIT_NEXT)) disk.remove(partial);
    const file = disk.open(partial, "create");
    this.#file = file;
    writeAll(file, bytes, 0);
    file.sync();
    disk.rename(partial, this.#path);
    disk.syncFolder(this.#folder);
    this.#at = bytes.length;
    this.#state = "open";
  }

  #remember(bytes: Uint8Array): void {
    const note = parseNote(bytes.subarray(HEAD_BYTES));
    const checkpoint = note.ok ? parseCheckpoint(note.text) : note;
    if (!isRefusal(checkpoint) && "tsNs" in checkpoint) this.#newestNs = checkpoint.tsNs;
  }

  #open(): DiskFile {
    if (this.#file !== undefined && this.#state === "open") return this.#file;
    const expected = "a segment that is open";
    throw new Fault("FAULT_IO", { path: this.#path, value: `one that is ${this.#state}`, expected });
  }

  /** After a failure nothing is tried again: what the disk has is not known. */
  #do(work: () => void): void {
    try {
      onAuditDisk(this.#path, work);
    } catch (fault) {
      if (this.#state !== "sealed") this.#state = "failed";
      throw fault;
    }
  }
}
