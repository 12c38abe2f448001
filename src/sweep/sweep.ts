import { join } from "node:path";
import { Fault } from "../base/index.ts";
import {
  isFailure,
  isPruned,
  type PointFailure,
  type PointOutcome,
  type PointPruned,
  type PointResult,
  readOutcome,
  type SweepPoint,
} from "./point-result.ts";
import type { SweepExecutor } from "./sweep-executor.ts";
import { SweepLog } from "./sweep-log.ts";
import { planSweep, type SweepOptions, type SweepPlan } from "./sweep-options.ts";
import { Standing } from "./sweep-standing.ts";
import { ThreadExecutor } from "./thread-executor.ts";

/** How far a sweep is. */
export interface SweepProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Points that ended early. */
  readonly pruned: number;
  /** Of `done`, those that an earlier start of this sweep had run. */
  readonly kept: number;
  /** The best point so far, by the objective. */
  readonly best: { readonly point: SweepPoint; readonly objective: number } | undefined;
  readonly isPaused: boolean;
}

/** How a sweep ended: all points run, patience at its end, or stopped, to go on another time. */
export type SweepEnd = "complete" | "patience" | "stopped";

/** What a sweep came to. */
export interface SweepResult {
  readonly plan: SweepPlan;
  readonly end: SweepEnd;
  /** Points that ran to their end, by index; where patience ended the sweep none behind the last that was asked for. */
  readonly points: readonly PointResult[];
  readonly failures: readonly PointFailure[];
  /** Points that ended early, by index: tried, but without a result. */
  readonly pruned: readonly PointPruned[];
  /** The best point by the objective: the lowest index of several; undefined where no point has a figure. */
  readonly best: PointResult | undefined;
}

/** How a sweep is watched and ended. */
export interface SweepRun {
  readonly onProgress?: (progress: SweepProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs a backtest for each point of a search, in worker threads over one copy of the tapes.
 *
 * With a `folder` it goes on where it was, after a stop, a crash or a kill: a point whose outcome is there is not run
 * again. Where the folder holds another sweep it is refused, by what differs.
 *
 * @invariant Results do not depend on threads, order or restarts: a point has the `runHash` of its backtest alone.
 * @throws `FAULT_CONFIG` naming the option; from `run` also `FAULT_IO` and `FAULT_INPUT` of the folder's log.
 * @example
 * ```ts
 * import { BarTapeBuilder } from "tickwright/feed";
 * import { SerialExecutor, Sweep } from "tickwright/sweep";
 * const builder = new BarTapeBuilder({
 *   instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   baseNs: 0n, source: "by hand", simulated: true,
 * });
 * const day = 86_400_000_000_000;
 * for (let i = 0; i < 9; i++) {
 *   const price = 1_000 + i * 10;
 *   const [open, high, low, close] = [price, price + 5, price - 5, price];
 *   builder.push({ openNs: i * day, closeNs: (i + 1) * day - 1_000_000_000, open, high, low, close, volume: 100 });
 * }
 * const code = `export default () => ({ lots }, [tape]) => ({
 *   markets: [{ tape }], cash: { USD: "1000" },
 *   strategies: [{ onBar(bar, ctx) {
 *     if (ctx.position("ABC").lots === 0) ctx.submit({ instrument: "ABC", side: "buy", lots, type: "market" });
 *   } }],
 * })`;
 * const sweep = new Sweep({
 *   space: { lots: [1, 3] }, objective: "totalReturn", tapes: [builder.build()],
 *   recipe: { module: `data:text/javascript,${encodeURIComponent(code)}` }, executor: new SerialExecutor(),
 * });
 * const { best } = await sweep.run();
 * best?.params; // => { lots: 3 }
 * ```
 */
export class Sweep {
  readonly plan: SweepPlan;
  readonly #executor: SweepExecutor;
  readonly #standing: Standing;
  #log: SweepLog | undefined;
  #next = 0;
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;
  #isStopped = false;
  #hasRun = false;
  #kept = 0;

  constructor(options: SweepOptions) {
    this.plan = planSweep(options);
    this.#executor = options.executor ?? new ThreadExecutor();
    this.#standing = new Standing(this.plan);
  }

  /** Runs what is not done yet; once. */
  async run({ onProgress, signal }: SweepRun = {}): Promise<SweepResult> {
    if (this.#hasRun)
      throw new Fault("FAULT_INPUT", { path: "sweep.run", expected: "one run for each Sweep" });
    this.#hasRun = true;
    const { plan } = this;
    const stop = (): void => void this.stop();
    signal?.addEventListener("abort", stop);
    try {
      this.#open();
      onProgress?.(this.progress);
      if (signal?.aborted === true) this.#isStopped = true;
      else if (!this.#isOver()) {
        const work = {
          recipe: plan.recipe,
          tapes: plan.tapes.map(({ handle }) => handle),
          series: plan.series,
          ...(plan.prune === undefined ? {} : { prune: plan.prune }),
        };
        await this.#executor.run(work, {
          next: () => this.#take(),
          done: (line) => {
            if (this.#isStopped) return;
            this.#log?.add(line);
            this.#standing.take(readOutcome(line));
            onProgress?.(this.progress);
          },
        });
      }
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#log?.close();
    }
    return this.#result();
  }

  /** Takes no new points until {@link Sweep.resume}; those that run go on to their end. */
  pause(): void {
    if (this.#paused !== undefined) return;
    this.#paused = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#resume = undefined;
    this.#paused = undefined;
  }

  /** Ends it where it is; with a folder it can go on another time. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.resume();
    await this.#executor.stop();
  }

  get progress(): SweepProgress {
    const { done, failed, pruned, best, objective } = this.#standing;
    return {
      ...{ done, failed, pruned, total: this.plan.points.length, kept: this.#kept },
      best: best === undefined ? undefined : { point: best, objective },
      isPaused: this.#paused !== undefined,
    };
  }

  #isOver(): boolean {
    return this.#isStopped || this.#standing.isOver;
  }

  async #take(): Promise<SweepPoint | undefined> {
    while (this.#paused !== undefined) await this.#paused;
    const { points } = this.plan;
    while (this.#next < points.length && this.#standing.has(this.#next)) this.#next++;
    if (this.#isOver() || this.#next >= points.length) return undefined;
    const index = this.#next++;
    return { index, params: points[index] ?? {} };
  }

  /** Reads what earlier starts of this sweep have done. */
  #open(): void {
    const { folder, id, name, making } = this.plan;
    if (folder === undefined) return;
    const path = join(folder, "points.log");
    this.#log = new SweepLog(path);
    const [first, ...lines] = this.#log.lines;
    if (first === undefined) {
      this.#log.add(JSON.stringify({ sweep: 1, id, name, making }));
      return;
    }
    checkSame(path, first, this.plan);
    for (const line of lines) this.#standing.take(readOutcome(line));
    this.#kept = this.#standing.done;
  }

  #result(): SweepResult {
    const { plan } = this;
    const outcomes = this.#standing.outcomes();
    const end = this.#standing.isPatienceOver
      ? "patience"
      : this.#standing.isComplete
        ? "complete"
        : "stopped";
    return {
      ...{ plan, end },
      points: outcomes.filter(isResult),
      failures: outcomes.filter(isFailure),
      pruned: outcomes.filter(isPruned),
      best: this.#standing.best,
    };
  }
}

function isResult(outcome: PointOutcome): outcome is PointResult {
  return !isFailure(outcome) && !isPruned(outcome);
}

function checkSame(path: string, line: string, plan: SweepPlan): void {
  const found = JSON.parse(line) as { readonly id?: string; readonly making?: Record<string, string> };
  if (found.id === plan.id) return;
  const parts = new Set([...Object.keys(plan.making), ...Object.keys(found.making ?? {})]);
  const differing = [...parts].filter((key) => plan.making[key] !== found.making?.[key]);
  const expected = `the sweep that began there; what differs: ${differing.join(", ")}`;
  throw new Fault("FAULT_CONFIG", { path, value: found.id, expected });
}
