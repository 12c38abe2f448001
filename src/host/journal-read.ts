import { checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { RecordVisitor } from "../journal/index.ts";
import { type Disk, localDisk, onDisk } from "./journal-disk.ts";
import { JournalFolder } from "./journal-folder.ts";
import { readRecords } from "./journal-upkeep.ts";

/** Options of {@link readJournal}. */
export interface ReadJournalOptions {
  /** 0 unless given. */
  readonly shard?: number;
  /** 1 unless given. */
  readonly fromSeq?: number;
  readonly disk?: Disk;
}

/**
 * Tells every record of a journal in order and changes nothing: no lock, no new segment; a torn tail is left where it
 * is and not told. Returns how many records were told.
 *
 * @throws `FAULT_IO` where no journal is there; `FAULT_JOURNAL_FORMAT`, `FAULT_JOURNAL_CORRUPT` naming segment and byte.
 */
export function readJournal(path: string, visit: RecordVisitor, options: ReadJournalOptions = {}): number {
  checkKeys("readJournal", options, ["shard", "fromSeq", "disk"]);
  const shard = checkInteger("readJournal.shard", options.shard ?? 0, 0);
  const fromSeq = checkInteger("readJournal.fromSeq", options.fromSeq ?? 1, 1);
  const folder = new JournalFolder(checkText("path", path), options.disk ?? localDisk);
  if (onDisk(path, () => folder.isJournal())) return readRecords(folder, shard, fromSeq, visit);
  throw new Fault("FAULT_IO", { path, value: "no journal", expected: "a folder with a journal" });
}
