import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { renderSweep } from "../../src/report/index.ts";
import { backtestOverfitting, deflatedSharpe, sharpeMoments, sharpeTrials } from "../../src/stat/index.ts";
import {
  crossValidate,
  type PointResult,
  SerialExecutor,
  Sweep,
  type SweepResult,
  sweepStudy,
  walkForward,
} from "../../src/sweep/index.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

const MODULE = join(import.meta.dirname, "../fixtures/sweep-recipe.ts");

async function sweep(
  space: Readonly<Record<string, readonly (number | string)[]>>,
  days = 300,
): Promise<SweepResult> {
  const recipe = { module: MODULE, name: "averages" };
  return new Sweep({ space, tapes: [barMarket(days)], recipe, executor: new SerialExecutor() }).run();
}

/** A sweep whose points have these returns. */
function planted(from: SweepResult, returns: readonly Float64Array[]): SweepResult {
  const [first] = from.points;
  const points = returns.map((own, index) => ({ ...(first as PointResult), index, returns: own }));
  return { ...from, points };
}

describe("a study of a sweep", () => {
  it("is made of what stat says of its points, the number of trials that of points", async () => {
    const result = await sweep({ fast: [2, 3, 4, 5], slow: [10, 20, 30] });
    const study = sweepStudy(result);
    const columns = result.points.map(({ returns }) => returns);
    const moments = columns.map((column) => sharpeMoments(column));
    const ratios = moments.map((each) => each?.sharpe ?? 0);
    const best = ratios.indexOf(Math.max(...ratios));
    const top = moments[best];
    if (top === null || top === undefined) throw new Error("no best");
    const trials = sharpeTrials(ratios);
    expect(trials?.count).toBe(12);
    expect(study).toMatchObject({ trials: 12, best, periods: 299, moments: top });
    expect(study.deflated).toEqual(deflatedSharpe(top, trials as NonNullable<typeof trials>));
    expect(study.overfitting?.probability).toBe(backtestOverfitting(columns).probability);
    expect(study.periodsPerYear).toBeCloseTo(365.25, 6);
    expect(study.effectiveTrials).toBeGreaterThan(1);
    expect(study.effectiveTrials).toBeLessThan(12);
    expect(study.stability?.layout).toBe("grid");
    expect(study.shuffled?.actual.finalEquity).toBeCloseTo(
      (columns[best] as Float64Array).reduce((growth, each) => growth * (1 + each), 1),
      12,
    );
    expect(sweepStudy(result)).toEqual(study);
  });

  it("does not take noise for an edge, and takes an edge for one", async () => {
    const from = await sweep({ fast: [2, 3], slow: [10] });
    const draws = new Prng(5);
    const noise = Array.from({ length: 100 }, () =>
      Float64Array.from({ length: 299 }, () => 0.01 * draws.normal()),
    );
    const luck = sweepStudy(planted(from, noise));
    expect(luck.deflated?.probability).toBeLessThan(0.95);
    expect(luck.reality?.pValue).toBeGreaterThan(0.05);
    expect(luck.minimumLength).toBeGreaterThan(0);
    const edge = noise.map((column, i) => (i === 41 ? column.map((value) => value + 0.005) : column));
    const found = sweepStudy(planted(from, edge));
    expect(found.best).toBe(41);
    expect(found.overfitting?.probability).toBeLessThan(0.1);
    expect(found.deflated?.probability).toBeGreaterThan(0.99);
    expect(found.reality?.pValue).toBeLessThan(0.01);
  });

  it("chooses as time went on, by the sweep's objective and with periods left out", async () => {
    const result = await sweep({ fast: [2, 3, 4], slow: [10, 20] });
    const study = sweepStudy(result);
    const standard = { metric: "sharpe", purge: 1, embargo: 3 };
    expect(study.walkForward).toEqual(walkForward(result, standard));
    expect(study.crossValidation).toEqual(crossValidate(result, standard));
    expect(study.walkForward?.windows).toHaveLength(5);
    expect(study.crossValidation?.paths).toHaveLength(36);
    const low = { ...result, plan: { ...result.plan, objective: "maxDrawdown", sign: -1 as const } };
    expect(sweepStudy(low).walkForward?.metric).toBe("-maxDrawdown");
    const trades = { ...result, plan: { ...result.plan, objective: "profitFactor" } };
    expect(sweepStudy(trades).crossValidation?.metric).toBe("sharpe");
    const own = sweepStudy(result, {
      walkForward: { folds: 3 },
      crossValidation: { groups: 4, testGroups: 2 },
    });
    expect(own.walkForward?.windows).toHaveLength(3);
    expect(own.crossValidation?.splits).toBe(6);
  });

  it("does not cut too few periods, unless told how", async () => {
    const few = await sweep({ fast: [2, 3], slow: [10] }, 60);
    expect(sweepStudy(few)).toMatchObject({ walkForward: null, crossValidation: null });
    expect(sweepStudy(few, { walkForward: { folds: 2 } }).walkForward?.windows).toHaveLength(2);
    const page = renderSweep(few);
    expect(page).toContain("Too few points or periods for a walk forward: 2 points over 59 periods.");
    expect(page).toContain("Too few points or periods for a cross-validation");
  });

  it("has nothing to say of nothing", async () => {
    const one = sweepStudy(await sweep({ fast: [2], slow: [10] }));
    expect(one).toMatchObject({ trials: 1, deflated: null, overfitting: null, stability: null });
    const none = sweepStudy(await sweep({ fast: [5], slow: [3] }));
    expect(none).toMatchObject({ trials: 0, best: null, reality: null, walkForward: null });
  });

  it.each([
    ["too few resamples", { resamples: 5 }, "study.resamples"],
    ["a seed that is none", { seed: 0.5 }, "study.seed"],
    ["an unknown word", { luck: 1 } as never, "study.luck"],
    ["no folds", { walkForward: { folds: 0 } }, "walkForward.folds"],
    ["one group", { crossValidation: { groups: 1 } }, "crossValidation.groups"],
  ])("refuses %s", async (_name, options, path) => {
    const result = await sweep({ fast: [2], slow: [10] });
    expect(() => sweepStudy(result, options)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });
});

describe("a sweep's page", () => {
  it("leads with what the best is worth, and shows the space", async () => {
    const result = await sweep({ fast: [2, 3, 4, 5], slow: [10, 20, 30] });
    const page = renderSweep(result);
    const places = ['id="worth"', 'class="verdict', "Deflated Sharpe ratio", 'id="space"', 'id="points"'].map(
      (text) => page.indexOf(text),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    const figures = result.points.map(({ stats }) => stats["sharpe"] as number);
    const middle = (Math.min(...figures) + Math.max(...figures)) / 2;
    const above = figures.filter((figure) => figure >= middle).length;
    expect(page.match(/class="heat up"/g)).toHaveLength(above);
    expect(page.match(/class="heat down"/g)).toHaveLength(12 - above);
    expect(page.match(/class="ray/g)).toHaveLength(12);
    expect(page).toContain('content="light dark"');
    expect(page).not.toContain("NaN");
    expect(renderSweep(result)).toBe(page);
  });

  it("shows what was chosen in each window, the curves and the paths", async () => {
    const result = await sweep({ fast: [2, 3, 4, 5], slow: [10, 20, 30] });
    const study = sweepStudy(result);
    const page = renderSweep(result, study);
    const own = page.slice(page.indexOf('id="choosing"'), page.indexOf('id="space"'));
    for (const { point } of study.walkForward?.windows ?? []) {
      const params = result.points.find(({ index }) => index === point)?.params;
      expect(own).toContain(`fast ${params?.["fast"]}, slow ${params?.["slow"]}`);
    }
    const curves = [...own.matchAll(/<path class="line (\w+)"[^>]* d="M([^"]+)"/g)];
    const drawn = curves.filter(([, , way]) => (way as string).split("L").length > 2);
    expect(drawn.map(([, tone]) => tone)).toEqual(["quiet", "main"]);
    const values = (study.walkForward?.returns.length ?? 0) + 1;
    expect(drawn.every(([, , way]) => (way as string).split("L").length === values)).toBe(true);
    const counts = [...own.matchAll(/<rect class="column (\w+)"[^>]*><title>[^:]+: (\d+)</g)];
    const sum = (tone: string): number =>
      counts.filter(([, own]) => own === tone).reduce((total, [, , count]) => total + Number(count), 0);
    const below = study.crossValidation?.sharpes.filter((ratio) => ratio < 0).length;
    expect([sum("fall"), sum("fall") + sum("main")]).toEqual([below, 36]);
    expect(own).toContain("nobody knew that point at the time");
    expect(own).toContain("may come from a position opened before it");
  });

  it("tells lengths in the unit that is read, and gains that are little with the digits they need", async () => {
    const days = renderSweep(await sweep({ fast: [2, 3, 4, 5], slow: [10, 20, 30] }));
    expect(days).toContain("Over 299 periods of the sweep, 299\u00a0d. Ratios");
    const result = await sweep({ fast: [2, 3, 4, 5], slow: [10, 20, 30] });
    const little = planted(
      result,
      result.points.map(({ returns }) => returns.map((each) => each / 1e5)),
    );
    const [, made = "", could = ""] =
      /At the end (\S+) out of sample, (\S+) of the point/.exec(renderSweep(little)) ?? [];
    const digits = [made, could].map((text) => text.split(".")[1]?.length);
    expect(digits[0]).toBeGreaterThan(3);
    expect(digits[1]).toBe(digits[0]);
    expect(Number(made)).toBeCloseTo(100, 2);
    expect(Number(made)).not.toBe(100);
    expect(made).not.toBe(could);
  });

  it("lets no parameter become markup, and names what failed", async () => {
    const result = await sweep({ fast: [2, 9], slow: [5], mode: ["<b>&\"'", "throw"] });
    const page = renderSweep(result);
    expect(page).not.toContain("<b>");
    expect(page).toContain("&lt;b&gt;&amp;&quot;&#39;");
    expect(page).toContain('id="failures"');
    expect(page).toContain("a recipe that throws");
  });

  it("stands without points", async () => {
    const page = renderSweep(await sweep({ fast: [5], slow: [3] }));
    expect(page).toContain("Too few points or returns");
    expect(page).toContain("No point has run.");
    expect(page).not.toContain("NaN");
  });
});
