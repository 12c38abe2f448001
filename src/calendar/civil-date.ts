import { Fault } from "../base/index.ts";
import { civilFromDays, daysFromCivil, parseNanos } from "../model/index.ts";

/** A date: days since 1970-01-01, or the text `YYYY-MM-DD`. */
export type CivilDate = number | string;

/** The weekdays by their numbers: 0 is Sunday. */
export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** A word of {@link WEEKDAYS}. */
export type Weekday = (typeof WEEKDAYS)[number];

/** Seconds of a day of 24 hours. */
export const DAY_SECONDS = 86_400;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads a date as days since 1970-01-01; a number is checked and given back.
 *
 * @throws `FAULT_INPUT` on a text that is no date, and on a number that is no integer.
 * @example
 * ```ts
 * import { dayOf } from "tickwright/calendar";
 * dayOf("2024-07-04"); // => 19908
 * ```
 */
export function dayOf(date: CivilDate): number {
  if (typeof date === "number") return Number.isSafeInteger(date) ? date : malformed(date);
  const ns = DATE.test(date) ? parseNanos(date) : undefined;
  return typeof ns === "bigint" ? Number(ns / 86_400_000_000_000n) : malformed(date);
}

function malformed(date: unknown): never {
  throw new Fault("FAULT_INPUT", {
    path: "date",
    value: date,
    expected: "a date such as 2024-07-04, or whole days since 1970-01-01",
  });
}

/**
 * Writes days since 1970-01-01 as `YYYY-MM-DD`, for years 0 to 9999.
 *
 * @example
 * ```ts
 * import { dateText } from "tickwright/calendar";
 * dateText(19908); // => "2024-07-04"
 * ```
 */
export function dateText(day: number): string {
  const [year, month, date] = civilFromDays(day);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
}

/** The weekday of a day: 0 is Sunday, 6 is Saturday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** The year of a day. */
export function yearOf(day: number): number {
  return civilFromDays(day)[0];
}

/**
 * The day of a month's nth weekday; a negative `n` counts from the month's end.
 *
 * @units `weekday`: 0 is Sunday; `n`: 1 is the first, -1 the last
 * @example
 * ```ts
 * import { dateText, nthWeekday } from "tickwright/calendar";
 * dateText(nthWeekday(2024, 11, 4, 4)); // => "2024-11-28"
 * dateText(nthWeekday(2024, 5, 1, -1)); // => "2024-05-27"
 * ```
 */
export function nthWeekday(year: number, month: number, weekday: number, n: number): number {
  if (n > 0) {
    const first = daysFromCivil(year, month, 1);
    return first + ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7;
  }
  const last = daysFromCivil(year, month + 1, 1) - 1;
  return last - ((weekdayOf(last) - weekday + 7) % 7) + (n + 1) * 7;
}

/**
 * The day of Easter Sunday in the Gregorian calendar.
 *
 * @source The anonymous Gregorian computus (Nature, 20 April 1876)
 * @example
 * ```ts
 * import { dateText, easterSunday } from "tickwright/calendar";
 * dateText(easterSunday(2024)); // => "2024-03-31"
 * ```
 */
export function easterSunday(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekday =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const shift = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const march = epact + weekday - 7 * shift + 22;
  return daysFromCivil(year, 3, 1) + march - 1;
}
