import { Fault, printValue, sha256Hex } from "../base/index.ts";
import type { BookLots, SideSign, Ticks } from "../model/index.ts";
import { LOTS_MAX, TICK_MAX, TICK_MIN } from "./price-range.ts";

/** How a feed names an order. `1`, `"1"` and `1n` are three different orders. */
export type BookOrderId = string | number | bigint;

/** One order of a book by order, as a plain value. */
export interface BookOrder {
  /** Undefined for an order that was added by slot. */
  readonly id: BookOrderId | undefined;
  /** +1 a bid, -1 an ask. */
  readonly side: SideSign;
  readonly priceTicks: Ticks;
  readonly lots: BookLots;
}

/** An order as a snapshot gives it. */
export interface BookOrderEntry {
  readonly id: BookOrderId | undefined;
  readonly side: SideSign;
  readonly priceTicks: number;
  readonly lots: number;
}

/** One price level of a book by order. */
export interface QueueLevel {
  readonly priceTicks: Ticks;
  readonly lots: BookLots;
  /** How many orders stand in the queue. */
  readonly orders: number;
}

/**
 * What became of a command to a book by order: 0 done, above 0 a refusal that changed nothing and was counted.
 *
 * `unknownOrder`: no live order has the id or slot. `duplicateOrder`: a live order has the id already.
 * `exceedsOrder`: more lots were to be taken off than the order has.
 */
export const BOOK_OUTCOME = { done: 0, unknownOrder: 1, duplicateOrder: 2, exceedsOrder: 3 } as const;

/** A value of {@link BOOK_OUTCOME}. */
export type BookOutcome = (typeof BOOK_OUTCOME)[keyof typeof BOOK_OUTCOME];

/**
 * The SHA-256 of a book by order: one line `bid <ticks> <lots> <id>` an order, best level first, front of the
 * queue first; then the asks alike. A text id stands in JSON quotes, a bigint ends in `n`, no id is `-`.
 */
export function orderStateHash(orders: Iterable<BookOrder>): string {
  const lines: string[] = [];
  for (const { id, side, priceTicks, lots } of orders) {
    lines.push(`${side > 0 ? "bid" : "ask"} ${priceTicks} ${lots} ${idText(id)}\n`);
  }
  return sha256Hex(lines.join(""));
}

function idText(id: BookOrderId | undefined): string {
  if (id === undefined) return "-";
  if (typeof id === "string") return JSON.stringify(id);
  return typeof id === "bigint" ? `${id}n` : String(id);
}

/** Throws the fault of an order whose side, price or lots are out of range; cold by design. */
export function faultOrder(path: string, side: number, tick: number, lots: number): never {
  if (side !== 1 && side !== -1) {
    throw new Fault("FAULT_INPUT", { path: `${path}.side`, value: side, expected: "+1 (bid) or -1 (ask)" });
  }
  if ((tick | 0) !== tick) {
    throw new Fault("FAULT_INPUT", { path: `${path}.tick`, value: tick, expected: "a 32-bit integer" });
  }
  throw new Fault("FAULT_INPUT", {
    path: `${path}.lots`,
    value: lots,
    expected: `an integer within 1 and ${LOTS_MAX}`,
  });
}

/** Throws the fault of an id that is no text, number or bigint. */
export function checkOrderId(path: string, id: unknown): void {
  if (typeof id === "string" || typeof id === "bigint") return;
  if (typeof id === "number" && !Number.isNaN(id)) return;
  throw new Fault("FAULT_INPUT", { path, value: id, expected: "a text, a number or a bigint" });
}

/** Throws the fault of the first entry of a snapshot that no book can hold. */
export function checkEntries(path: string, entries: readonly BookOrderEntry[]): void {
  if (!Array.isArray(entries)) {
    throw new Fault("FAULT_INPUT", { path, value: printValue(entries), expected: "an array of orders" });
  }
  for (const [i, { id, side, priceTicks, lots }] of entries.entries()) {
    const at = `${path}[${i}]`;
    if (id !== undefined) checkOrderId(`${at}.id`, id);
    const sided = side === 1 || side === -1;
    if (!sided || !Number.isSafeInteger(lots) || lots < 1) faultOrder(at, side, 0, lots);
    if (Number.isSafeInteger(priceTicks) && priceTicks >= TICK_MIN && priceTicks <= TICK_MAX) continue;
    const expected = `an integer within ${TICK_MIN} and ${TICK_MAX}`;
    throw new Fault("FAULT_INPUT", { path: `${at}.priceTicks`, value: priceTicks, expected });
  }
}
