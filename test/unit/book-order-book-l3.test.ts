import { expect, test } from "vitest";
import { BOOK_OUTCOME, type BookOrderEntry, OrderBookL3, TICK_MAX } from "../../src/book/index.ts";

const { done, unknownOrder, duplicateOrder, exceedsOrder } = BOOK_OUTCOME;

// Each row: the command, its outcome, then the bid queue at 100 as "id:lots".
const TABLE: readonly [string, (book: OrderBookL3) => number, number, string][] = [
  ["first in", (b) => b.add("a", 1, 100, 5), done, "a:5"],
  ["second in", (b) => b.add("b", 1, 100, 3), done, "a:5 b:3"],
  ["third in", (b) => b.add("c", 1, 100, 2), done, "a:5 b:3 c:2"],
  ["the id is taken, on any price", (b) => b.add("a", -1, 105, 1), duplicateOrder, "a:5 b:3 c:2"],
  ["smaller keeps the place", (b) => b.modify("a", 100, 4), done, "a:4 b:3 c:2"],
  ["the same keeps the place", (b) => b.modify("a", 100, 4), done, "a:4 b:3 c:2"],
  ["larger goes to the end", (b) => b.modify("b", 100, 4), done, "a:4 c:2 b:4"],
  ["reduced keeps the place", (b) => b.reduce("a", 1), done, "a:3 c:2 b:4"],
  ["another price leaves", (b) => b.modify("c", 101, 2), done, "a:3 b:4"],
  ["and comes back last", (b) => b.modify("c", 100, 1), done, "a:3 b:4 c:1"],
  ["executed in part", (b) => b.execute("a", 1), done, "a:2 b:4 c:1"],
  ["more than it has", (b) => b.execute("a", 3), exceedsOrder, "a:2 b:4 c:1"],
  ["reduced by more than it has", (b) => b.reduce("c", 2), exceedsOrder, "a:2 b:4 c:1"],
  ["executed in whole", (b) => b.execute("a", 2), done, "b:4 c:1"],
  ["gone", (b) => b.cancel("a"), unknownOrder, "b:4 c:1"],
  ["executed out of turn: done, and counted", (b) => b.execute("c", 1), done, "b:4"],
  ["reduced by all", (b) => b.reduce("b", 4), done, ""],
];

test("a table of commands", () => {
  const book = new OrderBookL3();
  for (const [name, act, outcome, queue] of TABLE) {
    expect([name, act(book)]).toEqual([name, outcome]);
    const listed = book.copyOrders().filter((order) => order.priceTicks === 100);
    expect([name, listed.map((order) => `${String(order.id)}:${order.lots}`).join(" ")]).toEqual([
      name,
      queue,
    ]);
  }
  const { unknownOrders, duplicateOrders, exceedingLots, outOfTurn, orderCount, hasBid } = book;
  expect({ unknownOrders, duplicateOrders, exceedingLots, outOfTurn, orderCount, hasBid }).toEqual({
    unknownOrders: 1,
    duplicateOrders: 1,
    exceedingLots: 2,
    outOfTurn: 1,
    orderCount: 0,
    hasBid: false,
  });
});

const SNAPSHOT: readonly BookOrderEntry[] = [
  { id: "a", side: 1, priceTicks: -3, lots: 4 },
  { id: 7, side: -1, priceTicks: 9, lots: 2 },
  { id: 8n, side: 1, priceTicks: -3, lots: 1 },
];

test("the state hash is frozen", () => {
  const book = new OrderBookL3();
  book.addSlot(1, -2, 6);
  const slot = book.addSlot(-1, 9, 1);
  for (const { id, side, priceTicks, lots } of SNAPSHOT) book.add(id ?? 0, side, priceTicks, lots);
  expect(book.stateHash()).toBe("c5153bc35b04f4d1fe9b88bb6ed1d8d7f970e7b6ee45c97103a35f91681d2ded");
  expect(book.orderAt(slot)).toEqual({ id: undefined, side: -1, priceTicks: 9, lots: 1 });
});

test("a snapshot replaces the last one, repeated as often as it comes", () => {
  const book = new OrderBookL3();
  book.add("old", 1, 50, 1);
  for (let i = 0; i < 3; i++) expect(book.restore(SNAPSHOT)).toBe(0);
  expect([book.orderCount, book.bestBid, book.bestAsk, book.midTicks]).toEqual([3, -3, 9, 3]);
  expect(book.restore([...SNAPSHOT, ...SNAPSHOT])).toBe(3);
  expect([book.orderCount, book.duplicateOrders]).toEqual([3, 3]);
});

test("orders by slot and by id live side by side, also when a slot is taken again", () => {
  const book = new OrderBookL3();
  for (let i = 0; i < 3000; i++) book.addSlot(1, i % 50, 1);
  book.add("a", 1, 10, 1);
  const slot = book.slotOf("a");
  book.cancel("a");
  expect(book.addSlot(1, 10, 2)).toBe(slot);
  book.add("a", -1, 60, 3);
  expect(book.cancelSlot(slot)).toBe(done);
  expect([book.lotsAt(book.slotOf("a")), book.aheadOf("a"), book.orderCount]).toEqual([3, 0, 3001]);
});

test("a hidden execution changes nothing visible", () => {
  const book = new OrderBookL3();
  book.restore(SNAPSHOT);
  const before = book.stateHash();
  book.tradeHidden(9, 40);
  expect([book.stateHash(), book.hiddenTrades, book.hiddenLots]).toEqual([before, 1, 40]);
});

test("a feed may cross the book by order, and both sides stay", () => {
  const book = new OrderBookL3();
  book.add(1, 1, 100, 1);
  book.add(2, -1, 99, 1);
  expect([book.isCrossed, book.bestBid, book.bestAsk, book.bidOrders(100), book.askOrders(99)]).toEqual([
    true,
    100,
    99,
    1,
    1,
  ]);
});

const WRONG: readonly [string, (book: OrderBookL3) => unknown, string][] = [
  ["side 0", (b) => b.add(5, 0 as 1, 1, 1), "FAULT_INPUT book.add.side: found 0"],
  ["side as text", (b) => b.add(5, "buy" as unknown as 1, 1, 1), 'FAULT_INPUT book.add.side: found "buy"'],
  [
    "no id",
    (b) => b.add(undefined as unknown as string, 1, 1, 1),
    "FAULT_INPUT book.add.id: found undefined",
  ],
  ["NaN id", (b) => b.add(Number.NaN, 1, 1, 1), "FAULT_INPUT book.add.id: found NaN"],
  ["fraction of a tick", (b) => b.add(5, 1, 1.5, 1), "FAULT_INPUT book.add.tick: found 1.5"],
  [
    "price out of range",
    (b) => b.add(5, -1, TICK_MAX + 1, 1),
    "FAULT_INPUT book.asks.tick: found 1073737728",
  ],
  ["0 lots", (b) => b.add(5, 1, 1, 0), "FAULT_INPUT book.add.lots: found 0"],
  ["fraction of a lot", (b) => b.modify("a", 1, 1.5), "FAULT_INPUT book.modify.lots: found 1.5"],
  ["0 lots modified", (b) => b.modify("a", 1, 0), "FAULT_INPUT book.modify.lots: found 0"],
  ["NaN reduced", (b) => b.reduce("a", Number.NaN), "FAULT_INPUT book.reduce.lots: found NaN"],
  ["negative executed", (b) => b.execute("a", -1), "FAULT_INPUT book.execute.lots: found -1"],
  ["hidden NaN", (b) => b.tradeHidden(1, Number.NaN), "FAULT_INPUT book.tradeHidden.lots: found NaN"],
  ["too many orders", (b) => b.add(5, 1, -5, 1), "FAULT_CAPACITY book.orders: found 4"],
  ["too many pages", (b) => b.modify("a", 90_000, 1), "FAULT_CAPACITY book.bids.tick: found 90000"],
  ["a level past 2^53", (b) => b.modify(8n, -3, 2 ** 53 - 1), "FAULT_ARITHMETIC book.level[-3].lots"],
  [
    "bad entry",
    (b) => b.restore([{ ...SNAPSHOT[0], lots: 0.5 } as BookOrderEntry]),
    "book.restore[0].lots: found 0.5",
  ],
  ["depth 0", (b) => b.copy(0), "FAULT_INPUT book.copy.depth: found 0"],
];

test.each(WRONG)("refused by name, book unchanged: %s", (_name, act, message) => {
  const book = new OrderBookL3({ ordersMax: 3, pagesMax: 1 });
  book.restore(SNAPSHOT);
  const before = book.stateHash();
  expect(() => act(book)).toThrow(message);
  expect([book.stateHash(), book.orderCount]).toEqual([before, 3]);
});

test("what no slot can be is an unknown order", () => {
  const book = new OrderBookL3();
  book.add(1, 1, 1, 1);
  for (const slot of [0, -1, 2, 5000, Number.NaN, 2 ** 40, 0.5])
    expect(book.cancelSlot(slot)).toBe(unknownOrder);
  expect([book.unknownOrders, book.orderCount]).toEqual([7, 1]);
});

test("bad options are refused by name", () => {
  expect(() => new OrderBookL3({ ordersMax: 0 })).toThrow("FAULT_CONFIG book.ordersMax: found 0");
  expect(() => new OrderBookL3({ orderMax: 5 } as object)).toThrow("FAULT_CONFIG book.orderMax: found 5");
});
