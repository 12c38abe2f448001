import {
  AUDIT_FRAME,
  type AuditChainState,
  type AuditVerdict,
  AuditVerifier,
  type Checkpoint,
  isKeyChain,
  MerkleFrontier,
  type VerifierKey,
  verifyKeyChain,
} from "../audit/index.ts";
import { Digest } from "../base/index.ts";
import { noteOf, readAuditFrames } from "./audit-frames.ts";
import { TrailHolds } from "./audit-holds.ts";
import type { Disk } from "./journal-disk.ts";

/** More than this behind a bad frame is no write that was cut short. @units bytes */
const TAIL_BYTES_MAX = 67_108_864;

/** What one segment's file was found to be. */
export interface SegmentFinding {
  readonly verdict: AuditVerdict;
  /** Why it does not follow on the segment before it; `undefined` where it does. */
  readonly stranger: string | undefined;
  /** Where the first frame begins that is not good; the file's length where all are. */
  readonly goodBytes: number;
  readonly byteLength: number;
  readonly sha256: string;
  /** The time of its first record; that of the last one before it where it holds none. @units epoch ns */
  readonly fromNs: bigint;
  /** The legal holds that its records place and release. */
  readonly holds: TrailHolds;
  /** The last checkpoint of the segment that is good. */
  readonly checkpoint: string | undefined;
  /**
   * Whether so much, or a checkpoint that the log's key signed, stands behind the first bad frame: then it
   * was whole.
   */
  readonly wasWhole: boolean;
}

/**
 * Where a chain stands, as a checkpoint nobody needs to sign: a verifier holds the next segment's header
 * against it.
 */
export function placeOf(state: AuditChainState): Checkpoint {
  return {
    origin: state.origin,
    size: state.tree.size,
    root: MerkleFrontier.load(state.tree).root(),
    tsNs: BigInt(state.lastTsNs),
    clock: "unknown",
    clockUncertaintyNs: 0,
    previous: null,
    chainHead: new Uint8Array(Buffer.from(state.tip, "hex")),
  };
}

/**
 * Reads a segment's file from end to end, and verifies that it follows on the segment before.
 *
 * @throws `FAULT_IO` where it cannot be read.
 * @cost As `AuditVerifier`; one frame in memory, and what stands behind a bad one.
 */
export function checkSegmentFile(
  disk: Disk,
  path: string,
  key: VerifierKey,
  before: AuditChainState | undefined,
): SegmentFinding {
  let firstNs: bigint | undefined;
  const holds = new TrailHolds();
  const verifier = new AuditVerifier({
    key,
    part: true,
    rotations: before?.rotations ?? [],
    anchors: before === undefined ? [] : [placeOf(before)],
    onRecord(record) {
      firstNs ??= record.tsNs;
      holds.hear(record, before === undefined ? 0 : before.segment + 1);
    },
  });
  const digest = new Digest();
  const behind: Uint8Array[] = [];
  let byteLength = 0;
  let goodBytes = 0;
  let checkpoint: string | undefined;
  let isGood = true;
  for (const frame of readAuditFrames(disk, path)) {
    const { bytes, at, tag } = frame;
    digest.update(bytes);
    byteLength += bytes.length;
    if (isGood) isGood = verifier.push(bytes) && tag !== 0;
    if (isGood) goodBytes = at + bytes.length;
    else if (at - goodBytes <= TAIL_BYTES_MAX) behind.push(bytes.slice());
    if (isGood && tag === AUDIT_FRAME.checkpoint) checkpoint = noteOf(frame);
  }
  const verdict = verifier.finish();
  return {
    verdict,
    stranger: strangerIn(verdict, before),
    goodBytes,
    byteLength,
    sha256: digest.hex(),
    fromNs: firstNs ?? BigInt(verdict.state?.lastTsNs ?? "0"),
    holds,
    checkpoint,
    wasWhole:
      byteLength - goodBytes > TAIL_BYTES_MAX ||
      hasSigned(Buffer.concat(behind), key, verdict.state?.rotations ?? []),
  };
}

/** What of a segment's beginning does not follow on the state before it. */
function strangerIn(verdict: AuditVerdict, before: AuditChainState | undefined): string | undefined {
  const { state, problem, records, anchorsMet } = verdict;
  if (state === null) return problem?.message ?? "no header";
  const expected = before === undefined ? 0 : before.segment + 1;
  if (state.segment !== expected) return `its header says segment ${state.segment}`;
  if (before === undefined) return undefined;
  if (state.nextSeq - records !== before.nextSeq) return `it begins with record ${state.nextSeq - records}`;
  return anchorsMet === 0 ? "its header continues from another trail" : undefined;
}

/** Whether bytes that are no frames any more hold a checkpoint of the log. */
function hasSigned(bytes: Buffer, key: VerifierKey, rotations: readonly string[]): boolean {
  const keys = verifyKeyChain(key, rotations);
  if (!isKeyChain(keys)) return false;
  for (let at = bytes.indexOf("CHK1"); at >= 0; at = bytes.indexOf("CHK1", at + 1)) {
    if (at + 8 > bytes.length) return false;
    const end = at + 8 + bytes.readUInt32LE(at + 4);
    if (end <= bytes.length && keys.openCheckpoint(bytes.subarray(at + 8, end)).ok) return true;
  }
  return false;
}
