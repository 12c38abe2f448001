import { checkInteger, checkKeys } from "../base/index.ts";
import type { RunResult } from "../run/index.ts";
import { formatCount, formatPercent } from "./figures.ts";
import { keyFigures, runLengthNs } from "./headline.ts";
import { formatDuration, formatInstant, readNanos } from "./instants.ts";
import { visibleText } from "./markup.ts";
import { instrumentNames } from "./masthead.ts";
import { statOf } from "./stat-names.ts";

/** How a summary is laid out. */
export interface SummaryOptions {
  /** The most characters of a line, 40 or more; 100 unless given. */
  readonly width?: number;
}

const GAP = 2;
const LEAST_COLUMN = 16;

/**
 * Writes the key figures of runs as a table in plain text, one column a run; runs that do not fit side by side
 * follow in further tables below. Nothing in a name can move the terminal's cursor.
 *
 * @invariant No line is longer than `width`.
 * @throws `FAULT_CONFIG` on an unknown option or a width below 40.
 * @cost A few dozen lines of text a run.
 * @example
 * ```ts
 * import { renderSummary } from "tickwright/report";
 * renderSummary([]); // => "No runs.\n"
 * ```
 */
export function renderSummary(results: readonly RunResult[], options: SummaryOptions = {}): string {
  checkKeys("summary", options, ["width"]);
  const width = checkInteger("summary.width", options.width ?? 100, 40, 1_000);
  if (results.length === 0) return "No runs.\n";
  const columns = results.map(column);
  const labels = (columns[0] as Column).cells.map(([label]) => label);
  const first = Math.max(...labels.map((label) => label.length));
  const room = width - first - GAP;
  const fits = Math.max(1, Math.floor((room + GAP) / (widest(columns, room) + GAP)));
  const tables: string[] = [];
  for (let from = 0; from < columns.length; from += fits) {
    tables.push(layOut(labels, columns.slice(from, from + fits), first, room));
  }
  return `${tables.join("\n")}`;
}

interface Column {
  readonly cells: readonly (readonly [label: string, value: string])[];
}

function column(result: RunResult): Column {
  const figures = keyFigures(result).map((figure) => [figure.label, figure.value] as const);
  const probability = statOf(result.stats, "probabilisticSharpe");
  const cells = [
    ["Run", result.name] as const,
    ["Data", result.simulated ? "SIMULATED DATA" : "recorded"] as const,
    ["Instruments", instrumentNames(result)] as const,
    ["From", formatInstant(readNanos("fromNs", result.fromNs))] as const,
    ["To", formatInstant(readNanos("toNs", result.toNs))] as const,
    ["Length", formatDuration(runLengthNs(result))] as const,
    ...figures,
    ["P(true Sharpe > 0)", formatPercent(probability, 1)] as const,
    ["Fills", formatCount(result.fills.count)] as const,
    ["Warnings", formatCount(result.warnings.length)] as const,
    ["Run hash", result.runHash.slice(0, 16)] as const,
  ];
  return { cells: cells.map(([label, value]) => [label, plainText(value)] as const) };
}

function widest(columns: readonly Column[], room: number): number {
  // A long name or period may be clipped; figures may not, so they decide how wide a column is.
  const figures = columns.flatMap((one) => one.cells.slice(3).map(([, value]) => value.length));
  return Math.min(room, columns.length === 1 ? room : Math.max(LEAST_COLUMN, ...figures));
}

function layOut(labels: readonly string[], columns: readonly Column[], first: number, room: number): string {
  const each = Math.floor((room + GAP) / columns.length) - GAP;
  const widths = columns.map((one) =>
    Math.min(each, Math.max(...one.cells.map(([, value]) => value.length))),
  );
  const lines = labels.map((label, row) => {
    const values = columns.map((one, i) => {
      const value = clip(one.cells[row]?.[1] ?? "", widths[i] as number);
      return columns.length === 1 ? value : value.padStart(widths[i] as number);
    });
    return `${label.padEnd(first)}${" ".repeat(GAP)}${values.join(" ".repeat(GAP))}`.trimEnd();
  });
  return `${lines.join("\n")}\n`;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function plainText(text: string): string {
  return visibleText(text)
    .replace(/[\t\n]/g, " ")
    .replace(/\u00a0/g, " ");
}
