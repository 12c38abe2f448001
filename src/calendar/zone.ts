import { checkChoice, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { daysFromCivil } from "../model/index.ts";
import { DAY_SECONDS, nthWeekday, yearOf } from "./civil-date.ts";

/** The day and time at which the clocks change: a Sunday of a month, from its start or, below 0, its end. */
export interface ClockChange {
  /** 1 is January. */
  readonly month: number;
  /** Which Sunday: 1 to 4 from the month's start, -1 the last one. */
  readonly week: number;
}

/** The wall clock of a place: its distance from UTC, and when summer time (one hour more) begins and ends. */
export interface ZoneRule {
  /** What standard time is ahead of UTC, in seconds; west of Greenwich below 0. */
  readonly standardSeconds: number;
  readonly summer?: {
    readonly begins: ClockChange;
    readonly ends: ClockChange;
    /** The time of day of both changes, in seconds from midnight. */
    readonly atSeconds: number;
    /** Whether that is UTC, standard time, or what the wall clock shows just before the change. */
    readonly clock: "utc" | "standard" | "wall";
  };
}

const HOUR = 3_600;
const UNITED_STATES = {
  begins: { month: 3, week: 2 },
  ends: { month: 11, week: 1 },
  atSeconds: 2 * HOUR,
  clock: "wall",
} as const;
const EUROPE = {
  begins: { month: 3, week: -1 },
  ends: { month: 10, week: -1 },
  atSeconds: HOUR,
  clock: "utc",
} as const;

/**
 * The wall clocks known by name, by the laws in force since 2007.
 *
 * @source 15 U.S.C. 260a (2005: Public Law 109-58); Directive 2000/84/EC; the Summer Time Order 2002 (S.I.
 * 2002/262). A law of another year needs a rule of its own.
 */
export const ZONES = {
  UTC: { standardSeconds: 0 },
  "America/New_York": { standardSeconds: -5 * HOUR, summer: UNITED_STATES },
  "America/Chicago": { standardSeconds: -6 * HOUR, summer: UNITED_STATES },
  "Europe/London": { standardSeconds: 0, summer: EUROPE },
  "Europe/Berlin": { standardSeconds: HOUR, summer: EUROPE },
  "Asia/Tokyo": { standardSeconds: 9 * HOUR },
} as const satisfies Readonly<Record<string, ZoneRule>>;

/** A name of {@link ZONES}. */
export type ZoneName = keyof typeof ZONES;

/** The first and the last year for which the laws of {@link ZONES} are taken to hold. */
export const ZONE_YEARS = { first: 2007, last: 2100 } as const;

/**
 * What a wall clock is ahead of UTC at a moment, in seconds.
 *
 * @units `epochSeconds`: whole seconds since 1970-01-01T00:00:00Z
 * @throws `FAULT_TIME` outside of the years 2007 to 2100; `FAULT_CONFIG` on an unknown name.
 * @example
 * ```ts
 * import { zoneOffsetSeconds } from "tickwright/calendar";
 * zoneOffsetSeconds("America/New_York", 1_720_051_200); // => -14400
 * ```
 */
export function zoneOffsetSeconds(zone: ZoneName | ZoneRule, epochSeconds: number): number {
  const rule = zoneRule("zone", zone);
  const year = yearOf(Math.floor(epochSeconds / DAY_SECONDS));
  if (!(year >= ZONE_YEARS.first && year <= ZONE_YEARS.last)) {
    throw new Fault("FAULT_TIME", {
      path: "epochSeconds",
      value: epochSeconds,
      expected: `a moment of the years ${ZONE_YEARS.first} to ${ZONE_YEARS.last}`,
    });
  }
  return offsetAt(rule, epochSeconds);
}

/** {@link zoneOffsetSeconds} without the checks. */
export function offsetAt(rule: ZoneRule, epochSeconds: number): number {
  const { standardSeconds, summer } = rule;
  if (summer === undefined) return standardSeconds;
  const year = yearOf(Math.floor((epochSeconds + standardSeconds) / DAY_SECONDS));
  const at = summer.atSeconds - (summer.clock === "utc" ? 0 : standardSeconds);
  const begins = changeOf(year, summer.begins, at);
  const ends = changeOf(year, summer.ends, at - (summer.clock === "wall" ? HOUR : 0));
  const isSummer =
    begins < ends
      ? epochSeconds >= begins && epochSeconds < ends
      : epochSeconds >= begins || epochSeconds < ends;
  return isSummer ? standardSeconds + HOUR : standardSeconds;
}

/**
 * The moment at which a wall clock shows `seconds` after midnight of a day, in seconds since 1970.
 *
 * An hour that the clock skips is read by the clock before the change; of an hour that comes twice the first is
 * meant.
 */
export function epochSecondsOf(rule: ZoneRule, day: number, seconds: number): number {
  const standard = day * DAY_SECONDS + seconds - rule.standardSeconds;
  return offsetAt(rule, standard - HOUR) === rule.standardSeconds ? standard : standard - HOUR;
}

/** The rule of a zone by name, or a rule of one's own after its check. */
export function zoneRule(path: string, zone: ZoneName | ZoneRule): ZoneRule {
  if (typeof zone === "string") return ZONES[checkChoice(path, zone, Object.keys(ZONES) as ZoneName[])];
  checkKeys(path, zone, ["standardSeconds", "summer"]);
  checkInteger(`${path}.standardSeconds`, zone.standardSeconds, -DAY_SECONDS, DAY_SECONDS);
  if (zone.summer === undefined) return zone;
  checkKeys(`${path}.summer`, zone.summer, ["begins", "ends", "atSeconds", "clock"]);
  checkInteger(`${path}.summer.atSeconds`, zone.summer.atSeconds, 0, DAY_SECONDS);
  checkChoice(`${path}.summer.clock`, zone.summer.clock, ["utc", "standard", "wall"]);
  for (const end of ["begins", "ends"] as const) {
    const change = zone.summer[end];
    checkKeys(`${path}.summer.${end}`, change, ["month", "week"]);
    checkInteger(`${path}.summer.${end}.month`, change.month, 1, 12);
    if (change.week !== -1) checkInteger(`${path}.summer.${end}.week`, change.week, 1, 4);
  }
  return zone;
}

function changeOf(year: number, change: ClockChange, seconds: number): number {
  return nthWeekday(year, change.month, 0, change.week) * DAY_SECONDS + seconds;
}

/** The midnight (UTC) that begins a year, in seconds since 1970. */
export function yearSeconds(year: number): number {
  return daysFromCivil(year, 1, 1) * DAY_SECONDS;
}
