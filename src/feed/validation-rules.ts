import { VALIDATION_CODE, VALIDATION_REASONS, type ValidationReason } from "../model/index.ts";

/** The number of each verdict on a message, gravest last. */
export const VERDICT = { pass: 0, flag: 1, drop: 2, halt: 3 } as const;

/** What becomes of a message: delivered; delivered and suspect; left out; left out or not, and trading stops. */
export type Verdict = keyof typeof VERDICT;

const VERDICTS = Object.keys(VERDICT) as readonly Verdict[];

/** What a rule belongs to: the seven checks, the integrity of the book, and the form of a message. */
export type ValidationCheck =
  | "price"
  | "time"
  | "spread"
  | "sequence"
  | "volume"
  | "latency"
  | "sources"
  | "book"
  | "message";

/** A rule of the validator: its reason, its check, its verdict unless configured, and what may be configured. */
export interface ValidationRule {
  readonly reason: ValidationReason;
  readonly check: ValidationCheck;
  readonly verdict: Verdict;
  readonly may: readonly Verdict[];
}

/** Found before the book is touched. */
const BEFORE: readonly Verdict[] = ["pass", "flag", "drop", "halt"];
/** Found when the book has taken the message: it cannot be left out any more. */
const AFTER: readonly Verdict[] = ["pass", "flag", "halt"];
const WRONG: readonly Verdict[] = ["flag", "halt"];
const DROP: readonly Verdict[] = ["drop"];
const HALT: readonly Verdict[] = ["halt"];

const TABLE: Readonly<Record<ValidationReason, readonly [ValidationCheck, Verdict, readonly Verdict[]]>> = {
  FEED_ROW_UNKNOWN: ["message", "drop", DROP],
  FEED_ROW_MIXED: ["message", "drop", DROP],
  FEED_MESSAGE_UNFINISHED: ["message", "drop", DROP],
  FEED_PRICE_RANGE: ["price", "drop", DROP],
  FEED_PRICE_NOT_POSITIVE: ["price", "drop", ["drop", "halt"]],
  FEED_PRICE_ABSURD: ["price", "drop", ["drop", "halt"]],
  FEED_PRICE_OUTLIER: ["price", "flag", BEFORE],
  FEED_PRICE_OFF_GRID: ["price", "flag", BEFORE],
  FEED_PRICE_BAND: ["price", "flag", BEFORE],
  FEED_TIME_INVALID: ["time", "drop", DROP],
  FEED_TIME_FUTURE: ["time", "flag", BEFORE],
  FEED_TIME_FAR_FUTURE: ["time", "drop", BEFORE],
  FEED_TIME_STALE: ["time", "flag", BEFORE],
  FEED_TIME_FALLS: ["time", "flag", BEFORE],
  FEED_CLOCK_FALLS: ["time", "flag", BEFORE],
  FEED_TIME_IMPLAUSIBLE: ["time", "drop", BEFORE],
  FEED_SPREAD_CROSSED: ["spread", "flag", AFTER],
  FEED_SPREAD_LOCKED: ["spread", "flag", AFTER],
  FEED_SPREAD_WIDE: ["spread", "flag", AFTER],
  FEED_SPREAD_ONE_SIDED: ["spread", "flag", AFTER],
  FEED_SEQUENCE_INVALID: ["sequence", "drop", DROP],
  FEED_SEQUENCE_DUPLICATE: ["sequence", "drop", DROP],
  FEED_SEQUENCE_GAP: ["sequence", "halt", WRONG],
  FEED_SEQUENCE_MISSING: ["sequence", "flag", WRONG],
  FEED_VOLUME_INVALID: ["volume", "drop", DROP],
  FEED_VOLUME_OFF_LOT: ["volume", "flag", BEFORE],
  FEED_VOLUME_LARGE: ["volume", "flag", BEFORE],
  FEED_VOLUME_DAY_SHARE: ["volume", "flag", BEFORE],
  FEED_VOLUME_LEVEL: ["volume", "flag", BEFORE],
  FEED_VOLUME_FALLS: ["volume", "flag", AFTER],
  FEED_LATENCY: ["latency", "flag", BEFORE],
  FEED_SILENT: ["latency", "flag", AFTER],
  FEED_DEAD: ["latency", "halt", WRONG],
  FEED_SOURCES_DIFFER: ["sources", "flag", AFTER],
  FEED_SOURCE_OUTVOTED: ["sources", "halt", AFTER],
  FEED_LEVEL_ORDER: ["book", "drop", DROP],
  FEED_DEPTH_EXCEEDED: ["book", "drop", DROP],
  FEED_DEPTH_GROWN: ["book", "flag", AFTER],
  FEED_BOOK_CAPACITY: ["book", "halt", HALT],
  FEED_CHECKSUM: ["book", "halt", HALT],
  FEED_SNAPSHOT_MISMATCH: ["book", "flag", AFTER],
  FEED_TRADE_OUTSIDE: ["book", "flag", BEFORE],
  FEED_BOOK_INCOMPLETE: ["book", "flag", WRONG],
  FEED_BOOK_LOST: ["book", "drop", DROP],
  FEED_DROPS_IN_A_ROW: ["message", "halt", HALT],
  FEED_UNSYNCED: ["book", "flag", ["flag"]],
  FEED_SOURCE_CHANGED: ["sources", "flag", ["flag"]],
};

/** Every rule of a {@link MarketDataValidator}, in the order of `VALIDATION_REASONS`. */
export const VALIDATION_RULES: readonly ValidationRule[] = Object.freeze(
  VALIDATION_REASONS.map((reason) => {
    const [check, verdict, may] = TABLE[reason];
    return Object.freeze({ reason, check, verdict, may });
  }),
);

/** Verdicts by number of reason, as configured. */
export function verdictColumn(chosen: Readonly<Partial<Record<ValidationReason, Verdict>>>): Uint8Array {
  const column = new Uint8Array(VALIDATION_REASONS.length + 1);
  for (const { reason, verdict } of VALIDATION_RULES) {
    column[VALIDATION_CODE[reason]] = VERDICT[chosen[reason] ?? verdict];
  }
  return column;
}

/** The verdict within a result of a {@link MarketDataValidator}. */
export function verdictOf(result: number): Verdict {
  return VERDICTS[result & 3] as Verdict;
}

/** The reason's number within a result of a {@link MarketDataValidator}; 0 where it passed. */
export function reasonCodeOf(result: number): number {
  return result >> 2;
}
