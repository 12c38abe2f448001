import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import type { DrillReport } from "../../src/run/index.ts";

let folder = "";
let out: string[] = [];
let told: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-cli-drill-"));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out.push(String(text));
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    told.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  out = [];
  told = [];
  const code = await runCommand(["drill", ...args]);
  return { code, said: out.join(""), told: told.join("") };
}

it("kills, recovers, and finds nothing lost", async () => {
  const dir = join(folder, "deep", "drill");
  const { code, said, told: progress } = await run("--dir", dir, "--kills", "3", "--seed", "3", "--json");
  const report = JSON.parse(said) as DrillReport;
  expect(report.failures).toEqual([]);
  expect(code).toBe(0);
  expect(report).toMatchObject({
    ...{ kills: 3, seed: 3, requestsLost: 0, executionsLost: 0, duplicates: 0, isReplayIdentical: true },
  });
  expect(report.requests).toBeGreaterThan(10);
  expect(report.outages.reduce((kills, { again }) => kills + 1 + again, 0)).toBe(3);
  for (const { rtoMs, parts } of report.outages) {
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(rtoMs, 6);
    expect(Math.min(...Object.values(parts))).toBeGreaterThanOrEqual(-0.001);
  }
  expect(progress).toMatch(/^drill {2}3 kills in /);
  expect(progress).toContain(`journal ${dir}`);
  expect(readdirSync(dir).some((name) => name.startsWith("segment-"))).toBe(true);
});

it("prints a table, and ends with 1 where a check fails", async () => {
  const { code, said } = await run("--dir", join(folder, "d"), "--kills", "1", "--rto-max", "1");
  expect(code).toBe(1);
  expect(said).toMatch(/^1 kills, 1 recoveries/);
  expect(said).toMatch(/\nRTO: kill to first new order, ms +\d+\.\d +\d+\.\d +\d+\.\d\n/);
  expect(said).toMatch(/\nRPO: age of the recovered state, ms /);
  expect(said).toMatch(/\nacknowledged and lost +0 of \d+ requests, 0 of \d+ executions\n/);
  expect(said).toMatch(/\nfailed: 1 recoveries took longer than 1 ms\n$/);
});

it.each([
  [["--kills", "many"], '--kills: "many" is no whole number', 2],
  [["--seed", "1.5"], '--seed: "1.5" is no whole number', 2],
  [["--kill", "3"], "--kill", 2],
  [["now"], "now", 2],
  [["--kills", "0", "--dir", "no-such-folder"], "--kills: found 0, expected an integer within 1", 2],
  [["--rto-max", "0"], "--rto-max: found 0", 2],
  [["--dir", import.meta.dirname], "--dir: found ", 2],
])("%j is a wrong call", async (args, message, code) => {
  const result = await run(...args);
  expect([result.code, result.said]).toEqual([code, ""]);
  expect(result.told).toContain(message);
});

it("says what it does", async () => {
  const { code, said } = await run("--help");
  expect([code, said]).toEqual([0, expect.stringContaining("tickwright drill [options]")]);
});
