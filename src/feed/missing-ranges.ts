const RANGES = 64;

/** The newest 64 ranges of numbers that were passed over: one that comes late is known. Nothing is allocated. */
export class MissingRanges {
  readonly #first = new Float64Array(RANGES);
  readonly #last = new Float64Array(RANGES).fill(-1);
  #next = 0;

  /** Notes a range, both ends included; the oldest is forgotten. */
  add(first: number, last: number): void {
    this.#first[this.#next] = first;
    this.#last[this.#next] = last;
    this.#next = (this.#next + 1) % RANGES;
  }

  /** Takes all numbers above `before` up to `last` out of the range they are in; false where they are in none. */
  take(before: number, last: number): boolean {
    for (let i = 0; i < RANGES; i++) {
      const low = this.#first[i] as number;
      const high = this.#last[i] as number;
      if (before + 1 < low || last > high) continue;
      this.#last[i] = before;
      if (before < low) this.#first[i] = last + 1;
      if (before < low) this.#last[i] = high;
      else if (last < high) this.add(last + 1, high);
      return true;
    }
    return false;
  }

  clear(): void {
    this.#first.fill(0);
    this.#last.fill(-1);
  }
}
