/** Every code a clock monitor can refuse a reading with, in order of precedence. */
export const CLOCK_REFUSALS = ["CLOCK_READING_SHAPE", "CLOCK_READING_RANGE", "CLOCK_READING_ORDER"] as const;

/** A code a clock monitor refuses a reading with. */
export type ClockRefusalCode = (typeof CLOCK_REFUSALS)[number];
