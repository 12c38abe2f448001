import { describe, expect, it } from "vitest";
import { compareRuns, comparisonCsv, renderComparison } from "../../src/report/index.ts";
import type { RunResult } from "../../src/run/index.ts";
import { sharpe, simpleReturns } from "../../src/stat/index.ts";
import { htmlShape } from "../fixtures/html-shape.ts";
import { runResult } from "../fixtures/run-results.ts";

const BASE = runResult("daily");

interface Change {
  readonly name?: string;
  readonly equity?: (value: number, i: number) => number;
  readonly change?: Partial<RunResult>;
  readonly manifest?: Partial<RunResult["manifest"]>;
  readonly from?: number;
}

/** The base with other equity, from a later sample on, or with other facts. */
function other({ name = "other", equity, change = {}, manifest = {}, from = 0 }: Change = {}): RunResult {
  const values = BASE.samples.equity.map((value, i) => equity?.(value, i) ?? value).slice(from);
  const ms = BASE.samples.ms.slice(from);
  return {
    ...BASE,
    name,
    runHash: `x${BASE.runHash.slice(1)}`,
    fromNs: `${ms[0]}000000`,
    money: { ...BASE.money, finalEquity: String(values.at(-1)) },
    samples: {
      ...BASE.samples,
      ms,
      equity: values,
      exposure: BASE.samples.exposure.slice(from),
      instruments: [],
    },
    manifest: { ...BASE.manifest, ...manifest },
    ...change,
  };
}

const better = (value: number, i: number): number => value * (1 + i * 1e-4);
const textsOf = (results: readonly RunResult[], kind: string): string[] =>
  compareRuns(results, { resamples: 50 })
    .notices.filter((notice) => notice.kind === kind)
    .map(({ text }) => text);
const figureOf = (results: readonly RunResult[], group: string, key: string) =>
  compareRuns(results, { resamples: 200 }).figures.find((one) => one.group === group && one.key === key);

describe("runs that are alike", () => {
  const pair = [BASE, other({ equity: better })];

  it("have their best marked where a figure says which way is better", () => {
    const { figures } = compareRuns(pair, { resamples: 200 });
    const best = Object.fromEntries(
      figures.map(({ group, key, best: places }) => [`${group}.${key}`, places]),
    );
    expect(best["run.return"]).toEqual([1]);
    expect(best["run.volatility"]).toEqual([]);
    expect(best["run.finalEquity"]).toEqual([]);
    expect(best["costs.feeBp"]).toEqual([]); // equal
    expect(best["orders.submitted"]).toEqual([]);
    expect(figures.some(({ group }) => group === "common")).toBe(false);
  });

  it("have no best of figures that print alike", () => {
    const { fills } = BASE;
    const [less, far] = [1e-6, 0.1].map((share) =>
      other({ change: { fills: { ...fills, turnover: fills.turnover * (1 + share) } } }),
    ) as [RunResult, RunResult];
    expect(figureOf([BASE, less], "costs", "feeBp")?.best).toEqual([]);
    expect(figureOf([BASE, less, far], "costs", "feeBp")?.best).toEqual([2]);
    expect(figureOf([BASE, other({ change: BASE }), far], "costs", "feeBp")?.best).toEqual([2]);
    expect(figureOf([far, less, far], "costs", "feeBp")?.best).toEqual([0, 2]);
  });

  it("have differences per year whose size is that of stat, and which turn with the order", () => {
    const there = compareRuns(pair, { resamples: 200 }).differences;
    const back = compareRuns([...pair].reverse(), { resamples: 200 }).differences;
    const [one, two] = [there?.pairs[0], back?.pairs[0]];
    expect(one?.sharpe?.difference).toBeCloseTo(-(two?.sharpe?.difference ?? 0), 12);
    expect(one?.returns.low).toBeCloseTo(-(two?.returns.high ?? 0), 9);
    const ratio = ({ samples }: RunResult): number =>
      sharpe(simpleReturns(samples.equity) ?? [], { periodsPerYear: there?.periodsPerYear ?? 0 }) ?? 0;
    const [a, b] = pair as [RunResult, RunResult];
    expect(one?.sharpe?.difference).toBeCloseTo(ratio(b) - ratio(a), 9);
    expect(there?.periods).toBe(BASE.samples.ms.length - 1);
  });

  it("have no best Sharpe ratio where luck may explain it, and one where it may not", () => {
    const noisy = other({ equity: (value, i) => value * (1 + 0.002 * Math.sin(i * i)) });
    expect(figureOf([BASE, noisy], "run", "sharpe")?.best).toEqual([]);
    const sharpeOf = (result: RunResult): RunResult => ({ ...result, stats: { ...result.stats, sharpe: 9 } });
    const steady = sharpeOf(other({ equity: (value, i) => value * (1 + i * 1e-3) }));
    expect(figureOf([BASE, steady], "run", "sharpe")?.best).toEqual([1]);
  });

  it("are indexed to 100, and fall from their own peaks", () => {
    const { curves, common } = compareRuns(pair, { resamples: 50 });
    expect(curves?.index.map((line) => line[0])).toEqual([100, 100]);
    const last = ((BASE.samples.equity.at(-1) as number) / (BASE.samples.equity[0] as number)) * 100;
    expect(curves?.index[0]?.at(-1)).toBeCloseTo(last, 3);
    const deepest = Math.min(...(curves?.drawdown[0] ?? []).map((value) => value ?? 0));
    expect(deepest).toBeCloseTo(-100 * (BASE.stats["maxDrawdown"] as number), 4);
    expect(common?.samples).toBe(BASE.samples.ms.length);
    expect(curves?.ms.length).toBeLessThanOrEqual(2_400);
  });

  it("tell what they were not made from alike, and nothing else", () => {
    const [first] = BASE.manifest.strategies;
    const changed = other({
      manifest: {
        seed: 43,
        strategies: [{ name: first?.name ?? "", params: { ...(first?.params as object), fastBars: 60 } }],
        cash: { USD: "1000000.00", EUR: "0" },
      },
    });
    expect(compareRuns([BASE, changed], { resamples: 50 }).manifest).toEqual([
      { path: "seed", values: ["42", "43"] },
      { path: "strategies.trend-following.params.fastBars", values: ["50", "60"] },
      { path: "cash.EUR", values: [null, '"0"'] },
    ]);
    expect(compareRuns([BASE, other()], { resamples: 50 }).manifest).toEqual([]);
  });
});

describe("runs that are not alike", () => {
  it("of other currencies have no best and no difference", () => {
    const euro = other({ equity: better, change: { currency: "EUR" } });
    const { differences, figures, notices } = compareRuns([BASE, euro], { resamples: 50 });
    expect(differences).toBeNull();
    expect(figures.every(({ best }) => best.length === 0)).toBe(true);
    expect(notices[0]).toEqual({
      kind: "refused",
      text: expect.stringMatching(/^Currencies differ \(USD: .*EUR: other\)/),
    });
  });

  it("of other tapes have no best; of a generated one no difference either", () => {
    const inputs = BASE.manifest.inputs.map((input) => ({ ...input, contentSha256: "0".repeat(64) }));
    const tape = other({ equity: better, manifest: { inputs } });
    const real = compareRuns([BASE, tape], { resamples: 50 });
    expect(real.figures.every(({ best }) => best.length === 0)).toBe(true);
    expect(real.differences).not.toBeNull();
    expect(textsOf([BASE, tape], "refused")[0]).toMatch(/^The markets differ/);
    // No figure has a best: not those over a common span either.
    const both = textsOf([BASE, { ...tape, toNs: `${BigInt(tape.toNs) + 1n}` }], "refused");
    expect(both.join("\n")).toMatch(/^Spans differ \(.*\)\.$/m);
    const generated = { ...tape, simulated: true };
    expect(compareRuns([BASE, generated], { resamples: 50 }).differences).toBeNull();
    expect(textsOf([BASE, generated], "refused")[1]).toMatch(/generated/);
  });

  it("closed markets are one market by what they were made from, whatever came of them", () => {
    const closed = (sha: string, source: string): RunResult =>
      other({
        name: sha,
        change: { simulated: true },
        manifest: {
          inputs: BASE.manifest.inputs.map((input) => ({
            ...input,
            schema: "closed",
            contentSha256: sha,
            source,
          })),
        },
      });
    expect(textsOf([closed("a", "seed 1"), closed("b", "seed 1")], "refused")).toEqual([]);
    expect(textsOf([closed("a", "seed 1"), closed("b", "seed 2")], "refused")[0]).toMatch(
      /^The markets differ/,
    );
  });

  it("of other spans are ranked over what they have in common only", () => {
    const late = other({ equity: better, from: 1_000 });
    const comparison = compareRuns([BASE, late], { resamples: 50 });
    const best = comparison.figures.filter((one) => one.best.length > 0).map(({ group }) => group);
    expect(new Set(best)).toEqual(new Set(["common"]));
    expect(comparison.common?.samples).toBe(BASE.samples.ms.length - 1_000);
    const shared = comparison.figures.find(({ group, key }) => group === "common" && key === "return");
    const { equity } = BASE.samples;
    expect(shared?.values[0]).toBeCloseTo((equity.at(-1) as number) / (equity[1_000] as number) - 1, 12);
    expect(comparison.curves?.index[0]?.[0]).toBe(100);
    expect(textsOf([BASE, late], "refused")[0]).toMatch(/^Spans differ/);
  });

  it("without common moments have neither curves nor differences", () => {
    const ms = BASE.samples.ms.map((at) => at + 1);
    const off = other({ change: { samples: { ...BASE.samples, ms } } });
    const comparison = compareRuns([BASE, off], { resamples: 50 });
    expect([comparison.common, comparison.curves, comparison.differences]).toEqual([null, null, null]);
    expect(textsOf([BASE, off], "refused")).toEqual([expect.stringMatching(/no two samples of one moment/)]);
    expect(renderComparison(comparison).includes("no curves")).toBe(true);
  });

  it("are told of with care: versions, equity at the start, one run twice", () => {
    const money = { ...BASE.money, initialEquity: "5.00" };
    expect(textsOf([BASE, other({ change: { money } })], "caution")).toEqual([
      expect.stringMatching(/different equity/),
    ]);
    expect(textsOf([BASE, other({ manifest: { version: "9" } })], "caution")).toEqual([
      expect.stringMatching(/^Versions of the package differ \(0\.1\.0: .*; 9: other\)/),
    ]);
    expect(textsOf([BASE, BASE], "caution")[0]).toMatch(/All are one run/);
    expect(textsOf([BASE, other(), BASE], "caution")[0]).toMatch(/are one run, by its hash/);
  });
});

describe("what a comparison takes", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["none", () => compareRuns([]), /FAULT_CONFIG results/],
    ["nine", () => compareRuns(new Array<RunResult>(9).fill(BASE)), /FAULT_INPUT results\.length: .*8/],
    ["what is no result", () => compareRuns([BASE, {} as RunResult]), /FAULT_INPUT results\[1\]\.schema/],
    [
      "labels that do not fit",
      () => compareRuns([BASE], { labels: [] }),
      /FAULT_CONFIG comparison\.labels\.length/,
    ],
    [
      "an option it has not",
      () => compareRuns([BASE], { best: 1 } as object),
      /FAULT_CONFIG comparison\.best/,
    ],
    ["a page of nothing", () => renderComparison({} as never), /FAULT_INPUT comparison\.schema/],
    ["a table of nothing", () => comparisonCsv({} as never), /FAULT_INPUT comparison\.schema/],
  ])("refuses %s", (_, call, says) => {
    expect(call).toThrow(says);
  });
});

describe("the page of a comparison", () => {
  const eight = Array.from({ length: 8 }, (_, i) =>
    other({
      name: `run ${i}`,
      equity: (value, k) => value * (1 + i * k * 1e-5),
      change: { runHash: `${i}`.repeat(64) },
    }),
  );

  it("is one file without scripts or requests, says first what is refused, and is well formed for eight", () => {
    const odd = [...eight.slice(0, 7), { ...(eight[7] as RunResult), currency: "EUR" }];
    const page = renderComparison(compareRuns(odd, { resamples: 50 }));
    const shape = htmlShape(page);
    expect(shape.faults).toEqual([]);
    expect(/<script|https?:|url\(| style="/.exec(page)?.[0]).toBeUndefined();
    expect(page.includes("default-src &#39;none&#39;; style-src &#39;sha256-")).toBe(true);
    expect(page.indexOf("Not comparable in full")).toBeGreaterThan(0);
    expect(page.indexOf("Not comparable in full")).toBeLessThan(page.indexOf("<table"));
    expect(page.match(/<path class="run run-\d/g)?.length).toBeGreaterThanOrEqual(24);
    expect(page.length).toBeLessThan(1_000_000);
  });

  it("gives equal bytes for equal runs, a legend entry a run, and a best in words", () => {
    const make = (): string => renderComparison(compareRuns(eight, { resamples: 50 }));
    const page = make();
    expect(make() === page).toBe(true);
    expect(page.match(/<li><svg class="still swatch"/g)).toHaveLength(8);
    expect(page.includes('<span class="best">best</span>')).toBe(true);
  });

  it("compares one run with nothing", () => {
    const page = renderComparison(compareRuns([BASE]));
    expect(htmlShape(page).faults).toEqual([]);
    expect(page.includes("nothing to compare it with")).toBe(true);
    expect(page.includes("Not comparable")).toBe(false);
  });
});

describe("the CSV of a comparison", () => {
  it("holds every figure of every run once, and no cell is a formula", () => {
    const comparison = compareRuns([BASE, other({ name: '=cmd("x"),1', equity: better })], { resamples: 50 });
    const lines = comparisonCsv(comparison).trimEnd().split("\n");
    expect(lines[0]).toBe("section,figure,unit,run,against,value,low,high,best");
    expect(lines).toContain(
      `run,return,percent,"'=cmd(""x""),1",,${comparison.figures[1]?.values[1]},,,best`,
    );
    const figures = lines.filter((line) => /^(run|costs|orders),/.test(line));
    expect(figures).toHaveLength(comparison.figures.length * 2);
    const [pair] = comparison.differences?.pairs ?? [];
    expect(lines.find((line) => line.startsWith("differences,returns,"))).toContain(`,${pair?.returns.low},`);
  });
});
