import type { OrderBook } from "../book/index.ts";
import type { CaptureMessage } from "./capture-message.ts";

/** Quotes kept while no diff arrives. */
const QUOTES_MAX = 65_536;

/** Best bid and ask with their sizes, at an update id. */
interface Touch {
  readonly id: number;
  readonly line: number;
  readonly bid: number;
  readonly bidLots: number;
  readonly ask: number;
  readonly askLots: number;
}

/** The first place where book and quote differed. */
export interface TouchMismatch {
  readonly line: number;
  readonly updateId: number;
  readonly quoteId: number;
  readonly book: readonly number[];
  readonly quote: readonly number[];
}

/**
 * Compares the book after every diff with the feed's own quotes: best bid and ask, price and size, must equal
 * those of the quote with the highest update id not above the diff's.
 *
 * Quotes and diffs come over separate channels, so a quote may arrive before or after the diff it belongs to:
 * a diff is compared as soon as a quote with a higher id has been seen, or at the end. A diff with no quote
 * since the snapshot at or below its id is not compared.
 *
 * @cost O(1) a message, amortised.
 */
export class TouchComparison {
  compared = 0;
  equal = 0;
  /** Diffs that had no quote to be compared with. */
  without = 0;
  mismatch: TouchMismatch | undefined;
  #quotes: Touch[] = [];
  #pending: Touch[] = [];

  diff(message: CaptureMessage, book: OrderBook, line: number): void {
    const [bidLots, askLots] = [book.hasBid ? book.bestBidLots : 0, book.hasAsk ? book.bestAskLots : 0];
    const touch = { id: message.lastId, line, bid: book.bestBid, bidLots, ask: book.bestAsk, askLots };
    this.#pending.push(touch);
    const newest = this.#quotes[this.#quotes.length - 1];
    if (newest !== undefined) this.#settle(newest.id);
  }

  quote(message: CaptureMessage, line: number): void {
    const { tick, lots, lastId: id } = message;
    const [bid, ask] = [tick[0] as number, tick[1] as number];
    this.#quotes.push({ id, line, bid, bidLots: lots[0] as number, ask, askLots: lots[1] as number });
    if (this.#quotes.length > 2 * QUOTES_MAX) this.#quotes = this.#quotes.slice(-QUOTES_MAX);
    this.#settle(id);
  }

  /** Compares what is pending with what there is; quotes from before no longer count. */
  reset(): void {
    this.#settle(Number.POSITIVE_INFINITY);
    this.#quotes = [];
  }

  /** Compares every pending diff below `nextId`. */
  #settle(nextId: number): void {
    let done = 0;
    let from = 0;
    for (const touch of this.#pending) {
      if (touch.id >= nextId) break;
      done += 1;
      while (from + 1 < this.#quotes.length && (this.#quotes[from + 1] as Touch).id <= touch.id) from += 1;
      this.#compare(touch, this.#quotes[from]);
    }
    if (done > 0) this.#pending = this.#pending.slice(done);
    if (from > 0) this.#quotes = this.#quotes.slice(from);
  }

  #compare(book: Touch, quote: Touch | undefined): void {
    if (quote === undefined || quote.id > book.id) {
      this.without += 1;
      return;
    }
    this.compared += 1;
    const isPrice = book.bid === quote.bid && book.ask === quote.ask;
    if (isPrice && book.bidLots === quote.bidLots && book.askLots === quote.askLots) {
      this.equal += 1;
      return;
    }
    this.mismatch ??= {
      line: book.line,
      updateId: book.id,
      quoteId: quote.id,
      book: [book.bid, book.bidLots, book.ask, book.askLots],
      quote: [quote.bid, quote.bidLots, quote.ask, quote.askLots],
    };
  }
}
