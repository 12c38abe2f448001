import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { MachineLost, type Survival, TortureDisk } from "../../src/torture/index.ts";
import { WholeCopyDisk } from "../fixtures/whole-copy-disk.ts";

const NAMES = ["/f/a", "/f/b", "/f/c"];
const SURVIVALS: readonly Survival[] = ["none", "all", "any", "any"];

/** Random work on a disk and its oracle; returns both. */
function work(seed: number, steps: number): { disk: TortureDisk; oracle: WholeCopyDisk } {
  const rng = new Prng(seed);
  const disk = new TortureDisk({ seed });
  const oracle = new WholeCopyDisk();
  disk.makeFolder("/f");
  for (let i = 0; i < steps; i++) step(rng, disk, oracle);
  return { disk, oracle };
}

function step(rng: Prng, disk: TortureDisk, oracle: WholeCopyDisk): void {
  const path = NAMES[rng.below(NAMES.length)] as string;
  const other = NAMES[rng.below(NAMES.length)] as string;
  const whole = oracle.now.get(path);
  if (whole === undefined) {
    disk.open(path, "create").close();
    oracle.create(path);
    return;
  }
  const file = disk.open(path, "write");
  const what = rng.below(24);
  if (what < 10) {
    const bytes = drawBytes(rng);
    const at = rng.below(3) === 0 ? rng.below(20_000) : whole.now.length;
    expect(file.write(bytes, at)).toBe(bytes.length);
    oracle.write(whole, bytes, at);
  } else if (what < 14) {
    file.sync();
    oracle.sync(whole);
  } else if (what < 16) {
    const length = rng.below(Math.max(1, whole.now.length + 1000));
    file.truncate(length);
    oracle.cut(whole, length);
  } else if (what === 16) {
    disk.faults.syncFailsAt = disk.counts.syncs;
    expect(() => file.sync()).toThrow("EIO");
    oracle.strand(whole);
  } else if (what === 17) {
    disk.faults.syncLiesAt = disk.counts.syncs;
    file.sync();
    oracle.strand(whole);
  } else if (what === 18 && other !== path) {
    disk.rename(path, other);
    oracle.rename(path, other);
  } else if (what === 19) {
    disk.remove(path);
    oracle.remove(path);
  } else if (what === 20 && whole.durable.length > 0) {
    const byte = rng.below(whole.durable.length);
    disk.flipBit(path, byte, 3);
    oracle.flip(whole, byte, 3);
  } else if (what === 21) {
    disk.dropCache();
    oracle.dropCache();
  } else {
    disk.syncFolder("/f");
    oracle.syncFolder();
  }
  file.close();
}

function drawBytes(rng: Prng): Uint8Array {
  const bytes = new Uint8Array(rng.below(4) === 0 ? rng.below(9000) : 1 + rng.below(400));
  for (let i = 0; i < bytes.length; i++) bytes[i] = rng.uint32() & 255;
  return bytes;
}

function same(found: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(found, expected) === 0) return;
  const at = expected.findIndex((byte, i) => byte !== found[i]);
  throw new Error(`${what}: ${found.length} bytes, expected ${expected.length}; first difference at ${at}`);
}

function sameNow(disk: TortureDisk, oracle: WholeCopyDisk): void {
  expect([...disk.paths()].sort()).toEqual([...oracle.now.keys()].sort());
  let used = 0;
  for (const [path, { now, durable }] of oracle.now) {
    same(disk.bytes(path), now, path);
    same(disk.durableBytes(path), durable, `${path} on the medium`);
    used += now.length;
  }
  disk.faults.capacityBytes = 1e9;
  expect(1e9 - disk.freeBytes("/f")).toBe(used);
}

function sameLeft(disk: TortureDisk, left: ReadonlyMap<string, Uint8Array>, what: string): void {
  expect([...disk.paths()].sort(), what).toEqual([...left.keys()].sort());
  for (const [path, bytes] of left) {
    same(disk.bytes(path), bytes, `${what} ${path}`);
    same(disk.durableBytes(path), bytes, `${what} ${path} on the medium`);
  }
}

describe("TortureDisk against whole copies", () => {
  it("holds the same bytes, and the same ones survive", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 120 }), (seed, steps) => {
        const { disk, oracle } = work(seed, steps);
        sameNow(disk, oracle);
        for (const [i, survival] of SURVIVALS.entries()) {
          const left = oracle.afterPowerLoss(seed + i, survival);
          sameLeft(disk.afterPowerLoss(seed + i, survival), left, survival);
        }
        const now = new Map([...oracle.now].map(([path, file]) => [path, file.now]));
        const process = disk.afterProcessLoss();
        for (const [path, bytes] of now) same(process.bytes(path), bytes, `process ${path}`);
        // What the forks did to their own copies has changed nothing here.
        sameNow(disk, oracle);
      }),
      { numRuns: 400 },
    );
  });

  it("goes on in place after losses as another disk would", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 60 }), (seed, steps) => {
        const rng = new Prng(seed);
        const disk = new TortureDisk({ seed });
        disk.makeFolder("/f");
        let oracle = new WholeCopyDisk();
        for (let life = 0; life < 5; life++) {
          for (let i = 0; i < steps; i++) step(rng, disk, oracle);
          sameNow(disk, oracle);
          const survival = SURVIVALS[life % SURVIVALS.length] as Survival;
          const left = oracle.afterPowerLoss(seed + life, survival);
          const fork = disk.afterPowerLoss(seed + life, survival);
          disk.losePower(seed + life, survival);
          sameLeft(fork, left, `fork ${survival}`);
          sameLeft(disk, left, survival);
          oracle = restarted(disk);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("the same seed and calls give the same bytes, with every rate on", () => {
    const rates = {
      readErrors: 0.05,
      writeErrors: 0.05,
      syncErrors: 0.1,
      syncLies: 0.1,
      misdirectedWrites: 0.2,
      bitFlips: 0.2,
      shortTransfers: 0.3,
      stalls: 0.1,
      stallNs: 1e6,
      slowness: 3,
    };
    const run = (seed: number): string => {
      const disk = new TortureDisk({ seed, faults: rates });
      const rng = new Prng(4);
      disk.makeFolder("/f");
      const file = disk.open("/f/a", "create");
      let at = 0;
      for (let i = 0; i < 300; i++) {
        try {
          at += file.write(drawBytes(rng), at);
          file.sync();
          file.read(new Uint8Array(100), 0);
        } catch (error) {
          expect(error).toMatchObject({ code: "EIO" });
        }
      }
      disk.syncFolder("/f");
      const bytes = disk.afterPowerLoss(1).bytes("/f/a");
      return JSON.stringify([disk.counts, disk.costNs(), Buffer.from(bytes).toString("base64")]);
    };
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
    const [counts] = JSON.parse(run(1)) as [Record<string, number>];
    for (const name of Object.keys(rates).slice(0, 8)) expect(counts[name], name).toBeGreaterThan(3);
  });

  it("every sector of one unsynced write is there or not, each with even odds, and nothing else", () => {
    const disk = new TortureDisk();
    disk.makeFolder("/f");
    const file = disk.open("/f/a", "create");
    disk.syncFolder("/f");
    file.write(new Uint8Array(8192).fill(1), 0);
    file.sync();
    file.write(new Uint8Array(8192).fill(2), 0);
    const seen = new Int32Array(16);
    for (let seed = 0; seed < 200; seed++) {
      const bytes = disk.afterPowerLoss(seed).bytes("/f/a");
      expect(bytes.length).toBe(8192);
      for (let sector = 0; sector < 16; sector++) {
        const part = new Set(bytes.subarray(sector * 512, (sector + 1) * 512));
        expect(part.size).toBe(1);
        if (part.has(2)) seen[sector] = (seen[sector] as number) + 1;
      }
    }
    for (const count of seen) expect(Math.abs(count - 100)).toBeLessThan(45);
  });

  it("handles of a process that is gone do nothing any more", () => {
    const { disk } = work(3, 50);
    const path = disk.paths()[0] as string;
    const file = disk.open(path, "write");
    disk.loseProcess();
    for (const call of [() => file.write(new Uint8Array(1), 0), () => file.sync(), () => file.size()]) {
      expect(call).toThrow(MachineLost);
    }
    file.close();
    expect(disk.open(path, "write").write(new Uint8Array(1), 0)).toBe(1);
  });
});

/** An oracle that holds what a disk holds after a loss of power. */
function restarted(disk: TortureDisk): WholeCopyDisk {
  const oracle = new WholeCopyDisk();
  for (const path of disk.paths()) {
    const file = oracle.create(path);
    oracle.write(file, disk.bytes(path), 0);
    oracle.sync(file);
  }
  oracle.syncFolder();
  return oracle;
}
