import { describe, expect, it } from "vitest";
import {
  MatchingBook,
  type MatchingOptions,
  type MatchOrder,
  type MatchOrderId,
} from "../../src/match/index.ts";
import { SAVED_COLUMNS } from "../../src/match/saved-matching.ts";

/** A book, and what a command led to in short: trades as [taker, maker, lots], ends as [id, reason]. */
function desk(options: MatchingOptions = {}) {
  const book = new MatchingBook(options);
  const told = (): (MatchOrderId | number)[][] =>
    book.events
      .list()
      .filter(({ kind }) => kind === "traded" || kind === "canceled" || kind === "expired")
      .map(({ id = 0, otherId, lots, reason }) =>
        otherId === undefined ? [id, reason] : [id, otherId, lots],
      );
  const limit = (id: number, side: 1 | -1, tick: number, lots: number, timeInForce = 0) => {
    expect(book.submitLimit(id, side, tick, lots, 0, timeInForce)).toBeUndefined();
    return told();
  };
  const move = (id: number, tick: number) => {
    expect(book.move(id, tick)).toBeUndefined();
    return told();
  };
  return { book, limit, move, told };
}

describe("the short way of a plain limit order", () => {
  it("divides a level pro rata, as the general way does", () => {
    const { limit, move } = desk({ allocation: "proRata" });
    limit(1, -1, 100, 30);
    limit(2, -1, 100, 10);
    expect(limit(3, 1, 100, 20)).toEqual([
      [3, 1, 15],
      [3, 2, 5],
    ]);
    limit(4, 1, 90, 4);
    expect(move(4, 100)).toEqual([
      [4, 1, 3],
      [4, 2, 1],
    ]);
  });

  it("takes plain orders first and goes on the general way where an iceberg comes next", () => {
    const { book, limit } = desk();
    limit(1, -1, 100, 5);
    book.submit({ id: 2, side: "sell", lots: 20, priceTicks: 100, displayLots: 5 });
    limit(3, -1, 100, 5);
    expect(limit(4, 1, 100, 22)).toEqual([
      [4, 1, 5],
      [4, 2, 5],
      [4, 3, 5],
      [4, 2, 5],
      [4, 2, 2],
    ]);
    expect(book.order(2)?.shownLots).toBe(3);
    expect(book.order(4)).toBeUndefined();
  });

  it("ends what an immediate order could not have, and forgets its id", () => {
    const { book, limit } = desk();
    limit(1, -1, 100, 5);
    expect(limit(2, 1, 100, 8, 1)).toEqual([
      [2, 1, 5],
      [2, "iocRemainder"],
    ]);
    expect(book.cancel(2)?.code).toBe("MATCH_UNKNOWN_ORDER");
    expect(limit(2, 1, 99, 1)).toEqual([]);
    expect(book.orderCount).toBe(1);
  });

  it("lets a moved order mind its owner's", () => {
    const { book, limit, move } = desk();
    limit(1, -1, 100, 5);
    book.submit({ id: 2, side: "buy", lots: 7, priceTicks: 90, selfMatch: "cancelOldest" });
    expect(move(2, 100)).toEqual([[1, "selfMatch"]]);
    expect(book.bestBid).toBe(100);
  });

  it("ends the others of a list with the trade of one that was moved", () => {
    const { book, limit, move } = desk();
    limit(1, -1, 100, 5);
    book.submitList({
      orders: [
        { id: 2, side: "buy", lots: 5, priceTicks: 90 },
        { id: 3, side: "buy", lots: 5, priceTicks: 91 },
      ],
    });
    expect(move(3, 100)).toEqual([
      [3, 1, 5],
      [2, "oneCancelsOther"],
    ]);
    expect(book.orderCount).toBe(0);
  });

  it("moves an order that fills whole out of the book", () => {
    const { book, limit, move } = desk();
    limit(1, -1, 100, 5);
    limit(2, 1, 90, 5);
    const before = book.orderCount;
    expect(move(2, 101)).toEqual([[2, 1, 5]]);
    expect([before, book.orderCount]).toEqual([2, 0]);
    expect(limit(2, 1, 90, 1)).toEqual([]);
  });
});

describe("a row", () => {
  it("leaves nothing of its last order to the next", () => {
    const { book, limit } = desk();
    const terms = (): readonly number[] => {
      const [saved] = book.save().orders;
      return SAVED_COLUMNS.filter((column) => column !== "seq").map(
        (column) => saved?.terms[SAVED_COLUMNS.indexOf(column)] as number,
      );
    };
    limit(1, 1, 100, 5);
    const plain = terms();
    book.cancel(1);
    const special: Partial<MatchOrder>[] = [
      { timeInForce: "GTD", expireNs: 50, priceTicks: 90 },
      { priceTicks: 90, displayLots: 2, displayJitterLots: 1, selfMatch: "cancelBoth" },
      { priceTicks: 90, hidden: true, minLots: 2 },
      { type: "trailingStop", trailTicks: 5, trailStepTicks: 2, guardTicks: 3, trigger: "mark" },
      { peg: { to: "mid", offsetTicks: 2 } },
    ];
    for (const more of special) {
      expect(book.submit({ id: 2, side: "buy", lots: 5, ...more })).toBeUndefined();
      book.cancel(2);
      limit(3, 1, 100, 5);
      expect(terms()).toEqual(plain);
      book.cancel(3);
    }
  });
});

describe("levels far apart", () => {
  it("finds the next over pages, gives pages back, and takes any price of the range", () => {
    const { book, limit } = desk();
    const ticks = [-33_546_240, -4_097, -4_096, -1, 0, 31, 32, 4_095, 4_096, 1_000_000, 33_546_239];
    for (const [i, tick] of ticks.entries()) limit(i + 1, 1, tick, i + 1);
    const bids = (): number[] => book.depth().bids.map(({ priceTicks }) => priceTicks);
    expect(bids()).toEqual([...ticks].reverse());
    for (let i = ticks.length; i > 1; i--) {
      book.cancel(i);
      expect(book.bestBid).toBe(ticks[i - 2]);
    }
    book.cancel(1);
    for (const [i, tick] of ticks.entries()) limit(50 + i, -1, tick, i + 1);
    expect(book.depth().asks.map(({ priceTicks }) => priceTicks)).toEqual(ticks);
    for (const [i, tick] of ticks.entries()) {
      expect(book.bestAsk).toBe(tick);
      book.cancel(50 + i);
    }
    for (let page = 0; page < 200; page++) {
      limit(100 + page, -1, 5_000 + page * 4_096, 1);
      if (page >= 3) book.cancel(100 + page - 3);
      expect(book.bestAsk).toBe(5_000 + Math.max(0, page - 2) * 4_096);
    }
    expect(book.depth().asks).toHaveLength(3);
  });
});
