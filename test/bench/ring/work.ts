import { quantile } from "../rounds.ts";

/** What one process measured, in any language: the last line that it prints, as JSON. */
export interface Once {
  /** Messages, or trips, in the time. */
  readonly units: number;
  readonly elapsedNs: number;
  /** Processor time by wall time: two threads that spin have 2 where each has a core, 1 where they share one. */
  readonly cores?: number;
  readonly p50Ns?: number;
  readonly p99Ns?: number;
  readonly p999Ns?: number;
}

/** Two threads that spin on one core take turns, and measure the scheduler. */
export const CORES_MIN = 1.7;

/** The ring of the streams, in slots, unless a row says otherwise. */
export const CAPACITY = 65_536;

/** Writes 8 numbers from `at` on, a multiple of 8: then `|` adds, and needs no check for overflow. */
export function fill(f64: Float64Array, at: number, n: number): void {
  f64[at] = n;
  f64[at | 1] = n;
  f64[at | 2] = n;
  f64[at | 3] = n;
  f64[at | 4] = n;
  f64[at | 5] = n;
  f64[at | 6] = n;
  f64[at | 7] = n;
}

/** Sums 8 numbers from `at` on, a multiple of 8. */
export function total(f64: Float64Array, at: number): number {
  const low =
    (f64[at] as number) + (f64[at | 1] as number) + (f64[at | 2] as number) + (f64[at | 3] as number);
  return (
    low +
    (f64[at | 4] as number) +
    (f64[at | 5] as number) +
    (f64[at | 6] as number) +
    (f64[at | 7] as number)
  );
}

export function sumBelow(count: number): number {
  return (count * (count - 1)) / 2;
}

/** Processor time by wall time since it was made. */
export class CoreClock {
  readonly #cpu = process.cpuUsage();
  readonly #start = process.hrtime.bigint();

  read(): { elapsedNs: number; cores: number } {
    const elapsedNs = Number(process.hrtime.bigint() - this.#start);
    const { user, system } = process.cpuUsage(this.#cpu);
    return { elapsedNs, cores: ((user + system) * 1000) / elapsedNs };
  }
}

export function quantiles(ns: Float64Array): { p50Ns: number; p99Ns: number; p999Ns: number } {
  return { p50Ns: quantile(ns, 0.5), p99Ns: quantile(ns, 0.99), p999Ns: quantile(ns, 0.999) };
}

/**
 * Nanoseconds on the clock that all threads of the machine share, without a bigint a call: `performance.now()` begins
 * with its thread. The begin is exact to about the 50 ns that a look at a clock takes.
 */
export function sharedClock(): () => number {
  let least = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (let n = 0; n < 10_000; n++) {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint() % 1_000_000_000_000_000n);
    const after = performance.now();
    if (after - before >= least) continue;
    least = after - before;
    offset = shared - ((before + after) / 2) * 1e6;
  }
  return () => performance.now() * 1e6 + offset;
}
