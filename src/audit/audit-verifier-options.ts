import type { AuditDigest } from "./audit-digest.ts";
import type { AuditRecord } from "./audit-record.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** Where a record was found. */
export interface AuditPlaceFound {
  /** The number of the segment among those that were given, from 0. */
  readonly segment: number;
  /** @units bytes from the segment's beginning */
  readonly offset: number;
  /** The leaf of the tree it belongs to. */
  readonly leaf: number;
}

/** Options of an `AuditVerifier`. */
export interface AuditVerifierOptions {
  /** The log's first key, which is trusted. */
  readonly key: VerifierKey;
  /** Rotations before the first segment that is given, oldest first; those within are found there. */
  readonly rotations?: readonly (string | Uint8Array)[];
  /** Checkpoints that somebody else kept, and that are trusted whoever signed them. */
  readonly anchors?: readonly Checkpoint[];
  /**
   * Whether the segments are a part of a log, so that a beginning that is missing is none of its faults. False unless
   * given.
   */
  readonly part?: boolean;
  /** Told of every record once its block's link is good; what it is told may be unproved still. */
  readonly onRecord?: (record: AuditRecord, place: AuditPlaceFound) => void;
  /** What hashes; TypeScript unless given. It changes no verdict. */
  readonly digest?: AuditDigest;
}
