import { hash } from "node:crypto";
import { Fault } from "../base/index.ts";

/** The length of every hash of a tree. @units bytes */
export const MERKLE_HASH_BYTES = 32;

const LEAF = 0x00;
const NODE = 0x01;
/** Leaves up to this length are hashed without an allocation for their copy. */
const SHORT_LEAF_BYTES = 4096;

const shortLeaf = new Uint8Array(1 + SHORT_LEAF_BYTES);
const pair = new Uint8Array(1 + 2 * MERKLE_HASH_BYTES);
pair[0] = NODE;

/**
 * The hash of a leaf: SHA-256 of a zero byte and the leaf's bytes.
 *
 * @cost One pass over the bytes and one array of 32 bytes.
 * @source RFC 9162, section 2.1.1
 */
export function merkleLeafHash(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(MERKLE_HASH_BYTES);
  writeLeafHash(bytes, out, 0);
  return out;
}

/**
 * The hash of an inner node: SHA-256 of a one byte, the left child and the right child.
 *
 * @throws `FAULT_INPUT` for a child that is not 32 bytes long.
 * @cost Two blocks of SHA-256 and one array of 32 bytes.
 * @source RFC 9162, section 2.1.1
 */
export function merkleNodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const out = new Uint8Array(MERKLE_HASH_BYTES);
  writeNodeHash(checkHash("left", left), 0, checkHash("right", right), 0, out, 0);
  return out;
}

/** The root of a tree without leaves: SHA-256 of no bytes. */
export function merkleEmptyRoot(): Uint8Array {
  const out = new Uint8Array(MERKLE_HASH_BYTES);
  writeSha256(new Uint8Array(0), out, 0);
  return out;
}

/** Writes the hash of a leaf at `at` of `out`. @throws `FAULT_INPUT` for a leaf that is no bytes. */
export function writeLeafHash(bytes: Uint8Array, out: Uint8Array, at: number): void {
  if (!(bytes instanceof Uint8Array)) {
    throw new Fault("FAULT_INPUT", { path: "leafBytes", value: bytes, expected: "a Uint8Array" });
  }
  if (bytes.length > SHORT_LEAF_BYTES) {
    const long = new Uint8Array(1 + bytes.length);
    long[0] = LEAF;
    long.set(bytes, 1);
    writeSha256(long, out, at);
    return;
  }
  shortLeaf[0] = LEAF;
  shortLeaf.set(bytes, 1);
  writeSha256(shortLeaf.subarray(0, 1 + bytes.length), out, at);
}

/** Writes the hash of a node at `outAt` of `out`; the children are read first, so `out` may hold them. */
export function writeNodeHash(
  left: Uint8Array,
  leftAt: number,
  right: Uint8Array,
  rightAt: number,
  out: Uint8Array,
  outAt: number,
): void {
  for (let i = 0; i < MERKLE_HASH_BYTES; i++) {
    pair[1 + i] = left[leftAt + i] as number;
    pair[1 + MERKLE_HASH_BYTES + i] = right[rightAt + i] as number;
  }
  writeSha256(pair, out, outAt);
}

/** Writes SHA-256 of some bytes at `at` of `out`. A one-byte string is three times as fast as a buffer here. */
export function writeSha256(bytes: Uint8Array, out: Uint8Array, at: number): void {
  const digest = hash("sha256", bytes, "binary");
  for (let i = 0; i < MERKLE_HASH_BYTES; i++) out[at + i] = digest.charCodeAt(i);
}

/** Throws `FAULT_INPUT` unless `value` is an array of 32 bytes. */
export function checkHash(path: string, value: Uint8Array): Uint8Array {
  if (isHash(value)) return value;
  throw new Fault("FAULT_INPUT", { path, value: sizeOf(value), expected: "32 bytes" });
}

/** Tells an array of 32 bytes from everything else. */
export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === MERKLE_HASH_BYTES;
}

/** Says how long some bytes are, for messages. */
export function sizeOf(value: unknown): string {
  return value instanceof Uint8Array ? `${value.length} bytes` : `no bytes but ${typeof value}`;
}

/** Tells whether two hashes are the same. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The largest power of two below `size`, which is at least 2: where a tree of `size` leaves is split. */
export function splitAt(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** Throws `FAULT_INPUT` unless `value` is an integer within [min, max]. */
export function checkCount(path: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Fault("FAULT_INPUT", { path, value, expected: `an integer within ${min} and ${max}` });
}
