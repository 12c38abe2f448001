import { Fault, type FaultDetail } from "./fault.ts";

/** Objects within objects: deeper ones are cycles, or no configuration. */
const DEPTH_MAX = 200;
/** Sorted faster by inserting each; and texts whose units are looked at one by one. */
const FEW_KEYS = 16;
const SHORT_TEXT = 32;

/**
 * Writes a value as canonical JSON: keys sorted by UTF-16 code units, no spaces, numbers as ECMAScript
 * prints them. A bigint is written as a decimal string, an absent field left out. Equal values give equal
 * bytes.
 *
 * @throws `FAULT_INPUT` naming the path: NaN, an infinity, a function, a symbol, a hole in an array, half of
 * a surrogate pair, an object whose content is no fields (Date, Map, typed array), more than 200 levels.
 * @source RFC 8785
 * @example
 * ```ts
 * import { canonicalJson } from "tickwright/base";
 * canonicalJson({ b: 1e21, a: [2n, undefined === null], c: undefined }); // => '{"a":["2",false],"b":1e+21}'
 * ```
 */
export function canonicalJson(value: unknown, path = "$"): string {
  const text = write(value, 0);
  if (text !== undefined) return text;
  throw new Fault("FAULT_INPUT", findFault(value, path, 0) ?? { path, value, expected: "a JSON value" });
}

/** The text of a value; undefined where it has none: paths are made only for those who are told of it. */
function write(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return `"${value}"`;
  if (depth === DEPTH_MAX) return undefined;
  if (Array.isArray(value)) return writeItems(value, depth + 1);
  return isRecord(value) ? writeFields(value, depth + 1) : undefined;
}

function writeItems(items: readonly unknown[], depth: number): string | undefined {
  let text = "[";
  for (let i = 0; i < items.length; i++) {
    const item = write(items[i], depth);
    if (item === undefined) return undefined;
    text += i === 0 ? item : `,${item}`;
  }
  return `${text}]`;
}

function writeFields(fields: Record<string, unknown>, depth: number): string | undefined {
  let text = "";
  const keys = sorted(Object.keys(fields));
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = fields[key];
    if (value === undefined) continue;
    const item = write(value, depth);
    const name = writeText(key);
    if (item === undefined || name === undefined) return undefined;
    text += text === "" ? `${name}:${item}` : `,${name}:${item}`;
  }
  return `{${text}}`;
}

/** Sorts a few keys by UTF-16 code units, as `sort` does. */
function sorted(keys: string[]): string[] {
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let at = i;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}

/** A text in quotes; undefined where it has half of a surrogate pair. Short plain ones need no escapes. */
function writeText(value: string): string | undefined {
  const { length } = value;
  if (length > SHORT_TEXT) return value.isWellFormed() ? JSON.stringify(value) : undefined;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    const isPlain = unit >= 0x20 && unit < 0x7f && unit !== 0x22 && unit !== 0x5c;
    if (!isPlain) return value.isWellFormed() ? JSON.stringify(value) : undefined;
  }
  return `"${value}"`;
}

/** Where a value that can't be written has what can't be, in the order in which it would have been written. */
function findFault(value: unknown, path: string, depth: number): FaultDetail | undefined {
  if (typeof value === "string") {
    return value.isWellFormed() ? undefined : { path, value, expected: "well-formed Unicode" };
  }
  if (value === null || ["boolean", "bigint"].includes(typeof value) || Number.isFinite(value))
    return undefined;
  if (typeof value === "object" && depth === DEPTH_MAX) {
    return { path, value: "a cycle", expected: `at most ${DEPTH_MAX} levels` };
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = findFault(value[i], `${path}[${i}]`, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isRecord(value)) return { path, value, expected: "a JSON value with finite numbers" };
  for (const key of Object.keys(value).sort()) {
    if (value[key] === undefined) continue;
    const found = findFault(key, path, depth + 1) ?? findFault(value[key], `${path}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An object that is all in its fields; a Date or a Map is not. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return (
    Object.getPrototypeOf(value) === Object.prototype ||
    Object.prototype.toString.call(value) === "[object Object]"
  );
}
