import { ORDER_TYPE } from "../model/index.ts";
import { applyNewDay } from "./apply-day.ts";
import { applyBust, applyCorrect, applyTrade } from "./apply-execution.ts";
import {
  agrees,
  applyCancelRequest,
  applyReplaceAck,
  applyReplaceRequest,
  applyRequestReject,
  applyRestated,
  findRequest,
  removeRequest,
} from "./apply-request.ts";
import { REQUEST, ROW_FLAG } from "./order-columns.ts";
import { ORDER_EVENT, ORDER_EVENTS, type OrderEvent, REPORTED_BY_CODE } from "./order-event.ts";
import type { OrderStore } from "./order-store.ts";
import { OUTCOME, RECONCILE_BY_CODE } from "./outcome.ts";
import { ageOf, clearUnknown, isOlder, restingPhase, settle } from "./settle.ts";
import { DEAD_BY_CODE, OPEN_BY_CODE, ORDER_STATUS } from "./status.ts";
import { LEGAL_BY_CODE } from "./transitions.ts";

const EVENT_COUNT = ORDER_EVENTS.length;

/**
 * Lets one event happen to the order in `row` and returns a code of `OUTCOME`. The one place where orders
 * change.
 *
 * @invariant No sequence of events makes it throw or breaks an invariant of `checkInvariants`.
 * @invariant Executions count once each, in whatever order and however often they are reported.
 * @throws `FAULT_CAPACITY` when the store's executions are full, `FAULT_ARITHMETIC` when a sum would leave
 * 2^53: both before anything changed.
 * @cost O(1) for executions with rising ids and for everything else; O(executions of the order) for
 * repetitions, busts and corrections. Nothing is allocated.
 * @source FIX 5.0 SP2, Order State Changes
 */
export function apply(store: OrderStore, row: number, event: OrderEvent): number {
  event.bookedLots = 0;
  event.undoneLots = 0;
  if (!((store.id[row] as number) > 0)) return OUTCOME.stale;
  if (event.sequence > (store.sequence[row] as number)) store.sequence[row] = event.sequence;
  const outcome = dispatch(store, row, event);
  if (outcome !== OUTCOME.applied || event.repeated === 1) mark(store, row, event, outcome);
  return outcome;
}

/** Notes what the outcome asks for. A report that cannot be here leaves the venue's state in doubt. */
function mark(store: OrderStore, row: number, event: OrderEvent, outcome: number): void {
  let flags = store.flags[row] as number;
  if (event.repeated === 1 && outcome !== OUTCOME.duplicate && outcome <= OUTCOME.anomaly) {
    flags |= ROW_FLAG.staleReplay;
  }
  if (RECONCILE_BY_CODE[outcome] === 1) flags |= ROW_FLAG.reconcile;
  const contradicts = outcome === OUTCOME.anomaly || outcome === OUTCOME.mismatch;
  if (contradicts && REPORTED_BY_CODE[event.type] === 1) flags |= ROW_FLAG.unknown;
  store.flags[row] = flags;
}

function dispatch(store: OrderStore, row: number, event: OrderEvent): number {
  const type = event.type;
  switch (type) {
    case ORDER_EVENT.trade:
      return applyTrade(store, row, event);
    case ORDER_EVENT.ack:
      return applyAck(store, row, event);
    case ORDER_EVENT.cancelRequest:
      return applyCancelRequest(store, row, event);
    case ORDER_EVENT.cancelAck:
    case ORDER_EVENT.unsolicitedCancel:
      return applyCanceled(store, row, event);
    case ORDER_EVENT.cancelReject:
      return applyRequestReject(store, row, event, REQUEST.cancel);
    case ORDER_EVENT.replaceRequest:
      return applyReplaceRequest(store, row, event);
    case ORDER_EVENT.replaceAck:
      return applyReplaceAck(store, row, event, isLegal(store, row, type));
    case ORDER_EVENT.replaceReject:
      return applyRequestReject(store, row, event, REQUEST.replace);
    case ORDER_EVENT.submit:
      return applySubmit(store, row);
    case ORDER_EVENT.bust:
      return applyBust(store, row, event);
    case ORDER_EVENT.correct:
      return applyCorrect(store, row, event);
    case ORDER_EVENT.restated:
      return applyRestated(store, row, event, isLegalBoth(store, row, type));
    case ORDER_EVENT.status:
      return applyStatus(store, row, event);
    case ORDER_EVENT.timeout:
    case ORDER_EVENT.disconnect:
      return applyUnknown(store, row, type);
    case ORDER_EVENT.newDay:
      return applyNewDay(store, row, event, isLegalBoth(store, row, type));
    default:
      return applyLifecycle(store, row, event);
  }
}

function isLegal(store: OrderStore, row: number, type: number): boolean {
  return LEGAL_BY_CODE[(store.status[row] as number) * EVENT_COUNT + type] === 1;
}

/** For events about the order itself: a pending request must not make legal what the base forbids. */
function isLegalBoth(store: OrderStore, row: number, type: number): boolean {
  return isLegal(store, row, type) && LEGAL_BY_CODE[(store.base[row] as number) * EVENT_COUNT + type] === 1;
}

function applySubmit(store: OrderStore, row: number): number {
  if (store.phase[row] !== ORDER_STATUS.created) return OUTCOME.duplicate;
  return enter(store, row, ORDER_STATUS.pendingNew);
}

/** A first acknowledgement, however late; a late one revives nothing. */
function applyAck(store: OrderStore, row: number, event: OrderEvent): number {
  if (((store.flags[row] as number) & ROW_FLAG.acknowledged) !== 0) return OUTCOME.duplicate;
  if (!isLegal(store, row, ORDER_EVENT.ack)) return OUTCOME.anomaly;
  store.flags[row] = (store.flags[row] as number) | ROW_FLAG.acknowledged;
  clearUnknown(store, row, event.sequence);
  if (store.phase[row] === ORDER_STATUS.pendingNew) return enter(store, row, restingPhase(store, row));
  return OUTCOME.applied;
}

/** Canceled, asked for or not. On a filled order the quantities win, but the order will not come back. */
function applyCanceled(store: OrderStore, row: number, event: OrderEvent): number {
  const slot = findRequest(store, row, REQUEST.cancel, event.requestId);
  const legal = isLegalBoth(store, row, event.type);
  if (slot >= 0) removeRequest(store, row, slot);
  const age = ageOf(event.sequence, store.phaseSequence[row] as number);
  if (age !== OUTCOME.applied) {
    settle(store, row);
    return age;
  }
  return end(store, row, event, ORDER_STATUS.canceled, legal);
}

function applyLifecycle(store: OrderStore, row: number, event: OrderEvent): number {
  const age = ageOf(event.sequence, store.phaseSequence[row] as number);
  if (age !== OUTCOME.applied) return age;
  const legal = isLegalBoth(store, row, event.type);
  switch (event.type) {
    case ORDER_EVENT.reject:
      return applyReject(store, row, event, legal);
    case ORDER_EVENT.expire:
      return end(store, row, event, ORDER_STATUS.expired, legal);
    case ORDER_EVENT.calculate:
      return turn(store, row, event, ORDER_STATUS.calculated, legal);
    case ORDER_EVENT.doneForDay:
      return turn(store, row, event, ORDER_STATUS.doneForDay, legal);
    case ORDER_EVENT.suspend:
      return turn(store, row, event, ORDER_STATUS.suspended, legal);
    case ORDER_EVENT.stop:
      if (legal && event.lastLots > 0) store.stoppedLots[row] = event.lastLots;
      return turn(store, row, event, ORDER_STATUS.stopped, legal);
    case ORDER_EVENT.activate:
      return applyActivate(store, row, event, legal);
    default:
      return OUTCOME.malformed;
  }
}

/**
 * Active again, or for the first time. Requests the order's end made moot stay moot: they are dropped. Without a
 * sequence, the activation of an active order that is no stop shows that the word it answers is still to come.
 */
function applyActivate(store: OrderStore, row: number, event: OrderEvent, legal: boolean): number {
  const isNews = !(event.sequence > 0) && event.repeated === 0;
  if (isNews && store.phase[row] === ORDER_STATUS.new && (store.type[row] as number) < ORDER_TYPE.stop) {
    return OUTCOME.anomaly;
  }
  if (legal) {
    store.flags[row] = (store.flags[row] as number) | ROW_FLAG.acknowledged | ROW_FLAG.triggered;
    if (DEAD_BY_CODE[store.phase[row] as number] === 1) store.pendingCount[row] = 0;
  }
  return turn(store, row, event, ORDER_STATUS.new, legal);
}

/** A rejection of an order that filled cannot be. */
function applyReject(store: OrderStore, row: number, event: OrderEvent, legal: boolean): number {
  if (store.cumLots[row] === 0) return turn(store, row, event, ORDER_STATUS.rejected, legal);
  return store.phase[row] === ORDER_STATUS.rejected ? OUTCOME.duplicate : OUTCOME.anomaly;
}

/** A word that ends the order. The first such word counts; on a filled order it is kept for a later bust. */
function end(store: OrderStore, row: number, event: OrderEvent, phase: number, legal: boolean): number {
  const kept = store.base[row] === ORDER_STATUS.filled && OPEN_BY_CODE[store.phase[row] as number] === 1;
  if (legal || !kept) return turn(store, row, event, phase, legal);
  turn(store, row, event, phase, true);
  return OUTCOME.anomaly;
}

/** Enters a phase at the venue's word, unless it is there already or may not. */
function turn(store: OrderStore, row: number, event: OrderEvent, phase: number, legal: boolean): number {
  const repeats = store.phase[row] === phase;
  if ((repeats || legal) && event.sequence > 0) store.phaseSequence[row] = event.sequence;
  if (repeats || !legal) {
    settle(store, row);
    return repeats ? OUTCOME.duplicate : OUTCOME.anomaly;
  }
  clearUnknown(store, row, event.sequence);
  store.reason[row] = event.reason;
  return enter(store, row, phase);
}

function enter(store: OrderStore, row: number, phase: number): number {
  store.phase[row] = phase;
  settle(store, row);
  return OUTCOME.applied;
}

/**
 * Evidence only: agreement ends the doubt, a difference is for reconciliation and overwrites nothing. What is
 * older than another report proves nothing.
 */
function applyStatus(store: OrderStore, row: number, event: OrderEvent): number {
  const { cumLots, leavesLots, statusCode } = event;
  if (isOlder(event.sequence, store.sequence[row] as number)) return OUTCOME.outdated;
  const sameCum = cumLots < 0 || cumLots === store.cumLots[row];
  const sameLeaves = leavesLots < 0 || leavesLots === store.leavesLots(row);
  if (!sameCum || !sameLeaves || !agrees(store, row, statusCode)) return OUTCOME.mismatch;
  if (cumLots >= 0 && statusCode >= 0) {
    store.flags[row] = (store.flags[row] as number) & ~(ROW_FLAG.unknown | ROW_FLAG.reconcile);
  } else if (cumLots >= 0 || statusCode >= 0) {
    store.flags[row] = (store.flags[row] as number) & ~ROW_FLAG.unknown;
  }
  return OUTCOME.applied;
}

function applyUnknown(store: OrderStore, row: number, type: number): number {
  if (!isLegal(store, row, type)) return OUTCOME.anomaly;
  store.flags[row] = (store.flags[row] as number) | ROW_FLAG.unknown;
  return OUTCOME.applied;
}
