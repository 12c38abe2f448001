export { type BarSeriesOptions, generateBarTape } from "./bar-generator.ts";
export {
  ConstantLatency,
  FeedMultipleLatency,
  InterpolatedLatency,
  type LatencyModel,
  type RecordedLatency,
} from "./latency.ts";
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
export { MessageRing } from "./message-ring.ts";
export { QueueModel, type QueueModelOptions } from "./queue-model.ts";
export { SimBarVenue, type SimBarVenueOptions } from "./sim-bar-venue.ts";
export { type LevelVisit, SimExchange } from "./sim-exchange.ts";
export { SimVenue } from "./sim-venue.ts";
export type { FillModel, SimVenueOptions, SimVenueSettings } from "./venue-options.ts";
