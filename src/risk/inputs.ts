import { Fault } from "../base/index.ts";

/**
 * Returns `value` when it is an index below `count`.
 *
 * @throws `FAULT_INPUT` naming the path.
 */
export function checkIndex(path: string, value: number, count: number): number {
  return checkWhole(path, value, 0, count - 1);
}

/**
 * Returns `value` when it is an integer within `min` and `max` (included).
 *
 * @throws `FAULT_INPUT` naming the path.
 */
export function checkWhole(
  path: string,
  value: number,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Fault("FAULT_INPUT", { path, value, expected: `an integer within ${min} and ${max}` });
}

/**
 * Returns `value` when it is a moment: any finite number of ns from the session's base.
 *
 * @throws `FAULT_INPUT` naming the path.
 */
export function checkMoment(path: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new Fault("FAULT_INPUT", { path, value, expected: "a finite number of ns" });
}

/**
 * Returns a date as it came when it is written `YYYY-MM-DD`, so that dates compare as text.
 *
 * @throws `FAULT_INPUT` naming the path.
 */
export function checkDate(path: string, value: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  throw new Fault("FAULT_INPUT", { path, value, expected: "a date as YYYY-MM-DD" });
}
