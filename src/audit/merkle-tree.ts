import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import {
  checkCount,
  checkHash,
  MERKLE_HASH_BYTES,
  merkleEmptyRoot,
  merkleNodeHash,
  sameHash,
  splitAt,
  writeLeafHash,
  writeNodeHash,
} from "./merkle-hash.ts";

/** How many leaves a {@link MerkleTree} may hold unless it is told: about 1 GiB of hashes. */
const LEAVES_MAX = 16_777_216;
const FIRST_HASHES = 64;

/** What a {@link MerkleTree} is made with. */
export interface MerkleTreeOptions {
  /** The most leaves it takes; 16 777 216 where it is left out. */
  readonly leavesMax?: number;
}

/** What {@link MerkleTree.save} gives: plain JSON. */
export interface MerkleTreeState {
  readonly version: 1;
  readonly size: number;
  /** The hashes of all leaves in their order. @shape 64 hex digits each */
  readonly leaves: string;
  /** The root, to find damage by. @shape 64 hex digits */
  readonly root: string;
}

/**
 * An append-only Merkle tree that keeps every complete node, so that it proves any leaf and any growth between
 * two of its sizes. A writer that needs no proofs uses `MerkleFrontier`.
 *
 * @invariant Roots and proofs equal those of the recursive definition for every size and index
 * (`test/property/audit-merkle.test.ts`).
 * @cost 64 bytes a leaf; `append` hashes two nodes on average, roots and proofs a logarithm of them.
 * @example
 * ```ts
 * import { MerkleTree, merkleLeafHash, verifyInclusion } from "tickwright/audit";
 * const tree = new MerkleTree();
 * for (const text of ["new", "fill", "cancel"]) tree.append(new TextEncoder().encode(text));
 * const leafHash = merkleLeafHash(new TextEncoder().encode("fill"));
 * const proof = tree.inclusionProof(1, 3);
 * verifyInclusion({ index: 1, size: 3, leafHash, proof, root: tree.root() }).ok; // => true
 * verifyInclusion({ index: 0, size: 3, leafHash, proof, root: tree.root() }).ok; // => false
 * ```
 * @source RFC 9162, section 2.1
 */
export class MerkleTree {
  readonly leavesMax: number;
  /** Level 0 holds the leaves; level k the roots of complete subtrees of 2^k leaves. */
  readonly #levels: Uint8Array[] = [new Uint8Array(FIRST_HASHES * MERKLE_HASH_BYTES)];
  #size = 0;

  constructor(options: MerkleTreeOptions = {}) {
    checkKeys("options", options, ["leavesMax"]);
    this.leavesMax = checkInteger("options.leavesMax", options.leavesMax ?? LEAVES_MAX, 1);
  }

  /** How many leaves there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes the next leaf and gives its index.
   *
   * @throws `FAULT_CAPACITY` past `leavesMax`.
   */
  append(leafBytes: Uint8Array): number {
    const index = this.#reserve();
    writeLeafHash(leafBytes, this.#levels[0] as Uint8Array, index * MERKLE_HASH_BYTES);
    return this.#grow(index);
  }

  /**
   * Takes the hash of the next leaf and gives its index.
   *
   * @throws `FAULT_INPUT` unless it is 32 bytes long, `FAULT_CAPACITY` past `leavesMax`.
   */
  appendHash(leafHash: Uint8Array): number {
    checkHash("leafHash", leafHash);
    const index = this.#reserve();
    (this.#levels[0] as Uint8Array).set(leafHash, index * MERKLE_HASH_BYTES);
    return this.#grow(index);
  }

  /** The hash of a leaf. @throws `FAULT_INPUT` for an index that is none. */
  leafHash(index: number): Uint8Array {
    return this.#complete(0, checkCount("index", index, 0, this.#size - 1));
  }

  /** The root over all leaves. */
  root(): Uint8Array {
    return this.#range(0, this.#size);
  }

  /** The root as it was when there were `size` leaves. @throws `FAULT_INPUT` for a size that never was. */
  rootAt(size: number): Uint8Array {
    return this.#range(0, checkCount("size", size, 0, this.#size));
  }

  /**
   * The hashes that prove the leaf `index` to be in the tree of the first `size` leaves, from the leaf upwards.
   *
   * @throws `FAULT_INPUT` for a size that never was, or an index outside of it.
   * @source RFC 9162, section 2.1.3.1
   */
  inclusionProof(index: number, size: number = this.#size): Uint8Array[] {
    checkCount("size", size, 1, this.#size);
    checkCount("index", index, 0, size - 1);
    const proof: Uint8Array[] = [];
    let start = 0;
    for (let count = size; count > 1; ) {
      const half = splitAt(count);
      if (index < start + half) {
        proof.push(this.#range(start + half, count - half));
        count = half;
      } else {
        proof.push(this.#range(start, half));
        start += half;
        count -= half;
      }
    }
    return proof.reverse();
  }

  /**
   * The hashes that prove the tree of `first` leaves to be the beginning of the tree of `second` leaves; none
   * where they are the same.
   *
   * @throws `FAULT_INPUT` for sizes that never were, out of order, or a `first` of 0, of which nothing can be
   * proved.
   * @source RFC 9162, section 2.1.4.1
   */
  consistencyProof(first: number, second: number = this.#size): Uint8Array[] {
    checkCount("second", second, 1, this.#size);
    checkCount("first", first, 1, second);
    const proof: Uint8Array[] = [];
    let start = 0;
    let count = second;
    while (start + count !== first) {
      const half = splitAt(count);
      if (first <= start + half) {
        proof.push(this.#range(start + half, count - half));
        count = half;
      } else {
        proof.push(this.#range(start, half));
        start += half;
        count -= half;
      }
    }
    if (start > 0) proof.push(this.#range(start, count));
    return proof.reverse();
  }

  /** The leaves as plain JSON, for {@link MerkleTree.load}. */
  save(): MerkleTreeState {
    const leaves = (this.#levels[0] as Uint8Array).subarray(0, this.#size * MERKLE_HASH_BYTES);
    return { version: 1, size: this.#size, leaves: toHex(leaves), root: toHex(this.root()) };
  }

  /**
   * Builds a tree from what was saved.
   *
   * @throws `FAULT_INPUT` naming the field that is not what it was saved as, `FAULT_CAPACITY` past `leavesMax`.
   */
  static load(state: MerkleTreeState, options: MerkleTreeOptions = {}): MerkleTree {
    const tree = new MerkleTree(options);
    if (state.version !== 1) {
      throw new Fault("FAULT_INPUT", { path: "state.version", value: state.version, expected: "1" });
    }
    checkCount("state.size", state.size, 0, Number.MAX_SAFE_INTEGER);
    const leaves = fromHex("state.leaves", state.leaves, state.size * MERKLE_HASH_BYTES);
    for (let at = 0; at < leaves.length; at += MERKLE_HASH_BYTES) {
      tree.appendHash(leaves.subarray(at, at + MERKLE_HASH_BYTES));
    }
    if (sameHash(tree.root(), fromHex("state.root", state.root, MERKLE_HASH_BYTES))) return tree;
    throw new Fault("FAULT_INPUT", { path: "state.root", value: state.root, expected: toHex(tree.root()) });
  }

  #reserve(): number {
    if (this.#size >= this.leavesMax) {
      throw new Fault("FAULT_CAPACITY", {
        path: "leavesMax",
        value: this.#size + 1,
        expected: `at most ${this.leavesMax} leaves`,
      });
    }
    this.#room(0, this.#size);
    return this.#size;
  }

  /** Hashes the nodes that the leaf at `index` completes. */
  #grow(index: number): number {
    let at = index;
    for (let level = 0; at % 2 === 1; level++) {
      const parent = (at - 1) / 2;
      this.#room(level + 1, parent);
      const from = this.#levels[level] as Uint8Array;
      const left = (at - 1) * MERKLE_HASH_BYTES;
      const to = this.#levels[level + 1] as Uint8Array;
      writeNodeHash(from, left, from, left + MERKLE_HASH_BYTES, to, parent * MERKLE_HASH_BYTES);
      at = parent;
    }
    this.#size = index + 1;
    return index;
  }

  /** Makes room for the node `index` of a level, doubling it. */
  #room(level: number, index: number): void {
    const held = this.#levels[level];
    if (held === undefined) {
      this.#levels[level] = new Uint8Array(FIRST_HASHES * MERKLE_HASH_BYTES);
    } else if (held.length < (index + 1) * MERKLE_HASH_BYTES) {
      const larger = new Uint8Array(held.length * 2);
      larger.set(held);
      this.#levels[level] = larger;
    }
  }

  /** The root over `count` leaves from `start`, which is a multiple of the power of two at or above `count`. */
  #range(start: number, count: number): Uint8Array {
    if (count === 0) return merkleEmptyRoot();
    let level = 0;
    let width = 1;
    while (width < count) {
      width *= 2;
      level++;
    }
    if (width === count) return this.#complete(level, start / width);
    const half = width / 2;
    return merkleNodeHash(this.#range(start, half), this.#range(start + half, count - half));
  }

  #complete(level: number, index: number): Uint8Array {
    const at = index * MERKLE_HASH_BYTES;
    return (this.#levels[level] as Uint8Array).slice(at, at + MERKLE_HASH_BYTES);
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function fromHex(path: string, text: string, length: number): Uint8Array {
  if (typeof text === "string" && text.length === length * 2 && /^[0-9a-f]*$/.test(text)) {
    return new Uint8Array(Buffer.from(text, "hex"));
  }
  throw new Fault("FAULT_INPUT", { path, value: text, expected: `${length * 2} lower-case hex digits` });
}
