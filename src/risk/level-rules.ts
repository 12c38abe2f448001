import type { Decision } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import { CELL, NODE, PLAN } from "./exposure-rows.ts";
import type { GateParts } from "./gate-parts.ts";
import { PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS } from "./limit-table.ts";
import { LIMIT, type LimitName } from "./limits.ts";
import type { RiskRefusalCode } from "./refusals.ts";

/** A limit that every level may have: what is measured there, and by how much the order makes it grow. */
export interface LevelRule {
  readonly code: RiskRefusalCode;
  readonly limit: LimitName;
  readonly measure: (parts: GateParts, decision: Decision, level: number) => number;
  readonly grows: (parts: GateParts, decision: Decision, level: number) => number;
}

const always = (): number => 1;

/** The share of the daily volume that one order is. */
export const SHARE_RULES: readonly LevelRule[] = [
  {
    code: "RISK_VOLUME_SHARE_EXCEEDED",
    limit: "maxVolumeShare",
    measure: (parts, { order }) => order.lots / (parts.volumeLots[order.instrument] as number),
    grows: always,
  },
];

/** The size of one order. */
export const SIZE_RULES: readonly LevelRule[] = [
  {
    code: "RISK_QUANTITY_EXCEEDED",
    limit: "maxOrderLots",
    measure: (_, { order }) => order.lots,
    grows: always,
  },
  {
    code: "RISK_NOTIONAL_EXCEEDED",
    limit: "maxOrderValue",
    // Without a price the price checks refuse; what size would be too much is not known.
    measure: (_, { orderValue, unitTicks }) => (Number.isNaN(unitTicks) ? 0 : orderValue),
    grows: always,
  },
  ...SHARE_RULES,
];

/** The worst case after the order, lots and money. The first two are for the side of the order. */
export const POSITION_RULES: readonly LevelRule[] = [
  { code: "RISK_POSITION_EXCEEDED", limit: "maxLongLots", measure: worstLots(1), grows: addedLots },
  { code: "RISK_POSITION_EXCEEDED", limit: "maxShortLots", measure: worstLots(-1), grows: addedLots },
  {
    code: "RISK_GROSS_EXCEEDED",
    limit: "maxGrossValue",
    measure: (parts, decision, level) =>
      parts.exposure.node(decision.nodeAt(level), NODE.gross) + decision.grossGrowth(level),
    grows: (_, decision, level) => decision.grossGrowth(level),
  },
  {
    code: "RISK_NET_EXCEEDED",
    limit: "maxNetValue",
    measure: worstNet,
    grows: netGrowth,
  },
  {
    code: "RISK_OPEN_ORDERS_EXCEEDED",
    limit: "maxOpenOrders",
    measure: (parts, decision, level) =>
      parts.exposure.node(decision.nodeAt(level), NODE.openOrders) +
      (decision.kind === DECISION.order ? 1 : 0),
    grows: (_, { isReducing, kind }) => (isReducing || kind !== DECISION.order ? 0 : 1),
  },
  {
    code: "RISK_OPEN_VALUE_EXCEEDED",
    limit: "maxOpenValue",
    measure: (parts, decision, level) =>
      parts.exposure.node(decision.nodeAt(level), NODE.openValue) +
      parts.worth.up(decision.order.instrument, decision.addTickLots),
    grows: (_, { isReducing, addTickLots }) => (isReducing ? 0 : addTickLots),
  },
];

/** What is measured against equity: without any, every amount is infinitely much. */
export const EQUITY_RULES: readonly LevelRule[] = [
  {
    code: "RISK_CONCENTRATION_EXCEEDED",
    limit: "maxConcentration",
    measure: (parts, decision, level) => share(parts, decision, level, decision.plannedGross(level)),
    grows: (_, decision, level) => decision.grossGrowth(level),
  },
  {
    code: "RISK_MARGIN_EXCEEDED",
    limit: "maxMarginShare",
    measure: (parts, decision, level) => {
      const margin = parts.exposure.node(decision.nodeAt(level), NODE.margin);
      return share(parts, decision, level, margin + decision.marginGrowth(level));
    },
    grows: (_, decision, level) => decision.grossGrowth(level),
  },
  {
    code: "RISK_LEVERAGE_EXCEEDED",
    limit: "maxLeverage",
    measure: (parts, decision, level) => {
      const gross = parts.exposure.node(decision.nodeAt(level), NODE.gross);
      return share(parts, decision, level, gross + decision.grossGrowth(level));
    },
    grows: (_, decision, level) => decision.grossGrowth(level),
  },
];

/** Value at risk after the order, by its marginal figure. */
export const VALUE_AT_RISK_RULES: readonly LevelRule[] = [
  {
    code: "RISK_VALUE_AT_RISK_EXCEEDED",
    limit: "maxValueAtRisk",
    measure: (parts, decision, level) =>
      parts.valueAtRisk.valueAt(decision.nodeAt(level), decision.nowNs) + riskGrowth(parts, decision, level),
    grows: riskGrowth,
  },
];

/** Messages within the last minute. */
export const MINUTE_RULES: readonly LevelRule[] = [
  {
    code: "RISK_RATE_MINUTE",
    limit: "maxOrdersPerMinute",
    measure: (parts, decision, level) => parts.exposure.node(decision.nodeAt(level), NODE.sent) + 1,
    grows: always,
  },
];

/** Whether rules stop an order: each in turn, at every level where it is limited, widest first. */
export function checkLevels(parts: GateParts, decision: Decision, rules: readonly LevelRule[]): boolean {
  const { soft } = parts.limits;
  for (const rule of rules) {
    const column = LIMIT[rule.limit];
    for (let level = 0; level < PATH_LENGTH; level++) {
      const bound = soft[decision.nodeAt(level) * LIMIT_COLUMNS + column] as number;
      if (bound === Number.POSITIVE_INFINITY) continue;
      const measured = rule.measure(parts, decision, level);
      if (measured <= bound) continue;
      const grows = rule.grows(parts, decision, level);
      if (decision.over(rule.code, rule.limit, column, level, measured, grows)) return true;
    }
  }
  return false;
}

function worstLots(side: number): LevelRule["measure"] {
  return (parts, decision, level) => {
    if (decision.order.side !== side) return Number.NEGATIVE_INFINITY;
    const { cells } = parts.exposure;
    const cell = decision.cellAt(level);
    const open = cells[cell + (side > 0 ? CELL.buyLots : CELL.sellLots)] as number;
    return side * (cells[cell + CELL.positionLots] as number) + open + decision.addLots;
  };
}

function addedLots(_: GateParts, decision: Decision): number {
  return decision.addLots;
}

function netGrowth(parts: GateParts, decision: Decision, level: number): number {
  const { cells } = parts.exposure;
  const { side } = decision.order;
  const plan = parts.exposure.plannedAt(level, PLAN.side);
  return plan - (cells[decision.cellAt(level) + (side > 0 ? CELL.long : CELL.short)] as number);
}

function worstNet(parts: GateParts, decision: Decision, level: number): number {
  const { side } = decision.order;
  const sum = parts.exposure.node(decision.nodeAt(level), side > 0 ? NODE.long : NODE.short);
  return sum + netGrowth(parts, decision, level);
}

function riskGrowth(parts: GateParts, decision: Decision, level: number): number {
  const { side, instrument } = decision.order;
  return parts.valueAtRisk.growth(decision.nodeAt(level), instrument, side * decision.addLots);
}

function share(parts: GateParts, decision: Decision, level: number, amount: number): number {
  const equity = parts.equityOf(decision.nodeAt(level));
  // Unknown equity has its own code, and reducing orders are no larger share of anything.
  if (Number.isNaN(equity)) return Number.NEGATIVE_INFINITY;
  return equity <= 0 ? Number.POSITIVE_INFINITY : amount / equity;
}
