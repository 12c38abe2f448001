export {
  type ConformanceCheck,
  type ConformanceVenue,
  type VenueConformanceOptions,
  venueConformance,
} from "./conformance.ts";
export { ManualVenueClock } from "./manual-venue-clock.ts";
export { MemoryVenue, type MemoryVenueFill, type MemoryVenueOptions } from "./memory-venue.ts";
export {
  MemoryVenueClient,
  type MemoryVenueClientOptions,
  type ReportFault,
  type RequestFault,
} from "./memory-venue-client.ts";
