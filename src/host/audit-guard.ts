import { Digest, refuse } from "../base/index.ts";
import type { AuditFolderSettings } from "./audit-folder-options.ts";
import { readAuditFrames } from "./audit-frames.ts";
import { TrailHolds, widened } from "./audit-holds.ts";
import type { AuditIndexFile, AuditSegmentEntry } from "./audit-index.ts";
import { AUDIT_INDEX, auditCorrupt } from "./audit-names.ts";
import type { RetentionRefusal } from "./audit-retention.ts";
import { verifyAuditFolder } from "./audit-verify.ts";
import type { Disk } from "./journal-disk.ts";

type Extent = Pick<AuditSegmentEntry, "firstSeq" | "lastSeq" | "fromNs" | "toNs">;

/**
 * Asks the trail itself, once for an opened folder, before anything of it goes: nobody signed the index, and it may
 * have been lost or changed.
 */
export class AuditGuard {
  readonly #path: string;
  readonly #settings: AuditFolderSettings;
  readonly #file: AuditIndexFile;
  /** What was read of each segment, and where the record stands that placed a hold. */
  #extents: Map<number, Extent> | undefined;
  readonly #placedIn = new Map<string, number>();
  /** Holds that were ended since: the trail may be told of that later. */
  readonly #released = new Set<string>();

  constructor(path: string, settings: AuditFolderSettings, file: AuditIndexFile) {
    this.#path = path;
    this.#settings = settings;
    this.#file = file;
  }

  /** Hears that a hold was ended by who has the folder open. */
  released(id: string): void {
    this.#released.add(id);
  }

  /**
   * Verifies the trail and takes up in the index the holds that it has and the index has not, or has as shorter ones.
   *
   * @throws `FAULT_JOURNAL_CORRUPT` for a trail that does not hold.
   */
  ask(): void {
    if (this.#extents !== undefined) return;
    const { key, disk, nowNs } = this.#settings;
    const extents = new Map<number, Extent>();
    const holds = new TrailHolds();
    const { problem, proved } = verifyAuditFolder(this.#path, {
      ...{ key, disk, part: true },
      onRecord(record, { file: { segment } }) {
        holds.hear(record, segment);
        const { seq, tsNs } = record;
        const { firstSeq, fromNs } = extents.get(segment) ?? { firstSeq: seq, fromNs: tsNs };
        extents.set(segment, { firstSeq, fromNs, lastSeq: seq, toNs: tsNs });
      },
    });
    if (problem !== null) {
      const { code, path, offset, fromSeq, message } = problem;
      const expected = "a trail that holds: nothing is taken from another";
      throw auditCorrupt(`${path} byte ${offset}`, `${code}, record ${fromSeq}: ${message}`, expected);
    }
    this.#extents = extents;
    for (const { seq: _, segment, hasRange, ...hold } of holds.inForce(proved?.toSeq ?? 0)) {
      if (this.#released.has(hold.id)) continue;
      this.#placedIn.set(hold.id, segment);
      const known = this.#file.index.holds.get(hold.id);
      // Where the trail does not say what it covers, the index does.
      const range = known === undefined ? hold : hasRange ? widened(known, hold) : known;
      const isKnown = known !== undefined && range.fromNs === known.fromNs && range.toNs === known.toNs;
      if (!isKnown) this.#file.append({ kind: "hold", ...hold, ...range, atNs: nowNs() });
    }
  }

  /** Why a segment may not go that the retention would let go: it has the record of a hold that is in force. */
  refusal(segments: readonly number[]): RetentionRefusal | undefined {
    for (const [id, segment] of this.#placedIn) {
      if (!segments.includes(segment) || !this.#file.index.holds.has(id)) continue;
      const expected = "a segment without the record of a hold that is in force";
      return refuse("AUDIT_RETENTION_HELD", `segment ${segment}`, `the record of the hold ${id}`, expected);
    }
    return undefined;
  }

  /** Numbers and times of a segment are those of its records. @throws `FAULT_JOURNAL_CORRUPT` where they are not */
  checkExtent(entry: AuditSegmentEntry): void {
    const found = this.#extents?.get(entry.segment);
    const words = ({ firstSeq, lastSeq, fromNs, toNs }: Extent): string =>
      `${firstSeq}..${lastSeq}, ${fromNs}..${toNs} ns`;
    const isSame = found === undefined ? entry.lastSeq < entry.firstSeq : words(found) === words(entry);
    if (isSame) return;
    const expected = found === undefined ? "no records" : words(found);
    throw auditCorrupt(`${this.#path}/${AUDIT_INDEX} segment ${entry.segment}`, words(entry), expected);
  }
}

/** The SHA-256 of a file, 64 hex digits. */
export function sha256OfFile(disk: Disk, path: string): string {
  const digest = new Digest();
  for (const { bytes } of readAuditFrames(disk, path)) digest.update(bytes);
  return digest.hex();
}
