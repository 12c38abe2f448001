import type { AuditBeginning } from "./audit-beginning.ts";
import type { AuditChainState } from "./audit-chain-state.ts";

/** Every code a trail can be found at fault with. */
export const AUDIT_PROBLEMS = [
  "AUDIT_HEADER_MALFORMED",
  "AUDIT_FRAME_MALFORMED",
  "AUDIT_SEGMENT_DISCONTINUOUS",
  "AUDIT_RECORD_DAMAGED",
  "AUDIT_RECORD_MALFORMED",
  "AUDIT_SEQ_GAP",
  "AUDIT_TIME_BACKWARDS",
  "AUDIT_LINK_BROKEN",
  "AUDIT_ROTATION_INVALID",
  "AUDIT_CHECKPOINT_UNSIGNED",
  "AUDIT_CHECKPOINT_DIFFERS",
  "AUDIT_ANCHOR_DIFFERS",
  "AUDIT_END_DIFFERS",
  "AUDIT_TORN",
  "AUDIT_TRUNCATED",
  "AUDIT_BEGINNING_MISSING",
] as const;

/** A code a trail is found at fault with. */
export type AuditProblemCode = (typeof AUDIT_PROBLEMS)[number];

/** The first thing that is wrong with a trail, and where. Plain JSON. */
export interface AuditProblem {
  readonly code: AuditProblemCode;
  /** The number of the segment among those that were given, from 0. */
  readonly segment: number;
  /** Where it stands in that segment: of the record where one can be named, else of the frame. @units bytes */
  readonly offset: number;
  /** The first bad record is one of these; of one record both are the same. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly message: string;
}

/** Records from one to another, both included. Plain JSON. */
export interface AuditRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** What a verifier found. Plain JSON. */
export interface AuditVerdict {
  /** Whether nothing is wrong. What stands behind the last checkpoint is `unproved` even so. */
  readonly ok: boolean;
  readonly problem: AuditProblem | null;
  /** What became of the records before the first one that was read; `null` before a header. */
  readonly beginning: AuditBeginning | null;
  /** The records that a signed checkpoint or an anchor vouches for. */
  readonly proved: AuditRange | null;
  /** Records behind it that were read and are linked, and that nobody signed. */
  readonly unproved: AuditRange | null;
  /** Whether the last segment was ended by its writer. */
  readonly isSealed: boolean;
  readonly segments: number;
  readonly blocks: number;
  readonly records: number;
  readonly checkpoints: number;
  readonly rotations: number;
  /** Anchors that were met, and those before the first segment that was given. */
  readonly anchorsMet: number;
  readonly anchorsBefore: number;
  readonly bytes: number;
  /** The hash of the last checkpoint; `null` where there is none. @shape 64 hex digits */
  readonly checkpointHash: string | null;
  /** What a chain can continue from behind the last whole frame; `null` before the first segment's header. */
  readonly state: AuditChainState | null;
}
