import {
  AUDIT_FRAME,
  type AuditBeginning,
  type AuditDigest,
  type AuditProblemCode,
  type AuditRange,
  type AuditRecord,
  type AuditVerdict,
  AuditVerifier,
  type Checkpoint,
  isKeyChain,
  type VerifierKey,
  verifyKeyChain,
} from "../audit/index.ts";
import { checkBoolean, checkFunction, checkInteger, checkKeys, Digest, Fault } from "../base/index.ts";
import { type AuditFrame, noteOf, readAuditFrames } from "./audit-frames.ts";
import { type TrailHold, TrailHolds } from "./audit-holds.ts";
import type { AuditSegmentEntry } from "./audit-index.ts";
import { isSignedSo } from "./audit-last-state.ts";
import { type AuditListing, type AuditSegmentFile, readAuditFolder } from "./audit-listing.ts";
import { auditFileSize } from "./audit-names.ts";
import { placeOf } from "./audit-segment-check.ts";
import { type Disk, localDisk } from "./journal-disk.ts";

/** Where a record stands. */
export interface AuditRecordPlace {
  readonly file: AuditSegmentFile;
  /** @units bytes from the file's beginning */
  readonly offset: number;
  /** The leaf of the tree it belongs to. */
  readonly leaf: number;
  /** The frame it stands in; good during the call. */
  readonly frame: AuditFrame;
}

/** How a folder is verified. */
export interface VerifyAuditOptions {
  /** The log's first key, which is trusted. */
  readonly key: VerifierKey;
  /** Checkpoints that somebody else kept, and that are trusted whoever signed them. */
  readonly anchors?: readonly Checkpoint[];
  /** The first record of interest: segments before it are passed over. 1 unless given. */
  readonly fromSeq?: number;
  /** Reading ends with the checkpoint that proves this record; at the end of the trail unless given. */
  readonly toSeq?: number;
  /**
   * Whether the folder holds a part of a trail, so that a missing beginning is none of its faults. False unless
   * given, or `fromSeq` or `toSeq` ask for a part that is here.
   */
  readonly part?: boolean;
  readonly onRecord?: (record: AuditRecord, place: AuditRecordPlace) => void;
  /** Told with every segment and about every MiB. */
  readonly onProgress?: (progress: AuditProgress) => void;
  readonly disk?: Disk;
  /** What hashes; TypeScript unless given. It changes no verdict. */
  readonly digest?: AuditDigest;
}

/** How far a verification is. */
export interface AuditProgress {
  readonly records: number;
  readonly bytes: number;
  /** Bytes there are to read. */
  readonly bytesTotal: number;
}

/** What a trail on a disk can be found at fault with. */
export type AuditFolderProblemCode = AuditProblemCode | "AUDIT_INDEX_DIFFERS" | "AUDIT_TOMBSTONE_MISSING";

/** The first thing that is wrong, with its file. Plain JSON. */
export interface AuditFolderProblem {
  readonly code: AuditFolderProblemCode;
  readonly segment: number;
  readonly path: string;
  /** @units bytes from the file's beginning */
  readonly offset: number;
  /** The first bad record is one of these. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly message: string;
}

/** The checkpoint that proves what is proved. Plain JSON. */
export interface ProvingCheckpoint {
  /** Leaves of its tree. */
  readonly size: number;
  readonly keyId: string;
  /** @units epoch ns */
  readonly tsNs: string;
  readonly note: string;
}

/** What a folder proves. Plain JSON. */
export interface AuditFolderVerdict {
  readonly ok: boolean;
  readonly problem: AuditFolderProblem | null;
  /** What became of the records before the first one that was read; `null` where no header was read. */
  readonly beginning: AuditBeginning | null;
  readonly proved: AuditRange | null;
  /** Records that are linked and that nobody signed. */
  readonly unproved: AuditRange | null;
  /** The last checkpoint that was good; `null` where there was none, or an anchor alone proves. */
  readonly checkpoint: ProvingCheckpoint | null;
  /** Records before the first that was read: passed over, elsewhere, or deleted when their time was over. */
  readonly before: AuditRange | null;
  readonly isSealed: boolean;
  readonly segments: number;
  readonly blocks: number;
  readonly records: number;
  readonly checkpoints: number;
  readonly rotations: readonly string[];
  readonly anchorsMet: number;
  /** Anchors of records before the first that was read: of these nothing is shown. */
  readonly anchorsBefore: number;
  readonly bytes: number;
  /** Legal holds in force by what was read, whatever the index says. */
  readonly holds: readonly FoundHold[];
}

/** A legal hold, as the trail tells of it. Plain JSON. */
export interface FoundHold {
  readonly id: string;
  readonly subject: string;
  /** The record that placed it. */
  readonly seq: number;
  /** `null` for all before, or all behind. @units epoch ns */
  readonly fromNs: string | null;
  readonly toNs: string | null;
}

/**
 * Reads a trail's folder from end to end and says what it proves, as `AuditVerifier` does of bytes; also
 * that the files are the ones that were listed, and that what was deleted was deleted under a record of
 * the trail, and proved: a beginning that is not here without that is `AUDIT_BEGINNING_MISSING`. It writes
 * nothing and takes no lock: of a trail that is being written it may see half a frame at the end, which is
 * `AUDIT_TORN`.
 *
 * @throws `FAULT_CONFIG` naming the option, and what {@link readAuditFolder} throws; `FAULT_IO`.
 * @cost One pass, about three hashes over every byte; one frame in memory, at least 1 MiB.
 */
export function verifyAuditFolder(path: string, options: VerifyAuditOptions): AuditFolderVerdict {
  const known = ["key", "anchors", "fromSeq", "toSeq", "part", "onRecord", "onProgress", "disk", "digest"];
  checkKeys("verifyAuditFolder", options, known);
  for (const name of ["onRecord", "onProgress"] as const) {
    if (options[name] !== undefined) checkFunction(`verifyAuditFolder.${name}`, options[name]);
  }
  const listing = readAuditFolder(path, options.disk ?? localDisk);
  return new FolderReading(listing, options).read();
}

/** What is left of tombstones to be met, by the number of their record. */
type Tombstones = Map<number, AuditSegmentEntry>;

class FolderReading {
  readonly #disk: Disk;
  readonly #options: VerifyAuditOptions;
  readonly #toSeq: number;
  readonly #files: readonly AuditSegmentFile[];
  readonly #verifier: AuditVerifier;
  readonly #tombstones: Tombstones;
  readonly #holds = new TrailHolds();
  readonly #met = new Set<number>();
  readonly #before: AuditSegmentEntry | undefined;
  readonly #bytesTotal: number;
  #file: AuditSegmentFile | undefined;
  #frame: AuditFrame | undefined;
  #problem: AuditFolderProblem | null = null;
  /** Of a file that is not the one that was listed; a problem of its frames says more. */
  #differs: Omit<AuditFolderProblem, "path"> | undefined;
  /** What the index says wrongly of what came before; a problem of the frames says more. */
  #unlike: Omit<AuditFolderProblem, "path"> | undefined;
  #note: string | undefined;
  #lastSeq = 0;
  #startSeq = 0;
  #records = 0;
  #bytes = 0;
  #told = 0;

  constructor(listing: AuditListing, options: VerifyAuditOptions) {
    const { key, anchors = [] } = options;
    this.#options = options;
    this.#disk = options.disk ?? localDisk;
    const fromSeq = checkInteger("verifyAuditFolder.fromSeq", options.fromSeq ?? 1, 1);
    const most = Number.MAX_SAFE_INTEGER;
    this.#toSeq = checkInteger("verifyAuditFolder.toSeq", options.toSeq ?? most, fromSeq);
    this.#files = listing.files.filter(({ entry }) => entry === undefined || entry.lastSeq >= fromSeq);
    if (this.#files.length === 0) this.#files = listing.files.slice(-1);
    this.#before = listing.segments[(this.#files[0]?.segment ?? 0) - 1];
    const asked = options.part ?? false;
    const part = checkBoolean("verifyAuditFolder.part", asked) || fromSeq > 1 || this.#toSeq < most;
    const rotations = this.#before?.state.rotations ?? [];
    this.#verifier = new AuditVerifier({
      key,
      rotations,
      anchors,
      part,
      ...(options.digest === undefined ? {} : { digest: options.digest }),
      onRecord: (record, { offset, leaf }) => this.#hear(record, offset, leaf),
    });
    const here = new Set(listing.files.map(({ segment }) => segment));
    const gone = listing.segments.filter(({ place, segment }) => place === "retired" && !here.has(segment));
    this.#tombstones = new Map();
    for (const entry of gone) {
      // One record tells of one segment.
      if (this.#tombstones.has(entry.tombstoneSeq)) this.#tombstones.set(-1 - entry.segment, entry);
      else this.#tombstones.set(entry.tombstoneSeq, entry);
    }
    this.#bytesTotal = this.#files.reduce((sum, { path }) => sum + auditFileSize(this.#disk, path), 0);
  }

  read(): AuditFolderVerdict {
    this.#checkBefore();
    for (const file of this.#files) {
      if (!this.#readFile(file)) break;
    }
    const isWhole = this.#toSeq === Number.MAX_SAFE_INTEGER;
    const verdict = this.#verifier.finish();
    const { problem } = verdict;
    // Where reading ended early, what an anchor still waits for is not missing.
    const isEarly = !isWhole || this.#differs !== undefined;
    const isMissing = problem?.code === "AUDIT_BEGINNING_MISSING";
    if (problem !== null && !isMissing && !(isEarly && problem.code === "AUDIT_TRUNCATED"))
      this.#place(problem);
    if (this.#differs !== undefined) this.#place(this.#differs);
    if (this.#unlike !== undefined) this.#place(this.#unlike);
    if (this.#problem === null && isWhole) this.#checkTombstones(verdict.proved?.toSeq ?? 0);
    if (isMissing) this.#place(problem);
    this.#checkAsked(verdict);
    return this.#verdict(verdict);
  }

  /** What comes before the first file was signed as the index has it. */
  #checkBefore(): void {
    const before = this.#before;
    const first = this.#files[0];
    if (before === undefined || before.checkpoint === null || first === undefined) return;
    if (isSignedSo(this.#options.key, before)) return;
    const message = "what the index says came before it was not signed so";
    this.#unlike = {
      code: "AUDIT_INDEX_DIFFERS",
      ...{ segment: 0, offset: 0, fromSeq: 1, toSeq: before.lastSeq, message },
    };
  }

  /** The first header continues from where the index says that the one before it ended. It proves nothing. */
  #checkStart({ bytes, tag }: AuditFrame): void {
    const before = this.#before;
    if (before === undefined || tag !== AUDIT_FRAME.header) return;
    const place = placeOf(before.state);
    const header = new AuditVerifier({ key: this.#options.key, part: true, anchors: [place] });
    header.push(bytes);
    const { anchorsMet, problem, state } = header.finish();
    if (anchorsMet === 1 && problem === null && state?.nextSeq === before.state.nextSeq) return;
    const message = "it does not continue from what the index says came before it";
    const { nextSeq } = before.state;
    this.#unlike ??= {
      code: "AUDIT_INDEX_DIFFERS",
      ...{ segment: 0, offset: 0, fromSeq: nextSeq, toSeq: nextSeq, message },
    };
  }

  /** Reads a file; `false` where that ended the reading. */
  #readFile(file: AuditSegmentFile): boolean {
    this.#file = file;
    const digest = new Digest();
    for (const frame of readAuditFrames(this.#disk, file.path)) {
      this.#frame = frame;
      if (frame.at === 0 && file === this.#files[0]) this.#checkStart(frame);
      digest.update(frame.bytes);
      this.#bytes += frame.bytes.length;
      if (!this.#verifier.push(frame.bytes)) return false;
      if (frame.tag === AUDIT_FRAME.checkpoint) {
        this.#note = noteOf(frame);
        if (this.#lastSeq >= this.#toSeq) return false;
      }
      if (this.#bytes - this.#told > 1_048_576) this.#tell();
    }
    this.#verifier.endSegment();
    this.#tell();
    const { entry, segment } = file;
    if (entry === undefined || entry.sha256 === digest.hex()) return true;
    const at = this.#files.findIndex((each) => each.segment === segment);
    const message = `its SHA-256 is ${digest.hex()}, the index has ${entry.sha256}`;
    const { firstSeq, lastSeq } = entry;
    this.#differs = {
      code: "AUDIT_INDEX_DIFFERS",
      segment: at,
      offset: 0,
      fromSeq: firstSeq,
      toSeq: lastSeq,
      message,
    };
    return false;
  }

  #hear(record: AuditRecord, offset: number, leaf: number): void {
    const { seq } = record;
    if (this.#startSeq === 0) this.#startSeq = seq;
    this.#lastSeq = seq;
    this.#records += 1;
    this.#holds.hear(record, this.#file?.segment ?? 0);
    if (record.type === "retentionTombstone") {
      const entry = this.#tombstones.get(seq);
      const { segment, contentHash } = record.payload;
      if (entry?.segment === segment && entry?.sha256 === contentHash) this.#met.add(seq);
    }
    const { onRecord } = this.#options;
    if (onRecord === undefined || this.#file === undefined || this.#frame === undefined) return;
    onRecord(record, { file: this.#file, offset, leaf, frame: this.#frame });
  }

  /** Records that were asked for are here, or a rule deleted them: where the first one stands, the index alone says. */
  #checkAsked({ beginning }: AuditVerdict): void {
    const { fromSeq = 1, part = false } = this.#options;
    if (part || beginning !== "part" || this.#startSeq <= fromSeq) return;
    const toSeq = this.#startSeq - 1;
    const message = `records ${fromSeq} to ${toSeq} were asked for and are missing`;
    this.#place({ code: "AUDIT_BEGINNING_MISSING", segment: 0, offset: 0, fromSeq, toSeq, message });
  }

  /** Of every segment that was deleted, the record of it that should be among those that were read. */
  #checkTombstones(provedSeq: number): void {
    for (const [seq, { segment, firstSeq, lastSeq }] of this.#tombstones) {
      // What nobody signed, anybody can have written.
      if (this.#met.has(seq) && seq <= provedSeq) continue;
      // A tombstone of a tombstone's segment may be gone as well, but never before what it tells of.
      if (seq < this.#startSeq && seq > lastSeq) continue;
      const message = `segment ${segment} is gone, and record ${seq} is no proved tombstone of it`;
      this.#place({
        code: "AUDIT_TOMBSTONE_MISSING",
        segment: 0,
        offset: 0,
        fromSeq: firstSeq,
        toSeq: lastSeq,
        message,
      });
      return;
    }
  }

  #tell(): void {
    this.#told = this.#bytes;
    this.#options.onProgress?.({ records: this.#records, bytes: this.#bytes, bytesTotal: this.#bytesTotal });
  }

  #place(problem: Omit<AuditFolderProblem, "path">): void {
    if (this.#problem !== null) return;
    const file = this.#files[problem.segment];
    this.#problem = { ...problem, segment: file?.segment ?? problem.segment, path: file?.path ?? "" };
  }

  #verdict(verdict: AuditVerdict): AuditFolderVerdict {
    const { proved, unproved, isSealed, segments, blocks, records, checkpoints, bytes, state } = verdict;
    const firstSeq = proved?.fromSeq ?? unproved?.fromSeq ?? (this.#startSeq || 1);
    return {
      ok: this.#problem === null,
      problem: this.#problem,
      beginning: verdict.beginning,
      proved,
      unproved,
      checkpoint:
        this.#note === undefined ? null : describe(this.#note, this.#options.key, state?.rotations ?? []),
      before: firstSeq > 1 ? { fromSeq: 1, toSeq: firstSeq - 1 } : null,
      isSealed,
      segments,
      blocks,
      records,
      checkpoints,
      rotations: state?.rotations ?? [],
      anchorsMet: verdict.anchorsMet,
      anchorsBefore: verdict.anchorsBefore,
      bytes,
      holds: this.#holds.inForce(proved?.toSeq ?? 0).map(foundHold),
    };
  }
}

function foundHold({ id, subject, seq, fromNs, toNs }: TrailHold): FoundHold {
  const text = (ns: bigint | null): string | null => (ns === null ? null : String(ns));
  return { id, subject, seq, fromNs: text(fromNs), toNs: text(toNs) };
}

/** Who signed is the key of that size: a note may bear signatures of others, which anybody can add. */
function describe(note: string, key: VerifierKey, rotations: readonly string[]): ProvingCheckpoint {
  const keys = verifyKeyChain(key, rotations);
  const opened = isKeyChain(keys) ? keys.openCheckpoint(note) : keys;
  if (!("checkpoint" in opened)) throw new Fault("FAULT_INVARIANT", { path: "checkpoint", value: note });
  const { size, tsNs } = opened.checkpoint;
  return { size, keyId: opened.verified[0]?.keyId ?? "", tsNs: String(tsNs), note };
}
