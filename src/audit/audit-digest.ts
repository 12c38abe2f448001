import type { AuditBuffer } from "./audit-buffer.ts";
import type { AuditLeaves } from "./audit-segment.ts";
import type { LinkBatch } from "./link-batch.ts";
import type { MerkleFrontierState } from "./merkle-frontier.ts";

/**
 * How far a trail has come: its last link, and the right edge of its tree. Each block of records moves it on.
 *
 * @invariant A block is taken whole or not at all.
 */
export interface AuditEdge {
  /** Leaves of the tree. */
  readonly size: number;
  /** The last link: a view, good until the next block. @shape 32 bytes */
  readonly tip: Uint8Array;
  /** Begins a segment with its first link. */
  begin(tip: Uint8Array): void;
  /**
   * Takes the block of records that stands in `buffer` from byte 52 to `to`; the bytes before them are the edge's to
   * write. `false` where its link is not the one that is `expected`: then nothing was taken.
   *
   * @throws `FAULT_IO` where a hash cannot be made, `FAULT_INPUT` where such records are not there.
   */
  take(
    buffer: AuditBuffer,
    to: number,
    firstSeq: number,
    leaves: AuditLeaves,
    expected?: Uint8Array,
  ): boolean;
  /** The root over all leaves. @shape 32 bytes */
  root(): Uint8Array;
  /** The edge of the tree as plain JSON. */
  save(): MerkleFrontierState;
}

/**
 * What makes the hashes of a trail. `AuditChain`, `AuditVerifier` and `RecordChain` hash by TypeScript unless they are
 * given another body, such as that of `tickwright/audit/native`; the bytes are the same.
 */
export interface AuditDigest {
  /** An edge over the leaves that were saved, or over none. @throws `FAULT_INPUT` naming the field that no edge has. */
  edge(tree?: MerkleFrontierState): AuditEdge;
  /**
   * Links the first `count` records of a batch, each to the hash before it.
   *
   * @throws `FAULT_IO` where a hash cannot be made, `FAULT_INPUT` where such records are not there.
   */
  link(batch: LinkBatch, count: number): void;
}
