import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { walkCsv } from "./bars.ts";
import { figure, interleave, type Program, type Shot, spread } from "./interleave.ts";
import type { PeerBenchOptions, PeerReport, PeerRow } from "./report.ts";
import { PEERS, PeerMissing, pythonWith, ROOT } from "./workspace.ts";

const REQUIREMENTS = ["backtesting==0.6.6", "vectorbt==1.2.0"];
const BARS = 5_000;
/** How many windows each average has. */
const WINDOWS = { whole: [25, 40], quick: [10, 16] } as const;
const FLOOR = 5;

/** Our sweep against the optimisers of backtesting.py and vectorbt: average crosses over random-walk minute bars. */
export function benchSweep(options: PeerBenchOptions): PeerReport {
  const rounds = options.rounds ?? (options.quick ? 3 : 5);
  const [fasts, slows] = WINDOWS[options.quick ? "quick" : "whole"];
  const csv = walkCsv(options.rows ?? BARS);
  const words = ["--csv", csv, "--fast", windows(5, 1, fasts), "--slow", windows(30, 2, slows)];
  const findings = [
    `${fasts * slows} points over ${options.rows ?? BARS} bars, two threads or processes each`,
  ];
  const programs = prepare(options, words, findings);
  const shots = interleave(programs, rounds, options.note);
  const failed = differ(programs, shots, findings);
  const foreignCores = Math.max(0, ...shots.flat().map((shot) => shot.foreignCores ?? 0));
  return { bench: "sweep", rounds, rows: rowsOf(programs, shots), findings, foreignCores, failed };
}

function windows(first: number, step: number, count: number): string {
  return Array.from({ length: count }, (_, i) => first + i * step).join(",");
}

function prepare(options: PeerBenchOptions, words: readonly string[], findings: string[]): Program[] {
  const { status, stderr } = spawnSync("npx", ["tsup"], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`tsup ended with ${status}: ${stderr}`);
  const ours = join(ROOT, "test/bench/cross-sweep-once.ts");
  const programs: Program[] = [
    { name: "tickwright", command: process.execPath, args: [ours, ...words, "--threads", "2"] },
  ];
  try {
    const command = pythonWith(REQUIREMENTS, options.note);
    for (const [engine, name] of [
      ["backtesting", "backtesting.py 0.6.6"],
      ["vectorbt", "vectorbt 1.2.0"],
    ] as const) {
      const args = ["-W", "ignore", join(PEERS, "sweep_peers.py"), "--engine", engine, ...words];
      programs.push({ name, command, args });
    }
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    findings.push(`left out: ${error.message}`);
  }
  return programs;
}

function rowsOf(programs: readonly Program[], shots: readonly Shot[][]): PeerRow[] {
  const speeds = shots.map((list) => list.map((shot) => figure(shot, "pointsPerSecond")));
  const ours = speeds[0] as number[];
  return programs.slice(1).map(({ name }, i) => {
    const theirs = speeds[i + 1] as number[];
    return {
      ...{ name: "average crosses", ours: spread(ours), unit: "points/s", peer: name },
      peerValue: spread(theirs),
      ratio: spread(theirs.map((value, round) => (ours[round] as number) / value)),
      ...(name.startsWith("backtesting") ? { floor: FLOOR } : {}),
    };
  });
}

/** The final equity of every point must be equal to a millionth; returns whether one is not. */
function differ(programs: readonly Program[], shots: readonly Shot[][], findings: string[]): boolean {
  const finals = shots.map((list) => {
    const rows = list[0]?.output.finals as readonly (readonly number[])[];
    return new Map(rows.map(([fast, slow, equity]) => [`${fast}/${slow}`, equity as number]));
  });
  const [ours = new Map<string, number>(), ...others] = finals;
  let failed = false;
  for (const [i, theirs] of others.entries()) {
    const off = [...ours].filter(([point, equity]) => Math.abs((theirs.get(point) ?? NaN) - equity) <= 1e-6);
    const isEqual = off.length === ours.size && theirs.size === ours.size;
    failed ||= !isEqual;
    const word = isEqual
      ? "equal final equity at every point"
      : `only ${off.length} of ${ours.size} points EQUAL`;
    findings.push(`${programs[i + 1]?.name}: ${word}`);
  }
  return failed;
}
