import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { linesOfDiff } from "../../scripts/mutate-changed.ts";
import { testsOf } from "../../scripts/mutation-run.ts";
import {
  changeOf,
  listedSurvivors,
  type Mutant,
  reasonOf,
  scoreOf,
  survivorLines,
} from "../../scripts/mutation-score.ts";
import { fuzz } from "../fixtures/fuzz.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SETTLE = `${ROOT}src/base/refusal.ts`;

function run(script: string, args: readonly string[], env = {}): [number | null, string] {
  const file = fileURLToPath(new URL(`../../scripts/${script}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return [status, stdout + stderr];
}

function mutant(status: string, line = 1): Mutant {
  const location = { start: { line, column: 1 }, end: { line, column: 7 } };
  return { fileName: SETTLE, mutatorName: "Text", replacement: "x\n  y", status, location };
}

test("added and changed lines of sources are mutated, and no others", () => {
  const diff = [
    "--- a/src/order/a.ts",
    "+++ b/src/order/a.ts",
    "@@ -3 +3 @@ function f() {",
    "+x",
    "@@ -10,2 +12,3 @@",
    "@@ -20,2 +22,0 @@",
    "+++ b/src/order/README.md",
    "@@ -1 +1 @@",
    "--- a/src/order/gone.ts",
    "+++ /dev/null",
    "@@ -1,9 +0,0 @@",
    "--- /dev/null",
    "+++ b/src/risk/b.ts",
    "@@ -0,0 +1,40 @@",
  ].join("\n");
  expect(linesOfDiff(diff)).toEqual(["src/order/a.ts:3-3", "src/order/a.ts:12-14", "src/risk/b.ts:1-40"]);
});

test("the tests of a room are those named after it", () => {
  expect(testsOf("order")).toContain("test/unit/order-store.test.ts");
  expect(testsOf("ledger")).toContain("test/property/ledger.test.ts");
  expect(testsOf("no-such-room")).toEqual([]);
});

test("the score counts what was found out of what could be run", () => {
  const statuses = ["Killed", "Killed", "Timeout", "Survived", "NoCoverage", "RuntimeError"];
  expect(scoreOf(statuses.map((status) => mutant(status)))).toEqual({
    killed: 2,
    timedOut: 1,
    survived: 1,
    uncovered: 1,
    broken: 1,
    percent: 60,
  });
  expect(scoreOf([]).percent).toBe(100);
});

test("survivors say what was changed, and why where that is listed", () => {
  const text = "| File | Change | Why |\n|---|---|---|\n| src/base/refusal.ts | `import → x y` | a \\| b |\n";
  const listed = listedSurvivors(text);
  expect(listed).toEqual([{ file: "src/base/refusal.ts", change: "import → x y", reason: "a | b" }]);
  expect(changeOf(mutant("Survived"))).toBe("import → x y");
  expect(reasonOf(mutant("Survived", 2), listed)).toBeUndefined();
  expect(survivorLines([mutant("Killed"), mutant("NoCoverage"), mutant("Survived", 2)], listed)).toEqual([
    "src/base/refusal.ts:1 Text  import → x y  (reached by no test)  [a | b]",
    "src/base/refusal.ts:2 Text   → x y",
  ]);
});

test.each([
  ["mutate", []],
  ["mutate", ["no-such-room"]],
  ["mutate", ["../src"]],
  ["mutate", ["src/order/none.ts"]],
  ["mutate", ["order", "--flor", "5"]],
  ["mutate", ["order", "--floor", "101"]],
  ["mutate", ["order", "--minutes", "0"]],
  ["mutate-changed", ["--minutes", "x"]],
])("%s %j is wrong use", (script, args) => {
  const [status, said] = run(script, args);
  expect([status, /usage|Unknown option/.test(said)]).toEqual([2, true]);
});

test("without a base to compare with, nothing is done", () => {
  const [status, said] = run("mutate-changed", [], { MUTATE_BASE: "no-such-commit" });
  expect([status, said]).toEqual([
    0,
    "mutate:changed: nothing done, no-such-commit is not here (a shallow checkout, a first commit or no git)\n",
  ]);
});

test("a property is tried as often as it says, from one seed", () => {
  expect(fuzz(7).seed).toBe(fuzz(9).seed);
  expect([7, Number(process.env.FUZZ_RUNS)]).toContain(fuzz(7).numRuns);
});
