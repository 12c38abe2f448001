import { printValue } from "./fault.ts";

/**
 * Our rule said no: a returned value, never thrown. Its `ok` tells it from every success.
 *
 * @invariant `ok` is always `false`; `code` is stable for ever.
 */
export interface Refusal<Code extends string = string> {
  readonly ok: false;
  readonly code: Code;
  /** One sentence for people; may change between versions. */
  readonly message: string;
  /** The field that was refused, such as `priceTicks`. */
  readonly field?: string;
  /** The value that was found there. */
  readonly value?: unknown;
  /** What was expected in its place, or the limit that it broke. */
  readonly expected?: string;
}

/**
 * Makes a refusal that names the field, the value and what was expected.
 *
 * @cost One object and one string; refusals are rare.
 */
export function refuse<Code extends string>(
  code: Code,
  field: string,
  value: unknown,
  expected: string,
): Refusal<Code> {
  const message = `${code} ${field}: found ${printValue(value)}, expected ${expected}`;
  return { ok: false, code, message, field, value, expected };
}

/** Tells a refusal from a success. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && (value as { ok?: unknown }).ok === false;
}
