import type { MatchOrderId } from "./match-order.ts";
import { PROBES_MAX, type RowNames, TextIndex } from "./text-index.ts";

const FIRST_PLACES = 1024;
/** Bits of the golden ratio, to spread neighbouring numbers. */
const SPREAD = 0x9e3779b1;
/** The bytes of a place before its row. */
const ROW_AT = 8;

/**
 * The rows of orders by id: numbers in a table with open places, texts in another.
 *
 * @shape a place of the table is 16 bytes: the id, its row, 4 bytes of nothing
 * @invariant a number stands at its place or up to `PROBES_MAX` behind it, with no free place between; one that finds
 * none there is kept in a Map: ids that were chosen to meet one another cost no more
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
  readonly #crowded = new Map<number, number>();
  /** The number that was asked for last and stands in the table, and its place; -1 where the table has changed since. */
  #last = 0;
  #lastPlace = -1;

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
    const from = Math.imul(id, SPREAD) >>> 7;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const at = (from + probe) & mask;
      const row = rows[at << 2] as number;
      if (row === 0) break;
      if (ids[at << 1] !== id) continue;
      this.#last = id;
      this.#lastPlace = at;
      return row;
    }
    return this.#crowded.size === 0 ? 0 : (this.#crowded.get(id) ?? 0);
  }

  /** Gives an id that has none a row above 0. */
  set(id: MatchOrderId, row: number): void {
    if (typeof id === "string") {
      this.#texts.set(id, row);
      return;
    }
    this.#lastPlace = -1;
    if (this.#count * 2 > this.#mask) this.#grow();
    this.#count += this.#put(id, row);
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
    if (this.#crowded.size !== 0 && this.#crowded.delete(id)) return;
    let at = this.#lastPlace;
    if (at < 0 || id !== this.#last) {
      at = (Math.imul(id, SPREAD) >>> 7) & mask;
      while (rows[at << 2] !== 0 && ids[at << 1] !== id) at = (at + 1) & mask;
      if (rows[at << 2] === 0) return;
    }
    this.#lastPlace = -1;
    this.#count--;
    // Those behind it move up where the free place would stand between them and theirs: none that is far away.
    for (let next = (at + 1) & mask; rows[next << 2] !== 0; next = (next + 1) & mask) {
      if (((next - at) & mask) >= PROBES_MAX) break;
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
    return [...this.#texts.values(), ...numbered, ...this.#crowded.values()];
  }

  /** How many are in the table by it: 1, or 0 where the number's places are taken. */
  #put(id: number, row: number): 0 | 1 {
    const from = Math.imul(id, SPREAD) >>> 7;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const at = (from + probe) & this.#mask;
      if (this.#rows[at << 2] !== 0) continue;
      this.#ids[at << 1] = id;
      this.#rows[at << 2] = row;
      return 1;
    }
    this.#crowded.set(id, row);
    return 0;
  }

  #grow(): void {
    const [ids, rows] = [this.#ids, this.#rows];
    this.#ids = new Float64Array(ids.length * 2);
    this.#rows = new Int32Array(this.#ids.buffer, ROW_AT);
    this.#mask = this.#mask * 2 + 1;
    this.#count = 0;
    for (let at = 0; at < ids.length; at += 2) {
      if (rows[at << 1] !== 0) this.#count += this.#put(ids[at] as number, rows[at << 1] as number);
    }
  }
}
