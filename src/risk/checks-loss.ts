import type { Decision } from "./decision.ts";
import { NODE } from "./exposure.ts";
import type { GateParts } from "./gate-parts.ts";
import { PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";

/**
 * Losses: of the day, within a window, and from the highest equity. A node that has lost too much takes only orders
 * that make its own position smaller, until it is reset.
 *
 * @refuses `RISK_DAILY_LOSS`, `RISK_WINDOW_LOSS`, `RISK_DRAWDOWN`
 */
export function checkLosses(parts: GateParts, decision: Decision): boolean {
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    const loss = 0 - parts.dayProfitOf(node);
    const row = node * LIMIT_COLUMNS;
    const column = LIMIT.maxDailyLoss;
    if (
      loss <= (parts.limits.soft[row + column] as number) &&
      parts.exposure.node(node, NODE.isLossLatched) === 0
    )
      continue;
    const bound = parts.limits.hard[row + column] as number;
    if (parts.isOverDailyLoss(node)) {
      if (decision.reducesAt(level)) continue;
      if (decision.stop("RISK_DAILY_LOSS", "maxDailyLoss", node, column, loss, bound)) return true;
    } else parts.warn(decision, node, column, loss, bound);
  }
  return parts.losses.isUsed && checkWindows(parts, decision);
}

function checkWindows(parts: GateParts, decision: Decision): boolean {
  const { losses } = parts;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    losses.sample(node, decision.nowNs);
    if (decision.reducesAt(level)) continue;
    if (losses.window.isBreached(node)) {
      const loss = losses.window.lossCents(node);
      const bound = losses.window.limitCents(node);
      const column = LIMIT.maxWindowLoss;
      if (decision.stop("RISK_WINDOW_LOSS", "maxWindowLoss", node, column, loss, bound)) return true;
    }
    if (!losses.drawdown.isBreached(node)) continue;
    const fall = losses.drawdown.drawdownCents(node);
    const bound = parts.limits.of(node, "maxDrawdown");
    if (decision.stop("RISK_DRAWDOWN", "maxDrawdown", node, LIMIT.maxDrawdown, fall, bound)) return true;
  }
  return false;
}

/**
 * Value at risk after the order, by its marginal figure.
 *
 * @refuses `RISK_VALUE_AT_RISK_EXCEEDED`, `RISK_REFERENCE_UNAVAILABLE`
 */
export function checkValueAtRisk(parts: GateParts, decision: Decision): boolean {
  const column = LIMIT.maxValueAtRisk;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    const soft = parts.limits.soft[node * LIMIT_COLUMNS + column] as number;
    if (soft === Number.POSITIVE_INFINITY) continue;
    const { side, instrument } = decision.order;
    const grows = parts.valueAtRisk.growth(node, instrument, side * decision.addLots);
    const measured = parts.valueAtRisk.valueAt(node, decision.nowNs) + grows;
    if (measured <= soft) continue;
    const name = "maxValueAtRisk";
    if (decision.over("RISK_VALUE_AT_RISK_EXCEEDED", name, column, level, measured, grows)) return true;
  }
  return false;
}
