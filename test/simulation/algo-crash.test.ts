import { describe, expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import {
  type OpenedSession,
  replaySession,
  type SessionRecord,
  type TradingSession,
} from "../../src/run/index.ts";
import type { Survival } from "../../src/torture/disk-faults.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { AlgoBusyStrategy } from "../fixtures/algo-busy-strategy.ts";
import { isLost } from "../fixtures/machine-lost.ts";
import { sessionOptions } from "../fixtures/session-desk.ts";
import { SessionWorld } from "../fixtures/session-world.ts";

const STEPS = 240;
const PERIOD_NS = 700_000;
const SURVIVALS: readonly Survival[] = ["none", "any", "all"];
/** Every so many disk operations the machine loses power. */
const STRIDE = Number(process.env.ALGO_CRASH_STRIDE ?? 53);

/** The strategy that was made last: of the session that lives. */
let algos = new AlgoBusyStrategy(PERIOD_NS);
function made() {
  algos = new AlgoBusyStrategy(PERIOD_NS);
  return sessionOptions({ strategies: [algos], snapshotEveryNs: 1_500_000 });
}

function recordsOf(disk: TortureDisk): SessionRecord[] {
  const records: SessionRecord[] = [];
  readJournal(
    "/session",
    ({ seq, type, payload }) => void records.push({ seq, type, payload: payload.slice() }),
    {
      disk,
    },
  );
  return records;
}

/** What is held at the gate for parents is what they may still send, and nothing else is held for any. */
function expectHeld({ kernel }: TradingSession, strategy: AlgoBusyStrategy, where: string): number {
  const held = kernel.gate.parts.parents.save().map(({ id, heldLots }) => [id, heldLots]);
  const own = strategy.parents
    .filter(({ reserveId }) => reserveId > 0)
    .map(({ reserveId, remainingLots }) => [reserveId, Math.max(0, remainingLots)]);
  expect(held, where).toEqual(own);
  return own.length;
}

const seen = { crashes: 0, snapshots: 0, inFlight: 0, ended: 0 };

/** Works parents until the disk dies; then goes on from what is left of it. Returns whether it died. */
function crashAt(at: number, survival: Survival, seed: number): boolean {
  const where = `operation ${at}, ${survival} of the rest survives, seed ${seed}`;
  const world = new SessionWorld(seed, made);
  const disk = new TortureDisk({ faults: { crashAt: at, crashMode: "partly" } });
  try {
    world.run(world.go(world.open(disk)), STEPS);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  const died = disk.operations > at;
  const left = disk.afterPowerLoss(seed * 1000 + at, survival);
  const opened: OpenedSession = world.open(left);
  const recovered = algos;
  const { recovery } = opened;
  expect([recovery.difference, recovery.unusable], where).toEqual([undefined, []]);
  if (recovery.snapshotSeq > 0) seen.snapshots += 1;
  if (!recovery.isNew) {
    // From the first record: the same parents, children and reservations as from the snapshot.
    const replay = replaySession(recordsOf(left), made());
    expect(replay.runHash, where).toBe(recovery.runHash);
    expect(recovered.onSave(), where).toEqual(algos.onSave());
    seen.inFlight += expectHeld(opened.session, recovered, where) > 0 ? 1 : 0;
  }
  const session = world.go(opened);
  for (let i = 0; i < 4; i++) {
    world.run(session, 30);
    expectHeld(session, recovered, where);
  }
  world.settle(session);
  world.ask(session);
  world.settle(session);
  expect(world.venue.repeated, where).toEqual([]);
  expect(Array.from(session.kernel.ledger.positionLots), where).toEqual(world.venue.positions);
  expectHeld(session, recovered, where);
  seen.ended += recovered.ended.length;
  const runHash = session.stop(world.nowNs);
  opened.journal.close();
  expect(replaySession(recordsOf(left), made()), where).toMatchObject({ isIdentical: true, runHash });
  return died;
}

describe("a session that works parents when its machine loses power", () => {
  it("goes on with each, sends nothing twice, and holds what they may still do", { timeout: 120_000 }, () => {
    for (let at = 3; ; at += STRIDE) {
      let died = false;
      for (const survival of SURVIVALS) {
        died = crashAt(at, survival, 1 + (at % 7));
        seen.crashes += died ? 1 : 0;
      }
      if (!died) break;
    }
    console.log(JSON.stringify(seen));
    expect(seen.crashes).toBeGreaterThan(10);
    expect(seen.snapshots).toBeGreaterThan(10);
    expect(seen.inFlight).toBeGreaterThan(10);
    expect(seen.ended).toBeGreaterThan(100);
  });
});
