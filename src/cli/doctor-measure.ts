import { Worker } from "node:worker_threads";
import { nativeReport } from "../base/native.ts";
import { threadModule } from "../host/index.ts";
import { currentCpu, measureJitter, pinThread, threadAffinity } from "../host/native.ts";
import { RingBuffer } from "../ring/index.ts";

/** One figure. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
}

/** What a measurement of this machine found. */
export interface Measured {
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

const TRIPS = 20_000;
const WARM = 5_000;
const READS = 200_000;

/** Measures for about two seconds: the clocks, what takes the core away, a message between two threads. */
export async function measureMachine(): Promise<Measured> {
  const figures = [...clockCosts()];
  const notes: string[] = [];
  if (process.platform === "linux" && nativeReport().isAvailable) figures.push(...gaps());
  else notes.push("  what takes the core away: not measured, that needs Linux and the native binary");
  figures.push(...(await roundTrips()));
  return { figures, notes };
}

function clockCosts(): Figure[] {
  const cost = (read: () => unknown): string => {
    for (let n = 0; n < READS / 4; n++) read();
    const start = performance.now();
    for (let n = 0; n < READS; n++) read();
    return (((performance.now() - start) * 1e6) / READS).toFixed(0);
  };
  return [
    { name: "performance.now()", value: cost(() => performance.now()), unit: "ns" },
    { name: "process.hrtime.bigint()", value: cost(() => process.hrtime.bigint()), unit: "ns" },
  ];
}

/** On each processor this process may use, one after the other, the first eight of them. */
function gaps(): Figure[] {
  const before = threadAffinity();
  try {
    return before.slice(0, 8).flatMap((cpu) => {
      pinThread([cpu]);
      const { p999Ns, maxNs, totalNs, above } = measureJitter({ ms: 200 });
      const taken = above[0] ?? { count: 0, totalNs: 0 };
      const name = `core ${currentCpu()}: `;
      return [
        {
          name: `${name}longest gap of a thread that only spins`,
          value: (maxNs / 1000).toFixed(1),
          unit: "µs",
        },
        { name: `${name}99.9 % of its reads within`, value: p999Ns.toFixed(0), unit: "ns" },
        {
          name: `${name}taken away by gaps above 1 µs`,
          value: ((100 * taken.totalNs) / totalNs).toFixed(3),
          unit: "%",
        },
      ];
    });
  } finally {
    pinThread(before);
  }
}

/** A message there and back between this thread and a worker, both spinning: half of it is one way. */
async function roundTrips(): Promise<Figure[]> {
  const [there, back] = [1, 2].map(() => new RingBuffer({ capacity: 64, threads: "cross" })) as [
    RingBuffer,
    RingBuffer,
  ];
  const workerData = { there: there.handle(), back: back.handle(), count: TRIPS + WARM };
  const worker = new Worker(threadModule(import.meta.url, "cli", "doctor-worker"), { workerData });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once("exit", () => resolve());
    worker.once("error", reject);
  });
  await new Promise((resolve) => worker.once("message", resolve));
  const [producer, consumer] = [there.producer({ spins: 20_000 }), back.consumer(0, { spins: 20_000 })];
  const ways = new Float64Array(TRIPS);
  for (let n = -WARM; n < TRIPS; n++) {
    const sent = performance.now();
    there.f64[producer.claim() * 8] = n;
    producer.publish();
    while (consumer.wait(1000) === 0);
    consumer.release(1);
    if (n >= 0) ways[n] = (performance.now() - sent) * 5e5;
  }
  await ended;
  ways.sort();
  const at = (share: number): string => (ways[Math.floor(share * (TRIPS - 1))] as number).toFixed(0);
  return [
    { name: "ring, one way between two threads, median", value: at(0.5), unit: "ns" },
    { name: "ring, one way between two threads, 99 %", value: at(0.99), unit: "ns" },
  ];
}
