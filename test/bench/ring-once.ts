// One measurement of the ring between this thread and a worker, in a fresh process: prints a Run as JSON.
// Arguments: what, and for streams the ring's capacity, the messages, and how the producer publishes.
import { fileURLToPath } from "node:url";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { RingBuffer, type RingConsumer, type RingHandle, type RingProducer } from "../../src/ring/index.ts";
import { quantile } from "./rounds.ts";

/** What a worker is told. */
interface Told {
  readonly handles: readonly RingHandle[];
  readonly what: string;
  readonly count: number;
  readonly index: number;
  /** 1 when no more messages come. */
  readonly stop?: Int32Array;
}

const WARM_WINDOWS = 5;
const GOOD_WINDOWS = 5;
const WINDOWS_NS_MAX = 1_500_000_000;
const TRIPS = 20_000;
const WARM_TRIPS = 5_000;
const SPINS = 20_000;
/** Two threads that spin on one core take turns, and measure the scheduler. */
const CORES_MIN = 1.7;

async function main([what = "", ...rest]: readonly string[]): Promise<void> {
  if (what === "trips" || what === "trips-post") {
    console.log(JSON.stringify(what === "trips" ? await trips() : await posts()));
    return;
  }
  if (what === "same" || what === "atomic") {
    console.log(JSON.stringify(alone(what)));
    return;
  }
  const [capacity = 65_536, count = 0, consumers = 1] = rest.map(Number);
  console.log(JSON.stringify(await stream(what, capacity, count, consumers)));
}

/**
 * Producer here, each consumer in a worker; every cell of every message is written, and summed. On a crowded machine
 * both threads have a core only now and then, so it measures short windows, `count` messages each, and takes the median
 * of the first 5 in which they had.
 */
async function stream(what: string, capacity: number, count: number, consumers: number) {
  const publish = PUBLISH[what];
  if (publish === undefined) throw new Error(`no way to publish is called ${what}`);
  const ring = new RingBuffer({
    ...{ capacity, threads: "cross" },
    consumers: Array.from({ length: consumers }, () => ({})),
  });
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from({ length: consumers }, (_, index) => {
    return hire({ handles: [ring.handle()], what: "read", count: 0, index, stop });
  });
  await Promise.all(workers.map(({ ready }) => ready));
  const batch = what === "adaptive" ? {} : { batch: 65_536, look: 65_536 };
  const producer = ring.producer({ ...batch, spins: SPINS });
  const windows: { elapsedNs: number; cores: number }[] = [];
  let rounds = 0;
  const isGood = ({ cores }: { cores: number }): boolean => cores >= CORES_MIN;
  const began = process.hrtime.bigint();
  const isTimeOver = (): boolean => Number(process.hrtime.bigint() - began) > WINDOWS_NS_MAX;
  while (windows.filter(isGood).length < GOOD_WINDOWS && !(isTimeOver() && windows.length > 0)) {
    rounds++;
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    publish(ring, producer, count);
    while (ring.stats().depth > 0);
    const elapsedNs = Number(process.hrtime.bigint() - start);
    const { user, system } = process.cpuUsage(cpu);
    if (rounds > WARM_WINDOWS) windows.push({ elapsedNs, cores: ((user + system) * 1000) / elapsedNs });
  }
  Atomics.store(stop, 0, 1);
  const sums = (await Promise.all(workers.map(({ ended }) => ended))) as number[];
  const expected = 8 * sumBelow(count) * rounds;
  if (sums.some((sum) => sum !== expected)) throw new Error(`sums ${sums.join()}, expected ${expected}`);
  const good = windows.filter(isGood);
  const [best] = windows.toSorted((left, right) => right.cores - left.cores);
  const chosen = good.length > 0 ? good : best === undefined ? [] : [best];
  chosen.sort((left, right) => left.elapsedNs - right.elapsedNs);
  return { units: count, ...chosen[chosen.length >> 1], good: good.length, windows: windows.length };
}

type Publish = (ring: RingBuffer, producer: RingProducer, count: number) => void;

const PUBLISH: Readonly<Record<string, Publish>> = { batch, each, adaptive };

function batch({ f64, mask }: RingBuffer, producer: RingProducer, count: number): void {
  for (let n = 0; n < count; ) {
    const slot = producer.claim(64);
    if (slot < 0) {
      producer.wait(64, 1000);
      continue;
    }
    for (let k = 0; k < 64; k++) fill(f64, ((slot + k) & mask) * 8, n++);
    producer.publish();
  }
}

function each({ f64 }: RingBuffer, producer: RingProducer, count: number): void {
  for (let n = 0; n < count; ) {
    const slot = producer.claim();
    if (slot < 0) {
      producer.wait(1, 1000);
      continue;
    }
    fill(f64, slot * 8, n++);
    producer.publish();
  }
}

function adaptive({ f64 }: RingBuffer, producer: RingProducer, count: number): void {
  for (let n = 0; n < count; ) {
    const slot = producer.claim();
    if (slot < 0) {
      producer.wait(1, 1000);
      continue;
    }
    fill(f64, slot * 8, n++);
    producer.commit();
  }
  producer.flush();
}

function fill(f64: Float64Array, at: number, n: number): void {
  f64[at] = n;
  f64[at + 1] = n;
  f64[at + 2] = n;
  f64[at + 3] = n;
  f64[at + 4] = n;
  f64[at + 5] = n;
  f64[at + 6] = n;
  f64[at + 7] = n;
}

function total(f64: Float64Array, at: number): number {
  const low =
    (f64[at] as number) + (f64[at + 1] as number) + (f64[at + 2] as number) + (f64[at + 3] as number);
  return (
    low +
    (f64[at + 4] as number) +
    (f64[at + 5] as number) +
    (f64[at + 6] as number) +
    (f64[at + 7] as number)
  );
}

function sumAll({ f64 }: RingBuffer, consumer: RingConsumer, stop: Int32Array): number {
  let sum = 0;
  for (;;) {
    const there = consumer.wait(20);
    if (there === 0) {
      if (Atomics.load(stop, 0) === 1 && consumer.available() === 0) return sum;
      continue;
    }
    for (let k = 0; k < there; k++) sum += total(f64, consumer.slot(k) * 8);
    consumer.release(there);
  }
}

/** Both ends in this thread, bursts of 256: the body without atomic operations, or the one with them. */
function alone(what: "same" | "atomic") {
  const ring = new RingBuffer({ capacity: 4096, threads: what === "same" ? "same" : "cross" });
  const producer = ring.producer(what === "same" ? {} : { batch: 1 });
  const consumer = ring.consumer();
  const count = 1 << 22;
  const burst = (): number => {
    for (let k = 0; k < 256; k++) {
      fill(ring.f64, producer.claim() * 8, k);
      producer.commit();
    }
    producer.flush();
    let sum = 0;
    for (let there = consumer.available(); there > 0; there = consumer.available()) {
      for (let k = 0; k < there; k++) sum += total(ring.f64, consumer.slot(k) * 8);
      consumer.release(there);
    }
    return sum;
  };
  for (let n = 0; n < count / 4; n += 256) burst();
  const start = process.hrtime.bigint();
  let sum = 0;
  for (let n = 0; n < count; n += 256) sum += burst();
  const elapsedNs = Number(process.hrtime.bigint() - start);
  if (sum !== (count / 256) * 8 * sumBelow(256)) throw new Error(`sum ${sum}`);
  return { units: count, elapsedNs };
}

/** There and back, one at a time, both ends spinning: half of it is one way. */
async function trips() {
  const rings = [1, 2].map(() => new RingBuffer({ capacity: 64, threads: "cross" }));
  const [there, back] = rings as [RingBuffer, RingBuffer];
  const worker = hire({
    handles: rings.map((ring) => ring.handle()),
    what: "echo",
    count: TRIPS + WARM_TRIPS,
    index: 0,
  });
  await worker.ready;
  const producer = there.producer({ spins: SPINS });
  const consumer = back.consumer(0, { spins: SPINS });
  const ways = new Float64Array(TRIPS);
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  for (let n = -WARM_TRIPS; n < TRIPS; n++) {
    const sent = performance.now();
    there.f64[producer.claim() * 8] = n;
    producer.publish();
    consumer.wait(1000);
    if (back.f64[consumer.slot() * 8] !== n) throw new Error("another message came back");
    consumer.release(1);
    if (n >= 0) ways[n] = (performance.now() - sent) * 5e5;
  }
  const elapsedNs = Number(process.hrtime.bigint() - start);
  const { user, system } = process.cpuUsage(cpu);
  await worker.ended;
  return { units: TRIPS, elapsedNs, cores: ((user + system) * 1000) / elapsedNs, ...quantiles(ways) };
}

/** The same with `postMessage`. */
async function posts() {
  const worker = hire({ handles: [], what: "echo-post", count: TRIPS + WARM_TRIPS, index: 0 });
  await worker.ready;
  const ways = new Float64Array(TRIPS);
  const start = process.hrtime.bigint();
  for (let n = -WARM_TRIPS; n < TRIPS; n++) {
    const sent = performance.now();
    const back = new Promise((done) => worker.thread.once("message", done));
    worker.thread.postMessage(n);
    await back;
    if (n >= 0) ways[n] = (performance.now() - sent) * 5e5;
  }
  const elapsedNs = Number(process.hrtime.bigint() - start);
  await worker.thread.terminate();
  return { units: TRIPS, elapsedNs, cores: 2, ...quantiles(ways) };
}

function quantiles(ways: Float64Array) {
  return { p50Ns: quantile(ways, 0.5), p99Ns: quantile(ways, 0.99), p999Ns: quantile(ways, 0.999) };
}

function sumBelow(count: number): number {
  return (count * (count - 1)) / 2;
}

function hire(told: Told) {
  const thread = new Worker(fileURLToPath(import.meta.url), { workerData: told });
  const ready = new Promise((done) => thread.once("message", done));
  const ended = ready.then(() => new Promise((done) => thread.once("message", done)));
  return { thread, ready, ended };
}

async function elsewhere({ handles, what, count, index, stop }: Told): Promise<void> {
  const port = parentPort as MessagePort;
  const rings = handles.map((handle) => RingBuffer.attach(handle));
  const [first, second] = rings;
  if (what === "echo-post") port.on("message", (message) => port.postMessage(message));
  port.postMessage("ready");
  if (what === "read" && first !== undefined && stop !== undefined) {
    port.postMessage(sumAll(first, first.consumer(index, { spins: SPINS }), stop));
  }
  if (what === "echo" && first !== undefined && second !== undefined) {
    const consumer = first.consumer(0, { spins: SPINS });
    const producer = second.producer({ spins: SPINS });
    for (let n = 0; n < count; n++) {
      consumer.wait(1000);
      second.f64[producer.claim() * 8] = first.f64[consumer.slot() * 8] as number;
      consumer.release(1);
      producer.publish();
    }
    port.postMessage("ended");
  }
}

if (isMainThread) await main(process.argv.slice(2));
else await elsewhere(workerData as Told);
