import { Fault } from "../base/index.ts";
import {
  type AuditLine,
  encodeLine,
  FIRST_AFTER,
  type HoldLine,
  lineHash,
  parseLine,
  type SegmentLine,
} from "./audit-lines.ts";
import { AUDIT_INDEX, auditCorrupt, onAuditDisk } from "./audit-names.ts";
import { type Disk, type DiskFile, readWhole, writeAll } from "./journal-disk.ts";

/** A segment that is complete: what the index says of it, and what became of it since. */
export interface AuditSegmentEntry extends Omit<SegmentLine, "kind"> {
  /** `elsewhere`: handed to an archive of the caller's; `retired`: deleted, its time being over. */
  readonly place: "hot" | "cold" | "elsewhere" | "retired";
  /** Where an archive has it; empty unless it is elsewhere, or was before it was retired. */
  readonly location: string;
  /** The number of its `retentionTombstone`; 0 unless it is retired. */
  readonly tombstoneSeq: number;
}

/** A legal hold that is in force. */
export type LegalHold = Omit<HoldLine, "kind">;

/** What the lines of an index say, taken together. */
export class AuditIndex {
  readonly segments = new Map<number, AuditSegmentEntry>();
  /** Holds in force, by id; and the ids of all that ever were. */
  readonly holds = new Map<string, LegalHold>();
  readonly holdIds = new Set<string>();
  /** The latest moment any line was written. @units epoch ns */
  latestNs = 0n;
  /** The hash the next line names. */
  after: string = FIRST_AFTER;

  /** The last segment that is listed. */
  get last(): AuditSegmentEntry | undefined {
    return this.segments.get(this.segments.size - 1);
  }

  /** Takes a line. @throws `FAULT_JOURNAL_CORRUPT` for one that cannot stand behind the others */
  take(line: AuditLine, place: string): void {
    if (line.atNs > this.latestNs) this.latestNs = line.atNs;
    if (line.kind === "segment") this.#takeSegment(line, place);
    else if (line.kind === "hold") {
      const { kind: _, ...hold } = line;
      this.holds.set(line.id, hold);
      this.holdIds.add(line.id);
    } else if (line.kind === "release") {
      if (!this.holds.delete(line.id)) throw auditCorrupt(place, line.id, "a hold that is in force");
    } else {
      const entry = this.segments.get(line.segment);
      if (entry === undefined) throw auditCorrupt(place, line.segment, "a segment that is listed");
      // Behind such a line an opening ends the deletion: it must be one that the retention allowed.
      if (line.kind === "retired" && (line.atNs < entry.retainUntilNs || line.recordSeq <= entry.lastSeq)) {
        const expected = `one told behind record ${entry.lastSeq}, at ${entry.retainUntilNs} ns or later`;
        throw auditCorrupt(place, `record ${line.recordSeq} at ${line.atNs} ns`, expected);
      }
      this.segments.set(line.segment, moved(entry, line));
    }
  }

  #takeSegment(line: SegmentLine, place: string): void {
    if (line.segment !== this.segments.size) {
      throw auditCorrupt(place, line.segment, `segment ${this.segments.size}`);
    }
    const { kind: _, ...entry } = line;
    this.segments.set(line.segment, { ...entry, place: "hot", location: "", tombstoneSeq: 0 });
  }
}

function moved(
  entry: AuditSegmentEntry,
  line: Extract<AuditLine, { readonly kind: "cold" | "retired" }>,
): AuditSegmentEntry {
  if (line.kind === "retired") return { ...entry, place: "retired", tombstoneSeq: line.recordSeq };
  return { ...entry, place: line.location === "" ? "cold" : "elsewhere", location: line.location };
}

/** An index as it was read, and how much of its file is whole lines. */
export interface ReadIndex {
  readonly index: AuditIndex;
  readonly wholeBytes: number;
  /** Bytes behind them: a line whose writing was cut short. */
  readonly tornBytes: number;
  /** The last line is whole but for its newline. */
  readonly isUnended: boolean;
}

/**
 * Reads the index of a folder, every line held against the hash the next one names. A last line that was
 * cut short is left out.
 *
 * @throws `FAULT_JOURNAL_CORRUPT` naming the line.
 */
export function readAuditIndex(disk: Disk, folder: string): ReadIndex {
  const path = `${folder}/${AUDIT_INDEX}`;
  const bytes = Buffer.from(onAuditDisk(path, () => readWhole(disk, path)));
  const index = new AuditIndex();
  let from = 0;
  for (let number = 1; from < bytes.length; number++) {
    const end = bytes.indexOf(10, from);
    if (end < 0) return endOf(index, bytes, from, `${path} line ${number}`);
    const written = bytes.toString("utf8", from, end);
    const place = `${path} line ${number}`;
    try {
      index.take(parseLine(written, index.after, place), place);
    } catch (fault) {
      // Only the line that was written last may be damaged by a loss of power, and then it was not acknowledged.
      const isLost = bytes.indexOf("\0\0", from) >= 0;
      if (end === bytes.length - 1 && fault instanceof Fault && isLost) break;
      throw fault;
    }
    index.after = lineHash(written);
    from = end + 1;
  }
  return { index, wholeBytes: from, tornBytes: bytes.length - from, isUnended: false };
}

/** Appends lines to an index, each on the disk before it counts. */
export class AuditIndexFile {
  readonly index: AuditIndex;
  readonly #file: DiskFile;
  readonly #path: string;
  #at: number;

  constructor(disk: Disk, folder: string, isNew: boolean) {
    this.#path = `${folder}/${AUDIT_INDEX}`;
    if (isNew) {
      this.index = new AuditIndex();
      this.#at = 0;
      this.#file = onAuditDisk(this.#path, () => disk.open(this.#path, "create"));
      onAuditDisk(folder, () => disk.syncFolder(folder));
      return;
    }
    const { index, wholeBytes, tornBytes, isUnended } = readAuditIndex(disk, folder);
    this.index = index;
    this.#at = wholeBytes;
    this.#file = onAuditDisk(this.#path, () => disk.open(this.#path, "write"));
    if (tornBytes > 0) onAuditDisk(this.#path, () => this.#file.truncate(wholeBytes));
    if (!isUnended) return;
    onAuditDisk(this.#path, () => {
      writeAll(this.#file, Buffer.from("\n"), wholeBytes);
      this.#file.sync();
    });
    this.#at += 1;
  }

  /** Writes a line and waits for the disk. */
  append(line: AuditLine): void {
    const written = encodeLine(line, this.index.after);
    const bytes = Buffer.from(`${written}\n`);
    try {
      onAuditDisk(this.#path, () => {
        writeAll(this.#file, bytes, this.#at);
        this.#file.sync();
      });
    } catch (fault) {
      this.#cut();
      throw fault;
    }
    this.#at += bytes.length;
    this.index.take(line, this.#path);
    this.index.after = lineHash(written);
  }

  close(): void {
    this.#file.close();
  }

  /** What was written of a line that failed is no line. */
  #cut(): void {
    try {
      this.#file.truncate(this.#at);
    } catch {
      // The next opening cuts it.
    }
  }
}

/**
 * What stands behind the last newline: the beginning of a line is left out; a whole line counts, since it may have been
 * acknowledged (a hold, for one); one whose newline became something else is damaged.
 */
function endOf(index: AuditIndex, bytes: Buffer, from: number, place: string): ReadIndex {
  let to = bytes.length;
  while (to > from && bytes[to - 1] === 0) to -= 1;
  const torn = { index, wholeBytes: from, tornBytes: bytes.length - from, isUnended: false };
  if (to === from) return torn;
  if (isJson(bytes.toString("utf8", from, to))) {
    const written = bytes.toString("utf8", from, to);
    index.take(parseLine(written, index.after, place), place);
    index.after = lineHash(written);
    return { index, wholeBytes: to, tornBytes: bytes.length - to, isUnended: true };
  }
  if (!isJson(bytes.toString("utf8", from, to - 1))) return torn;
  throw auditCorrupt(place, bytes[to - 1], "a newline behind a whole line");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
