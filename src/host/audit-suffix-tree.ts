import { MERKLE_HASH_BYTES, type MerkleFrontierState, merkleNodeHash } from "../audit/index.ts";

const FIRST_HASHES = 1024;

/**
 * The leaves of a Merkle tree from some size on, above the roots of what came before: enough to prove any
 * of them.
 *
 * @invariant Its paths are those of a `MerkleTree` over all leaves.
 * @cost 32 bytes a leaf; a path hashes every node once.
 * @source RFC 9162, section 2.1.3
 */
export class SuffixTree {
  readonly #start: number;
  /** The roots of the complete subtrees before the first leaf, by where they begin and end. */
  readonly #peaks = new Map<string, Uint8Array>();
  #hashes = new Uint8Array(FIRST_HASHES * MERKLE_HASH_BYTES);
  #count = 0;

  constructor(before: MerkleFrontierState) {
    this.#start = before.size;
    let from = 0;
    let peak = 0;
    for (let width = largestBelow(before.size + 1); from < before.size; width /= 2) {
      if (from + width > before.size) continue;
      this.#peaks.set(
        `${from} ${from + width}`,
        new Uint8Array(Buffer.from(before.peaks[peak] as string, "hex")),
      );
      from += width;
      peak += 1;
    }
  }

  /** Leaves of the tree, those before the first included. */
  get size(): number {
    return this.#start + this.#count;
  }

  append(leafHash: Uint8Array): void {
    const at = this.#count * MERKLE_HASH_BYTES;
    if (at === this.#hashes.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes.set(leafHash, at);
    this.#count += 1;
  }

  /** The hashes from a leaf to the root of the tree of so many leaves. @shape 32 bytes each */
  path(index: number, size: number): Uint8Array[] {
    const path: Uint8Array[] = [];
    let [from, to] = [0, size];
    while (to - from > 1) {
      const middle = from + largestBelow(to - from);
      if (index < middle) {
        path.push(this.#root(middle, to));
        to = middle;
      } else {
        path.push(this.#root(from, middle));
        from = middle;
      }
    }
    return path.reverse();
  }

  #root(from: number, to: number): Uint8Array {
    const peak = to <= this.#start ? this.#peaks.get(`${from} ${to}`) : undefined;
    if (peak !== undefined) return peak;
    if (to - from === 1) {
      const at = (from - this.#start) * MERKLE_HASH_BYTES;
      return this.#hashes.slice(at, at + MERKLE_HASH_BYTES);
    }
    const middle = from + largestBelow(to - from);
    return merkleNodeHash(this.#root(from, middle), this.#root(middle, to));
  }
}

/** The largest power of two below a number above 1; 1 for 1. */
function largestBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
