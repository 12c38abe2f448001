import { availableParallelism } from "node:os";
import {
  RingBuffer,
  type RingConsumer,
  type RingHandle,
  type RingProducer,
} from "../../../src/ring/index.ts";
import { NaiveRing } from "../alternatives/naive-ring.ts";
import { CORES_MIN, CoreClock, fill, type Once, sumBelow, total } from "./work.ts";

/** A worker that has begun, and what it says at its end. */
export interface Hired {
  readonly ready: Promise<unknown>;
  readonly ended: Promise<unknown>;
}

/** What the worker of a stream is told. */
export interface StreamWork {
  readonly role: "read" | "read-naive";
  readonly handle?: RingHandle;
  /** Looks of a wait before it sleeps. */
  readonly spins?: number;
  readonly naive?: { readonly buffer: SharedArrayBuffer; readonly capacity: number };
  readonly index: number;
  /** 1 when no more messages come. */
  readonly stop: Int32Array;
}

/** How a stream publishes: 64 with one claim, each message, by the rule of the ring, or the naive ring. */
export type StreamKind = "batch" | "each" | "adaptive" | "naive";

/** Messages in one call of the function that sends them: calls, so that the compiler sees a whole function. */
const CHUNK = 6400;
const WARM_NS = 200_000_000;
const WINDOW_NS = 10_000_000;
const GOOD_WINDOWS = 5;
const WINDOWS_NS_MAX = 3_000_000_000;
const SPINS = 20_000;
/** With more threads than cores one that spins keeps the others from theirs: it looks a few times, then sleeps. */
const SPINS_CROWDED = 100;

/**
 * Producer here, each consumer in a worker; 8 numbers of every message are written, and summed. On a crowded machine
 * both threads have a core only now and then, so it measures windows of 10 ms and takes the median of the first 5 in
 * which they had, after 0.2 s for the compiler.
 */
export async function stream(
  kind: StreamKind,
  capacity: number,
  consumers: number,
  hire: (work: StreamWork) => Hired,
): Promise<Once> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const line = kind === "naive" ? naiveLine(capacity) : ringLine(kind, capacity, consumers);
  const workers = Array.from({ length: consumers }, (_, index) => hire({ ...line.work, index, stop }));
  await Promise.all(workers.map(({ ready }) => ready));
  let chunks = 0;
  const window = (atLeastNs: number): Window => {
    const clock = new CoreClock();
    const end = performance.now() + atLeastNs / 1e6;
    const before = chunks;
    do {
      line.send(CHUNK);
      chunks++;
    } while (performance.now() < end);
    line.flush();
    while (!line.isEmpty());
    return { units: (chunks - before) * CHUNK, ...clock.read() };
  };
  window(WARM_NS);
  const windows: Window[] = [];
  const end = performance.now() + WINDOWS_NS_MAX / 1e6;
  const good = (): Window[] => windows.filter(({ cores }) => cores >= CORES_MIN);
  while (good().length < GOOD_WINDOWS && performance.now() < end) windows.push(window(WINDOW_NS));
  Atomics.store(stop, 0, 1);
  const sums = (await Promise.all(workers.map(({ ended }) => ended))) as number[];
  const expected = 8 * sumBelow(CHUNK) * chunks;
  if (sums.some((sum) => sum !== expected)) throw new Error(`sums ${sums.join()}, expected ${expected}`);
  return { ...chosen(windows), ...{ good: good().length, windows: windows.length } };
}

/** Messages sent in 10 ms and all of them read. */
interface Window {
  readonly units: number;
  readonly elapsedNs: number;
  readonly cores: number;
}

/** The median of the windows in which each thread had a core; where there is none, the one that came nearest. */
function chosen(windows: readonly Window[]): Window {
  const good = windows.filter(({ cores }) => cores >= CORES_MIN);
  const [best] = windows.toSorted((left, right) => right.cores - left.cores);
  const sorted = good.toSorted((left, right) => left.elapsedNs / left.units - right.elapsedNs / right.units);
  return (sorted[sorted.length >> 1] ?? best) as Window;
}

interface Line {
  readonly work: Pick<StreamWork, "role" | "handle" | "spins" | "naive">;
  readonly send: (count: number) => void;
  readonly flush: () => void;
  readonly isEmpty: () => boolean;
}

function ringLine(kind: "batch" | "each" | "adaptive", capacity: number, consumers: number): Line {
  const plans = Array.from({ length: consumers }, () => ({}));
  const ring = new RingBuffer({ capacity, threads: "cross", consumers: plans });
  const spins = consumers < availableParallelism() ? SPINS : SPINS_CROWDED;
  const producer = ring.producer({ spins, ...(kind === "each" ? { batch: 1 } : {}) });
  const send = kind === "batch" ? sendBatches : sendOneByOne;
  return {
    work: { role: "read", handle: ring.handle(), spins },
    send: (count) => send(ring, producer, count),
    flush: () => producer.flush(),
    isEmpty: () => ring.stats().depth === 0,
  };
}

function naiveLine(capacity: number): Line {
  const ring = new NaiveRing(capacity);
  return {
    work: { role: "read-naive", naive: { buffer: ring.buffer, capacity } },
    send: (count) => sendNaively(ring, count),
    flush: () => {},
    isEmpty: () => ring.isEmpty(),
  };
}

function sendBatches({ f64, mask }: RingBuffer, producer: RingProducer, count: number): void {
  for (let n = 0; n < count; ) {
    const slot = producer.claim(64);
    if (slot < 0) {
      producer.wait(64, 1000);
      continue;
    }
    for (let k = 0; k < 64; k++) fill(f64, ((slot + k) & mask) << 3, n++);
    producer.publish();
  }
}

function sendOneByOne({ f64 }: RingBuffer, producer: RingProducer, count: number): void {
  let isOpen = false;
  for (let n = 0; n < count; ) {
    const slot = producer.next();
    isOpen = slot >= 0;
    if (isOpen) fill(f64, slot << 3, n++);
    else producer.wait(1, 1000);
  }
  if (isOpen) producer.commit();
}

function sendNaively(ring: NaiveRing, count: number): void {
  for (let n = 0; n < count; ) {
    const slot = ring.claim();
    if (slot < 0) continue;
    fill(ring.f64, slot << 3, n++);
    ring.commit();
  }
}

/** The worker's side: the sum of all numbers of all messages. */
export function readStream(
  { role, handle, spins = SPINS, naive, index, stop }: StreamWork,
  ready: () => void,
): number {
  if (role === "read-naive" && naive !== undefined) {
    const ring = new NaiveRing(naive.capacity, naive.buffer);
    ready();
    return sumNaively(ring, stop);
  }
  const ring = RingBuffer.attach(handle as RingHandle);
  const consumer = ring.consumer(index, { spins });
  ready();
  return sumAll(ring.f64, consumer, stop);
}

function sumAll(f64: Float64Array, consumer: RingConsumer, stop: Int32Array): number {
  let sum = 0;
  for (;;) {
    const there = consumer.wait(20);
    if (there === 0) {
      if (Atomics.load(stop, 0) === 1 && consumer.available() === 0) return sum;
      continue;
    }
    sum += sumSome(f64, consumer, there);
    consumer.release(there);
  }
}

function sumSome(f64: Float64Array, consumer: RingConsumer, there: number): number {
  let sum = 0;
  for (let k = 0; k < there; k++) sum += total(f64, consumer.slot(k) << 3);
  return sum;
}

function sumNaively(ring: NaiveRing, stop: Int32Array): number {
  let sum = 0;
  for (;;) {
    const slot = ring.poll();
    if (slot < 0) {
      if (Atomics.load(stop, 0) === 1 && ring.isEmpty()) return sum;
      continue;
    }
    sum += total(ring.f64, slot << 3);
    ring.release();
  }
}

/** Both ends in one thread, bursts of 256: the body without atomic operations, or the one with them. */
export function alone(threads: "same" | "cross"): Once {
  const ring = new RingBuffer({ capacity: 4096, threads });
  const producer = ring.producer(threads === "same" ? {} : { batch: 1 });
  const consumer = ring.consumer();
  const burst = (): number => {
    sendOneByOne(ring, producer, 256);
    producer.flush();
    let sum = 0;
    for (let there = consumer.available(); there > 0; there = consumer.available()) {
      sum += sumSome(ring.f64, consumer, there);
      consumer.release(there);
    }
    return sum;
  };
  const count = 1 << 22;
  for (let n = 0; n < count / 4; n += 256) burst();
  const start = process.hrtime.bigint();
  let sum = 0;
  for (let n = 0; n < count; n += 256) sum += burst();
  const elapsedNs = Number(process.hrtime.bigint() - start);
  if (sum !== (count / 256) * 8 * sumBelow(256)) throw new Error(`sum ${sum}`);
  return { units: count, elapsedNs };
}
