import { canonicalJson } from "./canonical.ts";
import { Fault } from "./fault.ts";

/**
 * Writes a value that `JSON.parse` brings back as it was: canonical JSON, but without what only one way can go.
 *
 * @throws `FAULT_INPUT` naming the path: what `canonicalJson` refuses, and a bigint, which would come back as a text.
 * @example
 * ```ts
 * import { storedJson } from "tickwright/base";
 * storedJson({ b: [1, null], a: "x" }, "state"); // => '{"a":"x","b":[1,null]}'
 * ```
 */
export function storedJson(value: unknown, path: string): string {
  const text = canonicalJson(value, path);
  const at = findBigint(value, path);
  if (at === undefined) return text;
  const expected = "a JSON value: a bigint as its decimal text";
  throw new Fault("FAULT_INPUT", { path: at.path, value: at.value, expected });
}

/** The first bigint within a value that canonical JSON can say: no cycles, nothing but fields and items. */
function findBigint(
  value: unknown,
  path: string,
): { readonly path: string; readonly value: bigint } | undefined {
  if (typeof value === "bigint") return { path, value };
  if (typeof value !== "object" || value === null) return undefined;
  for (const key of Object.keys(value)) {
    const each: unknown = Reflect.get(value, key);
    if (typeof each !== "bigint" && (typeof each !== "object" || each === null)) continue;
    const found = findBigint(each, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
