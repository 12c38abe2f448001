import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { RingBuffer, type RingConsumerPlan, type RingWaitKind } from "../../src/ring/index.ts";
import type { RingWork } from "../fixtures/ring-worker.ts";

// Real threads over a small ring: every cell of every message is checked, so that a torn, lost, repeated or
// overwritten message shows. RING_MESSAGES=1000000000 makes the same test long: so many messages in all cases together,
// most of them in the batches, which are fast.

const MESSAGES_MIN = 400_000;
const MESSAGES = Number(process.env.RING_MESSAGES ?? 0);
const TIMEOUT_MS = Math.max(60_000, MESSAGES / 500);
const BATCHES_SHARE = 0.9;
const OTHERS_SHARE = 0.1 / 9;

interface Case {
  readonly producers: number;
  readonly consumers: readonly RingConsumerPlan[];
  readonly capacity: number;
  readonly claim: number;
  readonly wait: RingWaitKind;
  readonly spins: number;
}

const ONE: Case = { producers: 1, consumers: [{}], capacity: 64, claim: 1, wait: "park", spins: 200 };

test.each<[string, Case]>([
  ["one producer, one consumer", ONE],
  ["batches of 16", { ...ONE, claim: 16, capacity: 1024 }],
  ["two slots", { ...ONE, capacity: 2, spins: 20 }],
  ["asleep whenever there is nothing", { ...ONE, capacity: 8, spins: 0 }],
  ["naps", { ...ONE, wait: "yield" }],
  ["spins that give up", { ...ONE, wait: "spin", capacity: 1024 }],
  ["two consumers", { ...ONE, consumers: [{}, {}] }],
  ["one behind the other", { ...ONE, consumers: [{}, { after: [0] }] }],
  ["two producers", { ...ONE, producers: 2 }],
  ["two producers with runs, two consumers", { ...ONE, producers: 2, claim: 5, consumers: [{}, {}] }],
])(
  "%s",
  async (_what, { producers, consumers, capacity, claim, wait, spins }) => {
    const isMulti = producers > 1;
    const ring = new RingBuffer({
      ...{ capacity, consumers, threads: "cross", producers: isMulti ? "multi" : "single" },
      firstSequence: 2 ** 31 - 1000,
    });
    const slow = capacity <= 8 || wait === "yield" ? 10 : 1;
    const share = claim === 16 ? BATCHES_SHARE : OTHERS_SHARE;
    const messages = Math.ceil(Math.max(MESSAGES_MIN, MESSAGES * share) / slow / producers);
    const all = { handle: ring.handle(), producers, messages, claim, wait, spins };
    const workers = [
      ...consumers.map((_, index) => start({ ...all, role: "read", index })),
      ...Array.from({ length: producers }, (_, index) => start({ ...all, role: "send", index })),
    ];
    const ends = await Promise.all(workers);
    expect(ends.map(({ wrong }) => wrong)).toEqual(ends.map(() => 0));
    expect(ends.slice(0, consumers.length).map(({ released }) => released)).toEqual(
      consumers.map(() => messages * producers),
    );
    expect(ring.stats().depth).toBe(0);
  },
  TIMEOUT_MS,
);

test("the main thread waits without blocking", async () => {
  const ring = new RingBuffer({ capacity: 8, threads: "cross" });
  const consumer = ring.consumer();
  const work = {
    handle: ring.handle(),
    role: "send",
    index: 0,
    producers: 1,
    messages: 500,
    claim: 1,
  } as const;
  const ended = start({ ...work, wait: "park", spins: 0 });
  for (let n = 0; n < 500; ) {
    expect(await consumer.waitAsync(20_000)).toBe(true);
    const count = consumer.available();
    for (let k = 0; k < count; k++, n++) expect(ring.f64[consumer.slot(k) * ring.f64PerSlot + 1]).toBe(n);
    consumer.release(count);
  }
  await ended;
  expect(await consumer.waitAsync(5)).toBe(false);
});

test("a consumer whose thread died holds the ring until it is removed, or is taken over where it stood", async () => {
  const ring = new RingBuffer({ capacity: 4, threads: "cross", consumers: [{}, {}] });
  const work = { handle: ring.handle(), role: "read", producers: 1, messages: 1e9, claim: 1 } as const;
  const dying = new Worker(new URL("../fixtures/ring-worker.ts", import.meta.url), {
    workerData: { ...work, index: 0, wait: "park", spins: 0 } satisfies RingWork,
  });
  const producer = ring.producer();
  const living = ring.consumer(1);
  producer.claim(2);
  producer.publish();
  while (ring.stats().consumers[0]?.lag !== 0) await new Promise((done) => setTimeout(done, 5));
  await dying.terminate();
  living.release(living.available());
  expect([producer.claim(4) >= 0, producer.publish(), producer.claim()]).toEqual([true, undefined, -1]);
  living.release(living.available());
  expect(producer.claim()).toBe(-1);
  expect(() => ring.consumer(0)).toThrow("takeOver");
  const heir = ring.consumer(0, { takeOver: true });
  expect(heir.available()).toBe(4);
  heir.release(1);
  expect(producer.claim()).toBe(2);
  producer.publish();
  living.release(living.available());
  expect(ring.removeConsumer(0)).toBe(true);
  expect(() => heir.release(1)).toThrow("FAULT_VIEW_EXPIRED");
  expect(producer.claim(4)).toBe(3); // of 7 sent and released by the one that is left
});

async function start(workerData: RingWork): Promise<{ wrong: number; released?: number }> {
  const worker = new Worker(new URL("../fixtures/ring-worker.ts", import.meta.url), { workerData });
  const [end] = (await once(worker, "message")) as [{ wrong: number; released?: number }];
  return end;
}
