import { NO_ASK, NO_BID } from "../book/index.ts";
import type { MatchingBook } from "../match/index.ts";
import type { SideSign } from "../model/index.ts";
import type { FeedLevels } from "./market-generator-feed.ts";

/** What a feed tells of one side of a matching book: what is shown. */
export class BookLevels implements FeedLevels {
  readonly #book: MatchingBook;
  readonly #side: SideSign;

  constructor(book: MatchingBook, side: SideSign) {
    this.#book = book;
    this.#side = side;
  }

  get best(): number {
    const { bestBid, bestAsk } = this.#book;
    if (this.#side > 0) return bestBid === NO_BID ? Number.NaN : bestBid;
    return bestAsk === NO_ASK ? Number.NaN : -bestAsk;
  }

  lotsAt(key: number): number {
    return this.#book.shownLots(this.#side > 0 ? "buy" : "sell", this.#side * key);
  }

  keys(): readonly number[] {
    const { bids, asks } = this.#book.depth();
    return (this.#side > 0 ? bids : asks).map(({ priceTicks }) => this.#side * priceTicks);
  }
}
