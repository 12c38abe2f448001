// One measurement of a ring between this process and another end, in a fresh process: prints a Run as JSON. Arguments:
// what, and where the other end stands. The other end is this file again, in a worker or a child process.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { nativeDoor } from "../../src/base/native.ts";
import { RingBuffer, type RingHandle } from "../../src/ring/index.ts";
import { ProcessRing } from "../../src/ring/native.ts";
import { quantile } from "./rounds.ts";

const SELF = fileURLToPath(import.meta.url);
const FLAGS = ["--conditions=tickwright-source", SELF];
const BATCH = 64;
const CELLS = 8;
const COUNT = 320_000;
const CAPACITY = 65_536;
const SPINS = 20_000;
const WARM_WINDOWS = 4;
const GOOD_WINDOWS = 5;
const TIME_NS_MAX = 1_200_000_000;
const CORES_MIN = 1.7;
const TRIPS = 10_000;
const WARM_TRIPS = 3_000;
/** Stands in a message's first cell: the window is over, or everything is. */
const WINDOW_ENDS = -1;
const ALL_ENDS = -2;

interface Body {
  send(cells: Float64Array, count: number): number;
}

interface NativeReader {
  receive(cells: Float64Array, most: number): number;
}

interface Door {
  readonly RingProducer: new (memory: object, takeOver: boolean, batch: number, look: number) => Body;
  readonly RingConsumer: new (memory: object, index: number) => NativeReader;
}

/** Two rings, there and back, and whoever stands at their other end. */
interface Rings {
  readonly there: RingBuffer;
  readonly back: RingBuffer;
  readonly end: () => Promise<void>;
}

function open(where: string, role: string): Rings {
  if (where === "process") {
    const [there, back] = [ProcessRing.create({ capacity: CAPACITY }), ProcessRing.create({ capacity: 64 })];
    const args = [...FLAGS, "other", role];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "inherit", "inherit", there.fd, back.fd],
    });
    return { there: there.ring, back: back.ring, end: () => gone(child) };
  }
  const [there, back] = [CAPACITY, 64].map((capacity) => new RingBuffer({ capacity, threads: "cross" }));
  const handles = [there?.handle(), back?.handle()];
  const worker = new Worker(SELF, { workerData: { role, handles } });
  const end = (): Promise<void> => new Promise((done) => worker.once("exit", () => done()));
  return { there: there as RingBuffer, back: back as RingBuffer, end };
}

function gone(child: ChildProcess): Promise<void> {
  return new Promise((done) => child.once("exit", () => done()));
}

/** Sends `COUNT` messages in batches of 64, each filled here. */
function sender({ there }: Rings, role: string): (marker: number) => void {
  const { f64, mask } = there;
  if (role === "body") {
    const door = nativeDoor("ring") as Door;
    const body = new door.RingProducer(new Uint8Array(there.bytes.buffer), false, BATCH, 65_536);
    const cells = new Float64Array(BATCH * CELLS);
    return (marker) => {
      for (let n = marker < 0 ? COUNT : 0; n < COUNT; n += BATCH) {
        for (let k = 0; k < BATCH; k++) fill(cells, k * CELLS, n + k);
        while (body.send(cells, BATCH) === 0);
      }
      if (marker < 0) fill(cells, 0, marker);
      if (marker < 0) while (body.send(cells, BATCH) === 0);
    };
  }
  const producer = there.producer({ batch: 65_536, look: 65_536, spins: SPINS });
  return (marker) => {
    for (let n = marker < 0 ? COUNT : 0; n < COUNT; ) {
      const slot = producer.claim(BATCH);
      if (slot < 0) {
        producer.wait(BATCH, 1000);
        continue;
      }
      for (let k = 0; k < BATCH; k++) fill(f64, ((slot + k) & mask) * CELLS, n++);
      producer.publish();
    }
    if (marker >= 0) return;
    while (!producer.wait(BATCH, 1000));
    fill(f64, producer.claim(BATCH) * CELLS, marker);
    producer.publish();
  };
}

interface Window {
  readonly elapsedNs: number;
  readonly cores: number;
}

async function stream(where: string, role: string) {
  const rings = open(where, role);
  const send = sender(rings, role);
  const answers = rings.back.consumer(0, { spins: SPINS });
  const windows: Window[] = [];
  const isGood = ({ cores }: Window): boolean => cores >= CORES_MIN;
  const began = process.hrtime.bigint();
  for (let round = 0; ; round++) {
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    send(0);
    send(WINDOW_ENDS);
    while (answers.wait(1000) === 0);
    const elapsedNs = Number(process.hrtime.bigint() - start);
    const { user, system } = process.cpuUsage(cpu);
    const at = answers.slot() * CELLS;
    const [sum = 0, theirs = 0] = rings.back.f64.subarray(at, at + 2);
    answers.release(1);
    if (sum !== (CELLS * COUNT * (COUNT - 1)) / 2) throw new Error(`sum ${sum}`);
    const all = user + system + (where === "process" ? theirs : 0);
    if (round >= WARM_WINDOWS) windows.push({ elapsedNs, cores: (all * 1000) / elapsedNs });
    const isLate = Number(process.hrtime.bigint() - began) > TIME_NS_MAX;
    if (windows.filter(isGood).length >= GOOD_WINDOWS || (isLate && windows.length > 0)) break;
  }
  send(ALL_ENDS);
  await rings.end();
  const good = windows.filter(isGood);
  const [best] = windows.toSorted((a, b) => b.cores - a.cores);
  const chosen = (good.length > 0 ? good : [best as Window]).toSorted((a, b) => a.elapsedNs - b.elapsedNs);
  return { units: COUNT, ...chosen[chosen.length >> 1], good: good.length, windows: windows.length };
}

/** Reads until the end, and answers each end of a window with the sum and the processor time it took. */
function other(there: RingBuffer, back: RingBuffer, role: string): void {
  if (role === "echo") return echo(there, back);
  const answer = back.producer();
  let sum = 0;
  let cpu = process.cpuUsage();
  /** Whether it was the last message. */
  const take = (cells: Float64Array, at: number): boolean => {
    const first = cells[at] as number;
    if (first >= 0) sum += total(cells, at);
    if (first === WINDOW_ENDS) {
      const { user, system } = process.cpuUsage(cpu);
      const slot = answer.claim() * CELLS;
      back.f64[slot] = sum;
      back.f64[slot + 1] = user + system;
      answer.publish();
      sum = 0;
      cpu = process.cpuUsage();
    }
    return first === ALL_ENDS;
  };
  if (role === "body") {
    const door = nativeDoor("ring") as Door;
    const reader = new door.RingConsumer(new Uint8Array(there.bytes.buffer), 0);
    const cells = new Float64Array(4096 * CELLS);
    for (;;) {
      const count = reader.receive(cells, 4096);
      for (let k = 0; k < count; k++) {
        if (take(cells, k * CELLS)) return;
        if ((cells[k * CELLS] as number) < 0) k += BATCH - 1;
      }
    }
  }
  const consumer = there.consumer(0, { spins: SPINS });
  for (;;) {
    const count = consumer.wait(1000);
    for (let k = 0; k < count; k++) {
      const at = consumer.slot(k) * CELLS;
      if (take(there.f64, at)) return;
      if ((there.f64[at] as number) < 0) k += BATCH - 1;
    }
    consumer.release(count);
  }
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
  let sum = f64[at] as number;
  for (let cell = 1; cell < CELLS; cell++) sum += f64[at + cell] as number;
  return sum;
}

/** There and back, one message at a time: half of it is one way. */
async function trips(where: string) {
  const rings = open(where, "echo");
  const producer = rings.there.producer({ spins: SPINS });
  const consumer = rings.back.consumer(0, { spins: SPINS });
  const ways = new Float64Array(TRIPS);
  for (let n = -WARM_TRIPS; n < TRIPS; n++) {
    const sent = performance.now();
    rings.there.f64[producer.claim() * CELLS] = n;
    producer.publish();
    while (consumer.wait(1000) === 0);
    consumer.release(1);
    if (n >= 0) ways[n] = (performance.now() - sent) * 5e5;
  }
  rings.there.f64[producer.claim() * CELLS] = TRIPS;
  producer.publish();
  await rings.end();
  return { units: TRIPS, elapsedNs: 1, p50Ns: quantile(ways, 0.5), p99Ns: quantile(ways, 0.99) };
}

function echo(there: RingBuffer, back: RingBuffer): void {
  const consumer = there.consumer(0, { spins: SPINS });
  const producer = back.producer({ spins: SPINS });
  for (;;) {
    while (consumer.wait(1000) === 0);
    const n = there.f64[consumer.slot() * CELLS] as number;
    consumer.release(1);
    if (n === TRIPS) return;
    back.f64[producer.claim() * CELLS] = n;
    producer.publish();
  }
}

/** `process.send`, a message at a time or 64 in one array, or a pipe in pieces of 64 messages. */
async function sent(what: string) {
  const isPipe = what === "pipe-64";
  const count = what === "ipc" ? 20_000 : COUNT;
  const stdio = [isPipe ? "pipe" : "ignore", "inherit", "inherit", "ipc"] as const;
  const child = spawn(process.execPath, [...FLAGS, "other", what], {
    stdio: [...stdio],
    serialization: "advanced",
  });
  const answer = (): Promise<unknown> => new Promise((done) => child.once("message", done));
  await answer();
  const per = what === "ipc" ? 1 : BATCH;
  const run = async (): Promise<number> => {
    const start = process.hrtime.bigint();
    const answered = answer();
    for (let n = 0; n < count; n += per) {
      const cells = new Float64Array(per * CELLS);
      for (let k = 0; k < per; k++) fill(cells, k * CELLS, n + k);
      if (!isPipe) {
        // One in 256 is waited for: a queue without a bound would measure memory.
        if ((n / per) % 256 < 255) child.send(cells);
        else await new Promise((done) => child.send(cells, done));
      } else if (!child.stdin?.write(new Uint8Array(cells.buffer))) {
        await new Promise((done) => child.stdin?.once("drain", done));
      }
    }
    const sum = await answered;
    if (sum !== (CELLS * count * (count - 1)) / 2) throw new Error(`sum ${String(sum)}`);
    return Number(process.hrtime.bigint() - start);
  };
  await run();
  const times = [await run(), await run(), await run()].toSorted((a, b) => a - b);
  child.kill();
  return { units: count, elapsedNs: times[1] as number };
}

function answerSent(what: string): void {
  const count = what === "ipc" ? 20_000 : COUNT;
  let sum = 0;
  let seen = 0;
  const take = (cells: Float64Array): void => {
    for (let at = 0; at < cells.length; at += CELLS) sum += total(cells, at);
    seen += cells.length / CELLS;
    if (seen < count) return;
    process.send?.(sum);
    [sum, seen] = [0, 0];
  };
  if (what === "pipe-64") {
    const block = new Uint8Array(BATCH * CELLS * 8);
    const cells = new Float64Array(block.buffer);
    let filled = 0;
    process.stdin.on("data", (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + block.length - filled);
        block.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === block.length) take(cells);
        filled %= block.length;
      }
    });
  } else if (what === "ipc" || what === "ipc-64") process.on("message", take);
  else process.on("message", (n) => process.send?.(n));
  process.send?.("ready");
}

/** `process.send` there and back. */
async function tripsSent() {
  const child = spawn(process.execPath, [...FLAGS, "other", "ipc-echo"], { stdio: ["ignore", 1, 2, "ipc"] });
  const answer = (): Promise<unknown> => new Promise((done) => child.once("message", done));
  await answer();
  const ways = new Float64Array(TRIPS);
  for (let n = -WARM_TRIPS; n < TRIPS; n++) {
    const from = performance.now();
    const back = answer();
    child.send(n);
    await back;
    if (n >= 0) ways[n] = (performance.now() - from) * 5e5;
  }
  child.kill();
  return { units: TRIPS, elapsedNs: 1, p50Ns: quantile(ways, 0.5), p99Ns: quantile(ways, 0.99) };
}

/** Both ends in this thread, a batch at a time: the ring's own ends, or the C++ body by its door. */
function alone(what: string) {
  const ring = new RingBuffer({ capacity: 4096, threads: "cross" });
  const batch = what === "alone-body" ? bodyBatch(ring) : ringBatch(ring);
  const rounds = 30_000;
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const start = process.hrtime.bigint();
    let sum = 0;
    for (let n = 0; n < rounds; n++) sum += batch();
    times.push(Number(process.hrtime.bigint() - start));
    if (sum !== (rounds * CELLS * BATCH * (BATCH - 1)) / 2) throw new Error(`sum ${sum}`);
  }
  return { units: rounds * BATCH, elapsedNs: times.slice(2).toSorted((a, b) => a - b)[1] as number };
}

function ringBatch(ring: RingBuffer): () => number {
  const [producer, consumer] = [ring.producer(), ring.consumer()];
  const { f64, mask } = ring;
  return () => {
    const slot = producer.claim(BATCH);
    for (let k = 0; k < BATCH; k++) fill(f64, ((slot + k) & mask) * CELLS, k);
    producer.publish();
    const count = consumer.available();
    let sum = 0;
    for (let k = 0; k < count; k++) sum += total(f64, consumer.slot(k) * CELLS);
    consumer.release(count);
    return sum;
  };
}

function bodyBatch(ring: RingBuffer): () => number {
  const door = nativeDoor("ring") as Door;
  const memory = new Uint8Array(ring.bytes.buffer);
  const producer = new door.RingProducer(memory, false, BATCH, 8);
  const consumer = new door.RingConsumer(memory, 0);
  const cells = new Float64Array(BATCH * CELLS);
  return () => {
    for (let k = 0; k < BATCH; k++) fill(cells, k * CELLS, k);
    producer.send(cells, BATCH);
    const count = consumer.receive(cells, BATCH);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += total(cells, k * CELLS);
    return sum;
  };
}

async function main([what = "", where = ""]: readonly string[]): Promise<void> {
  if (what === "other") {
    if (["ipc", "ipc-64", "pipe-64", "ipc-echo"].includes(where)) return answerSent(where);
    return other(ProcessRing.attach({ fd: 3 }).ring, ProcessRing.attach({ fd: 4 }).ring, where);
  }
  if (what.startsWith("alone")) {
    console.log(JSON.stringify(alone(what)));
    return;
  }
  const measured =
    what === "trips"
      ? await (where === "ipc" ? tripsSent() : trips(where))
      : await (where === "sent" ? sent(what) : stream(where, what));
  console.log(JSON.stringify(measured));
}

if (isMainThread) await main(process.argv.slice(2));
else {
  const { role, handles } = workerData as { role: string; handles: readonly [RingHandle, RingHandle] };
  other(RingBuffer.attach(handles[0]), RingBuffer.attach(handles[1]), role);
}
