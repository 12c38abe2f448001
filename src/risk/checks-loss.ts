import type { Decision } from "./decision.ts";
import { NODE } from "./exposure-rows.ts";
import type { GateParts } from "./gate-parts.ts";
import { checkLevels, VALUE_AT_RISK_RULES } from "./level-rules.ts";
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
  return checkDay(parts, decision) || (parts.losses.isUsed && checkWindows(parts, decision));
}

function checkDay(parts: GateParts, decision: Decision): boolean {
  const column = LIMIT.maxDailyLoss;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    const loss = 0 - parts.dayProfitOf(node);
    const row = node * LIMIT_COLUMNS + column;
    const isLatched = parts.exposure.node(node, NODE.isLossLatched) === 1;
    if (loss < (parts.limits.soft[row] as number) && !isLatched) continue;
    const bound = parts.limits.hard[row] as number;
    if (!parts.isOverDailyLoss(node)) {
      parts.warn(decision, "RISK_DAILY_LOSS", node, column, loss, bound);
    } else if (!decision.reducesAt(level)) {
      if (decision.stop("RISK_DAILY_LOSS", "maxDailyLoss", node, column, loss, bound)) return true;
    }
  }
  return false;
}

function checkWindows(parts: GateParts, decision: Decision): boolean {
  const { losses } = parts;
  for (let level = 0; level < PATH_LENGTH; level++) losses.sample(decision.nodeAt(level), decision.nowNs);
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    if (!losses.window.isBreached(node) || decision.reducesAt(level)) continue;
    const loss = losses.window.lossCents(node);
    const bound = losses.window.limitCents(node);
    if (decision.stop("RISK_WINDOW_LOSS", "maxWindowLoss", node, LIMIT.maxWindowLoss, loss, bound))
      return true;
  }
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    if (!losses.drawdown.isBreached(node) || decision.reducesAt(level)) continue;
    if (refuseDrawdown(parts, decision, node)) return true;
  }
  return false;
}

/** Names the limit of the two that was broken: the amount, or the share of the highest equity. */
function refuseDrawdown(parts: GateParts, decision: Decision, node: number): boolean {
  const fall = parts.losses.drawdown.drawdownCents(node);
  const most = parts.limits.of(node, "maxDrawdown");
  if (fall >= most) return decision.stop("RISK_DRAWDOWN", "maxDrawdown", node, LIMIT.maxDrawdown, fall, most);
  const measured = parts.losses.drawdown.drawdownShare(node);
  const bound = parts.limits.of(node, "maxDrawdownShare");
  return decision.stop("RISK_DRAWDOWN", "maxDrawdownShare", node, LIMIT.maxDrawdownShare, measured, bound);
}

/**
 * Value at risk after the order, by its marginal figure.
 *
 * @refuses `RISK_VALUE_AT_RISK_EXCEEDED`, `RISK_REFERENCE_UNAVAILABLE`
 */
export function checkValueAtRisk(parts: GateParts, decision: Decision): boolean {
  return checkLevels(parts, decision, VALUE_AT_RISK_RULES);
}
