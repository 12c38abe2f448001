import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type BookOrderEntry,
  type BookOrderId,
  NO_ASK,
  NO_BID,
  OrderBookL3,
  TICK_MAX,
  TICK_MIN,
} from "../../src/book/index.ts";
import { SlowBookL3 } from "./book-l3-oracle.ts";

type Command =
  | { kind: "add" | "modify"; id: BookOrderId; side: 1 | -1; tick: number; lots: number; bySlot: boolean }
  | { kind: "cancel"; id: BookOrderId; bySlot: boolean }
  | { kind: "reduce" | "execute"; id: BookOrderId; lots: number; bySlot: boolean }
  | { kind: "executeFront"; side: 1 | -1; lots: number }
  | { kind: "hidden"; tick: number; lots: number }
  | { kind: "clear" }
  | { kind: "restore"; entries: BookOrderEntry[] };

const IDS: readonly BookOrderId[] = [
  0,
  1,
  2,
  "0",
  "1",
  'a"b',
  "",
  1n,
  2n ** 70n,
  -1.5,
  7,
  8,
  9,
  10,
  "x",
  "y",
];
const id = fc.constantFrom(...IDS);
const side = fc.constantFrom(1 as const, -1 as const);
const tick = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 2, arbitrary: fc.constantFrom(TICK_MIN, TICK_MAX, 4096, -4097, 50_000_000) },
);
const lots = fc.integer({ min: 1, max: 5 });
const bySlot = fc.boolean();
const kind = <Kind extends string>(name: Kind) => fc.constant(name);
const entry = fc.record({ id, side, priceTicks: tick, lots });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: kind("add"), id, side, tick, lots, bySlot }) },
  { weight: 4, arbitrary: fc.record({ kind: kind("modify"), id, side, tick, lots, bySlot }) },
  { weight: 4, arbitrary: fc.record({ kind: kind("cancel"), id, bySlot }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("reduce"), id, lots, bySlot }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("execute"), id, lots, bySlot }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("executeFront"), side, lots }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("hidden"), tick, lots }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("clear") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("restore"), entries: fc.array(entry, { maxLength: 8 }) }) },
);

function run(step: Command, book: OrderBookL3, slow: SlowBookL3): void {
  switch (step.kind) {
    case "add":
      expect(book.add(step.id, step.side, step.tick, step.lots)).toBe(
        slow.add(step.id, step.side, step.tick, step.lots),
      );
      break;
    case "modify": {
      const { tick: to, lots: now } = step;
      const outcome = step.bySlot
        ? book.modifySlot(book.slotOf(step.id), to, now)
        : book.modify(step.id, to, now);
      expect(outcome).toBe(slow.modify(step.id, to, now));
      break;
    }
    case "cancel":
      expect(step.bySlot ? book.cancelSlot(book.slotOf(step.id)) : book.cancel(step.id)).toBe(
        slow.cancel(step.id),
      );
      break;
    case "reduce":
    case "execute": {
      const outcome = step.bySlot
        ? book[`${step.kind}Slot`](book.slotOf(step.id), step.lots)
        : book[step.kind](step.id, step.lots);
      expect(outcome).toBe(slow.take(step.id, step.lots, step.kind === "execute"));
      break;
    }
    case "executeFront": {
      const front = slow.queue(step.side)[0];
      const slot = book.frontSlot(step.side);
      expect(book.orderAt(slot)?.id).toBe(front?.id);
      const took = Math.min(step.lots, front?.lots ?? 1);
      const before = slow.outOfTurn;
      expect(book.executeSlot(slot, took)).toBe(slow.take(front?.id ?? "none", took, true));
      expect(slow.outOfTurn).toBe(before);
      break;
    }
    case "hidden":
      book.tradeHidden(step.tick, step.lots);
      break;
    case "clear":
      book.clear();
      slow.orders = [];
      break;
    case "restore": {
      slow.orders = [];
      let refused = 0;
      for (const { id: name, side: way, priceTicks, lots: now } of step.entries) {
        if (slow.add(name as BookOrderId, way, priceTicks, now) !== 0) refused++;
      }
      expect(book.restore(step.entries)).toBe(refused);
    }
  }
}

function compare(book: OrderBookL3, slow: SlowBookL3): void {
  expect([book.bestBid, book.bestAsk]).toEqual([slow.best(1), slow.best(-1)]);
  expect(book.isCrossed).toBe(slow.best(1) >= slow.best(-1));
  expect(book.orderCount).toBe(slow.orders.length);
  const flat = (levels: readonly { priceTicks: number; lots: number; orders: number }[]) =>
    levels.map((level) => [level.priceTicks, level.lots, level.orders]);
  const bids = slow.levels(1);
  const asks = slow.levels(-1);
  expect(flat(book.copy().bids)).toEqual(bids);
  expect(flat(book.copy().asks)).toEqual(asks);
  expect([book.bidLevels, book.askLevels]).toEqual([bids.length, asks.length]);
  expect([book.bestBidLots, book.bestAskLots]).toEqual([bids[0]?.[1] ?? 0, asks[0]?.[1] ?? 0]);
  for (const at of [-2, 0, 1, 4096, TICK_MIN, TICK_MAX]) {
    expect(book.bidLots(at)).toBe(bids.find(([bid]) => bid === at)?.[1] ?? 0);
    expect(book.askOrders(at)).toBe(asks.find(([ask]) => ask === at)?.[2] ?? 0);
    expect(book.nextBid(at)).toBe(bids.find(([bid]) => bid < at)?.[0] ?? NO_BID);
    expect(book.nextAsk(at)).toBe(asks.find(([ask]) => ask > at)?.[0] ?? NO_ASK);
  }
  for (const name of IDS) {
    expect(book.aheadOf(name)).toBe(slow.aheadOf(name));
    expect(book.lotsAt(book.slotOf(name))).toBe(slow.find(name)?.lots ?? 0);
  }
  expect(book.stateHash()).toBe(slow.stateHash());
  expect([book.unknownOrders, book.duplicateOrders, book.exceedingLots, book.outOfTurn]).toEqual([
    slow.unknown,
    slow.duplicate,
    slow.exceeding,
    slow.outOfTurn,
  ]);
}

test("OrderBookL3 answers as one array of orders does, after every command", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 70 }), (steps) => {
      const book = new OrderBookL3();
      const slow = new SlowBookL3();
      for (const step of steps) {
        run(step, book, slow);
        compare(book, slow);
      }
      const again = new OrderBookL3();
      again.restore(book.copyOrders());
      expect(again.stateHash()).toBe(book.stateHash());
    }),
    { numRuns: 150 },
  );
});

test("slots are taken again, and columns and pages grow, without a change in what is shown", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 20, maxLength: 30 }), (pages) => {
      const book = new OrderBookL3({ ordersMax: 3000 });
      const slow = new SlowBookL3();
      let name = 0;
      for (const page of pages) {
        for (let i = 0; i < 100; i++) {
          const at = (page - 20) * 4096 + i;
          expect(book.add(++name, i % 2 === 0 ? 1 : -1, at, i + 1)).toBe(
            slow.add(name, i % 2 === 0 ? 1 : -1, at, i + 1),
          );
        }
        for (let i = 0; i < 30; i++) expect(book.cancel(name - i)).toBe(slow.cancel(name - i));
        expect([book.bestBid, book.bestAsk]).toEqual([slow.best(1), slow.best(-1)]);
      }
      expect(book.stateHash()).toBe(slow.stateHash());
    }),
    { numRuns: 10 },
  );
});
