import { JournalScan, journalFault, type RecordVisitor } from "../journal/index.ts";
import { onDisk } from "./journal-disk.ts";
import type { JournalFolder, SegmentCodec } from "./journal-folder.ts";

/** What was removed. */
export interface Retired {
  readonly segments: number;
  readonly bytes: number;
}

/** Packs the oldest segment before `openSeq` that is not packed; returns the bytes saved. */
export function packOldest(folder: JournalFolder, openSeq: number, codec: SegmentCodec): number {
  if (codec === "none") return 0;
  const next = folder.segments().find((entry) => entry.codec === "none" && entry.baseSeq < openSeq);
  return next === undefined ? 0 : folder.pack(next, codec);
}

/**
 * Removes segments before `openSeq` whose last record is at or before `uptoSeq`, oldest first; each is gone for sure
 * before the next one goes, or a crash could leave a gap.
 */
export function retireSegments(folder: JournalFolder, openSeq: number, uptoSeq: number): Retired {
  const entries = folder.segments().filter(({ baseSeq }) => baseSeq <= openSeq);
  let bytes = 0;
  let segments = 0;
  for (const [i, entry] of entries.entries()) {
    const next = entries[i + 1];
    if (next === undefined || next.baseSeq - 1 > uptoSeq) break;
    bytes += folder.sizeOf(entry.name);
    segments++;
    folder.removeDurably(entry.name);
  }
  return { segments, bytes };
}

/** Tells the records of all segments from `fromSeq` on to `visit`; returns how many. */
export function readRecords(
  folder: JournalFolder,
  shard: number,
  fromSeq: number,
  visit: RecordVisitor,
): number {
  const entries = folder.segments();
  const first = entries.findLastIndex(({ baseSeq }) => baseSeq <= fromSeq);
  const scan = new JournalScan({ shard });
  let count = 0;
  for (const [i, entry] of entries.entries()) {
    if (i < first) continue;
    const path = folder.file(entry.name);
    const bytes = onDisk(path, () => folder.read(entry));
    scan.add(bytes, path, i === entries.length - 1, (record) => {
      if (record.seq < fromSeq) return;
      count++;
      visit(record);
    });
    if (scan.trouble !== undefined) throw journalFault(scan.trouble);
  }
  return count;
}
