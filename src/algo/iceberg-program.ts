import type { Rung } from "./child-price.ts";
import type { ProgramTerms } from "./parent-terms.ts";
import type { Program, ProgramView } from "./program.ts";

type IcebergTerms = Extract<ProgramTerms, { readonly algo: "iceberg" }>;

/**
 * Shows a part; the next part when it is done.
 *
 * @invariant At most `displayLots + displayJitterLots` are at work, but for the last child, which takes the remainder.
 */
export class IcebergProgram implements Program {
  readonly isStrict = false;
  readonly #terms: IcebergTerms;
  /** Up to where the part goes that is shown, and when the next one may come. */
  #target = 0;
  #refreshNs = 0;

  constructor(terms: IcebergTerms) {
    this.#terms = terms;
  }

  plan(view: ProgramView): void {
    this.#target = Math.max(this.#target, view.filledLots);
  }

  targetLots(view: ProgramView): number {
    const { displayLots, displayJitterLots, refreshNs } = this.#terms;
    if (view.filledLots < this.#target) return this.#target;
    if (view.filledLots > 0 && this.#refreshNs === 0 && refreshNs > 0) {
      this.#refreshNs = view.nowNs + 1 + view.rng.below(refreshNs);
    }
    if (view.nowNs < this.#refreshNs) return this.#target;
    this.#refreshNs = 0;
    const drawn = displayJitterLots === 0 ? 0 : Math.floor(view.rng.float() * (2 * displayJitterLots + 1));
    this.#target = view.filledLots + displayLots - displayJitterLots + drawn;
    return this.#target;
  }

  rung(): Rung {
    return "limit";
  }

  nextNs(nowNs: number): number {
    return this.#refreshNs > nowNs ? this.#refreshNs : Number.POSITIVE_INFINITY;
  }

  save(): readonly number[] {
    return [this.#target, this.#refreshNs];
  }

  load(saved: readonly (number | readonly number[])[]): void {
    [this.#target, this.#refreshNs] = saved as [number, number];
  }
}
