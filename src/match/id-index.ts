import type { MatchOrderId } from "./match-order.ts";
import { type RowNames, TextIndex } from "./text-index.ts";

const FIRST_PLACES = 1024;
/** Bits of the golden ratio, to spread neighbouring numbers. */
const SPREAD = 0x9e3779b1;
/** The bytes of a place before its row. */
const ROW_AT = 8;

/**
 * The rows of orders by id: numbers in a table with open places, texts in another.
 *
 * @shape a place of the table is 16 bytes: the id, its row, 4 bytes of nothing
 * @invariant a number stands at its place or behind it, with no free place between
 * @cost O(1), no allocation but where the table doubles; half of it is free at least
 */
export class IdIndex {
  readonly #texts: TextIndex;
  /** The id at a place, at twice the place; free where its row is 0. */
  #ids = new Float64Array(FIRST_PLACES * 2);
  /** The row at a place, at four times the place. */
  #rows = new Int32Array(this.#ids.buffer, ROW_AT);
  #mask = FIRST_PLACES - 1;
  #count = 0;

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
    const mask = this.#mask;
    for (let at = (Math.imul(id, SPREAD) >>> 7) & mask; ; at = (at + 1) & mask) {
      const row = rows[at << 2] as number;
      if (row === 0 || ids[at << 1] === id) return row;
    }
  }

  /** Gives an id that has none a row above 0. */
  set(id: MatchOrderId, row: number): void {
    if (typeof id === "string") {
      this.#texts.set(id, row);
      return;
    }
    if (this.#count * 2 > this.#mask) this.#grow();
    this.#put(id, row);
    this.#count++;
  }

  /** Forgets an id. */
  delete(id: MatchOrderId): void {
    if (typeof id === "string") {
      this.#texts.delete(id);
      return;
    }
    const ids = this.#ids;
    const rows = this.#rows;
    const mask = this.#mask;
    let at = (Math.imul(id, SPREAD) >>> 7) & mask;
    while (rows[at << 2] !== 0 && ids[at << 1] !== id) at = (at + 1) & mask;
    if (rows[at << 2] === 0) return;
    this.#count--;
    // Those behind it move up where the free place would stand between them and theirs.
    for (let next = (at + 1) & mask; rows[next << 2] !== 0; next = (next + 1) & mask) {
      const own = (Math.imul(ids[next << 1] as number, SPREAD) >>> 7) & mask;
      if (((next - own) & mask) < ((next - at) & mask)) continue;
      ids[at << 1] = ids[next << 1] as number;
      rows[at << 2] = rows[next << 2] as number;
      at = next;
    }
    rows[at << 2] = 0;
  }

  /** Every row. */
  values(): number[] {
    const numbered = this.#rows.filter((row, at) => (at & 3) === 0 && row !== 0);
    return [...this.#texts.values(), ...numbered];
  }

  #put(id: number, row: number): void {
    let at = (Math.imul(id, SPREAD) >>> 7) & this.#mask;
    while (this.#rows[at << 2] !== 0) at = (at + 1) & this.#mask;
    this.#ids[at << 1] = id;
    this.#rows[at << 2] = row;
  }

  #grow(): void {
    const [ids, rows] = [this.#ids, this.#rows];
    this.#ids = new Float64Array(ids.length * 2);
    this.#rows = new Int32Array(this.#ids.buffer, ROW_AT);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < ids.length; at += 2) {
      if (rows[at << 1] !== 0) this.#put(ids[at] as number, rows[at << 1] as number);
    }
  }
}
