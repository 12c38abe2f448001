import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import type { RunComparison } from "../../src/report/index.ts";
import type { RunResult } from "../../src/run/index.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tickwright-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tickwright(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const child = spawnSync(process.execPath, ["--conditions=tickwright-source", MAIN, ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

const csv = join(folder, "abc.csv");
const tape = join(folder, "abc.tape");
const strategy = join(folder, "hold.mjs");
writeFileSync(
  csv,
  `date,open,high,low,close\n${Array.from({ length: 30 }, (_, i) => {
    const day = String(i + 1).padStart(2, "0");
    return `2024-01-${day},${100 + i},${102 + i},${99 + i},${101 + i}`;
  }).join("\n")}\n`,
);
writeFileSync(
  strategy,
  `export default (params) => ({ name: "hold", params, onBar(bar, ctx) {
    if (ctx.position("ABC").lots === 0) {
      ctx.submit({ instrument: "ABC", side: "buy", lots: params.lots ?? 1, type: "market" });
    }
  } });\n`,
);

describe("tickwright on the command line", () => {
  test("help is for people and ends well; no command ends with 2", () => {
    expect(tickwright("--help")).toMatchObject({ code: 0 });
    expect(tickwright("--help").out).toMatch(/backtest[\s\S]*report[\s\S]*tape[\s\S]*demo/);
    for (const command of ["backtest", "report", "tape", "demo"]) {
      expect(tickwright(command, "--help").out).toMatch(new RegExp(`tickwright ${command}`));
    }
    expect(tickwright().code).toBe(2);
    expect(tickwright("--version").out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [["backtset"], /no command "backtset"/],
    [["backtest"], /--strategy which file/],
    [["backtest", "--strategy", strategy], /--tape which file/],
    [["backtest", "--stategy", "x"], /--stategy/],
    [["tape", "import", csv], /--out which tape/],
    [["tape", "import", csv, "--out", tape], /--tick-size/],
    [["tape", "weigh", csv], /no tape weigh/],
    [["report"], /which result\.json/],
    [["report", ...new Array<string>(9).fill(".")], /9 runs: 8 at most/],
    [["report", "a", "b", "--json", "--csv"], /--json or --csv/],
    [["report", "a", "b", "--static"], /--static is for the tear sheet of one run/],
  ])("%j is refused in one line with exit code 2", (args, says) => {
    const { code, err } = tickwright(...args);
    expect(err).toMatch(says);
    expect(code).toBe(2);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test("a bad file is a fault with its code, and exit code 1", () => {
    const { code, err } = tickwright("tape", "info", csv);
    expect(code).toBe(1);
    expect(err).toMatch(/^FAULT_[A-Z_]+ /);
    expect(tickwright("backtest", "--strategy", join(folder, "none.mjs"), "--tape", tape)).toMatchObject({
      code: 1,
    });
  });

  test("imports a CSV, describes it, backtests it and makes the report anew", () => {
    const columns = "time=date";
    const noVolume = tickwright(
      "tape",
      "import",
      csv,
      "--out",
      tape,
      "--tick-size",
      "0.01",
      "--columns",
      columns,
    );
    expect(noVolume.err).toMatch(/FAULT_INPUT abc\.csv:1.*a column volume/);
    const rows = readFileSync(csv, "utf8").trimEnd().split("\n");
    writeFileSync(csv, `${rows.map((row, i) => `${row},${i === 0 ? "volume" : "1000000"}`).join("\n")}\n`);
    const made = tickwright(
      "tape",
      "import",
      csv,
      "--out",
      tape,
      "--tick-size",
      "0.01",
      "--columns",
      columns,
    );
    expect(made).toMatchObject({ code: 0 });
    const info = JSON.parse(tickwright("tape", "info", tape, "--json").out) as { rows: number };
    expect(info.rows).toBe(30);
    const args = [
      "backtest",
      "--strategy",
      strategy,
      "--tape",
      tape,
      "--param",
      "lots=3",
      "--out",
      folder,
      "--drill",
      "--json",
    ];
    const run = tickwright(...args);
    expect(run.code).toBe(0);
    const result = JSON.parse(run.out) as RunResult;
    expect(result.fills.count).toBe(1);
    expect(result.manifest.strategies).toEqual([{ name: "hold", params: { lots: 3 } }]);
    expect(result.money.finalEquity).toBe("100087.00");
    const report = join(folder, "hold", "report.html");
    expect(result.drill?.trades.map(({ side, fillCount }) => [side, fillCount])).toEqual([["buy", 1]]);
    expect(readFileSync(report, "utf8").includes('id="trade-1"')).toBe(true);
    rmSync(report);
    expect(tickwright("report", join(folder, "hold", "result.json")).out).toMatch(/Run hash/);
    expect(existsSync(report)).toBe(true);
    expect((JSON.parse(tickwright(...args).out) as RunResult).runHash).toBe(result.runHash);
    const twice = join(folder, "twice");
    const more = ["lots=6", ...args.slice(7).map((each) => (each === folder ? twice : each))];
    expect(tickwright(...args.slice(0, 5), "--param", ...more).code).toBe(0);
    const page = join(folder, "pages", "compare.html");
    const [one, two] = [join(folder, "hold"), join(twice, "hold")];
    const compared = tickwright("report", one, join(two, "result.json"), "--out", page);
    expect(compared).toMatchObject({ code: 0, out: expect.stringMatching(/Run hash/) });
    expect(readFileSync(page, "utf8").includes("2 runs side by side")).toBe(true);
    const json = JSON.parse(tickwright("report", one, two, "--json").out) as RunComparison;
    expect(json.runs.map(({ label }) => label)).toEqual([
      expect.stringMatching(/^hold in .*\/hold$/),
      "hold in twice/hold",
    ]);
    expect(json.manifest).toEqual([{ path: "strategies.hold.params.lots", values: ["3", "6"] }]);
    expect(json.figures.find(({ key }) => key === "return")?.best).toEqual([1]);
    expect(tickwright("report", one, two, "--csv").out).toMatch(/^section,figure,unit,run,/);
    expect(tickwright("report", folder)).toMatchObject({ code: 1, err: expect.stringMatching(/^FAULT_IO /) });
  });
});
