import type { Rung } from "./child-price.ts";
import type { AuctionShares, BaseTerms } from "./parent-terms.ts";
import type { Program, ProgramView } from "./program.ts";

const [OPENING, BETWEEN, CLOSING] = [0, 1, 2];

/**
 * Gives auctions their shares of a parent: what is for the opening rests at the limit until that is over, what is
 * between is worked by another program, and the closing gets its share with what was left.
 *
 * @invariant Between the auctions nothing of the closing's share is sent.
 */
export class AuctionedProgram implements Program {
  readonly isStrict = false;
  readonly #base: BaseTerms;
  readonly #shares: AuctionShares;
  readonly #keepsShare: boolean;
  readonly #inner: Program;
  #phase = -1;
  /** Up to where the auction that is called may go, and what is kept for the closing. */
  #target = 0;
  #closingLots = 0;

  /** `inner` is for the time between; `keepsShare`: the closing gets its share and no more. */
  constructor(base: BaseTerms, shares: AuctionShares, inner: Program, keepsShare: boolean) {
    this.#base = base;
    this.#shares = shares;
    this.#inner = inner;
    this.#keepsShare = keepsShare;
  }

  plan(view: ProgramView, leftLots: number): void {
    const { lots } = this.#base;
    this.#closingLots = Math.min(leftLots, Math.round(lots * this.#shares.closing));
    this.#phase = -1;
    this.#enter(view);
  }

  targetLots(view: ProgramView): number {
    if (this.#phaseAt(view.nowNs) !== this.#phase) this.#enter(view);
    return this.#phase === BETWEEN ? this.#inner.targetLots(view) : this.#target;
  }

  rung(nowNs: number): Rung {
    return this.#phaseAt(nowNs) === BETWEEN ? this.#inner.rung(nowNs) : "limit";
  }

  nextNs(nowNs: number): number {
    const { untilNs, fromNs } = this.#shares;
    const phase = this.#phaseAt(nowNs);
    if (phase === OPENING) return untilNs;
    if (phase === CLOSING) return Number.POSITIVE_INFINITY;
    const next = this.#phase === BETWEEN ? this.#inner.nextNs(nowNs) : Number.POSITIVE_INFINITY;
    return Math.min(next, fromNs);
  }

  auction(nowNs: number): "atOpen" | "atClose" | undefined {
    const phase = this.#phaseAt(nowNs);
    return phase === BETWEEN ? undefined : phase === OPENING ? "atOpen" : "atClose";
  }

  save(): readonly (number | readonly number[])[] {
    return [this.#phase, this.#target, this.#closingLots, ...this.#inner.save()];
  }

  load(saved: readonly (number | readonly number[])[]): void {
    const [phase, target, closingLots, ...inner] = saved;
    this.#phase = phase as number;
    this.#target = target as number;
    this.#closingLots = closingLots as number;
    this.#inner.load(inner);
  }

  #phaseAt(nowNs: number): number {
    if (nowNs < this.#shares.untilNs) return OPENING;
    return nowNs < this.#shares.fromNs ? BETWEEN : CLOSING;
  }

  #enter(view: ProgramView): void {
    this.#phase = this.#phaseAt(view.nowNs);
    const { lots } = this.#base;
    const left = Math.max(0, lots - view.filledLots);
    if (this.#phase === OPENING) {
      this.#target = Math.round(lots * this.#shares.opening);
    } else if (this.#phase === BETWEEN) {
      this.#inner.plan(view, Math.max(0, left - this.#closingLots));
    } else this.#target = this.#keepsShare ? view.filledLots + Math.min(left, this.#closingLots) : lots;
  }
}
