import { Fault } from "../base/index.ts";

/**
 * The fields of saved state, exactly those named.
 *
 * @throws `FAULT_INPUT` for anything but an object with these fields and no others.
 */
export function savedFields<Shape>(
  path: string,
  data: unknown,
  keys: readonly (keyof Shape & string)[],
): Shape {
  const expected = [...keys].sort().join(", ");
  if (typeof data === "object" && data !== null && Object.keys(data).sort().join(", ") === expected) {
    return data as Shape;
  }
  throw new Fault("FAULT_INPUT", { path, value: data, expected: `an object with the fields ${expected}` });
}

/**
 * A saved list of `least` to `most` items; a hole is an item that is undefined.
 *
 * @throws `FAULT_INPUT` for anything else.
 */
export function savedList<Item>(path: string, value: unknown, least: number, most: number): readonly Item[] {
  if (Array.isArray(value) && value.length >= least && value.length <= most) return Array.from(value);
  throw new Fault("FAULT_INPUT", { path, value, expected: `an array of ${least} to ${most} items` });
}

/**
 * One saved number within [min, max], any finite one unless told.
 *
 * @throws `FAULT_INPUT` for anything else.
 */
export function savedNumber(
  path: string,
  value: unknown,
  min: number = -Number.MAX_VALUE,
  max: number = Number.MAX_VALUE,
): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new Fault("FAULT_INPUT", { path, value, expected: `a number within ${min} and ${max}` });
}

/**
 * At most `most` saved times, oldest first.
 *
 * @units ns from the session's base
 * @throws `FAULT_INPUT` for anything else, and for a time before the one in front of it.
 */
export function savedTimes(path: string, value: unknown, most: number): readonly number[] {
  let before = -Number.MAX_VALUE;
  return savedList(path, value, 0, most).map((each, i) => {
    before = savedNumber(`${path}[${i}]`, each, before);
    return before;
  });
}
