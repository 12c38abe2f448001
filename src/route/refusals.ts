/**
 * Every code a router refuses with, in order of precedence: of several faults the first is told.
 * A refused call changes nothing: the state's hash is what it was.
 */
export const ROUTE_REFUSALS = [
  "ROUTE_ORDER_INVALID",
  "ROUTE_VENUE_UNKNOWN",
  "ROUTE_BOOK_INVALID",
  "ROUTE_BOOK_CROSSED",
  "ROUTE_TIME",
  "ROUTE_SLICE_UNKNOWN",
  "ROUTE_REPORT_INVALID",
  "ROUTE_OVERFILL",
  "ROUTE_CAPACITY",
  "ROUTE_SIDE_MISSING",
  "ROUTE_LIQUIDITY_SHORT",
] as const;

/** A code of {@link ROUTE_REFUSALS}. */
export type RouteRefusalCode = (typeof ROUTE_REFUSALS)[number];
