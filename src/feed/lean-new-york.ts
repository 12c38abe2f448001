import { Fault } from "../base/index.ts";
import { civilFromDays, daysFromCivil, type EpochNanos } from "../model/index.ts";

const HOUR = 3_600;
const DAY = 86_400;
const STANDARD = -5 * HOUR;
const SUMMER = -4 * HOUR;
/** Both changes happen at 02:00 of the wall clock before the change. */
const CHANGE = 2 * HOUR;

/** The Sunday of a month, counted from its start (1 is the first) or, below 0, from its end. */
interface SundayRule {
  readonly month: number;
  readonly week: number;
}

/** From which year on summer time begins and ends when. */
const LAWS: readonly { readonly year: number; readonly begins: SundayRule; readonly ends: SundayRule }[] = [
  { year: 2007, begins: { month: 3, week: 2 }, ends: { month: 11, week: 1 } },
  { year: 1987, begins: { month: 4, week: 1 }, ends: { month: 10, week: -1 } },
  { year: 1976, begins: { month: 4, week: -1 }, ends: { month: 10, week: -1 } },
  { year: 1975, begins: { month: 2, week: -1 }, ends: { month: 10, week: -1 } },
  { year: 1974, begins: { month: 1, week: 1 }, ends: { month: 10, week: -1 } },
  { year: 1967, begins: { month: 4, week: -1 }, ends: { month: 10, week: -1 } },
];

/**
 * Reads a wall clock in New York: the moment at `seconds` after midnight of a day.
 *
 * The hour that is skipped in spring is read by the clock before the change (02:30 is 03:30 of summer time); of
 * the hour that comes twice in autumn the first is meant.
 *
 * @units `day`: days since 1970-01-01 by the New York calendar; `seconds`: whole, from 0
 * @throws `FAULT_TIME` before 1967, when states and cities set their own rules.
 * @source 15 U.S.C. 260a, as enacted in 1966 and amended in 1973 (Public Law 93-182, 93-434), 1986 (99-359) and
 * 2005 (109-58)
 * @example
 * ```ts
 * import { newYorkNanos } from "tickwright/feed";
 * import { daysFromCivil, formatNanos } from "tickwright/model";
 * formatNanos(newYorkNanos(daysFromCivil(2024, 3, 8), 34_200)); // => "2024-03-08T14:30:00.000000000Z"
 * formatNanos(newYorkNanos(daysFromCivil(2024, 3, 11), 34_200)); // => "2024-03-11T13:30:00.000000000Z"
 * ```
 */
export function newYorkNanos(day: number, seconds: number): EpochNanos {
  const local = day * DAY + seconds;
  return BigInt(local - offsetOf(local)) * 1_000_000_000n;
}

/** What a New York wall clock is ahead of UTC, in seconds; below 0. */
function offsetOf(local: number): number {
  const [year] = civilFromDays(Math.floor(local / DAY));
  const law = LAWS.find((each) => year >= each.year);
  if (law === undefined) {
    throw new Fault("FAULT_TIME", { path: "New York time", value: year, expected: "a year from 1967 on" });
  }
  const begins = sunday(year, law.begins) * DAY + CHANGE;
  const ends = sunday(year, law.ends) * DAY + CHANGE;
  // In the skipped hour the old clock still counts; the hour that comes twice ends at `ends`, read by the first.
  return local >= begins + HOUR && local < ends ? SUMMER : STANDARD;
}

function sunday(year: number, rule: SundayRule): number {
  if (rule.week > 0) {
    const first = daysFromCivil(year, rule.month, 1);
    return first + ((7 - weekday(first)) % 7) + (rule.week - 1) * 7;
  }
  const last = daysFromCivil(year, rule.month + 1, 1) - 1;
  return last - weekday(last) + (rule.week + 1) * 7;
}

/** 0 is Sunday; 1970-01-01 was a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}
