import process from "node:process";
import { describe, expect, it } from "vitest";
import { MatchingBook } from "../../src/match/index.ts";

/** Ticks of a page of levels. */
const PAGE = 4_096;
const PAGES = 2_000;

/** What typed arrays hold; those that nobody reaches are let go first, where the engine can be asked to. */
function arrayBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().arrayBuffers;
}

describe("pages of levels", () => {
  it("are given back when they are empty: a price that wanders needs no more memory than one that stays", () => {
    const book = new MatchingBook();
    const before = arrayBytes();
    for (let page = 0; page < PAGES; page++) {
      expect(book.submit({ id: page, side: "buy", lots: 1 + page, priceTicks: page * PAGE + 7 })).toBe(
        undefined,
      );
      expect(book.bestBid).toBe(page * PAGE + 7);
      expect(book.cancel(page)).toBe(undefined);
    }
    // A page is some 80 kB: all of them would be 160 MB.
    expect(arrayBytes() - before).toBeLessThan(8e6);
  });

  it("are given back by moves of one order, too", () => {
    const book = new MatchingBook();
    book.submit({ id: "far", side: "sell", lots: 5, priceTicks: 1 });
    const before = arrayBytes();
    for (let page = 1; page < PAGES; page++) {
      expect(book.replace("far", { priceTicks: page * PAGE })).toBe(undefined);
      expect([book.bestAsk, book.shownLots("sell", page * PAGE)]).toEqual([page * PAGE, 5]);
    }
    expect(arrayBytes() - before).toBeLessThan(8e6);
  });

  it("keep what stands while others are used again, and show nothing of what stood there", () => {
    const book = new MatchingBook();
    const stays = [3, 40, 900].map((page) => page * PAGE + 9);
    for (const [id, priceTicks] of stays.entries())
      book.submit({ id, side: "buy", lots: 2 + id, priceTicks });
    for (let page = 0; page < PAGES; page++) {
      const priceTicks = page * PAGE + 9;
      const lots = stays.includes(priceTicks) ? 2 + stays.indexOf(priceTicks) : 0;
      book.submit({ id: "moves", side: "buy", lots: 10, priceTicks });
      expect(book.shownLots("buy", priceTicks)).toBe(lots + 10);
      const near = Array.from({ length: Math.min(page, 64) }, (_, i) => (page - 1 - i) * PAGE + 9);
      expect(near.filter((tick) => book.shownLots("buy", tick) > 0 && !stays.includes(tick))).toEqual([]);
      book.cancel("moves");
      expect(book.shownLots("buy", priceTicks)).toBe(lots);
    }
    expect(book.depth().bids).toEqual(
      [2, 1, 0].map((id) => ({ priceTicks: stays[id], lots: 2 + id, orders: 1 })),
    );
  });
});
