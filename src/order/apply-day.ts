import { TIME_IN_FORCE } from "../model/index.ts";
import { EXECUTION } from "./execution-pool.ts";
import type { OrderEvent } from "./order-event.ts";
import type { OrderStore } from "./order-store.ts";
import { OUTCOME } from "./outcome.ts";
import { restingPhase, settle } from "./settle.ts";
import { ORDER_STATUS } from "./status.ts";

/**
 * A trading day begins: what was filled so far belongs to earlier days. An order good for several days that was
 * done for the day before goes on.
 */
export function applyNewDay(store: OrderStore, row: number, event: OrderEvent, legal: boolean): number {
  const { day } = event;
  if ((day | 0) !== day) return OUTCOME.malformed;
  if (day <= (store.day[row] as number)) return OUTCOME.duplicate;
  if (!legal) return OUTCOME.anomaly;
  const pool = store.executions;
  pool.isMarked = true;
  store.day[row] = day;
  store.priorLots[row] = store.cumLots[row] as number;
  store.priorNotionalTicks[row] = store.notionalTicks[row] as number;
  for (let node = store.firstExecution[row] as number; node >= 0; node = pool.next[node] as number) {
    pool.prior[node] = 1;
  }
  const term = store.timeInForce[row] as number;
  const goesOn = term === TIME_IN_FORCE.GTC || term === TIME_IN_FORCE.GTD;
  if (goesOn && store.phase[row] === ORDER_STATUS.doneForDay) {
    store.phase[row] = restingPhase(store, row);
    settle(store, row);
  }
  return OUTCOME.applied;
}

/**
 * Scales what was filled by a split of the instrument; the notional stays, so the mean price scales too. False,
 * and nothing changed, where the ratio cannot be or an execution would count a fraction of a lot.
 */
export function applySplit(store: OrderStore, row: number, to: number, from: number): boolean {
  if (!(to > 0 && from > 0 && Number.isSafeInteger(to) && Number.isSafeInteger(from))) return false;
  const pool = store.executions;
  const head = store.firstExecution[row] as number;
  let sum = 0;
  for (let node = head; node >= 0; node = pool.next[node] as number) {
    if (pool.kind[node] !== EXECUTION.live) continue;
    const scaled = pool.countedLots(node) * to;
    sum += scaled;
    if (scaled % from !== 0) return false;
  }
  if (!Number.isSafeInteger(sum)) return false;
  pool.isMarked = true;
  let cum = 0;
  let prior = 0;
  for (let node = head; node >= 0; node = pool.next[node] as number) {
    if (pool.kind[node] !== EXECUTION.live) continue;
    const lots = (pool.countedLots(node) * to) / from;
    pool.splitLots[node] = lots;
    cum += lots;
    if (pool.prior[node] === 1) prior += lots;
  }
  store.cumLots[row] = cum;
  store.priorLots[row] = prior;
  store.stoppedLots[row] = Math.floor(((store.stoppedLots[row] as number) * to) / from);
  return true;
}
