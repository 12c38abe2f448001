import type { StressReport } from "../trial/index.ts";
import { visibleText } from "./markup.ts";
import { STRESS_COLUMNS, stressCells, stressFailures, stressRuns } from "./stress-words.ts";

/**
 * Writes what became of a backtest in worse worlds as a table in plain text, a line each, base first. Nothing in a
 * name can move the terminal's cursor.
 */
export function renderStress(report: StressReport): string {
  const head = [`Stress, ${report.currency}`, ...STRESS_COLUMNS];
  const rows = [head, ...stressRuns(report).map((run) => [run.name, ...stressCells(report, run)])];
  const cells = rows.map((row) => row.map(plainText));
  const widths = head.map((_, k) => Math.max(...cells.map((row) => row[k]?.length ?? 0)));
  const lines = cells.map((row) =>
    row.map((text, k) => (k === 0 ? text.padEnd(widths[k] ?? 0) : text.padStart(widths[k] ?? 0))).join("  "),
  );
  return `${[...lines, ...stressFailures(report).map(plainText)].map((line) => line.trimEnd()).join("\n")}\n`;
}

function plainText(text: string): string {
  return visibleText(text)
    .replace(/[\t\n]/g, " ")
    .replace(/\u00a0/g, " ");
}
