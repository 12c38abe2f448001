export type { DurabilityPolicy, Journal, Replica } from "./journal.ts";
export type { LogFields, Logger, LogLevel } from "./logger.ts";
export type { TapeSource } from "./tape-source.ts";
export type {
  VenueCapabilities,
  VenueClient,
  VenueListener,
  VenueOrderName,
  VenueOrderTerms,
  VenueOutcome,
  VenueQuery,
  VenueRateLimit,
  VenueReport,
  VenueReportKind,
  VenueSection,
  VenueTrouble,
  VenueTroubleCode,
} from "./venue-client.ts";
export { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "./venue-door.ts";
export type {
  CashRow,
  FillRow,
  Minor,
  PositionRow,
  ReconState,
  VenueFill,
  VenueOrder,
  VenueSnapshot,
} from "./venue-view.ts";
