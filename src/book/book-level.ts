import { Fault, sha256Hex } from "../base/index.ts";
import type { BookLots, Ticks } from "../model/index.ts";
import { LOTS_MAX, PAGE_BITS, TICK_MAX, TICK_MIN } from "./price-range.ts";

/** One price level kept as a plain value. */
export interface BookLevel {
  readonly priceTicks: Ticks;
  readonly lots: BookLots;
}

/** Both sides of a book kept as plain values, best level first. */
export interface BookLevels {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** A snapshot as a book takes it: levels in any order; 0 lots is no level. */
export interface BookSnapshot {
  readonly bids: readonly { readonly priceTicks: number; readonly lots: number }[];
  readonly asks: readonly { readonly priceTicks: number; readonly lots: number }[];
}

/**
 * The SHA-256 of the levels of a book, best first: one line `bid <ticks> <lots>` a bid level, then one
 * `ask <ticks> <lots>` an ask level, each closed by a line feed.
 *
 * @invariant Two books that show the same levels have one hash, whatever holds them.
 * @example
 * ```ts
 * import { bookStateHash, OrderBook } from "tickwright/book";
 * const book = new OrderBook();
 * book.setBid(100, 5);
 * book.stateHash() === bookStateHash(book.copy()); // => true
 * ```
 */
export function bookStateHash(levels: BookSnapshot): string {
  const lines: string[] = [];
  for (const level of levels.bids) lines.push(`bid ${level.priceTicks} ${level.lots}\n`);
  for (const level of levels.asks) lines.push(`ask ${level.priceTicks} ${level.lots}\n`);
  return sha256Hex(lines.join(""));
}

/**
 * Throws the fault of a price or quantity that is no integer in range. Called only for what fails the guard of
 * the hot path, `lots >>> 0 === lots`: quantities of 2^32 and above pass here.
 */
export function checkLevel(path: string, tick: number, lots: number): void {
  if ((tick | 0) !== tick) faultTick(path, tick);
  if (Number.isSafeInteger(lots) && lots >= 0) return;
  const expected = `an integer within 0 and ${LOTS_MAX}`;
  throw new Fault("FAULT_INPUT", { path: `${path}.lots`, value: lots, expected });
}

/** Throws the fault of a price that is no 32-bit integer; cold by design. */
export function faultTick(path: string, tick: number): never {
  throw new Fault("FAULT_INPUT", { path: `${path}.tick`, value: tick, expected: "a 32-bit integer" });
}

/** Throws the fault of a depth that is no integer of at least 1. */
export function checkDepth(path: string, depth: number): void {
  if (Number.isSafeInteger(depth) && depth >= 1) return;
  throw new Fault("FAULT_INPUT", { path, value: depth, expected: "an integer of at least 1" });
}

/** Throws the fault of the first entry of one side of a snapshot that no book with `pagesMax` pages can hold. */
export function checkLevels(path: string, levels: BookSnapshot["bids"], pagesMax: number): void {
  if (!Array.isArray(levels)) {
    throw new Fault("FAULT_INPUT", { path, value: levels, expected: "an array of levels" });
  }
  const pages = new Set<number>();
  for (const [i, { priceTicks, lots }] of levels.entries()) {
    if (!Number.isSafeInteger(priceTicks) || priceTicks < TICK_MIN || priceTicks > TICK_MAX) {
      const expected = `an integer within ${TICK_MIN} and ${TICK_MAX}`;
      throw new Fault("FAULT_INPUT", { path: `${path}[${i}].priceTicks`, value: priceTicks, expected });
    }
    checkLevel(`${path}[${i}]`, 0, lots);
    if (lots > 0 && pages.add(priceTicks >> PAGE_BITS).size > pagesMax) {
      const expected = `levels on at most ${pagesMax} pages of ${1 << PAGE_BITS} ticks`;
      throw new Fault("FAULT_CAPACITY", { path: `${path}[${i}].priceTicks`, value: priceTicks, expected });
    }
  }
}
