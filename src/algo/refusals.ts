/**
 * Every code this room refuses with, in order of precedence. What is refused changes nothing.
 */
export const ALGO_REFUSALS = [
  "ALGO_MALFORMED",
  "ALGO_KIND",
  "ALGO_INSTRUMENT_UNKNOWN",
  "ALGO_SIDE",
  "ALGO_QUANTITY",
  "ALGO_LIMIT",
  "ALGO_TIME",
  "ALGO_PARAMETER",
  "ALGO_LARGER_THAN_MARKET",
  "ALGO_DATA_INVALID",
  "ALGO_BOOK_SIDE_MISSING",
  "ALGO_BOOK_CROSSED",
  "ALGO_BOOK_TOO_THIN",
  "ALGO_RISK",
  "ALGO_CAPACITY",
  "ALGO_PARENT_UNKNOWN",
  "ALGO_PARENT_OVER",
  "ALGO_QUANTITY_AT_WORK",
] as const;

/** A code of {@link ALGO_REFUSALS}. */
export type AlgoRefusalCode = (typeof ALGO_REFUSALS)[number];

/**
 * Refusals of an order that no later try can mend: the parent ends at the first of them. After all others it waits and
 * tries again.
 */
export const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  "ORDER_STRATEGY_STOPPED",
  "ORDER_MALFORMED",
  "ORDER_INSTRUMENT_UNKNOWN",
  "ORDER_NO_VENUE",
  "RISK_KILLED",
  "RISK_SEAT_UNKNOWN",
  "RISK_INSTRUMENT_UNKNOWN",
  "RISK_NOT_PERMITTED",
  "RISK_LIMIT_MISSING",
  "RISK_RESTRICTED",
]);

/**
 * Refusals by the size or the price of one order, its rate or its repetition, and those of the moment: of a whole
 * parent they say nothing, for it is never sent as one order, nor now.
 */
export const ORDER_ONLY_REFUSALS: ReadonlySet<string> = new Set([
  "ORDER_NOT_WARM",
  "ORDER_INSTRUMENT_HELD",
  "RISK_SESSION_CLOSED",
  "RISK_HALTED",
  "RISK_REFERENCE_UNAVAILABLE",
  "RISK_BREAKER_OPEN",
  "RISK_QUANTITY_EXCEEDED",
  "RISK_NOTIONAL_EXCEEDED",
  "RISK_PRICE_COLLAR",
  "RISK_PRICE_THROUGH",
  "RISK_PRICE_BAND",
  "RISK_PRICE_DRIFT",
  "RISK_DUPLICATE_ID",
  "RISK_DUPLICATE_ORDER",
  "RISK_RATE_SECOND",
  "RISK_RATE_MINUTE",
  "RISK_OPEN_ORDERS_EXCEEDED",
  "RISK_SELF_MATCH",
  "RISK_ORDER_TO_TRADE",
  "RISK_CAPACITY",
  "RISK_RECORDS_FULL",
]);
