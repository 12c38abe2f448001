import { AUDIT_FRAME, AuditVerifier, isKeyChain, type VerifierKey, verifyKeyChain } from "../audit/index.ts";
import { canonicalJson, Digest } from "../base/index.ts";
import { noteOf, readAuditFrames } from "./audit-frames.ts";
import type { AuditIndex, AuditSegmentEntry } from "./audit-index.ts";
import { AUDIT_INDEX, type AuditNames, auditCorrupt, auditSegmentName } from "./audit-names.ts";
import { auditSegmentPath } from "./audit-recovery.ts";
import { placeOf } from "./audit-segment-check.ts";
import type { Disk } from "./journal-disk.ts";

/**
 * Holds what the next segment would continue from against the files: what a chain continues from, its next checkpoint
 * signs. From the last segment with a checkpoint on, every byte is verified, and the state at the end is the index's.
 *
 * @throws `FAULT_JOURNAL_CORRUPT` naming the file, or the index.
 */
export function checkLastState(
  disk: Disk,
  path: string,
  names: AuditNames,
  index: AuditIndex,
  key: VerifierKey,
) {
  const last = index.last;
  if (last === undefined) return;
  const listed = [...index.segments.values()].slice(firstToRead(index, path, names));
  const before = index.segments.get((listed[0] as AuditSegmentEntry).segment - 1);
  const rotations = before?.state.rotations ?? [];
  const verifier = new AuditVerifier({ key, rotations, part: true });
  let note = before?.checkpoint ?? null;
  for (const { segment, sha256 } of listed) {
    const file = auditSegmentPath(path, names, segment);
    if (file === undefined)
      throw auditCorrupt(`${path}/${auditSegmentName(segment)}`, "no file", "the last segment");
    const digest = new Digest();
    for (const frame of readAuditFrames(disk, file)) {
      digest.update(frame.bytes);
      verifier.push(frame.bytes);
      if (frame.tag === AUDIT_FRAME.checkpoint) note = noteOf(frame);
    }
    verifier.endSegment();
    if (digest.hex() !== sha256)
      throw auditCorrupt(file, digest.hex(), `the SHA-256 it was listed with, ${sha256}`);
  }
  const { problem, state, checkpoints, unproved } = verifier.finish();
  const isTorn = problem?.code === "AUDIT_TORN" && last.tornBytes > 0;
  if (problem !== null && !isTorn) {
    const { code, fromSeq, message } = problem;
    const file = auditSegmentPath(path, names, listed[problem.segment]?.segment ?? last.segment);
    throw auditCorrupt(
      `${file} byte ${problem.offset}`,
      `${code}, record ${fromSeq}: ${message}`,
      "as it was listed",
    );
  }
  const place = `${path}/${AUDIT_INDEX}`;
  const isSame = note === last.checkpoint && canonicalJson(state) === canonicalJson(last.state);
  if (!isSame)
    throw auditCorrupt(place, `the state of segment ${last.segment}`, "the one its file ends with");
  // Whoever seals signs: only what a crash ended can end without a signature.
  const hasRecords = last.lastSeq >= last.firstSeq;
  const hasNote = checkpoints > 0 || note === null || (before !== undefined && isSignedSo(key, before));
  const isSigned = hasNote && !(last.isSealed && hasRecords && unproved !== null);
  if (!isSigned)
    throw auditCorrupt(place, `segment ${last.segment}, not signed`, "a checkpoint of the log's key");
}

/** Where among the entries the last checkpoint was signed, or the first one that is here and has none behind it. */
function firstToRead({ segments }: AuditIndex, path: string, names: AuditNames): number {
  const isSame = (at: number): boolean => segments.get(at)?.checkpoint === segments.get(at - 1)?.checkpoint;
  let at = segments.size - 1;
  while (at > 0 && isSame(at) && auditSegmentPath(path, names, at - 1) !== undefined) at -= 1;
  return at;
}

/** Whether what the index says of a segment that is not here was signed so. */
export function isSignedSo(key: VerifierKey, { checkpoint, state }: AuditSegmentEntry): boolean {
  if (checkpoint === null) return false;
  const keys = verifyKeyChain(key, state.rotations);
  const opened = isKeyChain(keys) ? keys.openCheckpoint(checkpoint) : undefined;
  if (opened?.ok !== true) return false;
  const { size, root } = placeOf(state);
  const signed = opened.checkpoint;
  return signed.size < size || (signed.size === size && Buffer.compare(signed.root, root) === 0);
}
