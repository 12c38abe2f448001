import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { asBookLots, asTicks, type SideSign } from "../model/index.ts";
import { checkDepth, faultTick } from "./book-level.ts";
import { commandFault } from "./command-fault.ts";
import { type BookDoor, openBook, type RunRows } from "./native-book-door.ts";
import type { OrderBookL3Options, OrderBookL3 as OrderBookOfNumbers } from "./order-book-l3.ts";
import { checkBatch, OrderCommands } from "./order-commands.ts";
import {
  type BookOrder,
  type BookOrderEntry,
  type BookOutcome,
  checkEntries,
  orderStateHash,
  type QueueLevel,
} from "./order-entry.ts";
import { NO_ASK, NO_BID } from "./price-range.ts";

/** The places of `Count` in native/book/order_book_l3.hpp. */
const COUNT = {
  unknown: 0,
  duplicate: 1,
  exceeding: 2,
  outOfTurn: 3,
  hiddenTrades: 4,
  hiddenLots: 5,
  live: 6,
};

/**
 * `OrderBookL3` of `tickwright/book` in C++: the same commands, outcomes, slots, levels and queues. Made for
 * batches: one call of `process` runs all the rows of an {@link OrderCommands}; a single call is a batch of one,
 * and costs what the call in JavaScript costs or more.
 *
 * @units prices in ticks, quantities in book lots
 * @refuses as `OrderBookL3` of `tickwright/book`
 * @throws As that class, and `FAULT_INPUT` for an id that is no number; `FAULT_NATIVE_UNAVAILABLE` where there is no
 * binary.
 * @invariant Equal commands leave it and that class with equal state hashes and slots.
 * @cost A call and its checks about 60 ns, then per command; a batch is registered when a book first sees it. 97
 * KiB a page and side, 32 B an order, 16 B an id.
 * @example
 * ```ts
 * import { nativeReport } from "tickwright/base/native";
 * import { OrderBookL3, OrderCommands } from "tickwright/book";
 * import { OrderBookL3 as NativeBook } from "tickwright/book/native";
 * const book = nativeReport().isAvailable ? new NativeBook() : new OrderBookL3();
 * const commands = new OrderCommands({ capacity: 128 });
 * commands.add(71, 1, 100, 5);
 * commands.add(72, -1, 102, 3);
 * commands.execute(72, 1);
 * book.process(commands); // => 0
 * [book.bestBid, book.bestAsk, book.askLots(102)]; // => [100, 102, 2]
 * ```
 */
export class OrderBookL3 implements Pick<OrderBookOfNumbers, keyof OrderBookOfNumbers> {
  /** The best bid, or `NO_BID`. Read only to all but the book. */
  bestBid: number = NO_BID;
  /** The best ask, or `NO_ASK`. Read only to all but the book. */
  bestAsk: number = NO_ASK;
  readonly #bounds: { readonly ordersMax: number; readonly pagesMax: number };
  readonly #door: BookDoor;
  readonly #one = new OrderCommands({ capacity: 1 });
  readonly #order = new Float64Array(5);
  readonly #known = new WeakMap<OrderCommands, RunRows>();
  #last: OrderCommands | undefined;
  #process: RunRows = () => 0;

  /** @throws `FAULT_CONFIG` for an unknown option or one out of its range. */
  constructor(options: OrderBookL3Options = {}) {
    checkKeys("book", options, ["ordersMax", "pagesMax"]);
    const ordersMax = checkInteger("book.ordersMax", options.ordersMax ?? 1_048_576, 1, 134_217_727);
    const pagesMax = checkInteger("book.pagesMax", options.pagesMax ?? 1024, 1, 16_384);
    this.#bounds = { ordersMax, pagesMax };
    this.#door = openBook(ordersMax, pagesMax);
  }

  /**
   * As in `tickwright/book`: runs a batch, each command with an outcome of its own; returns how many were not done.
   */
  process(commands: OrderCommands): number {
    const count = checkBatch(commands);
    if (commands !== this.#last) this.#register(commands);
    const undone = this.#process(count);
    if (undone < 0) {
      const expected = "memory that is there";
      throw new Fault("FAULT_INPUT", { path: "commands.memory", value: undone, expected });
    }
    if (count > 0) {
      this.bestBid = commands.results[count * 4 - 2] as number;
      this.bestAsk = commands.results[count * 4 - 1] as number;
    }
    commands.count = 0;
    commands.processed = count;
    return undone;
  }

  /** As in `tickwright/book`. */
  faultOf(commands: OrderCommands, command: number): Fault | undefined {
    return commandFault(commands, command, this.#bounds);
  }

  /** Commands refused because no live order has the id or slot. */
  get unknownOrders(): number {
    return this.#door.count(COUNT.unknown);
  }

  /** Additions refused because a live order has the id. */
  get duplicateOrders(): number {
    return this.#door.count(COUNT.duplicate);
  }

  /** Reductions and executions refused because the order has fewer lots. */
  get exceedingLots(): number {
    return this.#door.count(COUNT.exceeding);
  }

  /** Executions done of an order that was not the first of its side's best level. */
  get outOfTurn(): number {
    return this.#door.count(COUNT.outOfTurn);
  }

  /** Executions against orders the book does not show. */
  get hiddenTrades(): number {
    return this.#door.count(COUNT.hiddenTrades);
  }

  /** The lots of those. */
  get hiddenLots(): number {
    return this.#door.count(COUNT.hiddenLots);
  }

  add(id: number, side: SideSign, tick: number, lots: number): BookOutcome {
    this.#one.add(id, side, tick, lots);
    return this.#run();
  }

  cancel(id: number): BookOutcome {
    this.#one.cancel(id);
    return this.#run();
  }

  reduce(id: number, lots: number): BookOutcome {
    this.#one.reduce(id, lots);
    return this.#run();
  }

  modify(id: number, tick: number, lots: number): BookOutcome {
    this.#one.modify(id, tick, lots);
    return this.#run();
  }

  execute(id: number, lots: number): BookOutcome {
    this.#one.execute(id, lots);
    return this.#run();
  }

  tradeHidden(tick: number, lots: number): void {
    this.#one.tradeHidden(tick, lots);
    this.#run();
  }

  addSlot(side: SideSign, tick: number, lots: number): number {
    this.#one.addSlot(side, tick, lots);
    this.#run();
    return this.#one.slotAt(0);
  }

  cancelSlot(slot: number): BookOutcome {
    this.#one.cancelSlot(slot);
    return this.#run();
  }

  reduceSlot(slot: number, lots: number): BookOutcome {
    this.#one.reduceSlot(slot, lots);
    return this.#run();
  }

  modifySlot(slot: number, tick: number, lots: number): BookOutcome {
    this.#one.modifySlot(slot, tick, lots);
    return this.#run();
  }

  executeSlot(slot: number, lots: number): BookOutcome {
    this.#one.executeSlot(slot, lots);
    return this.#run();
  }

  /** Removes every order. Counts stay. */
  clear(): void {
    this.#one.clear();
    this.#run();
  }

  /** As in `tickwright/book`; an id that is no number is `FAULT_INPUT`, the book unchanged. */
  restore(entries: readonly BookOrderEntry[]): number {
    checkEntries("book.restore", entries);
    for (const [i, { id }] of entries.entries()) {
      if (id === undefined || typeof id === "number") continue;
      throw new Fault("FAULT_INPUT", { path: `book.restore[${i}].id`, value: id, expected: "a number" });
    }
    this.clear();
    let refused = 0;
    for (const { id, side, priceTicks, lots } of entries) {
      if (id === undefined) this.addSlot(side, priceTicks, lots);
      else if (this.add(id as number, side, priceTicks, lots) !== 0) refused++;
    }
    return refused;
  }

  /** The slot of an id; 0 where no live order has it. */
  slotOf(id: number): number {
    return this.#door.slotOf(id);
  }

  /** The lots in front of an order in its queue; -1 where no live order has the id. O(orders in front). */
  aheadOf(id: number): number {
    return this.#door.aheadOfSlot(this.#door.slotOf(id));
  }

  /** The lots of all orders at a bid price; 0 where there is none. */
  bidLots(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.bidLots", tick);
    return this.#door.lotsAtPrice(1, tick);
  }

  /** The lots of all orders at an ask price; 0 where there is none. */
  askLots(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.askLots", tick);
    return this.#door.lotsAtPrice(-1, tick);
  }

  /** How many orders stand at a bid price. */
  bidOrders(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.bidOrders", tick);
    return this.#door.ordersAtPrice(1, tick);
  }

  /** How many orders stand at an ask price. */
  askOrders(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.askOrders", tick);
    return this.#door.ordersAtPrice(-1, tick);
  }

  /** The next bid level below a price (its own level excluded), or `NO_BID`. */
  nextBid(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.nextBid", tick);
    return this.#door.nextLevel(1, tick);
  }

  /** The next ask level above a price (its own level excluded), or `NO_ASK`. */
  nextAsk(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.nextAsk", tick);
    return this.#door.nextLevel(-1, tick);
  }

  get hasBid(): boolean {
    return this.bestBid !== NO_BID;
  }

  get hasAsk(): boolean {
    return this.bestAsk !== NO_ASK;
  }

  /** Half the sum of best bid and best ask, in ticks; NaN unless both are there. */
  get midTicks(): number {
    if (this.bestBid === NO_BID || this.bestAsk === NO_ASK) return Number.NaN;
    return (this.bestBid + this.bestAsk) / 2;
  }

  get bestBidLots(): number {
    return this.#door.lotsAtPrice(1, this.bestBid);
  }

  get bestAskLots(): number {
    return this.#door.lotsAtPrice(-1, this.bestAsk);
  }

  /** Bid prices with an order. O(pages). */
  get bidLevels(): number {
    return this.#door.levels(1);
  }

  /** Ask prices with an order. O(pages). */
  get askLevels(): number {
    return this.#door.levels(-1);
  }

  /** Orders in the book. */
  get orderCount(): number {
    return this.#door.count(COUNT.live);
  }

  /** Whether the best bid reaches the best ask: so in an auction, or when the feed errs. */
  get isCrossed(): boolean {
    return this.bestBid >= this.bestAsk;
  }

  /** The slot at the front of a side's best level, the next to be executed; 0 where the side is empty. */
  frontSlot(side: SideSign): number {
    return this.#door.frontSlot(side);
  }

  /** The slot at the front of a price's queue; 0 where no order stands there. */
  headSlot(side: SideSign, tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.headSlot", tick);
    return this.#door.headSlot(side, tick);
  }

  /** The slot behind a live one in its queue; 0 at the end. */
  nextSlot(slot: number): number {
    return this.#door.nextSlot(slot);
  }

  /** What stands in a slot; undefined where no live order does. Allocates. */
  orderAt(slot: number): BookOrder | undefined {
    const cells = this.#order;
    if (this.#door.writeOrder(slot, cells) === 0) return undefined;
    const [side = 0, tick = 0, lots = 0, id, hasId] = cells;
    const priceTicks = asTicks(tick);
    return { id: hasId === 1 ? id : undefined, side: side > 0 ? 1 : -1, priceTicks, lots: asBookLots(lots) };
  }

  /** The lots a live slot has left; 0 where no live order stands. */
  lotsAt(slot: number): number {
    return this.#door.lotsAt(slot);
  }

  /** The lots in front of a slot in its queue; -1 where no live order stands. O(orders in front). */
  aheadOfSlot(slot: number): number {
    return this.#door.aheadOfSlot(slot);
  }

  /** Up to `depth` levels a side, best first; all of them unless said. */
  copy(depth: number = Number.MAX_SAFE_INTEGER): {
    readonly bids: QueueLevel[];
    readonly asks: QueueLevel[];
  } {
    checkDepth("book.copy.depth", depth);
    return { bids: this.#side(1, depth), asks: this.#side(-1, depth) };
  }

  /** Every order: bids, best price first and front of the queue first, then asks alike. */
  copyOrders(): BookOrder[] {
    return [...this.#queues(1), ...this.#queues(-1)];
  }

  /** The hash that `orderStateHash` of `tickwright/book` makes of every order. */
  stateHash(): string {
    return orderStateHash(this.copyOrders());
  }

  /** Runs the one command written, as a single call: a fault is thrown. */
  #run(): BookOutcome {
    const one = this.#one;
    this.process(one);
    const outcome = one.outcomeAt(0);
    if (outcome >= 0) return outcome as BookOutcome;
    throw this.faultOf(one, 0) ?? new Fault("FAULT_INVARIANT", { path: "book", value: outcome });
  }

  #register(commands: OrderCommands): void {
    let process = this.#known.get(commands);
    if (process === undefined) {
      const made = this.#door.register(commands.rows, commands.results);
      if (typeof made === "number") {
        const expected = "memory that does not resize";
        throw new Fault("FAULT_INPUT", { path: "commands.memory", value: made, expected });
      }
      process = made;
      this.#known.set(commands, process);
    }
    this.#last = commands;
    this.#process = process;
  }

  #side(side: SideSign, depth: number): QueueLevel[] {
    const none = side > 0 ? NO_BID : NO_ASK;
    const levels: QueueLevel[] = [];
    let tick = side > 0 ? this.bestBid : this.bestAsk;
    for (; tick !== none && levels.length < depth; tick = this.#door.nextLevel(side, tick)) {
      const lots = asBookLots(this.#door.lotsAtPrice(side, tick));
      levels.push({ priceTicks: asTicks(tick), lots, orders: this.#door.ordersAtPrice(side, tick) });
    }
    return levels;
  }

  *#queues(side: SideSign): Iterable<BookOrder> {
    const none = side > 0 ? NO_BID : NO_ASK;
    let tick = side > 0 ? this.bestBid : this.bestAsk;
    for (; tick !== none; tick = this.#door.nextLevel(side, tick)) {
      let slot = this.#door.headSlot(side, tick);
      for (; slot !== 0; slot = this.#door.nextSlot(slot)) {
        const order = this.orderAt(slot);
        if (order !== undefined) yield order;
      }
    }
  }
}
