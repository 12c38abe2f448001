/**
 * The last texts that were added, up to a bound.
 *
 * @cost `has` and `add` O(1).
 */
export class RecentTexts {
  readonly #kept: number;
  readonly #texts = new Set<string>();

  constructor(kept: number) {
    this.#kept = kept;
  }

  get size(): number {
    return this.#texts.size;
  }

  has(text: string): boolean {
    return this.#texts.has(text);
  }

  add(text: string): void {
    this.#texts.add(text);
    if (this.#texts.size <= this.#kept) return;
    for (const first of this.#texts) {
      this.#texts.delete(first);
      return;
    }
  }
}
