/**
 * The median of the last values, kept sorted: the lower of the two in the middle of an even count.
 *
 * @invariant Equal to sorting the last `size` values.
 * @cost O(size) moves of a number at worst, none allocated: `size` is a small constant.
 */
export class SlidingMedian {
  /** How many of the last values count. */
  readonly size: number;
  count = 0;
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #next = 0;

  constructor(size: number) {
    this.size = size;
    this.#ring = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  /** NaN before the first value. */
  get median(): number {
    return this.count === 0 ? Number.NaN : (this.#sorted[(this.count - 1) >> 1] as number);
  }

  push(value: number): void {
    const sorted = this.#sorted;
    const ring = this.#ring;
    const next = this.#next;
    let hole = this.count;
    this.#next = next + 1 === this.size ? 0 : next + 1;
    if (hole === this.size) {
      const old = ring[next] as number;
      if (old === value) return;
      hole = 0;
      while (sorted[hole] !== old) hole++;
    } else this.count = hole + 1;
    ring[next] = value;
    while (hole > 0 && (sorted[hole - 1] as number) > value) {
      sorted[hole] = sorted[hole - 1] as number;
      hole--;
    }
    const last = this.count - 1;
    while (hole < last && (sorted[hole + 1] as number) < value) {
      sorted[hole] = sorted[hole + 1] as number;
      hole++;
    }
    sorted[hole] = value;
  }

  clear(): void {
    this.count = 0;
    this.#next = 0;
  }

  /** The values, oldest first. */
  save(): number[] {
    const first = this.#next + this.size - this.count;
    return Array.from({ length: this.count }, (_, i) => this.#ring[(first + i) % this.size] as number);
  }

  /** Continues from saved values. */
  load(values: readonly number[]): void {
    this.clear();
    for (const value of values) this.push(value);
  }
}
