import { Digest } from "../base/index.ts";
import { DepthBlock } from "../model/index.ts";

const ROWS = 4096;
/** Doubles of a row that are hashed. */
const STRIDE = 5;
const HASHED = 1024;

/**
 * Rows of a simulated feed on their way to us, first in, first out.
 *
 * @units `nextNs`: ns; rows as in `DepthBlock`
 * @invariant `digest` is over every row that was pushed, in order.
 * @cost Memory for the most rows that were on their way at one time.
 */
export class FeedRows {
  /** When the first row arrives, Infinity where none is on its way. */
  readonly nextNs: Float64Array = new Float64Array([Number.POSITIVE_INFINITY]);
  block: DepthBlock = new DepthBlock(ROWS);
  /** Where the first row stands in `block`. */
  first = 0;
  /** Rows so far. */
  count = 0;
  readonly #digest: Digest = new Digest();
  readonly #hashed: Float64Array = new Float64Array(STRIDE * HASHED);
  #end = 0;

  get size(): number {
    return this.#end - this.first;
  }

  push(exchNs: number, localNs: number, kind: number, tick: number, lots: number): void {
    if (this.#end === this.block.exch.length - 1) this.#makeRoom();
    const { block } = this;
    const at = this.#end;
    block.exch[at] = exchNs;
    block.local[at] = localNs;
    block.kind[at] = kind;
    block.tick[at] = tick;
    block.lots[at] = lots;
    if (this.size === 0) this.nextNs[0] = localNs;
    this.#end = at + 1;
    this.#hash([exchNs, localNs, kind, tick, lots]);
  }

  /** The first row has arrived; it stays readable until the next push. */
  shift(): void {
    this.first += 1;
    this.nextNs[0] = this.size === 0 ? Number.POSITIVE_INFINITY : (this.block.local[this.first] as number);
  }

  /** SHA-256 over the columns of all rows so far, row by row, as hex. */
  digest(): string {
    const left = this.#hashed.subarray(0, STRIDE * (this.count % HASHED));
    return new Digest().update(this.#digest.hex()).update(new Uint8Array(left.slice().buffer)).hex();
  }

  #hash(row: readonly number[]): void {
    this.#hashed.set(row, STRIDE * (this.count % HASHED));
    this.count += 1;
    if (this.count % HASHED === 0) this.#digest.update(new Uint8Array(this.#hashed.buffer));
  }

  #makeRoom(): void {
    const { block, first } = this;
    const size = this.size;
    const room = block.exch.length - 1;
    const into = 2 * size > room ? new DepthBlock(2 * room) : block;
    for (const column of ["exch", "local", "kind", "tick", "lots"] as const) {
      into[column].set(block[column].subarray(first, first + size));
    }
    this.block = into;
    this.first = 0;
    this.#end = size;
  }
}
