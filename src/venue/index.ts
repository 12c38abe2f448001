export type { FeedChannel, FeedClient, FeedListener, FeedMessage } from "./feed-client.ts";
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
