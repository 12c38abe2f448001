import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { MemoryTape, SharedTape } from "../../src/feed/index.ts";
import { BarBlock, DepthBlock, LAST, ROW } from "../../src/model/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { generateDepthTape } from "../../src/sim/index.ts";
import {
  isFailure,
  outcomeLine,
  type PointResult,
  readOutcome,
  returnsBetween,
  SerialExecutor,
  Sweep,
  type SweepOptions,
  type SweepResult,
  seriesOf,
  ThreadExecutor,
} from "../../src/sweep/index.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";
import { averages, quoter } from "../fixtures/sweep-recipe.ts";

const MODULE = join(import.meta.dirname, "../fixtures/sweep-recipe.ts");
const SPACE = { fast: { from: 2, to: 6, step: 2 }, slow: { from: 10, to: 30, step: 10 } };
const tape = barMarket(400);
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "sweep-"));
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const each of folders.splice(0)) rmSync(each, { recursive: true, force: true });
});

function sweepOf(options: Partial<SweepOptions> = {}): Sweep {
  return new Sweep({
    ...{ space: SPACE, tapes: [tape], recipe: { module: MODULE, name: "averages" } },
    executor: new SerialExecutor(),
    ...options,
  });
}

/** What a sweep came to, without its plan. */
function told({ points, failures, best, end }: SweepResult): unknown {
  return { end, failures, best: best?.index, points: points.map((point) => outcomeLine(point)) };
}

describe("a sweep", () => {
  it("comes to the backtests of its points, each as it is alone", async () => {
    const { points, best, end, failures } = await sweepOf().run();
    expect(end).toBe("complete");
    expect(failures).toEqual([]);
    expect(points).toHaveLength(9);
    const make = averages();
    for (const { params, runHash, stats, finalEquity, returns } of points) {
      const alone = new Backtester(make(params, [tape])).runToEnd();
      expect(runHash).toBe(alone.runHash);
      expect(finalEquity).toBe(alone.money.finalEquity);
      expect(stats).toEqual(alone.stats);
      expect(returns).toHaveLength(399);
      const product = returns.reduce((growth, each) => growth * (1 + each), 1);
      expect(product).toBeCloseTo(Number(finalEquity) / 100_000, 9);
    }
    const sharpes = points.map((point) => point.stats["sharpe"] as number);
    expect(best?.stats["sharpe"]).toBe(Math.max(...sharpes));
    expect(new Set(sharpes).size).toBeGreaterThan(5);
  });

  it("comes to the same in threads, whatever their number", async () => {
    const serial = told(await sweepOf().run());
    for (const threads of [1, 3]) {
      expect(told(await sweepOf({ executor: new ThreadExecutor({ threads }) }).run())).toEqual(serial);
    }
  });

  it("runs over depth in shared memory as over the tape itself", async () => {
    const depth = generateDepthTape({
      instrument: { symbol: "SIM", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" },
      ...{ seed: 3, priceTicks: 600_000, durationNs: 20_000_000_000 },
    });
    const options = { space: { away: [0, 3] }, tapes: [depth], recipe: { module: MODULE, name: "quoter" } };
    const { points } = await sweepOf({ ...options, executor: new ThreadExecutor({ threads: 2 }) }).run();
    const make = await quoter();
    for (const { params, runHash, fills } of points) {
      const alone = new Backtester(make(params, [depth])).runToEnd();
      expect(runHash).toBe(alone.runHash);
      expect(fills).toBe(alone.fills.count);
    }
    expect((points[0] as PointResult).fills).toBeGreaterThan(0);
  });

  it("tells points that fail and goes on", async () => {
    const space = { fast: [5], slow: [3, 10, 20] };
    const { points, failures } = await sweepOf({ space }).run();
    expect(points.map(({ index }) => index)).toEqual([1, 2]);
    expect(failures).toMatchObject([
      { index: 0, params: { fast: 5, slow: 3 }, failed: { code: "FAULT_CONFIG" } },
    ]);
    const thrown = await sweepOf({ space: { fast: [2], slow: [9], mode: ["throw"] } }).run();
    expect(thrown.failures).toMatchObject([{ failed: { message: "a recipe that throws" } }]);
    expect(thrown.best).toBeUndefined();
  });

  it("loses a point with its thread, and no other", async () => {
    const space = { mode: ["", "die", "again"], fast: [2, 3], slow: [9] };
    const executor = new ThreadExecutor({ threads: 2 });
    const { points, failures, end } = await sweepOf({ space, executor }).run();
    expect(end).toBe("complete");
    expect(points.map(({ index }) => index)).toEqual([0, 1, 4, 5]);
    expect(failures.map((outcome) => isFailure(outcome) && outcome.failed.code)).toEqual([
      ...["FAULT_CAPACITY", "FAULT_CAPACITY"],
    ]);
  });

  it.each([
    ["no module", { module: join(import.meta.dirname, "none.ts") }, "FAULT_IO"],
    ["no such name", { module: MODULE, name: "none" }, "FAULT_CONFIG"],
    ["a name that is no function", { module: MODULE, name: "notAFunction" }, "FAULT_CONFIG"],
    ["what makes no backtest", { module: MODULE, name: "makesNothing" }, "FAULT_CONFIG"],
  ])("ends where its recipe is %s", async (_name, recipe, code) => {
    await expect(sweepOf({ recipe }).run()).rejects.toMatchObject({ code });
  });

  it("ends where no thread can begin", async () => {
    const executor = new ThreadExecutor({ threads: 2 });
    await expect(
      sweepOf({ recipe: { module: MODULE, name: "failsToLoad" }, executor }).run(),
    ).rejects.toThrow("no recipe today");
  });

  it("judges patience by index, not by who is first", async () => {
    const space = { fast: { from: 2, to: 9, step: 1 }, slow: { from: 10, to: 60, step: 10 } };
    const whole = await sweepOf({ space }).run();
    const objectives = whole.points.map(({ stats }) => stats["sharpe"] as number);
    let best = -1;
    const patience = { points: 7 };
    const cut = objectives.findIndex((_, i) => {
      if (best < 0 || (objectives[i] as number) > (objectives[best] as number)) best = i;
      return i - best >= patience.points;
    });
    expect(cut).toBeGreaterThan(6);
    expect(cut).toBeLessThan(47);
    const serial = await sweepOf({ space, patience }).run();
    expect(serial.end).toBe("patience");
    expect(serial.points).toHaveLength(cut + 1);
    const threads = await sweepOf({ space, patience, executor: new ThreadExecutor({ threads: 3 }) }).run();
    expect(told(threads)).toEqual(told(serial));
  });

  it("pauses, goes on, and stops where it is told to", async () => {
    const sweep = sweepOf();
    const seen: number[] = [];
    const running = sweep.run({
      onProgress: ({ done, isPaused }) => {
        seen.push(done);
        if (done !== 4 || isPaused) return;
        sweep.pause();
        setTimeout(() => {
          expect(sweep.progress).toMatchObject({ done: 4, isPaused: true });
          sweep.resume();
        }, 60);
      },
    });
    expect((await running).points).toHaveLength(9);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await expect(sweep.run()).rejects.toMatchObject({ code: "FAULT_INPUT" });

    const control = new AbortController();
    const stopped = await sweepOf().run({
      signal: control.signal,
      onProgress: ({ done }) => done === 3 && control.abort(),
    });
    expect(stopped.end).toBe("stopped");
    expect(stopped.points).toHaveLength(3);
  });

  it("wants a figure low where it is told so", async () => {
    const { best, points } = await sweepOf({ objective: "-maxDrawdown" }).run();
    expect(best?.stats["maxDrawdown"]).toBe(
      Math.min(...points.map(({ stats }) => stats["maxDrawdown"] as number)),
    );
  });

  it.each<[string, Partial<SweepOptions>, string]>([
    ["an unknown option", { spaces: {} } as never, "sweep.spaces"],
    ["no tapes", { tapes: [] }, "sweep.tapes"],
    ["what is no tape", { tapes: [{} as never] }, "sweep.tapes[0]"],
    ["no recipe", { recipe: { module: "" } }, "sweep.recipe.module"],
    ["an unknown figure", { objective: "luck" }, "sweep.objective"],
    ["patience of nothing", { patience: { points: 0 } }, "sweep.patience.points"],
    ["periods longer than the tape", { periodNs: 1e18 - 1 }, "sweep.periodNs"],
    ["what cannot run", { executor: {} as never }, "sweep.executor.run"],
  ])("refuses %s", (_name, options, path) => {
    expect(() => sweepOf(options)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });
});

describe("returns of a point", () => {
  it("are between what equity was last at each moment", () => {
    const series = { periodNs: 1, boundariesMs: [10, 20, 30, 40] };
    const returns = returnsBetween(series, [0, 10, 15, 20, 39, 41], [100, 200, 300, 400, 100, 900]);
    expect([...returns]).toEqual([1, 0, -0.75]);
    expect([...returnsBetween(series, [0, 25], [0, 50])]).toEqual([0, 0, 0]);
  });

  it("are of days with trading where tapes are bars, of as long periods as make 250 else", () => {
    expect(seriesOf([tape]).boundariesMs.slice(0, 3)).toEqual([86_400_000, 172_800_000, 259_200_000]);
    expect(seriesOf([barMarket(5_000)]).boundariesMs).toHaveLength(1_000);
    const depth = generateDepthTape({
      instrument: { symbol: "SIM", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" },
      ...{ seed: 3, priceTicks: 600_000, durationNs: 20_000_000_000 },
    });
    expect(seriesOf([depth])).toMatchObject({ periodNs: 1_000_000_000 });
    expect(seriesOf([depth], 50_000_000).boundariesMs.length).toBeGreaterThan(380);
  });
});

describe("a sweep in a folder", () => {
  it("goes on where it was, and runs nothing twice", async () => {
    const whole = told(await sweepOf().run());
    for (const points of [0, 1, 5, 9]) {
      const place = folder();
      const control = new AbortController();
      const first = sweepOf({ folder: place });
      await first.run({
        signal: control.signal,
        onProgress: ({ done }) => done === points && control.abort(),
      });
      const second = sweepOf({ folder: place });
      const kept: number[] = [];
      const result = await second.run({ onProgress: (progress) => kept.push(progress.done) });
      expect(kept[0]).toBe(points);
      expect(second.progress.kept).toBe(points);
      expect(told(result)).toEqual(whole);
      const lines = readFileSync(join(place, "points.log"), "utf8").trimEnd().split("\n").slice(1);
      const indices = lines.map((line) => readOutcome(line.slice(9)).index);
      expect(new Set(indices).size).toBe(9);
      expect(indices).toHaveLength(9);
    }
  });

  it("reads past a torn line, wherever it was torn", async () => {
    const place = folder();
    const whole = told(await sweepOf({ folder: place }).run());
    const path = join(place, "points.log");
    const bytes = readFileSync(path);
    for (const cut of [1, 5, 40, 4_000, bytes.length - 30]) {
      writeFileSync(path, bytes);
      truncateSync(path, bytes.length - cut);
      expect(told(await sweepOf({ folder: place }).run())).toEqual(whole);
      expect(readFileSync(path).equals(bytes)).toBe(true);
    }
    appendFileSync(path, "00000000 {}\n");
    expect(told(await sweepOf({ folder: place }).run())).toEqual(whole);
  });

  it("refuses a log that is damaged before its end", async () => {
    const place = folder();
    await sweepOf({ folder: place }).run();
    const path = join(place, "points.log");
    const bytes = readFileSync(path);
    const second = bytes.indexOf(0x0a) + 40;
    bytes[second] = (bytes[second] as number) ^ 1;
    writeFileSync(path, bytes);
    await expect(sweepOf({ folder: place }).run()).rejects.toMatchObject({
      code: "FAULT_INPUT",
      path: `${path} line 2`,
    });
  });

  it.each<[string, Partial<SweepOptions>]>([
    ["points", { space: { ...SPACE, fast: [2, 3] } }],
    ["tapes", { tapes: [barMarket(400, 8)] }],
    ["recipe", { recipe: { module: MODULE, name: "averages", args: 1 } }],
    ["periods", { periodNs: 7 * 86_400_000_000_000 }],
  ])("refuses to go on with other %s", async (name, options) => {
    const place = folder();
    await sweepOf({ folder: place }).run();
    await expect(sweepOf({ folder: place, ...options }).run()).rejects.toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", expected: expect.stringMatching(new RegExp(name)) }),
    );
  });
});

describe("a tape in shared memory", () => {
  it("holds what the tape holds", () => {
    const shared = new SharedTape(structuredClone(SharedTape.from(tape).handle));
    const [own, other] = [new BarBlock(), new BarBlock()];
    tape.read(0, own);
    shared.read(0, other);
    expect(other).toEqual(own);
    expect(shared.meta).toEqual(tape.meta);
  });

  it("holds several blocks, of rows that fill no whole number of words", () => {
    const blocks = [1, 3, 6, 2].map((rows, i) => {
      const block = new DepthBlock(rows);
      for (let row = 0; row < rows; row++) {
        block.kind[row] = ROW.bid | LAST;
        block.exch[row] = 100 * i + row;
        block.local[row] = 100 * i + row + 0.5;
        block.tick[row] = -7 * row - i;
        block.lots[row] = 1000 * i + row;
      }
      block.seal(rows);
      return block;
    });
    const shared = SharedTape.from(
      new MemoryTape({ ...tape.meta, schema: "depth" as const, rows: 12 }, blocks),
    );
    const again = new SharedTape(structuredClone(shared.handle));
    expect(again.blockCount).toBe(4);
    for (const [i, block] of blocks.entries()) {
      const copy = new DepthBlock(block.n);
      again.read(i, copy);
      expect(copy).toEqual(block);
      expect((again.view(i) as DepthBlock).local[block.n]).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it("refuses memory that is too small, and blocks that are not there", () => {
    const { handle } = SharedTape.from(tape);
    expect(() => new SharedTape({ ...handle, memory: new SharedArrayBuffer(100) })).toThrow(
      expect.objectContaining({ code: "FAULT_INPUT", path: "sharedTape.memory" }),
    );
    expect(() => new SharedTape(handle).view(1)).toThrow(expect.objectContaining({ code: "FAULT_INPUT" }));
  });
});
