import { daysFromCivil } from "../model/index.ts";
import { type CivilDate, dayOf, easterSunday, nthWeekday, weekdayOf, yearOf } from "./civil-date.ts";

/** The days of a year, as days since 1970-01-01. */
export type DaysOfYear = (year: number) => readonly number[];

/** Days on which a calendar leaves its weekly hours. */
export interface HolidayRule {
  readonly name: string;
  readonly days: DaysOfYear;
  /** The plan of these days' hours, by its name in the calendar's `hours`; closed unless given. */
  readonly plan?: string;
  /**
   * Whether trading on such a day counts for the trading day that follows, as on CME's holidays; unless given, a
   * day with a plan is a trading day itself.
   */
  readonly countsForNext?: boolean;
}

/** Where a holiday goes that falls on a weekend; -1, 0, 1 ... days by weekday, from Sunday. */
type Shifts = readonly [number, number, number, number, number, number, number];

/**
 * How a holiday on a weekend is made up for: `same`: not at all; `mondayIfSunday`: a Saturday is lost; `nearest`:
 * Saturday to Friday, Sunday to Monday; `monday` and `friday`: both go there; `afterMonday`: to Tuesday from Sunday
 * and Monday, to Monday from Saturday, for the day after a holiday that goes by `monday`.
 */
export type Observed = "same" | "mondayIfSunday" | "nearest" | "monday" | "afterMonday" | "friday";

const OBSERVED: Readonly<Record<Observed, Shifts>> = {
  same: [0, 0, 0, 0, 0, 0, 0],
  mondayIfSunday: [1, 0, 0, 0, 0, 0, 0],
  nearest: [1, 0, 0, 0, 0, 0, -1],
  monday: [1, 0, 0, 0, 0, 0, 2],
  afterMonday: [2, 1, 0, 0, 0, 0, 2],
  friday: [-2, 0, 0, 0, 0, 0, -1],
};

/**
 * The same date every year; `observed` says where it goes from a weekend.
 *
 * @example
 * ```ts
 * import { dateText, fixedDate } from "tickwright/calendar";
 * fixedDate(7, 4, "nearest")(2026).map(dateText); // => ["2026-07-03"]
 * ```
 */
export function fixedDate(month: number, date: number, observed: Observed = "same"): DaysOfYear {
  return (year) => {
    const day = daysFromCivil(year, month, date);
    return [day + OBSERVED[observed][weekdayOf(day) as 0]];
  };
}

/** The nth weekday of a month, counted from its end below 0; `plus` days later. */
export function weekdayOfMonth(month: number, weekday: number, n: number, plus = 0): DaysOfYear {
  return (year) => [nthWeekday(year, month, weekday, n) + plus];
}

/** A day counted from Easter Sunday: -2 is Good Friday, 1 Easter Monday. */
export function fromEaster(days: number): DaysOfYear {
  return (year) => [easterSunday(year) + days];
}

/** Single dates. */
export function onDates(...dates: readonly CivilDate[]): DaysOfYear {
  const days = dates.map(dayOf);
  return (year) => days.filter((day) => yearOf(day) === year);
}

/** A rule in force from one year to another, both included. */
export function inYears(first: number, last: number, days: DaysOfYear): DaysOfYear {
  return (year) => (year >= first && year <= last ? days(year) : []);
}

/** A rule but for some of its days. */
export function except(days: DaysOfYear, ...dates: readonly CivilDate[]): DaysOfYear {
  const out = dates.map(dayOf);
  return (year) => days(year).filter((day) => !out.includes(day));
}

/** Those days of a rule that fall on one of some weekdays; 0 is Sunday. */
export function onWeekdays(weekdays: readonly number[], days: DaysOfYear): DaysOfYear {
  return (year) => days(year).filter((day) => weekdays.includes(weekdayOf(day)));
}
