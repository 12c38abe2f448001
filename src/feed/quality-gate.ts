import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import { NANOS_PER_DAY, NANOS_PER_MILLI, NANOS_PER_SECOND } from "../model/index.ts";
import type { QualityReport } from "./quality-report.ts";

/** What a day's capture must keep to. Shares are fractions of 1. */
export interface QualityLimits {
  /** The length of what is judged: a day. @units ns */
  readonly lengthNs: number;
  /** The least share of that length during which lines came. */
  readonly heardShareMin: number;
  /** @units ns */
  readonly longestSilenceNsMax: number;
  /** The greatest share of the time recorded without a book. */
  readonly bookDownShareMax: number;
  /** Of the numbers expected, diffs and trades apart. */
  readonly missingShareMax: number;
  /** Of the messages of a channel: numbers again, and older ones. */
  readonly duplicateShareMax: number;
  readonly malformedMax: number;
  /** Lines of another symbol, with local times that fall or are an hour off, levels off the grid, crossed books. */
  readonly wrongMax: number;
  /** Of the messages: verdicts of a validator. */
  readonly flagShareMax: number;
  /** How far below 0 the least latency, and how far apart those of the hours, may be. @units ns */
  readonly skewNsMax: number;
}

/** The limits of {@link judgeQuality} unless others are given. */
export const QUALITY_LIMITS: QualityLimits = {
  lengthNs: NANOS_PER_DAY,
  heardShareMin: 0.999,
  longestSilenceNsMax: 60 * NANOS_PER_SECOND,
  bookDownShareMax: 0.001,
  missingShareMax: 0.000_1,
  duplicateShareMax: 0.001,
  malformedMax: 0,
  wrongMax: 0,
  flagShareMax: 0.001,
  skewNsMax: 100 * NANOS_PER_MILLI,
};

/** Why a day's capture is not good enough. */
export type QualityCode =
  | "QUALITY_EMPTY"
  | "QUALITY_HOURS"
  | "QUALITY_SILENCE"
  | "QUALITY_BOOK_DOWN"
  | "QUALITY_MISSING"
  | "QUALITY_DUPLICATES"
  | "QUALITY_MALFORMED"
  | "QUALITY_WRONG"
  | "QUALITY_FLAGS"
  | "QUALITY_CLOCK";

/** One reason: what was measured, and the limit it breaks. */
export interface QualityReason {
  readonly code: QualityCode;
  /** What was measured, in words. */
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
}

/** Whether a day's capture passes, and if not, why. */
export interface QualityVerdict {
  readonly pass: boolean;
  readonly reasons: readonly QualityReason[];
}

/**
 * Judges a day's capture by its completeness report: the gate before data is used.
 *
 * @throws `FAULT_CONFIG` on a limit that is none
 * @example
 * ```ts
 * import { importCapture, judgeQuality, QUALITY_LIMITS } from "tickwright/feed";
 * import { NANOS_PER_MINUTE } from "tickwright/model";
 * // an hour's recording is judged by an hour: judgeQuality(report, { lengthNs: 60 * NANOS_PER_MINUTE })
 * QUALITY_LIMITS.malformedMax; // => 0
 * ```
 */
export function judgeQuality(report: QualityReport, limits: Partial<QualityLimits> = {}): QualityVerdict {
  const bound = checkLimits(limits);
  const reasons: QualityReason[] = [];
  const over = (code: QualityCode, what: string, measured: number, limit: number): void => {
    if (measured > limit) reasons.push({ code, what, measured, limit });
  };
  const messages = report.depth.messages + report.trades.messages + report.quotes.messages;
  if (messages === 0 || report.snapshots === 0) {
    const what = messages === 0 ? "no message" : "no snapshot that diffs join";
    return { pass: false, reasons: [{ code: "QUALITY_EMPTY", what, measured: 0, limit: 1 }] };
  }
  const heard = report.heardNs / bound.lengthNs;
  if (heard < bound.heardShareMin) {
    const what = "share of the time during which lines came";
    reasons.push({ code: "QUALITY_HOURS", what, measured: heard, limit: bound.heardShareMin });
  }
  over("QUALITY_SILENCE", "longest silence, ns", report.longestSilenceNs, bound.longestSilenceNsMax);
  const recordedNs = Math.max(1, Number(BigInt(report.toNs) - BigInt(report.fromNs)));
  over(
    "QUALITY_BOOK_DOWN",
    "share of the time without a book",
    report.bookDownNs / recordedNs,
    bound.bookDownShareMax,
  );
  for (const channel of ["depth", "trades"] as const) {
    const { missing, expected } = report[channel];
    over("QUALITY_MISSING", `share of ${channel} missing`, share(missing, expected), bound.missingShareMax);
  }
  for (const channel of ["depth", "trades", "quotes"] as const) {
    const { duplicates, outOfOrder, messages: all } = report[channel];
    const what = `share of ${channel} that came again or late`;
    over("QUALITY_DUPLICATES", what, share(duplicates + outOfOrder, all), bound.duplicateShareMax);
  }
  over("QUALITY_MALFORMED", "malformed lines", report.malformed, bound.malformedMax);
  const { wrongSymbol, timeBackwards, timeApart, offGrid, crossed } = report;
  const wrong = wrongSymbol + timeBackwards + timeApart + offGrid + crossed;
  over("QUALITY_WRONG", "wrong symbols, times, levels and crossed books", wrong, bound.wrongMax);
  const flags = Object.values(report.flags).reduce((sum, count) => sum + count, 0);
  over("QUALITY_FLAGS", "share of messages flagged", share(flags, messages), bound.flagShareMax);
  over("QUALITY_CLOCK", "ns the clock was behind", Math.max(0, -report.leastLatencyNs), bound.skewNsMax);
  over("QUALITY_CLOCK", "ns between the least latencies of hours", report.skewSpanNs, bound.skewNsMax);
  return { pass: reasons.length === 0, reasons };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function checkLimits(limits: Partial<QualityLimits>): QualityLimits {
  checkKeys("quality", limits, Object.keys(QUALITY_LIMITS));
  const bound = { ...QUALITY_LIMITS, ...limits };
  for (const [name, value] of Object.entries(bound)) {
    if (/Share/.test(name)) checkNumber(`quality.${name}`, value, 0, 1);
    else checkInteger(`quality.${name}`, value, name === "lengthNs" ? 1 : 0);
  }
  return bound;
}
