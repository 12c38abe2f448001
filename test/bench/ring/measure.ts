import { join } from "node:path";
import { figure, type Program, type Shot, type Spread, shoot, spread } from "../peers/interleave.ts";
import { folder, gccBinary, PeerMissing, ROOT } from "../peers/workspace.ts";
import { CORES_MIN } from "./work.ts";

/** Shots of a program in a round, until its threads had two cores. */
const TRIES = 6;

/** What all rounds measured, by the name of the program. */
export class Rounds {
  readonly #shots = new Map<string, Shot[]>();
  /** Shots that were taken again because their threads shared a core, and those that never had two. */
  repeated = 0;
  shared = 0;
  foreignCores = 0;

  /** Every program once a round, each beginning with another one; a shot on one core again, five times at most. */
  constructor(programs: readonly Program[], rounds: number, note: (text: string) => void) {
    for (const { name } of programs) this.#shots.set(name, []);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < programs.length; turn++) {
        const program = programs[(turn + round) % programs.length] as Program;
        const shot = this.#shoot(program);
        this.foreignCores = Math.max(this.foreignCores, shot.foreignCores ?? 0);
        this.#shots.get(program.name)?.push(shot);
        note(`  round ${round + 1}/${rounds} ${program.name}`);
      }
    }
  }

  has(name: string): boolean {
    return (this.#shots.get(name)?.length ?? 0) > 0;
  }

  /** Rounds of a program whose threads never had 1.7 cores, as text; nothing where there are none. */
  sharedOf(name: string): string | undefined {
    const shots = this.#shots.get(name) ?? [];
    const count = shots.filter((shot) => !isApart(shot)).length;
    return count === 0 ? undefined : `${name}: ${count} of ${shots.length}`;
  }

  /** The names in the order they were given. */
  names(): string[] {
    return [...this.#shots.keys()];
  }

  /** The spread of one figure of a program. */
  of(name: string, what: What): Spread {
    return spread(this.#shotsOf(name).map((shot) => read(shot, what)));
  }

  /**
   * Two programs' figures and the ratios of each round, the first by the second. Rounds in which one of them never had
   * its cores are left out where there are others.
   */
  pair(first: string, second: string, what: What): Pair {
    const pairs = this.#shotsOf(first).map(
      (shot, round) => [shot, this.#shotsOf(second)[round] as Shot] as const,
    );
    const apart = pairs.filter((pair) => pair.every(isApart));
    const used = (apart.length > 0 ? apart : pairs).map(([a, b]) => [read(a, what), read(b, what)] as const);
    return {
      ours: spread(used.map(([a]) => a)),
      theirs: spread(used.map(([, b]) => b)),
      ratio: spread(used.map(([a, b]) => a / b)),
      rounds: apart.length,
    };
  }

  #shotsOf(name: string): readonly Shot[] {
    const shots = this.#shots.get(name);
    if (shots === undefined || shots.length === 0) throw new Error(`nothing was measured of ${name}`);
    return shots;
  }

  #shoot(program: Program): Shot {
    let best = shoot(program);
    for (let tries = 1; tries < TRIES && !isApart(best); tries++) {
      this.repeated++;
      const again = shoot(program);
      if (coresOf(again) > coresOf(best)) best = again;
    }
    if (!isApart(best)) this.shared++;
    return best;
  }
}

/** Two programs' figures, the ratios, and the rounds in which both had their cores: where it is 0, all count. */
export interface Pair {
  readonly ours: Spread;
  readonly theirs: Spread;
  readonly ratio: Spread;
  readonly rounds: number;
}

/** A figure of a shot: millions a second, or a quantile in nanoseconds. */
export type What = "rate" | "p50Ns" | "p99Ns" | "p999Ns";

function read(shot: Shot, what: What): number {
  return what === "rate" ? (1000 * figure(shot, "units")) / figure(shot, "elapsedNs") : figure(shot, what);
}

/** Those that do not spin say nothing of cores. */
function coresOf({ output: { cores } }: Shot): number {
  return typeof cores === "number" ? cores : 2;
}

function isApart(shot: Shot): boolean {
  return coresOf(shot) >= CORES_MIN;
}

/** Our side: `ring-once.ts` with its arguments. */
export function ourProgram(name: string, ...args: readonly string[]): Program {
  const file = join(ROOT, "test/bench/ring-once.ts");
  return { name, command: process.execPath, args: ["--conditions=tickwright-source", file, ...args] };
}

/** The ring of C++, compiled with g++; a sentence where there is none. */
export function cppPrograms(
  note: (text: string) => void,
  variants: Readonly<Record<string, readonly string[]>>,
): Program[] | string {
  try {
    const command = gccBinary(join(ROOT, "test/bench/alternatives/ring.cpp"), folder("cpp"), note);
    return Object.entries(variants).map(([name, args]) => ({ name, command, args }));
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    return `left out, the ring of C++: ${error.message}`;
  }
}
