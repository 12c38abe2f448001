import { checkInteger } from "../base/index.ts";

/** How old a price may be and still be a reference, in ns. */
export interface ReferenceAges {
  /** Of bid and ask; 5 s unless given. */
  readonly quoteNs?: number;
  /** Of the last trade; 60 s unless given. */
  readonly tradeNs?: number;
  /** Of the last close or auction price; 5 days unless given. */
  readonly closeNs?: number;
}

/** Where a reference came from. */
export const REFERENCE_SOURCE = { none: 0, mid: 1, last: 2, close: 3 } as const;

const SECOND = 1e9;

/**
 * What each instrument is worth for the price checks: the mid of a valid and fresh book, else the last trade,
 * else the last close, each only within its age.
 *
 * @units prices in ticks; references doubled (a mid may lie between two ticks); times in ns
 * @invariant A price from the future, one that is too old and a book that is crossed, locked or one-sided is no
 * reference.
 */
export class ReferencePrices {
  readonly bidTicks: Float64Array;
  readonly askTicks: Float64Array;
  readonly quoteNs: Float64Array;
  readonly lastTicks: Float64Array;
  readonly lastNs: Float64Array;
  readonly closeTicks: Float64Array;
  readonly closeNs: Float64Array;
  readonly #quoteAge: number;
  readonly #lastAge: number;
  readonly #closeAge: number;

  constructor(instruments: number, ages: ReferenceAges) {
    const column = (): Float64Array => new Float64Array(instruments).fill(Number.NaN);
    this.bidTicks = column();
    this.askTicks = column();
    this.quoteNs = column();
    this.lastTicks = column();
    this.lastNs = column();
    this.closeTicks = column();
    this.closeNs = column();
    this.#quoteAge = checkInteger("riskGate.ages.quoteNs", ages.quoteNs ?? 5 * SECOND, 0);
    this.#lastAge = checkInteger("riskGate.ages.tradeNs", ages.tradeNs ?? 60 * SECOND, 0);
    this.#closeAge = checkInteger("riskGate.ages.closeNs", ages.closeNs ?? 5 * 86_400 * SECOND, 0);
  }

  /** Whether there is a fresh book with its bid below its ask. */
  hasBook(i: number, nowNs: number): boolean {
    const age = nowNs - (this.quoteNs[i] as number);
    return age >= 0 && age <= this.#quoteAge && (this.bidTicks[i] as number) < (this.askTicks[i] as number);
  }

  /** Twice the reference price; NaN where there is none. */
  twice(i: number, nowNs: number): number {
    switch (this.source(i, nowNs)) {
      case REFERENCE_SOURCE.mid:
        return (this.bidTicks[i] as number) + (this.askTicks[i] as number);
      case REFERENCE_SOURCE.last:
        return 2 * (this.lastTicks[i] as number);
      case REFERENCE_SOURCE.close:
        return 2 * (this.closeTicks[i] as number);
      default:
        return Number.NaN;
    }
  }

  /** A code of {@link REFERENCE_SOURCE}. */
  source(i: number, nowNs: number): number {
    if (this.hasBook(i, nowNs)) return REFERENCE_SOURCE.mid;
    const lastAge = nowNs - (this.lastNs[i] as number);
    if (lastAge >= 0 && lastAge <= this.#lastAge) return REFERENCE_SOURCE.last;
    const closeAge = nowNs - (this.closeNs[i] as number);
    if (closeAge >= 0 && closeAge <= this.#closeAge) return REFERENCE_SOURCE.close;
    return REFERENCE_SOURCE.none;
  }
}
