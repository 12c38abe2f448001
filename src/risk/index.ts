export {
  AdverseWindow,
  type AdverseWindowOptions,
  type DriftLimit,
  type DriftVerdict,
  type SavedAdverseWindow,
} from "./adverse-window.ts";
export { ApprovedOrder } from "./approved-order.ts";
export { ceilBps, floorBps } from "./basis-points.ts";
export {
  CIRCUIT_CAUSES,
  CIRCUIT_STATES,
  CIRCUIT_TRANSITIONS,
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitCause,
  type CircuitEvent,
  type CircuitRecord,
  type CircuitState,
  type SavedCircuitBreaker,
} from "./circuit-breaker.ts";
export type { CallTerms } from "./control-calls.ts";
export { CONTROL_TERMS, type ControlArgument, type ControlCall, type ControlCalls } from "./control-calls.ts";
export {
  type ControlAnswer,
  type ControlRequest,
  type ControlRequestOf,
  carryOut,
  readControlRequest,
} from "./control-request.ts";
export { DeadMan, type DeadManOptions } from "./dead-man.ts";
export type { RiskRefusal } from "./decision.ts";
export { DECISION, DECISION_FIELD, DECISION_STRIDE } from "./decision-log.ts";
export {
  type DrawdownLimit,
  DrawdownWindow,
  type DrawdownWindowOptions,
  type SavedDrawdownWindow,
} from "./drawdown-window.ts";
export type { SavedExtremes } from "./extreme-window.ts";
export type { GateControl } from "./gate-control.ts";
export type { GateChange, NodeCapital, RiskGateOptions, TradingHours } from "./gate-options.ts";
export { GATE_FLAG, type GateOrder, gateOrder } from "./gate-order.ts";
export type { RiskRequest } from "./gate-request.ts";
export type { GateReserve, GateReserves } from "./gate-reserves.ts";
export type { GateRules } from "./gate-rules.ts";
export type { GateSettlement } from "./gate-settlement.ts";
export type { Seat } from "./hierarchy.ts";
export type { SavedKeyRing } from "./key-ring.ts";
export { KILL_ROLES, KillAuthority, type KillPerson, type KillRole } from "./kill-authority.ts";
export type { FlattenOptions } from "./kill-flatten.ts";
export { FIRM_SCOPE, isKillLevel, KillLatch, type KillLevel } from "./kill-latch.ts";
export type { DeadManWatch, KillSwitchOptions } from "./kill-options.ts";
export type {
  FlattenPlan,
  KillControls,
  KillOrder,
  KillOrders,
  KillPace,
  KillVenue,
  LatchStore,
  OrderRef,
} from "./kill-port.ts";
export {
  KILL_CHANNELS,
  type KillChannel,
  type KillRecord,
  type KillStep,
  type LatchedScope,
  type LatchRecord,
} from "./kill-record.ts";
export { KILL_REFUSAL_CODES, type KillRefusalCode } from "./kill-refusal.ts";
export type { FlattenState, KillReport, LogoutState, VenueKillReport } from "./kill-report.ts";
export type {
  DrillRequest,
  KillActivation,
  KillLifted,
  KillRequest,
  ReenableConfirmation,
  ReenablePending,
  ReenableRequest,
} from "./kill-request.ts";
export {
  KILL_SCOPE_KINDS,
  type KillScope,
  type KillScopeKind,
  type KillScopeNames,
  KillScopes,
} from "./kill-scopes.ts";
export { KillSwitch } from "./kill-switch.ts";
export { LatencyWatch, type LatencyWatchOptions, type SavedLatencyWatch } from "./latency-watch.ts";
export { LEVELS, type Level } from "./levels.ts";
export type { LimitChange, LimitOverride, Person } from "./limit-change.ts";
export {
  LIMIT,
  LIMIT_NAMES,
  LIMIT_UNITS,
  type LimitName,
  type LimitUnit,
  type MoneyLimit,
  NO_LIMITS,
  type NodeLimits,
  REQUIRED_LIMITS,
  type RiskLimits,
  type Unlimited,
} from "./limits.ts";
export { BORROW, type BorrowName, Locates, type LocatesOptions, type SavedLocates } from "./locates.ts";
export {
  type LossLimit,
  type LossVerdict,
  LossWindow,
  type LossWindowOptions,
  type SavedLossWindow,
} from "./loss-window.ts";
export {
  LULD_MAX_LEVERAGE,
  LULD_MAX_PRICE_E4,
  LULD_TERMS,
  type LuldBands,
  type LuldInput,
  type LuldTerms,
  luldBands,
  luldFactor,
  luldOffsetE8,
  luldTerms,
  REGULAR_SESSION_NS,
  roundBandE4,
} from "./luld-bands.ts";
export { type LuldCollars, type LuldSide, luldCollars, widenLuldCollars } from "./luld-collars.ts";
export { LULD_PHASE, luldPhase } from "./luld-phase.ts";
export {
  LULD_HOLD_NS,
  LULD_WINDOW_NS,
  type LuldDay,
  LuldReference,
  type LuldReferenceOptions,
  type SavedLuldReference,
} from "./luld-reference.ts";
export { LULD_LIMIT_NS, LULD_PAUSE_NS, LuldState, type SavedLuldState } from "./luld-state.ts";
export {
  MARKET_STATUS,
  MARKET_STATUSES,
  MarketStatus,
  type MarketStatusName,
  type MarketStatusOptions,
  type SavedMarketStatus,
  type UnknownIs,
} from "./market-status.ts";
export {
  MARKET_WIDE_CUTOFF_NS,
  MARKET_WIDE_HALT_NS,
  MARKET_WIDE_PERCENT,
  MarketWideBreaker,
  type MarketWideDay,
} from "./market-wide-breaker.ts";
export {
  BOARD_ID_CHARACTERS,
  BOARD_READ,
  BOARD_SCOPES,
  BOARD_STATE,
  OpenOrderBoard,
  OpenOrderEntry,
} from "./open-order-board.ts";
export {
  ORDER_COUNT,
  type OrderCountKind,
  OrderToTrade,
  type OrderToTradeLimit,
  type SavedOrderToTrade,
} from "./order-to-trade.ts";
export type { ParentRow } from "./parent-row.ts";
export {
  incrementE4,
  isOnIncrement,
  QUOTE_RELATION,
  quoteRelation,
  SUB_PENNY_TERMS,
  type SubPennyTerms,
  subPennyTerms,
  tradesThrough,
} from "./price-rules.ts";
export {
  MAX_PRODUCT_CLASSES,
  ProductPermissions,
  type ProductPermissionsOptions,
} from "./product-permissions.ts";
export {
  type DuplicateVerdict,
  type Fingerprint,
  RecentOrders,
  type RecentOrdersOptions,
} from "./recent-orders.ts";
export type { ReferenceAges } from "./reference-prices.ts";
export { RISK_CODE, RISK_REFUSALS, type RiskRefusalCode } from "./refusals.ts";
export { RejectShare, type RejectShareOptions, type SavedRejectShare } from "./reject-share.ts";
export {
  type RepeatLimit,
  RepeatThrottle,
  type RepeatThrottleOptions,
  type SavedRepeatThrottle,
} from "./repeat-throttle.ts";
export {
  EVERY_NODE,
  RestrictedList,
  type RestrictedListOptions,
  type Restriction,
  type RestrictionEntry,
  type SavedRestrictedList,
} from "./restricted-list.ts";
export { RESTRICTION, RESTRICTIONS, type RestrictionName, restrictionAllows } from "./restriction.ts";
export { RiskGate } from "./risk-gate.ts";
export type { SavedColumn } from "./saved-column.ts";
export { type IdVerdict, type SavedSeenIds, SeenIds, type SeenIdsOptions } from "./seen-ids.ts";
export {
  type SavedSelfMatch,
  SELF_MATCH,
  SELF_MATCH_OUTCOME,
  SelfMatch,
  type SelfMatchMode,
  type SelfMatchOptions,
} from "./self-match.ts";
export { SELF_MATCH_NAMES } from "./self-match-names.ts";
export { type SavedShortSale, ShortSale, type ShortSaleOptions, shortLots } from "./short-sale.ts";
export {
  type CountLimit,
  type SavedSlidingCounts,
  SlidingCounts,
  type SlidingCountsOptions,
} from "./sliding-count.ts";
export type { StateColumn, StateFigures } from "./state-bytes.ts";
export { type StatePart, StateReader, StateWriter } from "./state-bytes.ts";
export { type BucketPlace, type SavedTokenBuckets, TokenBuckets, type TokenLimit } from "./token-bucket.ts";
export { type SavedTradeWindow, TradeWindow, type TradeWindowOptions } from "./trade-window.ts";
export {
  type SavedVolatilityWatch,
  VolatilityWatch,
  type VolatilityWatchOptions,
} from "./volatility-watch.ts";
