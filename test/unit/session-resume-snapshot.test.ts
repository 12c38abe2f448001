import { expect, it } from "vitest";
import { type OpenedSession, openSession } from "../../src/run/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import { sessionOptions } from "../fixtures/session-desk.ts";
import { SessionWorld } from "../fixtures/session-world.ts";

const JOURNAL = { policy: "sync", create: true, reserveBytes: 2048, segmentBytes: 1 << 20 } as const;
const made = () => sessionOptions({ snapshotEveryNs: 3_600_000_000_000 });

it("a session that dies before each snapshot is due does not replay ever more", () => {
  const world = new SessionWorld(3, made);
  let disk = new TortureDisk();
  const open = (): OpenedSession => openSession("/session", made(), { ...JOURNAL, freeBytesMin: 0, disk });
  const replayed: number[] = [];
  const snapshots: number[] = [];
  for (let life = 0; life < 5; life++) {
    const opened = open();
    const { recovery } = opened;
    expect([recovery.difference, recovery.unusable]).toEqual([undefined, []]);
    replayed.push(recovery.records);
    const session = world.go(opened);
    snapshots.push(session.snapshots);
    expect(session.noSnapshots).toBeUndefined();
    world.run(session, 5000);
    disk = disk.afterProcessLoss();
  }
  // A snapshot is taken where more than 10,000 records were replayed, and only there.
  expect(snapshots.map((count, i) => count === ((replayed[i] as number) > 10_000 ? 1 : 0))).not.toContain(
    false,
  );
  expect(snapshots.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  expect(Math.max(...replayed)).toBeLessThan(20_000);
  const last = open();
  expect(last.recovery.snapshotSeq).toBeGreaterThan(10_000);
  expect(last.recovery.difference).toBeUndefined();
}, 60_000);
