import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import { replaySession, type SessionRecord } from "../../src/run/index.ts";
import make from "../fixtures/desk-config.ts";

const ROOT = join(import.meta.dirname, "../..");
const CONFIG = join(ROOT, "test/fixtures/desk-config.ts");

/** Runs the command in a process of its own; `signal` is sent once it trades. */
async function run(args: readonly string[], signal?: NodeJS.Signals) {
  const folder = join(mkdtempSync(join(tmpdir(), "trade-")), "journal");
  const child = spawn(
    process.execPath,
    ["--conditions=tickwright-source", join(ROOT, "src/cli/main.ts"), ...args],
    { cwd: ROOT, env: { ...process.env, TICKWRIGHT_TEST_FOLDER: folder } },
  );
  let [out, told] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    told += text;
    if (signal !== undefined && String(text).includes("TRADER_FEED_UP"))
      setTimeout(() => child.kill(signal), 300);
  });
  const [code] = (await once(child, "close")) as [number];
  return { code, out, told, folder };
}

it.each(["SIGTERM", "SIGINT"] as const)(
  "trades on paper until %s, ends the session, and replays",
  async (signal) => {
    const { code, out, told, folder } = await run(["paper", "--config", CONFIG, "--json"], signal);
    const said = JSON.parse(out) as { readonly runHash: string; readonly isClean: boolean };
    expect([code, said.isClean]).toEqual([0, true]);
    expect(told).toContain("TRADER_STOPPED");
    const records: SessionRecord[] = [];
    readJournal(folder, ({ seq, type, payload }) => records.push({ seq, type, payload: payload.slice() }));
    const replay = replaySession(records, { strategies: make("paper").strategies });
    expect([replay.isIdentical, replay.runHash]).toEqual([true, said.runHash]);
    expect(records.length).toBeGreaterThan(10);
  },
  60_000,
);

it("says in lines how it ended, and where it stands", async () => {
  const { code, out } = await run(["paper", "--config", CONFIG, "--suspend"], "SIGINT");
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines[0]).toBe("desk paper: suspended, the next start goes on, clean");
  const [heads = [], cells = []] = lines.slice(-2).map((line) => line.trim().split(/ {2,}/));
  expect(heads).toEqual(["instrument", "position", "bid", "ask", "open", "held"]);
  expect(cells[0]).toBe("ABC@x");
  expect(cells[5]).toMatch(/operator|-/);
  expect(out).toMatch(/^ {2}equity +[\d.-]+ USD$/m);
  expect(out).toMatch(/^ {2}journal +[\d,]+ records, [\d,]+ durable$/m);
  expect(out).toMatch(/^ {2}open +1 order, simulated: gone with this process$/m);
  expect(out).not.toMatch(/[{}"]|undefined|NaN/);
}, 60_000);

it("trades with real money only where that is said, and where a desk has doors for it", async () => {
  const unsaid = await run(["live", "--config", CONFIG]);
  expect([unsaid.code, unsaid.told]).toEqual([2, expect.stringContaining("--live is missing")]);
  const doorless = await run(["live", "--live", "--config", CONFIG]);
  expect([doorless.code, doorless.told]).toEqual([1, expect.stringContaining("`live` and `preflight`")]);
}, 60_000);

it("looks before a start, and is red where anything lacks", async () => {
  const { code, out } = await run(["preflight", "--config", CONFIG, "--json"]);
  const { isGreen, checks } = JSON.parse(out) as {
    isGreen: boolean;
    checks: { name: string; state: string }[];
  };
  expect([code, isGreen]).toEqual([1, false]);
  const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
  expect(states).toMatchObject({
    ...{ limits: "fail", "kill.agent": "fail", "paper.gate": "fail", "paper.code": "fail" },
    ...{ "feed.ticking.ABC@x": "ok", "journal.lock": "ok", "recovery.drill": "warn" },
  });
}, 60_000);
