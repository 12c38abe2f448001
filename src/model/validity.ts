/** What can be said of the market data of an instrument, gravest last. */
export const DATA_VALIDITIES = ["valid", "suspect", "halted"] as const;

/**
 * What can be said of the market data of an instrument: `valid`; `suspect`: delivered, and something was wrong with it
 * of late; `halted`: not to be traded on. Quote on `valid` only.
 */
export type DataValidity = (typeof DATA_VALIDITIES)[number];

/** The number of each validity, for rows and records: its place in {@link DATA_VALIDITIES}. */
export const VALIDITY = { valid: 0, suspect: 1, halted: 2 } as const;

/**
 * Why market data was found wanting, each code for ever: its number is its place here plus 1, and new ones are put at
 * the end. 0 is no reason.
 */
export const VALIDATION_REASONS = [
  "FEED_ROW_UNKNOWN",
  "FEED_ROW_MIXED",
  "FEED_MESSAGE_UNFINISHED",
  "FEED_PRICE_RANGE",
  "FEED_PRICE_NOT_POSITIVE",
  "FEED_PRICE_ABSURD",
  "FEED_PRICE_OUTLIER",
  "FEED_PRICE_OFF_GRID",
  "FEED_PRICE_BAND",
  "FEED_TIME_INVALID",
  "FEED_TIME_FUTURE",
  "FEED_TIME_FAR_FUTURE",
  "FEED_TIME_STALE",
  "FEED_TIME_FALLS",
  "FEED_CLOCK_FALLS",
  "FEED_TIME_IMPLAUSIBLE",
  "FEED_SPREAD_CROSSED",
  "FEED_SPREAD_LOCKED",
  "FEED_SPREAD_WIDE",
  "FEED_SPREAD_ONE_SIDED",
  "FEED_SEQUENCE_INVALID",
  "FEED_SEQUENCE_DUPLICATE",
  "FEED_SEQUENCE_GAP",
  "FEED_SEQUENCE_MISSING",
  "FEED_VOLUME_INVALID",
  "FEED_VOLUME_OFF_LOT",
  "FEED_VOLUME_LARGE",
  "FEED_VOLUME_DAY_SHARE",
  "FEED_VOLUME_LEVEL",
  "FEED_VOLUME_FALLS",
  "FEED_LATENCY",
  "FEED_SILENT",
  "FEED_DEAD",
  "FEED_SOURCES_DIFFER",
  "FEED_SOURCE_OUTVOTED",
  "FEED_LEVEL_ORDER",
  "FEED_DEPTH_EXCEEDED",
  "FEED_DEPTH_GROWN",
  "FEED_BOOK_CAPACITY",
  "FEED_CHECKSUM",
  "FEED_SNAPSHOT_MISMATCH",
  "FEED_TRADE_OUTSIDE",
  "FEED_BOOK_INCOMPLETE",
  "FEED_BOOK_LOST",
  "FEED_DROPS_IN_A_ROW",
  "FEED_UNSYNCED",
  "FEED_SOURCE_CHANGED",
] as const;

/** A code of {@link VALIDATION_REASONS}. */
export type ValidationReason = (typeof VALIDATION_REASONS)[number];

/** The number of each reason, for rows and records: its place in {@link VALIDATION_REASONS} plus 1. */
export const VALIDATION_CODE = Object.freeze(
  Object.fromEntries(VALIDATION_REASONS.map((reason, i) => [reason, i + 1])),
) as Readonly<Record<ValidationReason, number>>;

/** The reason of a number; an empty text for 0 and for a number that is none. */
export function reasonOf(code: number): ValidationReason | "" {
  return VALIDATION_REASONS[code - 1] ?? "";
}
