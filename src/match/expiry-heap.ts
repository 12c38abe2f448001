/** Rows by the time they end, the earliest first, of one time the earlier accepted. @cost O(log rows) */
export class ExpiryHeap {
  readonly #items: (readonly [timeNs: number, seq: number, row: number])[] = [];

  add(timeNs: number, seq: number, row: number): void {
    const items = this.#items;
    const item = [timeNs, seq, row] as const;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(item, items[above] as typeof item)) break;
      items[at] = items[above] as typeof item;
      at = above;
    }
    items[at] = item;
  }

  /** Takes out the first entry whose time has come; undefined where none has. */
  due(nowNs: number): readonly [timeNs: number, seq: number, row: number] | undefined {
    const items = this.#items;
    const first = items[0];
    if (first === undefined || first[0] > nowNs) return undefined;
    const last = items.pop() as typeof first;
    if (items.length > 0) this.#sink(last);
    return first;
  }

  #sink(item: readonly [number, number, number]): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      const right = items[below + 1];
      if (right !== undefined && isBefore(right, items[below] as typeof item)) below++;
      if (!isBefore(items[below] as typeof item, item)) break;
      items[at] = items[below] as typeof item;
      at = below;
    }
    items[at] = item;
  }

  /** Entries, those of orders that have ended among them. */
  get size(): number {
    return this.#items.length;
  }

  /** Forgets what does not live. O(entries log entries). */
  keep(lives: (seq: number, row: number) => boolean): void {
    const left = this.#items.filter(([, seq, row]) => lives(seq, row));
    // What is sorted is a heap.
    left.sort((one, than) => (isBefore(one, than) ? -1 : 1));
    this.#items.length = 0;
    for (const item of left) this.#items.push(item);
  }

  clear(): void {
    this.#items.length = 0;
  }
}

function isBefore(one: readonly [number, number, number], than: readonly [number, number, number]): boolean {
  return one[0] < than[0] || (one[0] === than[0] && one[1] < than[1]);
}
