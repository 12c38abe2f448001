import type { CalendarOptions } from "./calendar-options.ts";
import type { DayPlan } from "./day-plan.ts";
import {
  fixedDate,
  fromEaster,
  type HolidayRule,
  inYears,
  onDates,
  onWeekdays,
  weekdayOfMonth,
} from "./holiday-rule.ts";
import type { PhaseName } from "./phase.ts";

const [MONDAY, TUESDAY, WEDNESDAY, THURSDAY] = [1, 2, 3, 4];
const LAST = 2100;

/** The holidays of the stock exchanges of the United States that have a trading session on CME and ICE. */
export const US_TRADED_HOLIDAYS: readonly HolidayRule[] = [
  { name: "Martin Luther King Jr. Day", days: weekdayOfMonth(1, MONDAY, 3) },
  { name: "Presidents' Day", days: weekdayOfMonth(2, MONDAY, 3) },
  { name: "Memorial Day", days: weekdayOfMonth(5, MONDAY, -1) },
  { name: "Juneteenth", days: inYears(2022, LAST, fixedDate(6, 19, "nearest")) },
  { name: "Independence Day", days: fixedDate(7, 4, "nearest") },
  { name: "Labor Day", days: weekdayOfMonth(9, MONDAY, 1) },
  { name: "Thanksgiving", days: weekdayOfMonth(11, THURSDAY, 4) },
];

/** The days before and after holidays on which stock exchanges of the United States close at 13:00. */
export const US_HALF_DAYS: readonly HolidayRule[] = [
  {
    name: "Day before Independence Day",
    days: onWeekdays([MONDAY, TUESDAY, WEDNESDAY, THURSDAY], fixedDate(7, 3)),
    plan: "half",
  },
  { name: "Day after Thanksgiving", days: weekdayOfMonth(11, THURSDAY, 4, 1), plan: "half" },
  {
    name: "Christmas Eve",
    days: onWeekdays([MONDAY, TUESDAY, WEDNESDAY, THURSDAY], fixedDate(12, 24)),
    plan: "half",
  },
];

/** The days of mourning for presidents since 2007. */
export const US_MOURNING_DAYS = onDates("2007-01-02", "2018-12-05", "2025-01-09");

/** The holidays of NYSE and NASDAQ. */
const HOLIDAYS: readonly HolidayRule[] = [
  { name: "New Year's Day", days: fixedDate(1, 1, "mondayIfSunday") },
  { name: "Good Friday", days: fromEaster(-2) },
  ...US_TRADED_HOLIDAYS,
  { name: "Christmas", days: fixedDate(12, 25, "nearest") },
  { name: "National Day of Mourning", days: US_MOURNING_DAYS },
  { name: "Hurricane Sandy", days: onDates("2012-10-29", "2012-10-30") },
  ...US_HALF_DAYS,
];

function exchange(
  name: string,
  before: DayPlan["phases"],
  regular: DayPlan["phases"],
  half: DayPlan["phases"],
): CalendarOptions {
  const open: [string, PhaseName] = ["09:30", "continuous"];
  return {
    name,
    zone: "America/New_York",
    hours: [
      {
        from: "2007-01-01",
        plans: {
          regular: { open: "09:30", close: "16:00", phases: [...before, open, ...regular] },
          half: { open: "09:30", close: "13:00", phases: [...before, open, ...half] },
        },
      },
    ],
    holidays: HOLIDAYS,
  };
}

/**
 * New York Stock Exchange, stocks listed there: orders from 06:30, the floor's opening at 09:30, orders for the
 * close until 15:50.
 *
 * @source NYSE Rules 7.1, 7.2 (hours, holidays) and 7.35 (auctions); Release 34-85021 (cut-off of 15:50, 2019)
 */
export const NYSE_OPTIONS: CalendarOptions = exchange(
  "NYSE",
  [["06:30", "preOpen"]],
  [
    ["15:50", "preClose"],
    ["16:00", "closed"],
  ],
  [
    ["12:50", "preClose"],
    ["13:00", "closed"],
  ],
);

/**
 * NASDAQ: trading from 04:00 to 20:00 (17:00 on half days), orders for the open until 09:28, for the close until
 * 15:55.
 *
 * @source Nasdaq Rules 4120, 4702, 4752 and 4754 (hours, order types, crosses)
 */
export const NASDAQ_OPTIONS: CalendarOptions = {
  ...exchange(
    "NASDAQ",
    [
      ["04:00", "earlyTrading"],
      ["09:28", "openingAuction"],
    ],
    [
      ["15:55", "preClose"],
      ["16:00", "lateTrading"],
      ["20:00", "closed"],
    ],
    [
      ["12:55", "preClose"],
      ["13:00", "lateTrading"],
      ["17:00", "closed"],
    ],
  ),
  orderPhases: {
    // The early session trades on while the opening cross takes no more orders.
    openingAuction: { limit: ["GTC", "DAY", "GTD", "IOC", "FOK", "atClose"], market: ["atClose"] },
  },
};
