export type { CancelSession, CancelSessionEvents, CancelTarget } from "../port/index.ts";
export type {
  BacktestMarket,
  BacktestOptions,
  BacktestPlan,
  ClosedBacktestMarket,
  PlannedMarket,
} from "./backtest-options.ts";
export {
  type BacktestEvents,
  Backtester,
  type BacktestVenue,
  type Progress,
} from "./backtester.ts";
export { type CostOptions, CostWatch } from "./cost-watch.ts";
export { type DrillOptions, drill } from "./drill.ts";
export type { DrillFigure, DrillOutage, DrillParts, DrillQuantiles, DrillReport } from "./drill-report.ts";
export type { EffectDifference, EffectRow } from "./effect-match.ts";
export { FeedRecorder, type FeedRecorderProgress } from "./feed-recorder.ts";
export type { FeedRecorderOptions, FeedRecorderTrouble } from "./feed-recorder-options.ts";
export {
  type FeedOut,
  type FeedStage,
  type FeedStageFigures,
  type FeedStageHands,
  type FeedStageSource,
  type FeedStageWord,
  OPEN_STAGE,
} from "./feed-stage.ts";
export {
  KillAgent,
  type KillAgentEvents,
  type KillAgentStatus,
  type KillVenueFigures,
} from "./kill-agent.ts";
export {
  AGENT_STATES,
  type KillAgentState,
  KillControl,
  KillTrigger,
  type KillTriggerParts,
  monotonicNs,
} from "./kill-agent-control.ts";
export type { KillMessage } from "./kill-agent-message.ts";
export type { KillAgentOptions, KillDeadManOptions, KillSessionOptions } from "./kill-agent-options.ts";
export type {
  KillAgentReport,
  KillAgentVenueReport,
  KillDistribution,
  KillReason,
} from "./kill-agent-report.ts";
export type { OpenCancelSession } from "./kill-agent-session.ts";
export type { CancelOrder } from "./kill-agent-task.ts";
export type { KillBoardOptions } from "./kill-board.ts";
export { killRemark } from "./kill-remark.ts";
export { LinkKillVenue, type LinkKillVenueOptions } from "./link-kill-venue.ts";
export { LinkedVenue, type LinkedVenueOptions } from "./linked-venue.ts";
export { type KillReadiness, LIVE_REFUSALS, type LiveRefusalCode, limitsLacking } from "./live-refusals.ts";
export { type LiveStage, type LiveStages, type StageApproval, shareOf } from "./live-stages.ts";
export { LiveTrader, type LiveTraderOptions } from "./live-trader.ts";
export type {
  MarketDataStageOptions,
  StageArbitration,
  StageLines,
  StageMarketOptions,
  StageValidation,
} from "./market-data-options.ts";
export { MarketDataStage } from "./market-data-stage.ts";
export {
  PAPER_DAYS,
  type PaperApproval,
  type PaperGate,
  type PaperSession,
  paperGate,
} from "./paper-gate.ts";
export { PaperTrader, type PaperTraderOptions } from "./paper-trader.ts";
export type { PaperModel } from "./paper-venue.ts";
export {
  type PreflightCheck,
  type PreflightReport,
  type PreflightState,
  type PreflightWaiver,
  preflight,
} from "./preflight.ts";
export {
  type PreflightParts,
  type PreflightRules,
  runPreflight,
} from "./preflight-collect.ts";
export type { PreflightVenue } from "./preflight-venue.ts";
export { type ReconAsk, ReconDesk, type ReconTaken } from "./recon-desk.ts";
export type { ReconDeskOptions } from "./recon-desk-options.ts";
export type { ReconApproval, ReconRemark } from "./recon-evidence.ts";
export type { KeptExecution, SavedExecution, SavedReconFills } from "./recon-fills.ts";
export type { ReconAlert, ReconAlertReason, ReconHands, ReconNames } from "./recon-hands.ts";
export type { SavedReconDesk } from "./recon-memory.ts";
export type { CarryResult } from "./recon-moment.ts";
export type { ReconNote, SavedReconNotes } from "./recon-notes.ts";
export type { ReconCard } from "./recon-orders.ts";
export type { CarriedBreak } from "./recon-round.ts";
export type { RecordedDayFiles, RecordedDayTerms } from "./recorded-day.ts";
export {
  makeRecordedDay,
  type RecordedDayPlace,
  readRecordedDay,
  recordedDays,
  reportRecordedDay,
  writeDayParquet,
} from "./recorded-days.ts";
export type {
  Distribution,
  InstrumentSeries,
  ResultFill,
  RunInput,
  RunManifest,
  RunResult,
} from "./result.ts";
export type { RunMemory } from "./run-memory.ts";
export { checkStop, type RunStop, type RunStopped, type StopCause } from "./run-stop.ts";
export { SessionAudit } from "./session-audit.ts";
export type { AuditNote } from "./session-audit-entries.ts";
export type { SessionAuditOptions } from "./session-audit-options.ts";
export { type AuditTrailBlock, type AuditTrailReader, readAuditTrail } from "./session-audit-trail.ts";
export type { SessionMaking } from "./session-begin.ts";
export { readSessionBegin, type SessionBegin } from "./session-begin.ts";
export { type SessionCosts, sessionCosts } from "./session-costs.ts";
export { openDesk, type SessionDeskHands, type SessionDeskOptions } from "./session-desk.ts";
export {
  DIFF_CAUSES,
  type DiffCause,
  type DiffLine,
  diffSessions,
  type SessionDiff,
} from "./session-diff.ts";
export { sessionHash } from "./session-hash.ts";
export { strategyLog } from "./session-log.ts";
export { backtestOf, type SessionMarket, tapesOf } from "./session-market.ts";
export type { SessionJournal, SessionOptions, SessionPart } from "./session-options.ts";
export {
  readSending,
  SENDING,
  SESSION,
  type SentItem,
  type SessionRecord,
  type SessionSource,
} from "./session-record.ts";
export { DurableDoor, SessionRecorder } from "./session-recorder.ts";
export {
  type OpenedSession,
  openSession,
  type ResumeOptions,
  recover,
  resumeSession,
  type SessionJournalOptions,
  type SessionRecovery,
} from "./session-recovery.ts";
export { REMARK_TYPES, type RemarkSaying, type SessionRemark } from "./session-remark.ts";
export { type ReplayOptions, type ReplayResult, replaySession } from "./session-replay.ts";
export {
  type Resimulation,
  type ResimulationOptions,
  recordedLatency,
  resimulate,
  type SimulatedMarket,
} from "./session-resimulation.ts";
export {
  type MarketMark,
  type MarketStory,
  type OrderStory,
  readStory,
  type SessionStory,
  type StoryEvent,
  type StoryFill,
  type StoryReport,
} from "./session-story.ts";
export type { RecoveryFigures, SessionTrail } from "./session-trail.ts";
export type { SessionWatcher } from "./session-watchers.ts";
export type {
  DrilledBook,
  DrilledFill,
  DrilledMarket,
  DrilledOrder,
  DrilledTrade,
  TradeDrill,
  TradeDrillOptions,
  TradeDrillPlan,
} from "./trade-drill.ts";
export type { QueueClass, QueueFigures } from "./trade-queue.ts";
export { type OrderTiming, TIMING_KEYS, type TimingKey } from "./trade-timings.ts";
export { Trader } from "./trader.ts";
export type { TraderAlert, TraderAlertCode, TraderEvents, TraderState } from "./trader-alerts.ts";
export type { TraderStopOptions, TraderStopped } from "./trader-ending.ts";
export type { FeedFigures } from "./trader-feeds.ts";
export type { HoldReason } from "./trader-holds.ts";
export type { TraderIdle } from "./trader-idle.ts";
export {
  type HaltedPolicy,
  planTrader,
  type StalePolicy,
  sessionTime,
  type TraderFeed,
  type TraderOptions,
  type TraderPlan,
} from "./trader-options.ts";
export { preflightSetup, type TraderSetup, traderOptionsOf } from "./trader-setup.ts";
export type { TraderInstrumentStatus, TraderStatus } from "./trader-status.ts";
export { SystemTime, type TraderTime, VirtualTime } from "./trader-time.ts";
export type { TraderVenue, VenueWatch } from "./trader-venue.ts";
export { TradingSession } from "./trading-session.ts";
export { VenueDesk, type VenueDeskOptions, type VenueDeskWatch } from "./venue-desk.ts";
export { VERSION } from "./version.ts";
