import type { MatchOrderId } from "./match-order.ts";
import { type RowNames, TextIndex } from "./text-index.ts";

const FIRST_PLACES = 1024;
/** Numbers next to one another have places next to one another, in runs of this; runs begin anywhere. */
const RUN_BITS = 20;
const RUN = 1 << RUN_BITS;
/** Bits of the golden ratio, to spread runs. */
const SPREAD = 0x9e3779b1;
/** The bytes of a place before its row. */
const ROW_AT = 8;
/** The word of a place that counts ids, counted from its row. */
const ABSENT_AT = 1;
/** Small tables are three quarters free, so that few ids meet; of large ones half is. */
const SMALL_PLACES = 1 << 16;

/**
 * The rows of orders by id: texts in a table of their own; a number at one of the two places that it has, or in a Map
 * where others stand there.
 *
 * @shape a place of the table is 16 bytes: the id, its row, and of an even place how many ids that belong to it or its
 * neighbour are in the Map, which is asked for no others. What counts up, as ids of orders do, stands in line and meets
 * nobody
 * @cost O(1), no allocation but where the table doubles; half of it is free at least. Numbers that were chosen to meet
 * one another cost what a Map does
 */
export class IdIndex {
  readonly #texts: TextIndex;
  /** The id at a place, at twice the place; free where its row is 0. */
  #ids = new Float64Array(FIRST_PLACES * 2);
  /** The row at a place, at four times the place. */
  #rows = new Int32Array(this.#ids.buffer, ROW_AT);
  #mask = FIRST_PLACES - 1;
  #count = 0;
  readonly #others = new Map<number, number>();

  /** A row tells its id from before `set` to after `delete`. */
  constructor(rows: RowNames) {
    this.#texts = new TextIndex(rows);
  }

  /** The row of an id; undefined where no order has it. */
  get(id: MatchOrderId): number | undefined {
    const row = this.find(id);
    return row === 0 ? undefined : row;
  }

  has(id: MatchOrderId): boolean {
    return this.find(id) !== 0;
  }

  /** The row of an id; 0 where no order has it. */
  find(id: MatchOrderId): number {
    if (typeof id !== "number") return typeof id === "string" ? this.#texts.find(id) : 0;
    const ids = this.#ids;
    const rows = this.#rows;
    const at = placeOf(id) & this.#mask;
    const row = rows[at << 2] as number;
    if (row !== 0 && ids[at << 1] === id) return row;
    const second = rows[(at ^ 1) << 2] as number;
    if (second !== 0 && ids[(at ^ 1) << 1] === id) return second;
    return rows[((at & ~1) << 2) + ABSENT_AT] === 0 ? 0 : (this.#others.get(id) ?? 0);
  }

  /** Gives an id that has none a row above 0. */
  set(id: MatchOrderId, row: number): void {
    if (typeof id === "string") {
      this.#texts.set(id, row);
      return;
    }
    if (this.#count * (this.#mask < SMALL_PLACES ? 4 : 2) > this.#mask) this.#grow();
    this.#count++;
    this.#put(id, row);
  }

  /** Forgets an id that has a row. */
  delete(id: MatchOrderId): void {
    if (typeof id === "string") {
      this.#texts.delete(id);
      return;
    }
    this.#count--;
    const at = placeOf(id) & this.#mask;
    if (this.#ids[at << 1] === id && this.#rows[at << 2] !== 0) this.#rows[at << 2] = 0;
    else if (this.#ids[(at ^ 1) << 1] === id && this.#rows[(at ^ 1) << 2] !== 0)
      this.#rows[(at ^ 1) << 2] = 0;
    else if (this.#others.delete(id)) this.#countAbsent(at, -1);
  }

  /** Every row. */
  values(): number[] {
    const numbered = this.#rows.filter((row, at) => (at & 3) === 0 && row !== 0);
    return [...this.#texts.values(), ...numbered, ...this.#others.values()];
  }

  #put(id: number, row: number): void {
    let at = placeOf(id) & this.#mask;
    if (this.#rows[at << 2] !== 0) at ^= 1;
    if (this.#rows[at << 2] !== 0) {
      this.#others.set(id, row);
      this.#countAbsent(at, 1);
      return;
    }
    this.#ids[at << 1] = id;
    this.#rows[at << 2] = row;
  }

  /** An id of a place, or of its neighbour, is in the Map, or is no longer. */
  #countAbsent(at: number, by: 1 | -1): void {
    const word = ((at & ~1) << 2) + ABSENT_AT;
    this.#rows[word] = (this.#rows[word] as number) + by;
  }

  #grow(): void {
    const [ids, rows, others] = [this.#ids, this.#rows, [...this.#others]];
    this.#ids = new Float64Array(ids.length * 2);
    this.#rows = new Int32Array(this.#ids.buffer, ROW_AT);
    this.#mask = this.#mask * 2 + 1;
    this.#others.clear();
    for (let at = 0; at < ids.length; at += 2) {
      const row = rows[at << 1] as number;
      if (row !== 0) this.#put(ids[at] as number, row);
    }
    for (const [id, row] of others) this.#put(id, row);
  }
}

/** Where a number would stand in a table without end. */
function placeOf(id: number): number {
  if ((id | 0) === id) return id + Math.imul(id >> RUN_BITS, SPREAD);
  return (id | 0) + Math.imul(Math.floor(id / RUN), SPREAD);
}
