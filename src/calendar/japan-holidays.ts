import { daysFromCivil } from "../model/index.ts";
import { nthWeekday, weekdayOf } from "./civil-date.ts";

/** A national holiday of Japan. */
export interface NationalHoliday {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly name: string;
}

const MONDAY = 1;

/** The names that {@link japaneseHolidays} gives. */
export const NATIONAL_HOLIDAYS = [
  "New Year's Day",
  "Coming of Age Day",
  "National Foundation Day",
  "Emperor's Birthday",
  "Vernal Equinox Day",
  "Showa Day",
  "Accession of the Emperor",
  "Constitution Memorial Day",
  "Greenery Day",
  "Children's Day",
  "Marine Day",
  "Mountain Day",
  "Respect for the Aged Day",
  "Autumnal Equinox Day",
  "Sports Day",
  "Enthronement Ceremony",
  "Culture Day",
  "Labor Thanksgiving Day",
  "Substitute holiday",
  "Citizens' holiday",
] as const;

/**
 * The national holidays of Japan in a year from 2007 to 2099, in order: those of the law, the substitutes for
 * Sundays, and the days that stand between two holidays.
 *
 * The equinoxes are computed; the government announces them a year ahead.
 *
 * @source Act on National Holidays (Act No. 178 of 1948, articles 2 and 3) with the special acts for 2019 (Act No.
 * 99 of 2018) and for the games of 2020 and 2021 (Act No. 55 of 2018, Act No. 68 of 2020)
 * @example
 * ```ts
 * import { dateText, japaneseHolidays } from "tickwright/calendar";
 * const autumn = japaneseHolidays(2026).filter(({ day }) => dateText(day).startsWith("2026-09"));
 * autumn.map(({ day }) => dateText(day)); // => ["2026-09-21", "2026-09-22", "2026-09-23"]
 * ```
 */
export function japaneseHolidays(year: number): NationalHoliday[] {
  const names = new Map<number, string>();
  for (const [name, day] of lawful(year)) names.set(day, name);
  // Article 3 (2): a holiday on Sunday is made up for by the next day that is none.
  const substitutes = [...names.keys()].filter((day) => weekdayOf(day) === 0);
  const own = new Set(names.keys());
  for (const sunday of substitutes) {
    let day = sunday + 1;
    while (own.has(day)) day += 1;
    names.set(day, "Substitute holiday");
  }
  // Article 3 (3): a day between two national holidays is one too.
  for (const day of own) {
    if (own.has(day + 2) && !names.has(day + 1)) names.set(day + 1, "Citizens' holiday");
  }
  return [...names].map(([day, name]) => ({ day, name })).sort((left, right) => left.day - right.day);
}

/** The holidays of article 2 by name. */
function lawful(year: number): [name: string, day: number][] {
  const on = (month: number, date: number): number => daysFromCivil(year, month, date);
  const monday = (month: number, n: number): number => nthWeekday(year, month, MONDAY, n);
  return [
    ["New Year's Day", on(1, 1)],
    ["Coming of Age Day", monday(1, 2)],
    ["National Foundation Day", on(2, 11)],
    ["Vernal Equinox Day", on(3, equinox(year, 20.8431))],
    ["Showa Day", on(4, 29)],
    ["Constitution Memorial Day", on(5, 3)],
    ["Greenery Day", on(5, 4)],
    ["Children's Day", on(5, 5)],
    ["Respect for the Aged Day", monday(9, 3)],
    ["Autumnal Equinox Day", on(9, equinox(year, 23.2488))],
    ["Culture Day", on(11, 3)],
    ["Labor Thanksgiving Day", on(11, 23)],
    ...emperor(year, on),
    ...summer(year, on, monday),
  ];
}

/** The birthday of the emperor, and the days of the change of 2019. */
function emperor(year: number, on: (month: number, date: number) => number): [string, number][] {
  if (year < 2019) return [["Emperor's Birthday", on(12, 23)]];
  if (year > 2019) return [["Emperor's Birthday", on(2, 23)]];
  return [
    ["Accession of the Emperor", on(5, 1)],
    ["Enthronement Ceremony", on(10, 22)],
  ];
}

/** The days that the games of 2020 and 2021 moved. */
function summer(
  year: number,
  on: (month: number, date: number) => number,
  monday: (month: number, n: number) => number,
): [string, number][] {
  if (year === 2020) {
    return [
      ["Marine Day", on(7, 23)],
      ["Sports Day", on(7, 24)],
      ["Mountain Day", on(8, 10)],
    ];
  }
  if (year === 2021) {
    return [
      ["Marine Day", on(7, 22)],
      ["Sports Day", on(7, 23)],
      ["Mountain Day", on(8, 8)],
    ];
  }
  const days: [string, number][] = [
    ["Marine Day", monday(7, 3)],
    ["Sports Day", monday(10, 2)],
  ];
  return year < 2016 ? days : [...days, ["Mountain Day", on(8, 11)]];
}

/** The date in March or September on which an equinox falls in Japan, for 1980 to 2099. */
function equinox(year: number, in1980: number): number {
  return Math.floor(in1980 + 0.242194 * (year - 1980) - Math.floor((year - 1980) / 4));
}
