import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Fault } from "../base/index.ts";
import {
  Coverage,
  decodePlan,
  encodePlan,
  type FaultName,
  type FaultPlan,
  newCoverage,
  planOfSeed,
  type SeedResult,
  shrinkSeed,
  simulateSeed,
} from "../torture/index.ts";
import { readParams } from "./load-strategy.ts";
import { ProgressBar } from "./progress-bar.ts";
import { commandOf, optionsOf, reportOf, type SeedMessage, type SimulateOrder } from "./simulate-order.ts";
import { SimulateThreads } from "./simulate-threads.ts";
import {
  type FailedSeed,
  failureText,
  findingsJson,
  findingsText,
  replayText,
  type SimulateFindings,
  type SmallPlan,
  shrunkText,
} from "./simulate-words.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

const SHRINK_RUNS = 400;

const HELP = `tickwright simulate [--strategy FILE] [options]

  Runs the engine in virtual time against venues, networks, disks and clocks that break, seed after seed,
  and tells which rule broke.

  --strategy FILE    a module whose default export is a class, or a function of the parameters; without it, a
                     strategy that trades at random. Instruments are S0 on V0, S1 on V1 and so on;
                     they have books and trades, no bars
  --param NAME=VALUE a parameter for it; give it again for more
  --seeds N          how many; 200 unless given
  --from N           the first; 1 unless given
  --seconds S        virtual time of each run; 60 unless given
  --rest S           so much of it, at its end, is without faults; half of it, 20 at most, unless given. Reconciliation
                     alone takes 10 or more: with less, what is not at rest yet is told as broken
  --jobs J           threads; one a core unless given
  --faults A,B       only these classes of faults
  --force F          share of the faults that are long and strong, 0 to 1; 0.25 unless given
  --venues N         venues, each with an instrument; 5 unless given
  --rows N           rows of all feeds a second; 1000 unless given
  --position LOTS    the largest position in each instrument; 60 unless given
  --snapshot-every S seconds between two snapshots of the session, such as 0.5; 5 unless given (a session's own
                     default is 1). What a strategy forgets in onSave shows only at a crash behind a snapshot
  --shrink           make the plan of each seed that fails smaller: what it needs to fail
  --seed N           run this one alone, twice, and print its trace hash, its plan and what it broke
  --plan FILE        with --seed: under this plan
  --out FOLDER       where small plans go; out unless given
  --json             print one JSON object at the end

Exit codes: 0 clean, 1 a rule broke, 2 a wrong call, 130 interrupted with nothing found.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  strategy: { type: "string" },
  param: { type: "string", multiple: true },
  seeds: { type: "string" },
  from: { type: "string" },
  seconds: { type: "string" },
  rest: { type: "string" },
  jobs: { type: "string" },
  faults: { type: "string" },
  force: { type: "string" },
  venues: { type: "string" },
  rows: { type: "string" },
  position: { type: "string" },
  "snapshot-every": { type: "string" },
  shrink: { type: "boolean" },
  seed: { type: "string" },
  plan: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean" },
} as const;

/** Where a fault of a simulation's options tells of an option. */
const PATHS: OptionPaths = {
  "simulate.restNs": "--rest, ns",
  "simulate.durationNs": "--seconds, ns",
  "simulate.faults": "--faults",
  "simulate.force": "--force",
  "simulate.venues": "--venues",
  "simulate.rowsPerSecond": "--rows",
  "simulate.positionLotsMax": "--position",
  "simulate.snapshotEveryNs": "--snapshot-every, ns",
};

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: false, options: OPTIONS }).values;
}

/** `tickwright simulate`: the engine under faults, over many seeds or one. */
export async function simulateCommand(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const order = orderOf(values);
  // A wrong option or strategy is told before any thread starts.
  const options = await usageOf(PATHS, () => optionsOf(order));
  options.strategies?.();
  if (values.seed !== undefined)
    return replayOne(wholeOf("--seed", values.seed, 0, 0), order, options, values);
  if (values.plan !== undefined) throw new Usage("--plan: of which --seed?");
  return runMany(order, values);
}

function orderOf(values: Values): SimulateOrder {
  const { strategy, param, rest, faults, force, venues, rows, position } = values;
  const snapshot = values["snapshot-every"];
  if (param !== undefined && strategy === undefined) throw new Usage("--param: of which --strategy?");
  return {
    ...(strategy === undefined ? {} : { strategy: { path: strategy, params: readParams(param ?? []) } }),
    seconds: wholeOf("--seconds", values.seconds, 60, 2),
    ...(rest === undefined ? {} : { rest: wholeOf("--rest", rest, 20, 0) }),
    ...(faults === undefined ? {} : { faults: faults.split(",") as FaultName[] }),
    ...(force === undefined ? {} : { force: shareOf("--force", force) }),
    ...(venues === undefined ? {} : { venues: wholeOf("--venues", venues, 5, 1) }),
    ...(rows === undefined ? {} : { rows: wholeOf("--rows", rows, 1000, 1) }),
    ...(position === undefined ? {} : { position: wholeOf("--position", position, 60, 1) }),
    ...(snapshot === undefined ? {} : { snapshot: secondsOf("--snapshot-every", snapshot) }),
    shrinkRuns: values.shrink === true ? SHRINK_RUNS : 0,
  };
}

function replayOne(
  seed: number,
  order: SimulateOrder,
  options: Parameters<typeof simulateSeed>[1],
  { plan: path, json, shrink, out }: Values,
): number {
  const plan = path === undefined ? planOfSeed(seed, options) : readPlan(path);
  const result = simulateSeed(seed, options, plan);
  const again = simulateSeed(seed, options, plan).traceHash;
  const isSame = again === result.traceHash;
  const small =
    shrink === true && result.violations.length > 0 ? shrunkOf(result, order, options, out) : undefined;
  const report = reportOf(result);
  if (json === true) process.stdout.write(`${JSON.stringify({ ...report, isSame, plan, shrunk: small })}\n`);
  else {
    process.stdout.write(replayText(report, plan, again, order, path));
    if (small !== undefined) process.stdout.write(shrunkText(small));
  }
  return isSame && result.violations.length === 0 ? 0 : 1;
}

function shrunkOf(
  result: SeedResult,
  order: SimulateOrder,
  options: Parameters<typeof simulateSeed>[1],
  out: string | undefined,
): SmallPlan {
  const { plan, isMinimal } = shrinkSeed(result, options, { runsMax: SHRINK_RUNS });
  return savedPlan(result.seed, encodePlan(plan), isMinimal, order, out);
}

async function runMany(order: SimulateOrder, values: Values): Promise<number> {
  const seeds = wholeOf("--seeds", values.seeds, 200, 1);
  const from = wholeOf("--from", values.from, 1, 0);
  const jobs = wholeOf("--jobs", values.jobs, availableParallelism(), 1);
  const watch = new SimulateWatch(order, { from, seeds, isJson: values.json === true, out: values.out });
  const threads = new SimulateThreads(order, { from, seeds, jobs }, (message) => watch.hear(message));
  const interrupt = (): void => {
    watch.isInterrupted = true;
    void threads.stop();
  };
  process.once("SIGINT", interrupt);
  try {
    await threads.done();
  } finally {
    process.off("SIGINT", interrupt);
    await threads.stop();
  }
  const found = watch.end();
  process.stdout.write(values.json === true ? findingsJson(found) : findingsText(found));
  if (found.failed.length > 0) return 1;
  return found.isInterrupted ? 130 : 0;
}

/** Which seeds, and where what is found goes. */
interface WatchedSeeds {
  readonly from: number;
  readonly seeds: number;
  readonly isJson: boolean;
  readonly out: string | undefined;
}

/** Gathers what threads tell, prints failures as they come, and draws how far it is. */
class SimulateWatch {
  isInterrupted = false;
  readonly #order: SimulateOrder;
  readonly #all: WatchedSeeds;
  readonly #began = performance.now();
  readonly #bar: ProgressBar;
  readonly #coverage = newCoverage();
  readonly #failed: FailedSeed[] = [];
  readonly #shrunk: SmallPlan[] = [];
  #ran = 0;
  #orders = 0;
  #halted = 0;

  constructor(order: SimulateOrder, all: WatchedSeeds) {
    this.#order = order;
    this.#all = all;
    this.#bar = new ProgressBar("simulate", "seeds", (done, seconds) =>
      seconds > 0 ? `${Math.round((done * order.seconds) / seconds)} x real time` : "",
    );
  }

  hear(message: SeedMessage): void {
    if (message.kind === "shrunk") this.#small(message.seed, message.plan, message.isMinimal);
    else if (message.kind === "failed") this.#fail({ seed: message.seed, trouble: message.trouble });
    else if (message.kind === "ran") {
      const { report, coverage } = message;
      this.#ran += 1;
      this.#orders += report.orders;
      this.#coverage.merge(Coverage.fromJson(coverage));
      if (report.halted !== undefined) this.#halted += 1;
      if (report.violations.length > 0) this.#fail({ seed: report.seed, report });
    }
    this.#bar.update(this.#ran, this.#all.seeds);
  }

  end(): SimulateFindings {
    this.#bar.finish(this.#ran);
    const { from, seeds } = this.#all;
    const wallSeconds = (performance.now() - this.#began) / 1000;
    const failed = this.#failed.sort((a, b) => a.seed - b.seed);
    return {
      order: this.#order,
      from,
      seeds,
      ran: this.#ran,
      orders: this.#orders,
      wallSeconds,
      isInterrupted: this.isInterrupted,
      failed,
      shrunk: this.#shrunk,
      halted: this.#halted,
      coverage: this.#coverage,
    };
  }

  #fail(failure: Omit<FailedSeed, "command">): void {
    const failed = { ...failure, command: commandOf(failure.seed, this.#order) };
    this.#failed.push(failed);
    this.#say(failureText(failed));
  }

  #small(seed: number, plan: string, isMinimal: boolean): void {
    const small = savedPlan(seed, plan, isMinimal, this.#order, this.#all.out);
    this.#shrunk.push(small);
    this.#say(shrunkText(small));
  }

  /** At once; where standard output is for JSON, on standard error. */
  #say(text: string): void {
    this.#bar.clear();
    (this.#all.isJson ? process.stderr : process.stdout).write(text);
  }
}

function savedPlan(
  seed: number,
  text: string,
  isMinimal: boolean,
  order: SimulateOrder,
  out = "out",
): SmallPlan {
  const path = join(out, "simulate", `seed-${seed}.json`);
  try {
    mkdirSync(join(out, "simulate"), { recursive: true });
    writeFileSync(path, text);
  } catch (cause) {
    throw new Fault("FAULT_IO", {
      path,
      value: String(cause),
      expected: "a file that can be written",
      cause,
    });
  }
  return { seed, plan: decodePlan(text), isMinimal, path, command: commandOf(seed, order, path) };
}

function readPlan(path: string): FaultPlan {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Fault("FAULT_IO", { path, value: String(cause), expected: "a file with a plan", cause });
  }
  return decodePlan(text, path);
}

function wholeOf(name: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new Usage(`${name}: ${text} is no whole number from ${least} on`);
}

function shareOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new Usage(`${name}: ${text} is not within 0 and 1`);
}

function secondsOf(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d{1,9})?$/.test(text) && value > 0) return value;
  throw new Usage(`${name}: ${text} is no number of seconds above 0`);
}
