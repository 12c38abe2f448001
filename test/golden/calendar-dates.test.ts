import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  dateText,
  dayOf,
  type ExchangeName,
  PHASES,
  tradingCalendar,
  weekdayOf,
} from "../../src/calendar/index.ts";

/** By exchange, then by year: the weekdays of 2015 to 2027 that differ from the others, as MM-DD. */
interface Published {
  readonly closed: Readonly<Record<string, string>>;
  readonly halfDays: Readonly<Record<string, string>>;
  /** CME: no trading day, but trading until noon (on Good Friday until 08:15) for the next one. */
  readonly tradedHolidays?: Readonly<Record<string, string>>;
}

const published = JSON.parse(
  readFileSync(new URL("./calendar-dates.json", import.meta.url), "utf8"),
) as Readonly<Record<ExchangeName, Published>>;
const YEARS = Array.from({ length: 13 }, (_year, i) => 2015 + i);

/** Regular closes and those of half days, by the wall clock of the exchange. */
const CLOSES: Readonly<Record<string, readonly [zoneName: string, regular: string, half: string]>> = {
  NYSE: ["America/New_York", "16:00", "13:00"],
  NASDAQ: ["America/New_York", "16:00", "13:00"],
  LSE: ["Europe/London", "16:30", "12:30"],
  TSE: ["Asia/Tokyo", "15:00 15:30", ""],
  CME: ["America/Chicago", "16:00 16:15", "12:15 08:30"],
  ICE: ["America/New_York", "18:00", "13:30"],
  EUREX: ["Europe/Berlin", "22:00", ""],
  FX: ["America/New_York", "17:00", ""],
};

describe.each(Object.keys(published) as ExchangeName[])("%s", (name) => {
  const calendar = tradingCalendar(name);
  const { closed, halfDays, tradedHolidays } = published[name];

  it.each(YEARS)("%i has the published holidays and half days", (year) => {
    const found = { closed: [] as string[], half: [] as string[] };
    for (let day = dayOf(`${year}-01-01`); day <= dayOf(`${year}-12-31`); day += 1) {
      const isWeekend = weekdayOf(day) === 0 || weekdayOf(day) === 6;
      if (isWeekend) expect(calendar.isTradingDay(day), dateText(day)).toBe(false);
      else if (!calendar.isTradingDay(day)) found.closed.push(dateText(day).slice(5));
      else if (calendar.isHalfDay(day)) found.half.push(dateText(day).slice(5));
    }
    expect(found.closed).toEqual(dates(`${closed[year]} ${tradedHolidays?.[year] ?? ""}`));
    expect(found.half).toEqual(dates(halfDays[year] ?? ""));
  });

  it("names every weekday on which it is closed or closes early", () => {
    for (const year of YEARS) {
      for (const date of dates(`${closed[year]} ${halfDays[year]} ${tradedHolidays?.[year] ?? ""}`)) {
        expect(calendar.holidayName(`${year}-${date}`), `${year}-${date}`).toEqual(expect.any(String));
      }
    }
  });

  it("closes at the published times", () => {
    const [zone, regular, half] = CLOSES[name] as readonly [string, string, string];
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
    for (const session of calendar.sessionsBetween("2015-01-01", "2027-12-31")) {
      const close = clock.format(Number(session.closeNs / 1_000_000n));
      expect((session.isHalfDay ? half : regular).split(" "), session.date).toContain(close);
    }
  });
});

describe("CME on holidays", () => {
  const calendar = tradingCalendar("CME");
  const listed = (table: Readonly<Record<string, string>> | undefined): string[] =>
    YEARS.flatMap((year) => dates(table?.[year] ?? "").map((date) => `${year}-${date}`));

  it.each(listed(published.CME.closed))("%s does not trade in the morning", (date) => {
    expect(PHASES[calendar.phaseAtSeconds(dayOf(date) * 86_400 + 13 * 3_600)]).toBe("closed");
  });

  it.each(listed(published.CME.tradedHolidays))(
    "%s trades in the morning, for the next trading day",
    (date) => {
      const day = dayOf(date);
      const at7 = BigInt(day * 86_400 + 13 * 3_600) * 1_000_000_000n;
      expect(PHASES[calendar.phaseAt(at7)]).toBe("continuous");
      expect(PHASES[calendar.phaseAt(at7 + 6n * 3_600_000_000_000n)]).toBe("closed");
      expect(calendar.tradingDayOf(at7)).toBe(calendar.nextSession(day)?.day);
    },
  );
});

function dates(text: string): string[] {
  return text
    .split(" ")
    .filter((date) => date !== "")
    .sort();
}
