import { DepthBlock } from "../model/index.ts";
import type { RowTaker } from "./capture-rows.ts";

/**
 * Gathers the rows of one message in a block that is reused for the next.
 *
 * @invariant Neither time falls, within and across messages: each is raised to the highest before it.
 * @cost The block grows to the longest message and stays; nothing is allocated after that.
 */
export class MessageRows implements RowTaker {
  block: DepthBlock = new DepthBlock(4_096);
  n = 0;
  /** Rows whose exchange time was raised. */
  exchClamped = 0;
  readonly #last = new Float64Array([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);

  push(exchNs: number, localNs: number, kind: number, tick: number, lots: number): void {
    const last = this.#last;
    const n = this.n;
    if (n + 1 === this.block.kind.length) this.#widen();
    const { exch, local, kind: kinds, tick: ticks, lots: sizes } = this.block;
    if (exchNs >= (last[0] as number)) last[0] = exchNs;
    else this.exchClamped += 1;
    if (localNs > (last[1] as number)) last[1] = localNs;
    exch[n] = last[0] as number;
    local[n] = last[1] as number;
    kinds[n] = kind;
    ticks[n] = tick;
    sizes[n] = lots;
    this.n = n + 1;
  }

  /** Sets the block's length; the next row is the first again. */
  seal(): number {
    const rows = this.n;
    this.block.seal(rows);
    this.n = 0;
    return rows;
  }

  #widen(): void {
    const wider = new DepthBlock(2 * this.n);
    wider.exch.set(this.block.exch.subarray(0, this.n));
    wider.local.set(this.block.local.subarray(0, this.n));
    wider.kind.set(this.block.kind.subarray(0, this.n));
    wider.tick.set(this.block.tick.subarray(0, this.n));
    wider.lots.set(this.block.lots.subarray(0, this.n));
    this.block = wider;
  }
}
