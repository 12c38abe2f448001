import { existsSync } from "node:fs";
import { join } from "node:path";
import { tileTape } from "../../../src/feed/index.ts";
import { captureTape } from "./capture-tape.ts";
import { figure, interleave, type Program, type Shot, shoot, spread } from "./interleave.ts";
import type { PeerBenchOptions, PeerReport, PeerRow } from "./report.ts";
import { writeRows } from "./rows-file.ts";
import { matchSteps } from "./steps.ts";
import { cargoBinary, DATA, folder, PEERS, PeerMissing, pythonWith, ROOT } from "./workspace.ts";

/** One parameter set of the grid market maker. */
interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether every step must be equal; hftbacktest's own partial fills cannot be (see README). */
  readonly mustMatch: boolean;
}

const QTY_LOTS = 10;
const CAPTURE = "binance-raw/usdm_btcusdt_20240808.gz";
const REQUIREMENTS = ["hftbacktest==2.4.4", "numba", "numpy"];
const DEPTHS = ["hashmap", "roivector"] as const;
const OURS = join(ROOT, "test/bench/backtest-once.ts");

function caseOf(variant: string, queue: string, fill: string): Case {
  const args = ["--variant", variant, "--queue", queue, "--fill", fill, "--qty", String(QTY_LOTS)];
  return { name: `${variant} ${queue} ${fill}`, args, mustMatch: fill === "noPartial" };
}

/** `touch partial` is left out: hftbacktest ends with an error after 15 seconds of tape. */
const CASES: readonly Case[] = [
  caseOf("touch", "riskAverse", "noPartial"),
  caseOf("wide", "riskAverse", "noPartial"),
  caseOf("touch", "power3", "noPartial"),
  caseOf("wide", "power3", "noPartial"),
  caseOf("wide", "power3", "partial"),
];

/**
 * Our backtester against hftbacktest's Rust core and its Python wheel: one rows file, one strategy, fresh
 * processes in turn; then one untimed run each, whose state at every call of the strategy is compared.
 */
export function benchBacktest(options: PeerBenchOptions): PeerReport {
  const rounds = options.rounds ?? (options.quick ? 3 : 5);
  const rowsFile =
    options.rowsFile ?? prepareRows(options.rows ?? (options.quick ? 1_000_000 : 5_000_000), options.note);
  if (rowsFile === undefined) {
    const findings = [`skipped: no capture at ${CAPTURE} (TICKWRIGHT_DATA) and no --rows-file`];
    return { bench: "backtest", rounds: 0, rows: [], findings, foreignCores: 0, failed: false };
  }
  const findings: string[] = [];
  const peers = preparePeers(options, findings);
  const ours = existsSync(OURS) ? nodeProgram() : undefined;
  if (ours === undefined) findings.push("our side is missing (test/bench/backtest-once.ts): peers only");
  const rows: PeerRow[] = [];
  let foreignCores = 0;
  let failed = false;
  const cases = (options.quick ? CASES.slice(0, 1) : CASES).filter(({ name }) => name.includes(options.only));
  for (const one of cases) {
    options.note(one.name);
    const args = ["--rows-file", rowsFile, ...one.args];
    const programs = [...(ours === undefined ? [] : [ours]), ...peers].map((program) =>
      withArgs(program, args),
    );
    const shots = interleave(programs, rounds, options.note);
    foreignCores = Math.max(foreignCores, ...shots.flat().map((shot) => shot.foreignCores ?? 0));
    rows.push(...rowsOf(one.name, programs, shots, ours !== undefined));
    failed = checkEqual(one, programs, ours !== undefined, findings) || failed;
  }
  findings.push(...floatPosition(peers[0], rowsFile));
  return { bench: "backtest", rounds, rows, findings, foreignCores, failed };
}

/** The capture, tiled to at least `rows` rows, as a rows file; undefined where there is no capture. */
function prepareRows(rows: number, note: (text: string) => void): string | undefined {
  const capture = join(DATA, CAPTURE);
  if (!existsSync(capture)) return undefined;
  const tape = captureTape(capture);
  const tiles = Math.ceil(rows / tape.meta.rows);
  const path = join(folder("data"), `usdm-x${tiles}.rows`);
  if (existsSync(path)) return path;
  note(`writing ${tiles} tiles of ${tape.meta.rows} rows`);
  writeRows(tileTape(tape, tiles), path);
  return path;
}

/** Rust first; a peer that cannot be had here is named in the findings. */
function preparePeers(options: PeerBenchOptions, findings: string[]): Program[] {
  const programs: Program[] = [];
  attempt(findings, () => {
    const command = cargoBinary("hftbacktest-rust", options.note);
    for (const depth of DEPTHS) {
      programs.push({ name: `hftbacktest 0.9.4 Rust ${depth}`, command, args: ["--depth", depth] });
    }
  });
  attempt(findings, () => {
    const command = pythonWith(REQUIREMENTS, options.note);
    const script = join(PEERS, "hftbacktest_grid.py");
    for (const depth of options.quick ? DEPTHS.slice(0, 1) : DEPTHS) {
      programs.push({ name: `hftbacktest 2.4.4 Python ${depth}`, command, args: [script, "--depth", depth] });
    }
  });
  return programs;
}

function attempt(findings: string[], prepare: () => void): void {
  try {
    prepare();
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    findings.push(`left out: ${error.message}`);
  }
}

function nodeProgram(): Program {
  return { name: "tickwright", command: process.execPath, args: ["--conditions=tickwright-source", OURS] };
}

function withArgs(program: Program, args: readonly string[]): Program {
  return { ...program, args: [...program.args, ...args] };
}

function rowsOf(
  name: string,
  programs: readonly Program[],
  shots: readonly Shot[][],
  withOurs: boolean,
): PeerRow[] {
  const speeds = shots.map((list) => list.map((shot) => figure(shot, "rowsPerSecond")));
  const ours = withOurs ? speeds[0] : undefined;
  const theirs = withOurs ? speeds.slice(1) : speeds;
  const names = programs.slice(withOurs ? 1 : 0).map((program) => program.name);
  const row = (peer: string, values: readonly number[]): PeerRow => ({
    name,
    ours: ours === undefined ? undefined : spread(ours),
    unit: "rows/s",
    peer,
    peerValue: spread(values),
    ratio:
      ours === undefined ? undefined : spread(values.map((value, round) => (ours[round] as number) / value)),
  });
  if (theirs.length === 0) return [];
  const fastest = (theirs[0] as number[]).map((_, round) =>
    Math.max(...theirs.map((list) => list[round] as number)),
  );
  return [
    ...theirs.map((values, i) => row(names[i] as string, values)),
    row("the fastest of each round", fastest),
  ];
}

/** Compares the step dumps of one untimed run of each program; returns whether a promised equality broke. */
function checkEqual(one: Case, programs: readonly Program[], withOurs: boolean, findings: string[]): boolean {
  const dumps = programs.map((program, i) => {
    const path = join(folder("steps"), `${one.name.replaceAll(" ", "-")}-${i}.steps`);
    const shot = shoot(program, ["--steps", path]);
    return { name: program.name, path, uncounted: shot.output.uncountedLots };
  });
  const [first, ...rest] = dumps;
  if (first === undefined) return false;
  let failed = false;
  for (const other of rest) {
    const match = matchSteps(first.path, other.path);
    const verdict = match.equal
      ? `equal at all ${match.steps} steps`
      : `equal at ${match.equalSteps} of ${match.steps} steps; ${match.difference}; columns that differ: ${match.columns}`;
    findings.push(`${one.name}: ${first.name} and ${other.name} ${verdict}`);
    failed ||= !match.equal && (one.mustMatch || !withOurs);
  }
  for (const { name, uncounted } of dumps) {
    if (typeof uncounted !== "number") continue;
    findings.push(
      `${one.name}: ${name} executed ${uncounted} lots in part that its own position never counted`,
    );
    break;
  }
  return failed;
}

/** hftbacktest with whole lots and with lots of 0.001: its float position passes the limit of ten orders. */
function floatPosition(rust: Program | undefined, rowsFile: string): string[] {
  if (rust === undefined || !rust.name.includes("Rust")) return [];
  const args = ["--rows-file", rowsFile, "--variant", "wide", "--qty", String(QTY_LOTS)];
  const dump = (name: string): string => join(folder("steps"), `float-${name}.steps`);
  const whole = shoot(withArgs(rust, [...args, "--steps", dump("whole")]));
  const scaled = shoot(withArgs(rust, [...args, "--lot-size", "0.001", "--steps", dump("scaled")]));
  const first = firstMiscount(dump("whole"), dump("scaled"));
  return [
    `float position: ${figure(whole, "trades")} trades where a lot is 1, ${figure(scaled, "trades")} where it is 0.001` +
      (first === undefined ? "" : `; ${first}`),
  ];
}

function firstMiscount(wholePath: string, scaledPath: string): string | undefined {
  const match = matchSteps(wholePath, scaledPath, { ignore: ["position", "balance", "volume"] });
  return match.difference === undefined ? undefined : `first other decision after ${match.difference}`;
}
