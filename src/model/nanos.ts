import { Fault, type Refusal, refuse } from "../base/index.ts";

/** A moment as nanoseconds since 1970-01-01T00:00:00Z. */
export type EpochNanos = bigint;

/** Nanoseconds in a microsecond. */
export const NANOS_PER_MICRO = 1_000;
/** Nanoseconds in a millisecond. */
export const NANOS_PER_MILLI = 1_000_000;
/** Nanoseconds in a second. */
export const NANOS_PER_SECOND = 1_000_000_000;
/** Nanoseconds in a minute. */
export const NANOS_PER_MINUTE = 60_000_000_000;
/** Nanoseconds in an hour. */
export const NANOS_PER_HOUR = 3_600_000_000_000;
/** Nanoseconds in a day of 24 hours. */
export const NANOS_PER_DAY = 86_400_000_000_000;

const DATE = /(\d{4})-(\d{2})-(\d{2})/;
const CLOCK = /(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?/;
const ZONE = /Z|[+-](?:[01]\d|2[0-3]):[0-5]\d/;
const INSTANT = new RegExp(`^${DATE.source}(?:[T ]${CLOCK.source}(${ZONE.source})?)?$`);

/**
 * Reads an ISO 8601 moment to the nanosecond; without a zone it is UTC, without a time it is midnight.
 *
 * @refuses `TIME_MALFORMED` on any other text, and on dates that no calendar has.
 * @example
 * ```ts
 * import { parseNanos } from "tickwright/model";
 * parseNanos("1970-01-01T00:00:01.000000002Z"); // => 1000000002n
 * ```
 */
export function parseNanos(text: string): EpochNanos | Refusal<"TIME_MALFORMED"> {
  const malformed = (): Refusal<"TIME_MALFORMED"> =>
    refuse("TIME_MALFORMED", "time", text, "ISO 8601, such as 2024-08-08T23:54:13.937085768Z");
  const match = typeof text === "string" ? INSTANT.exec(text) : null;
  if (match === null) return malformed();
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return malformed();
  const days = daysFromCivil(year, month, day);
  if (day > daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1)) return malformed();
  const seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - zoneSeconds(match[8]);
  return BigInt(seconds) * 1_000_000_000n + BigInt((match[7] ?? "").padEnd(9, "0"));
}

/** The first and the last year that four digits can write. */
const [FIRST_NS, LAST_NS] = [-62_167_219_200_000_000_000n, 253_402_300_799_999_999_999n];

/**
 * Writes a moment as ISO 8601 in UTC with nine decimals of a second.
 *
 * @throws `FAULT_TIME` outside of the years 0000 to 9999.
 * @invariant `parseNanos(formatNanos(ns))` is `ns`, for years 0000 to 9999.
 */
export function formatNanos(ns: EpochNanos): string {
  if (ns < FIRST_NS || ns > LAST_NS) {
    throw new Fault("FAULT_TIME", { path: "ns", value: ns, expected: "a moment of the years 0000 to 9999" });
  }
  const day = floorDivide(ns, 86_400_000_000_000n);
  const rest = ns - day * 86_400_000_000_000n;
  const [year, month, date] = civilFromDays(Number(day));
  const seconds = Number(rest / 1_000_000_000n);
  const fraction = (rest % 1_000_000_000n).toString().padStart(9, "0");
  const clock = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part)));
  return `${year.toString().padStart(4, "0")}-${two(month)}-${two(date)}T${clock.join(":")}.${fraction}Z`;
}

/** The number of days from 1970-01-01 to a date of the proleptic Gregorian calendar; month 13 is allowed. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month > 12 ? year + 1 : year;
  const m = month > 12 ? month - 12 : month;
  const shifted = m <= 2 ? y - 1 : y;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a number of days since 1970-01-01, as [year, month, day]. */
export function civilFromDays(days: number): [number, number, number] {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return [year, month, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1];
}

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const size = Number(zone.slice(1, 3)) * 3_600 + Number(zone.slice(4, 6)) * 60;
  return zone.startsWith("-") ? -size : size;
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}

function two(value: number): string {
  return value.toString().padStart(2, "0");
}
