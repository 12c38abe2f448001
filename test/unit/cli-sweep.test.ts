import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { searchOf, spaceOf, whereOf } from "../../src/cli/sweep-words.ts";
import { writeTape } from "../../src/host/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { SerialExecutor, Sweep } from "../../src/sweep/index.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

/** Buys so many lots every so many bars, and sells them at the next. */
const STRATEGY = `export default ({ every, lots = 1, note = "none" }) => {
  if (every === 13) throw new Error("thirteen is no number for us");
  let bars = 0;
  return {
    name: "blinker",
    params: { every, lots, note },
    onBar(bar, ctx) {
      bars += 1;
      const held = ctx.position(bar.instrument.key).lots;
      if (held > 0) ctx.submit({ instrument: bar.instrument.key, side: "sell", lots: held, type: "market" });
      else if (bars % every === 0) ctx.submit({ instrument: bar.instrument.key, side: "buy", lots, type: "market" });
    },
  };
};
`;

let folder = "";
let out: string[] = [];
let errors: string[] = [];
const path = (...names: string[]): string => join(folder, ...names);

async function sweep(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  out = [];
  errors = [];
  const all = [
    "sweep",
    "--strategy",
    path("blinker.mjs"),
    "--tape",
    path("abc.tape"),
    "--jobs",
    "1",
    ...args,
  ];
  const code = await runCommand([...all, "--out", path("out")]);
  return { code, said: out.join(""), told: errors.join("") };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-sweep-"));
  writeFileSync(path("blinker.mjs"), STRATEGY);
  writeTape(path("abc.tape"), barMarket(300));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out.push(String(text));
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors.push(String(text));
    return true;
  });
});

afterEach(() => rmSync(path("out"), { recursive: true, force: true }));

afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe("tickwright sweep", () => {
  it("prints the best points and writes all of them, as backtests alone come to", async () => {
    const { code, said, told } = await sweep(
      ...[
        "--space",
        "every=2:14:1",
        "--space",
        "note=a,b",
        "--param",
        "lots=3",
        "--where",
        "every!=4",
        "--parquet",
      ],
    );
    expect(told).toContain("report.html");
    expect(said).toMatch(/deflated Sharpe +\d+\.\d %/);
    expect(said).toMatch(/walk forward +Sharpe -?\d+\.\d\d a year out of sample, .* of choice in 5 windows/);
    expect(said).toMatch(/cross-validation +Sharpe -?\d+\.\d\d a year in the median of 36 paths, /);
    expect(readFileSync(path("out", "sweep", "report.html"), "utf8")).toContain(
      "What the best point is worth",
    );
    expect(code).toBe(0);
    expect(said).toMatch(/^sweep: 22 of 24 points, complete\nevery {2}note\s+sharpe/);
    expect(said).toContain("2 points failed, such as\n  thirteen is no number for us");
    expect(said.split("\n").filter((line) => /^\s+\d/.test(line))).toHaveLength(10);
    const lines = readFileSync(path("out", "sweep", "results.csv"), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(23);
    const json = JSON.parse(readFileSync(path("out", "sweep", "results.json"), "utf8"));
    expect(json).toMatchObject({
      schema: "tickwright.sweep/1",
      end: "complete",
      planned: 24,
      objective: "sharpe",
    });
    expect(json.study).toMatchObject({ trials: 22, overfitting: { splits: 12_870 } });
    expect(json.study.walkForward.windows).toHaveLength(5);
    expect(json.study.crossValidation.sharpes).toHaveLength(36);
    expect(json.study.walkForward).not.toHaveProperty("returns");
    const [first] = json.points;
    const made = (await import(path("blinker.mjs"))).default({ every: 2, lots: 3, note: "a" });
    const alone = new Backtester({
      ...{ markets: [{ tape: barMarket(300), bars: { participation: 0.1, slippageTicks: 0 } }] },
      ...{ strategies: [made], cash: { USD: "100000" } },
    }).runToEnd();
    expect(first).toMatchObject({ index: 0, params: { every: 2, note: "a" }, runHash: alone.runHash });
    const database = await DuckDBInstance.create(":memory:");
    const connection = await database.connect();
    const file = path("out", "sweep", "results.parquet");
    const rows = await connection.runAndReadAll(
      `select every, note, runHash, trades from '${file}' order by index`,
    );
    expect(rows.getRowObjects()).toEqual(
      json.points.map((point: { params: object; runHash: string; trades: number }) => ({
        ...{ ...point.params, runHash: point.runHash, trades: point.trades },
      })),
    );
    connection.closeSync();
    database.closeSync();
  });

  it("goes on where it was, and says so", async () => {
    const args = ["--space", "every=2:6", "--json"];
    const first = await sweep(...args);
    const again = await sweep(...args);
    expect(again.said).toBe(first.said);
    expect(again.told).toContain("5 of them were there from an earlier start");
    const other = await sweep("--space", "every=2:7", "--json");
    expect(other.code).toBe(1);
    expect(other.told).toMatch(/points\.log.*what differs: points/);
  });

  it.each([
    [["--space", "every"], "--space: every is no name=values"],
    [["--space", "every=2", "--space", "every=3"], "--space: every is there twice"],
    [["--space", "every=1:2:3:4"], "--space: every=1:2:3:4 is no from:to:step"],
    [["--space", "every=1:x"], "--space: x of every is no number"],
    [["--space", "every=1~2:cube"], "is no from~to"],
    [["--space", "every=1~2"], "--space every.step"],
    [["--space", "every=5:2"], "--space every.to"],
    [["--space", "every=1,2", "--search", "best"], "--search: best is none of"],
    [["--space", "every=1,2", "--search", "random:0"], "--search: found 0"],
    [["--space", "every=1,2", "--search", "sobol:4:5"], "--search: sobol:4:5 is none of"],
    [["--space", "every=1,2", "--where", "lots<3"], "--where: lots<3 is no comparison"],
    [["--space", "every=1,2", "--where", "every>9"], "--where: found"],
    [["--space", "every=1,2", "--objective", "luck"], "--objective: found"],
    [["--space", "every=1,2", "--patience", "0"], "--patience: found 0"],
    [["--space", "every=1,2", "--prune-loss", "ten"], "--prune-loss: ten is no share"],
    [["--space", "every=1,2", "--prune-loss", "110%"], "--prune-loss, as a share: found 1.1"],
    [["--space", "every=1,2", "--prune-after", "10%"], "--prune-loss or --prune-drawdown: found"],
    [["--space", "every=1,2", "--period", "0"], "--period, in ns"],
    [["--space", "every=1,2", "--jobs", "0"], "--jobs: found 0"],
    [["--space", "every=1,2", "--queue", "log"], "--queue is for depth tapes"],
    [["--space", "every=1,2", "--participation", "7"], "--participation: found 7"],
    [["--space", "every=1,2", "--cash", "USD=-"], "--cash"],
    [[], "--space of which parameters?"],
  ])("refuses %j", async (args, said) => {
    const { code, told } = await sweep(...args);
    expect(told).toContain(said);
    expect(code).toBe(2);
  });

  it("ends hopeless points early, and says how many", async () => {
    const { code, said } = await sweep(
      "--space",
      "every=2:5",
      "--prune-loss",
      "100%",
      "--prune-after",
      "0.5",
    );
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/^sweep: 4 of 4 points \(and 0 ended early\), complete/),
    ]);
    const none = await sweep("--space", "every=2:5", "--prune-drawdown", "0.000001%");
    expect(none.told).toContain("what differs: prune");
    const all = await sweep("--space", "every=2:5", "--prune-drawdown", "0.000001%", "--name", "all");
    expect([all.code, all.said]).toEqual([1, expect.stringContaining("0 of 4 points (and 4 ended early)")]);
  });

  it("has help", async () => {
    const { code, said } = await sweep("--help");
    expect(code).toBe(0);
    expect(said).toContain("--space N=VALUES");
  });

  it("does not take an earlier text of the strategy for this one", async () => {
    const file = path("edited.mjs");
    const args = ["--strategy", file, "--space", "every=2,3", "--name", "edited", "--json"];
    writeFileSync(file, STRATEGY);
    expect((await sweep(...args)).code).toBe(0);
    const again = await sweep(...args);
    expect([again.code, again.told]).toEqual([0, expect.stringContaining("2 of them were there")]);
    writeFileSync(file, STRATEGY.replace('side: "buy", lots', 'side: "buy", lots: 2 * lots'));
    const edited = await sweep(...args);
    expect([edited.code, edited.told]).toEqual([1, expect.stringContaining("what differs: recipe")]);
    expect((await sweep(...args, "--name", "other")).code).toBe(0);
  });

  it("shows in its help a strategy and a recipe that run, and come to the same", async () => {
    const [, example = ""] = /in its place:\n\n([\s\S]*?)\n\n/.exec((await sweep("--help")).said) ?? [];
    const cross = `class Cross {
      constructor({ lots }, { symbol }) {
        this.params = { lots, symbol };
        this.name = "cross";
      }
      onBar(bar, ctx) {
        if (ctx.openOrders().length === 0) {
          ctx.submit({ instrument: this.params.symbol, side: "buy", lots: this.params.lots, type: "market" });
        }
      }
    }`;
    writeFileSync(path("cross.mjs"), `${cross}\n${example}\n`);
    const cli = await sweep(
      "--strategy",
      path("cross.mjs"),
      "--space",
      "lots=1,2",
      "--name",
      "cross",
      "--json",
    );
    const lines = JSON.parse(cli.said) as { readonly points: readonly { readonly runHash: string }[] };
    const recipe = { module: path("cross.mjs"), name: "recipe" };
    const options = {
      space: { lots: [1, 2] },
      tapes: [barMarket(300)],
      recipe,
      executor: new SerialExecutor(),
    };
    const { points } = await new Sweep(options).run();
    expect(points).toHaveLength(2);
    expect(lines.points.map(({ runHash }) => runHash)).toEqual(points.map(({ runHash }) => runHash));
  });
});

describe("words of a sweep", () => {
  it("say a space", () => {
    expect(spaceOf(["a=5:50:5", "b=1:3", "c=x,2,true", "d=0.1~1:log", "e=1~9:int", "f=7"])).toEqual({
      a: { from: 5, to: 50, step: 5 },
      b: { from: 1, to: 3, step: 1 },
      c: ["x", 2, true],
      d: { from: 0.1, to: 1, scale: "log" },
      e: { from: 1, to: 9, integer: true },
      f: [7],
    });
    expect([searchOf("grid"), searchOf("random:9"), searchOf("random:9:4"), searchOf("sobol:8")]).toEqual([
      ...["grid", { method: "random", points: 9, seed: 1 }, { method: "random", points: 9, seed: 4 }],
      { method: "sobol", points: 8 },
    ]);
  });

  it.each([
    ["a<b", [false, true, false]],
    ["a<=b", [true, true, false]],
    ["a>b", [false, false, true]],
    ["a >= 2", [true, false, true]],
    ["a==b", [true, false, false]],
    ["a!=2", [false, true, true]],
  ])("compare: %s", (word, wanted) => {
    const test = whereOf([word], { a: [1, 2, 3], b: [2] });
    const points = [
      { a: 2, b: 2 },
      { a: 1, b: 2 },
      { a: 3, b: 2 },
    ];
    expect(points.map(test)).toEqual(wanted);
  });
});
