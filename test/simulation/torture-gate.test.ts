import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandOf, type SeedMessage, type SimulateOrder } from "../../src/cli/simulate-order.ts";
import { SimulateThreads } from "../../src/cli/simulate-threads.ts";
import {
  Coverage,
  CRASH_POINTS,
  coverageTables,
  DAMAGE_FAULTS,
  type FaultName,
  newCoverage,
  ORACLES,
  simulateSeed,
  USUAL_FAULTS,
} from "../../src/torture/index.ts";

const SEEDS = 200;
const ORDER: SimulateOrder = { seconds: 30, rest: 20, force: 0.5, shrinkRuns: 0 };
/** Few classes at a time, for what a plan of many seldom has together. */
const NARROW: readonly (readonly FaultName[])[] = [
  ["partialMassCancel", "kill", "killRelease"],
  [
    "restate",
    "suspendOrder",
    "stopOrder",
    "dayEnds",
    "cancelAfterAll",
    "expireOrder",
    "lateFill",
    "bust",
    "correct",
  ],
  ["expireOrder", "reinstate", "dayEnds", "rejectLate", "bust", "correct", "lateFill", "outOfMemory"],
];
const NARROW_SEEDS = 40;

const coverage = newCoverage();
const failed: string[] = [];
let ran = 0;
let seconds = 0;

async function runAll(order: SimulateOrder, from: number, seeds: number): Promise<void> {
  const hear = (message: SeedMessage): void => {
    if (message.kind === "failed") failed.push(`${message.trouble}\n  ${commandOf(message.seed, order)}`);
    if (message.kind !== "ran") return;
    const { report } = message;
    ran += 1;
    coverage.merge(Coverage.fromJson(message.coverage));
    const [first] = report.violations;
    if (first !== undefined)
      failed.push(`${first.oracle}: ${first.detail}\n  ${commandOf(report.seed, order)}`);
  };
  const threads = new SimulateThreads(order, { from, seeds, jobs: 2 }, hear);
  await threads.done();
}

beforeAll(async () => {
  const from = performance.now();
  await runAll(ORDER, 1, SEEDS);
  for (const faults of NARROW) await runAll({ ...ORDER, force: 1, faults }, 1, NARROW_SEEDS);
  seconds = (performance.now() - from) / 1000;
}, 300_000);

afterAll(() => {
  const times = Math.round((ran * ORDER.seconds) / seconds);
  process.stdout.write(`${coverage.report()}\n${coverageTables(coverage)}\n`);
  process.stdout.write(`${ran} seeds in ${seconds.toFixed(1)} s: ${times} x real time\n`);
});

describe(`the gate: ${SEEDS} seeds under faults`, () => {
  it("break no rule", () => {
    expect(failed.join("\n")).toBe("");
    expect(ran).toBe(SEEDS + NARROW_SEEDS * NARROW.length);
  });

  it("have every class of faults happen, and the process die at every point", () => {
    const { injected, planned, crashPoints } = coverage.missing();
    expect(planned).toEqual([]);
    expect(injected).toEqual([]);
    expect(crashPoints).toEqual([]);
    expect(coverage.crashes).toHaveLength(CRASH_POINTS.length);
    expect([...coverage.faults].sort()).toEqual([...USUAL_FAULTS, ...DAMAGE_FAULTS].sort());
  });

  it.each([3, 8, 16])("the same seed leaves the same trace: %i", (seed) => {
    const options = { durationNs: 10e9, force: 0.5 };
    const first = simulateSeed(seed, options);
    expect(simulateSeed(seed, options)).toEqual(first);
    expect(first.traceHash).toMatch(/^[0-9a-f]{64}$/);
    expect(simulateSeed(seed + 1, options).traceHash).not.toBe(first.traceHash);
  });

  it("know every rule by name", () => {
    expect(new Set(ORACLES).size).toBe(ORACLES.length);
  });
});
