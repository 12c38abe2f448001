import type { CalendarOptions } from "./calendar-options.ts";
import type { DayPlan } from "./day-plan.ts";
import { except, fixedDate, fromEaster, type HolidayRule, onDates, weekdayOfMonth } from "./holiday-rule.ts";

const MONDAY = 1;

/** The bank holidays of England and Wales, and the half days before Christmas and the new year. */
const HOLIDAYS: readonly HolidayRule[] = [
  { name: "New Year's Day", days: fixedDate(1, 1, "monday") },
  { name: "Good Friday", days: fromEaster(-2) },
  { name: "Easter Monday", days: fromEaster(1) },
  { name: "Early May bank holiday", days: except(weekdayOfMonth(5, MONDAY, 1), "2020-05-04") },
  { name: "Early May bank holiday (VE day)", days: onDates("2020-05-08") },
  {
    name: "Spring bank holiday",
    days: except(weekdayOfMonth(5, MONDAY, -1), "2012-05-28", "2022-05-30"),
  },
  { name: "Spring bank holiday (jubilee)", days: onDates("2012-06-04", "2022-06-02") },
  { name: "Queen's jubilee", days: onDates("2012-06-05", "2022-06-03") },
  { name: "Summer bank holiday", days: weekdayOfMonth(8, MONDAY, -1) },
  { name: "Christmas", days: fixedDate(12, 25, "monday") },
  { name: "Boxing Day", days: fixedDate(12, 26, "afterMonday") },
  { name: "Royal wedding", days: onDates("2011-04-29") },
  { name: "State funeral of Queen Elizabeth II", days: onDates("2022-09-19") },
  { name: "Coronation of King Charles III", days: onDates("2023-05-08") },
  { name: "Last day before Christmas", days: fixedDate(12, 24, "friday"), plan: "half" },
  { name: "Last day of the year", days: fixedDate(12, 31, "friday"), plan: "half" },
];

const MORNING: DayPlan["phases"] = [
  ["07:50", "openingAuction"],
  ["08:00", "continuous"],
];
const MIDDAY: DayPlan["phases"] = [
  ["12:00", "intradayAuction"],
  ["12:02", "continuous"],
];
const EVENING: DayPlan["phases"] = [
  ["16:30", "closingAuction"],
  ["16:35", "postClose"],
  ["17:15", "closed"],
];
const half: DayPlan = {
  open: "08:00",
  close: "12:30",
  phases: [...MORNING, ["12:30", "closingAuction"], ["12:35", "postClose"], ["13:15", "closed"]],
};

/**
 * London Stock Exchange, the order book SETS: calls at 07:50, 12:00 (since 2016-03-21, not on half days) and 16:30.
 *
 * @source Guide to the Trading System (MIT201); Banking and Financial Dealings Act 1971 with its proclamations
 */
export const LSE_OPTIONS: CalendarOptions = {
  name: "LSE",
  zone: "Europe/London",
  hours: [
    {
      from: "2007-01-01",
      plans: { regular: { open: "08:00", close: "16:30", phases: [...MORNING, ...EVENING] }, half },
    },
    {
      from: "2016-03-21",
      plans: {
        regular: { open: "08:00", close: "16:30", phases: [...MORNING, ...MIDDAY, ...EVENING] },
        half,
      },
    },
  ],
  holidays: HOLIDAYS,
};
