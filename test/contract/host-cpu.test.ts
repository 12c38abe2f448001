import { once } from "node:events";
import { cpus } from "node:os";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import { cpuReport } from "../../src/host/index.ts";
import {
  calibrateTsc,
  currentCpu,
  lockMemory,
  measureJitter,
  pinThread,
  prefaultMemory,
  scheduleThread,
  threadAffinity,
  threadId,
  threadScheduling,
  tscReading,
  tscTicks,
  tscToNs,
  unlockMemory,
} from "../../src/host/native.ts";
import { describeNative } from "../fixtures/native-here.ts";

const isLinux = process.platform === "linux";
if (!isLinux) console.log("left out, not Linux: threads' processors and scheduling");

(isLinux ? describeNative : describe.skip)("the calling thread", () => {
  it("is bound to processors, and runs there", () => {
    const before = threadAffinity();
    expect(before).toEqual(cpuReport().allowed);
    for (const cpu of before) {
      expect(pinThread([cpu])).toEqual([cpu]);
      expect(currentCpu()).toBe(cpu);
    }
    expect(pinThread(before)).toEqual(before);
  });

  it("is bound alone: a worker of its own, others not", async () => {
    const before = threadAffinity();
    const url = new URL("../../src/host/native.ts", import.meta.url).href;
    const code = `const { parentPort } = require("node:worker_threads");
      import(${JSON.stringify(url)}).then(({ pinThread, threadId }) =>
        parentPort.postMessage({ cpus: pinThread([${before[0]}]), tid: threadId() }));`;
    const worker = new Worker(code, { eval: true, execArgv: ["--conditions=tickwright-source"] });
    const [said] = await once(worker, "message");
    expect(said.cpus).toEqual([before[0]]);
    expect(said.tid).not.toBe(threadId());
    expect(threadAffinity()).toEqual(before);
    await worker.terminate();
  });

  it("names it by its number", () => {
    expect(threadAffinity({ tid: threadId() })).toEqual(threadAffinity());
    expect(threadScheduling({ tid: threadId() })).toEqual(threadScheduling());
  });

  it("refuses processors and threads that are none", () => {
    expect(() => pinThread([])).toThrow(/FAULT_CONFIG pinThread.cpus/);
    expect(() => pinThread([-1])).toThrow(/FAULT_CONFIG pinThread.cpus\[0\]/);
    expect(() => pinThread([8191])).toThrow(/FAULT_IO pinThread.cpus: found "EINVAL/);
    expect(() => threadAffinity({ tid: 1 })).toThrow(
      /FAULT_CONFIG threadAffinity.tid.*a thread of this process/,
    );
    expect(() => pinThread([0], { tdi: 1 } as never)).toThrow(/FAULT_CONFIG pinThread.tdi/);
  });

  it("never becomes fifo on a core that others may need", () => {
    const was = threadScheduling();
    expect(scheduleThread({ policy: "fifo" })).toMatchObject({ code: "CPU_NOT_DEDICATED" });
    expect(scheduleThread({ policy: "fifo", dedicatedCore: false })).toMatchObject({
      code: "CPU_NOT_DEDICATED",
    });
    if (threadAffinity().length > 1) {
      expect(scheduleThread({ policy: "fifo", dedicatedCore: true })).toMatchObject({
        code: "CPU_NOT_PINNED",
      });
    }
    expect(threadScheduling()).toEqual(was);
    expect(() => scheduleThread({ policy: "fifo", priority: 100, dedicatedCore: true })).toThrow(
      /FAULT_CONFIG/,
    );
    expect(() => scheduleThread({ policy: "other", priority: 1 })).toThrow(
      /FAULT_CONFIG scheduleThread.priority/,
    );
  });

  it("becomes fifo where it may, and is told why where it may not", () => {
    const before = threadAffinity();
    if (cpus().length < 2) return console.log("left out, one processor: fifo");
    try {
      pinThread(before.slice(0, 1));
      const answer = scheduleThread({ policy: "fifo", priority: 2, dedicatedCore: true });
      if (isRefusal(answer)) {
        expect(answer).toMatchObject({
          code: "CPU_NOT_PERMITTED",
          expected: expect.stringContaining("CAP_SYS_NICE"),
        });
      } else {
        expect(answer).toMatchObject({ policy: "fifo", priority: 2 });
      }
    } finally {
      expect(scheduleThread({ policy: "other" })).toMatchObject({ policy: "other", priority: 0 });
      pinThread(before);
    }
  });

  it("locks its memory as it is used, or is told why not", () => {
    const answer = lockMemory();
    if (isRefusal(answer)) expect(answer.code).toBe("CPU_NOT_PERMITTED");
    else expect(answer.lockedKiB).toBeGreaterThan(0);
    expect(unlockMemory()).toEqual({ lockedKiB: 0 });
  });
});

describeNative("memory and time of the processor", () => {
  it("touches every page and changes nothing", () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(10 * 65536), 5, 9 * 65536).fill(7);
    expect(prefaultMemory(bytes)).toBeGreaterThanOrEqual(10);
    expect(bytes.every((each) => each === 7)).toBe(true);
    expect(prefaultMemory(new Float64Array(0))).toBe(0);
    expect(() => prefaultMemory([] as never)).toThrow(/FAULT_CONFIG prefaultMemory/);
  });

  it("measures gaps in running", () => {
    const report = measureJitter({ ms: 20, thresholdsNs: [0, 1e9] });
    expect(report.totalNs).toBeGreaterThanOrEqual(20e6);
    expect(report.gaps).toBeGreaterThan(100);
    const { minNs, p50Ns, p99Ns, p999Ns, p9999Ns, p99999Ns, maxNs } = report;
    const rising = [minNs, p50Ns, p99Ns, p999Ns, p9999Ns, p99999Ns, maxNs];
    expect(rising).toEqual([...rising].sort((left, right) => left - right));
    expect(report.above[0]).toEqual({ thresholdNs: 0, count: report.gaps, totalNs: report.totalNs });
    expect(() => measureJitter({ ms: 10_001 })).toThrow(/FAULT_CONFIG measureJitter.ms/);
    expect(() => measureJitter({ thresholdsNs: Array(17).fill(1) })).toThrow(/thresholdsNs.length/);
  });

  it("finds the counter's rate, or says that it is none", () => {
    const { isPresent, isInvariant, statedHz } = tscReading();
    if (!isPresent || !isInvariant) {
      expect(() => calibrateTsc()).toThrow(/FAULT_IO calibrateTsc/);
      return console.log("left out, no invariant time-stamp counter here: its rate");
    }
    const rate = calibrateTsc({ ms: 50 });
    expect(rate.hz).toBeGreaterThan(1e8);
    expect(rate.errorPpm).toBeGreaterThan(0);
    if (statedHz !== undefined) expect(Math.abs(rate.hz / statedHz - 1)).toBeLessThan(0.01);
    expect(tscToNs(rate, rate.baseTicks)).toBe(rate.baseNs);
    const ticks = BigInt(Math.round(rate.hz));
    expect(Number(tscToNs(rate, rate.baseTicks + ticks) - rate.baseNs)).toBeCloseTo(1e9, -1);
    expect(tscTicks()).toBeGreaterThan(rate.baseTicks);
    expect(measureJitter({ ms: 5, clock: "tsc" }).totalNs).toBeGreaterThan(4.9e6);
    expect(() => tscToNs(rate, -1n)).toThrow(/FAULT_INPUT tscToNs.ticks/);
  });
});
