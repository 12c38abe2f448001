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
    }
    const meter = new VolumeMeter(Number.POSITIVE_INFINITY, this.#base.ownPrints);
    meter.add(view.volumeLots);
    return Math.min(meter.budget(this.#terms.participation), this.#filledThen + this.#terms.maxSliceLots);
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
    return [this.#at, this.#filledThen];
  }

  load(saved: readonly (number | readonly number[])[]): void {
    [this.#at, this.#filledThen] = saved as [number, number];
  }
}
