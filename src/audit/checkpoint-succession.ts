import { type Refusal, refuse } from "../base/index.ts";
import type { CheckpointRefusalCode, OpenedCheckpoint } from "./checkpoint.ts";
import { merkleEmptyRoot, sameHash } from "./merkle-hash.ts";
import { type MerkleRefusalCode, type ProofHolds, verifyConsistency } from "./merkle-proof.ts";
import { encodeBase64 } from "./verifier-key.ts";

/** Two checkpoints of one log, both opened, and the proof that the later tree grew out of the earlier. */
export interface CheckpointPair {
  readonly older: OpenedCheckpoint;
  readonly newer: OpenedCheckpoint;
  /** `MerkleTree.consistencyProof`; none where sizes are equal or the older tree is empty. @shape 32 bytes each */
  readonly proof: readonly Uint8Array[];
}

/**
 * Says whether a log only grew between two of its checkpoints, which need not be neighbours: an anchored one and
 * today's, for instance.
 *
 * @refuses In this order: `CHECKPOINT_ORIGIN_DIFFERS`, `CHECKPOINT_TRUNCATED`, `CHECKPOINT_FORKED` (one size,
 * two roots or two chains), `MERKLE_*` of {@link verifyConsistency}.
 */
export function verifyGrowth(
  pair: CheckpointPair,
): ProofHolds | Refusal<CheckpointRefusalCode | MerkleRefusalCode> {
  const older = pair.older.checkpoint;
  const newer = pair.newer.checkpoint;
  if (older.origin !== newer.origin) {
    return refuse("CHECKPOINT_ORIGIN_DIFFERS", "origin", newer.origin, older.origin);
  }
  if (newer.size < older.size) {
    return refuse("CHECKPOINT_TRUNCATED", "size", newer.size, `at least ${older.size}`);
  }
  if (newer.size === older.size) {
    const fork =
      refuseFork("root", older.root, newer.root) ?? refuseFork("chain", older.chainHead, newer.chainHead);
    if (fork !== undefined) return fork;
  }
  if (older.size > 0) {
    const { proof } = pair;
    const claim = {
      first: older.size,
      second: newer.size,
      firstRoot: older.root,
      secondRoot: newer.root,
      proof,
    };
    return verifyConsistency(claim);
  }
  const fork = refuseFork("root of no records", merkleEmptyRoot(), older.root);
  if (fork !== undefined) return fork;
  if (pair.proof.length === 0) return { ok: true };
  return refuse("MERKLE_PROOF_LENGTH", "proof", pair.proof.length, "0 hashes after an empty tree");
}

/**
 * Says whether a checkpoint is the one that follows another: it names the other as its previous one, its time is
 * not before it, and the log only grew between them. Time counts only between clocks that both say `locked`, and
 * beyond what both may be off; order comes from the links.
 *
 * @refuses In this order: `CHECKPOINT_ORIGIN_DIFFERS`, `CHECKPOINT_TRUNCATED`, `CHECKPOINT_FORKED`, `MERKLE_*`,
 * `CHECKPOINT_LINK_BROKEN`, `CHECKPOINT_TIME_BACKWARDS`.
 */
export function verifySuccession(
  pair: CheckpointPair,
): ProofHolds | Refusal<CheckpointRefusalCode | MerkleRefusalCode> {
  const growth = verifyGrowth(pair);
  if (!growth.ok) return growth;
  const older = pair.older.checkpoint;
  const newer = pair.newer.checkpoint;
  if (newer.previous === null || !sameHash(newer.previous, pair.older.hash)) {
    const found = newer.previous === null ? "none" : encodeBase64(newer.previous);
    return refuse("CHECKPOINT_LINK_BROKEN", "previous", found, encodeBase64(pair.older.hash));
  }
  const slack = BigInt(older.clockUncertaintyNs + newer.clockUncertaintyNs);
  if (older.clock === "locked" && newer.clock === "locked" && newer.tsNs + slack < older.tsNs) {
    return refuse("CHECKPOINT_TIME_BACKWARDS", "time", newer.tsNs, `at least ${older.tsNs - slack}`);
  }
  return growth;
}

function refuseFork(
  field: string,
  older: Uint8Array,
  newer: Uint8Array,
): Refusal<CheckpointRefusalCode> | undefined {
  if (sameHash(older, newer)) return undefined;
  return refuse("CHECKPOINT_FORKED", field, encodeBase64(newer), `${encodeBase64(older)} at the same size`);
}
