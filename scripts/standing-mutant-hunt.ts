import { type ChildProcess, fork } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { ROOT } from "./rooms.ts";
import type { StandingMutant } from "./standing-mutants-list.ts";

/** How seeds are run: the gate of the simulation runs them in the same way. */
export const HUNT = { seconds: 30, rest: 20, force: 0.5, seedsMax: 500 } as const;

/** Which seed found a mutant. */
export interface Found {
  readonly seed: number;
  readonly oracle: string;
  /** Seeds that were run for it. */
  readonly runs: number;
  readonly seconds: number;
}

/**
 * The source with a mutant in it.
 *
 * @throws where the old text is not there exactly once: the code has changed, and the mutant has to
 */
export function mutated({ name, file, old, new: text }: StandingMutant, source: string): string {
  const places = old === "" ? 0 : source.split(old).length - 1;
  if (places !== 1)
    throw new Error(`${name}: the text to replace stands ${places} times in ${file}, not once`);
  if (old === text) throw new Error(`${name}: replaces a text by itself`);
  return source.replace(old, () => text);
}

/** Copies of the source, one process each, and what the unchanged source makes of a seed. */
export class MutantHunt {
  readonly #folder = mkdtempSync(join(tmpdir(), "tickwright-mutants-"));
  readonly #children = new Set<ChildProcess>();
  readonly #sane = new Map<number, Promise<readonly string[]>>();
  #original?: ChildProcess;
  #last: Promise<unknown> = Promise.resolve();

  /** Copies the source as it is now: whoever changes it later changes no hunt. */
  constructor() {
    cpSync(join(ROOT, "src"), join(this.#folder, "src"), { recursive: true });
  }

  /**
   * Runs seeds under a mutant until one breaks a rule of the mutant's that it does not break without it.
   *
   * @param seeds - in their order; each is run once
   */
  async find(
    mutant: StandingMutant,
    seeds: readonly (readonly [from: number, to: number])[],
  ): Promise<Found | undefined> {
    const from = performance.now();
    const child = await this.#start(this.#treeOf(mutant));
    let runs = 0;
    try {
      for (const [first, last] of seeds) {
        for (let seed = first; seed <= last; ) {
          const told = await runSeeds(child, seed, last);
          runs += told.runs;
          if (told.oracles.length === 0) break;
          const own = mutant.oracles.filter((each) => told.oracles.includes(each));
          const sane = own.length === 0 ? [] : await this.#saneOf(told.seed);
          const oracle = own.find((each) => !sane.includes(each));
          const seconds = (performance.now() - from) / 1000;
          if (oracle !== undefined) return { seed: told.seed, oracle, runs, seconds };
          seed = told.seed + 1;
        }
      }
      return undefined;
    } finally {
      this.#end(child);
    }
  }

  /** Ends all processes and takes the copies away. */
  close(): void {
    for (const child of this.#children) child.kill();
    this.#children.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Which rules a seed breaks without any mutant; one seed after another, since there is one process for it. */
  #saneOf(seed: number): Promise<readonly string[]> {
    const known = this.#sane.get(seed);
    if (known !== undefined) return known;
    const told = this.#last.then(async () => {
      this.#original ??= await this.#start(this.#copy("original"));
      return (await runSeeds(this.#original, seed, seed)).oracles;
    });
    this.#sane.set(seed, told);
    this.#last = told;
    return told;
  }

  #treeOf(mutant: StandingMutant): string {
    const text = mutated(mutant, readFileSync(join(this.#folder, mutant.file), "utf8"));
    const tree = this.#copy(mutant.name);
    writeFileSync(join(tree, mutant.file), text);
    return tree;
  }

  #copy(name: string): string {
    const tree = join(this.#folder, name);
    mkdirSync(join(tree, "scripts"), { recursive: true });
    cpSync(join(this.#folder, "src"), join(tree, "src"), { recursive: true });
    const runner = "scripts/standing-mutant-runner.ts";
    for (const file of ["package.json", runner]) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      cpSync(join(ROOT, file), join(tree, file));
    }
    symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
    return tree;
  }

  #start(tree: string): Promise<ChildProcess> {
    const runner = join(tree, "scripts/standing-mutant-runner.ts");
    const child = fork(runner, [], { execArgv: ["--conditions=tickwright-source"], stdio: "inherit" });
    this.#children.add(child);
    return new Promise((resolve, reject) => {
      child.once("message", () => resolve(child));
      child.once("exit", (code) => reject(new Error(`${tree}: the runner ended with ${code}`)));
    });
  }

  #end(child: ChildProcess): void {
    child.kill();
    this.#children.delete(child);
  }
}

interface Told {
  readonly seed: number;
  readonly oracles: readonly string[];
  readonly runs: number;
}

/** Runs seeds until one breaks a rule; `oracles` is empty where none does. */
function runSeeds(child: ChildProcess, from: number, to: number): Promise<Told> {
  return new Promise((resolve, reject) => {
    let told: Told = { seed: to, oracles: [], runs: 0 };
    const ended = (): void => reject(new Error(`the runner ended between the seeds ${from} and ${to}`));
    const heard = (message: {
      readonly done?: true;
      readonly seed: number;
      readonly oracles: string[];
    }): void => {
      if (message.done !== true) {
        told = { seed: message.seed, oracles: message.oracles, runs: told.runs + 1 };
        return;
      }
      child.off("message", heard);
      child.off("exit", ended);
      resolve(told);
    };
    child.on("message", heard);
    child.once("exit", ended);
    child.send({ from, to, ...HUNT });
  });
}
