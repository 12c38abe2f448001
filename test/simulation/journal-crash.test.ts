import { describe, expect, it } from "vitest";
import { openJournal } from "../../src/host/index.ts";
import { type CrashMode, type DiskFaults, type Survival, TortureDisk } from "../../src/torture/index.ts";
import { checkRecovered, FOLDER, options, type Promised, work } from "../fixtures/journal-work.ts";

const BATCHES = [1, 3, 1, 7, 2, 40, 1, 30, 9, 2, 4, 1, 6];
const MODES: readonly CrashMode[] = ["before", "partly", "after"];
const SURVIVALS: readonly Survival[] = ["none", "all", "any", "any"];

interface Run {
  readonly disk: TortureDisk;
  readonly promised: Promised;
  readonly error: unknown;
}

/** The same work each time, up to the fault. */
function run(faults: Partial<DiskFaults>, more: Parameters<typeof options>[1] = {}): Run {
  const disk = new TortureDisk({ faults, isLogged: true });
  const promised: Promised = { appended: 0, durable: 0, snapshots: [] };
  try {
    work(openJournal(FOLDER, options(disk, more)).journal, promised, BATCHES);
    return { disk, promised, error: undefined };
  } catch (error) {
    return { disk, promised, error };
  }
}

describe("a crash at every operation of the disk", () => {
  const whole = run({});
  const total = whole.disk.operations;

  it("the work without a crash rotates, packs, saves and retires", () => {
    expect(whole.error).toBeUndefined();
    expect(whole.promised.durable).toBe(107);
    const { log } = whole.disk;
    for (const what of ["rename /journal/next", "rename /journal/pack", "rename /journal/snapshot", "cut "]) {
      expect(log.filter((line) => line.startsWith(what)).length, what).toBeGreaterThan(2);
    }
    expect(log.some((line) => /^remove .*segment-\d+\.twj\.zst/.test(line))).toBe(true);
  });

  it.each([{ step: 1 }, { step: 2, preallocate: false }, { step: 5, chunkBytes: 100 }])(
    "loses nothing durable, invents nothing: %j",
    (how) => {
      const { chunkBytes, step, ...more } = how as {
        chunkBytes?: number;
        preallocate?: boolean;
        step: number;
      };
      const chunk = chunkBytes === undefined ? {} : { chunkBytes };
      const count = run(chunk, more).disk.operations;
      let torn = 0;
      for (let crashAt = 0; crashAt < count; crashAt += step) {
        for (const crashMode of MODES) {
          const faults = { crashAt, crashMode, ...chunk };
          const { disk, promised, error } = run(faults, more);
          expect(error).toBeDefined();
          for (const [i, survival] of SURVIVALS.entries()) {
            const left = disk.afterPowerLoss(crashAt * 31 + i, survival);
            torn +=
              promised.appended - check(left, promised, `${crashAt} ${crashMode} ${survival} ${i}`) > 0
                ? 1
                : 0;
          }
          check(disk.afterProcessLoss(), promised, `${crashAt} ${crashMode} process`);
        }
      }
      expect(count).toBeGreaterThan(100);
      expect(torn).toBeGreaterThan(0);
    },
  );

  it("a second crash while recovering loses nothing either", () => {
    for (let crashAt = 5; crashAt < total; crashAt += 7) {
      const { disk, promised } = run({ crashAt, crashMode: "partly" });
      for (let second = 0; second < 12; second++) {
        const again = disk.afterPowerLoss(crashAt);
        again.faults.crashAt = second;
        again.faults.crashMode = MODES[second % 3] as CrashMode;
        try {
          openJournal(FOLDER, options(again)).journal.close();
        } catch {
          // The second crash, most of the time.
        }
        check(again.afterPowerLoss(second), promised, `${crashAt} then ${second}`);
      }
    }
  });
});

function check(disk: TortureDisk, promised: Promised, name: string): number {
  try {
    return checkRecovered(disk, promised);
  } catch (error) {
    throw new Error(`crash at ${name}: ${String(error)}`, { cause: error });
  }
}

describe("a failing disk", () => {
  it("a sync that fails ends the journal for good, and nothing acknowledged is lost", () => {
    const disk0 = run({}).disk;
    const syncs = disk0.log.filter((line) => line === "sync").length;
    for (let syncFailsAt = 0; syncFailsAt < syncs; syncFailsAt++) {
      const { disk, promised, error } = run({ syncFailsAt });
      expect(error).toMatchObject({ code: "FAULT_IO" });
      for (const survival of SURVIVALS) check(disk.afterPowerLoss(syncFailsAt, survival), promised, "EIO");
    }
  });

  it("a write that fails ends the journal too", () => {
    for (let writeFailsAt = 0; writeFailsAt < 80; writeFailsAt++) {
      const { disk, promised } = run({ writeFailsAt, writeFailsWith: "EIO" });
      check(disk.afterPowerLoss(writeFailsAt), promised, `EIO in write ${writeFailsAt}`);
      check(disk.afterProcessLoss(), promised, `EIO in write ${writeFailsAt}`);
    }
  });
});
