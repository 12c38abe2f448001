export { type BarSeriesOptions, generateBarTape } from "./bar-generator.ts";
export {
  type ClosedMarketOptions,
  type ClosedVenueOptions,
  closedMarketHead,
  type MatchingVenueOptions,
  type MatchingVenueSettings,
  type PhaseAt,
} from "./closed-market-options.ts";
export { FeedRows } from "./feed-rows.ts";
export {
  ConstantLatency,
  FeedMultipleLatency,
  InterpolatedLatency,
  type LatencyModel,
  type RecordedLatency,
} from "./latency.ts";
export type { ClosedMarketLuld } from "./luld-guard.ts";
export { DepthMarket } from "./market-generator.ts";
export type { DepthRowSink } from "./market-generator-feed.ts";
export type {
  DepthMarketOptions,
  MarketCause,
  MarketExcitement,
  MarketFeedOptions,
  MarketInformed,
  MarketMakers,
  MarketNoise,
  MarketOrders,
  MarketWitness,
} from "./market-generator-options.ts";
export { generateDepthTape, type TapeTarget, writeDepthTape } from "./market-generator-tape.ts";
export { MatchingVenue } from "./matching-venue.ts";
export { MessageRing } from "./message-ring.ts";
export { type Participant, ParticipantDesk, type ParticipantOrder } from "./participant.ts";
export { QueueModel, type QueueModelOptions } from "./queue-model.ts";
export { SimBarVenue, type SimBarVenueOptions } from "./sim-bar-venue.ts";
export { type LevelVisit, SimExchange } from "./sim-exchange.ts";
export { SimVenue } from "./sim-venue.ts";
export type { VenueIntake } from "./venue-intake.ts";
export type { FillModel, SimVenueOptions, SimVenueSettings } from "./venue-options.ts";
