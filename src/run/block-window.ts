import type { BarBlock, DepthBlock } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";

interface Held<Block> {
  readonly block: Block;
  index: number;
  holders: number;
}

/**
 * The few blocks of a tape that are decoded now. Two cursors (exchange time and local time) walk one tape a
 * little apart: a block both need is decoded once.
 *
 * @invariant Memory is bounded by the blocks between the two cursors, not by the tape.
 */
export class BlockWindow<Block extends DepthBlock | BarBlock> {
  readonly #source: TapeSource<Block>;
  readonly #make: () => Block;
  readonly #held: Held<Block>[] = [];
  readonly #shiftNs: number;

  constructor(source: TapeSource<Block>, make: () => Block, shiftNs = 0) {
    this.#source = source;
    this.#make = make;
    this.#shiftNs = shiftNs;
  }

  get blockCount(): number {
    return this.#source.blockCount;
  }

  /** Block `index`, to be given back by `release(index)`; not to be written to. */
  take(index: number): Block {
    if (this.#shiftNs === 0 && this.#source.view !== undefined) return this.#source.view(index);
    let held = this.#held.find((entry) => entry.index === index);
    if (held === undefined) {
      held = this.#held.find((entry) => entry.holders === 0);
      if (held === undefined) {
        held = { block: this.#make(), index: -1, holders: 0 };
        this.#held.push(held);
      }
      held.index = index;
      this.#source.read(index, held.block);
      if (this.#shiftNs !== 0) shiftTimes(held.block, this.#shiftNs);
    }
    held.holders += 1;
    return held.block;
  }

  release(index: number): void {
    const held = this.#held.find((entry) => entry.index === index);
    if (held !== undefined) held.holders -= 1;
  }
}

/** Counts a block's times from the run's base instead of its tape's. */
function shiftTimes(block: DepthBlock | BarBlock, shiftNs: number): void {
  const columns = "exch" in block ? [block.exch, block.local] : [block.openNs, block.closeNs];
  for (const column of columns) {
    for (let i = 0; i < block.n; i++) column[i] = (column[i] as number) + shiftNs;
  }
}
