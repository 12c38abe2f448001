import { type ColumnPool, Fault } from "../base/index.ts";

/** The largest strategy or instrument index a store keeps a list for. */
const MAX_INDEX = 65_535;

/**
 * Doubly linked lists of rows, one list per key, in the order of the rows' ids.
 *
 * @invariant Along `next` the ids rise.
 * @cost Linking at the end and unlinking are O(1) and allocate nothing; a new key may double the heads.
 */
export class RowChain {
  /** The following row of the same key, -1 after the last. */
  readonly next: Int32Array;
  readonly #previous: Int32Array;
  #heads = new Int32Array(16).fill(-1);
  #tails = new Int32Array(16).fill(-1);

  constructor(capacity: number, columns: ColumnPool) {
    this.next = columns.int32(capacity).fill(-1);
    this.#previous = columns.int32(capacity).fill(-1);
  }

  /** The row with the lowest id of a key, or -1. */
  first(key: number): number {
    return key >= 0 && key < this.#heads.length ? (this.#heads[key] as number) : -1;
  }

  /** Makes room for a key. @throws `FAULT_INPUT` when the key is no index within 0 and 65,535. */
  reserve(path: string, key: number): void {
    if (key < this.#heads.length && key >= 0 && (key | 0) === key) return;
    if (!Number.isInteger(key) || key < 0 || key > MAX_INDEX) {
      throw new Fault("FAULT_INPUT", { path, value: key, expected: `an index within 0 and ${MAX_INDEX}` });
    }
    let size = this.#heads.length;
    while (size <= key) size *= 2;
    const heads = new Int32Array(size).fill(-1);
    const tails = new Int32Array(size).fill(-1);
    heads.set(this.#heads);
    tails.set(this.#tails);
    this.#heads = heads;
    this.#tails = tails;
  }

  /** Puts the row of the youngest order at the end. */
  append(key: number, row: number): void {
    const before = this.#tails[key] as number;
    this.#previous[row] = before;
    if (before < 0) this.#heads[key] = row;
    else this.next[before] = row;
    this.#tails[key] = row;
  }

  /** Puts a row where its id belongs: at the end, unless an old order came back to life. */
  link(key: number, row: number, ids: Float64Array): void {
    const id = ids[row] as number;
    let before = this.#tails[key] as number;
    while (before >= 0 && (ids[before] as number) > id) before = this.#previous[before] as number;
    const after = before < 0 ? (this.#heads[key] as number) : (this.next[before] as number);
    this.#previous[row] = before;
    this.next[row] = after;
    if (before < 0) this.#heads[key] = row;
    else this.next[before] = row;
    if (after < 0) this.#tails[key] = row;
    else this.#previous[after] = row;
  }

  unlink(key: number, row: number): void {
    const before = this.#previous[row] as number;
    const after = this.next[row] as number;
    if (before < 0) this.#heads[key] = after;
    else this.next[before] = after;
    if (after < 0) this.#tails[key] = before;
    else this.#previous[after] = before;
    this.next[row] = -1;
    this.#previous[row] = -1;
  }
}
