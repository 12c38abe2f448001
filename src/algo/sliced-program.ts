import type { Prng } from "../base/index.ts";
import { apportion } from "./apportion.ts";
import { type Rung, rungAt } from "./child-price.ts";
import type { BaseTerms, SlicedTerms } from "./parent-terms.ts";
import type { Program, ProgramView } from "./program.ts";

/** A curve of quantity over time: weights of equal parts of what is left of the time. */
export type CurveOf = (fromNs: number, toNs: number, lots: number) => readonly number[];

/**
 * Works a parent in slices: TWAP, VWAP and implementation shortfall are curves.
 *
 * @invariant What is planned adds up to what is left, exactly. A slice begins within its part of the time. A slice
 * wants at most `maxCatchUp` times what was planned for it, rounded up.
 */
export class SlicedProgram implements Program {
  readonly isStrict = false;
  readonly #base: BaseTerms;
  readonly #terms: SlicedTerms;
  readonly #curve: CurveOf;
  readonly #rescales: boolean;
  /** When each slice begins, and what is planned for it. */
  #goNs: number[] = [];
  #lots: number[] = [];
  /** The slice that is worked; -1 before the first. */
  #at = -1;
  #target = 0;
  /** What was filled, and printed, when it was planned. */
  #base0 = 0;
  #volume0 = 0;

  constructor(base: BaseTerms, terms: SlicedTerms, curve: CurveOf, rescales = false) {
    this.#base = base;
    this.#terms = terms;
    this.#curve = curve;
    this.#rescales = rescales;
  }

  plan(view: ProgramView, leftLots: number): void {
    const { startNs, endNs } = this.#base;
    const fromNs = Math.max(startNs, view.nowNs);
    const weights = this.#curve(fromNs, endNs, leftLots);
    const count = weights.length;
    this.#goNs = [];
    const { timeJitter, sizeJitter } = this.#terms;
    const period = (endNs - fromNs) / count;
    for (let k = 0; k < count; k++) {
      const late = timeJitter === 0 ? 0 : 2 * timeJitter * view.rng.float();
      const go = Math.floor(fromNs + period * (k + late));
      this.#goNs.push(Math.min(endNs - 1, Math.max(go, this.#goNs.at(-1) ?? fromNs)));
    }
    this.#lots = apportion(leftLots, jittered(weights, sizeJitter, view.rng));
    this.#at = -1;
    this.#base0 = view.filledLots;
    this.#volume0 = view.volumeLots;
    this.#target = view.filledLots;
  }

  targetLots(view: ProgramView): number {
    let at = this.#at;
    while (at + 1 < this.#goNs.length && (this.#goNs[at + 1] as number) <= view.nowNs) at += 1;
    if (at !== this.#at) {
      this.#at = at;
      this.#target = view.filledLots + this.#wanted(at, view);
    }
    return this.#target;
  }

  rung(nowNs: number): Rung {
    const go = this.#goNs[Math.max(0, this.#at)] as number;
    const next = this.#goNs[this.#at + 1] ?? this.#base.endNs;
    return rungAt((nowNs - go) / Math.max(1, next - go), this.#base.urgency);
  }

  nextNs(nowNs: number): number {
    const next = this.#goNs[this.#at + 1] ?? this.#base.endNs;
    if (this.#at < 0) return next;
    const go = this.#goNs[this.#at] as number;
    const patient = (next - go) * (1 - this.#base.urgency);
    for (const each of [Math.ceil(go + patient / 2), Math.ceil(go + patient)]) if (each > nowNs) return each;
    return next;
  }

  /** What slice `at` wants. */
  #wanted(at: number, view: ProgramView): number {
    const planned = this.#lots[at] as number;
    const done = view.filledLots - this.#base0;
    const left = Math.max(0, this.#sum(0) - done);
    const most = Math.ceil(planned * this.#terms.maxCatchUp);
    return Math.max(0, Math.min(this.#uncapped(at, planned, done, left, view), most, left));
  }

  #uncapped(at: number, planned: number, done: number, left: number, view: ProgramView): number {
    if (this.#rescales) return this.#rescaled(at, view) - done;
    if (this.#terms.catchUp === "drop") return planned;
    if (this.#terms.catchUp === "aggressive") return this.#sum(0) - this.#sum(at + 1) - done;
    const rest = this.#sum(at);
    return rest === 0 ? 0 : Math.round(left * (planned / rest));
  }

  /** What should be done by the end of a slice, by how much volume has come and how much is still expected. */
  #rescaled(at: number, view: ProgramView): number {
    const all = this.#sum(0);
    const came = view.volumeLots - this.#volume0;
    const market = this.#base.marketLots;
    const expected = came + market * (this.#sum(at) / all);
    return Math.round(all * Math.min(1, (came + market * ((this.#lots[at] as number) / all)) / expected));
  }

  #sum(from: number): number {
    let sum = 0;
    for (let k = from; k < this.#lots.length; k++) sum += this.#lots[k] as number;
    return sum;
  }

  save(): readonly (number | readonly number[])[] {
    return [this.#at, this.#target, this.#base0, this.#volume0, [...this.#goNs], [...this.#lots]];
  }

  load(saved: readonly (number | readonly number[])[]): void {
    const [at, target, base0, volume0, goNs, lots] = saved;
    this.#at = at as number;
    this.#target = target as number;
    this.#base0 = base0 as number;
    this.#volume0 = volume0 as number;
    this.#goNs = [...(goNs as readonly number[])];
    this.#lots = [...(lots as readonly number[])];
  }
}

function jittered(weights: readonly number[], share: number, rng: Prng): readonly number[] {
  return share === 0 ? weights : weights.map((weight) => weight * (1 + share * (2 * rng.float() - 1)));
}
