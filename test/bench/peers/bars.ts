import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Prng } from "../../../src/base/index.ts";
import { figure, interleave, type Program, type Shot, spread } from "./interleave.ts";
import type { PeerBenchOptions, PeerReport, PeerRow } from "./report.ts";
import { folder, PEERS, PeerMissing, pythonWith, ROOT } from "./workspace.ts";

const OURS = join(ROOT, "test/bench/bars-once.ts");
const REQUIREMENTS = ["backtesting==0.6.6", "backtrader==1.9.78.123"];
const SIZES = [2_000, 10_000, 100_000];
const QUICK_SIZES = [2_000, 10_000];
const SEED = 20_240_808;
const FAST = 10;
const SLOW = 30;
const FIRST_MINUTE_MS = Date.UTC(2020, 0, 1);
const MINUTE_MS = 60_000;

/** Our backtester against backtesting.py and backtrader: a 10/30 average cross over random-walk minute bars. */
export function benchBars(options: PeerBenchOptions): PeerReport {
  const rounds = options.rounds ?? (options.quick ? 3 : 5);
  const findings: string[] = [];
  const programs = preparePrograms(options, findings);
  const rows: PeerRow[] = [];
  let foreignCores = 0;
  let failed = false;
  const sizes = options.rows === undefined ? (options.quick ? QUICK_SIZES : SIZES) : [options.rows];
  for (const bars of programs.length === 0 ? [] : sizes) {
    const csv = walkCsv(bars);
    const timed = programs.map((program) => ({ ...program, args: [...program.args, "--csv", csv] }));
    options.note(`${bars} bars`);
    const shots = interleave(timed, rounds, options.note);
    foreignCores = Math.max(foreignCores, ...shots.flat().map((shot) => shot.foreignCores ?? 0));
    rows.push(...rowsOf(`sma cross, ${bars} bars`, timed, shots));
    failed = checkResults(bars, timed, shots, findings) || failed;
  }
  return { bench: "bars", rounds, rows, findings, foreignCores, failed };
}

function preparePrograms(options: PeerBenchOptions, findings: string[]): Program[] {
  const programs: Program[] = [];
  if (existsSync(OURS)) {
    programs.push({
      name: "tickwright",
      command: process.execPath,
      args: ["--conditions=tickwright-source", OURS],
    });
  } else {
    findings.push("our side is missing (test/bench/bars-once.ts): peers only");
  }
  try {
    const command = pythonWith(REQUIREMENTS, options.note);
    const script = join(PEERS, "bars_peers.py");
    programs.push({ name: "backtesting.py 0.6.6", command, args: [script, "--engine", "backtesting"] });
    programs.push({ name: "backtrader 1.9.78", command, args: [script, "--engine", "backtrader"] });
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    findings.push(`left out: ${error.message}`);
  }
  return programs;
}

/** A seeded random walk in cents; no two averages are ever equal, so that rounding decides no cross. */
export function walkCsv(bars: number): string {
  const path = join(folder("data"), `walk-${bars}.csv`);
  if (existsSync(path)) return path;
  const prng = new Prng(SEED);
  const closes: number[] = [];
  const lines = ["Date,Open,High,Low,Close,Volume"];
  let last = 10_000;
  for (let i = 0; i < bars; i++) {
    const open = Math.max(100, last + step(prng, 3));
    let close = Math.max(100, open + step(prng, 25));
    closes.push(close);
    if (averagesTie(closes)) closes[i] = ++close;
    const high = Math.max(open, close) + Math.abs(step(prng, 8));
    const low = Math.min(open, close) - Math.abs(step(prng, 8));
    const when = new Date(FIRST_MINUTE_MS + i * MINUTE_MS).toISOString().slice(0, 19).replace("T", " ");
    lines.push(`${when},${[open, high, low, close].map((cents) => (cents / 100).toFixed(2)).join(",")},1000`);
    last = close;
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

function step(prng: Prng, most: number): number {
  return Math.floor(prng.float() * (2 * most + 1)) - most;
}

function averagesTie(closes: readonly number[]): boolean {
  if (closes.length < SLOW) return false;
  const sum = (n: number): number => closes.slice(-n).reduce((total, close) => total + close, 0);
  return sum(FAST) * SLOW === sum(SLOW) * FAST;
}

function rowsOf(name: string, programs: readonly Program[], shots: readonly Shot[][]): PeerRow[] {
  const speeds = shots.map((list) => list.map((shot) => figure(shot, "barsPerSecond")));
  const ours = programs[0]?.name === "tickwright" ? speeds[0] : undefined;
  return programs.flatMap((program, i) => {
    if (program.name === "tickwright") return [];
    const theirs = speeds[i] as number[];
    return [
      {
        name,
        ours: ours === undefined ? undefined : spread(ours),
        unit: "bars/s",
        peer: program.name,
        peerValue: spread(theirs),
        ratio:
          ours === undefined
            ? undefined
            : spread(theirs.map((value, round) => (ours[round] as number) / value)),
      },
    ];
  });
}

/** Trades must be equal, final equity to a millionth; returns whether they are not. */
function checkResults(
  bars: number,
  programs: readonly Program[],
  shots: readonly Shot[][],
  findings: string[],
): boolean {
  const results = programs.map((program, i) => {
    const shot = shots[i]?.[0] as Shot;
    return { name: program.name, trades: figure(shot, "trades"), equity: figure(shot, "finalEquity") };
  });
  const first = results[0];
  if (first === undefined) return false;
  const other = results.filter((r) => r.trades !== first.trades || Math.abs(r.equity - first.equity) > 1e-6);
  const words = results.map((r) => `${r.name} ${r.trades} trades, equity ${r.equity}`).join("; ");
  findings.push(`${bars} bars: results ${other.length === 0 ? "equal" : "DIFFER"} (${words})`);
  return other.length > 0;
}
