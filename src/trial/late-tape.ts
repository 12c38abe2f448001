import { Prng, sha256Hex } from "../base/index.ts";
import { type DepthBlock, LAST, type TapeMeta } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";

/**
 * A depth tape of whose messages a share is lost on the way to us: that one is missing shows when the next one comes,
 * and only then it is had again. Its rows keep their places and their exchange times; we see them at the local time of
 * the next message that came.
 *
 * @invariant Every row stays: who lives the tape in exchange time lives what it lived. Messages at the end of a block,
 * and one that began in the block before, come on time.
 * @cost As the tape it reads, and a draw a message; no copy of the tape.
 */
export class LateTape implements TapeSource<DepthBlock> {
  readonly meta: TapeMeta;
  readonly #of: TapeSource<DepthBlock>;
  readonly #share: number;
  readonly #seed: number;

  constructor(of: TapeSource<DepthBlock>, share: number, seed: number) {
    this.#of = of;
    this.#share = share;
    this.#seed = seed;
    const what = `${share} of its messages come with the next one, seed ${seed}`;
    const contentSha256 = sha256Hex(`${of.meta.contentSha256}: ${what}`);
    this.meta = { ...of.meta, source: `${of.meta.source}; ${what}`, contentSha256 };
  }

  get blockCount(): number {
    return this.#of.blockCount;
  }

  read(index: number, into: DepthBlock): void {
    this.#of.read(index, into);
    const { kind, local, n } = into;
    const draws = new Prng(this.#seed * 1_000_003 + index);
    /** Where the messages begin that the next one brings; -1 for none. */
    let lost = -1;
    let begin = 0;
    for (let row = 0; row < n; row++) {
      if (((kind[row] as number) & LAST) === 0) continue;
      const isLost = draws.float() < this.#share && begin > 0;
      if (isLost && lost < 0) lost = begin;
      if (!isLost && lost >= 0) {
        local.fill(local[begin] as number, lost, begin);
        lost = -1;
      }
      begin = row + 1;
    }
  }

  close(): void {
    this.#of.close();
  }
}
