import { ORDER_EVENTS, ORDER_STATUSES } from "../order/index.ts";
import type { Coverage, CoverageGaps, CoverageShare } from "./coverage.ts";
import { CHANGE_ASKED, CHANGE_LEGAL, changeOf, EVENT_ASKED, EVENT_LEGAL, eventOf } from "./coverage-shape.ts";
import { FAULT_CODE } from "./fault-kinds.ts";

/** What a {@link Coverage} has counted, by name. */
export interface CoverageCounts {
  readonly runs: number;
  readonly shares: readonly CoverageShare[];
  readonly faults: Readonly<
    Record<string, { readonly planned: number; readonly injected: number; readonly detected: number }>
  >;
  readonly crashPoints: Readonly<Record<string, number>>;
  /** Changes of status, as `new -> filled`: all legal ones, and the others that came. */
  readonly changes: Readonly<Record<string, number>>;
  /** Events in a status, as `new + trade`: all legal ones, and the others that came. */
  readonly events: Readonly<Record<string, number>>;
  readonly missing: CoverageGaps;
}

/** The counts of a coverage by name, such as for JSON. */
export function coverageCounts(coverage: Coverage): CoverageCounts {
  const { planned, injected, detected } = coverage;
  const faults = coverage.faults.map((name) => {
    const code = FAULT_CODE[name];
    const counts = {
      planned: planned[code] as number,
      injected: injected[code] as number,
      detected: detected[code] as number,
    };
    return [name, counts] as const;
  });
  return {
    runs: coverage.runs,
    shares: coverage.shares(),
    faults: Object.fromEntries(faults),
    crashPoints: Object.fromEntries(
      coverage.crashPoints.map((name, code) => [name, coverage.crashes[code] as number]),
    ),
    changes: byName(coverage.changes, CHANGE_LEGAL, (cell) => changeOf(cell).join(" -> ")),
    events: byName(coverage.events, EVENT_LEGAL, (cell) => eventOf(cell).join(" + ")),
    missing: coverage.missing(),
  };
}

const LABEL = 20;
const CELL = 7;

/**
 * Three tables for people: crash points; changes of status, from a row to a column; events, a row each, by the status
 * they came in. A dot is legal and never came, a dash is legal and cannot come in a session (`UNREACHABLE`), an empty cell
 * is not legal and never came, `!` was not legal and came.
 */
export function coverageTables(coverage: Coverage): string {
  const lines = ["crash points"];
  for (const [code, name] of coverage.crashPoints.entries()) {
    lines.push(`${String(coverage.crashes[code]).padStart(LABEL)}  ${name}`);
  }
  const short = ORDER_STATUSES.map((name) => name.replace("partially", "part").slice(0, CELL - 1));
  lines.push("", heading("from / to", short));
  for (const [from, name] of ORDER_STATUSES.entries()) {
    const cells = ORDER_STATUSES.map((_, to) => from * ORDER_STATUSES.length + to);
    lines.push(row(name, coverage.changes, CHANGE_LEGAL, CHANGE_ASKED, cells));
  }
  lines.push("", heading("event / status", short));
  for (const [event, name] of ORDER_EVENTS.entries()) {
    const cells = ORDER_STATUSES.map((_, status) => status * ORDER_EVENTS.length + event);
    lines.push(row(name, coverage.events, EVENT_LEGAL, EVENT_ASKED, cells));
  }
  return `${lines.join("\n")}\n`;
}

function heading(label: string, names: readonly string[]): string {
  return label.padEnd(LABEL) + names.map((name) => name.padStart(CELL)).join("");
}

function row(
  name: string,
  counts: Float64Array,
  legal: Readonly<Uint8Array>,
  asked: Readonly<Uint8Array>,
  cells: readonly number[],
): string {
  const texts = cells.map((cell) => {
    const never = asked[cell] === 1 ? "." : legal[cell] === 1 ? "-" : "";
    return cellOf(counts[cell] as number, legal[cell] === 1, never).padStart(CELL);
  });
  return `${name.padEnd(LABEL)}${texts.join("")}`.trimEnd();
}

function cellOf(count: number, isLegal: boolean, never: string): string {
  if (count === 0) return never;
  const text = count < 10_000 ? String(count) : `${Math.floor(count / 1000)}k`;
  return isLegal ? text : `${text}!`;
}

function byName(
  counts: Float64Array,
  legal: Readonly<Uint8Array>,
  name: (cell: number) => string,
): Record<string, number> {
  const named: Record<string, number> = {};
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] as number;
    if (legal[cell] === 1 || count > 0) named[name(cell)] = count;
  }
  return named;
}
