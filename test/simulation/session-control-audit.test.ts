import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/audit/index.ts";
import { Prng } from "../../src/base/index.ts";
import type { ControlRequest, LimitOverride } from "../../src/risk/index.ts";
import type { TradingSession } from "../../src/run/index.ts";
import { MachineLost } from "../../src/torture/disk-core.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { AuditedWorld, madeOf, readTrail } from "../fixtures/audited-world.ts";
import { controlledOptions, OTHER, RISK, randomControl, TRADER } from "../fixtures/random-control.ts";

const BASE = 1_700_000_000_000_000_000n;
const SEEDS = 3;
const worldOf = (seed: number) =>
  new AuditedWorld(seed, controlledOptions, { sync: "checkpoint", flush: seed % 2 === 0 ? "turn" : "block" });

function trade(world: AuditedWorld, session: TradingSession, seed: number): void {
  const rng = new Prng(seed).fork("controls");
  for (let round = 0; round < 25; round++) {
    world.run(session, 1 + rng.below(6));
    session.control(randomControl(rng, world.nowNs), world.nowNs);
  }
}

const CONTROL = ["limitChange", "limitOverride", "configChange", "systemEvent"];

/** The records that tell of changes, each with its payload. */
const toldOf = (records: readonly AuditRecord[]): unknown[] =>
  madeOf(records)
    .filter(({ type }) => CONTROL.includes(type))
    .map(({ type, payload, tsNs }) => [Number(tsNs - BASE), type, payload]);

describe("the audit trail of a session whose gate is changed", () => {
  it("tells each limit before and after, who asked and who agreed, what ended by itself, what was refused", () => {
    const world = worldOf(1);
    const disk = new TortureDisk({});
    const opened = world.open(disk);
    const session = world.go(opened);
    world.step = 1;
    const ask = (request: ControlRequest) => session.control(request, world.nowNs);
    const limits = { maxOrderLots: 5, maxDailyLoss: "unlimited" };
    ask({ call: "change", args: [[{ level: "firm", limits }], RISK, "a nervous\u0301 market"] });
    const override: LimitOverride = {
      ...{ level: "firm", limits: { maxOrderLots: 7 }, reason: "a client" },
      ...{ requestedBy: TRADER, approvedBy: RISK, untilNs: 100_000 },
    };
    ask({ call: "override", args: [override] });
    ask({ call: "override", args: [{ ...override, approvedBy: TRADER }] });
    world.step = 2;
    const entry = { instrument: 0, restriction: "noTrade", reason: "news" } as const;
    ask({ call: "restricted.restrict", args: [entry], by: OTHER });
    ask({ call: "status.set", args: [0, 2] });
    ask({ call: "change", args: [[{ level: "user", name: "x", limits: {} }], RISK, "y"] });
    ask({ call: "override", args: [{ ...override, approvedBy: TRADER, untilNs: 200_000 }] });
    ask({ call: "setCapital", args: [{ level: "firm", amount: "5" }, RISK, "a loss"] });
    session.stop(world.nowNs);
    world.seal();
    opened.journal.close();
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    const signed = { author: "R. Isk", approver: "", reason: "a nervouś market" };
    const granted = { author: "T. Rader", approver: "R. Isk", reason: "a client" };
    const told = toldOf(readTrail(disk)).slice(3);
    const config = (path: string, by: object) =>
      expect.objectContaining({ path: `session.risk.${path}`, beforeHash: hash, afterHash: hash, ...by });
    const of = { scope: "firm", limit: "maxOrderLots" };
    expect(told.slice(0, 8)).toEqual([
      [50_000, "limitChange", { ...of, before: "50", after: "5", version: 2, ...signed }],
      [
        50_000,
        "limitChange",
        {
          scope: "firm",
          limit: "maxDailyLoss",
          before: "100000.00 USD",
          after: "unlimited",
          version: 2,
          ...signed,
        },
      ],
      [50_000, "configChange", config("limits", signed)],
      [50_000, "limitChange", { ...of, before: "5", after: "7", version: 3, ...granted }],
      [50_000, "limitOverride", { ...of, untilNs: BASE + 100_000n, ...granted }],
      [50_000, "configChange", config("limits", granted)],
      [50_000, "systemEvent", expect.objectContaining({ component: "control", event: "refused" })],
      [100_000, "configChange", config("restricted", { author: "O. Ther", approver: "", reason: "news" })],
    ]);
    expect(told.slice(8, 12)).toEqual([
      [100_000, "systemEvent", expect.objectContaining({ component: "control", event: "refused" })],
      [
        100_000,
        "limitChange",
        { ...of, before: "7", after: "5", version: 4, ...granted, reason: "time is up" },
      ],
      [100_000, "systemEvent", expect.objectContaining({ component: "control", event: "refused" })],
      [100_000, "configChange", config("nodes", { author: "R. Isk", reason: "a loss" })],
    ]);
  });

  it("has each of them once, wherever the machine lost its power", () => {
    let crashes = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const whole = new TortureDisk({});
      const world = worldOf(seed);
      const opened = world.open(whole);
      const session = world.go(opened);
      trade(world, session, seed);
      const { operations } = whole;
      session.stop(world.nowNs);
      world.seal();
      opened.journal.close();
      const made = toldOf(readTrail(whole)).slice(0, -1);
      expect(made.length).toBeGreaterThan(12);
      for (let at = seed; at < operations; at += 5) {
        crashes += 1;
        const where = `seed ${seed}, operation ${at}`;
        const told = crashAt(seed, at);
        const end = told.findIndex((each) => JSON.stringify(each, plain).includes('"completed"'));
        const until = told.slice(0, end < 0 ? 0 : end);
        expect(until, where).toEqual(made.slice(0, until.length));
      }
    }
    expect(crashes).toBeGreaterThan(60);
  }, 60_000);
});

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** What a trail tells whose machine lost its power at an operation, and that went on. */
function crashAt(seed: number, at: number): unknown[] {
  const world = worldOf(seed);
  const disk = new TortureDisk({ faults: { crashAt: at, crashMode: "partly" } });
  try {
    trade(world, world.go(world.open(disk)), seed);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  const left = disk.afterPowerLoss(seed * 1000 + at, "any");
  const opened = world.open(left);
  const session = world.go(opened);
  world.run(session, 20);
  session.stop(world.nowNs);
  world.seal();
  opened.journal.close();
  return toldOf(readTrail(left));
}

function isLost(error: unknown): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (each instanceof MachineLost) return true;
  }
  return false;
}
