import { Prng } from "../base/index.ts";
import { type DiskCounts, type DiskFaults, type DiskLatency, noDiskCounts } from "./disk-faults.ts";
import type { PagePool } from "./disk-pages.ts";

/** Thrown by the operation the machine dies in, and by all after it. */
export class MachineLost extends Error {
  readonly code = "SIMULATED";

  constructor(what: string) {
    super(what);
    this.name = "MachineLost";
  }
}

/** What of a changing operation happens: all of it, or as a `CrashMode` says. */
export const FATE = { whole: 0, before: 1, partly: 2, after: 3 } as const;

/** What the files and the names of one disk share: faults, counts, time, and whether the machine still runs. */
export class DiskCore {
  readonly faults: DiskFaults;
  readonly counts: DiskCounts = noDiskCounts();
  readonly latency: DiskLatency;
  readonly rng: Prng;
  readonly pool: PagePool;
  /** What each changing operation was; undefined where that is not kept. */
  readonly log: string[] | undefined;
  /** Operations that changed something. */
  operations = 0;
  /** Handles of an older one are dead. */
  generation = 0;
  isLost = false;
  /** Bytes of all files that have a name. */
  usedBytes = 0;
  /** Time that all operations took. */
  costNs = 0;

  constructor(
    seed: number,
    faults: DiskFaults,
    latency: DiskLatency,
    pool: PagePool,
    log: string[] | undefined,
  ) {
    this.rng = new Prng(seed);
    this.faults = faults;
    this.latency = latency;
    this.pool = pool;
    this.log = log;
  }

  /** @throws `MachineLost` where the machine was lost before */
  alive(): void {
    if (this.isLost) throw new MachineLost("the machine is lost");
  }

  /** What a handle of a process that is gone gets. */
  dead(): never {
    throw new MachineLost("the process that opened the file is lost");
  }

  /** Whether something of a rate happens now. */
  happens(rate: number): boolean {
    return rate > 0 && this.rng.float() < rate;
  }

  /** Adds the time of one operation. */
  spend(ns: number): void {
    const { slowness, stalls } = this.faults;
    this.costNs += ns * slowness;
    if (slowness > 1) this.counts.slowOperations++;
    if (stalls === 0 || !this.happens(stalls)) return;
    this.counts.stalls++;
    this.costNs += this.faults.stallNs;
  }

  /** Counts one changing operation and says what of it happens. @throws what a read-only disk throws */
  begin(what: string): number {
    this.alive();
    const { faults } = this;
    if (faults.isReadOnly) {
      this.counts.refusedReadOnly++;
      throw failure("EROFS", what);
    }
    if (this.operations++ !== faults.crashAt) return FATE.whole;
    return FATE[faults.crashMode];
  }

  /** Ends an operation: the machine is lost in it unless all of it happened. */
  end(fate: number, what: string): void {
    if (fate === FATE.whole) return;
    this.isLost = true;
    this.counts.crashes++;
    throw new MachineLost(`the machine is lost in ${what}`);
  }
}

/** An error as the system makes it. */
export function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
