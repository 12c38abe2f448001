import { Fault } from "../base/index.ts";
import { type EpochNanos, formatNanos } from "../model/index.ts";
import { DASH, formatNumber } from "./figures.ts";

const SPACE = "\u00a0";
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A year of the calendar. */
export const YEAR_NS: number = 365.25 * DAY;

/**
 * Reads epoch nanoseconds written as a decimal.
 *
 * @throws `FAULT_INPUT` naming the field when the text is no whole number.
 */
export function readNanos(path: string, text: string): EpochNanos {
  if (typeof text === "string" && /^-?\d{1,20}$/.test(text)) return BigInt(text);
  throw new Fault("FAULT_INPUT", { path, value: text, expected: "epoch nanoseconds as a decimal" });
}

/**
 * Prints a moment in UTC with the digits it has, to the millisecond: `2024-08-08 23:54:13.937 UTC`, or the
 * date alone at midnight.
 */
export function formatInstant(ns: EpochNanos): string {
  const [date = "", clock = ""] = formatNanos(ns).split("T");
  const [time = "", fraction = ""] = clock.replace("Z", "").split(".");
  const millis = fraction.slice(0, 3);
  if (time === "00:00:00" && millis === "000") return date;
  return `${date} ${time}${millis === "000" ? "" : `.${millis}`} UTC`;
}

/** Prints epoch milliseconds as {@link formatInstant} does. */
export function formatMs(ms: number): string {
  return Number.isFinite(ms) ? formatInstant(BigInt(Math.round(ms)) * 1_000_000n) : DASH;
}

/**
 * Prints a length of time given in nanoseconds, in the unit it is read in: `830 ns`, `1.25 ms`,
 * `5 min 12 s`, `12 d 4 h`, `2.35 years`.
 */
export function formatDuration(ns: number | null | undefined): string {
  if (typeof ns !== "number" || !Number.isFinite(ns)) return DASH;
  if (ns < 0) return `−${formatDuration(-ns)}`;
  if (ns < 1e3) return `${formatNumber(ns, 0)}${SPACE}ns`;
  if (ns < 1e6) return `${threeDigits(ns / 1e3)}${SPACE}µs`;
  if (ns < 1e9) return `${threeDigits(ns / 1e6)}${SPACE}ms`;
  if (ns < MINUTE) return `${threeDigits(ns / SECOND)}${SPACE}s`;
  if (ns < HOUR) return pair(ns, MINUTE, "min", SECOND, "s");
  if (ns < DAY) return pair(ns, HOUR, "h", MINUTE, "min");
  if (ns < 30 * DAY) return pair(ns, DAY, "d", HOUR, "h");
  if (ns < YEAR_NS) return `${formatNumber(ns / DAY, 0)}${SPACE}d`;
  return `${formatNumber(ns / YEAR_NS, 2)}${SPACE}years`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return formatNumber(value, 0);
  return formatNumber(value, value >= 9.995 ? 1 : 2);
}

function pair(ns: number, large: number, largeName: string, small: number, smallName: string): string {
  const units = Math.round(ns / small);
  const perLarge = Math.round(large / small);
  const rest = units % perLarge;
  const head = `${formatNumber(Math.floor(units / perLarge), 0)}${SPACE}${largeName}`;
  return rest === 0 ? head : `${head} ${rest}${SPACE}${smallName}`;
}
