import type { CalendarOptions } from "./calendar-options.ts";
import type { DayPlan } from "./day-plan.ts";
import { fixedDate, fromEaster, type HolidayRule } from "./holiday-rule.ts";
import { FUTURES_ORDER_PHASES } from "./order-phases.ts";
import { US_TRADED_HOLIDAYS } from "./us-equities.ts";

const ICE_HOLIDAYS: readonly HolidayRule[] = [
  { name: "New Year's Day", days: fixedDate(1, 1, "mondayIfSunday") },
  { name: "Good Friday", days: fromEaster(-2) },
  { name: "Christmas", days: fixedDate(12, 25, "mondayIfSunday") },
  ...US_TRADED_HOLIDAYS.map((rule) => ({ ...rule, plan: "half" })),
];

function evening(close: string): DayPlan {
  return {
    open: "-1d 20:00",
    close,
    phases: [
      ["-1d 18:00", "maintenance"],
      ["-1d 19:45", "preOpen"],
      ["-1d 20:00", "continuous"],
      [close, "closed"],
    ],
  };
}

function sunday(close: string): DayPlan {
  return {
    open: "-1d 18:00",
    close,
    phases: [
      ["-1d 17:00", "preOpen"],
      ["-1d 18:00", "continuous"],
      [close, "closed"],
    ],
  };
}

/**
 * ICE Futures Europe, Brent crude and the energy futures traded with it, on the clock of New York: 20:00 of the
 * evening before (18:00 on Sundays) to 18:00, on holidays of the United States to 13:30.
 *
 * @source ICE Futures Europe contract specifications and trading schedules
 */
export const ICE_OPTIONS: CalendarOptions = {
  name: "ICE",
  zone: "America/New_York",
  hours: [
    {
      from: "2015-01-01",
      plans: {
        regular: evening("18:00"),
        "regular@mon": sunday("18:00"),
        half: evening("13:30"),
        "half@mon": sunday("13:30"),
      },
    },
  ],
  holidays: ICE_HOLIDAYS,
  orderPhases: FUTURES_ORDER_PHASES,
};

const EUREX_HOLIDAYS: readonly HolidayRule[] = [
  { name: "New Year's Day", days: fixedDate(1, 1) },
  { name: "Good Friday", days: fromEaster(-2) },
  { name: "Easter Monday", days: fromEaster(1) },
  { name: "Labour Day", days: fixedDate(5, 1) },
  { name: "Christmas Eve", days: fixedDate(12, 24) },
  { name: "Christmas", days: fixedDate(12, 25) },
  { name: "Boxing Day", days: fixedDate(12, 26) },
  { name: "New Year's Eve", days: fixedDate(12, 31) },
];

const NIGHT: DayPlan["phases"] = [
  ["22:00", "postClose"],
  ["22:30", "closed"],
];

/**
 * EUREX, futures on EURO STOXX 50 and DAX: 07:50 to 22:00, since 2018-12-10 from 00:10 UTC (01:10 in winter, 02:10
 * in summer). It has no half days: it is closed on 24 and 31 December.
 *
 * @source EUREX trading hours and holiday regulations
 */
export const EUREX_OPTIONS: CalendarOptions = {
  name: "EUREX",
  zone: "Europe/Berlin",
  hours: [
    {
      from: "2015-01-01",
      plans: {
        regular: {
          open: "07:50",
          close: "22:00",
          phases: [["07:30", "preOpen"], ["07:50", "continuous"], ...NIGHT],
        },
      },
    },
    {
      from: "2018-12-10",
      plans: {
        regular: {
          open: "00:10Z",
          close: "22:00",
          phases: [["00:00Z", "preOpen"], ["00:10Z", "continuous"], ...NIGHT],
        },
      },
    },
  ],
  holidays: EUREX_HOLIDAYS,
  orderPhases: {
    ...FUTURES_ORDER_PHASES,
    // Market orders wait for the opening; after the close orders are taken for the next day.
    preOpen: {
      limit: ["GTC", "DAY", "GTD"],
      market: ["GTC", "DAY", "GTD"],
      stop: ["GTC", "DAY", "GTD"],
      stopLimit: ["GTC", "DAY", "GTD"],
    },
    postClose: { limit: ["GTC", "GTD"], stop: ["GTC", "GTD"], stopLimit: ["GTC", "GTD"] },
  },
};
