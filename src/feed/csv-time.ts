import { Fault, isRefusal } from "../base/index.ts";
import { type EpochNanos, parseNanos } from "../model/index.ts";

/**
 * Reads a time of a CSV file: ISO 8601 (UTC unless it names a zone), or a count since 1970 in seconds, ms, us or ns
 * by its 10, 13, 16 or 19 digits, seconds also with decimals; undefined where it is none.
 */
export function csvNanos(text: string): EpochNanos | undefined {
  const count = /^(\d{10}|\d{13}|\d{16}|\d{19})$/.exec(text);
  if (count !== null) return BigInt(text.padEnd(19, "0"));
  const seconds = /^(\d{10})\.(\d{1,9})$/.exec(text);
  if (seconds !== null) return BigInt(`${seconds[1]}${(seconds[2] as string).padEnd(9, "0")}`);
  const at = parseNanos(text);
  return isRefusal(at) ? undefined : at;
}

/** Reads an option `HH:MM` as ns after midnight. @throws `FAULT_CONFIG` naming the option */
export function timeOfDayNs(path: string, text: string): bigint {
  const match = typeof text === "string" ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) : null;
  if (match === null) throw new Fault("FAULT_CONFIG", { path, value: text, expected: "a time HH:MM" });
  return BigInt(Number(match[1]) * 3_600 + Number(match[2]) * 60) * 1_000_000_000n;
}
