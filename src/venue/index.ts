export {
  ExecutionNumbers,
  type ExecutionNumbersOptions,
  type SavedExecutionNumbers,
} from "./execution-numbers.ts";
export type { FeedChannel, FeedClient, FeedListener, FeedMessage } from "./feed-client.ts";
export type {
  HistoryAnswer,
  HistoryBar,
  HistoryClient,
  HistoryMarket,
  HistoryPlace,
  HistoryTrade,
} from "./history-client.ts";
export type { VenueQuestion } from "./link-questions.ts";
export type { LinkCounts } from "./link-reports.ts";
export type { RequestCounts } from "./link-requests.ts";
export { RequestBudget } from "./request-budget.ts";
export { RetryWait } from "./retry-wait.ts";
export type {
  VenueCapabilities,
  VenueClient,
  VenueFilters,
  VenueListener,
  VenueOrderName,
  VenueOrderTerms,
  VenueOutcome,
  VenuePermissions,
  VenueQuery,
  VenueRateLimit,
  VenueReport,
  VenueReportKind,
  VenueRequestKind,
  VenueSection,
  VenueTrouble,
  VenueTroubleCode,
} from "./venue-client.ts";
export { systemVenueClock, type VenueClock } from "./venue-clock.ts";
export { VenueLink, type VenueLinkCounts } from "./venue-link.ts";
export type {
  VenueHeldOrder,
  VenueLinkHost,
  VenueLinkOptions,
  VenueLinkState,
} from "./venue-link-options.ts";
export { type VenueOrderId, VenueOrderIds, venueIdPrefix } from "./venue-order-ids.ts";
