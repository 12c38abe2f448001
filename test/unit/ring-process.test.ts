import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Fault } from "../../src/base/index.ts";
import { RingBuffer, SlotCodec } from "../../src/ring/index.ts";
import { ProcessRing, type ProcessRingOptions, type ProcessRingPlace } from "../../src/ring/native.ts";
import { describeNative } from "../fixtures/native-here.ts";

function faultOf(run: () => unknown): Pick<Fault, "code" | "path" | "value"> {
  try {
    run();
  } catch (fault) {
    const { code, path, value } = fault as Fault;
    return { code, path, value } as Fault;
  }
  throw new Error("no fault");
}

describeNative("a ring in memory that processes share", () => {
  const path = `/dev/shm/tickwright-ring-unit-${process.pid}`;
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tickwright-ring-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(path, { force: true });
  });

  it("lays its memory out as a ring between threads does", () => {
    const options = { capacity: 8, consumers: [{}, { after: [0] }], consumersMax: 3, firstSequence: -7 };
    for (const producers of ["single", "multi"] as const) {
      const home = ProcessRing.create({ ...options, producers });
      const twin = new RingBuffer({ ...options, producers, threads: "cross" });
      const [mine, theirs] = [home.ring.bytes.buffer, twin.bytes.buffer];
      expect(new Uint8Array(mine)).toEqual(new Uint8Array(theirs));
      const away = ProcessRing.attach({ fd: home.fd });
      expect([away.ring.capacity, away.ring.slotBytes, away.ring.isMulti, away.ring.isShared]).toEqual([
        8,
        64,
        producers === "multi",
        true,
      ]);
      expect(faultOf(() => home.ring.handle())).toMatchObject({ code: "FAULT_CONFIG", path: "ring.threads" });
      home.close();
      away.close();
    }
  });

  it("is found by file descriptor, by path, and without a file while its maker lives", () => {
    const [nameless, named] = [
      ProcessRing.create({ capacity: 2 }),
      ProcessRing.create({ capacity: 2, path }),
    ];
    expect([nameless.path, nameless.isSealed, named.path, named.isSealed]).toEqual([
      undefined,
      true,
      path,
      false,
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const places: ProcessRingPlace[] = [
      { fd: nameless.fd },
      { path: `/proc/${process.pid}/fd/${nameless.fd}` },
      { fd: named.fd },
      { path },
    ];
    const codec = new SlotCodec({ price: "f64" });
    for (const [n, place] of places.entries()) {
      const home = n < 2 ? nameless : named;
      const away = ProcessRing.attach(place);
      expect(away.isSealed).toBe(n < 2);
      const producer = home.ring.producer();
      codec.view(home.ring).at(producer.claim()).price = n;
      const consumer = away.ring.consumer();
      expect(consumer.wait(0)).toBe(0);
      home.ring.producer({ takeOver: true }).close();
      consumer.close();
      away.close();
      expect(existsSync(path)).toBe(true);
    }
    nameless.close();
    named.close();
    expect([existsSync(path), named.fd]).toEqual([false, -1]);
    named.close();
  });

  it("takes no name that is taken, and says whether its file is a dead process's", () => {
    const home = ProcessRing.create({ capacity: 2, path });
    const again = (): unknown => ProcessRing.create({ capacity: 2, path });
    expect(faultOf(again)).toMatchObject({ code: "FAULT_INPUT", value: `${path}, a process has it open` });
    home.close();
    writeFileSync(path, "");
    expect(faultOf(again)).toMatchObject({
      code: "FAULT_INPUT",
      value: `${path}, no process has it open: one that died left it behind`,
    });
  });

  it("leaves a file alone that took its name", () => {
    const home = ProcessRing.create({ capacity: 2, path });
    rmSync(path);
    writeFileSync(path, "another's");
    home.close();
    expect(readFileSync(path, "utf8")).toBe("another's");
  });

  it.each<[string, unknown, string]>([
    ["no place", {}, "FAULT_CONFIG"],
    ["two places", { fd: 3, path: "/dev/shm/x" }, "FAULT_CONFIG"],
    ["a misspelt place", { file: "/dev/shm/x" }, "FAULT_CONFIG"],
    ["a descriptor that is none", { fd: -1 }, "FAULT_CONFIG"],
    ["a descriptor that nobody opened", { fd: 100_000 }, "FAULT_IO"],
    ["a path that is relative", { path: "x" }, "FAULT_CONFIG"],
    ["a path with a zero in it", { path: "/dev/shm/x\0y" }, "FAULT_CONFIG"],
    ["a path without a file", { path: "/dev/shm/tickwright-nobody" }, "FAULT_IO"],
    ["a folder", { path: "/dev/shm" }, "FAULT_IO"],
    ["a device", { path: "/dev/null" }, "FAULT_IO"],
  ])("attaches to nothing by %s", (_what, place, code) => {
    expect(faultOf(() => ProcessRing.attach(place as ProcessRingPlace)).code).toBe(code);
  });

  it("attaches to no file that is no ring's", () => {
    const file = join(folder, "file");
    const home = ProcessRing.create({ capacity: 4 });
    const whole = new Uint8Array(home.ring.bytes.buffer);
    const wrong: readonly (readonly [string, (words: Int32Array) => void])[] = [
      ["another mark", (words) => words.set([1], 0)],
      ["another version", (words) => words.set([2], 1)],
      ["a capacity that is no power of two", (words) => words.set([3], 2)],
      ["a capacity above the memory", (words) => words.set([1 << 20], 2)],
      ["a capacity below 0", (words) => words.set([-(2 ** 31)], 2)],
      ["slots of 12 bytes", (words) => words.set([12], 3)],
      ["three kinds of producers", (words) => words.set([3], 4)],
      ["no consumers", (words) => words.set([0], 5)],
      ["more places than there can be", (words) => words.set([17], 6)],
    ];
    for (const [what, spoil] of wrong) {
      const copy = whole.slice();
      spoil(new Int32Array(copy.buffer));
      writeFileSync(file, copy, { mode: 0o600 });
      expect(faultOf(() => ProcessRing.attach({ path: file })).code, what).toBe("FAULT_CONFIG");
      const shared = new SharedArrayBuffer(copy.length);
      new Uint8Array(shared).set(copy);
      const handle = { kind: "tickwright.ring", version: 1, buffer: shared } as const;
      expect(faultOf(() => RingBuffer.attach(handle)).code, what).toBe("FAULT_CONFIG");
    }
    writeFileSync(file, whole.subarray(0, 100));
    expect(faultOf(() => ProcessRing.attach({ path: file })).code).toBe("FAULT_IO");
    writeFileSync(file, whole, { mode: 0o600 });
    const fd = openSync(file, "r");
    expect(faultOf(() => ProcessRing.attach({ fd })).code).toBe("FAULT_IO");
    closeSync(fd);
    ProcessRing.attach({ path: file }).close();
    home.close();
  });

  it.each<[string, object, string]>([
    ["threads", { threads: "cross" }, "FAULT_CONFIG"],
    ["a misspelt option", { hugepages: true }, "FAULT_CONFIG"],
    ["a capacity of 3", { capacity: 3 }, "FAULT_CONFIG"],
    ["huge pages by a number", { hugePages: 1 }, "FAULT_CONFIG"],
    ["a folder that is none", { path: "/tickwright-nowhere/ring" }, "FAULT_IO"],
  ])("is not made with %s", (_what, options, code) => {
    expect(faultOf(() => ProcessRing.create({ capacity: 2, ...options } as ProcessRingOptions)).code).toBe(
      code,
    );
  });

  it("names what it is not made of", () => {
    const nowhere = "/tickwright-nowhere/ring";
    expect(faultOf(() => ProcessRing.create({ capacity: 2, path: nowhere }))).toMatchObject({
      path: "processRing.path",
      value: `${nowhere}: ENOENT`,
    });
  });

  /** A ring that is made, opened, waited on and closed: the view alone is left, or nothing. */
  async function viewOf(isKept: boolean): Promise<Float64Array | undefined> {
    const home = ProcessRing.create({ capacity: 2 });
    const away = ProcessRing.attach({ fd: home.fd });
    expect(await home.ring.consumer().waitAsync(1)).toBe(false);
    home.close();
    away.close();
    return isKept ? away.ring.f64 : undefined;
  }

  it("stays mapped while there is a view of it, and no longer", async () => {
    setFlagsFromString("--expose-gc");
    const gc: () => void = runInNewContext("gc");
    const mapped = (): number =>
      readFileSync("/proc/self/maps", "utf8").split("memfd:tickwright-ring").length - 1;
    const settle = async (least: number): Promise<number> => {
      for (let turn = 0; turn < 50 && mapped() > least; turn++) {
        gc();
        await new Promise(setImmediate);
      }
      return mapped();
    };
    const before = await settle(0);
    const views = [await viewOf(true)];
    for (let n = 0; n < 4; n++) await viewOf(false);
    expect(await settle(before + 1)).toBe(before + 1);
    views[0]?.fill(7);
    expect(views.pop()?.[3]).toBe(7);
    expect(await settle(before)).toBe(before);
  });

  it("wakes all that wait without blocking", async () => {
    const home = ProcessRing.create({ capacity: 2, consumersMax: 16 });
    const consumers = Array.from({ length: 8 }, () => home.ring.addConsumer()).flatMap((each) =>
      "ok" in each ? [] : [each],
    );
    expect(consumers.length).toBe(8);
    const waits = consumers.map((each) => each.waitAsync(20_000));
    const producer = home.ring.producer();
    producer.claim();
    producer.publish();
    for (const wait of waits) expect(await wait).toBe(true);
    home.close();
  });
});
