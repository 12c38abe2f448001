import { NO_ASK, NO_BID } from "../../../src/book/price-range.ts";
import { MapBook } from "./map-book.ts";

/** The Map-based book with the shape the kernel needs, to stand in the ladder's place. */
export class OrderBook extends MapBook {
  crossings = 0;

  get hasBid(): boolean {
    return this.bestBid !== NO_BID;
  }

  get hasAsk(): boolean {
    return this.bestAsk !== NO_ASK;
  }

  get midTicks(): number {
    return this.hasBid && this.hasAsk ? (this.bestBid + this.bestAsk) / 2 : Number.NaN;
  }
}
