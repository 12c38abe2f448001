import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  DISK_LATENCY,
  type DiskFaults,
  MachineLost,
  TortureDisk,
  type TortureDiskOptions,
} from "../../src/torture/index.ts";

const text = (value: string): Uint8Array => Buffer.from(value);
const read = (disk: TortureDisk, path = "/f/a"): string => Buffer.from(disk.bytes(path)).toString();

/** A disk with one file that is durable. */
function disk(content = "hello", options: TortureDiskOptions = {}): TortureDisk {
  const made = new TortureDisk(options);
  made.put("/f", "a", text(content));
  return made;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Fault ? `${error.code} ${error.path}` : String((error as { code?: string }).code);
  }
  return "none";
}

describe("TortureDisk as a disk", () => {
  it("creates, reads, cuts, lists and renames as the port says", () => {
    const made = new TortureDisk({ isLogged: true });
    expect(made.list("/f")).toBeUndefined();
    expect(codeOf(() => made.open("/f/a", "create"))).toBe("ENOENT");
    made.makeFolder("/f/deep");
    made.makeFolder("/f");
    const file = made.open("/f/a", "create");
    expect(codeOf(() => made.open("/f/a", "create"))).toBe("EEXIST");
    expect(codeOf(() => made.open("/f/b", "read"))).toBe("ENOENT");
    expect(file.write(text("abcdef"), 2)).toBe(6);
    expect(read(made)).toBe("\0\0abcdef");
    file.truncate(4);
    expect([file.size(), read(made)]).toEqual([4, "\0\0ab"]);
    file.truncate(6);
    expect(read(made)).toBe("\0\0ab\0\0");
    const into = new Uint8Array(4);
    expect(file.read(into, 3)).toBe(3);
    expect([...into]).toEqual([98, 0, 0, 0]);
    expect(file.read(into, 9)).toBe(0);
    expect(made.list("/f")).toEqual(["a", "deep"]);
    made.put("/f", "b", text("old"));
    made.rename("/f/a", "/f/b");
    expect(made.list("/f")).toEqual(["b", "deep"]);
    expect(codeOf(() => made.remove("/f/a"))).toBe("ENOENT");
    expect(codeOf(() => made.rename("/f/a", "/f/c"))).toBe("ENOENT");
    expect(codeOf(() => made.open("/f/b", "read").write(text("x"), 0))).toBe("EBADF");
    expect(codeOf(() => file.write(text("x"), -1))).toBe("EINVAL");
    file.close();
    expect(codeOf(() => file.size())).toBe("EBADF");
    expect(made.log).toEqual([
      "makeFolder /f/deep",
      "create /f/a",
      "write 6 at 2",
      "cut 4",
      "cut 6",
      "rename /f/a /f/b",
    ]);
    expect(made.operations).toBe(6);
  });

  it("a removed file lives on while it is open, and its room is free at once", () => {
    const made = disk("hello", { faults: { capacityBytes: 100 } });
    const file = made.open("/f/a", "write");
    made.remove("/f/a");
    made.syncFolder("/f");
    expect(made.freeBytes("/f")).toBe(100);
    file.write(text("J"), 0);
    const into = new Uint8Array(5);
    file.read(into, 0);
    expect(Buffer.from(into).toString()).toBe("Jello");
    file.close();
    expect(made.freeBytes("/f")).toBe(100);
  });

  it("names that move between folders are durable once either folder is synced", () => {
    const made = disk();
    made.makeFolder("/g");
    made.rename("/f/a", "/g/a");
    expect(made.afterPowerLoss(1, "none").paths()).toEqual(["/f/a"]);
    made.syncFolder("/f");
    expect(made.afterPowerLoss(1, "none").paths()).toEqual(["/g/a"]);
    made.open("/g/b", "create");
    made.syncFolder("/f");
    expect(made.afterPowerLoss(1, "none").paths()).toEqual(["/g/a"]);
    made.syncFolder("/g");
    expect(made.afterPowerLoss(1, "none").paths()).toEqual(["/g/a", "/g/b"]);
    // What came before the move is durable with it, and is not done again later.
    made.put("/f", "c", text("moved"));
    made.remove("/g/b");
    made.rename("/f/c", "/g/b");
    made.syncFolder("/f");
    expect(read(made.afterPowerLoss(1, "none"), "/g/b")).toBe("moved");
    made.syncFolder("/g");
    expect(read(made.afterPowerLoss(1, "none"), "/g/b")).toBe("moved");
  });

  it.each([
    [{ sed: 1 }, "options.sed"],
    [{ seed: 0.5 }, "options.seed"],
    [{ isLogged: 1 }, "options.isLogged"],
    [{ faults: { crashAT: 1 } }, "options.faults.crashAT"],
    [{ faults: { crashAt: -2 } }, "options.faults.crashAt"],
    [{ faults: { crashMode: "late" } }, "options.faults.crashMode"],
    [{ faults: { syncErrors: 2 } }, "options.faults.syncErrors"],
    [{ faults: { chunkBytes: 0 } }, "options.faults.chunkBytes"],
    [{ faults: { capacityBytes: Number.NaN } }, "options.faults.capacityBytes"],
    [{ faults: { slowness: 0.5 } }, "options.faults.slowness"],
    [{ faults: { stallNs: -1 } }, "options.faults.stallNs"],
    [{ faults: { isReadOnly: 0 } }, "options.faults.isReadOnly"],
    [{ faults: { locksSurvive: 0 } }, "options.faults.locksSurvive"],
    [{ faults: { writeFailsWith: "" } }, "options.faults.writeFailsWith"],
    [{ latency: { syncNs: -1 } }, "options.latency.syncNs"],
  ])("checks its options: %o", (options, path) => {
    expect(codeOf(() => new TortureDisk(options as never))).toBe(`FAULT_CONFIG ${path}`);
    expect(() => Object.assign(new TortureDisk().faults, { crashAT: 1 })).toThrow(TypeError);
  });
});

describe("faults of a TortureDisk", () => {
  it.each([
    ["before", "hello"],
    ["partly", "XYllo"],
    ["after", "XYZTo"],
  ] as const)("the machine is lost %s a write", (crashMode, left) => {
    const made = disk("hello", { faults: { crashAt: 0, crashMode } });
    const file = made.open("/f/a", "write");
    expect(() => file.write(text("XYZT"), 0)).toThrow(MachineLost);
    expect([made.isLost, made.counts.crashes]).toEqual([true, 1]);
    expect(() => file.size()).toThrow(MachineLost);
    expect(() => made.list("/f")).toThrow(MachineLost);
    expect(read(made.afterProcessLoss())).toBe(left);
    expect(read(made.afterPowerLoss(1, "none"))).toBe("hello");
    expect(read(made.afterPowerLoss(1, "all"))).toBe(left);
    made.loseProcess();
    expect([made.isLost, made.faults.crashAt, read(made)]).toEqual([false, -1, left]);
  });

  it("a failed sync loses what it should have written, also if a later one succeeds", () => {
    const made = disk();
    const file = made.open("/f/a", "write");
    file.write(text("J"), 0);
    made.faults.syncErrors = 1;
    expect(codeOf(() => file.sync())).toBe("EIO");
    made.faults.syncErrors = 0;
    file.sync();
    expect(read(made)).toBe("Jello");
    expect(read(made.afterPowerLoss(1, "all"))).toBe("hello");
    file.write(text("y"), 4);
    file.sync();
    expect(read(made.afterPowerLoss(1, "none"))).toBe("Jelly");
    expect(made.counts).toMatchObject({ syncErrors: 1, syncs: 3 });
  });

  it("a sync that lies returns, and nothing is durable", () => {
    const made = disk("hello", { faults: { syncLiesAt: 0 } });
    const file = made.open("/f/a", "write");
    file.write(text("J"), 0);
    file.sync();
    expect(made.counts.syncLies).toBe(1);
    expect(read(made.afterPowerLoss(1, "all"))).toBe("hello");
    expect(read(made.afterProcessLoss())).toBe("Jello");
    made.dropCache();
    expect(read(made)).toBe("hello");
  });

  it("a misdirected write leaves its place as it was and hits another one", () => {
    const page = (fill: number): Uint8Array => new Uint8Array(4096).fill(fill);
    const hits = { own: 0, other: 0 };
    for (let seed = 0; seed < 40; seed++) {
      const made = new TortureDisk({ seed, faults: { misdirectedWrites: 1 } });
      made.put("/f", "a", new Uint8Array(8192).fill(1));
      made.put("/f", "b", new Uint8Array(8192).fill(2));
      const file = made.open("/f/a", "write");
      file.write(page(9), 0);
      file.sync();
      expect([...made.bytes("/f/a").subarray(0, 4096)]).toEqual([...page(9)]);
      expect(made.counts.misdirectedWrites).toBe(1);
      made.losePower(1, "none");
      const nines = (path: string): number => made.bytes(path).filter((byte) => byte === 9).length;
      expect(nines("/f/a") + nines("/f/b")).toBe(4096);
      if (nines("/f/b") > 0) hits.other++;
      else hits.own++;
    }
    expect(Math.min(hits.own, hits.other)).toBeGreaterThan(5);
  });

  it("a flipped bit is read at once where the cache is clean, and healed by the next sync where it is dirty", () => {
    const made = disk("aaaa");
    expect(made.flipBit("/f/a", 1, 1)).toEqual({ path: "/f/a", byte: 1, bit: 1 });
    expect(read(made)).toBe("acaa");
    const file = made.open("/f/a", "write");
    file.write(text("b"), 0);
    made.flipBit("/f/a", 1, 1);
    expect(read(made)).toBe("bcaa");
    expect(read(made.afterPowerLoss(1, "none"))).toBe("aaaa");
    file.sync();
    expect(read(made.afterPowerLoss(1, "none"))).toBe("bcaa");
    expect(made.flipBit("/f/a", 4)).toBeUndefined();
    expect(made.flipBit("/f/b")).toBeUndefined();
    expect(made.flipBit()?.path).toBe("/f/a");
    expect(made.counts.bitFlips).toBe(3);
    made.damage("/f/a", text("zz"), 3);
    expect(read(made).slice(3)).toBe("z");
  });

  it("fails reads, writes and full disks by ordinal, by rate and by size", () => {
    const made = disk("hello", { faults: { capacityBytes: 8, readFailsAt: 1, writeFailsAt: 0 } });
    const file = made.open("/f/a", "write");
    const into = new Uint8Array(5);
    expect(file.read(into, 0)).toBe(5);
    expect(codeOf(() => file.read(into, 0))).toBe("EIO");
    expect(codeOf(() => file.write(text("x"), 0))).toBe("EIO");
    expect(codeOf(() => file.write(text("four"), 5))).toBe("ENOSPC");
    expect(codeOf(() => file.truncate(9))).toBe("ENOSPC");
    expect(file.write(text("abc"), 5)).toBe(3);
    expect(made.freeBytes("/f")).toBe(0);
    made.faults.capacityBytes = 4;
    expect(made.freeBytes("/f")).toBe(0);
    // What is there already can be overwritten on a full disk.
    expect(file.write(text("J"), 0)).toBe(1);
    made.faults.writeErrors = 1;
    made.faults.writeFailsWith = "ENOSPC";
    expect(codeOf(() => file.write(text("J"), 0))).toBe("ENOSPC");
    made.faults.readErrors = 1;
    expect(codeOf(() => file.read(into, 0))).toBe("EIO");
    expect(made.counts).toMatchObject({ readErrors: 2, writeErrors: 2, refusedFull: 1 });
  });

  it("short transfers take at least a byte and never more than asked", () => {
    const made = disk("", { faults: { shortTransfers: 1, chunkBytes: 60 } });
    const file = made.open("/f/a", "write");
    const sizes = new Set<number>();
    for (let i = 0; i < 500; i++) sizes.add(file.write(new Uint8Array(100), 0));
    expect(Math.min(...sizes)).toBe(1);
    expect(Math.max(...sizes)).toBeLessThan(60);
    expect(file.write(new Uint8Array(1), 0)).toBe(1);
    expect(made.counts.shortTransfers).toBe(500);
  });

  it("a read-only disk refuses every change", () => {
    const made = disk();
    const file = made.open("/f/a", "write");
    made.faults.isReadOnly = true;
    for (const call of [
      () => file.write(text("x"), 0),
      () => file.truncate(1),
      () => file.sync(),
      () => made.open("/f/b", "create"),
      () => made.open("/f/a", "write"),
      () => made.rename("/f/a", "/f/b"),
      () => made.remove("/f/a"),
      () => made.syncFolder("/f"),
      () => made.makeFolder("/g"),
      () => made.lock("/f/lock"),
    ]) {
      expect(codeOf(call)).toBe("EROFS");
    }
    expect([made.operations, made.counts.refusedReadOnly]).toEqual([0, 10]);
    expect(file.read(new Uint8Array(5), 0)).toBe(5);
  });

  it("locks go with their process, unless the disk keeps them", () => {
    const made = disk();
    made.lock("/f/lock");
    expect(codeOf(() => made.lock("/f/lock"))).toBe("FAULT_IO /f/lock");
    made.afterProcessLoss().lock("/f/lock");
    made.loseProcess();
    made.lock("/f/lock");
    made.faults.locksSurvive = true;
    expect(codeOf(() => made.afterPowerLoss(1).lock("/f/lock"))).toBe("FAULT_IO /f/lock");
    made.losePower(1);
    expect(codeOf(() => made.lock("/f/lock"))).toBe("FAULT_IO /f/lock");
    made.breakLock("/f/lock");
    made.lock("/f/lock");
    made.unlock("/f/lock");
    made.holdLock("/f/lock");
    expect(codeOf(() => made.lock("/f/lock"))).toBe("FAULT_IO /f/lock");
    expect(made.counts.staleLocks).toBe(2);
  });

  it("files can be cut and names lost on the medium", () => {
    const made = disk();
    made.put("/f", "b", text("b"));
    made.truncateFile("/f/a", 2);
    made.loseEntry("/f/b");
    const left = made.afterPowerLoss(1, "all");
    expect([left.paths(), read(left)]).toEqual([["/f/a"], "he"]);
    expect(made.counts).toMatchObject({ truncations: 1, entriesLost: 1 });
    made.faults.capacityBytes = 100;
    expect(made.freeBytes("/f")).toBe(98);
    expect(codeOf(() => made.truncateFile("/f/a", 3))).toBe("FAULT_CONFIG bytes");
  });

  it("adds up the time of operations; a slow disk takes longer, and stalls", () => {
    const cost = (faults: Partial<DiskFaults>): number => {
      const made = disk("hello", { faults });
      const file = made.open("/f/a", "write");
      file.write(new Uint8Array(100), 0);
      file.sync();
      return made.costNs();
    };
    const { nameNs, writeNs, byteNs, syncNs } = DISK_LATENCY;
    const usual = nameNs + writeNs + 100 * byteNs + syncNs;
    expect(cost({})).toBe(usual);
    expect(cost({ slowness: 10 })).toBe(10 * usual);
    expect(cost({ stalls: 1, stallNs: 1e6 })).toBe(usual + 3e6);
  });

  it("what no sync ever covers is written back after very many changes", () => {
    const made = disk("");
    const file = made.open("/f/a", "write");
    for (let i = 0; i < 40_000; i++) file.write(Uint8Array.of(1), i);
    const { length } = made.afterPowerLoss(1, "none").bytes("/f/a");
    expect(length).toBeGreaterThan(30_000);
    expect(length).toBeLessThan(40_000);
  });
});
