import { daysFromCivil } from "../model/index.ts";
import type { CalendarOptions } from "./calendar-options.ts";
import { easterSunday } from "./civil-date.ts";
import type { DayPlan } from "./day-plan.ts";
import { fixedDate, type HolidayRule, onDates } from "./holiday-rule.ts";
import { FUTURES_ORDER_PHASES } from "./order-phases.ts";
import { US_HALF_DAYS, US_TRADED_HOLIDAYS } from "./us-equities.ts";

/** Whether the employment report of a first Friday of April comes out on Good Friday. */
function isReportDay(goodFriday: number, year: number): boolean {
  return goodFriday >= daysFromCivil(year, 4, 1) && goodFriday <= daysFromCivil(year, 4, 7);
}

function goodFriday(reportDay: boolean): (year: number) => readonly number[] {
  return (year) => {
    const day = easterSunday(year) - 2;
    return isReportDay(day, year) === reportDay ? [day] : [];
  };
}

const HOLIDAYS: readonly HolidayRule[] = [
  { name: "New Year's Day", days: fixedDate(1, 1, "mondayIfSunday") },
  { name: "Christmas", days: fixedDate(12, 25, "nearest") },
  { name: "Good Friday", days: goodFriday(false) },
  { name: "Good Friday", days: goodFriday(true), plan: "report", countsForNext: true },
  ...US_TRADED_HOLIDAYS.map((rule) => ({ ...rule, plan: "holiday", countsForNext: true })),
  { name: "National Day of Mourning", days: onDates("2018-12-05", "2025-01-09"), plan: "mourning" },
  ...US_HALF_DAYS,
];

/** The plans by name: each begins on the evening before, on Mondays after the weekend. */
function hours(close: string, afternoon: DayPlan["phases"]): Readonly<Record<string, DayPlan>> {
  const plans: Record<string, DayPlan> = {};
  const add = (name: string, at: string, phases: DayPlan["phases"]): void => {
    const open = "-1d 17:00";
    const evening: DayPlan["phases"] = [
      ["-1d 16:45", "preOpen"],
      [open, "continuous"],
    ];
    plans[name] = { open, close: at, phases: [[`-1d ${close}`, "maintenance"], ...evening, ...phases] };
    const sunday: DayPlan["phases"] = [
      ["-1d 16:00", "preOpen"],
      [open, "continuous"],
    ];
    plans[`${name}@mon`] = { open, close: at, phases: [...sunday, ...phases] };
  };
  add("regular", close, [...afternoon, [close, "closed"]]);
  add("half", "12:15", [["12:15", "closed"]]);
  add("holiday", "12:00", [["12:00", "closed"]]);
  add("mourning", "08:30", [["08:30", "closed"]]);
  add("report", "08:15", [["08:15", "closed"]]);
  return plans;
}

const HALT: DayPlan["phases"] = [
  ["15:15", "break"],
  ["15:30", "continuous"],
];

/**
 * CME Globex, futures on stock indices: from 17:00 of the evening before to 16:00 (16:15 until 2015-09-18), with
 * a halt from 15:15 to 15:30 until 2021-06-25. On holidays trading ends at noon and counts for the next day.
 *
 * @source CME Group holiday calendars and trading hours; CME notice of 2024-12-30 (2025-01-09)
 */
export const CME_OPTIONS: CalendarOptions = {
  name: "CME",
  zone: "America/Chicago",
  hours: [
    { from: "2015-01-01", plans: hours("16:15", HALT) },
    { from: "2015-09-21", plans: hours("16:00", HALT) },
    { from: "2021-06-28", plans: hours("16:00", []) },
  ],
  holidays: HOLIDAYS,
  orderPhases: FUTURES_ORDER_PHASES,
};
