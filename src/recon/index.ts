export {
  BREAK_KINDS,
  BREAK_MEANING,
  type Break,
  type BreakFacts,
  type BreakKind,
  type Difference,
  type InFlight,
  type ReconAction,
  type Severity,
} from "./break.ts";
export {
  DOUBT_OUTCOMES,
  DoubtBook,
  type DoubtBookOptions,
  type DoubtfulOrder,
  type DoubtOutcome,
  type DoubtResolution,
  type DoubtState,
  type NewOrderRisk,
  type WorstCase,
} from "./doubt-book.ts";
export type { OrphanPolicy, ReconOptions, ReconRules } from "./options.ts";
export { ReconBook, type ReconBookOptions, type ReconReport, type SavedReconBook } from "./recon-book.ts";
export {
  RECON_CADENCE,
  type ReconCause,
  type ReconDue,
  ReconSchedule,
  type ReconScheduleOptions,
  type ReconSection,
  type SavedReconSchedule,
} from "./recon-schedule.ts";
export { type Reconciliation, reconcile } from "./reconcile.ts";
export { RECON_REFUSALS, type ReconRefusalCode } from "./refusals.ts";
export type {
  CashRow,
  FillRow,
  LocalOrder,
  LocalView,
  Minor,
  PositionRow,
  ReconState,
  RequestRow,
  VenueFill,
  VenueOrder,
  VenueSnapshot,
} from "./view.ts";
