import { Fault } from "../base/index.ts";

/**
 * Finds the wanted columns in a header line: field numbers by key. Names are compared without the spaces around
 * them.
 *
 * @throws `FAULT_INPUT` naming the file: a column that is not there, or is there twice.
 */
export function findHeader(
  name: string,
  fields: readonly string[],
  wanted: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, number> {
  const names = fields.map((field) => field.trim());
  const found = new Map<string, number>();
  for (const [key, column] of Object.entries(wanted)) {
    if (column === undefined) continue;
    const at = names.indexOf(column);
    if (at < 0 || names.indexOf(column, at + 1) >= 0) {
      const expected = at < 0 ? `a column ${column}` : `one column ${column}`;
      throw new Fault("FAULT_INPUT", { path: `${name}:1`, value: names.join(","), expected });
    }
    found.set(key, at);
  }
  return found;
}
