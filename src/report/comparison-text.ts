import { Fault } from "../base/index.ts";
import type { RunComparison } from "./comparison.ts";

const HEAD = ["section", "figure", "unit", "run", "against", "value", "low", "high", "best"];

/**
 * Writes a comparison as CSV with one figure of one run a line: `run` and `against` are labels, `against` only where
 * `value` is the run's less that one's. Differences of manifests have their JSON as value. Lines end with LF.
 *
 * @throws `FAULT_INPUT` when it is no `tickwright.comparison/1`
 */
export function comparisonCsv(comparison: RunComparison): string {
  checkComparison(comparison);
  const { runs, figures, differences, manifest, notices } = comparison;
  const label = (run: number): string => runs[run]?.label ?? "";
  const lines: (string | number | null)[][] = notices.map(({ kind, text }) => [
    "notices",
    kind,
    null,
    null,
    null,
    text,
  ]);
  for (const { group, key, unit, values, best } of figures)
    for (const [run, value] of values.entries())
      lines.push([group, key, unit, label(run), null, value, null, null, best.includes(run) ? "best" : null]);
  for (const { first, second, returns, sharpe, correlation } of differences?.pairs ?? []) {
    const pair = [label(second), label(first)];
    const { difference, low, high } = returns;
    lines.push(["differences", "returns", "ratio", ...pair, difference, low, high]);
    if (sharpe !== null)
      lines.push(["differences", "sharpe", "ratio", ...pair, sharpe.difference, sharpe.low, sharpe.high]);
    lines.push(["differences", "correlation", "ratio", ...pair, correlation]);
  }
  for (const { path, values } of manifest)
    for (const [run, value] of values.entries())
      lines.push(["manifest", path, null, label(run), null, value]);
  return `${[HEAD, ...lines].map((cells) => HEAD.map((_, i) => cellOf(cells[i] ?? null)).join(",")).join("\n")}\n`;
}

/** A cell of CSV; a text that a spreadsheet would read as a formula is a text there. */
function cellOf(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Throws `FAULT_INPUT` unless it is a comparison. */
export function checkComparison(comparison: RunComparison): void {
  if (comparison?.schema === "tickwright.comparison/1") return;
  const value: unknown = comparison?.schema;
  throw new Fault("FAULT_INPUT", { path: "comparison.schema", value, expected: "tickwright.comparison/1" });
}
