import { spawn } from "node:child_process";
import { PerformanceObserver } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

/** What one run of a variant did. */
export interface Run {
  /** Units of work done: events, orders, rows. */
  readonly units: number;
  /** The time they took, where the variant measured it itself (a child process does); else the caller's clock. */
  readonly elapsedNs?: number;
  /** Collections of garbage, where the variant counted them itself. */
  readonly collections?: number;
}

/** One of the things compared: a function, or a child process through {@link childRun}. */
export interface Variant {
  readonly name: string;
  /** Does the work once and says how much it was. */
  readonly run: () => Run | Promise<Run>;
}

/** What was measured of a variant, one entry a round. */
export interface Measured {
  readonly name: string;
  readonly nsPerUnit: readonly number[];
  readonly collections: readonly number[];
}

/** Median, least and greatest of some figures. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** How often to measure. */
export interface RoundOptions {
  /** At least 5; 7 unless said. */
  readonly rounds?: number;
  /** Whole rounds run before and thrown away; 1 unless said. */
  readonly warmUps?: number;
}

/**
 * Runs every variant once a round, each round starting with another one, so that a slow minute of the machine
 * falls on all of them alike.
 */
export async function interleave(
  variants: readonly Variant[],
  options: RoundOptions = {},
): Promise<Map<string, Measured>> {
  const rounds = options.rounds ?? 7;
  const warmUps = options.warmUps ?? 1;
  if (rounds < 5) throw new Error(`rounds: found ${rounds}, expected at least 5`);
  const times = new Map(variants.map(({ name }) => [name, [] as number[]]));
  const collections = new Map(variants.map(({ name }) => [name, [] as number[]]));
  for (let round = -warmUps; round < rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const variant = variants[(turn + round + warmUps) % variants.length] as Variant;
      const { nsPerUnit, collected } = await once(variant);
      if (round < 0) continue;
      times.get(variant.name)?.push(nsPerUnit);
      collections.get(variant.name)?.push(collected);
    }
  }
  return new Map(
    variants.map(({ name }) => [
      name,
      { name, nsPerUnit: times.get(name) ?? [], collections: collections.get(name) ?? [] },
    ]),
  );
}

/** The spread of a / b, each ratio formed from the two figures of one round. */
export function ratioOf(a: Measured, b: Measured): Spread {
  return spreadOf(a.nsPerUnit.map((ns, round) => ns / (b.nsPerUnit[round] as number)));
}

export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
  return { median, min: sorted[0] as number, max: sorted.at(-1) as number };
}

/** The value below which a share of the figures lies. Sorts a copy. */
export function quantile(figures: Float64Array, share: number): number {
  const sorted = figures.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/**
 * Runs a script of this folder in a fresh process and reads the {@link Run} it prints as JSON on its last
 * line. A script that fails, fails the bench with what it wrote.
 */
export async function childRun(script: URL, args: readonly string[] = []): Promise<Run> {
  return (await childJson(script, args)) as Run;
}

/**
 * Runs a script of this folder in a fresh process and reads what it prints as JSON on its last line. A script that
 * imports the package by its name runs the source, or with `built` what `npm run build` made of it.
 */
export async function childJson(
  script: URL,
  args: readonly string[] = [],
  { built = false }: { readonly built?: boolean } = {},
): Promise<unknown> {
  const file = fileURLToPath(script);
  const flags = [...(built ? [] : ["--conditions=tickwright-source"]), file, ...args];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.on("error", fail);
    child.on("close", done);
  });
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${err || out}`);
  return JSON.parse(out.trim().split("\n").at(-1) ?? "");
}

async function once(variant: Variant): Promise<{ nsPerUnit: number; collected: number }> {
  let collected = 0;
  const observer = new PerformanceObserver((list) => {
    collected += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  await nextTurn();
  collected = 0;
  const start = process.hrtime.bigint();
  const run = await variant.run();
  const elapsed = Number(process.hrtime.bigint() - start);
  await nextTurn();
  observer.disconnect();
  return { nsPerUnit: (run.elapsedNs ?? elapsed) / run.units, collected: run.collections ?? collected };
}

/** Lets the observer's entries arrive: they are queued for the turn after. */
async function nextTurn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((done) => setImmediate(done));
}
