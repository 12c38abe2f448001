import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkNumber,
  Prng,
} from "../base/index.ts";
import { Coverage } from "./coverage.ts";
import { CRASH_POINTS } from "./crash-points.ts";
import { FAULT_CODE, FAULT_NAMES, type FaultName } from "./fault-kinds.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { countInjected, crashesOf } from "./injected.ts";
import type { Violation } from "./oracles.ts";
import { type ShrinkOptions, type ShrunkPlan, shrinkPlan } from "./shrink.ts";
import { swarmPlan } from "./swarm-plan.ts";
import { TortureStrategy } from "./torture-strategy.ts";
import { TortureWorld, type WorldOptions, type WorldOutcome } from "./torture-world.ts";

/** Damage of the medium: what a process finds of it ends the run, since none may go on from there. */
export const DAMAGE_FAULTS: readonly FaultName[] = [
  "diskBitFlip",
  "diskTruncated",
  "diskEntryLost",
  "diskSyncLie",
  "diskMisdirected",
];

/**
 * Classes that a run has no place for yet: stores it does not use, a standby it does not have. `wrongId` is for a human:
 * an execution told of another order.
 */
export const ABSENT_FAULTS: readonly FaultName[] = [
  "wrongId",
  "standbyLag",
  "splitBrain",
  "staleLease",
  "databaseDown",
  "databaseSlow",
  "queueDown",
  "queueSlow",
  "objectStoreDown",
  "objectStoreSlow",
  "integerExtreme",
  "dstChange",
  "sessionBoundary",
];

/** The classes of usual runs. */
export const USUAL_FAULTS: readonly FaultName[] = FAULT_NAMES.filter(
  (name) => !DAMAGE_FAULTS.includes(name) && !ABSENT_FAULTS.includes(name),
);

/** The classes that a run can have. */
const PRESENT_FAULTS: readonly FaultName[] = [...USUAL_FAULTS, ...DAMAGE_FAULTS];

/** How seeds are run. */
export interface SimulateOptions extends Omit<WorldOptions, "coverage"> {
  /** The first seed; 1 unless given. */
  readonly fromSeed?: number;
  readonly seeds: number;
  /** How long each run is; 60 s unless given. @units ns */
  readonly durationNs?: number;
  /** The last part of it is without faults: 20 s unless given, at most the half. @units ns */
  readonly restNs?: number;
  /** Only these classes of faults; by turns the usual ones and those with damage of the disk unless given. */
  readonly faults?: readonly FaultName[];
  /**
   * How many of the faults are long and strong, within 0 and 1: see `SwarmOptions.force`; 0.25 unless given. Above 0 the
   * built-in strategy presses against its limits too.
   */
  readonly force?: number;
  /** Every so many seeds the disk is damaged too; 8 unless given, 0 for never. */
  readonly damageEvery?: number;
  /** Every so many seeds the whole journal is replayed at the end; 16 unless given, 0 for never. */
  readonly replayEvery?: number;
  /** Every so many seeds the run is made twice and the traces compared; 50 unless given, 0 for never. */
  readonly twiceEvery?: number;
}

const OPTION_KEYS = [
  "fromSeed",
  "seeds",
  "durationNs",
  "restNs",
  "faults",
  "force",
  "damageEvery",
  "replayEvery",
  "twiceEvery",
  "venues",
  "rowsPerSecond",
  "strategies",
  "mayThrow",
  "positionLotsMax",
  "snapshotEveryNs",
];
/** Drawn by their logarithm alone, most faults are too weak and too short to meet an order. */
const FORCE = 0.25;
/** With all force every fifth act of the built-in strategy presses against its limits. */
const PRESS = 0.2;
/** Of few classes a plan often has none: it is drawn anew so often. */
const DRAWS = 64;

/** One seed's run. */
export interface SeedResult extends WorldOutcome {
  readonly seed: number;
  readonly plan: FaultPlan;
}

/** The plan of a seed; with `faults` it has at least one fault, if any can be drawn. */
export function planOfSeed(seed: number, options: Omit<SimulateOptions, "seeds">): FaultPlan {
  const { durationNs = 60e9, damageEvery = 8, venues = 5, faults, force = FORCE } = options;
  const restNs = options.restNs ?? Math.min(20e9, durationNs / 2);
  const isDamaged = damageEvery > 0 && seed % damageEvery === 0;
  const draw = (from: string): FaultPlan =>
    swarmPlan(new Prng(seed).fork(from), {
      durationNs,
      safetyUntilNs: Math.max(0, durationNs - restNs),
      targets: {
        ...{ network: venues, venue: venues, feed: venues },
        ...{ process: 1, disk: 1, clock: 1, operator: 1, limits: 1 },
      },
      force,
      classes: faults ?? (isDamaged ? [...USUAL_FAULTS, ...DAMAGE_FAULTS] : USUAL_FAULTS),
    });
  let plan = draw("plan");
  for (let i = 1; faults !== undefined && plan.faults.length === 0 && i < DRAWS; i++)
    plan = draw(`plan ${i}`);
  return plan;
}

/** Runs one seed under a plan, its own unless another is given. */
export function simulateSeed(
  seed: number,
  options: Omit<SimulateOptions, "seeds">,
  plan: FaultPlan = planOfSeed(seed, options),
  coverage?: Coverage,
): SeedResult {
  const { venues, rowsPerSecond, positionLotsMax, snapshotEveryNs, force = FORCE } = options;
  const pressing = force > 0 ? () => [new TortureStrategy({ press: force * PRESS })] : undefined;
  const strategies = options.strategies ?? pressing;
  const { replayEvery = 16 } = options;
  const keepsJournal = replayEvery > 0 && seed % replayEvery === 0;
  const world = new TortureWorld(seed, plan, {
    keepsJournal,
    ...(venues === undefined ? {} : { venues }),
    ...(rowsPerSecond === undefined ? {} : { rowsPerSecond }),
    ...(strategies === undefined ? {} : { strategies }),
    ...(options.mayThrow === true ? { mayThrow: true } : {}),
    ...(positionLotsMax === undefined ? {} : { positionLotsMax }),
    ...(snapshotEveryNs === undefined ? {} : { snapshotEveryNs }),
    ...(coverage === undefined ? {} : { coverage }),
  });
  const before = crashesOf(coverage);
  const outcome = world.run();
  if (keepsJournal && outcome.halted === undefined) world.oracles.replay();
  if (coverage !== undefined) {
    coverage.runs += 1;
    for (const { fault } of plan.faults) coverage.faultPlanned(FAULT_CODE[fault]);
    const crashes = crashesOf(coverage).map((count, i) => count - (before[i] as number));
    for (const [fault, count] of countInjected(world, crashes)) {
      coverage.faultInjected(FAULT_CODE[fault], count);
    }
    for (const [fault, count] of world.detected()) coverage.faultDetected(FAULT_CODE[fault], count);
  }
  return { seed, plan, ...outcome, violations: [...world.oracles.violations] };
}

/**
 * Runs seed after seed, yielding each one's result; returns what all of them hit.
 *
 * @throws `FAULT_CONFIG` naming the option, before the first run
 */
export function simulate(options: SimulateOptions): Generator<SeedResult, Coverage, void> {
  checkSimulate(options);
  checkInteger("simulate.seeds", options.seeds, 1);
  return runSeeds(options);
}

/**
 * Checks options of runs.
 *
 * @throws `FAULT_CONFIG` naming the option
 */
export function checkSimulate(options: Omit<SimulateOptions, "seeds">): void {
  checkKeys("simulate", options, OPTION_KEYS);
  checkInteger("simulate.fromSeed", options.fromSeed ?? 1, 0);
  const durationNs = checkInteger("simulate.durationNs", options.durationNs ?? 60e9, 1e9);
  checkInteger("simulate.restNs", options.restNs ?? 0, 0, durationNs);
  checkNumber("simulate.force", options.force ?? FORCE, 0, 1);
  checkInteger("simulate.damageEvery", options.damageEvery ?? 8, 0);
  checkInteger("simulate.replayEvery", options.replayEvery ?? 16, 0);
  checkInteger("simulate.twiceEvery", options.twiceEvery ?? 50, 0);
  checkInteger("simulate.venues", options.venues ?? 5, 1, 64);
  checkInteger("simulate.rowsPerSecond", options.rowsPerSecond ?? 1000, 1);
  checkInteger("simulate.positionLotsMax", options.positionLotsMax ?? 60, 1);
  checkInteger("simulate.snapshotEveryNs", options.snapshotEveryNs ?? 5e9, 1);
  checkBoolean("simulate.mayThrow", options.mayThrow ?? false);
  if (options.strategies !== undefined) checkFunction("simulate.strategies", options.strategies);
  if (options.faults === undefined) return;
  checkArray("simulate.faults", options.faults, 1);
  for (const [i, name] of options.faults.entries())
    checkChoice(`simulate.faults[${i}]`, name, PRESENT_FAULTS);
}

function* runSeeds(options: SimulateOptions): Generator<SeedResult, Coverage, void> {
  const { fromSeed = 1, seeds } = options;
  const coverage = newCoverage();
  for (let seed = fromSeed; seed < fromSeed + seeds; seed++) yield checkedSeed(seed, options, coverage);
  return coverage;
}

/** Runs one seed under its own plan, and again where its turn has come: both have to leave the same trace. */
export function checkedSeed(
  seed: number,
  options: Omit<SimulateOptions, "seeds">,
  coverage?: Coverage,
): SeedResult {
  const { twiceEvery = 50 } = options;
  const result = simulateSeed(seed, options, undefined, coverage);
  return twiceEvery > 0 && seed % twiceEvery === 0 ? compared(result, options) : result;
}

/** An empty coverage of the classes that runs have. */
export function newCoverage(): Coverage {
  return new Coverage({ faults: PRESENT_FAULTS, crashPoints: CRASH_POINTS });
}

/** The smallest plan under which a seed still breaks the rule that it broke first. */
export function shrinkSeed(
  { seed, plan, violations }: SeedResult,
  options: Omit<SimulateOptions, "seeds">,
  shrink: ShrinkOptions = {},
): ShrunkPlan {
  const oracle = violations[0]?.oracle;
  // However short the faults become, the rest after them does not.
  const restNs = plan.durationNs - plan.safetyUntilNs;
  const rested = (each: FaultPlan): FaultPlan => ({ ...each, durationNs: each.safetyUntilNs + restNs });
  const fails = (each: FaultPlan): boolean =>
    simulateSeed(seed, options, rested(each)).violations.some((violation) => violation.oracle === oracle);
  const shrunk = shrinkPlan(plan, fails, shrink);
  return { ...shrunk, plan: rested(shrunk.plan) };
}

/** Runs a seed again: the same seed has to leave the same trace. */
function compared(result: SeedResult, options: Omit<SimulateOptions, "seeds">): SeedResult {
  const again = simulateSeed(result.seed, options);
  if (again.traceHash === result.traceHash) return result;
  const detail = `trace ${result.traceHash}, then ${again.traceHash}`;
  const violation: Violation = { oracle: "sameTrace", ns: 0, detail };
  return { ...result, violations: [...result.violations, violation] };
}
