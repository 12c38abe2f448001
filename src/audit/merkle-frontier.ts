import { Fault } from "../base/index.ts";
import {
  checkCount,
  checkHash,
  MERKLE_HASH_BYTES,
  merkleEmptyRoot,
  writeLeafHash,
  writeNodeHash,
} from "./merkle-hash.ts";

/** One slot for each bit of the largest size, 2^53 - 1. */
export const FRONTIER_LEVELS = 53;

/** What {@link MerkleFrontier.save} gives: plain JSON. */
export interface MerkleFrontierState {
  readonly version: 1;
  readonly size: number;
  /** The roots of the complete subtrees, the largest first. @shape 64 hex digits each */
  readonly peaks: readonly string[];
}

/**
 * The right edge of a growing Merkle tree: all that is needed to take leaves and give the root, whatever the
 * number of leaves. It proves nothing; a {@link MerkleTree} over the same leaves does.
 *
 * @invariant Its root equals that of a `MerkleTree` over the same leaves, also after `save` and `load`.
 * @cost 1.7 KB for ever; `append` hashes two nodes on average.
 * @source RFC 9162, section 2.1.2
 * @example
 * ```ts
 * import { MerkleFrontier } from "tickwright/audit";
 * const frontier = new MerkleFrontier();
 * frontier.append(new Uint8Array(0));
 * const later = MerkleFrontier.load(JSON.parse(JSON.stringify(frontier.save())));
 * later.append(Uint8Array.of(0));
 * Buffer.from(later.root()).toString("hex").slice(0, 16); // => 'fac54203e7cc696c'
 * ```
 */
export class MerkleFrontier {
  /** Slot k is in use where bit k of the size is set: the root of a complete subtree of 2^k leaves. */
  readonly #slots = new Uint8Array(FRONTIER_LEVELS * MERKLE_HASH_BYTES);
  readonly #work = new Uint8Array(MERKLE_HASH_BYTES);
  #size = 0;

  /** How many leaves there are. */
  get size(): number {
    return this.#size;
  }

  /** Takes the next leaf and gives its index. @throws `FAULT_CAPACITY` past 2^53 - 1 leaves. */
  append(leafBytes: Uint8Array): number {
    writeLeafHash(leafBytes, this.#work, 0);
    return this.#push();
  }

  /**
   * Takes the hash of the next leaf and gives its index.
   *
   * @throws `FAULT_INPUT` unless it is 32 bytes long, `FAULT_CAPACITY` past 2^53 - 1 leaves.
   */
  appendHash(leafHash: Uint8Array): number {
    this.#work.set(checkHash("leafHash", leafHash));
    return this.#push();
  }

  /** The root over all leaves. @cost A hash for each bit that is set in the size, but one. */
  root(): Uint8Array {
    if (this.#size === 0) return merkleEmptyRoot();
    const root = new Uint8Array(MERKLE_HASH_BYTES);
    let isFirst = true;
    let rest = this.#size;
    for (let level = 0; rest > 0; level++) {
      const isSet = rest % 2 === 1;
      rest = (rest - (isSet ? 1 : 0)) / 2;
      if (!isSet) continue;
      const at = level * MERKLE_HASH_BYTES;
      if (isFirst) root.set(this.#slots.subarray(at, at + MERKLE_HASH_BYTES));
      else writeNodeHash(this.#slots, at, root, 0, root, 0);
      isFirst = false;
    }
    return root;
  }

  /** The edge as plain JSON, for {@link MerkleFrontier.load}. */
  save(): MerkleFrontierState {
    return frontierState(this.#size, this.#slots);
  }

  /**
   * Builds an edge from what was saved. What was saved holds nothing to find damage by: compare the root with a
   * signed checkpoint.
   *
   * @throws `FAULT_INPUT` naming the field that no edge has.
   */
  static load(state: MerkleFrontierState): MerkleFrontier {
    if (state.version !== 1) {
      throw new Fault("FAULT_INPUT", { path: "state.version", value: state.version, expected: "1" });
    }
    const frontier = new MerkleFrontier();
    frontier.#size = checkCount("state.size", state.size, 0, Number.MAX_SAFE_INTEGER);
    const levels = levelsOf(state.size);
    if (!Array.isArray(state.peaks) || state.peaks.length !== levels.length) {
      const expected = `${levels.length} hashes for ${state.size} leaves`;
      throw new Fault("FAULT_INPUT", { path: "state.peaks", value: state.peaks, expected });
    }
    for (const [i, level] of levels.entries()) {
      const peak: unknown = state.peaks[i];
      if (typeof peak !== "string" || !/^[0-9a-f]{64}$/.test(peak)) {
        const expected = "64 lower-case hex digits";
        throw new Fault("FAULT_INPUT", { path: `state.peaks[${i}]`, value: peak, expected });
      }
      frontier.#slots.set(Buffer.from(peak, "hex"), level * MERKLE_HASH_BYTES);
    }
    return frontier;
  }

  #push(): number {
    const index = this.#size;
    if (index === Number.MAX_SAFE_INTEGER) {
      throw new Fault("FAULT_CAPACITY", {
        path: "size",
        value: index,
        expected: "fewer than 2^53 - 1 leaves",
      });
    }
    let level = 0;
    for (let rest = index; rest % 2 === 1; rest = (rest - 1) / 2) {
      writeNodeHash(this.#slots, level * MERKLE_HASH_BYTES, this.#work, 0, this.#work, 0);
      level++;
    }
    this.#slots.set(this.#work, level * MERKLE_HASH_BYTES);
    this.#size = index + 1;
    return index;
  }
}

/** An edge as plain JSON: slot k holds the root of a complete subtree of 2^k leaves where bit k of the size is set. */
export function frontierState(size: number, slots: Uint8Array): MerkleFrontierState {
  const peaks = levelsOf(size).map((level) => {
    const at = level * MERKLE_HASH_BYTES;
    return Buffer.from(slots.subarray(at, at + MERKLE_HASH_BYTES)).toString("hex");
  });
  return { version: 1, size, peaks };
}

/** The bits that are set in a size, the highest first. */
export function levelsOf(size: number): number[] {
  const levels: number[] = [];
  let rest = size;
  for (let level = 0; rest > 0; level++) {
    if (rest % 2 === 1) levels.unshift(level);
    rest = Math.floor(rest / 2);
  }
  return levels;
}
