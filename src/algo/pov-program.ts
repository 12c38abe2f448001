import { type Rung, rungAt } from "./child-price.ts";
import type { BaseTerms, ProgramTerms } from "./parent-terms.ts";
import type { Program, ProgramView } from "./program.ts";
import { VolumeMeter } from "./volume-meter.ts";

type PovTerms = Extract<ProgramTerms, { readonly algo: "pov" }>;

/**
 * Follows the volume: a share of all that was printed.
 *
 * @invariant What is filled and at work stays within the share of all volume, own executions in it.
 */
export class PovProgram implements Program {
  readonly isStrict = true;
  readonly #base: BaseTerms;
  readonly #terms: PovTerms;
  /** The interval that is worked, and what was filled when it began. */
  #at = -1;
  #filledThen = 0;
  /** What was printed by then. */
  #volumeThen = 0;

  constructor(base: BaseTerms, terms: PovTerms) {
    this.#base = base;
    this.#terms = terms;
  }

  plan(): void {
    this.#at = -1;
  }

  targetLots(view: ProgramView): number {
    const at = this.#intervalAt(view.nowNs);
    if (at !== this.#at) {
      this.#at = at;
      this.#filledThen = view.filledLots;
      this.#volumeThen = view.volumeLots;
    }
    const { maxSliceLots, catchUp, maxCatchUp } = this.#terms;
    const all = this.#budget(view.volumeLots);
    const most = Math.min(all, this.#filledThen + maxSliceLots);
    if (catchUp === "aggressive") return most;
    const own = this.#budget(view.volumeLots - this.#volumeThen);
    return Math.min(most, this.#filledThen + (catchUp === "drop" ? own : Math.floor(own * maxCatchUp)));
  }

  /** The share of so much volume. */
  #budget(volumeLots: number): number {
    const meter = new VolumeMeter(Number.POSITIVE_INFINITY, this.#base.ownPrints);
    meter.add(volumeLots);
    return meter.budget(this.#terms.participation);
  }

  rung(nowNs: number): Rung {
    const { intervalNs } = this.#terms;
    const into = nowNs - this.#base.startNs - this.#intervalAt(nowNs) * intervalNs;
    return rungAt(into / intervalNs, this.#base.urgency);
  }

  nextNs(nowNs: number): number {
    const { intervalNs } = this.#terms;
    const began = this.#base.startNs + this.#intervalAt(nowNs) * intervalNs;
    const patient = intervalNs * (1 - this.#base.urgency);
    for (const each of [Math.ceil(began + patient / 2), Math.ceil(began + patient)])
      if (each > nowNs) return each;
    return began + intervalNs;
  }

  #intervalAt(nowNs: number): number {
    return Math.floor((nowNs - this.#base.startNs) / this.#terms.intervalNs);
  }

  save(): readonly number[] {
    return [this.#at, this.#filledThen, this.#volumeThen];
  }

  load(saved: readonly (number | readonly number[])[]): void {
    [this.#at, this.#filledThen, this.#volumeThen] = saved as [number, number, number];
  }
}
