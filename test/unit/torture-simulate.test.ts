import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import {
  ABSENT_FAULTS,
  Coverage,
  checkedSeed,
  checkPlan,
  coverageCounts,
  coverageTables,
  DAMAGE_FAULTS,
  FAULT_CODE,
  FAULT_NAMES,
  newCoverage,
  planOfSeed,
  type SimulateOptions,
  shrinkSeed,
  simulate,
  simulateSeed,
  TortureStrategy,
  USUAL_FAULTS,
} from "../../src/torture/index.ts";

const short = { durationNs: 4e9, venues: 2, rowsPerSecond: 200 } as const;

function faultOf(options: unknown): string {
  try {
    simulate(options as SimulateOptions);
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.path}`;
    throw error;
  }
  return "none";
}

describe("simulate", () => {
  it.each<[string, object]>([
    ["seeds", { seeds: 0 }],
    ["seeds", {}],
    ["seeds", { seeds: 1.5 }],
    ["sedes", { seeds: 1, sedes: 1 }],
    ["coverage", { seeds: 1, coverage: newCoverage() }],
    ["fromSeed", { seeds: 1, fromSeed: -1 }],
    ["durationNs", { seeds: 1, durationNs: 0 }],
    ["durationNs", { seeds: 1, durationNs: Number.NaN }],
    ["restNs", { seeds: 1, durationNs: 10e9, restNs: 11e9 }],
    ["force", { seeds: 1, force: 1.1 }],
    ["force", { seeds: 1, force: Number.NaN }],
    ["faults", { seeds: 1, faults: [] }],
    ["faults[1]", { seeds: 1, faults: ["bust", "buts"] }],
    ["faults[0]", { seeds: 1, faults: ["splitBrain"] }],
    ["damageEvery", { seeds: 1, damageEvery: -1 }],
    ["replayEvery", { seeds: 1, replayEvery: 0.5 }],
    ["twiceEvery", { seeds: 1, twiceEvery: "1" }],
    ["venues", { seeds: 1, venues: 0 }],
    ["rowsPerSecond", { seeds: 1, rowsPerSecond: 0 }],
    ["positionLotsMax", { seeds: 1, positionLotsMax: 0 }],
    ["snapshotEveryNs", { seeds: 1, snapshotEveryNs: 0 }],
    ["strategies", { seeds: 1, strategies: [] }],
  ])("names a wrong %s before the first run", (name, options) => {
    expect(faultOf(options)).toBe(`FAULT_CONFIG simulate.${name}`);
  });

  it("yields each seed's result and returns what all of them hit", () => {
    const runs = simulate({ ...short, seeds: 3, fromSeed: 5, twiceEvery: 5 });
    const seeds: number[] = [];
    let coverage: Coverage | undefined;
    for (let next = runs.next(); ; next = runs.next()) {
      if (next.done === true) {
        coverage = next.value;
        break;
      }
      seeds.push(next.value.seed);
      expect(next.value.plan).toEqual(planOfSeed(next.value.seed, short));
    }
    expect(seeds).toEqual([5, 6, 7]);
    expect(coverage.runs).toBe(3);
  });

  it("says so where a seed leaves another trace the second time", () => {
    let calls = 0;
    // A strategy that knows more than its seed: how often it was made.
    const strategies = () => [new TortureStrategy({ periodNs: 100_000_000 + 1_000_000 * calls++ })];
    const { violations } = checkedSeed(1, { ...short, strategies, faults: ["feedGap"], twiceEvery: 1 });
    expect(violations.map(({ oracle }) => oracle)).toContain("sameTrace");
  });
});

describe("the plan of a seed", () => {
  it("is the same each time, sound, and another one for another seed", () => {
    for (let seed = 0; seed < 40; seed++) {
      const plan = planOfSeed(seed, short);
      expect(planOfSeed(seed, short)).toEqual(plan);
      expect(checkPlan(plan)).toBe(plan);
      expect(planOfSeed(seed + 1, short)).not.toEqual(plan);
      expect([plan.durationNs, plan.safetyUntilNs]).toEqual([4e9, 2e9]);
    }
  });

  it("damages the disk where its turn has come, and has nothing that no world has", () => {
    const names = (seed: number) =>
      planOfSeed(seed, { ...short, force: 0.5 }).faults.map(({ fault }) => fault);
    for (let seed = 1; seed < 200; seed++) {
      for (const name of names(seed)) {
        expect(ABSENT_FAULTS).not.toContain(name);
        if (seed % 8 !== 0) expect(DAMAGE_FAULTS).not.toContain(name);
      }
    }
    const damaged = Array.from({ length: 50 }, (_, i) => names(8 * (i + 1))).flat();
    expect(DAMAGE_FAULTS.filter((name) => !damaged.includes(name))).toEqual([]);
    expect([...USUAL_FAULTS, ...DAMAGE_FAULTS, ...ABSENT_FAULTS].sort()).toEqual([...FAULT_NAMES].sort());
  });

  it("has a fault of the classes that are asked for, and no other", () => {
    for (let seed = 1; seed < 100; seed++) {
      const { faults } = planOfSeed(seed, { ...short, faults: ["bust"] });
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.every(({ fault }) => fault === "bust")).toBe(true);
    }
  });

  it("by force has long and strong faults, which is all that force changes", () => {
    const mean = (force: number, what: (fault: { ns: number; untilNs: number }) => number): number => {
      const all = Array.from({ length: 200 }, (_, i) =>
        planOfSeed(i, { ...short, faults: ["ackLost"], force }),
      );
      const faults = all.flatMap((plan) => plan.faults);
      return faults.reduce((sum, fault) => sum + what(fault), 0) / faults.length;
    };
    const length = ({ ns, untilNs }: { ns: number; untilNs: number }): number => untilNs - ns;
    expect(mean(1, length)).toBeGreaterThan(2 * mean(0, length));
    expect(planOfSeed(3, { ...short, force: 0.25 })).toEqual(planOfSeed(3, short));
  });
});

describe("what really happened", () => {
  it("is counted where it happened, not where it was planned", () => {
    const coverage = newCoverage();
    for (let seed = 1; seed <= 6; seed++) {
      simulateSeed(seed, { ...short, faults: ["feedGap", "unknownId"], force: 1 }, undefined, coverage);
    }
    const { injected, planned } = coverage;
    const missing = coverage.missing();
    expect(injected[FAULT_CODE.feedGap]).toBeGreaterThan(planned[FAULT_CODE.feedGap] as number);
    expect(missing.injected).not.toContain("feedGap");
    expect(missing.injected).toContain("bust");
    const counts = coverageCounts(coverage);
    expect(counts.runs).toBe(6);
    expect(counts.faults["feedGap"]?.injected).toBe(injected[FAULT_CODE.feedGap]);
    expect(Object.values(counts.crashPoints)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(counts.changes["new -> filled"]).toBeGreaterThan(0);
  });

  it("is shown in tables: dots for what never came, exclamation marks for what should not have", () => {
    const coverage = new Coverage({ crashPoints: ["here"] });
    coverage.statusChanged(0, 1);
    coverage.statusChanged(4, 0);
    coverage.crashed(0);
    const lines = coverageTables(coverage).split("\n");
    expect(lines.slice(0, 2)).toEqual(["crash points", "                   1  here"]);
    expect(lines.find((line) => line.startsWith("created "))).toMatch(/^created {20} +1 +-$/);
    expect(lines.find((line) => line.startsWith("filled "))).toMatch(/^filled {12} +1!/);
    expect(lines.find((line) => line.startsWith("trade "))).toContain(" .");
  });
});

describe("shrinking a seed", () => {
  /** Breaks down when its venue is lost: a planted failure with one necessary fault. */
  class Fragile implements Strategy {
    readonly name = "fragile";
    onDisconnect(): void {
      throw new Error("I never thought of that");
    }
    onSave(): { readonly version: number; readonly state: null } {
      return { version: 1, state: null };
    }
    onLoad(): void {
      // nothing is kept
    }
  }

  it("leaves what a planted failure needs, and the rest after it", () => {
    const options = {
      ...short,
      durationNs: 8e9,
      strategies: () => [new Fragile()],
      faults: ["linkCut", "bust", "feedGap", "clockSkew"],
      force: 1,
    } as const;
    const seed = Array.from({ length: 50 }, (_, i) => i).find((each) => {
      const { faults } = planOfSeed(each, options);
      return faults.length > 4 && faults.some(({ fault }) => fault === "linkCut");
    });
    const result = simulateSeed(seed as number, options);
    expect(result.violations[0]).toMatchObject({
      oracle: "noFault",
      detail: expect.stringContaining("I never thought of that"),
    });
    const shrunk = shrinkSeed(result, options);
    expect(shrunk.isMinimal).toBe(true);
    expect(shrunk.plan.faults.map(({ fault }) => fault)).toEqual(["linkCut"]);
    expect(shrunk.plan.durationNs - shrunk.plan.safetyUntilNs).toBe(4e9);
    const again = simulateSeed(result.seed, options, shrunk.plan);
    expect(again.violations[0]?.oracle).toBe("noFault");
  });
});
