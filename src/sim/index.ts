export {
  ConstantLatency,
  FeedMultipleLatency,
  InterpolatedLatency,
  type LatencyModel,
  type RecordedLatency,
} from "./latency.ts";
export { MessageRing } from "./message-ring.ts";
export { QueueModel, type QueueModelOptions } from "./queue-model.ts";
export { SimBarVenue, type SimBarVenueOptions } from "./sim-bar-venue.ts";
export { SimVenue } from "./sim-venue.ts";
export type { FillModel, SimVenueOptions, SimVenueSettings } from "./venue-options.ts";
