import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { writeTape } from "../../src/host/index.ts";
import { readOutcome } from "../../src/sweep/index.ts";
import { barMarket } from "../fixtures/sweep-bars.ts";

const ROOT = join(import.meta.dirname, "../..");
/** How often a sweep is killed: `SWEEP_KILLS=60` for many. */
const KILLS = Number(process.env["SWEEP_KILLS"] ?? 4);

/** Holds for a while; notes each time that it is made. */
const STRATEGY = `import { appendFileSync } from "node:fs";
export default ({ hold, wait }) => {
  if (process.env.SWEEP_NOTES) appendFileSync(process.env.SWEEP_NOTES, hold + " " + wait + "\\n");
  let bars = 0;
  return {
    name: "holder",
    params: { hold, wait },
    onBar(bar, ctx) {
      bars += 1;
      const key = bar.instrument.key;
      const held = ctx.position(key).lots;
      if (held === 0 && bars % (hold + wait) === wait) ctx.submit({ instrument: key, side: "buy", lots: 5, type: "market" });
      if (held > 0 && bars % (hold + wait) === 0) ctx.submit({ instrument: key, side: "sell", lots: held, type: "market" });
    },
  };
};
`;

let folder = "";
const path = (...names: string[]): string => join(folder, ...names);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sweep-kill-"));
  writeFileSync(path("holder.mjs"), STRATEGY);
  writeTape(path("abc.tape"), barMarket(2_000));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command to its end, or to its death: killed once so many points are in its log. */
function run(out: string, notes: string, killAfter: number): Promise<boolean> {
  const args = ["sweep", "--strategy", path("holder.mjs"), "--tape", path("abc.tape"), "--jobs", "2"];
  const space = ["--space", "hold=1:12:1", "--space", "wait=1:10:1", "--out", path(out)];
  const prune = ["--prune-drawdown", "0.08%"];
  const main = join(ROOT, "src/cli/main.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=tickwright-source", main, ...args, ...space, ...prune],
    {
      env: { ...process.env, SWEEP_NOTES: path(notes) },
      stdio: "ignore",
    },
  );
  const timer = setInterval(() => {
    if (linesOf(path(out, "sweep", "points.log")).length > killAfter) child.kill("SIGKILL");
  }, 1);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(timer);
      if (code !== null && code !== 0) reject(new Error(`exit code ${code}`));
      else resolve(code === 0);
    });
  });
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

/** The points of a log whose lines are whole. */
function pointsOf(out: string): string[] {
  return linesOf(path(out, "sweep", "points.log"))
    .slice(1)
    .map((line) => {
      const { params } = readOutcome(line.slice(9));
      return `${params["hold"]} ${params["wait"]}`;
    });
}

describe("a sweep that is killed", () => {
  it(
    `comes to the same after ${KILLS} kills, and runs no point again that was done`,
    async () => {
      expect(await run("whole", "whole.notes", Number.POSITIVE_INFINITY)).toBe(true);
      const wanted = readFileSync(path("whole", "sweep", "results.csv"), "utf8");
      expect(wanted.trimEnd().split("\n")).toHaveLength(121);
      // Some end early, some do not: both are taken up again.
      expect(wanted).toContain(",maxDrawdown,");
      expect(wanted).toContain(",no,");
      const draws = new Prng(Number(process.env["SWEEP_SEED"] ?? 5));
      let deaths = 0;
      for (let done = false; !done; ) {
        const before = pointsOf("killed");
        const noted = linesOf(path("killed.notes")).length;
        const isLast = deaths >= KILLS || before.length >= 120;
        const killAfter = isLast ? Number.POSITIVE_INFINITY : before.length + 1 + draws.below(30);
        done = await run("killed", "killed.notes", killAfter);
        if (!done) deaths++;
        const again = linesOf(path("killed.notes"))
          .slice(noted)
          .filter((point) => before.includes(point));
        expect(again).toEqual([]);
      }
      expect(deaths).toBeGreaterThan(0);
      expect(readFileSync(path("killed", "sweep", "results.csv"), "utf8")).toBe(wanted);
      const points = pointsOf("killed");
      expect(points).toHaveLength(120);
      expect(new Set(points).size).toBe(120);
    },
    60_000 + KILLS * 10_000,
  );
});
