import type { SharedTapeHandle } from "../feed/index.ts";
import type { RunStop } from "../run/index.ts";
import type { SweepPoint } from "./point-result.ts";
import type { SweepRecipe } from "./sweep-recipe.ts";
import type { SweepSeries } from "./sweep-series.ts";

/** What a point's backtests are made with, by every thread alike. Can be cloned to another thread. */
export interface SweepWork {
  readonly recipe: Required<SweepRecipe>;
  readonly tapes: readonly SharedTapeHandle[];
  readonly series: SweepSeries;
  /** When a point ends early. */
  readonly prune?: RunStop;
}

/** What an executor takes points from and tells outcomes to. */
export interface SweepDesk {
  /** The next point; waits while the sweep pauses; undefined where there is none any more. */
  next(): SweepPoint | undefined | Promise<SweepPoint | undefined>;
  /** A point's outcome, as `outcomeLine` writes it. Each point is told once, in any order. */
  done(line: string): void;
}

/**
 * Runs a sweep's points somewhere: in this thread, in threads, on machines behind a queue.
 *
 * @invariant Every point that was taken is told, unless the executor is stopped; where a point runs changes nothing of
 * its outcome.
 */
export interface SweepExecutor {
  /** Resolves when there is no point left and all that were taken are told, or when it is stopped. */
  run(work: SweepWork, desk: SweepDesk): Promise<void>;
  /** Ends points where they are; they are not told. */
  stop(): Promise<void>;
}
