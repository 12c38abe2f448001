import { Fault } from "../base/index.ts";
import { EXECUTION, type ExecutionPool } from "./execution-pool.ts";
import { ROW_FLAG } from "./order-columns.ts";
import type { OrderEvent } from "./order-event.ts";
import type { OrderStore } from "./order-store.ts";
import { OUTCOME } from "./outcome.ts";
import { settle } from "./settle.ts";
import { OPEN_BY_CODE, ORDER_STATUS } from "./status.ts";

const MAX_VENUE = 65_535;

/** A trade: always booked unless it was seen before or cannot be. */
export function applyTrade(store: OrderStore, row: number, event: OrderEvent): number {
  const { execId, lastLots, lastTicks } = event;
  const venue = venueOf(store, row, event);
  if (venue < 0 || !isExecution(execId, lastLots, lastTicks)) return OUTCOME.malformed;
  if (execId <= (store.lastExecId[row] as number)) {
    const seen = store.executions.find(store.firstExecution[row] as number, execId, venue);
    if (seen >= 0) return repeated(store.executions, seen, 0, lastLots, lastTicks);
  }
  if ((store.heldCount[row] as number) > 0) {
    checkSums(store, row, lastLots, lastTicks);
    const node = addNode(store, row, event, EXECUTION.live, venue);
    resolveHeld(store, row, event, node);
  } else {
    checkSum(store, row, lastLots, lastTicks);
    addNode(store, row, event, EXECUTION.live, venue);
    event.bookedLots = lastLots;
    event.bookedTicks = lastTicks;
  }
  return book(store, row, event);
}

/** A bust: takes an execution out, or waits for it. */
export function applyBust(store: OrderStore, row: number, event: OrderEvent): number {
  event.lastLots = 0;
  event.lastTicks = 0;
  if (!isExecution(event.execId, 1, 0)) return OUTCOME.malformed;
  return applyAmendment(store, row, event, EXECUTION.heldBust);
}

/** A correction: puts an execution in the place of another, or waits for that one. */
export function applyCorrect(store: OrderStore, row: number, event: OrderEvent): number {
  if (!isExecution(event.execId, event.lastLots, event.lastTicks)) return OUTCOME.malformed;
  return applyAmendment(store, row, event, EXECUTION.heldCorrect);
}

function applyAmendment(store: OrderStore, row: number, event: OrderEvent, kind: number): number {
  const pool = store.executions;
  const { execId, refExecId, lastLots, lastTicks } = event;
  const venue = venueOf(store, row, event);
  if (venue < 0 || !isExecution(refExecId, 1, 0)) return OUTCOME.malformed;
  const seen = pool.find(store.firstExecution[row] as number, execId, venue);
  if (seen >= 0) return repeated(pool, seen, refExecId, lastLots, lastTicks);
  checkSums(store, row, lastLots, lastTicks);
  const node = addNode(store, row, event, kind, venue);
  store.heldCount[row] = (store.heldCount[row] as number) + 1;
  resolveHeld(store, row, event, -1);
  if (isHeld(pool.kind[node] as number)) return OUTCOME.quarantined;
  if (event.bookedLots === 0 && event.undoneLots === 0) return OUTCOME.duplicate;
  return book(store, row, event);
}

/** Whether an execution's numbers can be: ids and lots whole and above 0, a price of whole ticks in 32 bits. */
function isExecution(execId: number, lots: number, ticks: number): boolean {
  return (
    execId > 0 &&
    Number.isSafeInteger(execId) &&
    lots > 0 &&
    Number.isSafeInteger(lots) &&
    (ticks | 0) === ticks
  );
}

/** The venue that numbered the execution, -1 where that cannot be. */
function venueOf(store: OrderStore, row: number, event: OrderEvent): number {
  const { venue } = event;
  if (venue === -1) return store.venue[row] as number;
  return venue >= 0 && venue <= MAX_VENUE && (venue | 0) === venue ? venue : -1;
}

function repeated(pool: ExecutionPool, seen: number, refExecId: number, lots: number, ticks: number): number {
  const same = pool.refExecId[seen] === refExecId && pool.lots[seen] === lots && pool.ticks[seen] === ticks;
  return same ? OUTCOME.duplicate : OUTCOME.conflict;
}

function addNode(store: OrderStore, row: number, event: OrderEvent, kind: number, venue: number): number {
  const pool = store.executions;
  const node = pool.take(store.firstExecution[row] as number);
  store.firstExecution[row] = node;
  pool.execId[node] = event.execId;
  pool.venue[node] = venue;
  pool.refExecId[node] = kind === EXECUTION.live ? 0 : event.refExecId;
  pool.lots[node] = event.lastLots;
  pool.ticks[node] = event.lastTicks;
  pool.kind[node] = kind;
  if (event.execId > (store.lastExecId[row] as number)) store.lastExecId[row] = event.execId;
  return node;
}

/** Adds what the event booked and undid, then says what that means for the order. */
function book(store: OrderStore, row: number, event: OrderEvent): number {
  const { bookedLots, undoneLots } = event;
  const before = store.base[row] as number;
  if (bookedLots === 0 && undoneLots === 0) return OUTCOME.applied;
  store.cumLots[row] = (store.cumLots[row] as number) + bookedLots - undoneLots;
  store.notionalTicks[row] = (store.notionalTicks[row] as number) + bookedLots * event.bookedTicks;
  if (store.phase[row] !== ORDER_STATUS.new) wake(store, row);
  if (undoneLots > 0) {
    store.notionalTicks[row] = (store.notionalTicks[row] as number) - event.undoneNotionalTicks;
    settle(store, row);
    return bookUndone(store, row, before);
  }
  settle(store, row);
  if (before === ORDER_STATUS.rejected || before === ORDER_STATUS.created) {
    store.flags[row] = (store.flags[row] as number) | ROW_FLAG.critical;
    return OUTCOME.criticalFill;
  }
  if (OPEN_BY_CODE[before] === 0 && before !== ORDER_STATUS.filled) {
    store.flags[row] = (store.flags[row] as number) | ROW_FLAG.lateFill;
    return isOverfilled(store, row) ? OUTCOME.overfill : OUTCOME.lateFill;
  }
  return isOverfilled(store, row) ? OUTCOME.overfill : OUTCOME.applied;
}

/** An execution proves that the venue has the order, and that a stop was triggered. */
function wake(store: OrderStore, row: number): void {
  const phase = store.phase[row] as number;
  const waits = phase === ORDER_STATUS.suspended && store.isUntriggered(row);
  if (!waits && phase !== ORDER_STATUS.pendingNew && phase !== ORDER_STATUS.created) return;
  store.flags[row] = (store.flags[row] as number) | ROW_FLAG.triggered;
  store.phase[row] = ORDER_STATUS.new;
}

function bookUndone(store: OrderStore, row: number, before: number): number {
  if (OPEN_BY_CODE[before] === 0) {
    store.flags[row] = (store.flags[row] as number) | ROW_FLAG.bustedAfterTerminal;
  }
  return isOverfilled(store, row) ? OUTCOME.overfill : OUTCOME.applied;
}

function isOverfilled(store: OrderStore, row: number): boolean {
  return ((store.flags[row] as number) & ROW_FLAG.overfilled) !== 0;
}

/**
 * Carries out every held bust and correction whose execution is there, until nothing moves. `fresh` is the
 * execution the event itself brought, or -1; what of it stays is booked.
 */
function resolveHeld(store: OrderStore, row: number, event: OrderEvent, fresh: number): void {
  const pool = store.executions;
  const head = store.firstExecution[row] as number;
  let live = fresh;
  for (let moved = true; moved; ) {
    moved = false;
    for (let node = head; node >= 0; node = pool.next[node] as number) {
      const target = isHeld(pool.kind[node] as number) ? targetOf(pool, head, node) : -1;
      if (target < 0) continue;
      live = carryOut(store, row, event, node, target, live);
      store.heldCount[row] = (store.heldCount[row] as number) - 1;
      moved = true;
    }
  }
  if (live < 0) return;
  event.bookedLots = pool.lots[live] as number;
  event.bookedTicks = pool.ticks[live] as number;
  if (pool.prior[live] === 0) return;
  store.priorLots[row] = (store.priorLots[row] as number) + event.bookedLots;
  store.priorNotionalTicks[row] =
    (store.priorNotionalTicks[row] as number) + event.bookedLots * event.bookedTicks;
}

/** The version of the named execution that counts now (live or busted), or -1 where it has not come yet. */
function targetOf(pool: ExecutionPool, head: number, node: number): number {
  let target = pool.find(head, pool.refExecId[node] as number, pool.venue[node] as number);
  if (target < 0) return -1;
  while ((pool.successor[target] as number) >= 0) target = pool.successor[target] as number;
  const kind = pool.kind[target] as number;
  return kind === EXECUTION.live || kind === EXECUTION.busted ? target : -1;
}

/** Returns the execution that is newly live after it, or -1. */
function carryOut(
  store: OrderStore,
  row: number,
  event: OrderEvent,
  node: number,
  target: number,
  live: number,
): number {
  const pool = store.executions;
  const isBust = pool.kind[node] === EXECUTION.heldBust;
  if (pool.kind[target] === EXECUTION.busted) {
    pool.kind[node] = isBust ? EXECUTION.bustRecord : EXECUTION.busted;
    return live;
  }
  if (target !== live) undo(store, row, event, target);
  pool.kind[target] = isBust ? EXECUTION.busted : EXECUTION.superseded;
  pool.kind[node] = isBust ? EXECUTION.bustRecord : EXECUTION.live;
  if (isBust) return -1;
  pool.successor[target] = node;
  pool.prior[node] = pool.prior[target] as number;
  return node;
}

/** Notes what no longer counts; what was filled on an earlier day is taken out of that day. */
function undo(store: OrderStore, row: number, event: OrderEvent, target: number): void {
  const pool = store.executions;
  const lots = pool.countedLots(target);
  const notional = (pool.lots[target] as number) * (pool.ticks[target] as number);
  event.undoneLots = lots;
  event.undoneTicks = notional / lots;
  event.undoneNotionalTicks = notional;
  if (pool.prior[target] === 0) return;
  store.priorLots[row] = (store.priorLots[row] as number) - lots;
  store.priorNotionalTicks[row] = (store.priorNotionalTicks[row] as number) - notional;
}

function isHeld(kind: number): boolean {
  return kind === EXECUTION.heldBust || kind === EXECUTION.heldCorrect;
}

function checkSum(store: OrderStore, row: number, lots: number, ticks: number): void {
  const product = lots * ticks;
  const safe =
    Number.isSafeInteger(product) &&
    Number.isSafeInteger((store.notionalTicks[row] as number) + product) &&
    Number.isSafeInteger((store.cumLots[row] as number) + lots);
  if (!safe) throw tooLarge(lots, ticks);
}

/** As {@link checkSum}, for every subset of the order's executions that could come to count. */
function checkSums(store: OrderStore, row: number, lots: number, ticks: number): void {
  const pool = store.executions;
  let size = Math.abs(lots * ticks);
  let sum = lots;
  for (let node = store.firstExecution[row] as number; node >= 0; node = pool.next[node] as number) {
    size += Math.abs((pool.lots[node] as number) * (pool.ticks[node] as number));
    sum += pool.countedLots(node);
  }
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(sum)) throw tooLarge(lots, ticks);
}

function tooLarge(lots: number, ticks: number): Fault {
  return new Fault("FAULT_ARITHMETIC", {
    path: "order.notionalTicks",
    value: `${lots} lots at ${ticks} ticks more`,
    expected: "sums of lots and of lots times ticks within 2^53",
  });
}
