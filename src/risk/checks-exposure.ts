import type { Decision } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import { CELL, NODE, PLAN, PLAN_STRIDE } from "./exposure.ts";
import { GATE_FLAG } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { ACCOUNT, OWNER_LEVELS, PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS, WARN_SHARE } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";

/**
 * How many messages each level sent within a second and a minute.
 *
 * @refuses `RISK_RATE_SECOND`, `RISK_RATE_MINUTE`
 */
export function checkRate(parts: GateParts, decision: Decision): boolean {
  const { hard, burst } = parts.limits;
  const { paths } = parts.hierarchy;
  const now = decision.nowNs;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = paths[decision.from + level] as number;
    const perSecond = hard[node * LIMIT_COLUMNS + LIMIT.maxOrdersPerSecond] as number;
    const isOpen =
      perSecond === Number.POSITIVE_INFINITY ||
      (perSecond > 0 && (burst[node] as number) > 0 && parts.perSecond.allows(node, now));
    if (isOpen) continue;
    const sent = (burst[node] as number) + 1;
    const column = LIMIT.maxOrdersPerSecond;
    if (decision.stop("RISK_RATE_SECOND", "maxOrdersPerSecond", node, column, sent, perSecond)) return true;
  }
  parts.perMinute.advance(now);
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = paths[decision.from + level] as number;
    const perMinute = hard[node * LIMIT_COLUMNS + LIMIT.maxOrdersPerMinute] as number;
    const sent = parts.exposure.node(node, NODE.sent) + 1;
    const column = LIMIT.maxOrdersPerMinute;
    if (sent <= perMinute) {
      if (sent > perMinute * WARN_SHARE) parts.warn(decision, node, column, sent, perMinute);
      continue;
    }
    if (decision.stop("RISK_RATE_MINUTE", "maxOrdersPerMinute", node, column, sent, perMinute)) return true;
  }
  return false;
}

/** Counts a message at every level, whatever the limits say of it. */
export function countMessage(parts: GateParts, from: number, nowNs: number): void {
  parts.perSecond.forceAll(parts.hierarchy.paths, from, PATH_LENGTH, nowNs);
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
  const { order } = decision;
  parts.exposure.plan(
    parts.hierarchy.paths,
    decision.from,
    order.instrument,
    order.side,
    decision.addTickLots,
  );
  if ((order.flags & GATE_FLAG.reduceOnly) !== 0 && !decision.isReducing) {
    const cell = decision.cellAt(ACCOUNT);
    const held = parts.exposure.cells[cell + CELL.positionLots] as number;
    const expected =
      "an order that with all open ones makes the account's position smaller, and does not turn it";
    if (decision.fail("RISK_REDUCE_ONLY", "lots", order.lots, `${expected} (${held} lots)`)) return true;
  }
  return (
    checkLots(parts, decision) ||
    checkGross(parts, decision) ||
    checkNet(parts, decision) ||
    checkOpen(parts, decision)
  );
}

function checkLots(parts: GateParts, decision: Decision): boolean {
  const { exposure, limits, hierarchy } = parts;
  const isBuy = decision.order.side > 0;
  const column = isBuy ? LIMIT.maxLongLots : LIMIT.maxShortLots;
  const open = isBuy ? CELL.buyLots : CELL.sellLots;
  const add = decision.addLots;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = hierarchy.paths[decision.from + level] as number;
    const cell = decision.cellAt(level);
    const held = exposure.cells[cell + CELL.positionLots] as number;
    const worst = (isBuy ? held : 0 - held) + (exposure.cells[cell + open] as number) + add;
    if (worst <= (limits.soft[node * LIMIT_COLUMNS + column] as number)) continue;
    const grows = worst <= 0 ? 0 : add;
    const name = isBuy ? "maxLongLots" : "maxShortLots";
    if (decision.over("RISK_POSITION_EXCEEDED", name, column, level, worst, grows)) return true;
  }
  return false;
}

function checkGross(parts: GateParts, decision: Decision): boolean {
  const { exposure, limits, hierarchy } = parts;
  const column = LIMIT.maxGrossValue;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = hierarchy.paths[decision.from + level] as number;
    const grows = decision.grossGrowth(level);
    const gross = exposure.node(node, NODE.gross) + grows;
    if (gross <= (limits.soft[node * LIMIT_COLUMNS + column] as number)) continue;
    if (decision.over("RISK_GROSS_EXCEEDED", "maxGrossValue", column, level, gross, grows)) return true;
  }
  return false;
}

function checkNet(parts: GateParts, decision: Decision): boolean {
  const { exposure, limits, hierarchy } = parts;
  const column = LIMIT.maxNetValue;
  const isBuy = decision.order.side > 0;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = hierarchy.paths[decision.from + level] as number;
    const soft = limits.soft[node * LIMIT_COLUMNS + column] as number;
    if (soft === Number.POSITIVE_INFINITY) continue;
    const cell = decision.cellAt(level);
    const owner = level < OWNER_LEVELS ? level : 0;
    const planned = exposure.planned[owner * PLAN_STRIDE + PLAN.side] as number;
    const grows = isBuy
      ? planned - (exposure.cells[cell + CELL.long] as number)
      : (exposure.cells[cell + CELL.short] as number) - planned;
    const net = (isBuy ? exposure.node(node, NODE.long) : 0 - exposure.node(node, NODE.short)) + grows;
    if (net <= soft) continue;
    if (decision.over("RISK_NET_EXCEEDED", "maxNetValue", column, level, net, net <= 0 ? 0 : grows))
      return true;
  }
  return false;
}

function checkOpen(parts: GateParts, decision: Decision): boolean {
  const { exposure, limits, hierarchy } = parts;
  const orders = decision.kind === DECISION.order ? 1 : 0;
  const value = parts.worth.up(decision.order.instrument, decision.addTickLots);
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = hierarchy.paths[decision.from + level] as number;
    const row = node * LIMIT_COLUMNS;
    const grows = decision.isReducing ? 0 : 1;
    const open = exposure.node(node, NODE.openOrders) + orders;
    if (
      !(open <= (limits.soft[row + LIMIT.maxOpenOrders] as number)) &&
      decision.over(
        "RISK_OPEN_ORDERS_EXCEEDED",
        "maxOpenOrders",
        LIMIT.maxOpenOrders,
        level,
        open,
        orders * grows,
      )
    ) {
      return true;
    }
    const openValue = exposure.node(node, NODE.openValue) + value;
    if (
      !(openValue <= (limits.soft[row + LIMIT.maxOpenValue] as number)) &&
      decision.over(
        "RISK_OPEN_VALUE_EXCEEDED",
        "maxOpenValue",
        LIMIT.maxOpenValue,
        level,
        openValue,
        value * grows,
      )
    ) {
      return true;
    }
  }
  return false;
}

/**
 * Measures against equity: one instrument's worst case, the margin of all of them, and leverage. A node whose equity
 * is 0 or less, or not known, grows nothing.
 *
 * @refuses `RISK_EQUITY_UNKNOWN`, `RISK_CONCENTRATION_EXCEEDED`, `RISK_MARGIN_EXCEEDED`, `RISK_LEVERAGE_EXCEEDED`
 */
export function checkEquity(parts: GateParts, decision: Decision): boolean {
  const { hard } = parts.limits;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const row = decision.nodeAt(level) * LIMIT_COLUMNS;
    const isBound =
      (hard[row + LIMIT.maxConcentration] as number) < Number.POSITIVE_INFINITY ||
      (hard[row + LIMIT.maxMarginShare] as number) < Number.POSITIVE_INFINITY ||
      (hard[row + LIMIT.maxLeverage] as number) < Number.POSITIVE_INFINITY;
    if (isBound && checkShares(parts, decision, level, row)) return true;
  }
  return false;
}

function checkShares(parts: GateParts, decision: Decision, level: number, row: number): boolean {
  const { exposure, limits } = parts;
  const node = decision.nodeAt(level);
  const equity = parts.equityOf(node);
  const grows = decision.grossGrowth(level);
  if (Number.isNaN(equity) && !decision.isReducing) {
    const where = parts.hierarchy.describe(node);
    return decision.fail("RISK_EQUITY_UNKNOWN", "capital", undefined, `the capital of ${where}`);
  }
  const concentration = share(decision.plannedGross(level), equity);
  if (
    !(concentration <= (limits.soft[row + LIMIT.maxConcentration] as number)) &&
    decision.over(
      "RISK_CONCENTRATION_EXCEEDED",
      "maxConcentration",
      LIMIT.maxConcentration,
      level,
      concentration,
      grows,
    )
  ) {
    return true;
  }
  const margin = share(exposure.node(node, NODE.margin) + decision.marginGrowth(level), equity);
  if (
    !(margin <= (limits.soft[row + LIMIT.maxMarginShare] as number)) &&
    decision.over("RISK_MARGIN_EXCEEDED", "maxMarginShare", LIMIT.maxMarginShare, level, margin, grows)
  ) {
    return true;
  }
  const leverage = share(exposure.node(node, NODE.gross) + grows, equity);
  return (
    !(leverage <= (limits.soft[row + LIMIT.maxLeverage] as number)) &&
    decision.over("RISK_LEVERAGE_EXCEEDED", "maxLeverage", LIMIT.maxLeverage, level, leverage, grows)
  );
}

/** A share of equity: without any, every amount is infinitely much. */
function share(amount: number, equity: number): number {
  return equity <= 0 ? Number.POSITIVE_INFINITY : amount / equity;
}
