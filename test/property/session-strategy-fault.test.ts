import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelStateHash, saveKernel, type TradingKernel } from "../../src/kernel/index.ts";
import { replaySession, type TradingSession } from "../../src/run/index.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { sessionOptions } from "../fixtures/session-desk.ts";
import { recordsOf } from "../fixtures/session-records.ts";
import { SessionStrategy } from "../fixtures/session-strategy.ts";
import { SessionWorld } from "../fixtures/session-world.ts";
import { ThrowingStrategy } from "../fixtures/throwing-strategy.ts";

const stateOf = (kernel: TradingKernel): string => kernelStateHash(saveKernel(kernel));

/** What is known of stopped strategies, whoever tells it: a snapshot has no error to show. */
const faultsOf = ({ faulted }: TradingSession): unknown[] => faulted.map(({ error: _, ...rest }) => rest);

describe("strategies that throw", () => {
  it("leave a recovered session, with a snapshot or without, what one is that went on", () => {
    const told = { stopped: 0, both: 0, snapshots: 0, canceled: 0 };
    const at = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1500 }));
    fc.assert(
      fc.property(fc.nat(1 << 30), fc.boolean(), at, at, fc.nat(250), (seed, saves, first, second, steps) => {
        const made = () =>
          sessionOptions({
            snapshotEveryNs: saves ? 2_000_000 : 0,
            strategies: [
              new ThrowingStrategy(new SessionStrategy(1_000_000), "first", first),
              new ThrowingStrategy(new SessionStrategy(700_000), "second", second),
            ],
          });
        const world = new SessionWorld(seed, made);
        const disk = new TortureDisk();
        const session = world.go(world.open(disk));
        world.run(session, steps);
        session.commit();
        expect(session.isRunning).toBe(true);
        told.stopped += session.faulted.length;
        if (session.faulted.length === 2) told.both += 1;
        const left = disk.afterProcessLoss();
        const opened = new SessionWorld(seed, made).open(left);
        const { session: again, recovery } = opened;
        if (recovery.snapshotSeq > 0) told.snapshots += 1;
        expect(recovery.difference ?? recovery.sendDifference).toBeUndefined();
        expect(recovery.unusable).toEqual([]);
        expect(recovery.runHash).toBe(session.runHash());
        expect(faultsOf(again)).toEqual(faultsOf(session));
        expect(stateOf(again.kernel)).toBe(stateOf(session.kernel));
        // The recovered one goes on, and what it did is done again by a replay of all records.
        world.go(opened);
        world.run(again, 100);
        again.idle(world.nowNs + 3e9);
        for (let i = 0; i < 5; i++) world.settle(again);
        for (const { index } of again.faulted) {
          told.canceled += 1;
          expect(again.kernel.desk.openOrders(again.kernel.slots[index]!, undefined)).toEqual([]);
        }
        again.commit();
        const replay = replaySession(recordsOf(left), made());
        expect(replay.difference ?? replay.sendDifference).toBeUndefined();
        expect(replay.runHash).toBe(again.runHash());
        opened.journal.close();
      }),
      { numRuns: 60 },
    );
    expect(told.stopped).toBeGreaterThan(10);
    expect(told.both).toBeGreaterThan(0);
    expect(told.snapshots).toBeGreaterThan(5);
    expect(told.canceled).toBeGreaterThan(10);
  }, 60_000);
});
