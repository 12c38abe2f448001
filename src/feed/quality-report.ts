import type { TapeCounts } from "../model/index.ts";

/** Which of a capture's channels. */
export type QualityChannel = "depth" | "trades" | "quotes";

/**
 * Numbers of one channel: `U` to `u` of diffs and `t` of trades on spot, where each number comes once. Futures diffs and
 * all quotes skip numbers as they like: there `expected` counts messages, and a break in `pu` one missing.
 */
export interface QualityNumbers {
  readonly messages: number;
  /** The first and last number; -1 without a message. */
  readonly firstId: number;
  readonly lastId: number;
  readonly expected: number;
  readonly recorded: number;
  readonly missing: number;
  readonly gaps: number;
  /** A number again, and a number older than the last. */
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** The longest time between two messages. @units ns */
  readonly longestSilenceNs: number;
}

/** A place where numbers are missing. @units epoch ns as decimals */
export interface QualityGap {
  readonly channel: QualityChannel;
  /** When the last message before and the first after came. */
  readonly fromNs: string;
  readonly toNs: string;
  /** The numbers that are missing: of diffs and trades. */
  readonly firstMissing: number;
  readonly lastMissing: number;
}

/** What is in one day's capture of one symbol, and what is not. JSON-safe. */
export interface QualityReport {
  readonly symbol: string;
  readonly venue: string;
  /** The day, such as 2024-08-08, UTC by local time. */
  readonly date: string;
  readonly lines: number;
  /** First and last local time. @units epoch ns as decimals */
  readonly fromNs: string;
  readonly toNs: string;
  /** Time of the day during which lines came: silences longer than 10 s do not count. @units ns */
  readonly heardNs: number;
  /** The longest time without a line between the first and the last. @units ns, and epoch ns as a decimal */
  readonly longestSilenceNs: number;
  readonly longestSilenceFromNs: string;
  /** Time without a book that is known to be the exchange's, from the first line to the last. @units ns */
  readonly bookDownNs: number;
  readonly snapshots: number;
  readonly resyncs: number;
  readonly depth: QualityNumbers;
  readonly trades: QualityNumbers;
  readonly quotes: QualityNumbers;
  /** The first 1,000 gaps. */
  readonly gaps: readonly QualityGap[];
  /** Lines that say nothing: malformed, of another symbol, with a local time that falls or is an hour off. */
  readonly malformed: number;
  readonly wrongSymbol: number;
  readonly timeBackwards: number;
  readonly timeApart: number;
  /** Levels off the grid, and books given up because they crossed. */
  readonly offGrid: number;
  readonly crossed: number;
  /** Verdicts of a validator by reason, where there was one. */
  readonly flags: TapeCounts;
  /** Least and greatest of local minus exchange time: below 0 the recorder's clock was behind. @units ns */
  readonly leastLatencyNs: number;
  readonly greatestLatencyNs: number;
  /** How far the least latencies of the day's hours lie apart: the drift of one clock against the other. @units ns */
  readonly skewSpanNs: number;
  /** Compressed segments whose end was torn, and bytes cut from them, as whoever read them says. */
  readonly tornSegments: number;
  /** Everything counted, by name. */
  readonly counts: TapeCounts;
}
