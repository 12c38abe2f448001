import { describe, expect, it } from "vitest";
import {
  dateText,
  dayOf,
  easterSunday,
  except,
  fixedDate,
  fromEaster,
  inYears,
  japaneseHolidays,
  nthWeekday,
  onDates,
  onWeekdays,
  WEEKDAYS,
  weekdayOf,
  weekdayOfMonth,
} from "../../src/calendar/index.ts";

describe("dates", () => {
  it.each([
    ["1970-01-01", 0],
    ["1969-12-31", -1],
    ["2024-02-29", 19_782],
    ["2100-12-31", 47_846],
  ])("%s is day %i", (text, day) => {
    expect(dayOf(text)).toBe(day);
    expect(dateText(day)).toBe(text);
    expect(dayOf(day)).toBe(day);
  });

  it.each([
    ["2023-02-29"],
    ["2024-13-01"],
    ["2024-1-01"],
    ["2024-01-01T00:00:00Z"],
    [""],
    [1.5],
    [Number.NaN],
    [undefined],
    [["2024-01-01"]],
  ])("%j is no date", (value) => {
    expect(() => dayOf(value as string)).toThrow("FAULT_INPUT date");
  });

  it("knows the weekday of any day", () => {
    expect(WEEKDAYS[weekdayOf(dayOf("2024-07-04"))]).toBe("thu");
    expect(WEEKDAYS[weekdayOf(0)]).toBe("thu");
    expect(WEEKDAYS[weekdayOf(-5)]).toBe("sat");
  });

  it.each([
    [2024, 11, 4, 4, "2024-11-28"],
    [2024, 9, 1, 1, "2024-09-02"],
    [2024, 9, 0, 1, "2024-09-01"],
    [2024, 5, 1, -1, "2024-05-27"],
    [2024, 5, 5, -1, "2024-05-31"],
    [2024, 5, 5, -2, "2024-05-24"],
    [2024, 12, 2, -1, "2024-12-31"],
  ])("of %i-%i, weekday %i, number %i is %s", (year, month, weekday, n, date) => {
    expect(dateText(nthWeekday(year, month, weekday, n))).toBe(date);
  });

  it.each([
    ["1961-04-02"],
    ["2000-04-23"],
    ["2008-03-23"],
    ["2011-04-24"],
    ["2016-03-27"],
    ["2024-03-31"],
    ["2025-04-20"],
    ["2026-04-05"],
    ["2038-04-25"],
    ["2049-04-18"],
    ["2076-04-19"],
    ["2099-04-12"],
  ])("Easter is on %s", (date) => {
    expect(dateText(easterSunday(Number(date.slice(0, 4))))).toBe(date);
  });
});

describe("holiday rules", () => {
  const texts = (days: readonly number[]): string[] => days.map(dateText);

  it.each([
    ["same", "2027-12-25"],
    ["mondayIfSunday", "2027-12-25"],
    ["nearest", "2027-12-24"],
    ["monday", "2027-12-27"],
    ["afterMonday", "2027-12-27"],
    ["friday", "2027-12-24"],
  ] as const)("a Saturday, %s, becomes %s", (observed, date) => {
    expect(texts(fixedDate(12, 25, observed)(2027))).toEqual([date]);
  });

  it.each([
    ["same", "2022-12-25"],
    ["mondayIfSunday", "2022-12-26"],
    ["nearest", "2022-12-26"],
    ["monday", "2022-12-26"],
    ["afterMonday", "2022-12-27"],
    ["friday", "2022-12-23"],
  ] as const)("a Sunday, %s, becomes %s", (observed, date) => {
    expect(texts(fixedDate(12, 25, observed)(2022))).toEqual([date]);
  });

  it("a Monday after a holiday that takes it goes to Tuesday", () => {
    expect(texts(fixedDate(12, 26, "afterMonday")(2022))).toEqual(["2022-12-27"]);
    expect(texts(fixedDate(12, 26, "afterMonday")(2023))).toEqual(["2023-12-26"]);
  });

  it("count from Easter, and weekdays of months", () => {
    expect(texts(fromEaster(-2)(2024))).toEqual(["2024-03-29"]);
    expect(texts(weekdayOfMonth(11, 4, 4, 1)(2013))).toEqual(["2013-11-29"]);
  });

  it("hold on dates, in years, on weekdays, and not on exceptions", () => {
    const both = onDates("2024-07-03", "2025-07-03");
    expect(texts(both(2024))).toEqual(["2024-07-03"]);
    expect(texts(both(2023))).toEqual([]);
    expect(texts(inYears(2025, 2025, both)(2024))).toEqual([]);
    expect(texts(inYears(2025, 2025, both)(2025))).toEqual(["2025-07-03"]);
    expect(texts(inYears(2020, 2024, both)(2025))).toEqual([]);
    expect(texts(except(both, "2024-07-03")(2024))).toEqual([]);
    expect(texts(except(both, "2024-07-03")(2025))).toEqual(["2025-07-03"]);
    expect(texts(onWeekdays([3], both)(2024))).toEqual(["2024-07-03"]);
    expect(texts(onWeekdays([3], both)(2025))).toEqual([]);
  });
});

describe("national holidays of Japan", () => {
  const named = (year: number): Record<string, string> =>
    Object.fromEntries(japaneseHolidays(year).map(({ day, name }) => [dateText(day).slice(5), name]));

  it("have substitutes for Sundays, past other holidays", () => {
    expect(named(2020)).toMatchObject({ "02-23": "Emperor's Birthday", "02-24": "Substitute holiday" });
    expect(named(2015)).toMatchObject({
      "05-03": "Constitution Memorial Day",
      "05-06": "Substitute holiday",
    });
    expect(named(2021)).toMatchObject({ "08-08": "Mountain Day", "08-09": "Substitute holiday" });
  });

  it("fill the day between two of them", () => {
    expect(named(2015)["09-22"]).toBe("Citizens' holiday");
    expect(named(2019)).toMatchObject({ "04-30": "Citizens' holiday", "05-02": "Citizens' holiday" });
    expect(named(2024)["09-22"]).toBe("Autumnal Equinox Day");
  });

  it("follow the emperor and the games", () => {
    expect(named(2018)["12-23"]).toBe("Emperor's Birthday");
    expect(named(2019)["12-23"]).toBeUndefined();
    expect(named(2019)["02-23"]).toBeUndefined();
    expect(named(2019)).toMatchObject({
      "10-22": "Enthronement Ceremony",
      "05-01": "Accession of the Emperor",
    });
    expect(named(2020)).toMatchObject({
      "07-23": "Marine Day",
      "07-24": "Sports Day",
      "08-10": "Mountain Day",
    });
    expect(named(2021)).toMatchObject({ "07-22": "Marine Day", "07-23": "Sports Day" });
    expect(named(2015)["08-11"]).toBeUndefined();
    expect(named(2016)["08-11"]).toBe("Mountain Day");
  });

  it.each([
    [2007, "03-21", "09-23"],
    [2012, "03-20", "09-22"],
    [2016, "03-20", "09-22"],
    [2019, "03-21", "09-23"],
    [2025, "03-20", "09-23"],
    [2026, "03-20", "09-23"],
    [2027, "03-21", "09-23"],
    [2028, "03-20", "09-22"],
    [2030, "03-20", "09-23"],
  ])("have their equinoxes of %i on %s and %s", (year, spring, autumn) => {
    expect(named(year)[spring]).toBe("Vernal Equinox Day");
    expect(named(year)[autumn]).toBe("Autumnal Equinox Day");
  });

  it("come in order", () => {
    const days = japaneseHolidays(2019).map(({ day }) => day);
    expect(days).toEqual([...days].sort((left, right) => left - right));
    expect(new Set(days).size).toBe(days.length);
  });
});
