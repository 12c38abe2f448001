import { machine, type Spread } from "./interleave.ts";

/** What a bench is asked for. */
export interface PeerBenchOptions {
  readonly quick: boolean;
  readonly rounds: number | undefined;
  readonly rows: number | undefined;
  readonly rowsFile: string | undefined;
  readonly only: string;
  /** Takes progress, line by line. */
  readonly note: (text: string) => void;
}

/** Ours beside one peer, in one case. */
export interface PeerRow {
  readonly name: string;
  /** Absent where our side has not been measured. */
  readonly ours: Spread | undefined;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: Spread;
  /** Ours over theirs, formed inside each round. */
  readonly ratio: Spread | undefined;
  /** Rounds that count, where some may not. */
  readonly counted?: number;
  /** What the ratio must reach, and what it is meant to: at least, or at most where less is better. */
  readonly floor?: number;
  readonly aim?: number;
}

/** What a bench found. */
export interface PeerReport {
  readonly bench: string;
  readonly rounds: number;
  readonly rows: readonly PeerRow[];
  /** Findings in words: equality of results, what was left out and why. */
  readonly findings: readonly string[];
  /** The most cores other processes kept busy during a shot that counts. */
  readonly foreignCores: number;
  /** Whether a promised equality did not hold. */
  readonly failed: boolean;
}

/** A bench against peers. */
export type PeerBench = (options: PeerBenchOptions) => PeerReport;

/** Prints a report: a table, or one JSON object. */
export function writeReport(report: PeerReport, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(toJson(report))}\n` : toText(report));
}

function toJson(report: PeerReport): Record<string, unknown> {
  return {
    bench: report.bench,
    machine: { ...machine(), foreignCores: Number(report.foreignCores.toFixed(2)) },
    rounds: report.rounds,
    rows: report.rows.map((row) => ({
      name: row.name,
      ...(row.ours === undefined
        ? {}
        : { ours: row.ours.median, oursMin: row.ours.min, oursMax: row.ours.max }),
      unit: row.unit,
      peer: row.peer,
      peerValue: row.peerValue.median,
      peerMin: row.peerValue.min,
      peerMax: row.peerValue.max,
      ...(row.ratio === undefined
        ? {}
        : { ratio: row.ratio.median, ratioMin: row.ratio.min, ratioMax: row.ratio.max }),
      ...(row.counted === undefined ? {} : { counted: row.counted }),
      ...(row.floor === undefined ? {} : { floor: row.floor }),
      ...(row.aim === undefined ? {} : { aim: row.aim }),
    })),
    findings: report.findings,
  };
}

function toText(report: PeerReport): string {
  const widths = [36, 47, 12, 12, 22, 24];
  const lines = [
    `${report.bench}, ${report.rounds} rounds, others used at most ${report.foreignCores.toFixed(2)} cores`,
    columns(["case", "peer", "theirs", "ours", "ours / theirs", "", ""], widths).trimEnd(),
    ...report.rows.map((row) =>
      columns(
        [
          ...[row.name, row.peer, short(row, row.peerValue), short(row, row.ours)],
          ...[ratio(row.ratio), bounds(row), counted(row, report.rounds)],
        ],
        widths,
      ).trimEnd(),
    ),
    ...report.findings.map((finding) => `- ${finding}`),
  ];
  return `${lines.join("\n")}\n`;
}

function columns(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" ");
}

function short({ unit }: PeerRow, spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  if (unit === "ns") return `${spread.median.toFixed(0)} ns`;
  if (spread.median >= 1e6) return `${(spread.median / 1e6).toFixed(2)} M/s`;
  if (spread.median < 1e3) return `${spread.median.toFixed(0)} /s`;
  return `${(spread.median / 1e3).toFixed(1)} k/s`;
}

function bounds({ unit, floor, aim }: PeerRow): string {
  if (floor === undefined) return "";
  const sign = unit === "ns" ? "at most" : "at least";
  return aim === undefined ? `${sign} ${floor}` : `${sign} ${floor}, aim ${aim}`;
}

/** How many rounds a figure rests on, where it is not all. */
function counted({ counted }: PeerRow, rounds: number): string {
  if (counted === undefined || counted === rounds) return "";
  return counted === 0 ? "no round counted" : `${counted} rounds`;
}

function ratio(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  return `${spread.median.toFixed(2)} [${spread.min.toFixed(2)} .. ${spread.max.toFixed(2)}]`;
}
