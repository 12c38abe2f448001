import type { BarBlock, DepthBlock, TapeMeta } from "../model/index.ts";

/**
 * A tape that can be read block by block, in any order, as often as needed.
 *
 * @invariant Synchronous: the kernel's loop calls it between blocks. Reading block `i` twice gives equal rows.
 * @throws `FAULT_TAPE_CORRUPT` from `read` when a block's checksum fails.
 */
export interface TapeSource<Block extends DepthBlock | BarBlock = DepthBlock | BarBlock> {
  readonly meta: TapeMeta;
  readonly blockCount: number;
  /** Fills `into` with block `index` and seals it. */
  read(index: number, into: Block): void;
  /** Block `index` where it lies, of a source that holds it decoded: nobody may write to it. */
  view?(index: number): Block;
  close(): void;
}
