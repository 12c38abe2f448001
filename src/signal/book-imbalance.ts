import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import { MAX_TICKS } from "../model/index.ts";
import { checkSample, checkSizeSample, inputFault } from "./indicator.ts";

/**
 * The share of the best bid in the size of both best quotes: 0.5 is balance, 1 is all bid. 0.5 where both
 * are empty.
 *
 * @units within 0 and 1
 * @throws `FAULT_INPUT` on a size that is below 0 or not finite.
 * @example
 * ```ts
 * import { bookImbalance } from "tickwright/signal";
 * bookImbalance(30, 10); // => 0.75
 * ```
 */
export function bookImbalance(bidSize: number, askSize: number): number {
  checkSizeSample("bookImbalance.bidSize", bidSize);
  checkSizeSample("bookImbalance.askSize", askSize);
  const total = bidSize + askSize;
  return total === 0 ? 0.5 : bidSize / total;
}

/**
 * The mid weighted by the size of the other side: a large bid moves it towards the ask. The plain mid where
 * both sizes are 0.
 *
 * @units the unit of the prices
 * @invariant Within bid and ask.
 * @throws `FAULT_INPUT` on a price that is not finite, a bid above the ask, or a size below 0.
 * @source Stoikov, The Micro-Price, 2018, section 2
 * @example
 * ```ts
 * import { weightedMid } from "tickwright/signal";
 * weightedMid(100, 30, 102, 10); // => 101.5
 * ```
 */
export function weightedMid(bid: number, bidSize: number, ask: number, askSize: number): number {
  checkSample("weightedMid.bid", bid);
  checkSample("weightedMid.ask", ask);
  if (bid > ask) throw inputFault("weightedMid.bid", bid, `a price of at most the ask ${ask}`);
  return bid + bookImbalance(bidSize, askSize) * (ask - bid);
}

/**
 * The mean price of the best levels of a book, each weighted by its size.
 *
 * Offsets from the first price are summed, so prices far from 0 lose no digits.
 *
 * @shape `prices[i]` and `sizes[i]` are one level, on any side
 * @throws `FAULT_INPUT` where the columns differ in length, a price is not finite, or no level has size.
 * @cost O(levels), no allocation.
 * @example
 * ```ts
 * import { depthVwap } from "tickwright/signal";
 * depthVwap([99, 98, 101], [2, 1, 3]); // => (99 * 2 + 98 + 101 * 3) / 6
 * ```
 */
export function depthVwap(prices: ArrayLike<number>, sizes: ArrayLike<number>): number {
  if (prices.length !== sizes.length || prices.length === 0) {
    throw inputFault("depthVwap.sizes", sizes.length, `one size for each of ${prices.length} prices`);
  }
  const origin = prices[0] as number;
  let worth = 0;
  let total = 0;
  for (let i = 0; i < prices.length; i++) {
    const price = prices[i] as number;
    const size = sizes[i] as number;
    checkSample("depthVwap.prices", price);
    checkSizeSample("depthVwap.sizes", size);
    worth += (price - origin) * size;
    total += size;
  }
  if (total === 0) throw inputFault("depthVwap.sizes", total, "at least one size above 0");
  return origin + worth / total;
}

/** The options of {@link BookImbalance}. */
export interface BookImbalanceOptions {
  /** Levels a side. */
  readonly levels: number;
  /** Level `i` weighs `exp(-decay * i)`: 0 weighs all alike. 0 unless given. */
  readonly decay?: number;
}

/** What {@link BookImbalance.measure} needs of a book. A `BookView` is one. */
export interface LevelBook {
  readonly hasBid: boolean;
  readonly hasAsk: boolean;
  readonly bestBid: number;
  readonly bestAsk: number;
  bidLots(price: number): number;
  askLots(price: number): number;
  nextBid(price: number): number;
  nextAsk(price: number): number;
}

/**
 * The weighted share of the bids in the size of the best levels of a book.
 *
 * @units within 0 and 1; 0.5 where no level has size
 * @throws `FAULT_CONFIG` on levels below 1 or a decay below 0; `FAULT_INPUT` on a size below 0.
 * @cost O(levels), no allocation; keeps no history.
 * @example
 * ```ts
 * import { BookImbalance } from "tickwright/signal";
 * const imbalance = new BookImbalance({ levels: 2 });
 * imbalance.update([3, 3], [1, 1]); // => 0.75
 * ```
 */
export class BookImbalance {
  readonly #levels: number;
  readonly #weights: Float64Array;

  constructor(options: BookImbalanceOptions) {
    checkKeys("BookImbalance", options, ["levels", "decay"]);
    this.#levels = checkInteger("BookImbalance.levels", options.levels, 1, 4_096);
    const decay = checkNumber("BookImbalance.decay", options.decay ?? 0, 0, 700);
    this.#weights = new Float64Array(this.#levels);
    for (let i = 0; i < this.#levels; i++) this.#weights[i] = Math.exp(-decay * i);
  }

  /** Measures columns of sizes, best level first; missing levels count as empty. */
  update(bidSizes: ArrayLike<number>, askSizes: ArrayLike<number>): number {
    return bookImbalance(this.#side(bidSizes), this.#side(askSizes));
  }

  /** Measures a book, walking its levels. */
  measure(book: LevelBook): number {
    return bookImbalance(this.#bids(book), this.#asks(book));
  }

  #side(sizes: ArrayLike<number>): number {
    const levels = Math.min(this.#levels, sizes.length);
    let total = 0;
    for (let i = 0; i < levels; i++) {
      const size = sizes[i] as number;
      checkSizeSample("BookImbalance.update", size);
      total += (this.#weights[i] as number) * size;
    }
    return total;
  }

  #bids(book: LevelBook): number {
    if (!book.hasBid) return 0;
    let total = 0;
    let price = book.bestBid;
    for (let i = 0; i < this.#levels; i++) {
      const lots = book.bidLots(price);
      if (!(lots > 0)) break;
      total += (this.#weights[i] as number) * lots;
      price = book.nextBid(price);
      if (price < -MAX_TICKS) break;
    }
    return total;
  }

  #asks(book: LevelBook): number {
    if (!book.hasAsk) return 0;
    let total = 0;
    let price = book.bestAsk;
    for (let i = 0; i < this.#levels; i++) {
      const lots = book.askLots(price);
      if (!(lots > 0)) break;
      total += (this.#weights[i] as number) * lots;
      price = book.nextAsk(price);
      if (price > MAX_TICKS) break;
    }
    return total;
  }
}
