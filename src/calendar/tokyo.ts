import type { CalendarOptions } from "./calendar-options.ts";
import type { DayPlan } from "./day-plan.ts";
import { fixedDate, type HolidayRule, onDates } from "./holiday-rule.ts";
import { japaneseHolidays, NATIONAL_HOLIDAYS } from "./japan-holidays.ts";

const HOLIDAYS: readonly HolidayRule[] = [
  ...NATIONAL_HOLIDAYS.map((name) => ({
    name,
    days: (year: number) =>
      japaneseHolidays(year)
        .filter((each) => each.name === name)
        .map((each) => each.day),
  })),
  { name: "Market holiday", days: fixedDate(1, 2) },
  { name: "Market holiday", days: fixedDate(1, 3) },
  { name: "Market holiday", days: fixedDate(12, 31) },
  { name: "Failure of the trading system", days: onDates("2020-10-01") },
];

const CLOSE_AT_15: DayPlan["phases"] = [["15:00", "closed"]];
const CLOSE_AT_15_30: DayPlan["phases"] = [
  ["15:25", "closingAuction"],
  ["15:30", "closed"],
];

function hours(lunch: string, close: string, evening: DayPlan["phases"]): Readonly<Record<string, DayPlan>> {
  const phases: DayPlan["phases"] = [
    ["08:00", "openingAuction"],
    ["09:00", "continuous"],
    [lunch, "break"],
    ["12:05", "intradayAuction"],
    ["12:30", "continuous"],
    ...evening,
  ];
  return { regular: { open: "09:00", close, phases } };
}

/**
 * Tokyo Stock Exchange: two sessions with a call before each; the morning ends at 11:30 since 2011-11-21, the
 * afternoon at 15:30 with a closing call since 2024-11-05. It has no half days.
 *
 * @source TSE Business Regulations, rules 4 and 19; Act on National Holidays
 */
export const TSE_OPTIONS: CalendarOptions = {
  name: "TSE",
  zone: "Asia/Tokyo",
  hours: [
    { from: "2007-01-01", plans: hours("11:00", "15:00", CLOSE_AT_15) },
    { from: "2011-11-21", plans: hours("11:30", "15:00", CLOSE_AT_15) },
    { from: "2024-11-05", plans: hours("11:30", "15:30", CLOSE_AT_15_30) },
  ],
  holidays: HOLIDAYS,
};
