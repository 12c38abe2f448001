import { MAX_TICKS } from "../model/index.ts";
import { minorOf } from "./options.ts";
import type { ReconRefusalCode } from "./refusals.ts";

/** What is wrong with a row, before it becomes a refusal (the venue's) or a fault (ours). */
export interface RowFault {
  readonly code: ReconRefusalCode;
  readonly path: string;
  readonly value: unknown;
  readonly expected: string;
}

/** Tells what is wrong with a value; undefined where nothing is. */
export type Rule = (path: string, value: unknown) => RowFault | undefined;

/** The fields of a row: a rule for each, and which of them may be left out. */
export interface RowShape {
  readonly required: Readonly<Record<string, Rule>>;
  readonly optional: Readonly<Record<string, Rule>>;
}

const TEXT_MAX = 256;

/** A rule that a test decides. */
function rule(expected: string, holds: (value: unknown) => boolean): Rule {
  return (path, value) =>
    holds(value) ? undefined : { code: "RECON_FIELD_MALFORMED", path, value, expected };
}

function whole(min: number, expected: string): Rule {
  return rule(expected, (value) => Number.isSafeInteger(value) && (value as number) >= min);
}

function oneOf(words: readonly string[]): Rule {
  return rule(`one of ${words.join(", ")}`, (value) => words.includes(value as string));
}

/** The rules that the fields of rows are made of. */
export const RULE = {
  text: rule(
    `a text of 1 to ${TEXT_MAX} characters`,
    (value) => typeof value === "string" && value.length >= 1 && value.length <= TEXT_MAX,
  ),
  ns: whole(Number.MIN_SAFE_INTEGER, "a whole number of ns from the session's base"),
  seq: whole(1, "a whole number of at least 1"),
  ticks: rule(
    `a whole number of ticks within ${MAX_TICKS}`,
    (value) => Number.isSafeInteger(value) && Math.abs(value as number) <= MAX_TICKS,
  ),
  lots: whole(1, "a whole number of lots above 0"),
  cumLots: whole(0, "a whole number of lots of at least 0"),
  signedLots: whole(Number.MIN_SAFE_INTEGER, "a whole number of lots"),
  flag: rule("true or false", (value) => typeof value === "boolean"),
  side: oneOf(["buy", "sell"]),
  localState: oneOf(["pendingNew", "open", "filled", "canceled", "rejected", "expired"]),
  venueState: oneOf(["open", "filled", "canceled", "rejected", "expired"]),
  requestKind: oneOf(["new", "cancel", "replace"]),
  minor: rule("minor units as a bigint or its decimal text", (value) => minorOf(value) !== undefined),
} as const;

/**
 * A rule for a row of a shape. Places are named only where something is wrong: most rows are sound, and `isSoundAtOnce`
 * may know it sooner.
 */
export function row<Row extends object>(shape: RowShape, isSoundAtOnce?: (row: Row) => boolean): Rule {
  const rules = new Map(Object.entries({ ...shape.optional, ...shape.required }));
  const required = Object.keys(shape.required);
  const isSound = (value: unknown): boolean => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    if (isSoundAtOnce?.(value as Row) === true) return true;
    const fields = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(fields)) {
      const check = rules.get(name);
      if (check === undefined || check("", fields[name]) !== undefined) return false;
    }
    return required.every((name) => fields[name] !== undefined);
  };
  return (path, value) => (isSound(value) ? undefined : checkRow(path, value, shape));
}

/** A rule for a list of at most `most` items, each under a rule. */
export function list(item: Rule, least: number, most: number): Rule {
  return (path, value) => {
    if (!Array.isArray(value) || value.length < least) {
      return { code: "RECON_FIELD_MALFORMED", path, value, expected: `an array of at least ${least}` };
    }
    if (value.length > most) {
      return { code: "RECON_ROWS_EXCEEDED", path, value: value.length, expected: `at most ${most} rows` };
    }
    for (let i = 0; i < value.length; i++) {
      if (item("", value[i]) !== undefined) return item(`${path}[${i}]`, value[i]);
    }
    return undefined;
  };
}

/** Checks a row: known fields only, every required one, each a value that can be. */
export function checkRow(path: string, value: unknown, shape: RowShape): RowFault | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { code: "RECON_FIELD_MALFORMED", path, value, expected: "an object" };
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields)) {
    if (Object.hasOwn(shape.required, name) || Object.hasOwn(shape.optional, name)) continue;
    const known = [...Object.keys(shape.required), ...Object.keys(shape.optional)].join(", ");
    const expected = `one of the fields ${known}`;
    return { code: "RECON_FIELD_UNKNOWN", path: `${path}.${name}`, value: fields[name], expected };
  }
  for (const [name, check] of Object.entries(shape.required)) {
    const fault = check(`${path}.${name}`, fields[name]);
    if (fault !== undefined) return fault;
  }
  for (const [name, check] of Object.entries(shape.optional)) {
    if (fields[name] === undefined) continue;
    const fault = check(`${path}.${name}`, fields[name]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
