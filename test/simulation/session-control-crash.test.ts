import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { kernelStateHash, saveKernel } from "../../src/kernel/index.ts";
import type { ControlRequest } from "../../src/risk/index.ts";
import { replaySession, type TradingSession } from "../../src/run/index.ts";
import { MachineLost } from "../../src/torture/disk-core.ts";
import type { CrashMode, Survival } from "../../src/torture/disk-faults.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { controlledOptions, RISK, randomControl } from "../fixtures/random-control.ts";
import { recordsOf } from "../fixtures/session-records.ts";
import { SessionWorld } from "../fixtures/session-world.ts";

const MODES: readonly CrashMode[] = ["before", "partly", "after"];
const SURVIVALS: readonly Survival[] = ["none", "any", "all"];
const made = () => controlledOptions({ snapshotEveryNs: 1_000_000 });
const ROUNDS = 24;

/** Each round narrows or widens one limit to a number of its own, and asks for something at random. */
function trade(
  world: SessionWorld,
  session: TradingSession,
  seed: number,
  answered: (lots: number) => void,
): void {
  const rng = new Prng(seed).fork("controls");
  for (let round = 0; round < ROUNDS; round++) {
    world.run(session, 1 + rng.below(6));
    const limits = { maxOpenValue: String(1_000_000 + round) };
    const request: ControlRequest = { call: "change", args: [[{ level: "firm", limits }], RISK, "x"] };
    expect(session.control(request, world.nowNs)).toEqual({ ok: true });
    answered(round);
    session.control(randomControl(rng, world.nowNs), world.nowNs);
  }
}

const roundIn = (session: TradingSession): number =>
  session.kernel.gate.parts.limits.of(0, "maxOpenValue") / 100 - 1_000_000;

let snapshots = 0;
let unanswered = 0;

/** Trades until the disk dies; what was answered is in force after the recovery. Returns whether it died. */
function crashAt(at: number, mode: CrashMode, survival: Survival, seed: number): boolean {
  const where = `operation ${at} ${mode}, ${survival} of the rest survives, seed ${seed}`;
  const world = new SessionWorld(seed, made);
  const disk = new TortureDisk({ faults: { crashAt: at, crashMode: mode } });
  let last = Number.POSITIVE_INFINITY;
  try {
    const session = world.go(world.open(disk));
    trade(world, session, seed, (round) => {
      last = round;
    });
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  const left = disk.afterPowerLoss(seed * 1000 + at, survival);
  const opened = world.open(left);
  const { recovery, session } = opened;
  if (recovery.snapshotSeq > 0) snapshots += 1;
  expect(recovery.difference, where).toBeUndefined();
  expect(recovery.unusable, where).toEqual([]);
  if (recovery.isNew) expect(last, where).toBe(Number.POSITIVE_INFINITY);
  else {
    const [found, known] = [roundIn(session), last];
    if (known === Number.POSITIVE_INFINITY) expect([0, Number.POSITIVE_INFINITY], where).toContain(found);
    else expect([known, known + 1], where).toContain(found);
    if (found !== known) unanswered += 1;
    // The snapshot and what follows it come to the same state as all of it from the first record.
    const replay = replaySession(recordsOf(left), made());
    expect(replay.runHash, where).toBe(recovery.runHash);
    expect(kernelStateHash(saveKernel(replay.kernel)), where).toBe(recovery.stateHash);
  }
  const again = world.go(opened);
  world.run(again, 20);
  expect(again.control(randomControl(new Prng(at), world.nowNs), world.nowNs)).toHaveProperty("ok");
  world.run(again, 20);
  world.settle(again);
  world.ask(again);
  world.settle(again);
  expect(world.venue.repeated, where).toEqual([]);
  const runHash = again.stop(world.nowNs);
  opened.journal.close();
  expect(replaySession(recordsOf(left), made()), where).toMatchObject({ isIdentical: true, runHash });
  return disk.operations > at;
}

function isLost(error: unknown): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (each instanceof MachineLost) return true;
  }
  return false;
}

describe("a session whose gate is changed and whose machine loses power", () => {
  it("has what was answered in force again, wherever it was cut off", () => {
    let operations = 0;
    let crashes = 0;
    for (let at = 0; ; at++) {
      let died = false;
      for (const [i, mode] of MODES.entries()) {
        died = crashAt(at, mode, SURVIVALS[(at + i) % 3] as Survival, 1 + (at % 5));
        crashes += died ? 1 : 0;
      }
      if (!died) break;
      operations += 1;
    }
    console.log(
      `${crashes} crashes at ${operations} disk operations, ${snapshots} recovered from a snapshot, ` +
        `${unanswered} with a change in force that was not answered`,
    );
    expect(operations).toBeGreaterThan(100);
    expect(snapshots).toBeGreaterThan(50);
    expect(unanswered).toBeGreaterThan(20);
  }, 120_000);
});
