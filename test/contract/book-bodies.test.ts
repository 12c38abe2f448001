import fc from "fast-check";
import { expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  COMMAND_OUTCOME,
  LOTS_MAX,
  NO_BID,
  ORDER_COMMAND,
  OrderBookL3,
  OrderCommands,
  TICK_MAX,
  TICK_MIN,
} from "../../src/book/index.ts";
import { OrderBookL3 as NativeBook } from "../../src/book/native.ts";
import type { SideSign } from "../../src/model/index.ts";
import { describeNative } from "../fixtures/native-here.ts";
import { type Row, SlowBatchBook } from "./book-batch-oracle.ts";

type Body = OrderBookL3 | NativeBook;

const { bySlot } = ORDER_COMMAND;
const BOUNDS = [
  { ordersMax: 1_048_576, pagesMax: 1024 },
  { ordersMax: 5, pagesMax: 2 },
] as const;

const plain = fc.constantFrom(
  ...[1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1],
  ...[2, 3, 4, 4, 5, 5, 5, 5, 6, 7, 8],
);
const code = fc.oneof(
  { weight: 20, arbitrary: plain },
  { weight: 8, arbitrary: plain.map((each) => each + bySlot) },
  { weight: 2, arbitrary: fc.constantFrom(0, 9, 16, 3.5, 19.5, Number.NaN, -2, 1e300, -Infinity, 33) },
);
const id = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 5 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0.5, Number.NaN, Infinity, -1, 2 ** 32 + 1, LOTS_MAX, 2 ** 60),
  },
);
const tick = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -1, max: 1 }) },
  { weight: 4, arbitrary: fc.constantFrom(TICK_MIN, TICK_MAX, 4096, -4097, 63, 64, 4095, 50_000_000) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(TICK_MIN - 1, TICK_MAX + 1, 2 ** 31, -(2 ** 31), Number.NaN, 0.5, Infinity),
  },
);
const lots = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 5 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, -1, 1.5, Number.NaN, LOTS_MAX, LOTS_MAX + 1, 2 ** 32, Infinity),
  },
);
const row: fc.Arbitrary<Row> = fc.record({ code, id, tick, lots });

/** Rows as they come, malformed ones too: past the writing methods, as another thread would. */
function batchOf(rows: readonly Row[]): OrderCommands {
  const commands = new OrderCommands({ capacity: Math.max(1, rows.length) });
  for (const [i, each] of rows.entries())
    commands.rows.set([each.code, each.id, each.tick, each.lots], i * 4);
  commands.count = rows.length;
  return commands;
}

/** A row as one call, by its outcome or the code of its fault; undefined for a row that no call stands for. */
function single(book: Body, { code: full, id: name, tick: at, lots: of }: Row): number | string | undefined {
  const slot = full > bySlot - 2;
  const code = slot ? full - bySlot : full;
  const side = (code === 8 ? at : code) as SideSign;
  if ((code === 8 && Math.abs(at) === 1) || (slot && code > 5 && code < 8)) return undefined;
  try {
    switch (code) {
      case 8:
      case 1:
      case -1:
        return slot ? Math.min(0, book.addSlot(side, at, of)) : book.add(name, side, at, of);
      case 2:
        return slot ? book.cancelSlot(name) : book.cancel(name);
      case 3:
        return slot ? book.reduceSlot(name, of) : book.reduce(name, of);
      case 4:
        return slot ? book.modifySlot(name, at, of) : book.modify(name, at, of);
      case 5:
        return slot ? book.executeSlot(name, of) : book.execute(name, of);
      case 6:
        book.tradeHidden(at, of);
        return 0;
      case 7:
        book.clear();
        return 0;
      default:
        return undefined;
    }
  } catch (fault) {
    if (fault instanceof Fault) return fault.code;
    throw fault;
  }
}

/** Everything that can be read of a book, in one value. */
function read(book: Body): unknown {
  const ticks = [-2, -1, 0, 1, 2, 63, 64, 4095, 4096, -4097, TICK_MIN, TICK_MAX, TICK_MAX + 1, -(2 ** 31)];
  const slots = [0, 1, 2, 3, 4, 5, 6, 7, 1e9, 0.5, -1, Number.NaN];
  return {
    best: [book.bestBid, book.bestAsk, book.bestBidLots, book.bestAskLots, book.midTicks],
    is: [book.hasBid, book.hasAsk, book.isCrossed],
    levels: [book.bidLevels, book.askLevels, book.orderCount, book.copy(2), book.copy()],
    orders: book.copyOrders(),
    counts: [book.unknownOrders, book.duplicateOrders, book.exceedingLots, book.outOfTurn],
    hidden: [book.hiddenTrades, book.hiddenLots],
    fronts: [book.frontSlot(1), book.frontSlot(-1)],
    prices: ticks.map((at) => [book.bidLots(at), book.askLots(at), book.bidOrders(at), book.askOrders(at)]),
    next: ticks.map((at) => [book.nextBid(at), book.nextAsk(at)]),
    heads: ticks.map((at) => [book.headSlot(1, at), book.headSlot(-1, at)]),
    slots: slots.map((at) => [book.lotsAt(at), book.nextSlot(at), book.aheadOfSlot(at), book.orderAt(at)]),
    ids: [0, 1, 2, 0.5, Number.NaN, Infinity].map((name) => [book.slotOf(name), book.aheadOf(name)]),
    hash: book.stateHash(),
  };
}

describeNative("the bodies of OrderBookL3", () => {
  it.each(BOUNDS)("answer alike after every command, faults too: %o", (bounds) => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const slow = new SlowBatchBook(bounds);
        const [calls, ours, nativeCalls, native] = [
          new OrderBookL3(bounds),
          new OrderBookL3(bounds),
          new NativeBook(bounds),
          new NativeBook(bounds),
        ];
        for (const each of rows) {
          const expected = slow.run(each);
          for (const [book, called] of [
            [ours, single(calls, each)],
            [native, single(nativeCalls, each)],
          ] as const) {
            const commands = batchOf([each]);
            expect(book.process(commands)).toBe(expected[0] === 0 ? 0 : 1);
            expect(Array.from(commands.results)).toEqual(expected);
            const said = book.faultOf(commands, 0)?.code ?? commands.outcomeAt(0);
            if (called === undefined) (book === ours ? calls : nativeCalls).process(batchOf([each]));
            else expect(called).toBe(said);
          }
          const state = read(ours);
          expect(read(native)).toEqual(state);
          expect(read(nativeCalls)).toEqual(state);
          expect(calls.stateHash()).toBe(native.stateHash());
          if (slow.orders.every((order) => order.id !== undefined))
            expect(native.stateHash()).toBe(slow.stateHash());
          expect([
            native.unknownOrders,
            native.duplicateOrders,
            native.exceedingLots,
            native.outOfTurn,
          ]).toEqual([slow.unknown, slow.duplicate, slow.exceeding, slow.outOfTurn]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each(BOUNDS)("answer alike for batches of any size: %o", (bounds) => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 300 }), { maxLength: 6 }), (batches) => {
        const slow = new SlowBatchBook(bounds);
        const ours = new OrderBookL3(bounds);
        const native = new NativeBook(bounds);
        for (const rows of batches) {
          const expected = rows.flatMap((each) => slow.run(each));
          const undone = rows.filter((_each, i) => expected[i * 4] !== 0).length;
          for (const book of [ours, native]) {
            const commands = batchOf(rows);
            expect(book.process(commands)).toBe(undone);
            expect(Array.from(commands.results.subarray(0, rows.length * 4))).toEqual(expected);
            expect([commands.count, commands.processed]).toEqual([0, rows.length]);
          }
          expect(native.stateHash()).toBe(ours.stateHash());
        }
        expect(read(native)).toEqual(read(ours));
        const again = new NativeBook(bounds);
        expect(again.restore(native.copyOrders())).toBe(0);
        expect(again.stateHash()).toBe(ours.stateHash());
      }),
      { numRuns: 40 },
    );
  });

  it("stay alike as columns, ids and pages grow, and pages are taken again", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 20, maxLength: 30 }), (pages) => {
        const bounds = { ordersMax: 3000, pagesMax: 12 };
        const books = [new OrderBookL3(bounds), new NativeBook(bounds)] as const;
        let name = 0;
        for (const page of pages) {
          const rows: Row[] = [];
          for (let i = 0; i < 200; i++) {
            const at = (page - 20) * 4096 + i * 17;
            rows.push({ code: i % 2 === 0 ? 1 : -1, id: (name += 1 << (i % 20)), tick: at, lots: i + 1 });
          }
          for (const { id: added } of rows.slice(40, 200))
            rows.push({ code: 2, id: added, tick: 0, lots: 0 });
          const [first, second] = books.map((book) => {
            const commands = batchOf(rows);
            book.process(commands);
            return Array.from(commands.results);
          });
          expect(second).toEqual(first);
        }
        expect(books[1].stateHash()).toBe(books[0].stateHash());
      }),
      { numRuns: 10 },
    );
  });
});

describeNative("a batch of commands", () => {
  const bodies = [
    ["TypeScript", () => new OrderBookL3()],
    ["native", () => new NativeBook()],
  ] as const;

  it.each(bodies)("is refused whole for a count beyond it, or memory that is gone: %s", (_name, make) => {
    const book: Body = make();
    const commands = new OrderCommands({ capacity: 2 });
    commands.add(1, 1, 100, 5);
    expect(book.process(commands)).toBe(0);
    for (const count of [3, -1, 0.5, Number.NaN, 2 ** 32]) {
      commands.count = count;
      expect(() => book.process(commands)).toThrow("FAULT_INPUT commands.count");
    }
    commands.count = 1;
    structuredClone(commands.rows.buffer, { transfer: [commands.rows.buffer as ArrayBuffer] });
    expect(() => book.process(commands)).toThrow("FAULT_INPUT commands.memory");
    expect(book.bidLots(100)).toBe(5);
  });

  it.each(bodies)("runs in shared memory, at a part of it, and by turns with another: %s", (_name, make) => {
    const book: Body = make();
    const shared = new OrderCommands({ capacity: 3, memory: new SharedArrayBuffer(200) });
    const other = new OrderCommands();
    for (let i = 0; i < 5; i++) {
      shared.add(i * 2, 1, 100 + i, 5);
      other.add(i * 2 + 1, -1, 110, 5);
      expect([book.process(shared), book.process(other)]).toEqual([0, 0]);
      expect([shared.bestBidAt(0), other.bestAskAt(0)]).toEqual([100 + i, 110]);
    }
    expect(book.process(other)).toBe(0);
    expect([book.orderCount, book.bestBid, book.bestAsk]).toEqual([10, 104, 110]);
  });

  it("keeps what comes before and after a command that is refused", () => {
    const book = new NativeBook();
    const commands = new OrderCommands();
    commands.add(1, 1, 100, 5);
    commands.add(2, 3 as SideSign, 100, 5);
    commands.add("3" as unknown as number, 1, 100, 5);
    commands.add(4, 1, 100, Number.NaN);
    commands.add(1, 1, 100, 5);
    commands.cancel(9);
    commands.add(5, -1, 101, 5);
    expect(book.process(commands)).toBe(5);
    const { done, wrongSide, wrongId, wrongLots, duplicateOrder, unknownOrder } = COMMAND_OUTCOME;
    const outcomes = [0, 1, 2, 3, 4, 5, 6].map((i) => commands.outcomeAt(i));
    expect(outcomes).toEqual([done, wrongSide, wrongId, wrongLots, duplicateOrder, unknownOrder, done]);
    expect(book.faultOf(commands, 1)).toMatchObject({ code: "FAULT_INPUT", path: "book.add.side", value: 3 });
    expect(book.faultOf(commands, 4)).toBeUndefined();
    expect([book.bidLots(100), book.askLots(101)]).toEqual([5, 5]);
    expect(() => commands.outcomeAt(7)).toThrow("FAULT_INPUT commands.result");
  });

  it("knows -0 and 0 as one id", () => {
    for (const book of [new OrderBookL3(), new NativeBook()]) {
      expect([book.add(-0, 1, 100, 5), book.add(0, 1, 100, 5), book.cancel(0), book.cancel(-0)]).toEqual([
        0, 2, 0, 1,
      ]);
    }
  });

  it("is as large as its memory, which does not resize", () => {
    const wrong = [
      new ArrayBuffer(95),
      new ArrayBuffer(96, { maxByteLength: 200 }),
      [] as unknown as ArrayBuffer,
    ];
    for (const memory of wrong) {
      expect(() => new OrderCommands({ capacity: 2, memory })).toThrow("FAULT_CONFIG commands.memory");
    }
    const commands = new OrderCommands({ capacity: 2, memory: new ArrayBuffer(96) });
    commands.cancel(1);
    commands.cancel(2);
    expect(() => commands.cancel(3)).toThrow("FAULT_CAPACITY commands.count");
    commands.reset();
    expect(new NativeBook().process(commands)).toBe(0);
    expect(new NativeBook().bestBid).toBe(NO_BID);
  });
});
