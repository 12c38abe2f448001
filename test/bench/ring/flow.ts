import { RingBuffer, type RingHandle } from "../../../src/ring/index.ts";
import type { Hired } from "./stream.ts";
import { CAPACITY, CORES_MIN, CoreClock, fill, type Once, quantiles, sharedClock, total } from "./work.ts";

/** What the worker of an open-loop stream is told. */
export interface FlowWork {
  readonly role: "stamp";
  readonly handle: RingHandle;
  /** The number of messages, once the last has been sent; -1 until then. */
  readonly end: Int32Array;
}

const WARM_NS = 100_000_000;
const WINDOW_NS = 20_000_000;
const GOOD_WINDOWS = 15;
const WINDOWS_MAX = 100;
/** The consumer only ever spins: what is measured is when a message goes out. */
const WAIT = { wait: "spin", spins: 1_000 } as const;

/**
 * A message at a time at a rate that does not depend on the consumer, committed and, unless it is left to the ring,
 * flushed: the time from before the commit to when the consumer's `wait` has returned. Windows of 20 ms in which the
 * threads shared a core are not counted.
 */
export async function flow(
  perSecond: number,
  isFlushed: boolean,
  hire: (work: FlowWork) => Hired,
): Promise<Once> {
  const ring = new RingBuffer({ capacity: CAPACITY, threads: "cross" });
  const end = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  const worker = hire({ role: "stamp", handle: ring.handle(), end });
  await worker.ready;
  const producer = ring.producer();
  const now = sharedClock();
  const gapNs = 1e9 / perSecond;
  let sent = 0;
  const sendFor = (windowNs: number): Window => {
    const first = sent;
    const clock = new CoreClock();
    const start = now();
    for (let due = start; due < start + windowNs; due += gapNs) {
      while (now() < due);
      let slot = producer.claim();
      while (slot < 0) slot = producer.wait(1, 1000) ? producer.claim() : -1;
      fill(ring.f64, slot * 8, sent++);
      ring.f64[slot * 8] = now();
      producer.commit();
      if (isFlushed) producer.flush();
    }
    return { first, count: sent - first, ...clock.read() };
  };
  sendFor(WARM_NS);
  const windows: Window[] = [];
  const good = (): Window[] => windows.filter(({ cores }) => cores >= CORES_MIN);
  while (good().length < GOOD_WINDOWS && windows.length < WINDOWS_MAX) windows.push(sendFor(WINDOW_NS));
  producer.flush();
  Atomics.store(end, 0, sent);
  const waits = (await worker.ended) as Float64Array;
  return chosen(good().length > 0 ? good() : windows, waits);
}

/** Messages sent in some 20 ms. */
interface Window {
  readonly first: number;
  readonly count: number;
  readonly elapsedNs: number;
  readonly cores: number;
}

function chosen(windows: readonly Window[], waits: Float64Array): Once {
  const sum = (of: (window: Window) => number): number => windows.reduce((all, each) => all + of(each), 0);
  const units = sum(({ count }) => count);
  const all = new Float64Array(units);
  let at = 0;
  for (const { first, count } of windows) {
    all.set(waits.subarray(first, first + count), at);
    at += count;
  }
  const cores = Math.min(...windows.map((window) => window.cores));
  return { units, elapsedNs: sum(({ elapsedNs }) => elapsedNs), cores, ...quantiles(all) };
}

/** The worker's side: how long each message took. */
export function stampAll({ handle, end }: FlowWork, ready: () => void): Float64Array {
  const ring = RingBuffer.attach(handle);
  const consumer = ring.consumer(0, WAIT);
  const now = sharedClock();
  const waits = new Float64Array(4_000_000);
  ready();
  for (let n = 0; ; ) {
    const there = consumer.wait(20);
    if (there === 0) {
      if (Atomics.load(end, 0) === n) return waits.slice(0, n);
      continue;
    }
    const seen = now();
    for (let k = 0; k < there; k++, n++) {
      const at = consumer.slot(k) * 8;
      const sent = ring.f64[at] as number;
      waits[n] = seen - sent;
      if (total(ring.f64, at) - sent !== 7 * n) throw new Error(`message ${n} is torn`);
    }
    consumer.release(there);
  }
}
