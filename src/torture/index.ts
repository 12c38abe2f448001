export { ClientSession } from "./client-session.ts";
export { Connection, type ConnectionOptions, END, type End, type Endpoint } from "./connection.ts";
export { Coverage, type CoverageGaps, type CoverageOptions, type CoverageShare } from "./coverage.ts";
export { type CoverageCounts, coverageCounts, coverageTables } from "./coverage-table.ts";
export { CRASH_POINTS, type CrashPoint } from "./crash-points.ts";
export { MachineLost } from "./disk-core.ts";
export {
  type CrashMode,
  DISK_LATENCY,
  type DiskCounts,
  type DiskFaults,
  type DiskLatency,
  type Survival,
} from "./disk-faults.ts";
export type { FlippedBit } from "./disk-medium.ts";
export { isDiskTrouble } from "./disk-trouble.ts";
export type { EngineEstate, EngineParts, EngineVenue } from "./engine-parts.ts";
export { FaultHands } from "./fault-hands.ts";
export type { FaultDomain, FaultKind, FaultParameter } from "./fault-kind.ts";
export { FAULT_CODE, FAULT_NAMES, FAULTS, type FaultName, faultKind } from "./fault-kinds.ts";
export {
  allowsExcess,
  checkPlan,
  decodePlan,
  encodePlan,
  type FaultEdge,
  type FaultPlan,
  faultEdges,
  type PlannedFault,
} from "./fault-plan.ts";
export { FeedClient, type FeedCounts } from "./feed-client.ts";
export type { FeedMarket, FeedSink } from "./feed-outlet.ts";
export { FeedOutlet } from "./feed-outlet.ts";
export type { FeedPacket } from "./feed-record.ts";
export { FEED, FEED_ROW, FEED_ROW_STRIDE, FEED_ROWS_MAX } from "./feed-record.ts";
export { GateLimits, type RunLimits } from "./gate-limits.ts";
export { Link, type LinkOptions } from "./link.ts";
export { type LinkCounts, type LinkFaults, noLinkFaults } from "./link-faults.ts";
export { ORACLES, type OracleName, Oracles, type Violation } from "./oracles.ts";
export { OrderCoverage } from "./order-coverage.ts";
export { ARRIVAL, ReceivedNumbers } from "./received-numbers.ts";
export { type Actor, Scheduler, type SchedulerOptions, type TraceLine } from "./scheduler.ts";
export { SentMessages } from "./sent-messages.ts";
export {
  type ClientSessionOptions,
  type SavedSession,
  SESSION_STATE,
  SESSION_TIMER,
  type SessionCounts,
  type SessionOptions,
  type SessionSettings,
  STREAM,
} from "./session-options.ts";
export {
  type PlanFails,
  type ShrinkOptions,
  type ShrinkStep,
  type ShrunkPlan,
  shrinkPlan,
} from "./shrink.ts";
export {
  ABSENT_FAULTS,
  checkedSeed,
  checkSimulate,
  DAMAGE_FAULTS,
  newCoverage,
  planOfSeed,
  type SeedResult,
  type SimulateOptions,
  shrinkSeed,
  simulate,
  simulateSeed,
  USUAL_FAULTS,
} from "./simulate.ts";
export { type SwarmOptions, swarmPlan } from "./swarm-plan.ts";
export { TortureDisk, type TortureDiskOptions } from "./torture-disk.ts";
export { TortureEngine } from "./torture-engine.ts";
export { type GatewayEvents, TortureGateway } from "./torture-gateway.ts";
export {
  type MarketGuest,
  type TortureInstrument,
  TortureMarket,
  type TortureMarketOptions,
} from "./torture-market.ts";
export type { SavedTorture } from "./torture-strategy.ts";
export { TortureStrategy, type TortureStrategyOptions } from "./torture-strategy.ts";
export { TortureVenue, type TortureVenueOptions } from "./torture-venue.ts";
export {
  TortureWorld,
  type WorldOptions,
  type WorldOutcome,
} from "./torture-world.ts";
export { EXECUTION_STATE, TruthExecutions } from "./truth-executions.ts";
export { STALE_EPOCH, TRUTH_LOG, TRUTH_LOG_STRIDE, TruthLog } from "./truth-log.ts";
export { TRUTH_STATE, TruthOrders } from "./truth-orders.ts";
export type { VenueBookOptions } from "./venue-book.ts";
export { VenueBook } from "./venue-book.ts";
export { VenueClock } from "./venue-clock.ts";
export {
  INSTANT_FAULTS,
  VENUE_FAULT,
  VENUE_FAULTS,
  VENUE_REASON,
  VENUE_REASONS,
  type VenueFaultKind,
  type VenueFaultSetting,
  VenueFaults,
  type VenueReason,
} from "./venue-faults.ts";
export { MAKER_FLAG, REPORT_CELL, type ReportSink, VENUE_REPORT } from "./venue-reports.ts";
export { VenueSession } from "./venue-session.ts";
export { execText, instrumentName, orderText, type SnapshotQuestion } from "./venue-snapshot.ts";
export { type VenueCounts, VenueTruth } from "./venue-truth.ts";
export {
  isSessionKind,
  isSound,
  seal,
  WIRE,
  WIRE_FLAG,
  WIRE_KIND,
  WIRE_REPORT,
  WIRE_STRIDE,
} from "./wire.ts";
export { WireSession } from "./wire-session.ts";
