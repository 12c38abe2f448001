import { checkChoice, checkKeys, checkPositive, Fault } from "../base/index.ts";
import { quantileSorted, type Series } from "./series.ts";

const DAY_MS = 86_400_000;

/** How samples are counted to a year: see {@link periodsPerYear}. */
export interface SampleCalendar {
  /** `continuous`: markets that never close, 365 days a year. `sessions`: 252 trading days a year. */
  readonly market: "continuous" | "sessions";
  /** The distance of samples, in milliseconds. */
  readonly periodMs: number;
  /** The length of one session, in milliseconds; needed for `sessions` sampled finer than a day. */
  readonly sessionMs?: number;
}

/**
 * How many samples of one distance make a year: `365 * 86,400,000 / periodMs` for a market that never
 * closes; for sessions 252 days, times the samples within one session where they are finer than a day.
 *
 * @throws `FAULT_CONFIG` on an unknown option, a length that is not above 0, or a missing `sessionMs`.
 * @example
 * ```ts
 * import { periodsPerYear } from "tickwright/stat";
 * periodsPerYear({ market: "sessions", periodMs: 86_400_000 }); // => 252
 * periodsPerYear({ market: "continuous", periodMs: 60_000 }); // => 525600
 * periodsPerYear({ market: "sessions", periodMs: 60_000, sessionMs: 23_400_000 }); // => 98280
 * ```
 */
export function periodsPerYear(calendar: SampleCalendar): number {
  checkKeys("calendar", calendar, ["market", "periodMs", "sessionMs"]);
  checkChoice("calendar.market", calendar.market, ["continuous", "sessions"]);
  const period = checkPositive("calendar.periodMs", calendar.periodMs);
  if (calendar.market === "continuous") return (365 * DAY_MS) / period;
  if (period >= DAY_MS) return (252 * DAY_MS) / period;
  return (252 * checkPositive("calendar.sessionMs", calendar.sessionMs)) / period;
}

/** What {@link inferSampling} found. */
export interface Sampling {
  readonly periodsPerYear: number;
  /** Why: `weekdays` 252, `everyDay` 365, `weekly` 52, `monthly` 12, `continuous` 365 days over the period. */
  readonly rule: "weekdays" | "everyDay" | "weekly" | "monthly" | "continuous";
  /** The median distance of samples, in milliseconds. */
  readonly periodMs: number;
}

/**
 * Guesses how many samples make a year from their times. The rules, first match wins, on the median
 * distance: 0.9 to 1.1 days is `weekdays` (252), or `everyDay` (365) where any sample falls on a Saturday or
 * Sunday in UTC; 6.5 to 7.5 days is `weekly` (52); 27 to 32 days is `monthly` (12); anything else is
 * `continuous`. Samples within exchange sessions cannot be told from a market that never closes: give
 * {@link periodsPerYear} the session's length there. Null below two samples.
 *
 * @units `ms` are epoch milliseconds
 * @throws `FAULT_INPUT` where a time is not above the one before.
 */
export function inferSampling(ms: Series): Sampling | null {
  checkTimes("ms", ms);
  if (ms.length < 2) return null;
  const gaps = new Float64Array(ms.length - 1);
  for (let i = 0; i < gaps.length; i++) gaps[i] = (ms[i + 1] as number) - (ms[i] as number);
  const periodMs = quantileSorted(gaps.sort(), 0.5, "nearestRank") as number;
  const days = periodMs / DAY_MS;
  if (days >= 0.9 && days <= 1.1) {
    return hasWeekend(ms)
      ? { periodsPerYear: 365, rule: "everyDay", periodMs }
      : { periodsPerYear: 252, rule: "weekdays", periodMs };
  }
  if (days >= 6.5 && days <= 7.5) return { periodsPerYear: 52, rule: "weekly", periodMs };
  if (days >= 27 && days <= 32) return { periodsPerYear: 12, rule: "monthly", periodMs };
  return { periodsPerYear: 365 / days, rule: "continuous", periodMs };
}

/** Throws `FAULT_INPUT` unless every time is finite and above the one before it. */
export function checkTimes(path: string, ms: Series): void {
  let last = -Infinity;
  for (let i = 0; i < ms.length; i++) {
    const now = ms[i] as number;
    if (!(now > last && now < Infinity)) {
      throw new Fault("FAULT_INPUT", { path: `${path}[${i}]`, value: now, expected: `a time above ${last}` });
    }
    last = now;
  }
}

/** 1970-01-01 was a Thursday: day numbers 2 and 3 modulo 7 are Saturday and Sunday. */
function hasWeekend(ms: Series): boolean {
  for (let i = 0; i < ms.length; i++) {
    const day = Math.floor((ms[i] as number) / DAY_MS);
    const ofWeek = ((day % 7) + 7) % 7;
    if (ofWeek === 2 || ofWeek === 3) return true;
  }
  return false;
}
