import { Worker } from "node:worker_threads";
import { threadFlags, threadModule } from "../host/index.ts";
import type { SeedMessage, SimulateOrder } from "./simulate-order.ts";

/** Runs seeds on several threads, each seed on the first that is free. */
export class SimulateThreads {
  readonly #workers: Worker[];
  readonly #done: Promise<void>;
  readonly #hear: (message: SeedMessage) => void;
  #next: number;
  readonly #end: number;
  /** What each thread runs now. */
  readonly #running = new Map<Worker, number>();
  #left: number;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  /** @param hear - called with whatever a thread tells, also after {@link SimulateThreads.stop} began */
  constructor(
    order: SimulateOrder,
    { from, seeds, jobs }: { readonly from: number; readonly seeds: number; readonly jobs: number },
    hear: (message: SeedMessage) => void,
  ) {
    this.#next = from;
    this.#end = from + seeds;
    this.#hear = hear;
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#workers = Array.from({ length: Math.min(jobs, seeds) }, () => this.#start(order));
    this.#left = this.#workers.length;
  }

  /** Resolves when all seeds are run, or the threads are stopped. */
  done(): Promise<void> {
    return this.#done;
  }

  /** Ends all threads where they are. */
  async stop(): Promise<void> {
    this.#running.clear();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#resolve();
  }

  #start(order: SimulateOrder): Worker {
    const worker = new Worker(threadModule(import.meta.url, "cli", "simulate-worker"), {
      workerData: order,
      execArgv: threadFlags(),
    });
    worker.on("message", (message: SeedMessage) => {
      if (message.kind === "ready") this.#give(worker);
      else this.#hear(message);
    });
    worker.on("error", (error) => this.#broken(worker, order, error));
    worker.on("exit", () => {
      if (this.#running.has(worker)) this.#broken(worker, order, new Error("the thread ended by itself"));
    });
    return worker;
  }

  #give(worker: Worker): void {
    this.#running.delete(worker);
    if (this.#next >= this.#end) {
      this.#ended(worker);
      return;
    }
    const seed = this.#next++;
    this.#running.set(worker, seed);
    worker.postMessage(seed);
  }

  /** A thread died: of its seed, and another goes on; or before it had one, and none can. */
  #broken(worker: Worker, order: SimulateOrder, error: unknown): void {
    const seed = this.#running.get(worker);
    if (seed === undefined) {
      this.#reject(error);
      return;
    }
    const trouble = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#hear({ kind: "failed", seed, trouble });
    this.#running.delete(worker);
    const at = this.#workers.indexOf(worker);
    if (this.#next < this.#end) this.#workers[at] = this.#start(order);
    else this.#ended(worker);
  }

  #ended(worker: Worker): void {
    void worker.terminate();
    this.#left -= 1;
    if (this.#left === 0) this.#resolve();
  }
}
