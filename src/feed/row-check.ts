import { NO_ASK, NO_BID, TICK_MAX, TICK_MIN } from "../book/index.ts";
import { type DepthBlock, KIND_MASK, LAST, ROW, VALIDATION_CODE } from "../model/index.ts";
import { BOUND, type PriceReference } from "./price-reference.ts";
import { TOUCH, type TouchCheck } from "./touch-check.ts";
import type { Findings } from "./validation-findings.ts";
import type { ValidationParameters } from "./validation-options.ts";

const UNKNOWN = VALIDATION_CODE.FEED_ROW_UNKNOWN;
const MIXED = VALIDATION_CODE.FEED_ROW_MIXED;
const UNFINISHED = VALIDATION_CODE.FEED_MESSAGE_UNFINISHED;
const RANGE = VALIDATION_CODE.FEED_PRICE_RANGE;
const NOT_POSITIVE = VALIDATION_CODE.FEED_PRICE_NOT_POSITIVE;
const OFF_GRID = VALIDATION_CODE.FEED_PRICE_OFF_GRID;
const BAND = VALIDATION_CODE.FEED_PRICE_BAND;
const TIME_INVALID = VALIDATION_CODE.FEED_TIME_INVALID;
const VOLUME_INVALID = VALIDATION_CODE.FEED_VOLUME_INVALID;
const OFF_LOT = VALIDATION_CODE.FEED_VOLUME_OFF_LOT;
const LARGE = VALIDATION_CODE.FEED_VOLUME_LARGE;
const DAY_SHARE = VALIDATION_CODE.FEED_VOLUME_DAY_SHARE;
const LEVEL = VALIDATION_CODE.FEED_VOLUME_LEVEL;
const ORDER = VALIDATION_CODE.FEED_LEVEL_ORDER;
const DEPTH = VALIDATION_CODE.FEED_DEPTH_EXCEEDED;
const OUTSIDE = VALIDATION_CODE.FEED_TRADE_OUTSIDE;

/** What the rows of a message are about; the first four have sequence numbers of their own. */
export const CHANNEL = { none: 0, depth: 1, trades: 2, quotes: 3, other: 4, gap: 5 } as const;

const { none, depth, trades, quotes, other, gap } = CHANNEL;

/** The channel of each kind of row, by the bits of the kind. */
const CHANNELS = Uint8Array.from({ length: 32 }, (_, kind) => {
  const known = [depth, depth, trades, trades, trades, depth, quotes, quotes, other, other, gap, other];
  return known[kind] ?? none;
});

const STRAY = 0x20;

/** The channel of a row by its kind; `none` for a kind that is no row's. */
export function channelOf(kind: number): number {
  return (kind & STRAY) === 0 ? (CHANNELS[kind & KIND_MASK] as number) : none;
}

/**
 * The rows of one message: kinds, prices and quantities, each against its bounds. The loops pass rows that nothing
 * can be found against; all others go to a cold method, which names the reasons.
 *
 * A resting level is an outlier only on the side where it would trade: a bid too high, an ask too low. Far levels
 * behind the market are usual.
 */
export class RowCheck {
  readonly #findings: Findings;
  readonly #touch: TouchCheck;
  readonly #reference: PriceReference;
  readonly #parameters: ValidationParameters;
  readonly #least: number;
  readonly #levelMost: number;
  readonly #tradeMost: number;
  readonly #dayMost: number;
  readonly #isGridded: boolean;

  constructor(findings: Findings, touch: TouchCheck, parameters: ValidationParameters) {
    this.#findings = findings;
    this.#touch = touch;
    this.#reference = touch.reference;
    this.#parameters = parameters;
    this.#least = parameters.isSigned ? TICK_MIN : 1;
    this.#levelMost = parameters.levelLotsMax;
    this.#dayMost = parameters.dayLots * parameters.dayShareMax;
    this.#tradeMost = Math.min(parameters.tradeLotsMax, this.#dayMost);
    this.#isGridded = parameters.tickMultiple > 1 || parameters.lotMultiple > 1;
  }

  /** The first row of a message that restates the book, where that empties it. */
  head(block: DepthBlock, from: number, to: number): void {
    this.#trouble(block, from, from, to - 1);
  }

  /** Levels: rows from `start` up to `to` of a message that began at `from`. */
  levels(block: DepthBlock, from: number, to: number, start: number): void {
    const { exch, local, kind, tick, lots } = block;
    const bounds = this.#reference.bounds;
    const askLeast = bounds[BOUND.askLeast] as number;
    const bidMost = bounds[BOUND.bidMost] as number;
    const least = this.#least;
    const levelMost = this.#levelMost;
    const isGridded = this.#isGridded;
    const exchNs = exch[from] as number;
    const localNs = local[from] as number;
    const end = to - 1;
    for (let i = start; i < to; i++) {
      const what = kind[i] as number;
      const price = tick[i] as number;
      const size = lots[i] as number;
      // What is left of a level's kind without side and snapshot: nothing, but for the last row.
      const isPlain =
        (what & 0xbe) === (i === end ? LAST : 0) &&
        size >>> 0 === size &&
        size <= levelMost &&
        ((what & 1) === 0 ? price >= least && price <= bidMost : price >= askLeast && price <= TICK_MAX) &&
        price >= least &&
        exch[i] === exchNs &&
        local[i] === localNs;
      if (!isPlain || isGridded) this.#trouble(block, i, from, end);
    }
  }

  /** Whether the sides of a snapshot are in order, best first, and none is too deep. */
  order(block: DepthBlock, from: number, to: number): void {
    let bids = 0;
    let asks = 0;
    let bid = Number.POSITIVE_INFINITY;
    let ask = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const price = block.tick[i] as number;
      const what = (block.kind[i] as number) & (KIND_MASK | STRAY);
      if (what === ROW.bid) {
        if (price >= bid) this.#findings.raise(ORDER);
        bid = price;
        bids++;
      } else if (what === ROW.ask) {
        if (price <= ask) this.#findings.raise(ORDER);
        ask = price;
        asks++;
      }
    }
    const { depthMax } = this.#parameters;
    if (bids > depthMax || asks > depthMax) this.#findings.raise(DEPTH);
  }

  /** Trades; `isBlock` where a condition says that a trade may be as large as it is, and anywhere. */
  trades(block: DepthBlock, from: number, to: number, isBlock: boolean): void {
    const bounds = this.#reference.bounds;
    const low = Math.max(bounds[BOUND.askLeast] as number, this.#least);
    const high = bounds[BOUND.bidMost] as number;
    const end = to - 1;
    for (let i = from; i < to; i++) {
      const what = block.kind[i] as number;
      const price = block.tick[i] as number;
      const size = block.lots[i] as number;
      const isPlain =
        CHANNELS[what & KIND_MASK] === trades &&
        (what & (LAST | STRAY)) === (i === end ? LAST : 0) &&
        size >>> 0 === size &&
        size > 0 &&
        size <= this.#tradeMost &&
        price >= low &&
        price <= high &&
        block.exch[i] === block.exch[from] &&
        block.local[i] === block.local[from];
      if (!isPlain || this.#isGridded) this.#trouble(block, i, from, end, isBlock);
      else if (!isBlock) this.#outside(price);
    }
  }

  /** Quotes: what the channel says of best bid and ask; 0 lots are none. */
  quotes(block: DepthBlock, from: number, to: number): void {
    const bounds = this.#reference.bounds;
    const low = Math.max(bounds[BOUND.askLeast] as number, this.#least);
    const high = bounds[BOUND.bidMost] as number;
    const end = to - 1;
    for (let i = from; i < to; i++) {
      const what = block.kind[i] as number;
      const price = block.tick[i] as number;
      const size = block.lots[i] as number;
      const isPlain =
        (what & 0xbe) === (i === end ? LAST | ROW.quoteBid : ROW.quoteBid) &&
        size >>> 0 === size &&
        size <= this.#levelMost &&
        price >= low &&
        price <= high &&
        block.exch[i] === block.exch[from] &&
        block.local[i] === block.local[from];
      if (!isPlain || this.#isGridded) this.#trouble(block, i, from, end);
    }
  }

  /** Everything else: a mark price, a rate, the word of another validator. */
  others(block: DepthBlock, from: number, to: number): void {
    for (let i = from; i < to; i++) this.#trouble(block, i, from, to - 1);
  }

  #trouble(block: DepthBlock, i: number, from: number, end: number, isBlock = false): void {
    const findings = this.#findings;
    const what = block.kind[i] as number;
    const kind = what & KIND_MASK;
    const channel = channelOf(what);
    if (channel === none) {
      findings.raise(UNKNOWN);
      return;
    }
    if (channel !== channelOf(block.kind[from] as number) || (kind === ROW.clear && i !== from))
      findings.raise(MIXED);
    if (((what & LAST) !== 0) !== (i === end)) findings.raise(UNFINISHED);
    if (block.exch[i] !== block.exch[from] || block.local[i] !== block.local[from])
      findings.raise(TIME_INVALID);
    if (kind === ROW.clear) return;
    if (channel > quotes) {
      this.#otherValue(kind, block.tick[i] as number, block.lots[i] as number);
      return;
    }
    this.#size(channel, block.lots[i] as number, isBlock);
    this.#price(kind, block.tick[i] as number, block.lots[i] as number, isBlock);
    if (channel === trades && !isBlock) this.#outside(block.tick[i] as number);
  }

  #otherValue(kind: number, price: number, size: number): void {
    if (kind === ROW.mark && !(price >= this.#least && price <= TICK_MAX)) this.#findings.raise(RANGE);
    if (kind === ROW.funding && !Number.isSafeInteger(size)) this.#findings.raise(VOLUME_INVALID);
  }

  #size(channel: number, size: number, isBlock: boolean): void {
    const findings = this.#findings;
    if (!Number.isSafeInteger(size) || size < (channel === trades ? 1 : 0)) {
      findings.raise(VOLUME_INVALID);
      return;
    }
    const { tradeLotsMax, lotMultiple } = this.#parameters;
    if (size % lotMultiple !== 0) findings.raise(OFF_LOT);
    if (channel !== trades) {
      if (size > this.#levelMost) findings.raise(LEVEL);
    } else if (!isBlock) {
      if (size > tradeLotsMax) findings.raise(LARGE);
      if (size > this.#dayMost) findings.raise(DAY_SHARE);
    }
  }

  #price(kind: number, price: number, size: number, isBlock: boolean): void {
    const findings = this.#findings;
    const isNone = size === 0 && (kind === ROW.quoteBid || kind === ROW.quoteAsk);
    if (isNone) return;
    if (!(price >= TICK_MIN && price <= TICK_MAX)) {
      findings.raise(RANGE);
      return;
    }
    if (price < this.#least) {
      findings.raise(NOT_POSITIVE);
      return;
    }
    if (price % this.#parameters.tickMultiple !== 0) findings.raise(OFF_GRID);
    if (size === 0) return; // taking a level away can only mend
    const bounds = this.#reference.bounds;
    const isLow = kind !== ROW.bid;
    const isHigh = kind !== ROW.ask;
    if (this.#isBanned(price, isLow, isHigh)) findings.raise(BAND);
    if (isBlock) return;
    const isAbsurd =
      (isLow && price < (bounds[BOUND.hardLow] as number)) ||
      (isHigh && price > (bounds[BOUND.hardHigh] as number));
    const isOut =
      isAbsurd ||
      (isLow && price < (bounds[BOUND.low] as number)) ||
      (isHigh && price > (bounds[BOUND.high] as number));
    if (isOut) this.#touch.outlier(2 * price, isAbsurd);
  }

  #isBanned(price: number, isLow: boolean, isHigh: boolean): boolean {
    return (isLow && this.#reference.isBelowBand(price)) || (isHigh && this.#reference.isAboveBand(price));
  }

  /** A trade outside of the last best bid and ask: of the quotes where there are any, else of the book. */
  #outside(price: number): void {
    const touch = this.#touch;
    const which =
      touch.bid(TOUCH.quotes) === NO_BID || touch.ask(TOUCH.quotes) === NO_ASK ? TOUCH.book : TOUCH.quotes;
    const bid = touch.bid(which);
    const ask = touch.ask(which);
    if (bid === NO_BID || ask === NO_ASK || (price >= bid && price <= ask) || bid >= ask) return;
    const sum = bid + ask;
    const room = ((sum < 0 ? -sum : sum) * this.#parameters.tradeOutsideBpsMax) / 20_000;
    if (price < bid - room || price > ask + room) this.#findings.raise(OUTSIDE);
  }
}
