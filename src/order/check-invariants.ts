import { EXECUTION } from "./execution-pool.ts";
import { REQUEST, ROW_FLAG } from "./order-columns.ts";
import type { OrderStore } from "./order-store.ts";
import { DEAD_BY_CODE, ORDER_STATUS, ORDER_STATUSES, PRECEDENCE_BY_CODE } from "./status.ts";

/**
 * Recomputes everything about one order from its executions and requests and names what does not fit; empty
 * when all is well. For tests and debugging.
 *
 * @cost O(executions + open orders of its strategy, instrument and venue); allocates.
 */
export function checkInvariants(store: OrderStore, row: number): readonly string[] {
  if (!((store.id[row] as number) > 0)) return [];
  return [...checkQuantities(store, row), ...checkState(store, row), ...checkLists(store, row)];
}

function checkQuantities(store: OrderStore, row: number): readonly string[] {
  const broken: string[] = [];
  const sums = sumExecutions(store, row, broken);
  const lots = store.lots[row] as number;
  const { cum, prior } = sums;
  const leaves = store.leavesLots(row);
  const overfilled = ((store.flags[row] as number) & ROW_FLAG.overfilled) !== 0;
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ["Q1, Q2: leavesLots", leaves, store.isOpen(row) ? lots - cum : 0],
    ["Q2: open", store.isOpen(row), store.isOpen(row) && cum < lots],
    ["Q3: cumLots", store.cumLots[row], cum],
    ["Q3: heldCount", store.heldCount[row], sums.held],
    ["Q4: notionalTicks", store.notionalTicks[row], Number(sums.notional)],
    ["Q6: overfilled", overfilled, cum > lots],
    ["Q8: priorLots", store.priorLots[row], prior],
    ["Q8: priorNotionalTicks", store.priorNotionalTicks[row], Number(sums.priorNotional)],
    ["Q8: dayLots", store.dayLots(row), lots - (cum - store.dayCumLots(row))],
    ["Q11: worstLeavesLots", store.worstLeavesLots(row), Math.max(leaves, store.worstLeavesLots(row))],
  ];
  for (const [name, found, expected] of facts) {
    if (found !== expected) broken.push(`${name} is ${String(found)}, expected ${String(expected)}`);
  }
  return broken;
}

interface Sums {
  readonly cum: number;
  readonly notional: bigint;
  readonly prior: number;
  readonly priorNotional: bigint;
  readonly held: number;
}

function sumExecutions(store: OrderStore, row: number, broken: string[]): Sums {
  const pool = store.executions;
  const ids = new Set<string>();
  const sums = { cum: 0, notional: 0n, prior: 0, priorNotional: 0n, held: 0 };
  for (let node = store.firstExecution[row] as number; node >= 0; node = pool.next[node] as number) {
    const kind = pool.kind[node] as number;
    const id = `${pool.venue[node]}:${pool.execId[node]}`;
    if (ids.has(id)) broken.push(`Q3: execution ${id} twice`);
    ids.add(id);
    if (kind === EXECUTION.heldBust || kind === EXECUTION.heldCorrect) sums.held += 1;
    const hasSuccessor = (pool.successor[node] as number) >= 0;
    if (hasSuccessor !== (kind === EXECUTION.superseded))
      broken.push(`Q3: execution ${id} and its successor`);
    if (kind !== EXECUTION.live) continue;
    const lots = pool.countedLots(node);
    const notional = BigInt(pool.lots[node] as number) * BigInt(pool.ticks[node] as number);
    sums.cum += lots;
    sums.notional += notional;
    if (pool.prior[node] === 0) continue;
    sums.prior += lots;
    sums.priorNotional += notional;
  }
  return sums;
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
  for (let slot = row * store.requestSlots; slot < row * store.requestSlots + count; slot++) {
    const cancel = store.pendingKind[slot] === REQUEST.cancel;
    requests.push(cancel ? ORDER_STATUS.pendingCancel : ORDER_STATUS.pendingReplace);
  }
  const cancels = requests.filter((code) => code === ORDER_STATUS.pendingCancel).length;
  if (cancels > 1 || count - cancels >= store.requestSlots) broken.push(`pending: ${requests.join(" ")}`);
  const reported = DEAD_BY_CODE[phase] === 1 ? [base] : [base, ...requests];
  const status = reported.reduce((a, b) => (precedence(b) > precedence(a) ? b : a));
  if (store.status[row] !== status) {
    broken.push(`status ${ORDER_STATUSES[store.status[row] as number]}, expected ${ORDER_STATUSES[status]}`);
  }
  return broken;
}

function checkLists(store: OrderStore, row: number): readonly string[] {
  const { strategy, instrument, venue } = store;
  const open = store.isOpen(row);
  const lists: readonly (readonly [string, readonly number[]])[] = [
    ["strategy", listOf(store.firstOfStrategy(strategy[row] as number), (at) => store.nextOfStrategy(at))],
    [
      "instrument",
      listOf(store.firstOfInstrument(instrument[row] as number), (at) => store.nextOfInstrument(at)),
    ],
    ["venue", listOf(store.firstOfVenue(venue[row] as number), (at) => store.nextOfVenue(at))],
  ];
  return lists.flatMap(([name, rows]) => {
    const ids = rows.map((at) => store.id[at] as number);
    const rising = ids.every((id, i) => i === 0 || id > (ids[i - 1] as number));
    const found = rows.includes(row);
    return [
      ...(rising ? [] : [`the list of its ${name} is not in the order of ids: ${ids.join(" ")}`]),
      ...(found === open ? [] : [`open ${open}, in the list of its ${name} ${found}`]),
    ];
  });
}

function listOf(first: number, next: (row: number) => number): readonly number[] {
  const rows: number[] = [];
  for (let row = first; row >= 0; row = next(row)) rows.push(row);
  return rows;
}

function precedence(code: number): number {
  return PRECEDENCE_BY_CODE[code] as number;
}
