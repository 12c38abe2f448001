import { NO_ASK, NO_BID, type OrderBook, TICK_MAX, TICK_MIN } from "../book/index.ts";
import { VALIDATION_CODE } from "../model/index.ts";
import { BOUND, PriceReference, type SavedPriceReference } from "./price-reference.ts";
import { SlidingMedian } from "./sliding-median.ts";
import { AGREEMENT, type SourceBoard } from "./source-board.ts";
import type { Findings } from "./validation-findings.ts";
import type { ValidationParameters } from "./validation-options.ts";

const OUTLIER = VALIDATION_CODE.FEED_PRICE_OUTLIER;
const ABSURD = VALIDATION_CODE.FEED_PRICE_ABSURD;
const CROSSED = VALIDATION_CODE.FEED_SPREAD_CROSSED;
const LOCKED = VALIDATION_CODE.FEED_SPREAD_LOCKED;
const WIDE = VALIDATION_CODE.FEED_SPREAD_WIDE;
const ONE_SIDED = VALIDATION_CODE.FEED_SPREAD_ONE_SIDED;
const DIFFER = VALIDATION_CODE.FEED_SOURCES_DIFFER;
const OUTVOTED = VALIDATION_CODE.FEED_SOURCE_OUTVOTED;

/** Spreads seen before their median counts. */
const WARM = 8;

/** Which touch is meant: that of the book, or that of the quote channel. */
export const TOUCH = { book: 0, quotes: 1 } as const;

/**
 * Best bid and ask, of the book and of the quote channel: crossed, locked, wide, one-sided, their mid against the
 * reference and against other sources. What is sound moves the reference.
 *
 * A touch that is what it was, and was sound, is not judged again.
 */
export class TouchCheck {
  readonly reference: PriceReference;
  readonly #findings: Findings;
  readonly #nowNs: Float64Array;
  readonly #spreads: SlidingMedian;
  readonly #board: SourceBoard | undefined;
  readonly #source: number;
  readonly #medians: number;
  readonly #bpsMax: number;
  readonly #leave: number;
  readonly #reanchorAlone: number;
  /** Best bid and ask of the book, then of the quotes. */
  readonly #touch = new Int32Array([NO_BID, NO_ASK, NO_BID, NO_ASK]);
  /** The first outlier of a message, in doubled ticks. */
  readonly #outlier = new Float64Array(1);
  readonly #isBad = new Uint8Array(2);
  readonly #isWide = new Uint8Array(2);
  readonly #isNear = (left: number, right: number): boolean => this.reference.isNear(left, right);
  #mayCross = false;
  #mayBeOneSided = false;

  constructor(
    findings: Findings,
    parameters: ValidationParameters,
    nowNs: Float64Array,
    board?: SourceBoard,
    source = 0,
  ) {
    this.#findings = findings;
    this.#nowNs = nowNs;
    this.#board = board;
    this.#source = source;
    this.#medians = parameters.spreadMedians;
    this.#bpsMax = parameters.spreadBpsMax;
    this.#leave = parameters.leaveShare;
    this.#reanchorAlone = parameters.reanchorAlone;
    this.#spreads = new SlidingMedian(parameters.spreadSamples);
    this.reference = new PriceReference({
      samples: parameters.priceSamples,
      hardRatio: parameters.priceRatioMax,
      sigmas: parameters.priceSigmas,
      band: parameters.priceBand,
      bandTicks: parameters.priceBandTicks,
      leaveShare: parameters.leaveShare,
      isSigned: parameters.isSigned,
    });
  }

  get spreadMedian(): number {
    return this.#spreads.median;
  }

  bid(which: number): number {
    return this.#touch[2 * which] as number;
  }

  ask(which: number): number {
    return this.#touch[2 * which + 1] as number;
  }

  /** Judges a touch that has been taken over. */
  judge(which: number, bid: number, ask: number): void {
    const at = 2 * which;
    const touch = this.#touch;
    const board = this.#board;
    if (board !== undefined) board.alive(this.#source, this.#nowNs[0] as number);
    if (touch[at] === bid && touch[at + 1] === ask && this.#isBad[which] === 0) return;
    touch[at] = bid;
    touch[at + 1] = ask;
    this.#isBad[which] = 0;
    if (bid === NO_BID || ask === NO_ASK) {
      if (!this.#mayBeOneSided) this.#bad(which, ONE_SIDED);
      return;
    }
    if (bid >= ask) {
      if (!this.#mayCross) this.#bad(which, bid > ask ? CROSSED : LOCKED);
      return;
    }
    this.#spread(which, bid, ask);
    this.#mid(which, bid + ask);
  }

  /** Raises a price beyond its bounds; the first of a message stands for it. */
  outlier(twice: number, isAbsurd: boolean): void {
    const findings = this.#findings;
    if (!findings.isRaised(OUTLIER) && !findings.isRaised(ABSURD)) this.#outlier[0] = twice;
    findings.raise(isAbsurd ? ABSURD : OUTLIER);
  }

  /** The end of a message with an outlier: two in a row of two sources that agree, or enough of one, are the price. */
  settleOutlier(): void {
    const reference = this.reference;
    const twice = this.#outlier[0] as number;
    const count = reference.outlier(twice);
    const isShared = this.#board?.outlier(this.#source, twice, this.#isNear) === true;
    if (!isShared && (this.#reanchorAlone === 0 || count < this.#reanchorAlone)) return;
    reference.anchor(twice);
    this.#spreads.clear();
  }

  /** A price that nothing was found against. */
  accepted(twice: number): void {
    if (this.#findings.isRaised(OUTLIER) || this.#findings.isRaised(ABSURD)) return;
    this.reference.push(twice);
    this.#board?.accepted();
  }

  /** What the phase of trading allows. */
  setPhase(mayCross: boolean, mayBeOneSided: boolean): void {
    this.#mayCross = mayCross;
    this.#mayBeOneSided = mayBeOneSided;
    this.#isBad.fill(1);
  }

  /** Forgets prices and spreads; a known new reference may be given. */
  reset(twice: number): void {
    this.#touch.set([NO_BID, NO_ASK, NO_BID, NO_ASK]);
    this.#isBad.fill(0);
    this.#isWide.fill(0);
    this.#spreads.clear();
    this.reference.clear();
    if (!Number.isNaN(twice)) this.reference.anchor(twice);
  }

  save(): SavedTouchCheck {
    return {
      touch: [...this.#touch],
      bad: [...this.#isBad],
      wide: [...this.#isWide],
      phase: [this.#mayCross, this.#mayBeOneSided],
      spreads: this.#spreads.save(),
      reference: this.reference.save(),
    };
  }

  load(saved: SavedTouchCheck): void {
    this.#touch.set(saved.touch);
    this.#isBad.set(saved.bad);
    this.#isWide.set(saved.wide);
    [this.#mayCross, this.#mayBeOneSided] = saved.phase;
    this.#spreads.load(saved.spreads);
    this.reference.load(saved.reference);
  }

  #bad(which: number, reason: number): void {
    this.#isBad[which] = 1;
    this.#findings.raise(reason);
  }

  #spread(which: number, bid: number, ask: number): void {
    const spread = ask - bid;
    const spreads = this.#spreads;
    const sum = bid + ask;
    const byPrice = ((sum < 0 ? -sum : sum) * this.#bpsMax) / 20_000;
    const isWide = this.#isWide[which] === 1;
    // Nearly every spread is within what is allowed at least, and then the median says nothing more.
    if (spread > byPrice * (isWide ? this.#leave : 1) && spreads.count >= WARM) {
      const byMedian = this.#medians * spreads.median;
      const limit = byMedian > byPrice ? byMedian : byPrice;
      if (spread > (isWide ? limit * this.#leave : limit)) {
        this.#isWide[which] = 1;
        this.#bad(which, WIDE);
      } else this.#isWide[which] = 0;
    } else this.#isWide[which] = 0;
    spreads.push(spread);
  }

  #mid(which: number, twice: number): void {
    const reference = this.reference;
    const board = this.#board;
    // Before it moves the reference: a jump must not widen what is allowed to itself.
    const said =
      board === undefined
        ? AGREEMENT.agrees
        : board.judge(this.#source, twice, reference.sigmaTwice, this.#nowNs[0] as number);
    const bounds = reference.bounds;
    if (twice < 2 * (bounds[BOUND.low] as number) || twice > 2 * (bounds[BOUND.high] as number)) {
      this.#isBad[which] = 1;
      this.outlier(twice, false);
    } else if (said !== AGREEMENT.outvoted) this.accepted(twice);
    if (said !== AGREEMENT.agrees) this.#bad(which, said === AGREEMENT.differs ? DIFFER : OUTVOTED);
  }
}

/** What a `TouchCheck` keeps over a restart. */
export interface SavedTouchCheck {
  readonly touch: readonly number[];
  readonly bad: readonly number[];
  readonly wide: readonly number[];
  readonly phase: readonly [mayCross: boolean, mayBeOneSided: boolean];
  readonly spreads: readonly number[];
  readonly reference: SavedPriceReference;
}

/** The highest bid that the feed has told, shown or hidden by the book. O(pages). */
export function highestBid(book: OrderBook): number {
  return book.bids.below(TICK_MAX + 1, TICK_MIN);
}

/** The lowest ask that the feed has told, shown or hidden by the book. O(pages). */
export function lowestAsk(book: OrderBook): number {
  return book.asks.above(TICK_MIN - 1, TICK_MAX);
}
