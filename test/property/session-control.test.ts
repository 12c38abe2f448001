import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { kernelStateHash, saveKernel, type TradingKernel } from "../../src/kernel/index.ts";
import { replaySession } from "../../src/run/index.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { controlledOptions, randomControl } from "../fixtures/random-control.ts";
import { recordsOf } from "../fixtures/session-records.ts";
import { SessionWorld } from "../fixtures/session-world.ts";

const stateOf = (kernel: TradingKernel): string => kernelStateHash(saveKernel(kernel));

describe("changes of the gate among orders", () => {
  it("leave a recovered session, with a snapshot or without, what one is that went on", () => {
    const told = { changes: 0, refused: 0, snapshots: 0, versions: 0 };
    fc.assert(
      fc.property(fc.nat(1 << 30), fc.boolean(), fc.integer({ min: 1, max: 25 }), (seed, saves, rounds) => {
        const made = () => controlledOptions(saves ? {} : { snapshotEveryNs: 0 });
        const world = new SessionWorld(seed, made);
        const rng = new Prng(seed).fork("controls");
        const disk = new TortureDisk();
        const session = world.go(world.open(disk));
        for (let i = 0; i < rounds; i++) {
          world.run(session, rng.below(20));
          const { gate } = session.kernel;
          const before = gate.parts.version;
          const answer = session.control(randomControl(rng, world.nowNs), world.nowNs);
          told.changes += 1;
          if (!answer.ok) told.refused += 1;
          if (gate.parts.version > before) told.versions += 1;
        }
        world.run(session, rng.below(60));
        session.commit();
        const left = disk.afterProcessLoss();
        const { session: again, recovery, journal } = new SessionWorld(seed, made).open(left);
        if (recovery.snapshotSeq > 0) told.snapshots += 1;
        expect(recovery.difference).toBeUndefined();
        expect(recovery.unusable).toEqual([]);
        expect(recovery.runHash).toBe(session.runHash());
        expect(stateOf(again.kernel)).toBe(stateOf(session.kernel));
        const replay = replaySession(recordsOf(left), made());
        expect(replay.sendDifference).toBeUndefined();
        expect(replay.runHash).toBe(recovery.runHash);
        journal.close();
      }),
      { numRuns: 60 },
    );
    expect(told.refused).toBeGreaterThan(told.changes / 10);
    expect(told.versions).toBeGreaterThan(told.changes / 15);
    expect(told.snapshots).toBeGreaterThan(10);
  }, 60_000);
});
