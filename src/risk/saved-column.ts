import { Fault } from "../base/index.ts";

/** A column as JSON can carry it: `null` stands for Infinity. */
export type SavedColumn = readonly (number | null)[];

/** Writes a column of numbers as JSON can carry it; NaN and -Infinity are never in one. */
export function saveColumn(column: ArrayLike<number>): SavedColumn {
  return Array.from(column, (value) => (value === Number.POSITIVE_INFINITY ? null : value));
}

/**
 * Reads a column that {@link saveColumn} wrote: `length` numbers within `min` and `max` (included), whole
 * ones unless `whole` is false; `null` is Infinity.
 *
 * @throws `FAULT_INPUT` naming the path and the place in the column.
 */
export function readColumn(
  path: string,
  saved: SavedColumn,
  length: number,
  min: number,
  max: number,
  whole = true,
): Float64Array {
  if (!Array.isArray(saved) || saved.length !== length) {
    throw new Fault("FAULT_INPUT", { path, value: saved, expected: `an array of ${length} numbers` });
  }
  const column = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = saved[i] === null ? Number.POSITIVE_INFINITY : saved[i];
    const fits = typeof value === "number" && value >= min && value <= max;
    if (!fits || (whole && value !== Number.POSITIVE_INFINITY && !Number.isInteger(value))) {
      const expected = `a ${whole ? "whole " : ""}number within ${min} and ${max}`;
      throw new Fault("FAULT_INPUT", { path: `${path}[${i}]`, value: saved[i], expected });
    }
    column[i] = value;
  }
  return column;
}
