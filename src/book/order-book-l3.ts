import { checkInteger, checkKeys, type Fault } from "../base/index.ts";
import type { SideSign } from "../model/index.ts";
import { commandFault } from "./command-fault.ts";
import { runCommands } from "./command-run.ts";
import { CELL_BITS } from "./order-columns.ts";
import type { OrderCommands } from "./order-commands.ts";
import {
  BOOK_OUTCOME,
  type BookOrderEntry,
  type BookOrderId,
  type BookOutcome,
  checkEntries,
  checkOrderId,
  faultOrder,
} from "./order-entry.ts";
import { NO_ASK, NO_BID, TICK_MAX, TICK_MIN } from "./price-range.ts";
import { QueueBook } from "./queue-book.ts";
import type { QueueSide } from "./queue-side.ts";

/** How large an {@link OrderBookL3} may grow. */
export interface OrderBookL3Options {
  /** Orders that may be live at one time; 1,048,576 unless said. */
  readonly ordersMax?: number;
  /** Pages of 4,096 ticks (80 KiB each when full) a side may hold levels on at one time; 1,024 unless said. */
  readonly pagesMax?: number;
}

/**
 * The book of one instrument by order: each price holds a first-in, first-out queue of orders.
 *
 * Orders are known by the feed's id (one Map lookup a command) or by the slot that `addSlot` or `slotOf` gave
 * (no lookup). A slot is taken again after its order has left the book: keep none past that. The book shows
 * what the feed says; it matches nothing, and a feed may cross it.
 *
 * @units prices in ticks, quantities in book lots
 * @invariant The lots of a level are the sum over its queue; an order keeps its place when it gets smaller and
 * goes to the end of the queue when it gets larger or changes its price.
 * @refuses `BOOK_OUTCOME.unknownOrder`, `duplicateOrder`, `exceedsOrder`, each counted, nothing changed
 * @throws `FAULT_INPUT` for a side, price, quantity or id of the wrong kind, `FAULT_CAPACITY` over `ordersMax`
 * or `pagesMax`, `FAULT_ARITHMETIC` for a level past 2^53 lots; the book is unchanged then.
 * @cost Commands are O(1) and allocate nothing but columns and pages; when the best level empties, the scan to
 * the next one.
 * @example
 * ```ts
 * import { OrderBookL3 } from "tickwright/book";
 * const book = new OrderBookL3();
 * book.add("a", 1, 100, 5); // => 0
 * book.add("b", 1, 100, 3); // => 0
 * book.aheadOf("b"); // => 5
 * book.execute("a", 4); // => 0
 * book.modify("a", 100, 6); // => 0
 * book.aheadOf("b"); // => 0
 * book.bidLots(100); // => 9
 * book.cancel("c"); // => 1
 * ```
 */
export class OrderBookL3 extends QueueBook {
  /** Commands refused because no live order has the id or slot. */
  unknownOrders = 0;
  /** Additions refused because a live order has the id. */
  duplicateOrders = 0;
  /** Reductions and executions refused because the order has fewer lots. */
  exceedingLots = 0;
  /** Executions done of an order that was not the first of its side's best level: the feed or the book errs. */
  outOfTurn = 0;
  /** Executions against orders the book does not show, and their lots. */
  hiddenTrades = 0;
  hiddenLots = 0;
  private readonly slots = new Map<BookOrderId, number>();
  private readonly bounds: { readonly ordersMax: number; readonly pagesMax: number };

  /** @throws `FAULT_CONFIG` for an unknown option or one out of its range. */
  constructor(options: OrderBookL3Options = {}) {
    checkKeys("book", options, ["ordersMax", "pagesMax"]);
    const ordersMax = checkInteger("book.ordersMax", options.ordersMax ?? 1_048_576, 1, 134_217_727);
    const pagesMax = checkInteger("book.pagesMax", options.pagesMax ?? 1024, 1, 16_384);
    super(ordersMax, pagesMax);
    this.bounds = { ordersMax, pagesMax };
  }

  /** Puts a new order at the end of its price's queue. */
  add(id: BookOrderId, side: SideSign, tick: number, lots: number): BookOutcome {
    checkOrderId("book.add.id", id);
    if (this.slots.has(id)) {
      this.duplicateOrders++;
      return BOOK_OUTCOME.duplicateOrder;
    }
    const slot = this.addSlot(side, tick, lots);
    this.slots.set(id, slot);
    while (this.ids.length <= slot) this.ids.push(undefined);
    this.ids[slot] = id;
    return BOOK_OUTCOME.done;
  }

  /** Removes an order. */
  cancel(id: BookOrderId): BookOutcome {
    return this.cancelSlot(this.slots.get(id) ?? 0);
  }

  /** Takes lots off an order, which keeps its place; all of them removes it. */
  reduce(id: BookOrderId, lots: number): BookOutcome {
    return this.reduceSlot(this.slots.get(id) ?? 0, lots);
  }

  /** Gives an order a price and lots; it keeps its place unless the price changes or the lots grow. */
  modify(id: BookOrderId, tick: number, lots: number): BookOutcome {
    return this.modifySlot(this.slots.get(id) ?? 0, tick, lots);
  }

  /** Takes executed lots off an order; all of them removes it. */
  execute(id: BookOrderId, lots: number): BookOutcome {
    return this.executeSlot(this.slots.get(id) ?? 0, lots);
  }

  /** An execution against an order that is not shown: counted, nothing visible changes. */
  tradeHidden(tick: number, lots: number): void {
    if ((tick | 0) !== tick || !isLots(lots)) faultOrder("book.tradeHidden", 1, tick, lots);
    this.hiddenTrades++;
    this.hiddenLots += lots;
  }

  /** As {@link OrderBookL3.add} for an order without id; returns its slot, above 0. */
  addSlot(side: SideSign, tick: number, lots: number): number {
    if ((side !== 1 && side !== -1) || (tick | 0) !== tick || !isLots(lots)) {
      faultOrder("book.add", side, tick, lots);
    }
    const queue = side > 0 ? this.bidSide : this.askSide;
    const at = queue.hold(tick, lots);
    const orders = this.orders;
    const cell = orders.take(side);
    orders.tick[cell] = tick;
    orders.lots[cell >> 1] = lots;
    queue.push(cell, at);
    if (side > 0) {
      if (tick > this.bestBid) this.bestBid = tick | 0;
    } else if (tick < this.bestAsk) this.bestAsk = tick | 0;
    return cell >> CELL_BITS;
  }

  /** As {@link OrderBookL3.cancel}, by slot. */
  cancelSlot(slot: number): BookOutcome {
    if (!this.orders.holds(slot)) return this.refuseUnknown();
    this.remove(slot << CELL_BITS);
    return BOOK_OUTCOME.done;
  }

  /** As {@link OrderBookL3.reduce}, by slot. */
  reduceSlot(slot: number, lots: number): BookOutcome {
    if (!isLots(lots)) faultOrder("book.reduce", 1, 0, lots);
    if (!this.orders.holds(slot)) return this.refuseUnknown();
    const cell = slot << CELL_BITS;
    const left = (this.orders.lots[cell >> 1] as number) - lots;
    if (left < 0) return this.refuseExceeding();
    if (left === 0) this.remove(cell);
    else this.queueOf(cell).shrink(cell, lots);
    return BOOK_OUTCOME.done;
  }

  /** As {@link OrderBookL3.modify}, by slot. */
  modifySlot(slot: number, tick: number, lots: number): BookOutcome {
    if ((tick | 0) !== tick || !isLots(lots)) faultOrder("book.modify", 1, tick, lots);
    if (!this.orders.holds(slot)) return this.refuseUnknown();
    const cell = slot << CELL_BITS;
    const grow = lots - (this.orders.lots[cell >> 1] as number);
    if (tick !== this.orders.tick[cell]) this.requeue(cell, tick, lots, lots);
    else if (grow > 0) this.requeue(cell, tick, lots, grow);
    else if (grow < 0) this.queueOf(cell).shrink(cell, -grow);
    return BOOK_OUTCOME.done;
  }

  /** As {@link OrderBookL3.execute}, by slot. */
  executeSlot(slot: number, lots: number): BookOutcome {
    if (!isLots(lots)) faultOrder("book.execute", 1, 0, lots);
    const orders = this.orders;
    if (!orders.holds(slot)) return this.refuseUnknown();
    const cell = slot << CELL_BITS;
    const left = (orders.lots[cell >> 1] as number) - lots;
    if (left < 0) return this.refuseExceeding();
    const best = (orders.side[cell] as number) > 0 ? this.bestBid : this.bestAsk;
    if (orders.prev[cell] !== 0 || orders.tick[cell] !== best) this.outOfTurn++;
    if (left === 0) this.remove(cell);
    else this.queueOf(cell).shrink(cell, lots);
    return BOOK_OUTCOME.done;
  }

  /** The slot of an id; 0 where no live order has it. */
  slotOf(id: BookOrderId): number {
    return this.slots.get(id) ?? 0;
  }

  /** The lots in front of an order in its queue; -1 where no live order has the id. O(orders in front). */
  aheadOf(id: BookOrderId): number {
    return this.aheadOfSlot(this.slots.get(id) ?? 0);
  }

  /**
   * Runs a batch of commands as single calls would, each with an outcome of its own, and empties it. Returns how many
   * were not done.
   *
   * @throws `FAULT_INPUT` for a count beyond the capacity or memory that was detached; nothing was run then.
   */
  process(commands: OrderCommands): number {
    return runCommands(this, commands);
  }

  /**
   * The fault that a command of the batch processed last would have thrown as a single call; undefined for one that was
   * done or refused. To be asked before new commands are written.
   */
  faultOf(commands: OrderCommands, command: number): Fault | undefined {
    return commandFault(commands, command, this.bounds);
  }

  /** Removes every order. Counts stay. */
  clear(): void {
    this.orders.clear();
    this.bidSide.clear();
    this.askSide.clear();
    this.slots.clear();
    this.ids.length = 1;
    this.bestBid = NO_BID;
    this.bestAsk = NO_ASK;
  }

  /**
   * Replaces the whole book by a snapshot; orders of one price queue as they are listed. Returns how many
   * were refused as duplicates.
   *
   * @throws as the class, naming the entry, the book unchanged; over a bound it keeps the entries before.
   */
  restore(entries: readonly BookOrderEntry[]): number {
    checkEntries("book.restore", entries);
    this.clear();
    let refused = 0;
    for (const { id, side, priceTicks, lots } of entries) {
      if (id === undefined) this.addSlot(side, priceTicks, lots);
      else if (this.add(id, side, priceTicks, lots) !== BOOK_OUTCOME.done) refused++;
    }
    return refused;
  }

  private queueOf(cell: number): QueueSide {
    return (this.orders.side[cell] as number) > 0 ? this.bidSide : this.askSide;
  }

  private remove(cell: number): void {
    this.unlink(cell);
    this.orders.release(cell);
    if (this.slots.size !== 0) this.forget(cell >> CELL_BITS);
  }

  private unlink(cell: number): void {
    const tick = this.orders.tick[cell] as number;
    if ((this.orders.side[cell] as number) > 0) {
      if (this.bidSide.unlink(cell) !== 0 || tick !== this.bestBid) return;
      this.bestBid = this.bidSide.pages.below(tick, TICK_MIN);
    } else if (this.askSide.unlink(cell) === 0 && tick === this.bestAsk) {
      this.bestAsk = this.askSide.pages.above(tick, TICK_MAX);
    }
  }

  private requeue(cell: number, tick: number, lots: number, more: number): void {
    const { orders } = this;
    const side = this.queueOf(cell);
    const at = side.hold(tick, more);
    this.unlink(cell);
    orders.tick[cell] = tick;
    orders.lots[cell >> 1] = lots;
    side.push(cell, at);
    if ((orders.side[cell] as number) > 0) {
      if (tick > this.bestBid) this.bestBid = tick | 0;
    } else if (tick < this.bestAsk) this.bestAsk = tick | 0;
  }

  private forget(slot: number): void {
    const id = this.ids[slot];
    if (id === undefined) return;
    this.slots.delete(id);
    this.ids[slot] = undefined;
  }

  private refuseUnknown(): BookOutcome {
    this.unknownOrders++;
    return BOOK_OUTCOME.unknownOrder;
  }

  private refuseExceeding(): BookOutcome {
    this.exceedingLots++;
    return BOOK_OUTCOME.exceedsOrder;
  }
}

function isLots(lots: number): boolean {
  return (lots >>> 0 === lots && lots !== 0) || (Number.isSafeInteger(lots) && lots > 0);
}
