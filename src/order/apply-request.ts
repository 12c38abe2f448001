import { applySplit } from "./apply-day.ts";
import { REQUEST, ROW_FLAG } from "./order-columns.ts";
import { type OrderEvent, REQUEST_REJECT } from "./order-event.ts";
import type { OrderStore } from "./order-store.ts";
import { OUTCOME } from "./outcome.ts";
import { ageOf, clearUnknown, isOlder, restingPhase, settle } from "./settle.ts";
import { OPEN_BY_CODE, ORDER_STATUS } from "./status.ts";

/** Our cancel goes out: also for a filled order that an unanswered replace may make larger. */
export function applyCancelRequest(store: OrderStore, row: number, event: OrderEvent): number {
  const wrong = checkRequestId(store, row, event.requestId);
  if (wrong !== OUTCOME.applied) return wrong;
  const growing = OPEN_BY_CODE[store.phase[row] as number] === 1 && (store.pendingCount[row] as number) > 0;
  if (!isLive(store, row) && !growing) return OUTCOME.notOpen;
  if (findRequest(store, row, REQUEST.cancel, 0) >= 0) return OUTCOME.requestPending;
  push(store, row, REQUEST.cancel, event.requestId, 0, 0);
  return OUTCOME.applied;
}

/** Our replace goes out. A filled order may only be made larger. */
export function applyReplaceRequest(store: OrderStore, row: number, event: OrderEvent): number {
  const outcome = replaceRequestOutcome(store, row, event);
  if (outcome === OUTCOME.applied)
    push(store, row, REQUEST.replace, event.requestId, event.newTicks, event.newLots);
  return outcome;
}

/** What `apply` would make of a replace request, without doing it: for who must ask others between. */
export function replaceRequestOutcome(store: OrderStore, row: number, event: OrderEvent): number {
  const { newLots, newTicks } = event;
  const wrong = checkRequestId(store, row, event.requestId);
  if (wrong !== OUTCOME.applied) return wrong;
  if (!isTerms(newLots, newTicks)) return OUTCOME.malformed;
  if (!isLive(store, row) && !isLarger(store, row, newLots)) return OUTCOME.notOpen;
  const cancels = findRequest(store, row, REQUEST.cancel, 0) >= 0 ? 1 : 0;
  const isFull = (store.pendingCount[row] as number) - cancels >= store.requestSlots - 1;
  return isFull ? OUTCOME.requestsFull : OUTCOME.applied;
}

/** Whether the venue may have the order still: sent and open, or done for today only. */
function isLive(store: OrderStore, row: number): boolean {
  const base = store.base[row] as number;
  return base === ORDER_STATUS.doneForDay || (OPEN_BY_CODE[base] === 1 && base !== ORDER_STATUS.created);
}

/** Whether a replace makes a filled order larger. */
function isLarger(store: OrderStore, row: number, lots: number): boolean {
  if (store.base[row] !== ORDER_STATUS.filled || store.phase[row] !== ORDER_STATUS.new) return false;
  return lots > (store.cumLots[row] as number);
}

/** The venue refused a cancel or a replace: back to what the order is now. */
export function applyRequestReject(store: OrderStore, row: number, event: OrderEvent, kind: number): number {
  const slot = findRequest(store, row, kind, event.requestId);
  if (slot < 0) return answeredBefore(event.requestId, store.lastRequestId[row] as number);
  removeRequest(store, row, slot);
  clearUnknown(store, row, event.sequence);
  if (event.reason === REQUEST_REJECT.unknownOrder && store.isOpen(row)) {
    store.flags[row] = (store.flags[row] as number) | ROW_FLAG.unknown;
  }
  settle(store, row);
  if (isOlder(event.sequence, store.sequence[row] as number)) return OUTCOME.applied;
  return agrees(store, row, event.statusCode) ? OUTCOME.applied : OUTCOME.mismatch;
}

/** The venue put new terms in force. Those of an older request never replace those of a younger one. */
export function applyReplaceAck(store: OrderStore, row: number, event: OrderEvent, legal: boolean): number {
  const slot = findRequest(store, row, REQUEST.replace, event.requestId);
  if (slot < 0) return answeredBefore(event.requestId, store.termsRequestId[row] as number);
  const stated = event.newLots !== 0;
  if (stated && !isTerms(event.newLots, event.newTicks)) return OUTCOME.malformed;
  const lots = stated ? event.newLots : (store.pendingLots[slot] as number);
  const ticks = stated ? event.newTicks : (store.pendingTicks[slot] as number);
  const requestId = store.pendingId[slot] as number;
  const age = ageOf(event.sequence, store.termsSequence[row] as number);
  removeRequest(store, row, slot);
  if (legal && age === OUTCOME.applied && requestId > (store.termsRequestId[row] as number)) {
    store.termsRequestId[row] = requestId;
    changeTerms(store, row, event, lots, ticks);
  }
  clearUnknown(store, row, event.sequence);
  settle(store, row);
  if (legal && age === OUTCOME.applied) return agreesOnTotal(store, row, event.newLots);
  return legal ? age : OUTCOME.anomaly;
}

/** The venue changed the terms unasked, or a split of the instrument did. */
export function applyRestated(store: OrderStore, row: number, event: OrderEvent, legal: boolean): number {
  const { newLots, newTicks, ratioTo, ratioFrom } = event;
  if (!isTerms(newLots, newTicks)) return OUTCOME.malformed;
  const age = ageOf(event.sequence, store.termsSequence[row] as number);
  if (age !== OUTCOME.applied) return age;
  if (!legal) return OUTCOME.anomaly;
  if (ratioTo !== ratioFrom && !applySplit(store, row, ratioTo, ratioFrom)) return OUTCOME.malformed;
  changeTerms(store, row, event, newLots, newTicks);
  store.reason[row] = event.reason;
  settle(store, row);
  return agreesOnTotal(store, row, newLots);
}

/** A total below what is filled, said by the venue itself, means that it knows of a bust that is still to come. */
function agreesOnTotal(store: OrderStore, row: number, statedLots: number): number {
  const isBelow = statedLots > 0 && statedLots < (store.cumLots[row] as number);
  return isBelow ? OUTCOME.mismatch : OUTCOME.applied;
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
function changeTerms(store: OrderStore, row: number, event: OrderEvent, lots: number, ticks: number): void {
  store.lots[row] = Math.max(lots, store.cumLots[row] as number);
  store.priceTicks[row] = ticks;
  if (event.sequence > 0) store.termsSequence[row] = event.sequence;
  if (store.phase[row] === ORDER_STATUS.pendingNew) store.phase[row] = restingPhase(store, row);
}

/** An answer to nothing that waits: a repetition where its request came before the last one it could be about. */
function answeredBefore(requestId: number, last: number): number {
  return requestId > 0 && requestId <= last ? OUTCOME.duplicate : OUTCOME.anomaly;
}

function isTerms(lots: number, ticks: number): boolean {
  return lots >= 1 && Number.isSafeInteger(lots) && (ticks | 0) === ticks;
}

function checkRequestId(store: OrderStore, row: number, requestId: number): number {
  if (!(requestId > 0 && Number.isSafeInteger(requestId))) return OUTCOME.malformed;
  return requestId > (store.lastRequestId[row] as number) ? OUTCOME.applied : OUTCOME.duplicate;
}
