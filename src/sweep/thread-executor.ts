import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { threadFlags, threadModule } from "../host/index.ts";
import { outcomeLine, type SweepPoint } from "./point-result.ts";
import type { SweepDesk, SweepExecutor, SweepWork } from "./sweep-executor.ts";

/** Points a thread has at once: the next is there when one is done. */
const AHEAD = 2;

/**
 * What a thread's new objects may take. V8 would let them grow to three times 16 MB a thread, for runs that leave
 * little behind: eight threads took 1.3 GB where they take 1.1 with this.
 */
const YOUNG_MB = 4;

/** How many threads, and how much memory each may take. */
export interface ThreadExecutorOptions {
  /** As many as the machine runs at once unless given. */
  readonly threads?: number;
  /** The most a thread's objects may take, beside the tapes, which all share. @units MB */
  readonly heapMbMax?: number;
}

/**
 * Runs points in worker threads over one copy of the tapes.
 *
 * A thread that dies takes its point with it: the point is told as failed, and another thread goes on.
 */
export class ThreadExecutor implements SweepExecutor {
  readonly threads: number;
  readonly #heapMbMax: number | undefined;
  readonly #workers = new Set<Worker>();
  /** Points that were behind one whose thread died. */
  readonly #again: SweepPoint[] = [];
  #isStopped = false;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: ThreadExecutorOptions = {}) {
    checkKeys("executor", options, ["threads", "heapMbMax"]);
    this.threads = checkInteger("executor.threads", options.threads ?? availableParallelism(), 1, 1024);
    this.#heapMbMax =
      options.heapMbMax === undefined ? undefined : checkInteger("executor.heapMbMax", options.heapMbMax, 16);
  }

  run(work: SweepWork, desk: SweepDesk): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
      for (let i = 0; i < this.threads; i++) this.#start(work, desk);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
    this.#end();
  }

  #start(work: SweepWork, desk: SweepDesk): void {
    const heap = this.#heapMbMax === undefined ? {} : { maxOldGenerationSizeMb: this.#heapMbMax };
    const limits = { maxYoungGenerationSizeMb: YOUNG_MB, ...heap };
    const worker = new Worker(threadModule(import.meta.url, "sweep", "sweep-worker"), {
      ...{ workerData: work, execArgv: threadFlags(), resourceLimits: limits },
    });
    this.#workers.add(worker);
    const taken: SweepPoint[] = [];
    let hasBegun = false;
    const take = async (): Promise<void> => {
      const point = this.#isStopped ? undefined : (this.#again.shift() ?? (await desk.next()));
      if (point !== undefined) {
        taken.push(point);
        worker.postMessage(point);
      } else if (taken.length === 0) this.#leave(worker);
    };
    worker.on("message", (line: string) => {
      if (this.#isStopped) return;
      if (hasBegun) {
        taken.shift();
        desk.done(line);
      }
      const room = hasBegun ? 1 : AHEAD;
      hasBegun = true;
      for (let i = 0; i < room; i++) void take().catch((error: unknown) => this.#fail(error));
    });
    const broken = (error: unknown): void => {
      if (this.#isStopped || !this.#workers.delete(worker)) return;
      if (hasBegun) {
        this.#lose(taken, desk, error);
        this.#start(work, desk);
        return;
      }
      // Nor would another thread begin: the recipe, or what it loads, is wrong.
      void this.stop();
      this.#fail(error);
    };
    worker.on("error", broken);
    worker.on("exit", () => broken(new Error("the thread ended by itself")));
  }

  #leave(worker: Worker): void {
    if (!this.#workers.delete(worker)) return;
    void worker.terminate();
    if (this.#workers.size === 0) this.#end();
  }

  /** The point that ran is lost with its thread; those behind it run in another. */
  #lose([point, ...behind]: readonly SweepPoint[], desk: SweepDesk, error: unknown): void {
    this.#again.push(...behind);
    if (point === undefined) return;
    const value = error instanceof Error ? error.message : String(error);
    const fault = new Fault("FAULT_CAPACITY", {
      path: "sweep thread",
      value,
      expected: "a thread that lives",
    });
    desk.done(outcomeLine({ ...point, failed: { code: fault.code, message: fault.message } }));
  }
}
