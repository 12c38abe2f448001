import { NANOS_PER_SECOND } from "../model/index.ts";
import type { Rung } from "./child-price.ts";
import { shortfallCurve } from "./curves.ts";
import { NEVER } from "./never.ts";
import type { BaseTerms, ImpactModel, ProgramTerms } from "./parent-terms.ts";
import type { Program, ProgramView } from "./program.ts";
import { SlicedProgram } from "./sliced-program.ts";

type ShortfallTerms = Extract<ProgramTerms, { readonly algo: "shortfall" }>;

/** A measured ratio moves `eta` and `sigma` by no more than this at once. */
const RATIO_MAX = 10;

/**
 * Works Almgren and Chriss's schedule, and plans what is left anew where volatility or volume are others than planned.
 *
 * @invariant Without `replan` terms the schedule is the one of the start. Equal events give equal plans.
 */
export class ShortfallProgram implements Program {
  readonly isStrict = false;
  readonly #base: BaseTerms;
  readonly #terms: ShortfallTerms;
  readonly #inner: SlicedProgram;
  /** What is planned with now. */
  #impact: ImpactModel;
  /** Moment, mid and volume at the begin of each slice since the last plan. */
  #marks: number[] = [];
  #slice = -1;

  constructor(base: BaseTerms, terms: ShortfallTerms) {
    this.#base = base;
    this.#terms = terms;
    this.#impact = terms.impact;
    this.#inner = new SlicedProgram(
      base,
      terms,
      shortfallCurve(base, terms.slices, () => this.#impact),
    );
  }

  plan(view: ProgramView, leftLots: number): void {
    this.#impact = this.#terms.impact;
    this.#marks = [];
    this.#slice = -1;
    this.#inner.plan(view, leftLots);
  }

  targetLots(view: ProgramView): number {
    const target = this.#inner.targetLots(view);
    if (this.#inner.at === this.#slice || this.#terms.replan === undefined) return target;
    this.#slice = this.#inner.at;
    if (this.#slice < 0 || !this.#measure(view)) return target;
    this.#inner.plan(view, Math.max(0, this.#base.lots - view.filledLots));
    const planned = this.#inner.targetLots(view);
    this.#slice = this.#inner.at;
    return planned;
  }

  rung(nowNs: number): Rung {
    return this.#inner.rung(nowNs);
  }

  nextNs(nowNs: number): number {
    return this.#inner.nextNs(nowNs);
  }

  save(): readonly (number | readonly number[])[] {
    const { sigma, eta } = this.#impact;
    return [sigma, eta, this.#slice, [...this.#marks], ...this.#inner.save()];
  }

  load(saved: readonly (number | readonly number[])[]): void {
    const [sigma, eta, slice, marks, ...inner] = saved;
    this.#impact = { ...this.#terms.impact, sigma: sigma as number, eta: eta as number };
    this.#slice = slice as number;
    this.#marks = [...(marks as readonly number[])];
    this.#inner.load(inner);
  }

  /** Takes a mark; says whether what was measured asks for another plan, and has its figures then. */
  #measure({ nowNs, midTicks, volumeLots }: ProgramView): boolean {
    const marks = this.#marks;
    if (Number.isNaN(midTicks)) return false;
    marks.push(nowNs, midTicks, volumeLots);
    const { volatility, volume, slices } = this.#terms.replan ?? { slices: NEVER };
    const last = marks.length / 3 - 1;
    if (last < slices) return false;
    const at = (mark: number, field: number): number => marks[3 * mark + field] as number;
    const seconds = (at(last, 0) - at(0, 0)) / NANOS_PER_SECOND;
    let squares = 0;
    for (let k = 1; k <= last; k++) squares += (at(k, 1) - at(k - 1, 1)) * (at(k, 1) - at(k - 1, 1));
    const sigma = Math.sqrt(squares / seconds);
    const { sigma: plannedSigma, eta } = this.#impact;
    const moved = ratioOf(sigma, plannedSigma);
    const { startNs, endNs, marketLots } = this.#base;
    const expected = (marketLots * seconds * NANOS_PER_SECOND) / (endNs - startNs);
    const came = ratioOf(at(last, 2) - at(0, 2), expected);
    const etaNow = this.#terms.impact.eta / came;
    const isMoved = volatility !== undefined && isBeyond(moved, volatility);
    const isOther = volume !== undefined && isBeyond(eta / etaNow, volume);
    if (!isMoved && !isOther) {
      marks.splice(0, 3);
      return false;
    }
    marks.splice(0, 3 * last);
    this.#impact = {
      ...this.#impact,
      sigma: isMoved ? sigma : plannedSigma,
      eta: isOther ? etaNow : eta,
    };
    return true;
  }
}

function ratioOf(found: number, planned: number): number {
  if (planned === 0) return found === 0 ? 1 : RATIO_MAX;
  return Math.min(RATIO_MAX, Math.max(1 / RATIO_MAX, found / planned));
}

function isBeyond(ratio: number, bound: number): boolean {
  return ratio > bound || ratio < 1 / bound;
}
