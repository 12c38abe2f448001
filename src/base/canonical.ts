import { Fault } from "./fault.ts";

/** Objects within objects: deeper ones are cycles, or no configuration. */
const DEPTH_MAX = 200;

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
  return write(value, path, 0);
}

function write(value: unknown, path: string, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return writeText(value, path);
  if (typeof value === "bigint") return `"${value}"`;
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (depth === DEPTH_MAX) {
    throw new Fault("FAULT_INPUT", { path, value: "a cycle", expected: `at most ${DEPTH_MAX} levels` });
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, i) => write(item, `${path}[${i}]`, depth + 1)).join(",")}]`;
  }
  if (isRecord(value)) {
    const fields = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${writeText(key, path)}:${write(value[key], `${path}.${key}`, depth + 1)}`);
    return `{${fields.join(",")}}`;
  }
  throw new Fault("FAULT_INPUT", { path, value, expected: "a JSON value with finite numbers" });
}

function writeText(text: string, path: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new Fault("FAULT_INPUT", { path, value: text, expected: "well-formed Unicode" });
}

/** An object that is all in its fields; a Date or a Map is not. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}
