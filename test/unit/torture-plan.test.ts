import { describe, expect, it } from "vitest";
import { Fault, Prng } from "../../src/base/index.ts";
import {
  allowsExcess,
  checkPlan,
  decodePlan,
  encodePlan,
  FAULT_CODE,
  FAULT_NAMES,
  FAULTS,
  type FaultPlan,
  faultEdges,
  faultKind,
  INSTANT_FAULTS,
  type PlannedFault,
  shrinkPlan,
  swarmPlan,
  VENUE_FAULTS,
} from "../../src/torture/index.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.path}`;
    throw error;
  }
  return "none";
}

const BUST: PlannedFault = {
  ns: 10,
  untilNs: 20,
  fault: "bust",
  target: 0,
  parameters: { probability: 0.5, delayNs: 5000 },
};
const HALT: PlannedFault = { ns: 15, untilNs: 15, fault: "halt", target: 1, parameters: {} };
const PLAN: FaultPlan = {
  durationNs: 100,
  safetyUntilNs: 50,
  intensities: { bust: 0.5 },
  faults: [BUST, HALT],
};

const of = (...faults: PlannedFault[]): FaultPlan => ({ ...PLAN, faults });

describe("FAULTS", () => {
  it("has a meaning for every class, ranges that hold their weak end, and codes in order", () => {
    expect(FAULT_NAMES.length).toBeGreaterThan(70);
    const meanings = new Set<string>();
    for (const [code, name] of FAULT_NAMES.entries()) {
      const kind = faultKind(name);
      expect(FAULT_CODE[name]).toBe(code);
      expect(kind.meaning, name).toMatch(/^[A-Z].*\.$/);
      meanings.add(kind.meaning);
      for (const { least, most, weak, isWhole } of Object.values(kind.parameters)) {
        expect(least, name).toBeLessThan(most);
        expect(weak >= least && weak <= most, name).toBe(true);
        if (isWhole) expect([least, most, weak].every(Number.isSafeInteger), name).toBe(true);
      }
    }
    expect(meanings.size).toBe(FAULT_NAMES.length);
    expect(new Set(Object.values(FAULTS).map(({ domain }) => domain)).size).toBe(10);
  });

  it("names every fault of a venue and its feed, with its timing", () => {
    for (const name of VENUE_FAULTS) {
      expect(["venue", "feed"], name).toContain(FAULTS[name].domain);
      expect(FAULTS[name].timing, name).toBe(INSTANT_FAULTS.includes(name) ? "instant" : "window");
    }
  });

  it("lets only faults of the venue exceed limits", () => {
    const excess = FAULT_NAMES.filter((name) => faultKind(name).allowsExcess);
    const before = ["fillLost", "lateFill", "bust", "correct", "overfill", "failoverRollback"];
    expect(excess).toEqual([...before, "reinstate"]);
    expect(allowsExcess(PLAN)).toBe(true);
    expect(allowsExcess(of(HALT))).toBe(false);
  });
});

describe("a fault plan", () => {
  it("comes back from JSON as it was", () => {
    expect(decodePlan(encodePlan(PLAN))).toEqual(PLAN);
  });

  it("has edges in order: at one time ends first, and a window without length begins before it ends", () => {
    const next: PlannedFault = { ...BUST, ns: 20, untilNs: 20 };
    const edges = faultEdges(of(BUST, HALT, next)).map(({ ns, index, isOn }) => `${ns} ${index} ${isOn}`);
    expect(edges).toEqual(["10 0 true", "15 1 true", "20 0 false", "20 2 true", "20 2 false"]);
  });

  it.each<[string, unknown]>([
    ["plan", []],
    ["plan.extra", { ...PLAN, extra: 1 }],
    ["plan.durationNs", { ...PLAN, durationNs: 0 }],
    ["plan.durationNs", { ...PLAN, durationNs: 1.5 }],
    ["plan.safetyUntilNs", { ...PLAN, safetyUntilNs: 101 }],
    ["plan.intensities.busts", { ...PLAN, intensities: { busts: 1 } }],
    ["plan.intensities.bust", { ...PLAN, intensities: { bust: 2 } }],
    ["plan.faults", { ...PLAN, faults: {} }],
    ["plan.faults[0].fault", of({ ...BUST, fault: "buts" as never })],
    ["plan.faults[1].ns", of(BUST, { ...HALT, ns: 51 })],
    ["plan.faults[1].ns", of(BUST, { ...HALT, ns: -1 })],
    ["plan.faults[0].untilNs", of({ ...BUST, untilNs: 9 })],
    ["plan.faults[0].untilNs", of({ ...BUST, untilNs: 51 })],
    ["plan.faults[1].untilNs", of(BUST, { ...HALT, untilNs: 16 })],
    ["plan.faults[0].target", of({ ...BUST, target: -1 })],
    ["plan.faults[0].target", of({ ...BUST, target: 1024 })],
    ["plan.faults[0].parameters.delay", of({ ...BUST, parameters: { delay: 1 } })],
    ["plan.faults[0].parameters.delayNs", of({ ...BUST, parameters: { probability: 1 } })],
    ["plan.faults[0].parameters.delayNs", of({ ...BUST, parameters: { probability: 1, delayNs: 1e12 } })],
    ["plan.faults[0].parameters.probability", of({ ...BUST, parameters: { probability: 0, delayNs: 5000 } })],
    ["plan.faults[0].parameters", of({ ...BUST, parameters: null as never })],
    ["plan.faults[1].ns", of(HALT, BUST)],
    ["plan.faults[1].ns", of(BUST, { ...BUST, ns: 19 })],
    ["plan.faults[1].ns", of(HALT, HALT)],
  ])("names what is wrong: %s", (path, plan) => {
    expect(codeOf(() => checkPlan(plan as FaultPlan))).toBe(`FAULT_CONFIG ${path}`);
  });

  it("names what is wrong with a file", () => {
    expect(codeOf(() => decodePlan("{"))).toBe("FAULT_CONFIG plan");
    expect(codeOf(() => decodePlan("null"))).toBe("FAULT_CONFIG plan");
    expect(codeOf(() => decodePlan(JSON.stringify(PLAN)))).toBe("FAULT_CONFIG plan.version");
    const text = encodePlan(PLAN).replace('"bust",', '"burst",');
    expect(codeOf(() => decodePlan(text, "saved.json"))).toBe("FAULT_CONFIG saved.json.faults[0].fault");
  });
});

describe("swarmPlan", () => {
  const targets = { venue: 2 };

  it.each([
    [{ durationNs: 0, safetyUntilNs: 0, targets }, "options.durationNs"],
    [{ durationNs: 5, safetyUntilNs: 6, targets }, "options.safetyUntilNs"],
    [{ durationNs: 5, safetyUntilNs: 5, targets: { venues: 1 } }, "options.targets.venues"],
    [{ durationNs: 5, safetyUntilNs: 5, targets: { venue: -1 } }, "options.targets.venue"],
    [{ durationNs: 5, safetyUntilNs: 5, targets, classes: [] }, "options.classes"],
    [{ durationNs: 5, safetyUntilNs: 5, targets, classes: ["bust", "x"] }, "options.classes[1]"],
    [{ durationNs: 5, safetyUntilNs: 5, targets, faultsMax: -1 }, "options.faultsMax"],
    [{ durationNs: 5, safetyUntilNs: 5, targets, seed: 1 }, "options.seed"],
  ])("checks its options: %o", (options, path) => {
    expect(codeOf(() => swarmPlan(new Prng(1), options as never))).toBe(`FAULT_CONFIG ${path}`);
  });

  it("keeps to the classes, domains and numbers it was given", () => {
    for (let seed = 0; seed < 100; seed++) {
      const options = { durationNs: 60e9, safetyUntilNs: 40e9, targets, faultsMax: 5 };
      for (const { fault } of swarmPlan(new Prng(seed), options).faults) {
        expect(FAULTS[fault].domain).toBe("venue");
      }
      expect(swarmPlan(new Prng(seed), options).faults.length).toBeLessThanOrEqual(5);
      const few = swarmPlan(new Prng(seed), { ...options, classes: ["bust", "diskFull"] });
      expect(few.faults.every(({ fault }) => fault === "bust")).toBe(true);
    }
    const none = { durationNs: 5, safetyUntilNs: 0, targets };
    for (let seed = 0; seed < 50; seed++) checkPlan(swarmPlan(new Prng(seed), none));
  });
});

describe("shrinkPlan", () => {
  const plan = swarmPlan(new Prng(21), {
    durationNs: 60e9,
    safetyUntilNs: 40e9,
    targets: { venue: 3, disk: 1, network: 2 },
  });

  it("begins with halves, and says what it did", () => {
    const wanted = plan.faults.findIndex(({ fault }) => FAULTS[fault].timing === "window");
    const { fault } = plan.faults[wanted] as PlannedFault;
    expect(plan.faults.length).toBeGreaterThan(10);
    const shrunk = shrinkPlan(plan, ({ faults }) => faults.some((each) => each.fault === fault));
    expect(shrunk.plan.faults.map((each) => each.fault)).toEqual([fault]);
    expect(Object.keys(shrunk.plan.intensities)).toEqual([fault]);
    expect(shrunk.history[0]).toEqual({
      run: 1,
      what: "the whole plan",
      faults: plan.faults.length,
      isKept: true,
    });
    const half = Math.ceil(plan.faults.length / 2);
    expect(shrunk.history[1]?.what).toBe(`without ${half} of ${plan.faults.length}`);
    expect(shrunk.runs).toBe(shrunk.history.length);
    expect(shrunk.isMinimal).toBe(true);
  });

  it("narrows windows, weakens parameters and shortens the run as far as it still fails", () => {
    const delay: PlannedFault = {
      ns: 1e9,
      untilNs: 30e9,
      fault: "messageDelay",
      target: 0,
      parameters: { probability: 0.9, delayNs: 4e9 },
    };
    const long: FaultPlan = { durationNs: 90e9, safetyUntilNs: 40e9, intensities: {}, faults: [delay] };
    const shrunk = shrinkPlan(long, ({ durationNs, faults: [each] }) => {
      if (each === undefined || durationNs < 25e9) return false;
      return each.ns <= 20e9 && each.untilNs >= 20e9 && (each.parameters["delayNs"] as number) > 1e9;
    });
    const [left] = shrunk.plan.faults as [PlannedFault];
    expect(left.untilNs - left.ns).toBeLessThan(1000);
    expect([left.ns <= 20e9, left.untilNs >= 20e9]).toEqual([true, true]);
    expect(left.parameters["probability"]).toBe(0.001);
    expect(left.parameters["delayNs"]).toBeGreaterThan(1e9);
    expect(left.parameters["delayNs"]).toBeLessThan(2.1e9);
    expect(shrunk.plan.safetyUntilNs).toBe(left.untilNs);
    expect(shrunk.plan.durationNs).toBeLessThan(40e9);
    checkPlan(shrunk.plan);
  });

  it("refuses a plan that passes, and stops when its runs are used up", () => {
    expect(codeOf(() => shrinkPlan(plan, () => false))).toBe("FAULT_INPUT plan");
    expect(codeOf(() => shrinkPlan(plan, () => true, { runMax: 5 } as never))).toBe(
      "FAULT_CONFIG options.runMax",
    );
    let runs = 0;
    const count = (): boolean => ++runs > 0;
    const shrunk = shrinkPlan(plan, count, { runsMax: 3 });
    expect([runs, shrunk.runs, shrunk.isMinimal]).toEqual([3, 3, false]);
    expect(shrinkPlan(plan, () => true).plan.faults).toEqual([]);
  });
});
