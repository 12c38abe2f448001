import type { AuditChainState, VerifierKey } from "../audit/index.ts";
import { Fault } from "../base/index.ts";
import type { AuditIndex, AuditIndexFile } from "./audit-index.ts";
import {
  AUDIT_ASIDE_PARTIAL,
  AUDIT_COLD,
  type AuditNames,
  auditAsideName,
  auditCorrupt,
  auditFileSize,
  auditSegmentName,
  listAuditNames,
  onAuditDisk,
} from "./audit-names.ts";
import { type RetentionTerms, retainUntil } from "./audit-retention.ts";
import { checkSegmentFile, type SegmentFinding } from "./audit-segment-check.ts";
import { type Disk, readWhole, writeWhole } from "./journal-disk.ts";

/**
 * What stood at the end of the last segment and is no part of the trail: a write that was never
 * acknowledged.
 */
export interface AuditTorn {
  readonly segment: number;
  /** Where it begins in the segment's file, and how long it is. @units bytes */
  readonly offset: number;
  readonly bytes: number;
  /**
   * The file it was put into, where the damage was such that no trail could go on behind it; else empty:
   * it stayed.
   */
  readonly aside: string;
}

/** What opening an audit folder found. */
export interface AuditRecovery {
  /** Segments that a crash had left unlisted, and that were verified and listed now. */
  readonly listed: readonly number[];
  /**
   * Segments that are here though the index says that they are gone: a deletion was interrupted, or the index is wrong.
   * Nothing is done to them; they go with the next `apply` or `archived` that may take them.
   */
  readonly left: readonly number[];
  readonly torn: AuditTorn | undefined;
}

/** What listing a folder's segments found. */
export type AuditListed = Pick<AuditRecovery, "listed" | "torn">;

/** What listing a segment needs. */
export interface ListingWork {
  readonly disk: Disk;
  readonly path: string;
  readonly key: VerifierKey;
  readonly terms: RetentionTerms;
  readonly nowNs: () => bigint;
}

/**
 * Holds the index against the files: every segment that is listed and not gone is there, in its length.
 *
 * @throws `FAULT_JOURNAL_CORRUPT` naming the file that is not.
 */
export function checkListedFiles(
  disk: Disk,
  path: string,
  index: AuditIndexFile["index"],
  names: AuditNames,
): void {
  for (const entry of index.segments.values()) {
    const { segment, place, byteLength } = entry;
    if (place === "retired" || place === "elsewhere") continue;
    const file = auditSegmentPath(path, names, segment);
    if (file === undefined) {
      throw auditCorrupt(
        `${path}/${auditSegmentName(segment)}`,
        "no file",
        `segment ${segment}, ${byteLength} bytes`,
      );
    }
    const found = auditFileSize(disk, file);
    if (found !== byteLength)
      throw auditCorrupt(file, `${found} bytes`, `${byteLength} bytes, as they were listed`);
  }
}

/**
 * Where a segment's file is; `undefined` where there is none. @throws `FAULT_JOURNAL_CORRUPT` where there
 * are two
 */
export function auditSegmentPath(path: string, names: AuditNames, segment: number): string | undefined {
  const name = auditSegmentName(segment);
  const isHot = names.hot.has(segment);
  const isCold = names.cold.has(segment);
  if (isHot && isCold) throw auditCorrupt(`${path}/${name}`, "two files", `one, or one in ${AUDIT_COLD}`);
  if (isHot) return `${path}/${name}`;
  return isCold ? `${path}/${AUDIT_COLD}/${name}` : undefined;
}

/**
 * Verifies segments that are complete and not listed yet, takes the right to write them, and lists them.
 *
 * @throws `FAULT_JOURNAL_CORRUPT`, `FAULT_JOURNAL_FORMAT` naming file and byte; what came before is listed
 * then.
 */
export function listSegments(work: ListingWork, file: AuditIndexFile, upTo: number): AuditListed {
  const names = listAuditNames(work.disk, work.path);
  const listed: number[] = [];
  let torn: AuditTorn | undefined;
  const found = names === undefined ? [] : [...names.hot, ...names.cold];
  const wanted = found.filter((segment) => segment >= file.index.segments.size && segment <= upTo);
  wanted.sort((a, b) => a - b);
  for (const segment of wanted) {
    const next = file.index.segments.size;
    const path = names === undefined ? undefined : auditSegmentPath(work.path, names, next);
    if (path === undefined) {
      throw auditCorrupt(
        `${work.path}/${auditSegmentName(next)}`,
        "no file",
        `segment ${next}, before ${segment}`,
      );
    }
    torn = listSegment(work, file, next, path, segment === wanted.at(-1));
    listed.push(next);
  }
  return { listed, torn };
}

function listSegment(
  work: ListingWork,
  file: AuditIndexFile,
  segment: number,
  path: string,
  isLast: boolean,
): AuditTorn | undefined {
  const { disk, key, terms } = work;
  const before = file.index.last;
  let finding = checkSegmentFile(disk, path, key, before?.state);
  let aside = "";
  let torn = finding.byteLength - finding.goodBytes;
  const offset = finding.goodBytes;
  const code = finding.verdict.problem?.code;
  if (finding.stranger !== undefined) throw stranger(path, segment, finding);
  if (code !== undefined && code !== "AUDIT_TORN") {
    if (!isLast || !isDamagedTail(finding)) throw damaged(path, finding);
    aside = setAside(work, segment, path, finding);
    torn = finding.byteLength - finding.goodBytes;
    finding = checkSegmentFile(disk, path, key, before?.state);
    if (finding.verdict.problem !== null) throw damaged(path, finding);
  }
  const state = finding.verdict.state as AuditChainState;
  // Whoever seals signs: only what a crash ended can end without a signature.
  if (state.isSealed && finding.verdict.unproved !== null) throw unsigned(path, finding);
  onAuditDisk(path, () => disk.seal?.(path));
  const atNs = work.nowNs();
  listHolds(file, finding, atNs);
  const toNs = BigInt(state.lastTsNs);
  file.append({
    kind: "segment",
    segment,
    firstSeq: state.nextSeq - finding.verdict.records,
    lastSeq: state.nextSeq - 1,
    fromNs: finding.fromNs,
    toNs,
    byteLength: finding.byteLength,
    sha256: finding.sha256,
    isSealed: state.isSealed,
    tornBytes: state.tornBytes,
    atNs,
    retainUntilNs: retainUntil(toNs, atNs, terms),
    checkpoint: finding.checkpoint ?? before?.checkpoint ?? null,
    state,
  });
  return torn === 0 ? undefined : { segment, offset, bytes: torn, aside };
}

/** Takes up holds that the trail has and the index has not: it was lost, or ended before them. */
function listHolds(file: AuditIndexFile, { holds, verdict }: SegmentFinding, atNs: bigint): void {
  const provedSeq = verdict.proved?.toSeq ?? 0;
  const { index } = file;
  for (const { seq: _, segment: __, hasRange: ___, ...hold } of holds.inForce(provedSeq)) {
    if (!index.holdIds.has(hold.id)) file.append({ kind: "hold", ...hold, atNs });
  }
  for (const { payload } of holds.released(provedSeq)) {
    const { holdId: id, reason, approver } = payload;
    if (index.holds.has(id)) file.append({ kind: "release", id, reason, approver, atNs });
  }
}

/** Whether what is bad is behind everything that was signed, as a loss of power leaves it. */
function isDamagedTail({ verdict, wasWhole }: SegmentFinding): boolean {
  const codes = [
    "AUDIT_FRAME_MALFORMED",
    "AUDIT_RECORD_DAMAGED",
    "AUDIT_RECORD_MALFORMED",
    "AUDIT_LINK_BROKEN",
  ];
  return !wasWhole && codes.includes(verdict.problem?.code ?? "");
}

/** Segments that are here though the index says that they are gone. */
export function leftIn(index: AuditIndex, { hot, cold }: AuditNames): ReadonlySet<number> {
  const gone = [...index.segments.values()].filter(
    ({ place }) => place === "retired" || place === "elsewhere",
  );
  return new Set(gone.map(({ segment }) => segment).filter((each) => hot.has(each) || cold.has(each)));
}

/** Puts what is no part of the trail into a file of its own, then cuts it off: nothing is lost. */
function setAside(work: ListingWork, segment: number, path: string, finding: SegmentFinding): string {
  const { disk } = work;
  const name = auditAsideName(segment, finding.goodBytes);
  const isTaken = onAuditDisk(work.path, () => disk.list(work.path))?.includes(name) === true;
  onAuditDisk(path, () => {
    const tail = readWhole(disk, path).subarray(finding.goodBytes);
    const before = isTaken ? readWhole(disk, `${work.path}/${name}`) : tail;
    if (Buffer.compare(before, tail) !== 0)
      throw auditCorrupt(
        `${work.path}/${name}`,
        "other bytes",
        "no file: nothing that was set aside is overwritten",
      );
    if (!isTaken) writeWhole(disk, work.path, AUDIT_ASIDE_PARTIAL, name, tail);
    disk.seal?.(`${work.path}/${name}`);
    const file = disk.open(path, "write");
    try {
      file.truncate(finding.goodBytes);
      file.sync();
    } finally {
      file.close();
    }
  });
  return `${work.path}/${name}`;
}

function stranger(path: string, segment: number, finding: SegmentFinding): Fault {
  const expected = `segment ${segment} of the trail: the one that follows on those before it, under the folder's key`;
  return new Fault("FAULT_JOURNAL_FORMAT", { path, value: finding.stranger, expected });
}

function unsigned(path: string, { verdict }: SegmentFinding): Fault {
  const expected = "a checkpoint of the log's key over all records of a sealed segment";
  return auditCorrupt(path, `records from ${verdict.unproved?.fromSeq} on, not signed`, expected);
}

function damaged(path: string, { verdict, wasWhole, goodBytes }: SegmentFinding): Fault {
  const { code, offset, fromSeq, message } = verdict.problem ?? {
    code: "",
    offset: goodBytes,
    fromSeq: 0,
    message: "",
  };
  const expected = wasWhole
    ? "bytes as they were when a checkpoint behind them was signed: take the segment from a copy"
    : "bytes as they were written";
  return auditCorrupt(`${path} byte ${offset}`, `${code}, record ${fromSeq}: ${message}`, expected);
}
