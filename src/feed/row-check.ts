import { NO_ASK, NO_BID, TICK_MAX, TICK_MIN } from "../book/index.ts";
import { type DepthBlock, KIND_MASK, LAST, ROW, VALIDATION_CODE } from "../model/index.ts";
import { BOUND, type PriceReference, WHOLE } from "./price-reference.ts";
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
/** What no kind of a level has beside its side, snapshot and last-row bits. */
const OTHERS = 0x3e;

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
  /** Up to how much nothing can be found against a quantity; -1 where each is looked at. */
  readonly #levelPlain: number;
  readonly #tradePlain: number;

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
    this.#levelPlain = this.#isGridded ? -1 : this.#levelMost;
    this.#tradePlain = this.#isGridded ? -1 : this.#tradeMost;
  }

  /** The first row of a message that restates the book, where that empties it. */
  head(block: DepthBlock, from: number, to: number): void {
    this.#trouble(block, from, from, to - 1);
  }

  /** Levels: rows from `start` up to `to` of a message that began at `from`. */
  levels(block: DepthBlock, from: number, to: number, start: number): void {
    const end = to - 1;
    let i = this.#strange(block, from, start, end);
    while (i < end) {
      this.#trouble(block, i, from, end);
      i = this.#strange(block, from, i + 1, end);
    }
    if (end >= start && !this.#isPlainEnd(block, end, from)) this.#trouble(block, end, from, end);
  }

  /** The first row from `start` up to `end` that something may be found against; `end` where there is none. */
  #strange(block: DepthBlock, from: number, start: number, end: number): number {
    const { exch, local, kind, tick, lots } = block;
    const whole = this.#reference.whole;
    const askLeast = whole[WHOLE.askLeast] as number;
    const bidMost = whole[WHOLE.bidMost] as number;
    const least = whole[WHOLE.least] as number;
    const most = this.#levelPlain;
    const exchNs = exch[from] as number;
    const localNs = local[from] as number;
    // No call within: what the loop needs of the columns stays in registers.
    for (let i = start; i < end; i++) {
      const what = kind[i] as number;
      const price = tick[i] as number;
      const size = lots[i] as number;
      if ((what & (LAST | OTHERS)) !== 0) return i;
      if ((what & 1) === 0) {
        if (price < least || price > bidMost) return i;
      } else if (price < askLeast || price > TICK_MAX) return i;
      if (!(size >= 0 && size <= most && Math.floor(size) === size)) return i;
      if (exch[i] !== exchNs || local[i] !== localNs) return i;
    }
    return end;
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

  /** The last row is like the others, but for the bit that says so. */
  #isPlainEnd(block: DepthBlock, i: number, from: number): boolean {
    const whole = this.#reference.whole;
    const price = block.tick[i] as number;
    const size = block.lots[i] as number;
    const what = block.kind[i] as number;
    const isAsk = (what & 1) === 1;
    return (
      (what & (LAST | OTHERS)) === LAST &&
      price >= (whole[isAsk ? WHOLE.askLeast : WHOLE.least] as number) &&
      price <= (isAsk ? TICK_MAX : (whole[WHOLE.bidMost] as number)) &&
      size >= 0 &&
      size <= this.#levelPlain &&
      Math.floor(size) === size &&
      block.exch[i] === block.exch[from] &&
      block.local[i] === block.local[from]
    );
  }

  /** Whether rows are a best bid and a best ask that nothing can be found against, at a glance. */
  isPlainQuote(block: DepthBlock, from: number, to: number): boolean {
    if (to - from !== 2) return false;
    const next = from + 1;
    const { exch, local, kind, tick, lots } = block;
    const whole = this.#reference.whole;
    const low = whole[WHOLE.askLeast] as number;
    const high = whole[WHOLE.bidMost] as number;
    const bid = tick[from] as number;
    const ask = tick[next] as number;
    const bidLots = lots[from] as number;
    const askLots = lots[next] as number;
    const most = this.#levelPlain;
    return (
      kind[from] === ROW.quoteBid &&
      kind[next] === (ROW.quoteAsk | LAST) &&
      bid >= low &&
      bid <= high &&
      ask >= low &&
      ask <= high &&
      bidLots > 0 &&
      bidLots <= most &&
      Math.floor(bidLots) === bidLots &&
      askLots > 0 &&
      askLots <= most &&
      Math.floor(askLots) === askLots &&
      exch[from] === exch[next] &&
      local[from] === local[next]
    );
  }

  /** Whether a row, of a kind of trade, is a trade that nothing can be found against, at a glance. */
  isPlainTrade(block: DepthBlock, from: number, to: number): boolean {
    if (to - from !== 1) return false;
    const whole = this.#reference.whole;
    const price = block.tick[from] as number;
    const size = block.lots[from] as number;
    return (
      ((block.kind[from] as number) & LAST) !== 0 &&
      price >= (whole[WHOLE.askLeast] as number) &&
      price <= (whole[WHOLE.bidMost] as number) &&
      size > 0 &&
      size <= this.#tradePlain &&
      Math.floor(size) === size &&
      !this.#isOutside(price)
    );
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

  #outside(price: number): void {
    if (this.#isOutside(price)) this.#findings.raise(OUTSIDE);
  }

  /** A trade outside of the last best bid and ask: of the quotes where there are any, else of the book. */
  #isOutside(price: number): boolean {
    const touch = this.#touch;
    const which =
      touch.bid(TOUCH.quotes) === NO_BID || touch.ask(TOUCH.quotes) === NO_ASK ? TOUCH.book : TOUCH.quotes;
    const bid = touch.bid(which);
    const ask = touch.ask(which);
    if (bid === NO_BID || ask === NO_ASK || (price >= bid && price <= ask) || bid >= ask) return false;
    const sum = bid + ask;
    const room = ((sum < 0 ? -sum : sum) * this.#parameters.tradeOutsideBpsMax) / 20_000;
    return price < bid - room || price > ask + room;
  }
}
