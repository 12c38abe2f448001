import { REASON, REPORT } from "../model/index.ts";
import type { TruthOrders } from "./truth-orders.ts";
import { TRUTH_STATE } from "./truth-orders.ts";
import { VENUE_FAULT, VENUE_REASON, type VenueFaults } from "./venue-faults.ts";
import type { VenueFills } from "./venue-fills.ts";
import type { VenueReports } from "./venue-reports.ts";
import type { VenueTruth } from "./venue-truth.ts";

/** Ends every open order, those away too; returns how many. @param tells - whether each is reported as canceled */
export function dropBook(
  truth: VenueTruth,
  fills: VenueFills,
  tells: boolean,
  forgets: boolean,
  reason: number,
): number {
  const { orders } = truth;
  let dropped = 0;
  forEachOpen(truth, (row) => {
    dropped += 1;
    if (tells) fills.end(row, TRUTH_STATE.canceled, 0, reason);
    else fills.close(row, TRUTH_STATE.canceled);
    if (forgets) forget(orders, row);
  });
  return dropped;
}

/**
 * A venue that comes back as it was a little earlier: the last accepted orders are gone without a word, the last
 * executions are undone, and the busts are told later.
 *
 * @param count - of each, at most.
 */
export function rollBack(
  truth: VenueTruth,
  fills: VenueFills,
  reports: VenueReports,
  faults: VenueFaults,
  count: number,
  forgets: boolean,
): void {
  const { orders, executions } = truth;
  let left = count;
  for (let row = orders.count - 1; row >= 0 && left > 0; row--) {
    if (!orders.isOpen(row)) continue;
    left -= 1;
    fills.close(row, TRUTH_STATE.canceled);
    if (forgets) forget(orders, row);
  }
  left = count;
  for (let exec = executions.count - 1; exec >= 0 && left > 0; exec--) {
    if (!executions.isLive(exec)) continue;
    left -= 1;
    const order = executions.order[exec] as number;
    const wasFilled = orders.state[order] === TRUTH_STATE.filled;
    truth.undo(exec);
    const ends = wasFilled && (orders.cumLots[order] as number) < (orders.lots[order] as number);
    if (ends) truth.setState(order, TRUTH_STATE.canceled);
    const delayNs = faults.delay(VENUE_FAULT.failoverRollback);
    reports.busted(exec, delayNs);
    if (ends) reports.stateLater(REPORT.canceled, order, VENUE_REASON.failover, delayNs + 1);
  }
}

/** Expires the open orders that are good for the day. */
export function endDay(truth: VenueTruth, fills: VenueFills, isDay: (row: number) => boolean): void {
  forEachOpen(truth, (row) => {
    if (isDay(row)) fills.end(row, TRUTH_STATE.expired, 0, REASON.dayEnded);
  });
}

function forEachOpen(truth: VenueTruth, visit: (row: number) => void): void {
  const { orders } = truth;
  for (let local = 0; local < truth.instruments.length; local++) {
    for (let side = 0; side < 2; side++) {
      for (let row = orders.head(local, side); row !== -1; ) {
        const following = orders.nextRow[row] as number;
        visit(row);
        row = following;
      }
    }
  }
  for (const row of [...orders.away]) visit(row);
}

/** An order that nothing came of is as if it had never been. */
function forget(orders: TruthOrders, row: number): void {
  if (orders.cumLots[row] === 0) orders.forgotten[row] = 1;
}
