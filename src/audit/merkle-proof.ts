import { type Refusal, refuse } from "../base/index.ts";
import { isHash, merkleNodeHash, sameHash, sizeOf, splitAt } from "./merkle-hash.ts";

/** Every code a proof can be refused with, in order of precedence. */
export const MERKLE_REFUSALS = [
  "MERKLE_SIZE_INVALID",
  "MERKLE_INDEX_INVALID",
  "MERKLE_HASH_INVALID",
  "MERKLE_PROOF_LENGTH",
  "MERKLE_ROOT_DIFFERS",
] as const;

/** A code a proof is refused with. */
export type MerkleRefusalCode = (typeof MERKLE_REFUSALS)[number];

/** A proof that holds. */
export interface ProofHolds {
  readonly ok: true;
}

/** A leaf, and the hashes that lead from it to the root. */
export interface InclusionPath {
  /** The leaf's place, from 0. */
  readonly index: number;
  /** The leaves of the tree. */
  readonly size: number;
  /** @shape 32 bytes */
  readonly leafHash: Uint8Array;
  /** From the leaf upwards. @shape 32 bytes each */
  readonly proof: readonly Uint8Array[];
}

/** What {@link verifyInclusion} is told. */
export interface InclusionClaim extends InclusionPath {
  /** @shape 32 bytes */
  readonly root: Uint8Array;
}

/** What {@link verifyConsistency} is told: two trees, and the hashes that make the second of the first. */
export interface ConsistencyClaim {
  /** The leaves of the earlier tree. */
  readonly first: number;
  /** The leaves of the later tree. */
  readonly second: number;
  /** @shape 32 bytes */
  readonly firstRoot: Uint8Array;
  /** @shape 32 bytes */
  readonly secondRoot: Uint8Array;
  /** @shape 32 bytes each */
  readonly proof: readonly Uint8Array[];
}

const HOLDS: ProofHolds = Object.freeze({ ok: true });

/**
 * Says whether a leaf is in the tree that a root stands for.
 *
 * @invariant A changed bit, a hash too many or too few, another index or another size that splits differently is
 * refused.
 * @refuses In this order: `MERKLE_SIZE_INVALID`, `MERKLE_INDEX_INVALID`, `MERKLE_HASH_INVALID`,
 * `MERKLE_PROOF_LENGTH`, `MERKLE_ROOT_DIFFERS`.
 * @cost One hash for each item of the proof.
 * @source RFC 9162, section 2.1.3.2
 */
export function verifyInclusion(claim: InclusionClaim): ProofHolds | Refusal<MerkleRefusalCode> {
  const root = rootFromInclusion(claim);
  if (!(root instanceof Uint8Array)) return root;
  return compareRoot("root", claim.root, root);
}

/**
 * The root that a leaf and its proof lead to; whoever knows the true root compares.
 *
 * @refuses In this order: `MERKLE_SIZE_INVALID`, `MERKLE_INDEX_INVALID`, `MERKLE_HASH_INVALID`,
 * `MERKLE_PROOF_LENGTH`.
 */
export function rootFromInclusion(path: InclusionPath): Uint8Array | Refusal<MerkleRefusalCode> {
  const { index, size, leafHash, proof } = path;
  if (!isSize(size)) return refuseSize("size", size, 1);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    return refuse("MERKLE_INDEX_INVALID", "index", index, `an integer within 0 and ${size - 1}`);
  }
  const wrong = refuseHash("leafHash", leafHash) ?? refuseProof(proof);
  if (wrong !== undefined) return wrong;
  const sides = inclusionSides(index, size);
  if (proof.length !== sides.length) return refuseLength(proof.length, sides.length);
  let root: Uint8Array = leafHash.slice();
  for (const [i, side] of sides.entries()) {
    const sibling = proof[i] as Uint8Array;
    root = side === "left" ? merkleNodeHash(sibling, root) : merkleNodeHash(root, sibling);
  }
  return root;
}

/**
 * Says whether a later tree begins with all leaves of an earlier one, unchanged. Of an empty earlier tree nothing
 * can be proved: a `first` of 0 is refused.
 *
 * @invariant A changed bit, a hash too many or too few, swapped roots or other sizes that split differently are
 * refused.
 * @refuses In this order: `MERKLE_SIZE_INVALID`, `MERKLE_HASH_INVALID`, `MERKLE_PROOF_LENGTH`,
 * `MERKLE_ROOT_DIFFERS`.
 * @cost Up to two hashes for each item of the proof.
 * @source RFC 9162, section 2.1.4.2
 */
export function verifyConsistency(claim: ConsistencyClaim): ProofHolds | Refusal<MerkleRefusalCode> {
  const { first, second, firstRoot, secondRoot, proof } = claim;
  if (!isSize(first)) return refuseSize("first", first, 1);
  if (!isSize(second) || second < first) return refuseSize("second", second, first);
  const wrong =
    refuseHash("firstRoot", firstRoot) ?? refuseHash("secondRoot", secondRoot) ?? refuseProof(proof);
  if (wrong !== undefined) return wrong;
  const { sides, isWhole } = consistencySides(first, second);
  const expected = sides.length + (isWhole ? 0 : 1);
  if (proof.length !== expected) return refuseLength(proof.length, expected);
  const rest = isWhole ? proof : proof.slice(1);
  let old = isWhole ? firstRoot : (proof[0] as Uint8Array);
  let grown = old;
  for (const [i, side] of sides.entries()) {
    const sibling = rest[i] as Uint8Array;
    if (side === "left") {
      old = merkleNodeHash(sibling, old);
      grown = merkleNodeHash(sibling, grown);
    } else {
      grown = merkleNodeHash(grown, sibling);
    }
  }
  const start = compareRoot("firstRoot", firstRoot, old);
  return start.ok ? compareRoot("secondRoot", secondRoot, grown) : start;
}

type Side = "left" | "right";

/** On which side of the path each hash of an inclusion proof stands, from the leaf upwards. */
function inclusionSides(index: number, size: number): Side[] {
  const sides: Side[] = [];
  let place = index;
  for (let count = size; count > 1; ) {
    const half = splitAt(count);
    const isLeft = place >= half;
    sides.push(isLeft ? "left" : "right");
    place = isLeft ? place - half : place;
    count = isLeft ? count - half : half;
  }
  return sides.reverse();
}

/**
 * The same for a consistency proof, from the node where the earlier tree ends. Where that node is the whole
 * earlier tree its hash is `firstRoot`, otherwise the first item of the proof.
 */
function consistencySides(first: number, second: number): { sides: Side[]; isWhole: boolean } {
  const sides: Side[] = [];
  let left = first;
  let count = second;
  while (left !== count) {
    const half = splitAt(count);
    const isLeft = left > half;
    sides.push(isLeft ? "left" : "right");
    left = isLeft ? left - half : left;
    count = isLeft ? count - half : half;
  }
  return { sides: sides.reverse(), isWhole: left === first };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function compareRoot(
  field: string,
  claimed: Uint8Array,
  found: Uint8Array,
): ProofHolds | Refusal<MerkleRefusalCode> {
  const wrong = refuseHash(field, claimed);
  if (wrong !== undefined) return wrong;
  if (sameHash(claimed, found)) return HOLDS;
  return refuse("MERKLE_ROOT_DIFFERS", field, hex(claimed), `${hex(found)}, which the proof leads to`);
}

function refuseSize(field: string, value: unknown, least: number): Refusal<MerkleRefusalCode> {
  return refuse("MERKLE_SIZE_INVALID", field, value, `an integer within ${least} and 2^53 - 1`);
}

function refuseHash(field: string, value: unknown): Refusal<MerkleRefusalCode> | undefined {
  return isHash(value) ? undefined : refuse("MERKLE_HASH_INVALID", field, sizeOf(value), "32 bytes");
}

function refuseProof(proof: readonly Uint8Array[]): Refusal<MerkleRefusalCode> | undefined {
  if (!Array.isArray(proof)) return refuse("MERKLE_PROOF_LENGTH", "proof", proof, "an array of hashes");
  for (const [i, item] of proof.entries()) {
    const wrong = refuseHash(`proof[${i}]`, item);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function refuseLength(found: number, expected: number): Refusal<MerkleRefusalCode> {
  return refuse("MERKLE_PROOF_LENGTH", "proof", found, `${expected} hashes`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
