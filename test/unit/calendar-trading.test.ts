import { describe, expect, it } from "vitest";
import {
  type CalendarOptions,
  dateText,
  dayOf,
  type HolidayRule,
  onDates,
  PHASE,
  PHASES,
  TradingCalendar,
  tradingCalendar,
} from "../../src/calendar/index.ts";
import { momentOf, phasesBetween } from "../fixtures/calendar-day.ts";

const DAY = {
  open: "09:00",
  close: "17:00",
  phases: [
    ["09:00", "continuous"],
    ["17:00", "closed"],
  ],
} as const;
const SHORT = {
  open: "09:00",
  close: "12:00",
  phases: [
    ["09:00", "continuous"],
    ["12:00", "closed"],
  ],
} as const;
const OPTIONS: CalendarOptions = {
  name: "own",
  zone: "UTC",
  hours: [{ from: "2024-01-01", plans: { regular: DAY, short: SHORT } }],
  until: "2024-12-31",
};

function own(changes: Partial<CalendarOptions> = {}): TradingCalendar {
  return new TradingCalendar({ ...OPTIONS, ...changes });
}

describe("a calendar of one's own", () => {
  it("has sessions on weekdays", () => {
    const calendar = own();
    expect(calendar.isTradingDay("2024-07-05")).toBe(true);
    expect(calendar.isTradingDay("2024-07-06")).toBe(false);
    expect(calendar.isHalfDay("2024-07-05")).toBe(false);
    expect(calendar.holidayName("2024-07-05")).toBeUndefined();
    expect(calendar.sessionOf("2024-07-05")).toEqual({
      day: dayOf("2024-07-05"),
      date: "2024-07-05",
      openNs: momentOf("2024-07-05T09:00:00Z"),
      closeNs: momentOf("2024-07-05T17:00:00Z"),
      isHalfDay: false,
    });
    expect(calendar.sessionOf("2024-07-06")).toBeUndefined();
  });

  it("looks for sessions before and after, within its dates", () => {
    const calendar = own();
    expect(calendar.nextSession("2024-07-05")?.date).toBe("2024-07-08");
    expect(calendar.previousSession("2024-07-08")?.date).toBe("2024-07-05");
    expect(calendar.previousSession("2024-01-01")).toBeUndefined();
    expect(calendar.previousSession("2024-01-02")?.date).toBe("2024-01-01");
    expect(calendar.nextSession("2024-12-31")).toBeUndefined();
    expect(calendar.nextSession("2024-12-30")?.date).toBe("2024-12-31");
    expect(calendar.sessionsBetween("2024-07-05", "2024-07-09").map((each) => each.date)).toEqual([
      "2024-07-05",
      "2024-07-08",
      "2024-07-09",
    ]);
    expect(calendar.sessionsBetween("2024-07-09", "2024-07-05")).toEqual([]);
  });

  it("follows the first rule of a day", () => {
    const holidays: readonly HolidayRule[] = [
      { name: "short", days: onDates("2024-07-04", "2024-07-06"), plan: "short" },
      { name: "closed", days: onDates("2024-07-04", "2024-07-05") },
    ];
    const calendar = own({ holidays });
    expect(calendar.sessionOf("2024-07-04")).toMatchObject({ isHalfDay: true, holiday: "short" });
    expect(calendar.isHalfDay("2024-07-05")).toBe(false);
    expect(calendar.isTradingDay("2024-07-05")).toBe(false);
    expect(calendar.holidayName("2024-07-05")).toBe("closed");
    expect(calendar.sessionOf("2024-07-06")?.closeNs).toBe(momentOf("2024-07-06T12:00:00Z"));
  });

  it("moves holidays over the turn of the year", () => {
    const calendar = own({
      until: "2026-12-31",
      holidays: [
        { name: "eve", days: (year) => [dayOf(`${year}-01-01`) - 1] },
        { name: "late", days: (year) => [dayOf(`${year}-12-31`) + 2] },
      ],
    });
    expect(calendar.holidayName("2024-12-31")).toBe("eve");
    expect(calendar.holidayName("2025-01-02")).toBe("late");
    expect(calendar.holidayName("2025-01-01")).toBeUndefined();
  });

  it("gives trading that counts for the next day to its session", () => {
    const calendar = own({
      holidays: [
        { name: "counted", days: onDates("2024-07-04"), plan: "short", countsForNext: true },
        { name: "itself", days: onDates("2024-07-10"), plan: "short", countsForNext: false },
      ],
    });
    expect(calendar.isTradingDay("2024-07-04")).toBe(false);
    expect(calendar.isHalfDay("2024-07-04")).toBe(false);
    expect(calendar.isTradingDay("2024-07-10")).toBe(true);
    expect(calendar.phaseAt(momentOf("2024-07-04T10:00:00Z"))).toBe(PHASE.continuous);
    expect(calendar.sessionOf("2024-07-05")).toMatchObject({
      openNs: momentOf("2024-07-04T09:00:00Z"),
      isHalfDay: false,
    });
    expect(dateText(calendar.tradingDayOf(momentOf("2024-07-04T10:00:00Z")))).toBe("2024-07-05");
  });

  it("has the hours of the date", () => {
    const calendar = own({
      hours: [
        { from: "2024-01-01", plans: { regular: DAY } },
        { from: "2024-07-04", plans: { regular: SHORT, "regular@fri": DAY } },
      ],
    });
    const closes = calendar.sessionsBetween("2024-07-03", "2024-07-05").map((each) => each.closeNs);
    expect(closes).toEqual(
      ["2024-07-03T17:00:00Z", "2024-07-04T12:00:00Z", "2024-07-05T17:00:00Z"].map(momentOf),
    );
  });

  it("covers its dates, in UTC, and no more", () => {
    const calendar = own();
    expect(PHASES[calendar.phaseAt(momentOf("2024-01-01T00:00:00Z"))]).toBe("closed");
    expect(PHASES[calendar.phaseAt(momentOf("2024-01-01T09:00:00Z"))]).toBe("continuous");
    expect(PHASES[calendar.phaseAt(momentOf("2024-12-31T23:59:59.999999999Z"))]).toBe("closed");
    expect(dateText(calendar.tradingDayOf(momentOf("2024-12-31T23:59:59Z")))).toBe("2025-01-01");
    expect(calendar.nextChange(momentOf("2024-12-31T17:00:00Z"))).toBeUndefined();
    expect(calendar.nextChange(momentOf("2024-12-31T16:59:59.5Z"))).toEqual({
      atNs: momentOf("2024-12-31T17:00:00Z"),
      phase: PHASE.closed,
    });
    for (const moment of ["2023-12-31T23:59:59Z", "2025-01-01T00:00:00Z"]) {
      expect(() => calendar.phaseAt(momentOf(moment))).toThrow("FAULT_TIME own: time");
    }
    expect(() => calendar.phaseAtSeconds(Number.NaN)).toThrow("FAULT_TIME own: time");
    expect(() => calendar.phaseAt(1.7e18 as never)).toThrow("FAULT_INPUT ns");
    for (const date of ["2023-12-31", "2025-01-01"]) {
      expect(() => calendar.isTradingDay(date)).toThrow("FAULT_TIME own: date");
    }
  });

  it("needs a trading day within 400 days", () => {
    const closed = own({ holidays: [{ name: "for ever", days: everyDay }] });
    expect(closed.isTradingDay("2024-07-05")).toBe(false);
    expect(() => closed.phaseAt(momentOf("2024-07-05"))).toThrow("FAULT_CONFIG calendar.holidays");
  });

  it("refuses days that run into each other", () => {
    const phases = [
      ["-1d 16:00", "continuous"],
      ["17:00", "closed"],
    ] as const;
    const calendar = own({ hours: [{ from: "2024-01-01", plans: { regular: { ...DAY, phases } } }] });
    expect(() => calendar.phaseAt(momentOf("2024-07-05"))).toThrow("FAULT_CONFIG calendar.hours");
  });

  it("meets a day at the end of the one before", () => {
    const phases = [
      ["-1d 17:00", "preOpen"],
      ["09:00", "continuous"],
      ["17:00", "closed"],
    ] as const;
    const calendar = own({ hours: [{ from: "2024-01-01", plans: { regular: { ...DAY, phases } } }] });
    expect(phasesBetween(calendar, "2024-07-04T12:00:00Z", "2024-07-05T12:00:00Z")).toEqual([
      "12:00 continuous",
      "17:00 preOpen",
      "09:00 continuous",
    ]);
  });

  it("goes on over the turn of the year, from both sides", () => {
    const plan = (open: string, close: string) => ({
      open,
      close,
      phases: [
        [open, "continuous"],
        [close, "closed"],
      ] as const,
    });
    const hours = (open: string, close: string) => [
      { from: "2024-01-01", plans: { regular: plan(open, close) } },
    ];
    const evening = own({ hours: hours("-1d 22:00", "17:00"), until: "2025-12-31" });
    const eve = momentOf("2024-12-31T23:00:00Z");
    expect(evening.phaseAt(eve)).toBe(PHASE.continuous);
    expect(dateText(evening.tradingDayOf(eve))).toBe("2025-01-01");
    const late = own({ zone: "America/New_York", hours: hours("09:00", "22:00"), until: "2025-12-31" });
    const night = momentOf("2025-01-01T02:00:00Z");
    expect(late.phaseAt(night)).toBe(PHASE.continuous);
    expect(dateText(late.tradingDayOf(night))).toBe("2024-12-31");
  });

  it("counts a phase that is told twice as one", () => {
    const calendar = own({
      hours: [
        {
          from: "2024-01-01",
          plans: {
            regular: {
              ...DAY,
              phases: [
                ["09:00", "continuous"],
                ["12:00", "continuous"],
                ["17:00", "closed"],
              ],
            },
          },
        },
      ],
    });
    const noon = Number(momentOf("2024-07-04T12:00:00Z") / 1_000_000_000n);
    const timeline = calendar.timelineAt(noon);
    expect(timeline.starts[timeline.spanAt(noon)]).toBe(noon - 3 * 3_600);
  });

  it("never changes where it is always open", () => {
    expect(tradingCalendar("CRYPTO").nextChange(momentOf("2024-07-04"))).toBeUndefined();
  });
});

function everyDay(year: number): number[] {
  return Array.from({ length: 366 }, (_day, i) => dayOf(`${year}-01-01`) + i);
}

describe("closures at run time", () => {
  it("make a new calendar", () => {
    const before = tradingCalendar("NYSE");
    const after = before.withClosure("2024-07-08", "storm");
    expect(before.isTradingDay("2024-07-08")).toBe(true);
    expect(after.isTradingDay("2024-07-08")).toBe(false);
    expect(after.holidayName("2024-07-08")).toBe("storm");
    expect(after.nextSession("2024-07-05")?.date).toBe("2024-07-09");
    expect(after.withClosure("2024-07-09", "storm").nextSession("2024-07-05")?.date).toBe("2024-07-10");
  });

  it("may be half days, and lift holidays", () => {
    const half = tradingCalendar("NYSE").withClosure("2024-07-08", "storm", "half");
    expect(half.sessionOf("2024-07-08")).toMatchObject({ isHalfDay: true, holiday: "storm" });
    const lifted = tradingCalendar("NYSE").withClosure("2024-07-04", "special session", "regular");
    expect(lifted.sessionOf("2024-07-04")).toMatchObject({ isHalfDay: false, holiday: "special session" });
  });

  it("refuse dates outside of the calendar, and plans that it has not", () => {
    expect(() => own().withClosure("2025-01-01", "late")).toThrow("FAULT_TIME own: date");
    expect(() => own().withClosure("2024-01-02", "")).toThrow("FAULT_CONFIG calendar.holidays[0].name");
    expect(() => own().withClosure("2024-01-02", "x", "half")).toThrow(
      "FAULT_CONFIG calendar.holidays[0].plan",
    );
  });
});

describe("windows", () => {
  const window = (from: string, until: string, phase = "maintenance") =>
    ({ fromNs: momentOf(from), untilNs: momentOf(until), phase, reason: "upgrade" }) as never;
  const crypto = tradingCalendar("CRYPTO");

  it("lie over the hours, over days and years", () => {
    const calendar = crypto.withWindow(window("2024-12-31T22:00:00Z", "2025-01-01T02:00:00Z"));
    expect(phasesBetween(calendar, "2024-12-31T00:00:00Z", "2025-01-02T00:00:00Z")).toEqual([
      "00:00 continuous",
      "22:00 maintenance",
      "02:00 continuous",
    ]);
    expect(dateText(calendar.tradingDayOf(momentOf("2024-12-31T23:00:00Z")))).toBe("2024-12-31");
    expect(dateText(calendar.tradingDayOf(momentOf("2025-01-01T01:00:00Z")))).toBe("2025-01-01");
  });

  it("cover whole seconds, outwards", () => {
    const calendar = crypto.withWindow(window("2024-07-04T00:00:00.9Z", "2024-07-04T00:00:01.1Z"));
    expect(calendar.nextChange(momentOf("2024-07-03T12:00:00Z"))).toEqual({
      atNs: momentOf("2024-07-04T00:00:00Z"),
      phase: PHASE.maintenance,
    });
    expect(calendar.nextChange(momentOf("2024-07-04T00:00:00Z"))).toEqual({
      atNs: momentOf("2024-07-04T00:00:02Z"),
      phase: PHASE.continuous,
    });
  });

  it("lie over phases, the later over the earlier", () => {
    const calendar = own()
      .withWindow(window("2024-07-04T08:00:00Z", "2024-07-04T10:00:00Z", "preOpen"))
      .withWindow(window("2024-07-04T09:30:00Z", "2024-07-04T17:00:00Z", "break"));
    expect(phasesBetween(calendar, "2024-07-04T00:00:00Z", "2024-07-05T00:00:00Z")).toEqual([
      "00:00 closed",
      "08:00 preOpen",
      "09:30 break",
      "17:00 closed",
    ]);
    expect(dateText(calendar.tradingDayOf(momentOf("2024-07-04T08:30:00Z")))).toBe("2024-07-04");
  });

  it.each([[{ fromNs: 1 }], [{ untilNs: 1 }], [{ fromNs: -1n }], [{ fromNs: 2n, untilNs: 2n }]])(
    "are refused: %o",
    (changes) => {
      const wrong = { fromNs: 1n, untilNs: 2n, phase: "break", reason: "x", ...changes } as never;
      expect(() => crypto.withWindow(wrong)).toThrow("FAULT_CONFIG calendar.windows[0]");
    },
  );

  it.each([
    [{ phase: "lunch" }, "phase"],
    [{ reason: "" }, "reason"],
    [{ why: "x" }, "why"],
  ])("are refused: %o", (changes, path) => {
    const wrong = { fromNs: 1n, untilNs: 2n, phase: "break", reason: "x", ...changes } as never;
    expect(() => crypto.withWindow(wrong)).toThrow(`FAULT_CONFIG calendar.windows[0].${path}`);
  });
});

describe("options", () => {
  const hours = (plans: unknown): unknown => [{ from: "2024-01-01", plans }];
  const phases = (...list: unknown[]): unknown => hours({ regular: { ...DAY, phases: list } });

  it.each([
    [{ zones: "UTC" }, "calendar.zones"],
    [{ name: "" }, "calendar.name"],
    [{ zone: "Mars" }, "calendar.zone"],
    [{ hours: [] }, "calendar.hours"],
    [{ hours: [{}] }, "calendar.hours[0].plans"],
    [{ hours: hours({}) }, "calendar.hours[0].plans"],
    [{ hours: hours({ half: DAY }) }, "calendar.hours[0].plans"],
    [{ hours: hours({ regular: DAY, "regular@monday": DAY }) }, "calendar.hours[0].plans.regular@monday"],
    [{ hours: hours({ regular: DAY, "half@mon": DAY }) }, "calendar.hours[0].plans.half@mon"],
    [{ hours: hours({ regular: { ...DAY, opens: "1" } }) }, "calendar.hours[0].plans.regular.opens"],
    [{ hours: hours({ regular: { ...DAY, open: "" } }) }, "calendar.hours[0].plans.regular.open"],
    [{ hours: hours({ regular: { ...DAY, close: "24:01" } }) }, "calendar.hours[0].plans.regular.close"],
    [{ hours: hours({ regular: { ...DAY, close: "9:30" } }) }, "calendar.hours[0].plans.regular.close"],
    [{ hours: hours({ regular: { ...DAY, close: "09:60" } }) }, "calendar.hours[0].plans.regular.close"],
    [{ hours: hours({ regular: { ...DAY, close: "-8d 09:00" } }) }, "calendar.hours[0].plans.regular.close"],
    [{ hours: phases(["09:00", "closed"]) }, "calendar.hours[0].plans.regular.phases"],
    [{ hours: phases(["09:00", "open"], ["10:00", "closed"]) }, "calendar.hours[0].plans.regular.phases[0]"],
    [{ hours: phases(["9", "break"], ["10:00", "closed"]) }, "calendar.hours[0].plans.regular.phases[0]"],
    [{ hours: phases(["09:00", "break"], ["10:00", "break"]) }, "calendar.hours[0].plans.regular.phases"],
    [
      {
        hours: [
          { from: "2024-01-01", plans: { regular: DAY } },
          { from: "2024-01-01", plans: { regular: DAY } },
        ],
      },
      "calendar.hours[1].from",
    ],
    [{ hours: [{ from: "2006-12-31", plans: { regular: DAY } }] }, "calendar.hours[0].from"],
    [{ until: "2023-12-31" }, "calendar.until"],
    [{ until: "2101-01-01" }, "calendar.until"],
    [{ weekdays: [] }, "calendar.weekdays"],
    [{ weekdays: [1, 7] }, "calendar.weekdays[1]"],
    [{ queuesWhenClosed: 1 }, "calendar.queuesWhenClosed"],
    [{ orderPhases: { lunch: {} } }, "orderPhases.lunch"],
    [{ holidays: {} }, "calendar.holidays"],
    [{ holidays: [{ name: "x", days: [1] }] }, "calendar.holidays[0].days"],
    [{ holidays: [{ name: "x", days: everyDay, plan: "half" }] }, "calendar.holidays[0].plan"],
    [{ holidays: [{ name: "x", days: everyDay, half: true }] }, "calendar.holidays[0].half"],
    [{ holidays: [{ name: "x", days: everyDay, countsForNext: 1 }] }, "calendar.holidays[0].countsForNext"],
    [{ windows: {} }, "calendar.windows"],
  ])("refuse %j by %s", (changes, path) => {
    expect(() => own(changes as Partial<CalendarOptions>)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it("may reach from 2007 to 2100", () => {
    const calendar = own({ hours: [{ from: "2007-01-01", plans: { regular: DAY } }], until: "2100-12-31" });
    expect(calendar.phaseAt(momentOf("2007-01-01T10:00:00Z"))).toBe(PHASE.continuous);
    expect(calendar.phaseAt(momentOf("2100-12-31T10:00:00Z"))).toBe(PHASE.continuous);
  });

  it("say whether a closed market queues", () => {
    expect(own().allows(PHASE.closed, 0, 0)).toBe(false);
    expect(own({ queuesWhenClosed: true }).allows(PHASE.closed, 0, 0)).toBe(true);
    expect(own({ orderPhases: { continuous: {} } }).allows(PHASE.continuous, 0, 0)).toBe(false);
  });
});
