import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";

/** A program that prints one JSON object as its last line of output. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One fresh process: what it printed, and how many cores other processes kept busy meanwhile. */
export interface Shot {
  readonly output: Readonly<Record<string, unknown>>;
  /** Absent where the system has no /proc. */
  readonly foreignCores: number | undefined;
}

/** A median with its least and greatest value. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A shot is taken again, twice at most, where others used more than this share of a core meanwhile. */
const FOREIGN_LIMIT = 0.15;
const TRIES = 3;
const SHOT_LIMIT_MS = 300_000;
const MAX_OUTPUT_BYTES = 1 << 26;
const NANOS_PER_MILLI = 1e6;
const MILLIS_PER_JIFFY = 10;

/** Runs a program once. Throws with its own words where it fails, hangs or prints no JSON. */
export function shoot(program: Program, extra: readonly string[] = []): Shot {
  const before = cpuMillis();
  const started = process.hrtime.bigint();
  const done = spawnSync(program.command, [...program.args, ...extra], {
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: SHOT_LIMIT_MS,
    killSignal: "SIGKILL",
    env: { ...process.env, ...program.env },
  });
  const wallMillis = Number(process.hrtime.bigint() - started) / NANOS_PER_MILLI;
  const after = cpuMillis();
  if (done.error !== undefined) throw new Error(`${program.name}: ${done.error.message}`);
  if (done.status !== 0)
    throw new Error(`${program.name} ended with ${done.status}:\n${done.stderr || done.stdout}`);
  const line = done.stdout.trimEnd().split("\n").at(-1) ?? "";
  let output: Record<string, unknown>;
  try {
    output = JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw new Error(`${program.name} printed no JSON: ${line}`);
  }
  if (before === undefined || after === undefined) return { output, foreignCores: undefined };
  const foreign = after.busy - before.busy - (after.own - before.own);
  return { output, foreignCores: Math.max(0, foreign / wallMillis) };
}

/** Runs every program once a round, in turn, and returns each program's shots by round. */
export function interleave(
  programs: readonly Program[],
  rounds: number,
  note: (text: string) => void,
): Shot[][] {
  const shots = programs.map((): Shot[] => []);
  for (let round = 0; round < rounds; round++) {
    programs.forEach((program, i) => {
      let best = shoot(program);
      for (let tries = 1; tries < TRIES && (best.foreignCores ?? 0) > FOREIGN_LIMIT; tries++) {
        const again = shoot(program);
        if ((again.foreignCores ?? 0) < (best.foreignCores ?? 0)) best = again;
      }
      note(`  round ${round + 1}/${rounds} ${program.name}`);
      (shots[i] as Shot[]).push(best);
    });
  }
  return shots;
}

/** A named number of a shot's output. Throws where it is none. */
export function figure(shot: Shot, key: string): number {
  const value = shot.output[key];
  if (typeof value !== "number")
    throw new Error(`output has no number "${key}": ${JSON.stringify(shot.output)}`);
  return value;
}

/** Median, least and greatest of at least one number. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length - 1 - middle];
  if (upper === undefined || lower === undefined) throw new Error("spread of no numbers");
  return { median: (lower + upper) / 2, min: sorted[0] as number, max: sorted.at(-1) as number };
}

/** What the figures were measured on. */
export function machine(): Record<string, unknown> {
  const list = cpus();
  return {
    cpu: list[0]?.model ?? "unknown",
    cores: list.length,
    platform: `${process.platform}-${process.arch} ${release()}`,
    node: process.version,
  };
}

/** CPU time since boot of the whole machine, and of this process with its ended children. */
function cpuMillis(): { readonly busy: number; readonly own: number } | undefined {
  try {
    const total = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").split(/\s+/).slice(1).map(Number);
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = total;
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const own = fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0);
    return { busy: (user + nice + system + irq + softirq) * MILLIS_PER_JIFFY, own: own * MILLIS_PER_JIFFY };
  } catch {
    return undefined;
  }
}
