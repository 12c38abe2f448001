import { EXECUTION } from "./execution-pool.ts";
import { type OrderStore, REQUEST, ROW_FLAG } from "./order-store.ts";
import { DEAD_BY_CODE, OPEN_BY_CODE, ORDER_STATUS, ORDER_STATUSES, PRECEDENCE_BY_CODE } from "./status.ts";

/**
 * Recomputes everything about one order from its executions and requests and names what does not fit; empty
 * when all is well. For tests and debugging.
 *
 * @cost O(executions + open orders of the strategy); allocates.
 */
export function checkInvariants(store: OrderStore, row: number): readonly string[] {
  if (!((store.id[row] as number) > 0)) return [];
  return [...checkQuantities(store, row), ...checkState(store, row), ...checkLists(store, row)];
}

function checkQuantities(store: OrderStore, row: number): readonly string[] {
  const broken: string[] = [];
  const pool = store.executions;
  const ids = new Set<number>();
  let cum = 0;
  let notional = 0n;
  let held = 0;
  for (let node = store.firstExecution[row] as number; node >= 0; node = pool.next[node] as number) {
    const kind = pool.kind[node] as number;
    if (ids.has(pool.execId[node] as number)) broken.push(`Q3: execution ${pool.execId[node]} twice`);
    ids.add(pool.execId[node] as number);
    if (kind === EXECUTION.heldBust || kind === EXECUTION.heldCorrect) held += 1;
    if ((kind === EXECUTION.superseded) !== (pool.successor[node] as number) >= 0)
      broken.push("Q3: successor");
    if (kind !== EXECUTION.live) continue;
    cum += pool.lots[node] as number;
    notional += BigInt(pool.lots[node] as number) * BigInt(pool.ticks[node] as number);
  }
  if (cum !== store.cumLots[row]) broken.push(`Q3: cumLots ${store.cumLots[row]}, executions ${cum}`);
  if (notional !== BigInt(store.notionalTicks[row] as number))
    broken.push(`Q4: notionalTicks, executions ${notional}`);
  if (held !== store.heldCount[row]) broken.push(`Q3: heldCount ${store.heldCount[row]}, executions ${held}`);
  const lots = store.lots[row] as number;
  const leaves = store.leavesLots(row);
  const open = OPEN_BY_CODE[store.base[row] as number] === 1;
  if (open && leaves !== lots - cum) broken.push(`Q1: leaves ${leaves}, lots ${lots}, cum ${cum}`);
  if (!open && leaves !== 0) broken.push(`Q2: leaves ${leaves} of a closed order`);
  const overfilled = ((store.flags[row] as number) & ROW_FLAG.overfilled) !== 0;
  if (cum > lots !== overfilled) broken.push(`Q6: lots ${lots}, cum ${cum}, overfilled ${overfilled}`);
  if (open && cum >= lots) broken.push(`Q6: open with lots ${lots}, cum ${cum}`);
  if (store.worstLeavesLots(row) < leaves) broken.push("Q11: worst leaves below leaves");
  return broken;
}

function checkState(store: OrderStore, row: number): readonly string[] {
  const broken: string[] = [];
  const base = store.base[row] as number;
  const phase = store.phase[row] as number;
  const cum = store.cumLots[row] as number;
  const holds = [phase];
  if (cum > 0 && phase !== ORDER_STATUS.rejected) {
    holds.push(cum >= (store.lots[row] as number) ? ORDER_STATUS.filled : ORDER_STATUS.partiallyFilled);
  }
  const highest = holds.reduce((a, b) => (precedence(b) > precedence(a) ? b : a));
  if (base !== highest) broken.push(`base ${ORDER_STATUSES[base]}, expected ${ORDER_STATUSES[highest]}`);
  const requests: number[] = [];
  const count = store.pendingCount[row] as number;
  if (count > store.requestSlots) broken.push(`pending ${count} of ${store.requestSlots}`);
  for (let slot = row * store.requestSlots; slot < row * store.requestSlots + count; slot++) {
    const cancel = store.pendingKind[slot] === REQUEST.cancel;
    requests.push(cancel ? ORDER_STATUS.pendingCancel : ORDER_STATUS.pendingReplace);
  }
  if (requests.filter((code) => code === ORDER_STATUS.pendingCancel).length > 1)
    broken.push("two cancels pending");
  const reported = DEAD_BY_CODE[phase] === 1 ? [base] : [base, ...requests];
  const status = reported.reduce((a, b) => (precedence(b) > precedence(a) ? b : a));
  if (store.status[row] !== status)
    broken.push(`status ${store.status[row]}, expected ${ORDER_STATUSES[status]}`);
  return broken;
}

function checkLists(store: OrderStore, row: number): readonly string[] {
  const broken: string[] = [];
  let found = false;
  let last = 0;
  const from = store.firstOfStrategy(store.strategy[row] as number);
  for (let at = from; at >= 0; at = store.nextOfStrategy(at)) {
    const id = store.id[at] as number;
    if (id <= last) broken.push(`order ${id} after ${last} in its strategy's list`);
    last = id;
    found ||= at === row;
  }
  if (found !== store.isOpen(row)) broken.push(`open ${store.isOpen(row)}, in its strategy's list ${found}`);
  return broken;
}

function precedence(code: number): number {
  return PRECEDENCE_BY_CODE[code] as number;
}
