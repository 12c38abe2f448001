import { Fault } from "../base/index.ts";

/**
 * What a scan can find wrong with a journal:
 *
 * - `damaged`: a record or header that does not fit its checksum, and later records that were durable;
 * - `gap`: a sequence number that does not follow the one before;
 * - `epochBack`: a record of an owner that had been replaced;
 * - `foreign`: a file that is no segment; `version`: one of a newer or older format;
 * - `mixed`: a segment of another shard or journal, or one that does not follow the segment before.
 */
export type JournalTroubleKind = "damaged" | "gap" | "epochBack" | "foreign" | "version" | "mixed";

/** A journal that must not be written on, and where that shows. */
export interface JournalTrouble {
  readonly kind: JournalTroubleKind;
  /** The file or segment. */
  readonly name: string;
  /** The byte within it. */
  readonly byte: number;
  /** The sequence number that was expected there. */
  readonly seq: number;
  readonly found: string;
  readonly expected: string;
}

/**
 * The fault for a trouble: `FAULT_JOURNAL_CORRUPT` where bytes were damaged or lost, `FAULT_JOURNAL_FORMAT` where
 * they are somebody else's.
 */
export function journalFault(trouble: JournalTrouble): Fault {
  const { kind, name, byte, seq, found, expected } = trouble;
  const isAlien = kind === "foreign" || kind === "version" || kind === "mixed";
  return new Fault(isAlien ? "FAULT_JOURNAL_FORMAT" : "FAULT_JOURNAL_CORRUPT", {
    path: `${name} byte ${byte} seq ${seq}`,
    value: found,
    expected,
  });
}
