import type { Decision } from "./decision.ts";
import { CELL, PLANNED } from "./exposure-rows.ts";
import { GATE_FLAG } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { checkLevels, EQUITY_RULES, MINUTE_RULES, POSITION_RULES } from "./level-rules.ts";
import { ACCOUNT, PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";

/**
 * How many messages each level sent within a second and a minute.
 *
 * @refuses `RISK_RATE_SECOND`, `RISK_RATE_MINUTE`
 */
export function checkRate(parts: GateParts, decision: Decision): boolean {
  const { hard, burst } = parts.limits;
  const now = decision.nowNs;
  const column = LIMIT.maxOrdersPerSecond;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    const perSecond = hard[node * LIMIT_COLUMNS + column] as number;
    const atOnce = Math.min(burst[node] as number, perSecond === 0 ? 0 : Number.POSITIVE_INFINITY);
    if (perSecond === Number.POSITIVE_INFINITY || (atOnce > 0 && parts.perSecond.allows(node, now))) continue;
    if (decision.stop("RISK_RATE_SECOND", "maxOrdersPerSecond", node, column, atOnce + 1, atOnce))
      return true;
  }
  parts.perMinute.advance(now);
  return checkLevels(parts, decision, MINUTE_RULES);
}

/** Counts a message at every level, whatever the limits say of it. */
export function countMessage(parts: GateParts, from: number, nowNs: number): void {
  const { paths } = parts.hierarchy;
  for (let at = from; at < from + PATH_LENGTH; at++) parts.perSecond.force(paths[at] as number, nowNs);
  parts.perMinute.add(from, nowNs);
}

/**
 * The worst case after the order: lots of each side at every level that owns positions; worth over all instruments,
 * gross and net; orders and worth that are open.
 *
 * @refuses `RISK_REDUCE_ONLY`, `RISK_POSITION_EXCEEDED`, `RISK_GROSS_EXCEEDED`, `RISK_NET_EXCEEDED`,
 * `RISK_OPEN_ORDERS_EXCEEDED`, `RISK_OPEN_VALUE_EXCEEDED`
 */
export function checkPosition(parts: GateParts, decision: Decision): boolean {
  const { order, path, addLots, addTickLots, orderValue, nowNs } = decision;
  parts.exposure.plan(path, order.instrument, order.side > 0, addLots, addTickLots, orderValue, nowNs);
  parts.exposure.rows[PLANNED.messages] = parts.perMinute.isCounted[path] as number;
  if ((order.flags & GATE_FLAG.reduceOnly) !== 0 && !decision.isReducing) {
    const held = parts.exposure.cells[decision.cellAt(ACCOUNT) + CELL.positionLots] as number;
    const what =
      "an order that with all open ones makes the account's position smaller, and does not turn it";
    if (decision.fail("RISK_REDUCE_ONLY", "lots", order.lots, `${what} (${held} lots)`)) return true;
  }
  return checkLevels(parts, decision, POSITION_RULES);
}

/**
 * Measures against equity: one instrument's worst case, the margin of all of them, and leverage. A node whose equity
 * is 0 or less, or not known, grows nothing.
 *
 * @refuses `RISK_EQUITY_UNKNOWN`, `RISK_CONCENTRATION_EXCEEDED`, `RISK_MARGIN_EXCEEDED`, `RISK_LEVERAGE_EXCEEDED`
 */
export function checkEquity(parts: GateParts, decision: Decision): boolean {
  for (let level = 0; level < PATH_LENGTH && !decision.isReducing; level++) {
    const node = decision.nodeAt(level);
    if (!parts.limits.hasShares(node) || !Number.isNaN(parts.equityOf(node))) continue;
    const where = parts.hierarchy.describe(node);
    if (decision.fail("RISK_EQUITY_UNKNOWN", "capital", undefined, `the capital of ${where}`)) return true;
  }
  return checkLevels(parts, decision, EQUITY_RULES);
}
