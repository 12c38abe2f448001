import { Fault } from "./fault.ts";

/** Throws `FAULT_CONFIG` unless `value` is an integer within [min, max] (included). */
export function checkInteger(
  path: string,
  value: unknown,
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw new Fault("FAULT_CONFIG", { path, value, expected: `an integer${range(min, max)}` });
}

/** Throws `FAULT_CONFIG` unless `value` is a finite number within [min, max] (included). */
export function checkNumber(
  path: string,
  value: unknown,
  min: number = -Number.MAX_VALUE,
  max: number = Number.MAX_VALUE,
): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= min && value <= max) return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: `a finite number${range(min, max)}` });
}

/** Throws `FAULT_CONFIG` unless `value` is a finite number above 0. */
export function checkPositive(path: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: "a finite number above 0" });
}

/** Throws `FAULT_CONFIG` unless `value` is a string with at least one character. */
export function checkText(path: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: "a string that is not empty" });
}

/** Throws `FAULT_CONFIG` unless `value` is true or false. */
export function checkBoolean(path: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: "true or false" });
}

/** Throws `FAULT_CONFIG` unless `value` is one of `choices`. */
export function checkChoice<const Choice extends string>(
  path: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  if (choices.includes(value as Choice)) return value as Choice;
  throw new Fault("FAULT_CONFIG", { path, value, expected: `one of ${choices.join(", ")}` });
}

/** Throws `FAULT_CONFIG` unless `value` is an array with at least `least` items. */
export function checkArray<Item>(path: string, value: readonly Item[], least = 1): readonly Item[] {
  if (Array.isArray(value) && value.length >= least) return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: `an array of at least ${least}` });
}

/** Throws `FAULT_CONFIG` unless `value` is a function. */
export function checkFunction<Fn>(path: string, value: Fn): Fn {
  if (typeof value === "function") return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: "a function" });
}

/** Throws `FAULT_CONFIG` naming the first method that `value` lacks. */
export function checkMethods<Port extends object>(
  path: string,
  value: Port,
  names: readonly (keyof Port & string)[],
): Port {
  for (const name of names) checkFunction(`${path}.${name}`, value?.[name]);
  return value;
}

/**
 * Throws `FAULT_CONFIG` unless `value` is an object whose keys are all known: a misspelt option is refused
 * by its name, never ignored.
 */
export function checkKeys(path: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Fault("FAULT_CONFIG", { path, value, expected: "an object of options" });
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.${key}`,
      value: (value as Record<string, unknown>)[key],
      expected: `one of the options ${known.join(", ")}`,
    });
  }
}

function range(min: number, max: number): string {
  if (max === Number.MAX_SAFE_INTEGER || max === Number.MAX_VALUE) {
    return min === Number.MIN_SAFE_INTEGER || min === -Number.MAX_VALUE ? "" : ` of at least ${min}`;
  }
  return ` within ${min} and ${max}`;
}
