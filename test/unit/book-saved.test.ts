import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_ASK, NO_BID, OrderBook, TICK_MAX, TICK_MIN } from "../../src/book/index.ts";

type Command =
  | { readonly kind: "bid" | "ask"; readonly tick: number; readonly lots: number }
  | { readonly kind: "clear" | "clearBids" | "clearAsks" };

const near = fc.integer({ min: -4, max: 4 });
const tick = fc.oneof(
  { weight: 12, arbitrary: near },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(-4096, 4095, 900_000, TICK_MIN + 4, TICK_MAX - 4), near)
      .map(([at, by]) => at + by),
  },
);
const lots = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 32, Number.MAX_SAFE_INTEGER) },
);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ kind: fc.constantFrom("bid" as const, "ask" as const), tick, lots }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("clear" as const, "clearBids" as const, "clearAsks" as const),
    }),
  },
);

function run(book: OrderBook, step: Command): unknown {
  if (step.kind === "bid") return book.setBid(step.tick, step.lots);
  if (step.kind === "ask") return book.setAsk(step.tick, step.lots);
  return book[step.kind]();
}

/** All that can be asked of a book near where the commands are. */
function everything(book: OrderBook): unknown {
  const { bestBid, bestAsk, crossings, bidLevels, askLevels, isCrossed, midTicks } = book;
  const ticks = Array.from({ length: 13 }, (_, i) => i - 6);
  return {
    ...{ bestBid, bestAsk, crossings, bidLevels, askLevels, isCrossed, midTicks },
    levels: ticks.map((at) => [book.bidLots(at), book.askLots(at), book.nextBid(at), book.nextAsk(at)]),
    copy: book.copy(),
    cells: [...book.save()],
  };
}

/** A book where an ask went through two bids: 100 and 99 are hidden behind the ask at 99. */
function hidden(): OrderBook {
  const book = new OrderBook();
  for (const [at, size] of [
    [100, 5],
    [99, 4],
    [98, 3],
  ] as const) {
    book.setBid(at, size);
  }
  book.setAsk(99, 2);
  book.setAsk(105, 1);
  return book;
}

describe("a saved book", () => {
  it("goes on as the one it was taken of, in a book that held something else", () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 40 }),
        fc.array(command, { maxLength: 40 }),
        fc.array(command, { maxLength: 10 }),
        (before, after, other) => {
          const book = new OrderBook();
          for (const step of before) run(book, step);
          const again = new OrderBook();
          for (const step of other) run(again, step);
          again.load(book.save());
          expect(everything(again)).toEqual(everything(book));
          for (const step of after) {
            expect(run(again, step)).toEqual(run(book, step));
            expect(everything(again)).toEqual(everything(book));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("holds the levels that are hidden too", () => {
    const book = hidden();
    expect([...book.save()]).toEqual([1, 98, 99, 98, 105, 3, 2, 98, 3, 99, 4, 100, 5, 99, 2, 105, 1]);
    const again = new OrderBook();
    again.load(book.save());
    expect([again.bidLots(100), again.isCrossed, again.crossings]).toEqual([5, true, 1]);
    // The feed takes the ask away and says the hidden bid again: it is shown once more.
    again.setAsk(99, 0);
    expect(again.bestAsk).toBe(105);
    again.setBid(100, 6);
    expect([again.bestBid, again.nextBid(100)]).toEqual([100, 99]);
  });

  it("is of no use to a book that cannot hold its pages, nor from one that is empty", () => {
    const far = new OrderBook();
    far.setBid(0, 1);
    far.setBid(-70_000, 1);
    const small = new OrderBook({ pagesMax: 1 });
    small.setAsk(7, 3);
    const before = everything(small);
    expect(() => small.load(far.save())).toThrow("FAULT_INPUT book.load.bids.tick");
    expect(everything(small)).toEqual(before);
    small.load(new OrderBook().save());
    expect([small.bestBid, small.bestAsk, small.askLevels]).toEqual([NO_BID, NO_ASK, 0]);
  });

  const place = {
    crossings: 0,
    bestBid: 1,
    bestAsk: 2,
    lowBid: 3,
    highAsk: 4,
    bids: 5,
    asks: 6,
    tick: 7,
    lots: 8,
  };
  const wrong: readonly [string, string, (cells: Float64Array) => void][] = [
    ["crossings below 0", "crossings", (cells) => void (cells[place.crossings] = -1)],
    ["half a crossing", "crossings", (cells) => void (cells[place.crossings] = 0.5)],
    ["a best bid without a level", "bestBid", (cells) => void (cells[place.bestBid] = 97)],
    ["a best ask without a level", "bestAsk", (cells) => void (cells[place.bestAsk] = 101)],
    ["sides that cross", "bestAsk", (cells) => void (cells[place.bestBid] = 100)],
    ["a lowest bid above the best", "lowBid", (cells) => void (cells[place.lowBid] = 99)],
    ["no lowest bid", "lowBid", (cells) => void (cells[place.lowBid] = NO_ASK)],
    ["a lowest bid that is none", "lowBid", (cells) => void (cells[place.lowBid] = Number.NaN)],
    ["a highest ask below the best", "highAsk", (cells) => void (cells[place.highAsk] = 98)],
    ["no highest ask", "highAsk", (cells) => void (cells[place.highAsk] = NO_BID)],
    ["more levels than it says", "levels", (cells) => void (cells[place.bids] = 2)],
    [
      "half a level",
      "levels",
      (cells) => {
        cells[place.bids] = 2.5;
        cells[place.asks] = 2.5;
      },
    ],
    ["a level twice", "bids.tick", (cells) => void (cells[place.tick + 2] = 98)],
    ["half a tick", "bids.tick", (cells) => void (cells[place.tick] = 97.5)],
    ["a price out of range", "bids.tick", (cells) => void (cells[place.tick] = TICK_MIN - 1)],
    ["a level of nothing", "bids.lots", (cells) => void (cells[place.lots] = 0)],
    ["a level below nothing", "bids.lots", (cells) => void (cells[place.lots] = -3)],
    ["a level that is no number", "asks.lots", (cells) => void (cells[cells.length - 1] = Number.NaN)],
  ];

  it.each(wrong)("with %s is refused by name, and the book stays as it was", (_name, part, break_) => {
    const book = new OrderBook();
    book.setBid(3, 4);
    const before = everything(book);
    const cells = hidden().save();
    break_(cells);
    expect(() => book.load(cells)).toThrow(`FAULT_INPUT book.load.${part}`);
    expect(everything(book)).toEqual(before);
  });

  it("cut anywhere is refused", () => {
    const cells = hidden().save();
    for (let length = 0; length < cells.length; length++) {
      expect(() => new OrderBook().load(cells.slice(0, length))).toThrow("FAULT_INPUT book.load.levels");
    }
    expect(() => new OrderBook().load(Float64Array.of(...cells, 1, 1))).toThrow(
      "FAULT_INPUT book.load.levels",
    );
  });
});
