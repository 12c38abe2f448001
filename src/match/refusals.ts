/**
 * Every code a matching book refuses with, in order of precedence: of several faults of an order the first is told.
 * A refused request changes nothing: the state's hash is what it was.
 */
export const MATCH_REFUSALS = [
  "MATCH_ORDER_INVALID",
  "MATCH_DUPLICATE_ID",
  "MATCH_UNKNOWN_ORDER",
  "MATCH_OWNER_UNKNOWN",
  "MATCH_INSTRUMENT_UNKNOWN",
  "MATCH_PHASE",
  "MATCH_POST_ONLY_WOULD_TAKE",
  "MATCH_REDUCE_ONLY_WOULD_OPEN",
  "MATCH_CAPACITY",
] as const;

/** A code of {@link MATCH_REFUSALS}. */
export type MatchRefusalCode = (typeof MATCH_REFUSALS)[number];
