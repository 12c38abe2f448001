import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { describeNative } from "../fixtures/native-here.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;

function doctor(...args: string[]): { code: number | null; said: string; told: string } {
  const line = ["--conditions=tickwright-source", MAIN, "doctor", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { encoding: "utf8", timeout: 60_000 });
  return { code: status, said: stdout, told: stderr };
}

interface Said {
  readonly reached: string | null;
  readonly checks: readonly { readonly name: string; readonly tier: string; readonly state: string }[];
  readonly survey: { readonly sources: readonly { readonly name: string; readonly answers: boolean }[] };
  readonly measured?: { readonly figures: readonly { readonly name: string; readonly value: string }[] };
}

describe("tickwright doctor", () => {
  it("prints each check once, with what was found, and what to change where it does not hold", () => {
    const { code, said, told } = doctor();
    expect(told).toBe("");
    expect(code).toBe(0);
    const { checks }: Said = JSON.parse(doctor("--json").said);
    expect(checks.length).toBeGreaterThan(20);
    for (const { name, state } of checks) {
      const line = said.split("\n").findIndex((each) => each.includes(` ${name} `));
      expect(line, name).toBeGreaterThan(0);
      const next = said.split("\n")[line + 1] ?? "";
      if (state === "holds") expect(next).not.toMatch(/^ {6}wanted/);
      else expect(next).toMatch(/^ {6}wanted/);
    }
  });

  it("ends with 1 unless a tier that was asked for is reached, and asks for no faster one", () => {
    const { code, said } = doctor("--tier", "medium", "--json");
    const { reached, checks }: Said = JSON.parse(said);
    expect(new Set(checks.map(({ tier }) => tier))).toEqual(new Set(["medium"]));
    expect(reached).toBe(checks.every(({ state }) => state === "holds") ? "medium" : null);
    expect(code).toBe(reached === "medium" ? 0 : 1);
  });

  it("says how each source of the clock answered", () => {
    const { survey }: Said = JSON.parse(doctor("--json").said);
    expect(survey.sources.map(({ name }) => name.split(" ")[0])).toEqual(
      expect.arrayContaining(["pmc", "chrony"]),
    );
  });

  it.each([
    [["--tier", "warp"], /^tickwright doctor: --tier: "warp" is none of medium, high, ultra\n/],
    [["--teir", "high"], /^tickwright doctor: Unknown option '--teir'/],
    [["now"], /^tickwright doctor: Unexpected argument 'now'/],
  ])("refuses %j with exit code 2", (args, message) => {
    const { code, told, said } = doctor(...args);
    expect({ code, said }).toEqual({ code: 2, said: "" });
    expect(told).toMatch(message);
  });
});

describeNative("tickwright doctor --measure", () => {
  it("measures clocks, gaps of each core, and a message between two threads", { timeout: 60_000 }, () => {
    const { measured }: Said = JSON.parse(doctor("--measure", "--json").said);
    const names = measured?.figures.map(({ name }) => name) ?? [];
    expect(names).toContain("process.hrtime.bigint()");
    expect(names.some((name) => /^core \d+: longest gap/.test(name))).toBe(process.platform === "linux");
    expect(names).toContain("ring, one way between two threads, median");
    for (const { name, value } of measured?.figures ?? []) {
      expect(Number(value), name).toBeGreaterThanOrEqual(0);
    }
  });
});
