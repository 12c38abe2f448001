import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { writeTape } from "../../src/host/index.ts";
import { wanderingTape } from "../fixtures/run-tapes.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

let folder = "";
let out: string[] = [];
let told: string[] = [];
const path = (...names: string[]): string => join(folder, ...names);
const read = (...names: string[]): string => readFileSync(path("out", ...names), "utf8");

/** Buys and sells in turn, every 50th book or every bar. */
const FLIPPER = `export default class {
  name = "flipper";
  n = 0;
  flip(instrument, ctx) {
    ctx.submit({ instrument, side: this.n++ % 2 ? "sell" : "buy", lots: 2, type: "market" });
  }
  books = 0;
  onBook(book, ctx) { if (++this.books % 50 === 0) this.flip("ABC", ctx); }
  onBar(bar, ctx) { this.flip(bar.instrument.key, ctx); }
}
`;
/** Its state is the file's: one for all runs. */
const ALONE = `export default { name: "alone", onBook() {} };\n`;
/** Says at the start how many rows the tapes have that it was made with. */
const COUNTER = `export default (params, given) => ({
  name: "counter",
  onBar() {},
  onBook() {},
  params: { ...params, rows: given.tapes.map((tape) => tape.meta.rows).join() },
});
`;

async function run(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  [out, told] = [[], []];
  const code = await runCommand(args);
  return { code, said: out.join(""), told: told.join("") };
}

const backtest = (strategy: string, tape: string, name: string, ...more: string[]) =>
  run(
    ...["backtest", "--strategy", path(strategy), "--tape", path(tape), "--out", path("out"), "--name", name],
    ...more,
  );

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-stress-"));
  writeTape(path("abc.tape"), wanderingTape(3, 6_000));
  writeTape(path("bars.tape"), barMarket(60));
  writeFileSync(path("flipper.mjs"), FLIPPER);
  writeFileSync(path("alone.mjs"), ALONE);
  writeFileSync(path("counter.mjs"), COUNTER);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0);
});
afterEach(() => rmSync(path("out"), { recursive: true, force: true }));
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const WORLDS = "latency=2x,fees=1.5x,spread=+1tick,drop=5%,lost=5%";

describe("tickwright backtest --stress", () => {
  it("prints and writes every world beside the run, which is the one without it", async () => {
    const fees = ["--fees", "0.0001,0.0004"];
    await backtest("flipper.mjs", "abc.tape", "plain", ...fees);
    expect(existsSync(path("out", "plain", "stress.json"))).toBe(false);
    const {
      code,
      said,
      told: progress,
    } = await backtest("flipper.mjs", "abc.tape", "worse", ...fees, "--stress", WORLDS);
    expect(code).toBe(0);
    const names = ["base", ...WORLDS.split(","), "all"];
    const table = said.slice(said.indexOf("Stress, USD")).split("\n");
    expect(table.slice(1, 8).map((line) => line.split(/\s/)[0])).toEqual(names);
    expect(progress).toContain("6 runs");
    const [plain, worse] = ["plain", "worse"].map((name) => JSON.parse(read(name, "result.json")));
    const report = JSON.parse(read("worse", "stress.json"));
    expect([worse.runHash, report.base.runHash]).toEqual([plain.runHash, plain.runHash]);
    expect(report.base.figures.fills).toBeGreaterThan(40);
    expect(report.all.figures.profit).toBeLessThan(report.base.figures.profit);
    expect(read("worse", "stress.csv").trimEnd().split("\n")).toHaveLength(8);
    const page = read("worse", "report.html");
    for (const text of ['<section id="stress"', "spread=+1tick", "Profit by world"])
      expect(page).toContain(text);
    expect(read("plain", "report.html")).not.toContain('<section id="stress"');
  });

  it("stands in a report made anew, and goes with the next run without it", async () => {
    await backtest("flipper.mjs", "abc.tape", "worse", "--stress", "spread=+1tick");
    const page = read("worse", "report.html");
    expect((await run("report", path("out", "worse", "result.json"))).code).toBe(0);
    expect(read("worse", "report.html")).toBe(page);
    const other = JSON.parse(read("worse", "stress.json"));
    writeFileSync(
      path("out", "worse", "stress.json"),
      JSON.stringify({ ...other, base: { runHash: "other" } }),
    );
    await run("report", path("out", "worse", "result.json"));
    expect(read("worse", "report.html")).not.toContain('<section id="stress"');
    await backtest("flipper.mjs", "abc.tape", "worse");
    expect(existsSync(path("out", "worse", "stress.json"))).toBe(false);
  });

  it("--json holds it", async () => {
    const { said } = await backtest(
      "flipper.mjs",
      "bars.tape",
      "worse",
      "--stress",
      "spread=+1tick",
      "--json",
    );
    const { stress, runHash, schema } = JSON.parse(said);
    expect([stress.base.runHash, schema]).toEqual([runHash, "tickwright.run/1"]);
    expect(stress.worlds[0].decay.profit.difference).toBeLessThan(0);
  });

  it.each([
    ["flipper.mjs", "abc.tape", "speed=2x", "--stress: found"],
    ["flipper.mjs", "abc.tape", "latency=2", "--stress latency: found"],
    ["flipper.mjs", "abc.tape", "fees=2x", "--stress fees: found"],
    ["flipper.mjs", "bars.tape", "latency=2x", "--stress latency: found"],
    ["flipper.mjs", "bars.tape", "spread=+1tick,drop=1%", "--stress drop: found"],
    ["alone.mjs", "abc.tape", "latency=2x", "--stress: "],
  ])("%s over %s refuses %s before anything runs", async (strategy, tape, worlds, says) => {
    const { code, told: said } = await backtest(strategy, tape, "worse", "--stress", worlds);
    expect(code).toBe(2);
    expect(said).toContain(says);
    expect(existsSync(path("out", "worse"))).toBe(false);
  });
});

describe("a strategy that is made for a run", () => {
  it("is given its tapes by backtest, and still may be an object", async () => {
    await backtest("counter.mjs", "abc.tape", "plain", "--param", "x=1");
    const { manifest } = JSON.parse(read("plain", "result.json"));
    expect(manifest.strategies[0].params).toEqual({ x: 1, rows: "6000" });
    expect((await backtest("alone.mjs", "abc.tape", "plain")).code).toBe(0);
  });

  it("is given them by sweep", async () => {
    const args = [
      "--strategy",
      path("counter.mjs"),
      "--tape",
      path("bars.tape"),
      "--space",
      "x=1,2",
      "--jobs",
      "1",
    ];
    const { code } = await run("sweep", ...args, "--out", path("out"));
    expect(code).toBe(0);
    const { points } = JSON.parse(read("sweep", "results.json"));
    expect(points).toHaveLength(2);
  });
});
