export { ApprovedOrder } from "./approved-order.ts";
export type { RiskRefusal } from "./decision.ts";
export { DECISION, DECISION_FIELD, DECISION_STRIDE } from "./decision-log.ts";
export type { GateControl, LimitOverride, Person } from "./gate-control.ts";
export type { GateChange, NodeCapital, RiskGateOptions, TradingHours } from "./gate-options.ts";
export { GATE_FLAG, type GateOrder, gateOrder } from "./gate-order.ts";
export type { RiskRequest } from "./gate-request.ts";
export type { GateRules } from "./gate-rules.ts";
export type { GateSettlement } from "./gate-settlement.ts";
export type { Seat } from "./hierarchy.ts";
export { FIRM_SCOPE, KillLatch, type KillLevel } from "./kill-latch.ts";
export { KILL_SCOPE_KINDS, type KillScope, KillScopes } from "./kill-scopes.ts";
export { LEVELS, type Level } from "./levels.ts";
export {
  LIMIT,
  LIMIT_NAMES,
  LIMIT_UNITS,
  type LimitName,
  type LimitUnit,
  NO_LIMITS,
  type NodeLimits,
  REQUIRED_LIMITS,
  type RiskLimits,
  type Unlimited,
} from "./limits.ts";
export type { ReferenceAges } from "./reference-prices.ts";
export { RISK_CODE, RISK_REFUSALS, type RiskRefusalCode } from "./refusals.ts";
export { RiskGate } from "./risk-gate.ts";
