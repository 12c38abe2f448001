import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { childRun, interleave, type Measured, quantile, ratioOf, spreadOf } from "../bench/rounds.ts";

const RUN = fileURLToPath(new URL("../bench/run.ts", import.meta.url));

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const flags = ["--conditions=tickwright-source", RUN, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

test("without a name the benches are listed", () => {
  const { status, out } = run();
  expect(status).toBe(0);
  expect(out.split("\n")).toContain("book");
});

test.each([
  [["no-such-bench"], 'no bench is called "no-such-bench"; there are:'],
  [["../../src/index"], 'no bench is called "../../src/index"'],
  [["run"], 'no bench is called "run"'],
  [["book", "--jsn"], "cannot read --jsn"],
  [["book", "feed"], "cannot read feed"],
])("%j ends with code 2 and says why", (args, message) => {
  const { status, out, err } = run(...args);
  expect([status, out]).toEqual([2, ""]);
  expect(err).toContain(message);
});

test("rounds run every variant once each, none always first", async () => {
  const order: string[] = [];
  const variant = (name: string) => ({
    name,
    run: () => {
      order.push(name);
      return { units: 10, elapsedNs: name === "a" ? 100 : 300 };
    },
  });
  const measured = await interleave([variant("a"), variant("b")], { rounds: 5, warmUps: 1 });
  expect(order.join("")).toBe("abbaabbaabba");
  const a = measured.get("a") as Measured;
  const b = measured.get("b") as Measured;
  expect([a.nsPerUnit, a.collections.length]).toEqual([[10, 10, 10, 10, 10], 5]);
  expect(ratioOf(b, a)).toEqual({ median: 3, min: 3, max: 3 });
});

test("fewer than 5 rounds are refused", async () => {
  await expect(interleave([], { rounds: 4 })).rejects.toThrow("found 4, expected at least 5");
});

test("spreads and quantiles", () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
  expect(spreadOf([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9 });
  expect(quantile(Float64Array.of(4, 3, 2, 1), 0.5)).toBe(3);
  expect(quantile(Float64Array.of(4, 3, 2, 1), 0.999)).toBe(4);
});

test("a child's time and collections are its own; a child that fails, fails the bench with its words", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bench run "));
  const script = (name: string, text: string): URL => {
    writeFileSync(join(folder, name), text);
    return pathToFileURL(join(folder, name));
  };
  const said = script(
    "child.mjs",
    `console.log("noise"); console.log(JSON.stringify({ units: +process.argv[2], elapsedNs: 70, collections: 3 }))`,
  );
  const variant = { name: "child", run: () => childRun(said, ["7"]) };
  const measured = await interleave([variant], { rounds: 5, warmUps: 0 });
  expect(measured.get("child")).toEqual({
    name: "child",
    nsPerUnit: [10, 10, 10, 10, 10],
    collections: [3, 3, 3, 3, 3],
  });
  await expect(childRun(script("bad.mjs", `throw new Error("no tape")`))).rejects.toThrow("no tape");
  rmSync(folder, { recursive: true });
});
