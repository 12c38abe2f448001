import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import { readStory, replaySession, type SessionRecord } from "../../src/run/index.ts";
import { Command } from "../fixtures/command.ts";

const CONFIG = join(import.meta.dirname, "../fixtures/desk-config.ts");
const home = mkdtempSync(join(tmpdir(), "paper-kill-"));
const folder = join(home, "journal");

function paper(args: readonly string[]): Command {
  const env = { TICKWRIGHT_TEST_FOLDER: folder, TICKWRIGHT_TEST_TAKES: "1" };
  return new Command(["paper", "--config", CONFIG, "--json", ...args], env);
}

function records(): readonly SessionRecord[] {
  const all: SessionRecord[] = [];
  readJournal(folder, ({ seq, type, payload }) => all.push({ seq, type, payload: payload.slice() }));
  return all;
}

/** What the executions in the journal sum up to. @units lots */
function lotsOf(all: readonly SessionRecord[]): number {
  const { orders } = readStory(all);
  return orders.reduce((sum, { side, fills }) => {
    const lots = fills.reduce((total, fill) => total + fill.lots, 0);
    return sum + side * lots;
  }, 0);
}

it("a paper session that is killed goes on with every execution it had told of", {
  timeout: 120_000,
}, async () => {
  try {
    for (const life of [1, 2]) {
      const before = life === 1 ? 0 : readStory(records()).orders.length;
      const trading = paper([]);
      await trading.until("it trades", () => {
        try {
          return readStory(records()).orders.length > before + 20 * life;
        } catch {
          return false;
        }
      });
      expect((await trading.stop("SIGKILL")).signal).toBe("SIGKILL");
      const killed = records();
      const [lots, orders] = [lotsOf(killed), readStory(killed).orders.length];
      expect(orders).toBeGreaterThan(before);
      // It is suspended before any row can come.
      const resumed = paper(["--suspend", "--seconds", "0.001"]);
      expect((await resumed.ended).code).toBe(0);
      expect(resumed.told).toContain("TRADER_RECOVERED");
      const { status } = JSON.parse(resumed.out) as {
        status: { instruments: { positionLots: number; openOrders: number }[] };
      };
      const after = records();
      const [instrument] = status.instruments;
      expect(lotsOf(after) - (instrument?.positionLots ?? Number.NaN)).toBe(0);
      const again = readStory(after).orders.slice(0, orders);
      const known = readStory(killed).orders;
      for (const [i, order] of known.entries())
        expect(again[i]?.fills.slice(0, order.fills.length)).toEqual(order.fills);
      expect([lotsOf(killed), lots]).toEqual([lots, lots]);
    }
    const last = paper([]);
    await last.until("it goes on", () => last.told.includes("TRADER_FEED_UP"));
    expect((await last.stop("SIGINT")).code).toBe(0);
    process.env["TICKWRIGHT_TEST_TAKES"] = "1";
    const { default: make } = await import("../fixtures/desk-config.ts");
    const replay = replaySession(records(), { strategies: make("paper").strategies });
    const { runHash } = JSON.parse(last.out) as { readonly runHash: string };
    expect([replay.isIdentical, replay.runHash]).toEqual([true, runHash]);
  } finally {
    delete process.env["TICKWRIGHT_TEST_TAKES"];
    rmSync(home, { recursive: true, force: true });
  }
});
