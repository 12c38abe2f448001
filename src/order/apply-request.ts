import { type OrderEvent, REQUEST_REJECT } from "./order-event.ts";
import { type OrderStore, REQUEST, ROW_FLAG } from "./order-store.ts";
import { OUTCOME } from "./outcome.ts";
import { settle } from "./settle.ts";
import { OPEN_BY_CODE, ORDER_STATUS } from "./status.ts";

/** Our cancel goes out. */
export function applyCancelRequest(store: OrderStore, row: number, event: OrderEvent): number {
  const wrong = checkRequestId(store, row, event.requestId);
  if (wrong !== OUTCOME.applied) return wrong;
  const base = store.base[row] as number;
  const open = OPEN_BY_CODE[base] === 1 && base !== ORDER_STATUS.created;
  const ended = OPEN_BY_CODE[store.phase[row] as number] === 0;
  const revivable = base === ORDER_STATUS.filled && !ended && (store.pendingCount[row] as number) > 0;
  if (findRequest(store, row, REQUEST.cancel, 0) >= 0) {
    return open || revivable || base === ORDER_STATUS.doneForDay ? OUTCOME.requestPending : OUTCOME.notOpen;
  }
  if (!open && !revivable && base !== ORDER_STATUS.doneForDay) return OUTCOME.notOpen;
  push(store, row, REQUEST.cancel, event.requestId, 0, 0);
  return OUTCOME.applied;
}

/** Our replace goes out. A filled order may only be made larger. */
export function applyReplaceRequest(store: OrderStore, row: number, event: OrderEvent): number {
  const { newLots, newTicks } = event;
  const wrong = checkRequestId(store, row, event.requestId);
  if (wrong !== OUTCOME.applied) return wrong;
  if (!isTerms(newLots, newTicks)) return OUTCOME.malformed;
  const base = store.base[row] as number;
  const open = OPEN_BY_CODE[base] === 1 && base !== ORDER_STATUS.created;
  const larger =
    base === ORDER_STATUS.filled &&
    store.phase[row] === ORDER_STATUS.new &&
    newLots > Math.max(store.lots[row] as number, store.cumLots[row] as number);
  if (!open && !larger && base !== ORDER_STATUS.doneForDay) return OUTCOME.notOpen;
  const cancels = findRequest(store, row, REQUEST.cancel, 0) >= 0 ? 1 : 0;
  if ((store.pendingCount[row] as number) - cancels >= store.requestSlots - 1) return OUTCOME.requestsFull;
  push(store, row, REQUEST.replace, event.requestId, newTicks, newLots);
  return OUTCOME.applied;
}

/** The venue refused a cancel or a replace: back to what the order is now. */
export function applyRequestReject(store: OrderStore, row: number, event: OrderEvent, kind: number): number {
  const slot = findRequest(store, row, kind, event.requestId);
  if (slot < 0) return OUTCOME.anomaly;
  removeRequest(store, row, slot);
  const flags = store.flags[row] as number;
  const lost = event.reason === REQUEST_REJECT.unknownOrder && OPEN_BY_CODE[store.base[row] as number] === 1;
  store.flags[row] = lost ? flags | ROW_FLAG.unknown : flags & ~ROW_FLAG.unknown;
  settle(store, row);
  return agrees(store, row, event.statusCode) ? OUTCOME.applied : OUTCOME.mismatch;
}

/** The venue put new terms in force. Those of an older request never replace those of a younger one. */
export function applyReplaceAck(store: OrderStore, row: number, event: OrderEvent, legal: boolean): number {
  const slot = findRequest(store, row, REQUEST.replace, event.requestId);
  if (slot < 0) return OUTCOME.anomaly;
  const stated = event.newLots !== 0;
  if (stated && !isTerms(event.newLots, event.newTicks)) return OUTCOME.malformed;
  const lots = stated ? event.newLots : (store.pendingLots[slot] as number);
  const ticks = stated ? event.newTicks : (store.pendingTicks[slot] as number);
  const requestId = store.pendingId[slot] as number;
  removeRequest(store, row, slot);
  if (legal && requestId > (store.termsRequestId[row] as number)) {
    store.termsRequestId[row] = requestId;
    changeTerms(store, row, lots, ticks);
  }
  store.flags[row] = (store.flags[row] as number) & ~ROW_FLAG.unknown;
  settle(store, row);
  return legal ? OUTCOME.applied : OUTCOME.anomaly;
}

/** The venue changed the terms unasked. */
export function applyRestated(store: OrderStore, row: number, event: OrderEvent, legal: boolean): number {
  if (!isTerms(event.newLots, event.newTicks)) return OUTCOME.malformed;
  if (!legal) return OUTCOME.anomaly;
  changeTerms(store, row, event.newLots, event.newTicks);
  store.reason[row] = event.reason;
  settle(store, row);
  return OUTCOME.applied;
}

/** The slot of a pending request: by id, or the oldest of its kind for id 0; -1 where there is none. */
export function findRequest(store: OrderStore, row: number, kind: number, requestId: number): number {
  const from = row * store.requestSlots;
  const to = from + (store.pendingCount[row] as number);
  for (let slot = from; slot < to; slot++) {
    if (store.pendingKind[slot] !== kind) continue;
    if (requestId === 0 || store.pendingId[slot] === requestId) return slot;
  }
  return -1;
}

/** Takes one pending request out; those behind it move up. */
export function removeRequest(store: OrderStore, row: number, slot: number): void {
  const count = (store.pendingCount[row] as number) - 1;
  const last = row * store.requestSlots + count;
  for (let i = slot; i < last; i++) {
    store.pendingKind[i] = store.pendingKind[i + 1] as number;
    store.pendingId[i] = store.pendingId[i + 1] as number;
    store.pendingTicks[i] = store.pendingTicks[i + 1] as number;
    store.pendingLots[i] = store.pendingLots[i + 1] as number;
  }
  store.pendingCount[row] = count;
}

/** Whether a status claimed by the venue is ours: it may not have seen our pending requests yet. */
export function agrees(store: OrderStore, row: number, statusCode: number): boolean {
  return statusCode < 0 || statusCode === store.status[row] || statusCode === store.base[row];
}

function push(
  store: OrderStore,
  row: number,
  kind: number,
  requestId: number,
  ticks: number,
  lots: number,
): void {
  const count = store.pendingCount[row] as number;
  const slot = row * store.requestSlots + count;
  store.pendingKind[slot] = kind;
  store.pendingId[slot] = requestId;
  store.pendingTicks[slot] = ticks;
  store.pendingLots[slot] = lots;
  store.pendingCount[row] = count + 1;
  store.lastRequestId[row] = requestId;
  settle(store, row);
}

/** The total never falls below what is filled: a replace to less than that is a replace to exactly that. */
function changeTerms(store: OrderStore, row: number, lots: number, ticks: number): void {
  store.lots[row] = Math.max(lots, store.cumLots[row] as number);
  store.priceTicks[row] = ticks;
  if (store.phase[row] === ORDER_STATUS.pendingNew) store.phase[row] = ORDER_STATUS.new;
}

function isTerms(lots: number, ticks: number): boolean {
  return lots >= 1 && Number.isSafeInteger(lots) && (ticks | 0) === ticks;
}

function checkRequestId(store: OrderStore, row: number, requestId: number): number {
  if (!(requestId > 0 && Number.isSafeInteger(requestId))) return OUTCOME.malformed;
  return requestId > (store.lastRequestId[row] as number) ? OUTCOME.applied : OUTCOME.duplicate;
}
