import { spawn } from "node:child_process";
import type { MessagePort, Worker } from "node:worker_threads";
import { RingBuffer, type RingHandle, type RingWaitOptions } from "../../../src/ring/index.ts";
import type { Hired } from "./stream.ts";
import { CoreClock, type Once, quantiles } from "./work.ts";

/**
 * How both ends wait: they spin, spin and then sleep as they do unless told otherwise, sleep or nap at once, or the
 * main thread awaits while the other sleeps.
 */
export type TripKind = "spin" | "usual" | "park" | "yield" | "async";

/** What the worker of a ping-pong is told. */
export interface TripWork {
  readonly role: "echo";
  readonly handles: readonly RingHandle[];
  readonly wait: RingWaitOptions;
  readonly trips: number;
}

/** `warm` are the trips before those that are measured, a quarter of them unless given: the compiler must be done. */
const WAITS: Readonly<Record<TripKind, { wait: RingWaitOptions; trips: number; warm?: number }>> = {
  spin: { wait: { spins: 20_000 }, trips: 200_000, warm: 200_000 },
  usual: { wait: {}, trips: 100_000, warm: 100_000 },
  park: { wait: { spins: 0 }, trips: 10_000 },
  yield: { wait: { wait: "yield", spins: 0 }, trips: 2_000 },
  async: { wait: { spins: 0 }, trips: 10_000 },
};
const TIMEOUT_MS = 1000;
const NEIGHBOUR_MS_MAX = 30_000;

/** There and back, one at a time: half of it is one way. */
export async function trips(kind: TripKind, hire: (work: TripWork) => Hired): Promise<Once> {
  const rings = [1, 2].map(() => new RingBuffer({ capacity: 64, threads: "cross" }));
  const [there, back] = rings as [RingBuffer, RingBuffer];
  const { wait, trips: count, warm = count / 4 } = WAITS[kind];
  const handles = rings.map((ring) => ring.handle());
  const worker = hire({ role: "echo", handles, wait, trips: count + warm });
  await worker.ready;
  const producer = there.producer(wait);
  const consumer = back.consumer(0, wait);
  const ways = new Float64Array(count);
  const look = lookMs();
  const sendOne = (n: number): number => {
    const sent = performance.now();
    there.f64[producer.claim() * 8] = n;
    producer.publish();
    return sent;
  };
  const take = (n: number, sent: number): void => {
    if (back.f64[consumer.slot() * 8] !== n) throw new Error("another message came back");
    if (n >= 0) ways[n] = (performance.now() - sent - look) * 5e5;
    consumer.release(1);
  };
  const clock = new CoreClock();
  for (let n = -warm; n < count; n++) {
    const sent = sendOne(n);
    if (kind === "async") await consumer.waitAsync(TIMEOUT_MS);
    else while (consumer.wait(TIMEOUT_MS) === 0);
    take(n, sent);
  }
  const { elapsedNs, cores } = clock.read();
  await worker.ended;
  const spins = kind === "spin" ? { cores } : {};
  return { units: count, elapsedNs, ...spins, ...quantiles(ways) };
}

/** What one look at the clock takes: the median of pairs of them. */
function lookMs(): number {
  const looks = new Float64Array(100_000);
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < looks.length; n++) {
      const before = performance.now();
      looks[n] = performance.now() - before;
    }
  }
  return looks.sort()[looks.length >> 1] as number;
}

/** The worker's side: sends back what comes. */
export function echo({ handles, wait, trips: count }: TripWork, ready: () => void): void {
  const [first, second] = handles.map((handle) => RingBuffer.attach(handle)) as [RingBuffer, RingBuffer];
  const consumer = first.consumer(0, wait);
  const producer = second.producer(wait);
  ready();
  for (let n = 0; n < count; n++) {
    while (consumer.wait(TIMEOUT_MS) === 0);
    second.f64[producer.claim() * 8] = first.f64[consumer.slot() * 8] as number;
    producer.publish();
    consumer.release(1);
  }
}

/** The same with `postMessage`. */
export async function posts(hire: () => Hired & { readonly thread: Worker }): Promise<Once> {
  const count = 20_000;
  const worker = hire();
  await worker.ready;
  const ways = new Float64Array(count);
  const start = process.hrtime.bigint();
  for (let n = -count / 4; n < count; n++) {
    const sent = performance.now();
    const back = new Promise((done) => worker.thread.once("message", done));
    worker.thread.postMessage(n);
    await back;
    if (n >= 0) ways[n] = (performance.now() - sent) * 5e5;
  }
  const elapsedNs = Number(process.hrtime.bigint() - start);
  await worker.thread.terminate();
  return { units: count, elapsedNs, ...quantiles(ways) };
}

/** The worker's side of it. */
export function echoPosts(port: MessagePort): void {
  port.on("message", (message) => port.postMessage(message));
}

/** Does something while a process of its own keeps a core busy. */
export async function besideNeighbour<T>(work: () => Promise<T>): Promise<T> {
  const spin = `const end = Date.now() + ${NEIGHBOUR_MS_MAX}; console.log(1); while (Date.now() < end);`;
  const neighbour = spawn(process.execPath, ["-e", spin], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((done) => neighbour.stdout.once("data", done));
  try {
    return await work();
  } finally {
    neighbour.kill("SIGKILL");
  }
}
