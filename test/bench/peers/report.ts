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
    })),
    findings: report.findings,
  };
}

function toText(report: PeerReport): string {
  const widths = [36, 34, 12, 12];
  const lines = [
    `${report.bench}, ${report.rounds} rounds, others used at most ${report.foreignCores.toFixed(2)} cores`,
    columns(["case", "peer", "theirs", "ours", "ours / theirs"], widths),
    ...report.rows.map((row) =>
      columns([row.name, row.peer, short(row.peerValue), short(row.ours), ratio(row.ratio)], widths),
    ),
    ...report.findings.map((finding) => `- ${finding}`),
  ];
  return `${lines.join("\n")}\n`;
}

function columns(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" ");
}

function short(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  if (spread.median >= 1e6) return `${(spread.median / 1e6).toFixed(2)} M/s`;
  return `${(spread.median / 1e3).toFixed(1)} k/s`;
}

function ratio(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  return `${spread.median.toFixed(2)} [${spread.min.toFixed(2)} .. ${spread.max.toFixed(2)}]`;
}
