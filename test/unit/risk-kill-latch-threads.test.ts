import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { FIRM_SCOPE, KillLatch } from "../../src/risk/kill-latch.ts";

const FILE = new URL("../fixtures/kill-latch-worker.ts", import.meta.url);
const workers: Worker[] = [];

function start(latch: KillLatch, gate: SharedArrayBuffer, kind: string, seed: number, rounds = 0) {
  const worker = new Worker(FILE, { workerData: { buffer: latch.buffer, gate, kind, seed, rounds } });
  workers.push(worker);
  const messages: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  worker.on("message", (message) => {
    const take = waiting.shift();
    if (take === undefined) messages.push(message);
    else take(message);
  });
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker.once("error", reject);
      if (messages.length > 0) resolve(messages.shift());
      else waiting.push(resolve);
    });
  return next;
}

function open(gate: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
}

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

describe("KillLatch over threads", () => {
  it("closes here when another thread sets it, without a message between them", async () => {
    const latch = new KillLatch(4);
    const gate = new SharedArrayBuffer(8);
    const next = start(latch, gate, "set", 3);
    await next();
    expect(KillLatch.isOpen(latch.read())).toBe(true);
    open(gate);
    // This thread reads no message: it sees the word change.
    const words = new Int32Array(latch.buffer);
    Atomics.wait(words, 0, 0, 50);
    const until = Date.now() + 10_000;
    while (KillLatch.isOpen(latch.read()) && Date.now() < until) Atomics.wait(words, 0, 0, 1);
    expect([KillLatch.isOpen(latch.read()), latch.levelOf(3)]).toEqual([false, 2]);
    await next();
  });

  it("closes in another thread when it is set here", async () => {
    const latch = new KillLatch(4);
    const gate = new SharedArrayBuffer(8);
    const next = start(latch, gate, "watch", 0);
    await next();
    open(gate);
    latch.set(FIRM_SCOPE, 2);
    expect(await next()).toEqual({ word: latch.read() });
  });

  it("ends in the right word after four threads have set and cleared it", async () => {
    for (const scopes of [1, 2, 5]) {
      const latch = new KillLatch(scopes);
      const gate = new SharedArrayBuffer(8);
      const nexts = [1, 2, 3, 4].map((seed) => start(latch, gate, "churn", seed * 7_919 + scopes, 20_000));
      await Promise.all(nexts.map((next) => next()));
      open(gate);
      await Promise.all(nexts.map((next) => next()));
      const levels = Array.from({ length: scopes }, (_, scope) => latch.levelOf(scope));
      const firm = levels[0] === 0 ? 0 : 1;
      const narrow = levels.slice(1).some((level) => level !== 0) ? 2 : 0;
      expect(latch.read() & 3).toBe(firm + narrow);
      expect(KillLatch.epochOf(latch.read())).toBeGreaterThan(scopes);
      for (let scope = 0; scope < scopes; scope++) latch.clear(scope);
      expect(KillLatch.isOpen(latch.read())).toBe(true);
    }
  });
});
