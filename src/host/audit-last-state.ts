import { AUDIT_FRAME, AuditVerifier, type VerifierKey } from "../audit/index.ts";
import { canonicalJson, Digest } from "../base/index.ts";
import { noteOf, readAuditFrames } from "./audit-frames.ts";
import type { AuditIndex, AuditSegmentEntry } from "./audit-index.ts";
import { AUDIT_INDEX, type AuditNames, auditCorrupt, auditSegmentName } from "./audit-names.ts";
import { auditSegmentPath } from "./audit-recovery.ts";
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
  const listed = [...index.segments.values()].slice(firstWithNote(index));
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
  const isSigned = (checkpoints > 0 || note === null) && !(last.isSealed && unproved !== null);
  if (!isSigned)
    throw auditCorrupt(place, `segment ${last.segment}, not signed`, "a checkpoint of the log's key");
}

/** Where among the entries the last checkpoint was signed; 0 where there is none. */
function firstWithNote(index: AuditIndex): number {
  let at = index.segments.size - 1;
  while (at > 0 && index.segments.get(at)?.checkpoint === index.segments.get(at - 1)?.checkpoint) at -= 1;
  return at;
}
