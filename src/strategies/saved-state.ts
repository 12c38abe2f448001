import { Fault } from "../base/index.ts";

/**
 * Checks a saved strategy: version 1, and an object with exactly these fields.
 *
 * @throws `FAULT_INPUT` naming the strategy and the field.
 */
export function checkSaved(
  path: string,
  saved: { readonly version: number; readonly state: unknown },
  fields: readonly string[],
): Readonly<Record<string, unknown>> {
  if (saved.version !== 1) {
    throw new Fault("FAULT_INPUT", { path: `${path}.load.version`, value: saved.version, expected: "1" });
  }
  const { state } = saved;
  const found = typeof state === "object" && state !== null ? Object.keys(state) : [];
  if (found.length === fields.length && fields.every((field) => found.includes(field))) {
    return state as Readonly<Record<string, unknown>>;
  }
  throw new Fault("FAULT_INPUT", {
    path: `${path}.load.state`,
    value: found,
    expected: `an object with ${fields.length === 0 ? "no fields" : fields.join(", ")}`,
  });
}
