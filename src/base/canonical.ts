import { Fault } from "./fault.ts";

/**
 * Writes a value as canonical JSON: keys sorted by UTF-16 code units, no spaces, numbers as ECMAScript
 * prints them. A bigint is written as a decimal string, an absent field left out. Equal values give equal
 * bytes.
 *
 * @throws `FAULT_INPUT` on NaN, an infinity, a function or a symbol, naming the path.
 * @source RFC 8785
 */
export function canonicalJson(value: unknown, path = "$"): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return JSON.stringify(value.toString());
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item, i) => canonicalJson(item, `${path}[${i}]`)).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const record = value as Record<string, unknown>;
    const fields = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key], `${path}.${key}`)}`);
    return `{${fields.join(",")}}`;
  }
  throw new Fault("FAULT_INPUT", { path, value, expected: "a JSON value with finite numbers" });
}
