import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import {
  checkPlan,
  decodePlan,
  encodePlan,
  FAULT_NAMES,
  type FaultName,
  type FaultPlan,
  faultEdges,
  faultKind,
  type PlannedFault,
  shrinkPlan,
  swarmPlan,
} from "../../src/torture/index.ts";

const TARGETS = {
  network: 5,
  venue: 5,
  feed: 5,
  process: 2,
  disk: 1,
  clock: 1,
  store: 1,
  operator: 1,
  limits: 1,
  calendar: 1,
};
const SWARM = { durationNs: 90e9, safetyUntilNs: 60e9, targets: TARGETS };

const planOf = (seed: number, faultsMax = 200): FaultPlan =>
  swarmPlan(new Prng(seed), { ...SWARM, faultsMax });

describe("swarm plans", () => {
  it("over 500 seeds hit every class, every target, mild and strong, and most pairs of classes", () => {
    const seen = new Map<FaultName, number>();
    const pairs = new Set<string>();
    let least = 1;
    let most = 0;
    const sizes: number[] = [];
    for (let seed = 0; seed < 500; seed++) {
      const plan = planOf(seed);
      sizes.push(plan.faults.length);
      const classes = [...new Set(plan.faults.map(({ fault }) => fault))];
      for (const name of classes) {
        seen.set(name, (seen.get(name) ?? 0) + 1);
        for (const other of classes) if (name < other) pairs.add(`${name} ${other}`);
      }
      for (const value of Object.values(plan.intensities)) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    expect([...seen.keys()].sort()).toEqual([...FAULT_NAMES].sort());
    for (const [name, count] of seen) expect(count, name).toBeGreaterThan(50);
    const all = (FAULT_NAMES.length * (FAULT_NAMES.length - 1)) / 2;
    expect(pairs.size / all).toBeGreaterThan(0.99);
    expect([least < 0.05, most > 0.9]).toEqual([true, true]);
    expect(Math.min(...sizes)).toBeLessThan(20);
    expect(Math.max(...sizes)).toBeGreaterThan(100);
  });

  it("come back from JSON, equal for equal seeds, in order and ended in time", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const plan = planOf(seed);
        expect(decodePlan(encodePlan(plan))).toEqual(plan);
        expect(planOf(seed)).toEqual(plan);
        for (const { untilNs } of plan.faults) expect(untilNs).toBeLessThanOrEqual(60e9);
        const on = new Map<string, number>();
        let last = 0;
        for (const { ns, index, isOn } of faultEdges(plan)) {
          const { fault, target } = plan.faults[index] as PlannedFault;
          expect(ns).toBeGreaterThanOrEqual(last);
          last = ns;
          if (faultKind(fault).timing === "instant") continue;
          const key = `${fault} ${target}`;
          on.set(key, (on.get(key) ?? 0) + (isOn ? 1 : -1));
          expect([0, 1]).toContain(on.get(key));
        }
        for (const count of on.values()) expect(count).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("a class left out changes no other one", () => {
    for (let seed = 0; seed < 40; seed++) {
      const whole = swarmPlan(new Prng(seed), { ...SWARM, faultsMax: 1e6 });
      const classes = FAULT_NAMES.filter((name) => name !== "bust");
      const without = swarmPlan(new Prng(seed), { ...SWARM, faultsMax: 1e6, classes });
      expect(without.faults).toEqual(whole.faults.filter(({ fault }) => fault !== "bust"));
    }
  });
});

/** A predicate over which faults are there, told apart by class and target; also by one that must not be. */
function predicate(seed: number, plan: FaultPlan): (faults: readonly PlannedFault[]) => boolean {
  const rng = new Prng(seed);
  const keys = [...new Set(plan.faults.map(keyOf))];
  const pick = (): string => keys[rng.below(keys.length)] as string;
  const groups = Array.from({ length: 1 + rng.below(3) }, () =>
    Array.from({ length: 1 + rng.below(4) }, pick),
  );
  const isMonotone = rng.below(2) === 0;
  const salt = rng.uint32();
  return (faults) => {
    const has = new Set(faults.map(keyOf));
    if (groups.some((group) => group.every((key) => has.has(key)))) return true;
    // Whatever the hash of the set says, so that leaving one out may bring back what another one hid.
    if (isMonotone) return false;
    let hash = salt;
    for (const key of [...has].sort())
      for (const c of key) hash = Math.imul(hash ^ c.charCodeAt(0), 16777619);
    return (hash >>> 0) % 5 === 0;
  };
}

const keyOf = ({ fault, target }: PlannedFault): string => `${fault} ${target}`;

describe("shrunk plans", () => {
  it("fail, and do not without any one of their faults, for any predicate", () => {
    let shrunkMuch = 0;
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, size) => {
        const plan = planOf(seed, size);
        fc.pre(plan.faults.length > 0);
        const isBad = predicate(seed, plan);
        fc.pre(isBad(plan.faults));
        let runs = 0;
        const fails = ({ faults }: FaultPlan): boolean => {
          runs++;
          return isBad(faults);
        };
        const shrunk = shrinkPlan(plan, fails, { runsMax: 20_000 });
        checkPlan(shrunk.plan);
        expect(shrunk.isMinimal).toBe(true);
        expect(shrunk.runs).toBe(runs);
        const { faults } = shrunk.plan;
        expect(isBad(faults)).toBe(true);
        for (let i = 0; i < faults.length; i++) {
          expect(isBad(faults.filter((_, k) => k !== i)), `without ${i}`).toBe(false);
        }
        expect(shrinkPlan(plan, fails, { runsMax: 20_000 })).toEqual(shrunk);
        if (faults.length * 4 < plan.faults.length) shrunkMuch++;
      }),
      { numRuns: 200 },
    );
    expect(shrunkMuch).toBeGreaterThan(50);
  });

  it("fail and are minimal where times and strengths count, too", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 25 }), (seed, size) => {
        const plan = planOf(seed, size);
        const total = (faults: readonly PlannedFault[]): number =>
          faults.reduce((sum, { ns, untilNs, parameters }) => {
            const { probability = 0.1 } = parameters;
            return sum + Math.log2(2 + untilNs - ns) * probability;
          }, 0);
        const limit = total(plan.faults) / 2;
        fc.pre(plan.faults.length > 0);
        const fails = ({ faults, durationNs }: FaultPlan): boolean =>
          total(faults) >= limit && durationNs > 1e9;
        const shrunk = shrinkPlan(plan, fails, { runsMax: 50_000 });
        checkPlan(shrunk.plan);
        expect([fails(shrunk.plan), shrunk.isMinimal]).toEqual([true, true]);
        for (const fault of shrunk.plan.faults) {
          const without = { ...shrunk.plan, faults: shrunk.plan.faults.filter((each) => each !== fault) };
          expect(fails(without)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("of a hundred faults, one that is needed is found in few runs, a pair in some more", () => {
    const plans = Array.from({ length: 40 }, (_, seed) => planOf(seed, 128));
    const plan = plans.find(({ faults }) => faults.length > 120) as FaultPlan;
    const dropping = (needed: readonly PlannedFault[]): number => {
      const { history } = shrinkPlan(plan, ({ faults }) =>
        needed.every((one) => faults.some((each) => keyOf(each) === keyOf(one))),
      );
      return history.findIndex(({ faults }) => faults <= needed.length + 1);
    };
    expect(dropping([plan.faults[77] as PlannedFault])).toBeLessThan(20);
    expect(dropping([plan.faults[7], plan.faults[100]] as PlannedFault[])).toBeLessThan(60);
  });
});
