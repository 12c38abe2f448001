import type { MatchOrderId } from "./match-order.ts";

const FIRST_PLACES = 1024;
const SPREAD = 0x9e3779b1;
/** Longer texts cost more to read than a Map, which keeps what it has read. */
const LENGTH_MAX = 40;

/** Places that are looked at for an id, its own among them. */
export const PROBES_MAX = 32;

/** Who knows what the order of a row is called. */
export interface RowNames {
  idOf(row: number): MatchOrderId | undefined;
}

/**
 * The rows of orders by text id: a table with open places, which reads every character; in a Map long texts, and those
 * whose places are taken.
 *
 * @shape a place is 8 bytes: the text's hash and its row; the text itself is told by the row
 * @invariant a text stands at its place or up to `PROBES_MAX` behind it, with no free place between; the hash of the text asked for
 * last is remembered, so that a command reads its text once
 * @cost O(characters), no allocation but where the table doubles; half of it is free at least
 */
export class TextIndex {
  readonly #rows: RowNames;
  readonly #others = new Map<string, number>();
  /** Hash and row at twice the place; free where the row is 0. */
  #cells = new Int32Array(FIRST_PLACES * 2);
  #mask = FIRST_PLACES - 1;
  #count = 0;
  /** The text that was asked for last, and its hash. */
  #last = "";
  #lastHash = 0;
  /** Where it stands, or the free place behind its own; -1 where the table has changed since. */
  #lastPlace = -1;

  constructor(rows: RowNames) {
    this.#rows = rows;
  }

  /** The row of a text; 0 where no order has it. */
  find(id: string): number {
    if (id.length > LENGTH_MAX) return this.#others.get(id) ?? 0;
    const hash = hashOf(id);
    this.#last = id;
    this.#lastHash = hash;
    const at = this.#placeOf(id, hash);
    this.#lastPlace = at;
    const row = at < 0 ? 0 : (this.#cells[(at << 1) + 1] as number);
    return row !== 0 || this.#others.size === 0 ? row : (this.#others.get(id) ?? 0);
  }

  /** Gives a text that has none a row above 0. */
  set(id: string, row: number): void {
    if (id.length > LENGTH_MAX) {
      this.#others.set(id, row);
      return;
    }
    if (this.#count * 2 > this.#mask) this.#grow();
    const at = this.#lastPlace;
    this.#lastPlace = -1;
    if (at < 0 || id !== this.#last) {
      this.#count += this.#put(this.#hashAgain(id), row, id);
      return;
    }
    const cells = this.#cells;
    cells[at << 1] = this.#lastHash;
    cells[(at << 1) + 1] = row;
    this.#count++;
  }

  /** Forgets a text. */
  delete(id: string): void {
    if (this.#others.size !== 0 && this.#others.delete(id)) return;
    if (id.length > LENGTH_MAX) return;
    const cells = this.#cells;
    const mask = this.#mask;
    let at =
      this.#lastPlace >= 0 && id === this.#last ? this.#lastPlace : this.#placeOf(id, this.#hashAgain(id));
    this.#lastPlace = -1;
    if (at < 0 || cells[(at << 1) + 1] === 0) return;
    this.#count--;
    // Those behind it move up where the free place would stand between them and theirs: none that is far away.
    for (let next = (at + 1) & mask; cells[(next << 1) + 1] !== 0; next = (next + 1) & mask) {
      if (((next - at) & mask) >= PROBES_MAX) break;
      const own = ((cells[next << 1] as number) >>> 7) & mask;
      if (((next - own) & mask) < ((next - at) & mask)) continue;
      cells[at << 1] = cells[next << 1] as number;
      cells[(at << 1) + 1] = cells[(next << 1) + 1] as number;
      at = next;
    }
    cells[(at << 1) + 1] = 0;
  }

  /** Every row. */
  values(): number[] {
    return [...this.#others.values(), ...this.#cells.filter((row, at) => (at & 1) === 1 && row !== 0)];
  }

  /** Where a text stands; the free place behind its own where it stands nowhere, -1 where all of those are taken. */
  #placeOf(id: string, hash: number): number {
    const cells = this.#cells;
    const mask = this.#mask;
    const from = hash >>> 7;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const at = (from + probe) & mask;
      const row = cells[(at << 1) + 1] as number;
      if (row === 0 || (cells[at << 1] === hash && this.#rows.idOf(row) === id)) return at;
    }
    return -1;
  }

  #hashAgain(id: string): number {
    return id === this.#last ? this.#lastHash : hashOf(id);
  }

  /** How many are in the table by it: 1, or 0 where the text's places are taken. */
  #put(hash: number, row: number, id: string): 0 | 1 {
    const cells = this.#cells;
    const from = hash >>> 7;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const at = (from + probe) & this.#mask;
      if (cells[(at << 1) + 1] !== 0) continue;
      cells[at << 1] = hash;
      cells[(at << 1) + 1] = row;
      return 1;
    }
    this.#others.set(id, row);
    return 0;
  }

  #grow(): void {
    const before = this.#cells;
    this.#cells = new Int32Array(before.length * 2);
    this.#mask = this.#mask * 2 + 1;
    this.#count = 0;
    this.#lastPlace = -1;
    for (let at = 0; at < before.length; at += 2) {
      const [hash, row] = [before[at] as number, before[at + 1] as number];
      if (row !== 0) this.#count += this.#put(hash, row, this.#rows.idOf(row) as string);
    }
  }
}

/** Two characters a step. */
function hashOf(id: string): number {
  const { length } = id;
  let hash = length;
  for (let i = 0; i < length; i += 2) {
    const second = i + 1 < length ? id.charCodeAt(i + 1) : 0;
    hash = Math.imul(hash ^ (id.charCodeAt(i) | (second << 16)), SPREAD);
    hash ^= hash >>> 15;
  }
  return hash;
}
