import type { StateReader } from "./indicator.ts";

/**
 * Mean and sum of squared deviations of the last `size` numbers, by Welford's updates within blocks and a
 * merge of three blocks, laid out as in {@link SumWindow}: nothing is ever subtracted from a running total.
 *
 * @invariant `m2` is never negative, and 0 for equal samples. Both figures depend on the samples in the
 * window and their phase alone, so their error does not grow with the history.
 * @shape five columns of `floor(size / 2)` numbers; `size` is at least 2
 * @cost At most ten array accesses and two divisions a push, for any size; no allocation.
 * @source Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample
 * Variances, 1979
 */
export class MomentWindow {
  readonly size: number;
  /** Numbers seen, up to `size`: the figures below mean nothing until it is full. */
  filled = 0;
  mean = 0;
  /** The sum of squared deviations from the mean. */
  m2 = 0;
  readonly #half: number;
  readonly #odd: number;
  /** Raw numbers while a block fills, its suffix means once it is the oldest. */
  #filling: Float64Array;
  #middle: Float64Array;
  #oldest: Float64Array;
  /** Suffix sums of squared deviations of the middle and the oldest block. */
  #middleM2: Float64Array;
  #oldestM2: Float64Array;
  #at = 0;
  #prefixMean = 0;
  #prefixM2 = 0;
  #wholeMean = 0;
  #wholeM2 = 0;
  #suffixMean = 0;
  #suffixM2 = 0;

  constructor(size: number) {
    this.size = size;
    this.#half = size >> 1;
    this.#odd = size & 1;
    this.#filling = new Float64Array(this.#half);
    this.#middle = new Float64Array(this.#half);
    this.#oldest = new Float64Array(this.#half);
    this.#middleM2 = new Float64Array(this.#half);
    this.#oldestM2 = new Float64Array(this.#half);
  }

  get full(): boolean {
    return this.filled === this.size;
  }

  /** Takes one number in and lets the oldest go. */
  push(x: number): void {
    if (this.#at === this.#half) this.#rotate();
    if (this.filled < this.size) this.filled += 1;
    const at = this.#at;
    this.#at = at + 1;
    this.#filling[at] = x;
    const share = 1 / (at + 1);
    const delta = x - this.#prefixMean;
    this.#prefixMean += delta * share;
    this.#prefixM2 += delta * (x - this.#prefixMean);
    this.#growSuffix(this.#half - 1 - at, share);
    this.#merge(at);
  }

  reset(): void {
    this.filled = 0;
    this.mean = 0;
    this.m2 = 0;
    this.#at = 0;
    this.#prefixMean = 0;
    this.#prefixM2 = 0;
    this.#wholeMean = 0;
    this.#wholeM2 = 0;
    this.#suffixMean = 0;
    this.#suffixM2 = 0;
    for (const column of this.#columns()) column.fill(0);
  }

  writeState(out: number[]): void {
    out.push(this.filled, this.mean, this.m2, this.#at, this.#prefixMean, this.#prefixM2);
    out.push(this.#wholeMean, this.#wholeM2, this.#suffixMean, this.#suffixM2);
    for (const column of this.#columns()) {
      for (const item of column) out.push(item);
    }
  }

  readState(from: StateReader): void {
    this.filled = from.index(this.size);
    this.mean = from.next();
    this.m2 = from.next();
    this.#at = from.index(this.#half);
    this.#prefixMean = from.next();
    this.#prefixM2 = from.next();
    this.#wholeMean = from.next();
    this.#wholeM2 = from.next();
    this.#suffixMean = from.next();
    this.#suffixM2 = from.next();
    for (const column of this.#columns()) from.fill(column);
  }

  /** Turns one more number of the middle block, from its end, into the moments of its suffix. */
  #growSuffix(at: number, share: number): void {
    const x = this.#middle[at] as number;
    const delta = x - this.#suffixMean;
    this.#suffixMean += delta * share;
    this.#suffixM2 += delta * (x - this.#suffixMean);
    this.#middle[at] = this.#suffixMean;
    this.#middleM2[at] = this.#suffixM2;
  }

  #merge(at: number): void {
    const newest = at + 1;
    const middle = this.#half;
    const oldest = this.size - middle - newest;
    const kept = newest - this.#odd;
    const oldestMean = oldest > 0 ? (this.#oldest[kept] as number) : this.#wholeMean;
    const oldestM2 = oldest > 0 ? (this.#oldestM2[kept] as number) : 0;
    const base = this.#wholeMean;
    const shift = (oldest * (oldestMean - base) + newest * (this.#prefixMean - base)) / this.size;
    const mean = base + shift;
    const a = oldestMean - mean;
    const b = base - mean;
    const c = this.#prefixMean - mean;
    this.mean = mean;
    this.m2 = oldestM2 + this.#wholeM2 + this.#prefixM2 + oldest * a * a + middle * b * b + newest * c * c;
  }

  #rotate(): void {
    const free = this.#oldest;
    this.#oldest = this.#middle;
    this.#middle = this.#filling;
    this.#filling = free;
    const freeM2 = this.#oldestM2;
    this.#oldestM2 = this.#middleM2;
    this.#middleM2 = freeM2;
    this.#wholeMean = this.#prefixMean;
    this.#wholeM2 = this.#prefixM2;
    this.#prefixMean = 0;
    this.#prefixM2 = 0;
    this.#suffixMean = 0;
    this.#suffixM2 = 0;
    this.#at = 0;
  }

  #columns(): Float64Array[] {
    return [this.#filling, this.#middle, this.#oldest, this.#middleM2, this.#oldestM2];
  }
}
