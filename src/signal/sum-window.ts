import type { StateReader } from "./indicator.ts";

/**
 * The sum of the last `size` numbers, by additions alone: what leaves the window is never subtracted, so no
 * rounding error outlives the samples that made it.
 *
 * The window is cut in blocks of half its size. It holds a suffix of the oldest block, the whole middle
 * block and a prefix of the newest. While the newest block fills, the middle one is turned into its
 * suffix sums from the end, one a push: they are complete when it becomes the oldest.
 *
 * @invariant The sum depends on the samples in the window and their phase alone, at any length of history.
 * @shape three columns of `floor(size / 2)` numbers
 * @cost At most six array accesses a push, for any size; no allocation.
 */
export class SumWindow {
  readonly size: number;
  /** The sum of the last `size` numbers, or of all while there are fewer. */
  sum = 0;
  readonly #half: number;
  /** 1 when the size is odd: the oldest block then keeps one more sample. */
  readonly #odd: number;
  #filling: Float64Array;
  #middle: Float64Array;
  #oldest: Float64Array;
  #at = 0;
  #prefix = 0;
  #whole = 0;
  #suffix = 0;

  constructor(size: number) {
    this.size = size;
    this.#half = size >> 1;
    this.#odd = size & 1;
    this.#filling = new Float64Array(this.#half);
    this.#middle = new Float64Array(this.#half);
    this.#oldest = new Float64Array(this.#half);
  }

  /** Takes one number in, lets the oldest go, and returns the new sum. */
  push(x: number): number {
    if (this.#half === 0) {
      this.sum = x;
      return x;
    }
    if (this.#at === this.#half) this.#rotate();
    const at = this.#at;
    const mirror = this.#half - 1 - at;
    this.#filling[at] = x;
    this.#prefix += x;
    this.#suffix += this.#middle[mirror] as number;
    this.#middle[mirror] = this.#suffix;
    const kept = at + 1 - this.#odd;
    const oldest = kept < this.#half ? (this.#oldest[kept] as number) : 0;
    this.#at = at + 1;
    const sum = oldest + this.#whole + this.#prefix;
    this.sum = sum;
    return sum;
  }

  reset(): void {
    this.sum = 0;
    this.#at = 0;
    this.#prefix = 0;
    this.#whole = 0;
    this.#suffix = 0;
    this.#filling.fill(0);
    this.#middle.fill(0);
    this.#oldest.fill(0);
  }

  writeState(out: number[]): void {
    out.push(this.sum, this.#at, this.#prefix, this.#whole, this.#suffix);
    for (const column of [this.#filling, this.#middle, this.#oldest]) {
      for (const item of column) out.push(item);
    }
  }

  readState(from: StateReader): void {
    this.sum = from.next();
    this.#at = from.index(this.#half);
    this.#prefix = from.next();
    this.#whole = from.next();
    this.#suffix = from.next();
    from.fill(this.#filling);
    from.fill(this.#middle);
    from.fill(this.#oldest);
  }

  #rotate(): void {
    const free = this.#oldest;
    this.#oldest = this.#middle;
    this.#middle = this.#filling;
    this.#filling = free;
    this.#whole = this.#prefix;
    this.#prefix = 0;
    this.#suffix = 0;
    this.#at = 0;
  }
}
