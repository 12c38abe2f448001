import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { BarTapeBuilder, type MemoryTape } from "../../src/feed/index.ts";
import { type BarBlock, NANOS_PER_DAY } from "../../src/model/index.ts";
import { renderSweep } from "../../src/report/index.ts";
import { Backtester, type RunResult, type RunStop } from "../../src/run/index.ts";
import { deflatedSharpe, realityCheck, sharpeMoments, sharpeTrials } from "../../src/stat/index.ts";
import {
  outcomeLine,
  readOutcome,
  SerialExecutor,
  Sweep,
  type SweepOptions,
  type SweepResult,
  sweepCsv,
  sweepJson,
  sweepStudy,
  ThreadExecutor,
  writeSweepParquet,
} from "../../src/sweep/index.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

const MODULE = join(import.meta.dirname, "../fixtures/sweep-recipe.ts");
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "sweep-prune-"));
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const each of folders.splice(0)) rmSync(each, { recursive: true, force: true });
});

/** One bar a day, all four prices equal. */
function days(prices: readonly number[]): MemoryTape<BarBlock> {
  const builder = new BarTapeBuilder({
    instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
    ...{ baseNs: 0n, source: "by hand", simulated: true },
  });
  for (const [i, price] of prices.entries()) {
    const ticks = price * 100;
    const openNs = i * NANOS_PER_DAY;
    const bar = { open: ticks, high: ticks, low: ticks, close: ticks, volume: 1_000_000 };
    builder.push({ openNs, closeNs: openNs + NANOS_PER_DAY / 2, ...bar });
  }
  return builder.build() as MemoryTape<BarBlock>;
}

/** Puts all it has, 1,000, into ten lots at the second day's 100. */
function hold(prices: readonly number[], stop?: RunStop): RunResult {
  return new Backtester({
    markets: [{ tape: days(prices) }],
    cash: { USD: "1000" },
    strategies: [
      {
        name: "hold",
        onBar(bar, ctx) {
          const key = bar.instrument.key;
          if (ctx.position(key).lots === 0 && ctx.openOrders().length === 0)
            ctx.submit({ instrument: key, side: "buy", lots: 10, type: "market" });
        },
      },
    ],
    ...(stop === undefined ? {} : { stop }),
  }).runToEnd();
}

const DAY_MS = 86_400_000;

describe("a run that may stop", () => {
  const prices = [100, 100, 120, 110, 96, 90, 80, 70, 200];

  it.each<[string, RunStop, { cause: string; day: number; share: number; equity: number }]>([
    [
      "drawdown, reached and not passed",
      { maxDrawdown: 0.2 },
      { cause: "maxDrawdown", day: 5, share: 0.2, equity: 960 },
    ],
    ["a deeper one", { maxDrawdown: 0.21 }, { cause: "maxDrawdown", day: 6, share: 0.25, equity: 900 }],
    ["loss", { loss: 0.1 }, { cause: "loss", day: 6, share: 0.1, equity: 900 }],
    [
      "what comes first",
      { loss: 0.1, maxDrawdown: 0.2 },
      { cause: "maxDrawdown", day: 5, share: 0.2, equity: 960 },
    ],
    [
      "loss, where both",
      { loss: 0.1, maxDrawdown: 0.25 },
      { cause: "loss", day: 6, share: 0.1, equity: 900 },
    ],
    [
      "no earlier than told, from a height before",
      { maxDrawdown: 0.2, afterNs: 7 * NANOS_PER_DAY - 43_200e9 },
      { cause: "maxDrawdown", day: 7, share: 1 / 3, equity: 800 },
    ],
  ])("stops by %s", (_name, stop, { cause, day, share, equity }) => {
    const { stopped, samples, warnings } = hold(prices, stop);
    expect(stopped).toMatchObject({ cause, ms: day * DAY_MS });
    expect(stopped?.share).toBeCloseTo(share, 12);
    expect(samples.equity.at(-1)).toBe(equity);
    expect(warnings.join()).toContain(`stopped early by ${cause}`);
  });

  it("is the same run where nothing stops it, and says nothing", () => {
    const whole = hold(prices);
    const spared = hold(prices, { loss: 0.31, maxDrawdown: 0.5 });
    expect(spared.stopped).toBeUndefined();
    expect("stopped" in whole).toBe(false);
    expect(spared.runHash).toBe(whole.runHash);
    expect(spared.samples).toEqual(whole.samples);
    // What is lost at the very end stops nothing: there is nothing left.
    expect(hold([100, 100, 120, 60], { loss: 0.1 }).stopped).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [{}, "backtest.stop"],
    [{ loss: 0 }, "backtest.stop.loss"],
    [{ loss: 1.01 }, "backtest.stop.loss"],
    [{ maxDrawdown: Number.NaN }, "backtest.stop.maxDrawdown"],
    [{ loss: 0.1, afterNs: -1 }, "backtest.stop.afterNs"],
    [{ loss: 0.1, after: 1 }, "backtest.stop.after"],
  ])("refuses %j", (stop, path) => {
    expect(() => hold(prices, stop as RunStop)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });

  it("is refused with a journal, whose replay would not know of it", () => {
    const [tape, cash, stop] = [days(prices), { USD: "1" }, { loss: 0.1 }];
    const options = { markets: [{ tape }], cash, strategies: [{}], stop, journal: {} as never };
    expect(() => new Backtester(options)).toThrow(expect.objectContaining({ path: "backtest.stop" }));
  });

  it("stops where a look at all samples of the whole run says", () => {
    const near = fc.double({ min: 0.01, max: 0.6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 20, max: 300 }), { minLength: 3, maxLength: 30 }),
        fc.option(near, { nil: undefined }),
        near,
        fc.integer({ min: 0, max: 20 }),
        (rest, loss, maxDrawdown, after) => {
          const all = [100, 100, ...rest];
          const stop = {
            ...(loss === undefined ? {} : { loss }),
            maxDrawdown,
            afterNs: after * NANOS_PER_DAY,
          };
          const { samples } = hold(all);
          const first = samples.ms[0] as number;
          const wanted = samples.equity.findIndex((equity, i) => {
            const highest = Math.max(...samples.equity.slice(0, i + 1));
            const isOver = highest - equity >= maxDrawdown * highest || 1_000 - equity >= (loss ?? 9) * 1_000;
            const isJudged = (samples.ms[i] as number) - first >= after * DAY_MS;
            return isOver && isJudged && i < samples.ms.length - 1;
          });
          const { stopped, samples: seen } = hold(all, stop);
          expect(stopped?.ms).toBe(samples.ms[wanted]);
          expect(seen.equity).toEqual(samples.equity.slice(0, wanted < 0 ? undefined : wanted + 1));
        },
      ),
      { numRuns: Number(process.env["PRUNE_RUNS"] ?? 150) },
    );
  });
});

const SPACE = { fast: { from: 2, to: 8, step: 2 }, slow: { from: 10, to: 30, step: 10 } };
const PRUNE = { maxDrawdown: 0.12 };

function plain(): SweepOptions {
  const recipe = { module: MODULE, name: "averages" };
  return { space: SPACE, tapes: [barMarket(400)], recipe, executor: new SerialExecutor() };
}

function sweepOf(options: Partial<SweepOptions> = {}): Sweep {
  return new Sweep({ ...plain(), prune: PRUNE, ...options });
}

function told({ points, failures, pruned, best, end }: SweepResult): unknown {
  const lines = [...points, ...pruned].map((point) => outcomeLine(point));
  return { end, failures, best: best?.index, lines, pruned: pruned.map((each) => each.pruned) };
}

describe("a sweep that ends points early", () => {
  it("tells them apart, and runs the others as they are", async () => {
    const whole = await new Sweep(plain()).run();
    const sweep = sweepOf();
    const { points, pruned, best, failures, end } = await sweep.run();
    expect(pruned.length).toBeGreaterThan(2);
    expect(points.length).toBeGreaterThan(2);
    expect([end, failures, points.length + pruned.length]).toEqual(["complete", [], 12]);
    expect(sweep.progress).toMatchObject({ done: 12, pruned: pruned.length, failed: 0 });
    for (const point of points) expect(point).toEqual(whole.points[point.index]);
    for (const point of pruned) {
      const until = whole.points[point.index]?.returns as Float64Array;
      const known = Math.floor(point.pruned.ms / DAY_MS) - 1;
      expect(point.returns.slice(0, known)).toEqual(until.slice(0, known));
      expect(point.returns.slice(known).every((each) => each === 0)).toBe(true);
      expect(point.pruned).toMatchObject({ cause: "maxDrawdown" });
      expect(point.pruned.share).toBeGreaterThanOrEqual(0.12);
      expect(readOutcome(outcomeLine(point))).toEqual(point);
    }
    const sharpes = points.map(({ stats }) => stats["sharpe"] as number);
    expect(best?.stats["sharpe"]).toBe(Math.max(...sharpes));
  });

  it("comes to the same in threads, and taken up again after any point", async () => {
    const serial = told(await sweepOf().run());
    expect(told(await sweepOf({ executor: new ThreadExecutor({ threads: 2 }) }).run())).toEqual(serial);
    for (const points of [1, 4, 9]) {
      const place = folder();
      const control = new AbortController();
      await sweepOf({ folder: place }).run({
        signal: control.signal,
        onProgress: ({ done }) => done === points && control.abort(),
      });
      const again = sweepOf({ folder: place });
      expect(told(await again.run())).toEqual(serial);
      expect(again.progress.kept).toBe(points);
    }
  });

  it("is another sweep under another rule", async () => {
    const place = folder();
    await sweepOf({ folder: place }).run();
    const others: Partial<SweepOptions>[] = [
      { prune: { maxDrawdown: 0.13 } },
      { prune: { loss: 0.12 } },
      { prune: { ...PRUNE, after: 0.5 } },
    ];
    for (const other of others) {
      await expect(sweepOf({ folder: place, ...other }).run()).rejects.toThrow(/what differs: prune$/m);
    }
    await expect(new Sweep({ ...plain(), folder: place }).run()).rejects.toThrow(/what differs: prune$/m);
  });

  it("waits for its share of the tapes' time", async () => {
    const early = await sweepOf().run();
    const late = await sweepOf({ prune: { ...PRUNE, after: 0.5 } }).run();
    const middle = 199 * DAY_MS;
    expect(early.pruned.some(({ pruned }) => pruned.ms < middle)).toBe(true);
    expect(late.pruned.length).toBeGreaterThan(0);
    expect(late.pruned.every(({ pruned }) => pruned.ms >= middle)).toBe(true);
  });

  it("counts each as a trial that holds cash, in all that luck is measured by", async () => {
    const result = await sweepOf().run();
    const { points, pruned } = result;
    const study = sweepStudy(result);
    const columns = [...points, ...pruned].sort((a, b) => a.index - b.index).map(({ returns }) => returns);
    const trials = sharpeTrials(columns.map((column) => sharpeMoments(column)?.sharpe ?? 0));
    expect(trials?.count).toBe(12);
    expect(study).toMatchObject({ trials: 12, pruned: pruned.length });
    expect(points.some(({ index }) => index === study.best)).toBe(true);
    const top = study.moments as NonNullable<typeof study.moments>;
    expect(study.deflated).toEqual(deflatedSharpe(top, trials as NonNullable<typeof trials>));
    expect(study.reality).toEqual(realityCheck(columns, { resamples: 1_000, seed: 1 }));
    const survivors = sweepStudy({ ...result, pruned: [] });
    expect(study.deflated?.benchmark).toBeGreaterThan(survivors.deflated?.benchmark as number);
  });

  it("says so in every table and on its page", async () => {
    const done = await sweepOf().run();
    const [head = "", ...rows] = sweepCsv(done).trimEnd().split("\n");
    const column = head.split(",").indexOf("pruned");
    const causes = rows.map((row) => row.split(",")[column]);
    expect(rows).toHaveLength(12);
    expect(causes.filter((cause) => cause === "maxDrawdown")).toHaveLength(done.pruned.length);
    expect(causes.filter((cause) => cause === "no")).toHaveLength(done.points.length);
    const sharpe = head.split(",").indexOf("sharpe");
    for (const row of rows) expect(row.split(",")[sharpe] === "").toBe(row.split(",")[column] !== "no");
    const json = sweepJson(done) as { points: unknown[]; pruned: { pruned: object; returns?: unknown }[] };
    expect(json.pruned.map(({ pruned }) => pruned)).toEqual(done.pruned.map(({ pruned }) => pruned));
    expect(json.pruned.every((point) => !("returns" in point))).toBe(true);
    const page = renderSweep(done);
    expect(page).toContain("Points that ended early");
    expect(page).toContain(`${done.pruned.length} points that ended early are trials`);
    expect(page).not.toContain("NaN");
    const path = join(folder(), "results.parquet");
    await writeSweepParquet(path, done);
    const database = await DuckDBInstance.create(":memory:");
    const connection = await database.connect();
    const read = await connection.runAndReadAll(
      `select index, prunedMs from '${path}' where pruned = 'maxDrawdown' order by index`,
    );
    expect(read.getRowObjects()).toEqual(
      done.pruned.map(({ index, pruned }) => ({ index, prunedMs: pruned.ms })),
    );
    connection.closeSync();
    database.closeSync();
  });

  it("has no best where all ended early", async () => {
    const none = await sweepOf({ prune: { maxDrawdown: 1e-9 } }).run();
    expect([none.points.length, none.pruned.length, none.best]).toEqual([0, 12, undefined]);
    expect(sweepStudy(none)).toMatchObject({ trials: 12, best: null, deflated: null });
    expect(renderSweep(none)).not.toContain("NaN");
    expect(sweepCsv(none).split("\n")).toHaveLength(14);
  });

  it.each<[Partial<SweepOptions>, string]>([
    [{ prune: {} }, "sweep.prune"],
    [{ prune: { after: 0.5 } }, "sweep.prune"],
    [{ prune: { loss: 2 } }, "sweep.prune.loss"],
    [{ prune: { loss: 0.1, after: 1.5 } }, "sweep.prune.after"],
    [{ prune: { loss: 0.1, days: 3 } as never }, "sweep.prune.days"],
  ])("refuses %j", (options, path) => {
    expect(() => sweepOf(options)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });
});
