import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkKeys,
  checkNumber,
  checkPositive,
  Fault,
} from "../base/index.ts";

/** What a parameter may be. */
export type ParamValue = number | string | boolean;

/** The parameters of one point. */
export type Params = Readonly<Record<string, ParamValue>>;

/** Numbers from `from` to `to`, both included: by steps, or, without a step, any of them. */
export interface ParamRange {
  readonly from: number;
  readonly to: number;
  /** The distance of neighbours; absent where any number between will do. */
  readonly step?: number;
  /** `log` draws as many from 1 to 10 as from 10 to 100; for ranges without a step, above 0. */
  readonly scale?: "linear" | "log";
  /** Whole numbers only, of a range without a step. */
  readonly integer?: boolean;
}

/** What to look through: for each parameter its values, or a range. */
export type SearchSpace = Readonly<Record<string, readonly ParamValue[] | ParamRange>>;

/** One parameter of a space. */
export interface Axis {
  readonly name: string;
  /** How many values it has; Infinity where any number between will do. */
  readonly size: number;
  /** The value at a place below `size`. */
  at(place: number): ParamValue;
  /** The value for a share of the range. @units 0 <= share < 1 */
  pick(share: number): ParamValue;
  /** Where a value lies between the first, 0, and the last, 1. */
  shareOf(value: ParamValue): number;
}

/**
 * The axes of a space, in the order of its parameters.
 *
 * @throws `FAULT_CONFIG` naming the parameter, what was found and what was expected.
 */
export function axesOf(space: SearchSpace): readonly Axis[] {
  if (typeof space !== "object" || space === null || Object.keys(space).length === 0) {
    throw new Fault("FAULT_CONFIG", { path: "space", value: space, expected: "a parameter at least" });
  }
  return Object.entries(space).map(([name, values]) =>
    isList(values) ? listed(name, values) : ranged(name, values),
  );
}

function isList(values: readonly ParamValue[] | ParamRange): values is readonly ParamValue[] {
  return Array.isArray(values);
}

function listed(name: string, given: readonly ParamValue[]): Axis {
  const path = `space.${name}`;
  const values = [...checkArray(path, given)];
  for (const [i, value] of values.entries()) {
    const isValue = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    if (!isValue || values.indexOf(value) !== i) {
      const expected = "a number, a text, true or false that is there once";
      throw new Fault("FAULT_CONFIG", { path: `${path}[${i}]`, value, expected });
    }
  }
  const last = Math.max(1, values.length - 1);
  return {
    name,
    size: values.length,
    at: (place) => values[place] as ParamValue,
    pick: (share) => values[Math.floor(share * values.length)] as ParamValue,
    shareOf: (value) => values.indexOf(value) / last,
  };
}

function ranged(name: string, range: ParamRange): Axis {
  const path = `space.${name}`;
  checkKeys(path, range, ["from", "to", "step", "scale", "integer"]);
  const from = checkNumber(`${path}.from`, range.from);
  const to = checkNumber(`${path}.to`, range.to, from);
  const isLog = checkChoice(`${path}.scale`, range.scale ?? "linear", ["linear", "log"]) === "log";
  const isWhole = checkBoolean(`${path}.integer`, range.integer ?? false);
  if (range.step !== undefined) {
    if (isLog || isWhole) {
      const expected = "no step with a scale or whole numbers";
      throw new Fault("FAULT_CONFIG", { path: `${path}.step`, value: range.step, expected });
    }
    return stepped(name, from, to, checkPositive(`${path}.step`, range.step));
  }
  if (isLog) checkPositive(`${path}.from`, from);
  if (isWhole && Math.ceil(from) > Math.floor(to)) {
    const expected = `a whole number from ${from} on`;
    throw new Fault("FAULT_CONFIG", { path: `${path}.to`, value: to, expected });
  }
  return isWhole ? whole(name, Math.ceil(from), Math.floor(to), isLog) : free(name, from, to, isLog);
}

function stepped(name: string, from: number, to: number, step: number): Axis {
  // A last place that misses `to` by the width of a double's rounding is meant.
  const size = Math.floor((to - from) / step + 1e-9) + 1;
  const at = (place: number): number => tidy(from + place * step);
  return {
    name,
    size,
    at,
    pick: (share) => at(Math.floor(share * size)),
    shareOf: (value) => ((value as number) - from) / (step * Math.max(1, size - 1)),
  };
}

function whole(name: string, from: number, to: number, isLog: boolean): Axis {
  const width = isLog ? Math.log((to + 1) / from) : to - from + 1;
  const low = Math.log(from);
  return {
    name,
    size: to - from + 1,
    at: (place) => from + place,
    pick: (share) =>
      isLog
        ? Math.min(to, Math.floor(from * Math.exp(share * width)))
        : Math.min(to, from + Math.floor(share * width)),
    shareOf: (value) =>
      isLog
        ? (Math.log(value as number) - low) / Math.max(1e-9, Math.log(to / from))
        : ((value as number) - from) / Math.max(1, to - from),
  };
}

function free(name: string, from: number, to: number, isLog: boolean): Axis {
  const width = isLog ? Math.log(to / from) : to - from;
  return {
    name,
    size: to > from ? Number.POSITIVE_INFINITY : 1,
    at: () => from,
    pick: (share) => tidy(isLog ? from * Math.exp(share * width) : from + share * width),
    shareOf: (value) =>
      width === 0 ? 0 : (isLog ? Math.log((value as number) / from) : (value as number) - from) / width,
  };
}

/** A number without the dust that steps of 0.1 leave: as people would write it. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
