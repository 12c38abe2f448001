/**
 * Things that wait for a number to be reached, the least first; equals in no order that counts.
 *
 * @invariant At most `capacity` wait.
 * @cost O(log n) to put and to take.
 */
export class DueHeap<Item> {
  /** What the first waits for; Infinity while none does. */
  next: number = Number.POSITIVE_INFINITY;
  readonly #capacity: number;
  readonly #keys: number[] = [];
  readonly #items: Item[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** @returns false at its bound */
  put(key: number, item: Item): boolean {
    const keys = this.#keys;
    const items = this.#items;
    if (keys.length >= this.#capacity) return false;
    let i = keys.length;
    keys.push(key);
    items.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((keys[parent] as number) <= key) break;
      keys[i] = keys[parent] as number;
      items[i] = items[parent] as Item;
      i = parent;
    }
    keys[i] = key;
    items[i] = item;
    this.next = keys[0] as number;
    return true;
  }

  /** Takes the first away: there is one where `next` is finite. */
  take(): Item {
    const keys = this.#keys;
    const items = this.#items;
    const first = items[0] as Item;
    const key = keys.pop() as number;
    const item = items.pop() as Item;
    const count = keys.length;
    if (count > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= count) break;
        if (child + 1 < count && (keys[child + 1] as number) < (keys[child] as number)) child += 1;
        if ((keys[child] as number) >= key) break;
        keys[i] = keys[child] as number;
        items[i] = items[child] as Item;
        i = child;
      }
      keys[i] = key;
      items[i] = item;
    }
    this.next = count === 0 ? Number.POSITIVE_INFINITY : (keys[0] as number);
    return first;
  }

  clear(): void {
    this.#keys.length = 0;
    this.#items.length = 0;
    this.next = Number.POSITIVE_INFINITY;
  }
}
