import type { Prng } from "../base/index.ts";
import { apportion } from "./apportion.ts";
import { type Rung, rungAt } from "./child-price.ts";
import { NEVER } from "./never.ts";
import type { BaseTerms, SlicedTerms } from "./parent-terms.ts";
import type { Program, ProgramView } from "./program.ts";

/** A curve of quantity over time: weights of equal parts of what is left of the time. */
export type CurveOf = (fromNs: number, toNs: number, lots: number) => readonly number[];

/** How closely a curve is followed: shares of the whole, 1 for none. */
export interface CurveBand {
  readonly rescales: boolean;
  readonly lookbackNs: number;
  readonly lead: number;
  readonly lag: number;
}

const NO_BAND: CurveBand = { rescales: false, lookbackNs: 0, lead: 1, lag: 1 };
/** What is still expected is at least this part of what was planned, however little volume came of late. */
const RATE_LEAST = 0.1;

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
  readonly #band: CurveBand;
  /** When each slice begins, and what is planned for it. */
  #goNs: number[] = [];
  #lots: number[] = [];
  /** The slice that is worked; -1 before the first. */
  #at = -1;
  #target = 0;
  /** What was filled, and printed, when it was planned. */
  #base0 = 0;
  #volume0 = 0;
  /** Volume when each slice began. */
  #came: number[] = [];
  #isLate = false;

  constructor(base: BaseTerms, terms: SlicedTerms, curve: CurveOf, band: CurveBand = NO_BAND) {
    this.#base = base;
    this.#terms = terms;
    this.#curve = curve;
    this.#band = band;
  }

  /** The slice that is worked; -1 before the first. */
  get at(): number {
    return this.#at;
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
    this.#came = [];
    this.#isLate = false;
  }

  targetLots(view: ProgramView): number {
    let at = this.#at;
    while (at + 1 < this.#goNs.length && (this.#goNs[at + 1] as number) <= view.nowNs) at += 1;
    if (at !== this.#at) {
      this.#at = at;
      while (this.#came.length <= at) this.#came.push(view.volumeLots);
      this.#target = view.filledLots + this.#wanted(at, view);
    }
    const { lead, lag } = this.#band;
    if (lead === 1 && lag === 1) return this.#target;
    const all = this.#sum(0);
    const planned = this.#base0 + this.#curveLots(view.nowNs);
    this.#isLate = lag < 1 && planned - view.filledLots > lag * all;
    return lead === 1 ? this.#target : Math.min(this.#target, Math.floor(planned + lead * all));
  }

  rung(nowNs: number): Rung {
    if (this.#isLate) return "cross";
    const go = this.#goNs[Math.max(0, this.#at)] as number;
    const next = this.#goNs[this.#at + 1] ?? this.#base.endNs;
    return rungAt((nowNs - go) / Math.max(1, next - go), this.#base.urgency);
  }

  nextNs(nowNs: number): number {
    const next = this.#goNs[this.#at + 1] ?? this.#base.endNs;
    if (this.#at < 0) return next;
    const go = this.#goNs[this.#at] as number;
    const patient = (next - go) * (1 - this.#base.urgency);
    const moments = [go + patient / 2, go + patient];
    // The curve goes on within a slice: a band is looked at four times.
    const { lead, lag } = this.#band;
    if (lead < 1 || lag < 1) for (let k = 1; k < 4; k++) moments.push(go + ((next - go) * k) / 4);
    return Math.min(...moments.map(Math.ceil).filter((each) => each > nowNs), next);
  }

  /** What the curve has come to by a moment. */
  #curveLots(nowNs: number): number {
    if (this.#at < 0) return 0;
    const go = this.#goNs[this.#at] as number;
    const next = this.#goNs[this.#at + 1] ?? this.#base.endNs;
    const share = Math.min(1, Math.max(0, (nowNs - go) / Math.max(1, next - go)));
    return this.#sum(0) - this.#sum(this.#at) + (this.#lots[this.#at] as number) * share;
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
    if (this.#band.rescales) return this.#rescaled(at, view) - done;
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
    const rate = this.#rate(at, view, market);
    const expected = came + rate * market * (this.#sum(at) / all);
    const due = came + rate * market * ((this.#lots[at] as number) / all);
    return Math.round(all * Math.min(1, due / expected));
  }

  /** How much volume came within the lookback, as a part of what the curve expected then. */
  #rate(at: number, view: ProgramView, market: number): number {
    const fromNs = view.nowNs - this.#band.lookbackNs;
    const first = this.#goNs.findIndex((go) => go >= fromNs);
    if (this.#band.lookbackNs === NEVER || first < 0 || first >= at) return 1;
    const planned = (market * (this.#sum(first) - this.#sum(at))) / this.#sum(0);
    const came = view.volumeLots - (this.#came[first] as number);
    return planned > 0 ? Math.max(RATE_LEAST, came / planned) : 1;
  }

  #sum(from: number): number {
    let sum = 0;
    for (let k = from; k < this.#lots.length; k++) sum += this.#lots[k] as number;
    return sum;
  }

  save(): readonly (number | readonly number[])[] {
    return [
      this.#at,
      this.#target,
      this.#base0,
      this.#volume0,
      [...this.#goNs],
      [...this.#lots],
      [...this.#came],
    ];
  }

  load(saved: readonly (number | readonly number[])[]): void {
    const [at, target, base0, volume0, goNs, lots, came] = saved;
    this.#at = at as number;
    this.#target = target as number;
    this.#base0 = base0 as number;
    this.#volume0 = volume0 as number;
    this.#goNs = [...(goNs as readonly number[])];
    this.#lots = [...(lots as readonly number[])];
    this.#came = [...(came as readonly number[])];
  }
}

function jittered(weights: readonly number[], share: number, rng: Prng): readonly number[] {
  return share === 0 ? weights : weights.map((weight) => weight * (1 + share * (2 * rng.float() - 1)));
}
