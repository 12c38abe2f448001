import type { AuditBuffer } from "./audit-buffer.ts";
import type { AuditEdge } from "./audit-digest.ts";
import { type AuditLeaves, LINK_HEAD_BYTES } from "./audit-segment.ts";
import {
  FRONTIER_LEVELS,
  frontierState,
  levelsOf,
  MerkleFrontier,
  type MerkleFrontierState,
} from "./merkle-frontier.ts";
import { checkHash, isHash, MERKLE_HASH_BYTES } from "./merkle-hash.ts";

/** Where the fields of `Edge` in native/audit/chain.hpp stand. @units bytes */
const AT = { size: 0, firstSeq: 8, from: 16, tip: 32, expected: 64, slots: 96 } as const;
const BYTES = AT.slots + FRONTIER_LEVELS * MERKLE_HASH_BYTES;

/** Takes the block that the edge's memory tells of; `false` where its link is not the one expected. */
type TakeBlock = (edge: ArrayBuffer, block: ArrayBufferLike) => boolean;

/** An edge that lives in memory which native code reads and writes: one call takes a block. */
export class NativeEdge implements AuditEdge {
  readonly #take: TakeBlock;
  readonly #memory = new ArrayBuffer(BYTES);
  readonly #size = new Float64Array(this.#memory, AT.size, 1);
  readonly #firstSeq = new Float64Array(this.#memory, AT.firstSeq, 1);
  /** Where the records begin and end, whether each is a leaf, whether a link is expected. */
  readonly #request = new Uint32Array(this.#memory, AT.from, 4);
  readonly #tip = new Uint8Array(this.#memory, AT.tip, MERKLE_HASH_BYTES);
  readonly #expected = new Uint8Array(this.#memory, AT.expected, MERKLE_HASH_BYTES);
  readonly #slots = new Uint8Array(this.#memory, AT.slots);

  constructor(take: TakeBlock, tree: MerkleFrontierState | undefined) {
    this.#take = take;
    if (tree === undefined) return;
    MerkleFrontier.load(tree);
    this.#size[0] = tree.size;
    for (const [i, level] of levelsOf(tree.size).entries()) {
      this.#slots.set(Buffer.from(tree.peaks[i] as string, "hex"), level * MERKLE_HASH_BYTES);
    }
  }

  get size(): number {
    return this.#size[0] as number;
  }

  get tip(): Uint8Array {
    return this.#tip;
  }

  begin(tip: Uint8Array): void {
    this.#tip.set(checkHash("tip", tip));
  }

  take(
    buffer: AuditBuffer,
    to: number,
    firstSeq: number,
    leaves: AuditLeaves,
    expected?: Uint8Array,
  ): boolean {
    if (expected !== undefined && !isHash(expected)) return false;
    this.#firstSeq[0] = firstSeq;
    const request = this.#request;
    request[0] = LINK_HEAD_BYTES;
    // What does not fit a word would become another number.
    request[1] = to === to >>> 0 ? to : 0;
    request[2] = leaves === "record" ? 1 : 0;
    request[3] = expected === undefined ? 0 : 1;
    if (expected !== undefined) this.#expected.set(expected);
    return this.#take(this.#memory, buffer.bytes.buffer);
  }

  root(): Uint8Array {
    return MerkleFrontier.load(this.save()).root();
  }

  save(): MerkleFrontierState {
    return frontierState(this.size, this.#slots);
  }
}
