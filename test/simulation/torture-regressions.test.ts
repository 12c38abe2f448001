import { describe, expect, it } from "vitest";
import { decodePlan, type PlannedFault, type SeedResult, simulateSeed } from "../../src/torture/index.ts";

/** A seed with the plan that it needed, made small by `tickwright simulate --shrink`. */
interface Regression {
  readonly seed: number;
  /** The faults end and the rest begins. */
  readonly untilNs: number;
  readonly restNs: number;
  readonly force: number;
  readonly faults: readonly PlannedFault[];
  /** What went wrong under it, until it was put right. */
  readonly found: string;
}

const fault = (
  name: PlannedFault["fault"],
  ns: number,
  parameters: Readonly<Record<string, number>> = {},
  { target = 0, untilNs = ns }: { readonly target?: number; readonly untilNs?: number } = {},
): PlannedFault => ({ ns, untilNs, fault: name, target, parameters });

/** Plans that found something: each stays, whatever later seeds draw. */
const REGRESSIONS: readonly Regression[] = [
  {
    seed: 1000,
    untilNs: 12_064_615_153,
    restNs: 20e9,
    force: 0.25,
    faults: [
      fault("diskEntryLost", 2_685_454_026),
      fault("diskEntryLost", 3_315_587_520),
      fault("crashAfterEffect", 5_407_475_559, { skip: 0, loss: 1 }),
      fault("diskEntryLost", 5_731_204_795),
      fault("diskReadOnly", 12_064_614_351, {}, { untilNs: 12_064_615_153 }),
    ],
    found:
      "a disk that lost every segment and no snapshot: a new session began, and loaded the old one's snapshot later",
  },
  {
    seed: 66,
    untilNs: 9_958_106_769,
    restNs: 20e9,
    force: 0.5,
    faults: [
      fault("hostClockJump", 3_625_688_786, { delayNs: 5_551_224_533 }),
      fault("hostClockJump", 4_294_387_038, { delayNs: 6_818_934_430 }),
      fault("hostClockJump", 9_516_753_859, { delayNs: -518_808_107 }),
      fault("processPause", 9_607_693_373, { delayNs: 11_490_660_978 }),
      fault("outOfMemory", 9_849_751_687),
      fault("failoverSilent", 9_958_106_769, { count: 0 }, { target: 3 }),
    ],
    found: "orders that a failover lost stayed ghosts after the clock had jumped ahead",
  },
  {
    seed: 157,
    untilNs: 5_408_535_654,
    restNs: 20e9,
    force: 0.5,
    faults: [
      fault("fillLost", 5_408_534_556, { probability: 0.93449 }, { target: 4, untilNs: 5_408_535_073 }),
      fault(
        "correct",
        5_408_534_656,
        { probability: 0.147375, delayNs: 1000 },
        { target: 4, untilNs: 5_408_535_654 },
      ),
    ],
    found: "an execution that was never told and then corrected was not booked by reconciliation either",
  },
  {
    seed: 203,
    untilNs: 10e9,
    restNs: 20e9,
    force: 0.5,
    faults: [
      fault(
        "messageDrop",
        2_481_323_810,
        { probability: 0.001599799773217067 },
        { target: 2, untilNs: 5_254_975_471 },
      ),
      fault(
        "slowCollection",
        3_465_475_073,
        { delayNs: 913_736_130, everyNs: 10e9 },
        { untilNs: 3_465_475_751 },
      ),
    ],
    found: "a position was one lot off after the process had stood still for a second",
  },
  {
    seed: 324,
    untilNs: 21_929_337_113,
    restNs: 20e9,
    force: 0.25,
    faults: [
      fault(
        "messageCorrupt",
        1_732_989_103,
        { probability: 0.5292743188167525 },
        { target: 4, untilNs: 21_929_337_113 },
      ),
      fault("diskSlow", 6_509_472_636, { times: 3489.893217333663 }, { untilNs: 9_661_665_773 }),
    ],
    found: "an order that hung in a line and was given up came to the venue on top of what took its place",
  },
  {
    seed: 3545,
    untilNs: 40000000000,
    restNs: 20000000000,
    force: 0.25,
    faults: [
      fault(
        "correct",
        5568706187,
        { probability: 0.8548537075320691, delayNs: 1000 },
        { target: 1, untilNs: 28047887793 },
      ),
    ],
    found:
      "a corrected execution was let go as of its first time, seen at the venue as of its second, and booked again",
  },
  {
    seed: 20859,
    untilNs: 35210318354,
    restNs: 20000000000,
    force: 0.25,
    faults: [
      fault(
        "correct",
        34699588931,
        { probability: 0.40239061119500563, delayNs: 176937752 },
        { target: 2, untilNs: 34883918320 },
      ),
      fault("processPause", 34841947110, { delayNs: 2704595075 }, { target: 0, untilNs: 34841947110 }),
      fault("diskReadOnly", 35210317660, {}, { target: 0, untilNs: 35210318354 }),
    ],
    found: "an execution taken back here before its correction came was never booked again",
  },
  {
    seed: 11,
    untilNs: 2900226607,
    restNs: 10000000000,
    force: 0.6,
    faults: [
      fault(
        "stopOrder",
        1900263697,
        { probability: 0.17401002666889412, delayNs: 2294460899 },
        { target: 2, untilNs: 1900264489 },
      ),
      fault(
        "rejectLate",
        2900225712,
        { probability: 0.3798236903633194, delayNs: 1000 },
        { target: 2, untilNs: 2900226607 },
      ),
    ],
    found:
      "an order that was rejected while it was stopped stayed open for ever: the word is none for reconciliation",
  },
];

function run({ seed, untilNs, restNs, force, faults }: Regression): SeedResult {
  const plan = { version: 1, durationNs: untilNs + restNs, safetyUntilNs: untilNs, intensities: {}, faults };
  return simulateSeed(seed, { force, replayEvery: 1 }, decodePlan(JSON.stringify(plan)));
}

describe("plans that found something", () => {
  it.each(REGRESSIONS)("seed $seed: $found", (regression) => {
    const { violations } = run(regression);
    expect(violations.map(({ oracle, detail }) => `${oracle}: ${detail}`)).toEqual([]);
  });

  it("leave the same trace twice", () => {
    const [first] = REGRESSIONS as readonly [Regression];
    expect(run(first).traceHash).toBe(run(first).traceHash);
  });
});
