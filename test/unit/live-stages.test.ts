import { describe, expect, it } from "vitest";
import { type LimitName, NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import { preflight } from "../../src/run/index.ts";
import { limitsLacking, liveLacking, preflightLacking } from "../../src/run/live-refusals.ts";
import { checkStages, type LiveStage, StageClock, shareOf } from "../../src/run/live-stages.ts";
import type { TraderPlan } from "../../src/run/trader-options.ts";

const INES = { name: "Ines", role: "risk" } as const;
const MARA = { name: "Mara", role: "risk" } as const;
const stagesOf = (...steps: LiveStage[]) => ({ by: INES, reason: "a graduated start", steps });

describe("the clock of a graduated start", () => {
  it("waits for the whole time and for every execution since the step before", () => {
    const steps = [
      { share: 0.1 },
      { share: 0.5, afterNs: 100, afterFills: 2 },
      { share: 1, afterNs: 100, afterFills: 1 },
    ];
    const clock = new StageClock(stagesOf(...steps));
    clock.enter(0, 1_000);
    clock.fills = 2;
    expect(clock.due(1_099)).toBeUndefined();
    expect(clock.due(1_100)).toBe(steps[1]);
    clock.fills = 1;
    expect(clock.due(9_000)).toBeUndefined();
    clock.fills = 5;
    clock.enter(1, 1_200);
    expect([clock.share, clock.fills, clock.isLast]).toEqual([0.5, 0, false]);
    expect(clock.due(9_000)).toBeUndefined();
    clock.fills = 1;
    expect([clock.due(1_299), clock.due(1_300)]).toEqual([undefined, steps[2]]);
    clock.enter(2, 1_300);
    expect([clock.share, clock.isLast, clock.due(9_000)]).toEqual([1, true, undefined]);
  });

  it("asks for approval step by step, by whom it was given, and keeps it over a restart", () => {
    const asks = { needsApproval: true } as const;
    const stages = stagesOf({ share: 0.1 }, { share: 0.5, ...asks }, { share: 1, ...asks });
    const clock = new StageClock(stages);
    expect([clock.due(5), clock.signed]).toEqual([undefined, { by: INES, reason: "a graduated start" }]);
    clock.approval = { by: MARA, reason: "a good week" };
    clock.fills = 3;
    const again = new StageClock(stages);
    again.load(JSON.parse(JSON.stringify(clock.save())));
    expect([again.signed.by, again.fills, again.due(5)]).toEqual([MARA, 3, stages.steps[1]]);
    again.enter(1, 5);
    // One approval is good for one step.
    expect([again.due(1e12), again.signed.by]).toEqual([undefined, INES]);
  });

  it.each([
    ["live.stages.steps[2].share", [{ share: 0.1 }, { share: 0.5, afterNs: 1 }, { share: 0.2, afterNs: 1 }]],
    ["live.stages.steps[1].share", [{ share: 0.5 }, { share: 0.5, afterNs: 1 }]],
    ["live.stages.steps[0].share", [{ share: 1.1 }]],
    ["live.stages.steps[1].afterFills", [{ share: 0.1 }, { share: 1, afterFills: 0.5 }]],
  ] as const)("faults by name: %s", (path, steps) => {
    expect(() => checkStages(stagesOf(...steps))).toThrow(path);
  });

  it("takes a share of every limit of size and loss, and never rounds one up or away", () => {
    const limits = {
      maxOrderLots: 7,
      maxGrossValue: "100.05",
      maxDailyLoss: "0.03",
      maxOrdersPerSecond: 9,
    } as const;
    const [node] = shareOf([{ level: "firm", limits }], 0.1);
    expect(node?.limits).toEqual({
      maxOrderLots: 1,
      maxGrossValue: "10.00",
      maxDailyLoss: "0.00",
      maxOrdersPerSecond: 9,
    });
    expect(shareOf([{ level: "firm", limits }], 1)[0]?.limits).toEqual(limits);
  });
});

describe("what a live trader lacks", () => {
  const BOUND: RiskLimits = {
    ...NO_LIMITS,
    ...{ maxOrderLots: 10, maxLongLots: 100, maxShortLots: 100, maxDailyLoss: "1000" },
    ...{ maxOrdersPerSecond: 100, priceCollarBps: 100 },
  };
  const without = (name: LimitName): RiskLimits => ({ ...BOUND, [name]: "unlimited" });

  it.each([
    ["maxOrderLots", "maxOrderValue", "5"],
    ["maxLongLots", "maxNetValue", "5"],
    ["maxShortLots", "maxGrossValue", "5"],
    ["maxOrdersPerSecond", "maxOrdersPerMinute", 5],
    ["priceCollarBps", "priceCollarTicks", 5],
  ] as const)("is a bound where %s is none, unless %s is one", (name, other, value) => {
    const codes = (limits: RiskLimits) => limitsLacking([{ level: "firm", limits }]).map(({ code }) => code);
    expect(codes(BOUND)).toEqual([]);
    expect(codes(without(name))).toEqual(["LIVE_LIMITS_UNBOUNDED"]);
    expect(codes({ ...without(name), [other]: value })).toEqual([]);
  });

  const planOf = (policy: string, stale: readonly object[]): TraderPlan =>
    ({
      session: {
        risk: { limits: [{ level: "firm", limits: BOUND }] },
        instruments: [],
        strategies: [{ name: "a" }, { name: "b" }],
      },
      ...{ journal: { policy }, stale },
    }) as unknown as TraderPlan;

  it("is a policy for each strategy, by its name or for all of them", () => {
    const lacks = (...stale: object[]) => liveLacking(planOf("sync", stale), []).map(({ value }) => value);
    expect(lacks({ strategy: "a" })).toEqual([["b"]]);
    expect(lacks({ strategy: "a" }, { strategy: "b" })).toEqual([]);
    expect(lacks({})).toEqual([]);
    expect(lacks()).toEqual([["a", "b"]]);
  });

  it("is a journal that outlives this machine's power, or the machine", () => {
    const codes = (policy: string) => liveLacking(planOf(policy, [{}]), []).map(({ code }) => code);
    expect([codes("sync"), codes("replicated"), codes("async")]).toEqual([[], [], ["LIVE_JOURNAL_WEAK"]]);
  });

  it("is what failed in a preflight, and not what it warns of", () => {
    const check = (name: string, state: "ok" | "warn" | "fail") => ({
      name,
      state,
      measured: "",
      expected: "",
      change: "",
    });
    expect(preflightLacking(preflight([check("a", "warn"), check("b", "ok")]))).toEqual([]);
    const [refusal] = preflightLacking(preflight([check("a", "warn"), check("b", "fail")]));
    expect(refusal).toMatchObject({ code: "LIVE_PREFLIGHT_RED", value: ["b"] });
  });
});
