/** The book alone: no engine, no clock, no I/O comes with it. */
import { OrderBook, OrderBookL3 } from "tickwright/book";

const book = new OrderBook();
book.setBid(9_999, 40);
book.setBid(10_000, 25);
book.setAsk(10_002, 30);
console.log("mid", book.midTicks, "best bid", book.bestBid, "x", book.bestBidLots);
book.setBid(10_000, 0);
console.log("next best bid", book.bestBid);

const queue = new OrderBookL3();
queue.add("a", 1, 10_000, 5);
queue.add("b", 1, 10_000, 7);
queue.modify("a", 10_000, 9); // larger: it loses its place
console.log("ahead of a", queue.aheadOf("a"), "ahead of b", queue.aheadOf("b"));
