import { isFailure, isPruned, type PointOutcome, type PointResult } from "./point-result.ts";
import type { SweepPlan } from "./sweep-options.ts";

/**
 * What is known of a sweep's points, and which is best. Patience is judged by index, not by who came first: how fast
 * threads are changes nothing. A point that failed or ended early is never best, and no better than any other.
 */
export class Standing {
  /** The best of the points that count. */
  best: PointResult | undefined = undefined;
  objective: number = Number.NaN;
  done = 0;
  failed = 0;
  pruned = 0;
  readonly #plan: SweepPlan;
  readonly #outcomes: (PointOutcome | undefined)[];
  /** All points before this one are known. */
  #known = 0;
  #bestKnown = Number.NEGATIVE_INFINITY;
  #since = 0;
  /** No point from this one on counts. */
  #end: number;

  constructor(plan: SweepPlan) {
    this.#plan = plan;
    this.#outcomes = new Array<PointOutcome | undefined>(plan.points.length).fill(undefined);
    this.#end = plan.points.length;
  }

  has(index: number): boolean {
    return this.#outcomes[index] !== undefined;
  }

  get isPatienceOver(): boolean {
    return this.#end < this.#outcomes.length;
  }

  /** Whether every point that counts is known. */
  get isComplete(): boolean {
    return this.#known >= this.#end;
  }

  get isOver(): boolean {
    return this.isComplete;
  }

  take(outcome: PointOutcome): void {
    const { index } = outcome;
    if (this.#outcomes[index] !== undefined || index >= this.#outcomes.length) return;
    this.#outcomes[index] = outcome;
    this.done++;
    if (isFailure(outcome)) this.failed++;
    else if (isPruned(outcome)) this.pruned++;
    else if (index < this.#end) this.#compare(outcome);
    this.#settle();
  }

  /** Those that count, by index. */
  outcomes(): PointOutcome[] {
    return this.#outcomes.slice(0, this.#end).filter((outcome) => outcome !== undefined);
  }

  /** A point's objective, such that more is better; NaN where it has none. */
  #objectiveOf(outcome: PointOutcome): number {
    const { objective, sign } = this.#plan;
    const figure = isFailure(outcome) || isPruned(outcome) ? null : (outcome.stats[objective] ?? null);
    return figure === null ? Number.NaN : sign * figure;
  }

  #compare(outcome: PointResult): void {
    const objective = this.#objectiveOf(outcome);
    const before = this.best === undefined ? Number.NaN : this.#objectiveOf(this.best);
    const isFirst = this.best === undefined || (objective === before && outcome.index < this.best.index);
    if (Number.isNaN(objective) || !(isFirst || objective > before)) return;
    this.best = outcome;
    this.objective = objective * this.#plan.sign;
  }

  /** Goes on through what is known in a row; patience ends behind so many that were no better. */
  #settle(): void {
    while (this.#known < this.#end) {
      const outcome = this.#outcomes[this.#known];
      if (outcome === undefined) return;
      this.#known++;
      const objective = this.#objectiveOf(outcome);
      if (objective > this.#bestKnown) {
        this.#bestKnown = objective;
        this.#since = 0;
      } else if (++this.#since >= this.#plan.patience) this.#cut(this.#known);
    }
  }

  #cut(end: number): void {
    if (end === this.#outcomes.length) return;
    this.#end = end;
    this.best = undefined;
    for (const outcome of this.outcomes())
      if (!isFailure(outcome) && !isPruned(outcome)) this.#compare(outcome);
  }
}
