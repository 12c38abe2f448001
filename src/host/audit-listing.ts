import { Fault } from "../base/index.ts";
import { type AuditSegmentEntry, type LegalHold, readAuditIndex } from "./audit-index.ts";
import {
  AUDIT_KEY_FILE,
  auditCorrupt,
  auditSegmentName,
  listAuditNames,
  onAuditDisk,
} from "./audit-names.ts";
import { auditSegmentPath } from "./audit-recovery.ts";
import { type Disk, localDisk, readWhole } from "./journal-disk.ts";

/** A segment's file that is there. */
export interface AuditSegmentFile {
  readonly segment: number;
  readonly path: string;
  /** What the index says of it; `undefined` where it is not listed yet, or there is no index. */
  readonly entry: AuditSegmentEntry | undefined;
}

/** What lies in an audit folder, by names and index alone. */
export interface AuditListing {
  readonly path: string;
  /** In their order, without a gap. */
  readonly files: readonly AuditSegmentFile[];
  /** Every segment that is listed, also those that are elsewhere or gone. */
  readonly segments: readonly AuditSegmentEntry[];
  readonly holds: readonly LegalHold[];
  /** The verifier key that lies in the folder: whoever wrote the folder wrote it. */
  readonly keyText: string | undefined;
}

/**
 * Lists the folder of an audit trail, or of a copy of some of its segments, and changes nothing.
 *
 * @throws `FAULT_IO` where no trail is there; `FAULT_JOURNAL_FORMAT` naming a file of others;
 * `FAULT_JOURNAL_CORRUPT` naming the segment that is missing, or the line of the index that is damaged.
 */
export function readAuditFolder(path: string, disk: Disk = localDisk): AuditListing {
  const names = listAuditNames(disk, path);
  if (names === undefined || (names.hot.size + names.cold.size === 0 && !names.hasIndex)) {
    throw new Fault("FAULT_IO", { path, value: "no audit trail", expected: "a folder with an audit trail" });
  }
  const index = names.hasIndex ? readAuditIndex(disk, path).index : undefined;
  const entries = index === undefined ? [] : [...index.segments.values()];
  const isHere = ({ place }: AuditSegmentEntry): boolean => place === "hot" || place === "cold";
  const numbers = new Set([
    ...names.hot,
    ...names.cold,
    ...entries.filter(isHere).map(({ segment }) => segment),
  ]);
  const files: AuditSegmentFile[] = [];
  for (const segment of [...numbers].sort((a, b) => a - b)) {
    const entry = index?.segments.get(segment);
    // A line that nobody signed makes no file disappear: one that should be gone and is there is read like all others.
    const isLeft = entry !== undefined && !isHere(entry);
    const isFirst = index === undefined || isLeft;
    const before = files.at(-1)?.segment ?? (isFirst ? segment - 1 : firstHere(entries) - 1);
    if (segment !== before + 1) throw missing(path, before + 1);
    const file = auditSegmentPath(path, names, segment);
    if (file === undefined) throw missing(path, segment);
    files.push({ segment, path: file, entry });
  }
  const keyFile = `${path}/${AUDIT_KEY_FILE}`;
  const key = names.hasKey ? onAuditDisk(keyFile, () => readWhole(disk, keyFile)) : undefined;
  const keyText = key === undefined ? undefined : Buffer.from(key).toString().trim();
  return {
    path,
    files,
    segments: entries,
    holds: index === undefined ? [] : [...index.holds.values()],
    keyText,
  };
}

/** The first segment that is not gone by the rules. */
function firstHere(entries: readonly AuditSegmentEntry[]): number {
  const here = entries.find(({ place }) => place === "hot" || place === "cold");
  return here?.segment ?? entries.length;
}

function missing(path: string, segment: number): Fault {
  return auditCorrupt(
    `${path}/${auditSegmentName(segment)}`,
    "no file",
    `segment ${segment}: the trail has a hole there`,
  );
}
