import { describe, expect, it } from "vitest";
import { OrderBook } from "../../src/book/index.ts";
import type { OrderLife } from "../../src/run/trade-lives.ts";
import { type QueuedOrder, queueFigures, queueLook, takeLook } from "../../src/run/trade-queue.ts";

function book(): OrderBook {
  const made = new OrderBook();
  made.setBid(100, 12);
  made.setBid(98, 40);
  made.setAsk(103, 6);
  return made;
}

/** An order of 4 lots that buys at a price and is looked at on its arrival; `cum` lots fill after `afterNs`. */
function order(tick: number, cum = 0, afterNs = 0, atFill?: number, replaced = 0): QueuedOrder {
  const atArrival = queueLook(10, false, 1, tick);
  takeLook(atArrival, book());
  const life = { lots: 4, cumLots: cum, arrivedNs: 10, firstFillExchNs: 10 + afterNs, replaced };
  const look = atFill === undefined ? undefined : { ...queueLook(0, true, 1, tick), levelLots: atFill };
  return { life: life as OrderLife, bookLotsPerLot: 1, atArrival, atFill: look };
}

describe("what is seen of a queue", () => {
  it.each([
    [1, 100, { levelLots: 12, behindTicks: 0, isMarketable: false }],
    [1, 98, { levelLots: 40, behindTicks: 2, isMarketable: false }],
    [1, 101, { levelLots: 0, behindTicks: -1, isMarketable: false }],
    [1, 103, { levelLots: 0, behindTicks: -3, isMarketable: true }],
    [-1, 103, { levelLots: 6, behindTicks: 0, isMarketable: false }],
    [-1, 105, { levelLots: 0, behindTicks: 2, isMarketable: false }],
    [-1, 99, { levelLots: 0, behindTicks: -4, isMarketable: true }],
  ])("by side %d at %d", (sign, tick, seen) => {
    const look = queueLook(5, false, sign, tick);
    takeLook(look, book());
    expect(look).toMatchObject(seen);
  });

  it("is nothing where its side of the book is empty", () => {
    const look = queueLook(5, false, 1, 100);
    takeLook(look, new OrderBook());
    expect(look.behindTicks).toBeNaN();
  });
});

describe("what queues did to orders", () => {
  it("is counted by where they joined", () => {
    const figures = queueFigures([
      ...[order(100, 4, 50, 8), order(100, 1, 20, 4), order(100)],
      ...[order(101, 2, 5, 0), order(98), order(103), order(100, 0, 0, undefined, 1)],
    ]);
    expect(figures).toEqual({
      orders: 5,
      classes: [
        {
          ...{ place: "improved", from: 0, to: null, orders: 1, filled: 1, fillRate: 0.5 },
          ...{ ahead: 0, toFillNs: 5, atFill: 0 },
        },
        {
          ...{ place: "best", from: 1, to: 3, orders: 3, filled: 2, fillRate: 5 / 12 },
          ...{ ahead: 3, toFillNs: 20, atFill: 1 },
        },
        {
          ...{ place: "behind", from: 1, to: 3, orders: 1, filled: 0, fillRate: 0 },
          ...{ ahead: 10, toFillNs: null, atFill: null },
        },
      ],
      leftOut: { marketable: 1, replaced: 1, unseen: 0 },
    });
    expect(queueFigures([])).toBeNull();
  });
});
