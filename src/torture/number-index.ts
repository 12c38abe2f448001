import { Fault } from "../base/index.ts";

const EMPTY = -1;
const HALF = 4294967296;

/**
 * Which row a number stands for: an open-addressed table of doubles that only grows.
 *
 * @invariant A number keeps its row; no number has two.
 * @cost O(1) expected; allocates only when it doubles.
 */
export class NumberIndex {
  size = 0;
  #keys: Float64Array;
  #rows: Int32Array;
  #mask: number;

  /** @throws `FAULT_CONFIG` unless the capacity is a power of two of at least 8. */
  constructor(capacity = 1024) {
    if (!Number.isInteger(capacity) || capacity < 8 || (capacity & (capacity - 1)) !== 0) {
      throw new Fault("FAULT_CONFIG", {
        path: "capacity",
        value: capacity,
        expected: "a power of two from 8",
      });
    }
    this.#keys = new Float64Array(capacity);
    this.#rows = new Int32Array(capacity).fill(EMPTY);
    this.#mask = capacity - 1;
  }

  /** The row of a number, -1 where it has none. */
  get(key: number): number {
    const rows = this.#rows;
    const keys = this.#keys;
    let at = hash(key) & this.#mask;
    while (rows[at] !== EMPTY) {
      if (keys[at] === key) return rows[at] as number;
      at = (at + 1) & this.#mask;
    }
    return EMPTY;
  }

  /** Gives a number its row. @throws `FAULT_INVARIANT` where it has one already. */
  set(key: number, row: number): void {
    if (this.size * 2 >= this.#mask) this.#grow();
    let at = hash(key) & this.#mask;
    while (this.#rows[at] !== EMPTY) {
      if (this.#keys[at] === key) {
        throw new Fault("FAULT_INVARIANT", { path: "key", value: key, expected: "a number without a row" });
      }
      at = (at + 1) & this.#mask;
    }
    this.#keys[at] = key;
    this.#rows[at] = row;
    this.size += 1;
  }

  #grow(): void {
    const keys = this.#keys;
    const rows = this.#rows;
    const capacity = keys.length * 2;
    this.#keys = new Float64Array(capacity);
    this.#rows = new Int32Array(capacity).fill(EMPTY);
    this.#mask = capacity - 1;
    this.size = 0;
    for (let at = 0; at < keys.length; at++) {
      if (rows[at] !== EMPTY) this.set(keys[at] as number, rows[at] as number);
    }
  }
}

function hash(key: number): number {
  const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul(Math.floor(key / HALF) | 0, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
