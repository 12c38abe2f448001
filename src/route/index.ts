export { expectedFill, type PostQueue } from "./placement.ts";
export { ROUTE_REFUSALS, type RouteRefusalCode } from "./refusals.ts";
export { ROUTE_WHY, RouteDecision, type RouteSlice, type RouteWhy } from "./route-decision.ts";
export type { RouteOrder, RoutePolicy } from "./route-order.ts";
export { FEE_UNITS, type RouteFeeTier, type RouteVenue } from "./route-venue.ts";
export {
  type RouterOptions,
  RouterState,
  type SavedRouter,
  type SliceEnd,
  VENUE_STATUS,
  type VenueStatus,
} from "./router-state.ts";
export type { ScorecardOptions, ScoreWeights, VenueScore } from "./scorecard.ts";
export { type SavedSlices, SLICE_KIND } from "./slices-in-flight.ts";
export { SmartOrderRouter } from "./smart-order-router.ts";
export type { RouteBook, RouteLevel } from "./venue-books.ts";
