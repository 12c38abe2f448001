/**
 * The row of an order by its id. Ids are given in turn, so that nearly each has a place of its own; an order that
 * outlives many others and stands where a younger one has its place is kept in a Map.
 *
 * @cost 8 to 16 bytes for each row of the capacity; all O(1), a Map entry for an order that is overtaken
 */
export class RowIndex {
  readonly #ids: Float64Array;
  /** One more than the row, by the low bits of the id. */
  readonly #rows: Int32Array;
  readonly #overtaken: Map<number, number> = new Map();

  /** Finds what is in a column of ids, 0 for rows without an order. O(capacity) */
  constructor(ids: Float64Array) {
    this.#ids = ids;
    this.#rows = new Int32Array(sizeFor(ids.length));
    for (const [row, id] of ids.entries()) if (id > 0) this.add(row);
  }

  /** The row that holds an id, -1 where none does. */
  rowOf(id: number): number {
    const row = this.#at(id);
    if (row >= 0 && id > 0 && this.#ids[row] === id) return row;
    return this.#overtaken.get(id) ?? -1;
  }

  /** A row has got its id. */
  add(row: number): void {
    const id = this.#ids[row] as number;
    const before = this.#at(id);
    const other = before < 0 ? 0 : (this.#ids[before] as number);
    if (other > 0 && other !== id && this.#place(other) === this.#place(id))
      this.#overtaken.set(other, before);
    this.#rows[this.#place(id)] = row + 1;
  }

  /** An id is over. */
  remove(id: number): void {
    if (this.#overtaken.size > 0) this.#overtaken.delete(id);
  }

  #place(id: number): number {
    return id % this.#rows.length;
  }

  #at(id: number): number {
    return (this.#rows[this.#place(id)] ?? 0) - 1;
  }
}

/** A power of two of at least twice so many. */
function sizeFor(rows: number): number {
  let size = 2;
  while (size < 2 * rows) size *= 2;
  return size;
}
