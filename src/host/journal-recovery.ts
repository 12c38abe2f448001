import { Fault } from "../base/index.ts";
import { JournalScan, journalFault, NO_HASH, type Snapshot } from "../journal/index.ts";
import { onDisk, writeAll } from "./journal-disk.ts";
import type { JournalFolder } from "./journal-folder.ts";
import type { JournalSettings } from "./journal-options.ts";
import { type DamagedSnapshot, type NewestSnapshot, SnapshotFolder } from "./journal-snapshots.ts";

/** What was cut off the end of a journal: the rest of a write that never was acknowledged. */
export interface TornTail {
  readonly path: string;
  /** The byte the file was cut at. */
  readonly byte: number;
  /** Bytes that were cut off, zeros that had been written ahead included. */
  readonly bytes: number;
  /** Whole records among them. */
  readonly records: number;
  /** The sequence number of the first record that was lost. */
  readonly seq: number;
}

/** What opening a journal found. */
export interface JournalRecovery {
  /** The first record that is still there; older ones were retired. */
  readonly firstSeq: number;
  /** The last record; 0 where there is none. */
  readonly lastSeq: number;
  readonly segments: number;
  /** Undefined where the journal ended cleanly. */
  readonly torn: TornTail | undefined;
  /** The newest whole snapshot: replay what follows its `seq`. */
  readonly snapshot: Snapshot | undefined;
  readonly damagedSnapshots: readonly DamagedSnapshot[];
}

/** What the next segment must follow. */
export interface JournalEnd {
  readonly recovery: JournalRecovery;
  /** The highest epoch seen. */
  readonly epoch: number;
  /** The hash of the last segment that holds a record. */
  readonly hash: string;
}

/**
 * Reads a whole journal and makes its end clean: a torn tail is cut off, everything else that is wrong is a fault and
 * nothing is changed.
 */
export function recoverJournal(folder: JournalFolder, settings: JournalSettings): JournalEnd {
  const entries = folder.segments();
  const scan = new JournalScan({ shard: settings.shard, tornBatch: settings.tornBatch });
  let hash = NO_HASH;
  let torn: TornTail | undefined;
  const newest = new SnapshotFolder(folder.path, settings.snapshotsKept, folder.disk).newest();
  if (entries.length === 0) checkNoSnapshots(folder, newest);
  for (const [i, entry] of entries.entries()) {
    const path = folder.file(entry.name);
    const isLast = i === entries.length - 1;
    const bytes = onDisk(path, () => folder.read(entry));
    const segment = scan.add(bytes, path, isLast);
    if (segment.trouble !== undefined) throw journalFault(segment.trouble);
    if (segment.header?.baseSeq !== entry.baseSeq) {
      const expected = "a segment that begins at the record its name says";
      throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: segment.header?.baseSeq, expected });
    }
    hash = segment.records > 0 ? scan.lastHash : scan.hashBeforeLast;
    if (!isLast) continue;
    checkSnapshots(folder, scan, newest);
    if (entry.codec === "none")
      onDisk(path, () => settle(folder, entry.name, bytes.subarray(0, segment.endByte)));
    if (segment.endByte === bytes.length || !segment.isTorn) continue;
    const lost = { byte: segment.endByte, bytes: bytes.length - segment.endByte };
    torn = { path, ...lost, records: segment.tornRecords, seq: segment.lastSeq + 1 };
  }
  const { firstSeq, lastSeq, epoch } = scan;
  const found = { firstSeq, lastSeq, segments: entries.length, torn, snapshot: newest.snapshot };
  return { recovery: { ...found, damagedSnapshots: newest.damaged }, epoch, hash };
}

/** Where snapshots are and no segment is, a journal was lost: a new one must not take their place. */
function checkNoSnapshots({ path }: JournalFolder, { snapshot, damaged }: NewestSnapshot): void {
  const seq = snapshot?.seq ?? damaged[0]?.seq;
  if (seq === undefined) return;
  const expected = `the segments behind the snapshot of record ${seq}`;
  throw new Fault("FAULT_JOURNAL_CORRUPT", { path, value: "no segment", expected });
}

/** A snapshot must not know more than the journal, and must stand in for what was retired. */
function checkSnapshots(
  folder: JournalFolder,
  scan: JournalScan,
  { snapshot: newest, damaged }: NewestSnapshot,
): void {
  const path = folder.path;
  const seq = newest?.seq ?? 0;
  if (seq > scan.lastSeq) {
    const expected = `records up to ${seq}, which the newest snapshot holds`;
    throw new Fault("FAULT_JOURNAL_CORRUPT", { path, value: `records up to ${scan.lastSeq}`, expected });
  }
  if (scan.firstSeq > seq + 1) {
    // A disk that could not read one may read it the next time: nothing is known to be lost.
    const unread = damaged.find(({ error }) => error instanceof Fault && error.code === "FAULT_IO");
    if (unread !== undefined) throw unread.error;
    const expected = `a whole snapshot of record ${scan.firstSeq - 1} or later`;
    const value = newest === undefined ? "none" : `one of record ${seq}`;
    throw new Fault("FAULT_JOURNAL_CORRUPT", { path, value, expected });
  }
}

/**
 * Cuts a segment behind its last record, and makes sure that the disk has all before it: what a process wrote and did
 * not sync before it died is read all the same, and could go with the next loss of power, behind what follows it. It is
 * written again, not only synced: after a sync that failed the system takes pages for clean that no disk has.
 */
function settle(folder: JournalFolder, name: string, bytes: Uint8Array): void {
  const file = folder.disk.open(folder.file(name), "write");
  try {
    if (file.size() !== bytes.length) file.truncate(bytes.length);
    writeAll(file, bytes, 0);
    file.sync();
  } finally {
    file.close();
  }
}
