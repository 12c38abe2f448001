import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_ASK, NO_BID, OrderBook, TICK_MAX, TICK_MIN } from "../../src/book/index.ts";
import { SlowBook } from "./book-l2-oracle.ts";

type Command =
  | { readonly kind: "bid" | "ask"; readonly tick: number; readonly lots: number }
  | { readonly kind: "clear" | "clearBids" | "clearAsks" }
  | { readonly kind: "restore"; readonly bids: readonly Level[]; readonly asks: readonly Level[] };
type Level = { readonly priceTicks: number; readonly lots: number };

const CENTRES = [0, -4096, 4095, 1_000_000, -70_000_000, TICK_MIN + 3, TICK_MAX - 3];
const near = fc.integer({ min: -3, max: 3 });
const tick = fc.oneof(
  { weight: 12, arbitrary: near },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...CENTRES), near).map(([at, by]) => at + by) },
  { weight: 1, arbitrary: fc.integer({ min: TICK_MIN, max: TICK_MAX }) },
);
const lots = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) },
);
const level = fc.record({ priceTicks: tick, lots });
const set = fc.record({ kind: fc.constantFrom("bid" as const, "ask" as const), tick, lots });
const empty = fc.record({
  kind: fc.constantFrom("clear" as const, "clearBids" as const, "clearAsks" as const),
});
const restore = fc.record({
  kind: fc.constant("restore" as const),
  bids: fc.array(level, { maxLength: 5 }),
  asks: fc.array(level, { maxLength: 5 }),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 30, arbitrary: set },
  { weight: 1, arbitrary: empty },
  { weight: 1, arbitrary: restore },
);

function run(step: Command, book: OrderBook, slow: SlowBook): void {
  switch (step.kind) {
    case "bid":
      expect(book.setBid(step.tick, step.lots)).toBe(slow.setBid(step.tick, step.lots));
      break;
    case "ask":
      expect(book.setAsk(step.tick, step.lots)).toBe(slow.setAsk(step.tick, step.lots));
      break;
    case "restore":
      book.restore(step);
      slow.clearBids();
      slow.clearAsks();
      for (const each of step.bids) slow.setBid(each.priceTicks, each.lots);
      for (const each of step.asks) slow.setAsk(each.priceTicks, each.lots);
      break;
    default:
      if (step.kind !== "clearAsks") slow.clearBids();
      if (step.kind !== "clearBids") slow.clearAsks();
      book[step.kind]();
  }
}

function walk(from: number, end: number, next: (tick: number) => number): number[] {
  const seen: number[] = [];
  for (let at = from; at !== end; at = next(at)) seen.push(at);
  return seen;
}

function compare(book: OrderBook, slow: SlowBook): void {
  expect([book.bestBid, book.bestAsk]).toEqual([slow.bestBid, slow.bestAsk]);
  expect(book.bestBid).toBeLessThan(book.bestAsk);
  expect([book.hasBid, book.hasAsk]).toEqual([slow.bestBid !== NO_BID, slow.bestAsk !== NO_ASK]);
  expect([book.bidLevels, book.askLevels]).toEqual([slow.bids.size, slow.asks.size]);
  expect([book.bestBidLots, book.bestAskLots]).toEqual([
    slow.bids.get(slow.bestBid) ?? 0,
    slow.asks.get(slow.bestAsk) ?? 0,
  ]);
  const bids = slow.shownBids();
  const asks = slow.shownAsks();
  expect(walk(book.bestBid, NO_BID, (at) => book.nextBid(at))).toEqual(bids.map(([at]) => at));
  expect(walk(book.bestAsk, NO_ASK, (at) => book.nextAsk(at))).toEqual(asks.map(([at]) => at));
  for (const at of [
    -4,
    -1,
    0,
    2,
    4,
    4096,
    -5000,
    TICK_MIN,
    TICK_MAX,
    NO_BID,
    NO_ASK,
    0x7fffffff,
    -0x80000000,
  ]) {
    expect(book.nextBid(at)).toBe(bids.find(([bid]) => bid < at)?.[0] ?? NO_BID);
    expect(book.nextAsk(at)).toBe(asks.find(([ask]) => ask > at)?.[0] ?? NO_ASK);
    expect([book.bidLots(at), book.askLots(at)]).toEqual([slow.bids.get(at) ?? 0, slow.asks.get(at) ?? 0]);
  }
  const pair = ({ priceTicks, lots }: Level): [number, number] => [priceTicks, lots];
  expect(book.copy().bids.map(pair)).toEqual(bids);
  expect(book.copy(2).asks.map(pair)).toEqual(asks.slice(0, 2));
  expect(book.isCrossed).toBe(slow.crossed);
  expect(book.stateHash()).toBe(slow.stateHash());
}

test("OrderBook answers as two sorted Maps do, after every command", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (steps) => {
      const book = new OrderBook();
      const slow = new SlowBook();
      for (const step of steps) {
        run(step, book, slow);
        compare(book, slow);
      }
    }),
    { numRuns: 150 },
  );
});

test("on six ticks, where stale levels meet all the time, the best prices follow the rules", () => {
  const few = fc.record({
    kind: fc.constantFrom("bid" as const, "ask" as const),
    tick: fc.integer({ min: 0, max: 5 }),
    lots: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(fc.array(few, { minLength: 100, maxLength: 400 }), (steps) => {
      const book = new OrderBook();
      const slow = new SlowBook();
      for (const step of steps) {
        run(step, book, slow);
        expect([book.bestBid, book.bestAsk]).toEqual([slow.bestBid, slow.bestAsk]);
        expect(book.nextBid(6)).toBe(slow.bestBid);
      }
      compare(book, slow);
    }),
    { numRuns: 200 },
  );
});

test("a copy restores to the same book", () => {
  fc.assert(
    fc.property(fc.array(set, { maxLength: 60 }), (steps) => {
      const book = new OrderBook();
      const slow = new SlowBook();
      for (const step of steps) run(step, book, slow);
      const again = new OrderBook();
      again.setBid(7, 7);
      again.restore(book.copy());
      expect(again.stateHash()).toBe(book.stateHash());
      expect(again.isCrossed).toBe(false);
    }),
  );
});

test("with few pages, empty ones are taken again and a full side faults and stays as it was", () => {
  const step = fc.record({
    ...{
      page: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -8, max: 8 })),
      leaf: fc.constantFrom(0, 0, 1, 3),
    },
    lots: fc.constantFrom(0, 0, 1, 2),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const book = new OrderBook({ pagesMax: 3 });
      const held = new Map<number, number>();
      for (const { page, leaf, lots } of steps) {
        const at = page * 4096 + leaf * 1024 + 17;
        const pages = new Set([at, ...held.keys()].map((tick) => Math.floor(tick / 4096)));
        const fits = lots === 0 || held.has(at) || pages.size <= 3;
        if (fits) {
          expect(book.setAsk(at, lots)).toBe(put(held, at, lots));
        } else {
          expect(() => book.setAsk(at, lots)).toThrow(`FAULT_CAPACITY book.asks.tick: found ${at},`);
        }
        const ticks = [...held.keys()].sort((a, b) => a - b);
        expect(walk(book.bestAsk, NO_ASK, (from) => book.nextAsk(from))).toEqual(ticks);
      }
    }),
  );
});

test("a book that took another's memory is as one from the beginning, and the other as empty", () => {
  fc.assert(
    fc.property(
      fc.array(set, { maxLength: 60 }),
      fc.array(set, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      (before, after, pagesMax) => {
        const spent = new OrderBook();
        const first = new SlowBook();
        for (const step of before) run(step, spent, first);
        const fresh = new OrderBook({ pagesMax: 64 * pagesMax });
        fresh.adopt(spent.surrender());
        expect(spent.save()).toEqual(new OrderBook().save());
        for (const book of [fresh, spent]) {
          const slow = new SlowBook();
          for (const step of after) run(step, book, slow);
        }
        expect(fresh.save()).toEqual(spent.save());
      },
    ),
  );
  const holding = new OrderBook();
  holding.setBid(5, 1);
  expect(() => holding.adopt(new OrderBook().surrender())).toThrow("FAULT_INPUT book.adopt: found 1");
});

function put(held: Map<number, number>, at: number, lots: number): number {
  const previous = held.get(at) ?? 0;
  if (lots === 0) held.delete(at);
  else held.set(at, lots);
  return previous;
}
