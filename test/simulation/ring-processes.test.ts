import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import type { RingConsumer, RingConsumerPlan } from "../../src/ring/index.ts";
import { ProcessRing } from "../../src/ring/native.ts";
import { describeNative } from "../fixtures/native-here.ts";
import type { RingEnded } from "../fixtures/ring-ends.ts";
import type { RingErrand } from "../fixtures/ring-process.ts";

// Real processes over one ring, every cell of every message checked. RING_MESSAGES makes it longer, as for threads.

const MESSAGES = Number(process.env.RING_MESSAGES ?? 1_000_000);
const TIMEOUT_MS = Math.max(60_000, MESSAGES / 500);
const CHILD = fileURLToPath(new URL("../fixtures/ring-process.ts", import.meta.url));
const READER = { role: "read", index: 0, spins: 0 } as const;
/** The word of a ring that counts them. */
const SLEEPING_CONSUMERS = 96;
const PARK = { producers: 1, claim: 1, wait: "park" } as const;

function start(home: ProcessRing, errand: Omit<RingErrand, "place">): ChildProcess {
  const place = home.path === undefined ? { fd: 3 } : { path: home.path };
  const flags = ["--conditions=tickwright-source", CHILD, JSON.stringify({ ...errand, place })];
  const inherited = home.path === undefined ? [home.fd] : [];
  return spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit", ...inherited] });
}

async function ended(child: ChildProcess): Promise<RingEnded> {
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`a process ended with ${code}: ${said}`);
  return JSON.parse(said.trim().split("\n").at(-1) ?? "");
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout as NonNullable<typeof child.stdout>, "data");
  return String(chunk).split("\n")[0] ?? "";
}

interface Case {
  readonly messages: number;
  readonly producers: number;
  readonly consumers: readonly RingConsumerPlan[];
  readonly capacity: number;
  readonly claim: number;
  readonly spins: number;
  readonly path?: string;
}

const ONE: Case = {
  messages: MESSAGES,
  producers: 1,
  consumers: [{}],
  capacity: 4096,
  claim: 16,
  spins: 2000,
};
const path = `/dev/shm/tickwright-ring-test-${process.pid}`;

describeNative("a ring between processes", () => {
  it.each<[string, Case]>([
    ["one sends, one reads", ONE],
    [
      "asleep whenever there is nothing",
      { ...ONE, messages: MESSAGES / 50, capacity: 8, claim: 1, spins: 0 },
    ],
    [
      "by a path, one behind the other",
      { ...ONE, messages: MESSAGES / 10, consumers: [{}, { after: [0] }], path },
    ],
    ["two producers", { ...ONE, messages: MESSAGES / 20, producers: 2, claim: 5, capacity: 64 }],
  ])(
    "%s",
    async (_what, { messages, producers, consumers, capacity, claim, spins, path }) => {
      const home = ProcessRing.create({
        ...{ capacity, consumers, producers: producers > 1 ? "multi" : "single" },
        ...(path === undefined ? {} : { path }),
        firstSequence: 2 ** 31 - 1000,
      });
      const all = {
        producers,
        messages: Math.ceil(messages / producers),
        claim,
        wait: "park",
        spins,
      } as const;
      const children = [
        ...consumers.map((_, index) => start(home, { ...all, role: "read", index })),
        ...Array.from({ length: producers }, (_, index) => start(home, { ...all, role: "send", index })),
      ];
      const ends = await Promise.all(children.map(ended));
      expect(ends.map(({ wrong }) => wrong)).toEqual(ends.map(() => 0));
      expect(ends.slice(0, consumers.length).map(({ released }) => released)).toEqual(
        consumers.map(() => all.messages * producers),
      );
      if (spins === 0) expect(Math.min(...ends.map(({ parks }) => parks))).toBeGreaterThan(100);
      expect(home.ring.stats().depth).toBe(0);
      home.close();
    },
    TIMEOUT_MS,
  );

  it("the parent waits without blocking", { timeout: TIMEOUT_MS }, async () => {
    const home = ProcessRing.create({ capacity: 8 });
    const consumer = home.ring.consumer();
    const child = ended(start(home, { ...PARK, role: "send", index: 0, messages: 5000, spins: 0 }));
    for (let n = 0; n < 5000; ) {
      expect(await consumer.waitAsync(20_000)).toBe(true);
      n += readFrom(home, consumer, n);
    }
    await child;
    expect(await consumer.waitAsync(5)).toBe(false);
    home.close();
  });

  it("one that is killed is taken over at its last release", { timeout: TIMEOUT_MS }, async () => {
    const messages = 5000;
    const home = ProcessRing.create({ capacity: 64 });
    const dying = start(home, { ...PARK, ...READER, messages, tellAt: 1000, isStuck: true });
    const sent = ended(start(home, { ...PARK, role: "send", index: 0, messages, spins: 0 }));
    const released = Number(await firstLine(dying));
    dying.kill("SIGKILL");
    expect((await once(dying, "exit"))[1]).toBe("SIGKILL");
    expect(() => home.ring.consumer()).toThrow("takeOver");
    const heir = home.ring.consumer(0, { takeOver: true });
    for (let n = released; n < messages; ) {
      expect(await heir.waitAsync(20_000)).toBe(true);
      n += readFrom(home, heir, n);
    }
    await sent;
    expect(home.ring.stats().depth).toBe(0);
    home.close();
  });

  it("one that is killed asleep costs the others a needless wake-up", { timeout: TIMEOUT_MS }, async () => {
    const home = ProcessRing.create({ capacity: 64 });
    const dying = start(home, { ...PARK, ...READER, messages: 1e9, tellAt: 1 });
    const producer = home.ring.producer();
    producer.claim();
    producer.publish();
    const told = await firstLine(dying);
    const words = new Int32Array(home.ring.bytes.buffer);
    while (Atomics.load(words, SLEEPING_CONSUMERS) === 0) await new Promise(setImmediate);
    dying.kill("SIGKILL");
    await once(dying, "exit");
    expect([told, Atomics.load(words, SLEEPING_CONSUMERS)]).toEqual(["1", 1]);
    const heir = home.ring.consumer(0, { takeOver: true, spins: 0 });
    for (let n = 0; n < 200; n++) {
      const woken = heir.waitAsync(20_000);
      producer.claim();
      producer.publish();
      expect(await woken).toBe(true);
      heir.release(heir.available());
    }
    expect(Atomics.load(words, SLEEPING_CONSUMERS)).toBe(1);
    home.close();
  });

  it("a producer that is killed is taken over: what it published is whole", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const home = ProcessRing.create({ capacity: 256 });
    const consumer = home.ring.consumer();
    const dying = start(home, { ...PARK, role: "send", index: 0, messages: 1e9, spins: 0, claim: 3 });
    let n = 0;
    while (n < 5000) {
      expect(await consumer.waitAsync(20_000)).toBe(true);
      n += readFrom(home, consumer, n);
    }
    dying.kill("SIGKILL");
    await once(dying, "exit");
    while (consumer.available() > 0) n += readFrom(home, consumer, n);
    expect(() => home.ring.producer()).toThrow("takeOver");
    const producer = home.ring.producer({ takeOver: true });
    home.ring.f64[producer.claim() * home.ring.f64PerSlot + 1] = n;
    producer.publish();
    expect(consumer.wait(1000)).toBe(1);
    expect(home.ring.f64[consumer.slot() * home.ring.f64PerSlot + 1]).toBe(n);
    home.close();
  });

  it("threads attach by themselves, and may end while they wait", { timeout: TIMEOUT_MS }, async () => {
    const home = ProcessRing.create({ capacity: 8 });
    const code = `
      import { parentPort, workerData } from "node:worker_threads";
      const { ProcessRing } = await import(workerData.module);
      const { ring } = ProcessRing.attach({ fd: workerData.fd });
      const consumer = ring.consumer(0, { takeOver: true, spins: 0 });
      parentPort.postMessage("waits");
      if (workerData.isBlocking) consumer.wait(Number.POSITIVE_INFINITY);
      else await consumer.waitAsync(Number.POSITIVE_INFINITY);
      parentPort.postMessage("woken");`;
    const module = new URL("../../src/ring/native.ts", import.meta.url).href;
    for (const isBlocking of [true, false]) {
      const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
      const workerData = { module, fd: home.fd, isBlocking };
      const execArgv = ["--conditions=tickwright-source"];
      const dying = new Worker(url, { workerData, execArgv });
      await once(dying, "message");
      await dying.terminate();
      const living = new Worker(url, { workerData, execArgv });
      await once(living, "message");
      const woken = once(living, "message");
      const producer = home.ring.producer({ takeOver: true });
      producer.claim();
      producer.publish();
      expect(await woken).toEqual(["woken"]);
      home.ring.consumer(0, { takeOver: true }).drain(() => {});
    }
    home.close();
  });
});

/** Reads what there is, which begins with message `from`; says how many. */
function readFrom({ ring }: ProcessRing, consumer: RingConsumer, from: number): number {
  const count = consumer.available();
  for (let k = 0; k < count; k++) {
    const at = consumer.slot(k) * ring.f64PerSlot;
    for (let cell = 1; cell < ring.f64PerSlot; cell++) expect(ring.f64[at + cell]).toBe((from + k) * cell);
  }
  consumer.release(count);
  return count;
}
