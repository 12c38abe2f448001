import { describe, expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import { readSending, replaySession, SESSION, type SessionRecord } from "../../src/run/index.ts";
import type { CrashMode, Survival } from "../../src/torture/disk-faults.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { isLost } from "../fixtures/machine-lost.ts";
import { sessionOptions } from "../fixtures/session-desk.ts";
import { SessionWorld } from "../fixtures/session-world.ts";

const STEPS = 160;
const made = () => sessionOptions({ snapshotEveryNs: 2_000_000 });
const MODES: readonly CrashMode[] = ["before", "partly", "after"];
const SURVIVALS: readonly Survival[] = ["none", "any", "all"];

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

/** Recoveries that began with a snapshot. */
let snapshots = 0;

/** Trades until the disk dies; then from what is left of it to the end. Returns whether it died. */
function crashAt(at: number, mode: CrashMode, survival: Survival, seed: number): boolean {
  const world = new SessionWorld(seed, made);
  const disk = new TortureDisk({ faults: { crashAt: at, crashMode: mode } });
  try {
    world.run(world.go(world.open(disk)), STEPS);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  const died = disk.operations > at;
  const left = disk.afterPowerLoss(seed * 1000 + at, survival);
  const where = `operation ${at} ${mode}, ${survival} of the rest survives, seed ${seed}`;
  const opened = world.open(left);
  const { recovery } = opened;
  if (recovery.snapshotSeq > 0) snapshots += 1;
  expect(recovery.difference, where).toBeUndefined();
  expect(recovery.unusable, where).toEqual([]);
  if (!recovery.isNew) {
    const records = recordsOf(left);
    const sent = new Set<string>();
    for (const { type, payload } of records) {
      if (type !== SESSION.sending) continue;
      const { kind, id, requestId } = readSending(new DataView(payload.buffer, payload.byteOffset));
      sent.add(`${kind} ${id} ${requestId}`);
    }
    // Nothing that the venue has is unknown here.
    for (const name of world.received) expect(sent.has(name), `${where}: ${name}`).toBe(true);
    // The snapshot and what follows it come to the same state as all of it from the first record.
    expect(replaySession(records, made()).runHash, where).toBe(recovery.runHash);
  } else expect(world.received.size, where).toBe(0);
  const session = world.go(opened);
  world.run(session, 60);
  world.settle(session);
  world.ask(session);
  world.settle(session);
  expect(world.venue.repeated, where).toEqual([]);
  expect(Array.from(session.kernel.ledger.positionLots), where).toEqual(world.venue.positions);
  const runHash = session.stop(world.nowNs);
  opened.journal.close();
  expect(replaySession(recordsOf(left), made()), where).toMatchObject({ isIdentical: true, runHash });
  return died;
}

describe("a session whose machine loses power", () => {
  it("goes on from what the disk kept, wherever it was cut off", () => {
    let crashes = 0;
    let operations = 0;
    for (let at = 0; ; at++) {
      let died = false;
      for (const mode of MODES) {
        for (const survival of SURVIVALS) {
          died = crashAt(at, mode, survival, 1 + (at % 7));
          crashes += died ? 1 : 0;
        }
      }
      if (!died) break;
      operations += 1;
    }
    console.log(
      `${crashes} crashes at ${operations} disk operations, ${snapshots} of them recovered from a snapshot`,
    );
    expect(operations).toBeGreaterThan(100);
    expect(snapshots).toBeGreaterThan(100);
  }, 120_000);
});
