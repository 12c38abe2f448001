import { REQUEST, ROW_FLAG } from "./order-columns.ts";
import type { OrderStore } from "./order-store.ts";
import { OUTCOME } from "./outcome.ts";
import { DEAD_BY_CODE, OPEN_BY_CODE, ORDER_STATUS, PRECEDENCE_BY_CODE } from "./status.ts";

/**
 * The base state: of the phase (the venue's words) and what the quantities say, the one with the higher
 * precedence. A rejected order stays rejected, whatever was filled.
 */
export function baseOf(phase: number, cumLots: number, lots: number): number {
  if (cumLots === 0 || phase === ORDER_STATUS.rejected) return phase;
  const byQuantity = cumLots >= lots ? ORDER_STATUS.filled : ORDER_STATUS.partiallyFilled;
  return (PRECEDENCE_BY_CODE[byQuantity] as number) > (PRECEDENCE_BY_CODE[phase] as number)
    ? byQuantity
    : phase;
}

/** The reported status: base and unanswered requests together. Requests on an order that was ended are moot. */
export function statusOf(store: OrderStore, row: number, base: number): number {
  const count = store.pendingCount[row] as number;
  if (count === 0 || DEAD_BY_CODE[store.phase[row] as number] === 1) return base;
  const from = row * store.requestSlots;
  for (let slot = from; slot < from + count; slot++) {
    if (store.pendingKind[slot] === REQUEST.cancel) return ORDER_STATUS.pendingCancel;
  }
  return ORDER_STATUS.pendingReplace;
}

/** Brings base, status, the overfill flag and the lists of open orders in line with phase, quantities and requests. */
export function settle(store: OrderStore, row: number): void {
  const lots = store.lots[row] as number;
  const cum = store.cumLots[row] as number;
  const before = store.base[row] as number;
  const base = baseOf(store.phase[row] as number, cum, lots);
  if (base !== before) {
    store.base[row] = base;
    const open = OPEN_BY_CODE[base] as number;
    if (open !== OPEN_BY_CODE[before]) {
      if (open === 1) store.link(row);
      else store.unlink(row);
    }
  }
  store.status[row] = statusOf(store, row, base);
  const flags = store.flags[row] as number;
  if (cum > lots) store.flags[row] = flags | ROW_FLAG.overfilled;
  else if ((flags & ROW_FLAG.overfilled) !== 0) store.flags[row] = flags & ~ROW_FLAG.overfilled;
}

/** The phase of an order that the venue has: a stop that was not triggered waits. */
export function restingPhase(store: OrderStore, row: number): number {
  return store.isUntriggered(row) ? ORDER_STATUS.suspended : ORDER_STATUS.new;
}

/** Whether a report is older than another one of the order; one without a sequence never is. */
export function isOlder(sequence: number, last: number): boolean {
  return sequence > 0 && sequence < last;
}

/**
 * What a report's sequence says beside the last one on the same matter: `applied` where it is younger or has
 * none, `duplicate` where it is that one, `outdated` where it is older.
 */
export function ageOf(sequence: number, last: number): number {
  if (!(sequence > 0) || sequence > last) return OUTCOME.applied;
  return sequence === last ? OUTCOME.duplicate : OUTCOME.outdated;
}

/**
 * Ends the doubt about the venue's state, unless a younger report was seen before or reports contradicted each
 * other: then only a status that agrees does.
 */
export function clearUnknown(store: OrderStore, row: number, sequence: number): void {
  const flags = store.flags[row] as number;
  if ((flags & ROW_FLAG.reconcile) !== 0 || isOlder(sequence, store.sequence[row] as number)) return;
  store.flags[row] = flags & ~ROW_FLAG.unknown;
}
