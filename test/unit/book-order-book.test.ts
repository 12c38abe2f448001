import { expect, test } from "vitest";
import { NO_ASK, NO_BID, OrderBook, TICK_MAX, TICK_MIN } from "../../src/book/index.ts";

test("an empty book says so by its sentinels", () => {
  const book = new OrderBook();
  expect([book.bestBid, book.bestAsk, book.hasBid, book.hasAsk]).toEqual([NO_BID, NO_ASK, false, false]);
  expect([book.midTicks, book.bestBidLots, book.bestAskLots]).toEqual([Number.NaN, 0, 0]);
  expect([book.nextBid(5), book.nextAsk(5), book.bidLots(5), book.askLots(NO_ASK)]).toEqual([
    NO_BID,
    NO_ASK,
    0,
    0,
  ]);
  expect(book.copy()).toEqual({ bids: [], asks: [] });
});

// Each row: the command, what it returns, then best bid and best ask.
const TABLE: readonly [string, "bid" | "ask", number, number, number, number, number][] = [
  ["first bid", "bid", 100, 5, 0, 100, NO_ASK],
  ["first ask", "ask", 102, 7, 0, 100, 102],
  ["worse bid", "bid", 98, 2, 0, 100, 102],
  ["worse ask", "ask", 105, 1, 0, 100, 102],
  ["best ask changes size", "ask", 102, 9, 7, 100, 102],
  ["bid locks the ask: the ask at 102 is stale", "bid", 102, 3, 0, 102, 105],
  ["the stale ask is removed", "ask", 102, 0, 9, 102, 105],
  ["bid crosses every ask", "bid", 106, 1, 0, 106, NO_ASK],
  ["an ask comes back under the bid", "ask", 101, 4, 0, 100, 101],
  ["the best ask goes: the stale one above it shows again", "ask", 101, 0, 4, 100, 105],
  ["best bid removed", "bid", 100, 0, 5, 98, 105],
  ["an unknown level removed", "bid", 50, 0, 0, 98, 105],
  ["the last bid below the ask removed", "bid", 98, 0, 2, NO_BID, 105],
  ["a negative price", "bid", -7, 1, 0, -7, 105],
];

test("a table of updates", () => {
  const book = new OrderBook();
  for (const [name, side, tick, lots, previous, bestBid, bestAsk] of TABLE) {
    const returned = side === "bid" ? book.setBid(tick, lots) : book.setAsk(tick, lots);
    expect([name, returned, book.bestBid, book.bestAsk]).toEqual([name, previous, bestBid, bestAsk]);
  }
  expect(book.crossings).toBe(3);
});

test("a side emptied from its best forgets the stale levels it hides, until a lower level is set", () => {
  const book = new OrderBook();
  book.setBid(98, 1);
  book.setBid(100, 1);
  book.setAsk(99, 1); // 100 is stale
  book.setBid(98, 0); // no bid is shown now
  expect([book.bestBid, book.isCrossed, book.bidLots(100)]).toEqual([NO_BID, true, 1]);
  book.setBid(105, 1);
  expect([book.bestBid, book.nextBid(105), book.bestAsk]).toEqual([105, NO_BID, NO_ASK]);
  book.setBid(105, 0);
  expect(book.bestBid).toBe(NO_BID);
  for (const tick of [103, 105]) book.setBid(tick, 1);
  for (const tick of [103, 105]) book.setBid(tick, 0);
  expect(book.bestBid).toBe(NO_BID);
  book.setBid(97, 1);
  book.setBid(106, 1);
  expect(book.nextBid(106)).toBe(100);
});

test("and so does the ask side", () => {
  const book = new OrderBook();
  book.setAsk(102, 1);
  book.setAsk(100, 1);
  book.setBid(101, 1); // 100 is stale
  book.setAsk(102, 0);
  for (const tick of [97, 95]) book.setAsk(tick, 1);
  for (const tick of [97, 95]) book.setAsk(tick, 0);
  expect([book.bestAsk, book.askLots(100)]).toEqual([NO_ASK, 1]);
});

test("the state hash is frozen", () => {
  const book = new OrderBook();
  book.restore({
    bids: [
      { priceTicks: -3, lots: 4 },
      { priceTicks: -2, lots: 1 },
    ],
    asks: [
      { priceTicks: 9, lots: 2 },
      { priceTicks: 12, lots: 0 },
    ],
  });
  expect(book.stateHash()).toBe("a149670aae7b6b15c7c46226f65fd8e1afcb28b05629c8dd0b40946e95b51410");
});

test("levels two thousand million ticks apart are found", () => {
  const book = new OrderBook();
  book.setBid(TICK_MAX, 1);
  book.setBid(TICK_MIN, 2);
  expect(book.nextBid(TICK_MAX)).toBe(TICK_MIN);
  expect(book.setBid(TICK_MAX, 0)).toBe(1);
  expect(book.bestBid).toBe(TICK_MIN);
});

const WRONG: readonly [string, (book: OrderBook) => unknown, string][] = [
  ["NaN price", (b) => b.setBid(Number.NaN, 1), "FAULT_INPUT book.setBid.tick: found NaN"],
  ["fraction of a tick", (b) => b.setAsk(1.5, 1), "FAULT_INPUT book.setAsk.tick: found 1.5"],
  ["price past Int32", (b) => b.setBid(2 ** 31, 1), "FAULT_INPUT book.setBid.tick: found 2147483648"],
  ["price out of range", (b) => b.setAsk(TICK_MAX + 1, 1), "FAULT_INPUT book.asks.tick: found 1073737728"],
  ["price out of range removed", (b) => b.setBid(NO_BID, 0), "FAULT_INPUT book.bids.tick: found -1073741824"],
  ["NaN lots", (b) => b.setBid(1, Number.NaN), "FAULT_INPUT book.setBid.lots: found NaN"],
  ["negative lots", (b) => b.setAsk(1, -1), "FAULT_INPUT book.setAsk.lots: found -1"],
  ["fraction of a lot", (b) => b.setBid(1, 0.5), "FAULT_INPUT book.setBid.lots: found 0.5"],
  ["lots past 2^53", (b) => b.setBid(1, 2 ** 53), "FAULT_INPUT book.setBid.lots: found 9007199254740992"],
  ["text", (b) => b.setBid("100" as unknown as number, 1), 'FAULT_INPUT book.setBid.tick: found "100"'],
  ["lots missing", (b) => (b.setBid as (tick: number) => number).call(b, 1), "found undefined"],
  ["NaN asked", (b) => b.bidLots(Number.NaN), "FAULT_INPUT book.bidLots.tick: found NaN"],
  ["NaN asked", (b) => b.askLots(Number.NaN), "FAULT_INPUT book.askLots.tick: found NaN"],
  ["fraction asked", (b) => b.nextBid(0.5), "FAULT_INPUT book.nextBid.tick: found 0.5"],
  ["fraction asked", (b) => b.nextAsk(0.5), "FAULT_INPUT book.nextAsk.tick: found 0.5"],
  ["depth 0", (b) => b.copy(0), "FAULT_INPUT book.copy.depth: found 0"],
  [
    "bad snapshot",
    (b) => b.restore({ bids: [{ priceTicks: 1, lots: 1 }], asks: [{ priceTicks: 0.5, lots: 1 }] }),
    "FAULT_INPUT book.restore.asks[0].priceTicks: found 0.5",
  ],
  [
    "bad snapshot lots",
    (b) => b.restore({ bids: [{ priceTicks: 1, lots: -1 }], asks: [] }),
    "FAULT_INPUT book.restore.bids[0].lots: found -1",
  ],
  [
    "snapshot over too many pages",
    (b) => b.restore({ bids: [1, 5000, 9000].map((priceTicks) => ({ priceTicks, lots: 1 })), asks: [] }),
    "FAULT_CAPACITY book.restore.bids[2].priceTicks: found 9000",
  ],
];

test.each(WRONG)("refused by name, book unchanged: %s", (_name, act, message) => {
  const book = new OrderBook({ pagesMax: 2 });
  book.setBid(100, 5);
  book.setAsk(101, 5);
  const before = book.stateHash();
  expect(() => act(book)).toThrow(message);
  expect(book.stateHash()).toBe(before);
});

test("a page that lost its levels counts again when one comes back, and is refused where it is one too many", () => {
  const book = new OrderBook({ pagesMax: 2 });
  // Two leaves a page, so that there is memory left when the pages are not.
  for (const tick of [0, 1024, 4096, 5120]) book.setBid(tick, 1);
  for (const tick of [0, 1024]) book.setBid(tick, 0);
  book.setBid(-1, 1);
  const before = book.stateHash();
  for (const tick of [0, 1024]) {
    expect(() => book.setBid(tick, 1)).toThrow(
      `FAULT_CAPACITY book.bids.tick: found ${tick}, expected levels on at most 2`,
    );
  }
  expect([book.stateHash(), book.bidLevels]).toEqual([before, 3]);
  book.setBid(-1, 0);
  book.setBid(1024, 7);
  expect([book.bidLots(1024), book.bidLevels]).toEqual([7, 3]);
});

test("bad options are refused by name", () => {
  expect(() => new OrderBook({ pagesMax: 0 })).toThrow("FAULT_CONFIG book.pagesMax: found 0");
  expect(() => new OrderBook({ pageMax: 5 } as object)).toThrow("FAULT_CONFIG book.pageMax: found 5");
});
