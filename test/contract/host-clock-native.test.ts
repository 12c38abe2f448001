import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nativeDoor } from "../../src/base/native.ts";
import {
  kernelClock,
  NATIVE_CLOCKS,
  NativeClockSource,
  NativeClocks,
  nativeClockStamps,
  nativeNowNs,
  nativeResolutionNs,
  PtpClock,
  ptpSupport,
  readNativeClock,
  UnixDatagramTransport,
} from "../../src/host/native.ts";
import { describeNative } from "../fixtures/native-here.ts";
import { hasPython, startUnixDaemon } from "../fixtures/unix-daemon.ts";

const isLinux = process.platform === "linux";

describeNative("native clocks", () => {
  it("stand between two reads of Node's own", () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const now = nativeNowNs("realtime");
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    expect(now >= before && now <= after).toBe(true);
    const [begin, between, end] = [
      process.hrtime.bigint(),
      nativeNowNs("monotonic"),
      process.hrtime.bigint(),
    ];
    expect(begin <= between && between <= end).toBe(true);
    expect(() => nativeNowNs("utc" as never)).toThrow(/FAULT_CONFIG nativeNowNs.clock/);
  });

  it("fill an array, in order", () => {
    const times = new BigInt64Array(1000);
    expect(readNativeClock("monotonicRaw", times)).toBe(1000);
    expect([...times]).toEqual([...times].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)));
    expect(readNativeClock("tai", new BigInt64Array(0))).toBe(0);
    expect(() => readNativeClock("tai", new Float64Array(3) as never)).toThrow(
      /FAULT_CONFIG readNativeClock.into/,
    );
  });

  it("are read into arrays that stay", () => {
    const clocks = new NativeClocks();
    for (let round = 0; round < 100; round++) {
      clocks.read();
      for (const at of NATIVE_CLOCKS.keys()) {
        const [ns = 0n, base = 0n] = [clocks.ns[at], clocks.baseNs[at]];
        expect(clocks.sinceNs[at]).toBe(Number(ns - base));
        expect(ns >= base).toBe(true);
      }
    }
  });

  it("are not bound to memory that can be taken away, nor to too little", () => {
    const binding = nativeDoor("clock") as { bindPage(cells: unknown): () => void };
    for (const wrong of [
      new BigInt64Array(12),
      new BigInt64Array(new SharedArrayBuffer(88)),
      undefined,
      {},
    ]) {
      expect(() => binding.bindPage(wrong)).toThrow(TypeError);
    }
  });

  it("give one moment on two of them", () => {
    const stamps = nativeClockStamps();
    const raw = nativeNowNs("monotonicRaw");
    expect(stamps.pairUncertaintyNs).toBeGreaterThanOrEqual(0);
    expect(stamps.monotonicRawNs <= raw).toBe(true);
    expect(stamps.realtimeResolutionNs).toBe(nativeResolutionNs("realtime"));
    if (!isLinux) return;
    const { taiOffset, synchronised, maxErrorUs } = kernelClock();
    expect(stamps).toMatchObject({
      monotonic: "raw",
      taiNs: stamps.sysRealtimeNs + BigInt(taiOffset) * 1_000_000_000n,
    });
    expect(typeof synchronised).toBe("boolean");
    expect(maxErrorUs).toBeGreaterThanOrEqual(0);
  });

  it("are a source for a monitor", () => {
    const source = new NativeClockSource();
    expect(source.name).toBe("native");
    const { stamps, phc, kernel } = source.sample();
    expect(stamps.sysRealtimeNs).toBeGreaterThan(0n);
    expect(phc).toBeUndefined();
    if (isLinux) expect(kernel?.status).toBeGreaterThanOrEqual(0);
    source.close();
  });

  it("refuse wrong arguments below the door too", () => {
    const binding = nativeDoor("clock") as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, call] of Object.entries(binding)) {
      if (name === "tscTicks") continue;
      for (const args of [[], [{}], [NaN, NaN, NaN, NaN], ["", "", "", ""], [-1, new Int32Array(0), 1, 1]]) {
        // An errno or a TypeError; what matters is that the process lives.
        try {
          expect(call(...args)).toBeLessThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }
  });
});

describeNative("PTP hardware clocks", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "tickwright-ptp-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("are listed with their names, in order", () => {
    expect(ptpSupport({ root })).toEqual({ status: "absent", devices: [] });
    for (const at of [0, 2, 10]) {
      mkdirSync(join(root, `sys/class/ptp/ptp${at}`), { recursive: true });
      mkdirSync(join(root, "dev"), { recursive: true });
      writeFileSync(join(root, `dev/ptp${at}`), "");
      if (at !== 2) writeFileSync(join(root, `sys/class/ptp/ptp${at}/clock_name`), `clock ${at}\n`);
    }
    writeFileSync(join(root, "dev/ptp_kvm"), "");
    expect(ptpSupport({ root })).toEqual({
      status: "present",
      devices: [
        { device: "/dev/ptp0", name: "clock 0" },
        { device: "/dev/ptp2", name: undefined },
        { device: "/dev/ptp10", name: "clock 10" },
      ],
    });
  });

  it("are no file that is none", () => {
    expect(() => new PtpClock(join(root, "ptp9"))).toThrow(/FAULT_IO .*ptp9: .*ENOENT/);
    writeFileSync(join(root, "file"), "");
    const expected = isLinux ? /FAULT_IO .*file: found "ENOTTY/ : /FAULT_IO/;
    expect(() => new PtpClock(join(root, "file"))).toThrow(expected);
    expect(() => new NativeClockSource({ phc: "/dev/null" })).toThrow(/FAULT_IO \/dev\/null/);
    expect(() => new NativeClockSource({ ptp: "/dev/ptp0" } as never)).toThrow(
      /FAULT_CONFIG nativeClockSource.ptp/,
    );
  });

  it("are compared with the system's clock where one is here", () => {
    const { status, devices } = ptpSupport();
    const [first] = devices;
    if (status === "absent" || first === undefined) {
      return console.log(
        "left out, no PTP hardware clock here (/dev/ptp*): its offset; answers are made in host_test.cpp",
      );
    }
    const clock = new PtpClock(first.device);
    const { uncertaintyNs, device } = clock.offset();
    expect(device).toBe(first.device);
    expect(uncertaintyNs).toBeGreaterThanOrEqual(0);
    clock.close();
    expect(() => clock.offset()).toThrow(/FAULT_IO .*a closed clock/);
  });
});

if (!hasPython)
  console.log("left out, no Python here, which has Unix datagram sockets: the transport to daemons");
(hasPython && isLinux ? describeNative : describe.skip)("the transport to a daemon's Unix socket", () => {
  let folder = "";
  const stops: (() => void)[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tickwright-uds-"));
  });
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("exchanges datagrams in order, and leaves no socket", async () => {
    const path = join(folder, "daemon");
    stops.push(await startUnixDaemon(path, "echo"));
    const transport = new UnixDatagramTransport({ path, folder });
    const requests = Array.from({ length: 50 }, (_, at) => Uint8Array.of(at, 1, 2));
    const answers = await Promise.all(requests.map((each) => transport.exchange(each)));
    expect(answers).toEqual(requests.map((each) => each.slice().reverse()));
    transport.close();
    expect(readdirSync(folder)).toEqual(["daemon"]);
    await expect(transport.exchange(Uint8Array.of(1))).rejects.toThrow(/FAULT_IO .*a closed transport/);
  });

  it("does not take a datagram of before for an answer", async () => {
    const path = join(folder, "daemon");
    stops.push(await startUnixDaemon(path, "late"));
    const transport = new UnixDatagramTransport({ path, folder, timeoutMs: 200 });
    await expect(transport.exchange(Uint8Array.of(1, 2))).rejects.toThrow(
      /FAULT_IO .*ETIMEDOUT.*within 200 ms/,
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    const patient = new UnixDatagramTransport({ path, folder, timeoutMs: 10_000 });
    expect(await patient.exchange(Uint8Array.of(3, 4))).toEqual(Uint8Array.of(4, 3));
    transport.close();
    patient.close();
  });

  it("takes the first of two, and the second for no answer", async () => {
    const path = join(folder, "daemon");
    stops.push(await startUnixDaemon(path, "twice"));
    const transport = new UnixDatagramTransport({ path, folder });
    for (let at = 0; at < 20; at++) {
      expect(await transport.exchange(Uint8Array.of(at, 7))).toEqual(Uint8Array.of(7, at));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    transport.close();
  });

  it("says that nobody listens, and that a close ended it", async () => {
    const nobody = new UnixDatagramTransport({ path: join(folder, "nobody"), folder });
    await expect(nobody.exchange(Uint8Array.of(1))).rejects.toThrow(/FAULT_IO .*nobody: found "ENOENT/);
    nobody.close();
    const path = join(folder, "daemon");
    stops.push(await startUnixDaemon(path, "silent"));
    const transport = new UnixDatagramTransport({ path, folder, timeoutMs: 60_000 });
    const pending = transport.exchange(Uint8Array.of(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    transport.close();
    await expect(pending).rejects.toThrow(/FAULT_IO .*ECANCELED/);
  });

  it("refuses paths that no socket has", () => {
    expect(() => new UnixDatagramTransport({ path: "/x".repeat(60) })).toThrow(/FAULT_IO .*ENAMETOOLONG/);
    expect(() => new UnixDatagramTransport({ path: "/x", folder: join(folder, "none") })).toThrow(
      /FAULT_IO .*ENOENT/,
    );
    expect(() => new UnixDatagramTransport({ path: "" })).toThrow(/FAULT_CONFIG unixDatagram.path/);
    expect(() => new UnixDatagramTransport({ path: "/x", timeoutMs: 0 })).toThrow(
      /FAULT_CONFIG unixDatagram.timeoutMs/,
    );
  });
});
