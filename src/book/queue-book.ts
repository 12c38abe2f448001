import { asBookLots, asTicks, type SideSign } from "../model/index.ts";
import { checkDepth, faultTick } from "./book-level.ts";
import { CELL_BITS, OrderColumns } from "./order-columns.ts";
import { type BookOrder, type BookOrderId, orderStateHash, type QueueLevel } from "./order-entry.ts";
import { NO_ASK, NO_BID, TICK_MAX, TICK_MIN } from "./price-range.ts";
import { QueueSide } from "./queue-side.ts";

/**
 * What can be read of a book by order; {@link OrderBookL3} adds the commands.
 *
 * @units prices in ticks, quantities in book lots
 */
export class QueueBook {
  /** The best bid, or `NO_BID`. Read only to all but the book. */
  bestBid: number = NO_BID;
  /** The best ask, or `NO_ASK`. Read only to all but the book. */
  bestAsk: number = NO_ASK;
  protected readonly orders: OrderColumns;
  protected readonly bidSide: QueueSide;
  protected readonly askSide: QueueSide;
  protected readonly ids: (BookOrderId | undefined)[] = [undefined];

  protected constructor(ordersMax: number, pagesMax: number) {
    this.orders = new OrderColumns(ordersMax);
    this.bidSide = new QueueSide("book.bids", pagesMax, this.orders);
    this.askSide = new QueueSide("book.asks", pagesMax, this.orders);
  }

  /** The lots of all orders at a bid price; 0 where there is none. */
  bidLots(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.bidLots", tick);
    return this.bidSide.pages.get(tick);
  }

  /** The lots of all orders at an ask price; 0 where there is none. */
  askLots(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.askLots", tick);
    return this.askSide.pages.get(tick);
  }

  /** How many orders stand at a bid price. */
  bidOrders(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.bidOrders", tick);
    return this.bidSide.orders[this.bidSide.pages.find(tick)] as number;
  }

  /** How many orders stand at an ask price. */
  askOrders(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.askOrders", tick);
    return this.askSide.orders[this.askSide.pages.find(tick)] as number;
  }

  /** The next bid level below a price (its own level excluded), or `NO_BID`. */
  nextBid(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.nextBid", tick);
    return this.bidSide.pages.below(tick, TICK_MIN);
  }

  /** The next ask level above a price (its own level excluded), or `NO_ASK`. */
  nextAsk(tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.nextAsk", tick);
    return this.askSide.pages.above(tick, TICK_MAX);
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
    return this.bidSide.pages.get(this.bestBid);
  }

  get bestAskLots(): number {
    return this.askSide.pages.get(this.bestAsk);
  }

  /** Bid prices with an order. O(pages). */
  get bidLevels(): number {
    return this.bidSide.pages.levels;
  }

  /** Ask prices with an order. O(pages). */
  get askLevels(): number {
    return this.askSide.pages.levels;
  }

  /** Orders in the book. */
  get orderCount(): number {
    return this.orders.live;
  }

  /** Whether the best bid reaches the best ask: so in an auction, or when the feed errs. */
  get isCrossed(): boolean {
    return this.bestBid >= this.bestAsk;
  }

  /** The slot at the front of a side's best level, the next to be executed; 0 where the side is empty. */
  frontSlot(side: SideSign): number {
    const queue = side > 0 ? this.bidSide : this.askSide;
    const cell = queue.head[queue.pages.find(side > 0 ? this.bestBid : this.bestAsk)] as number;
    return cell >> CELL_BITS;
  }

  /** The slot at the front of a price's queue; 0 where no order stands there. */
  headSlot(side: SideSign, tick: number): number {
    if ((tick | 0) !== tick) faultTick("book.headSlot", tick);
    const queue = side > 0 ? this.bidSide : this.askSide;
    return (queue.head[queue.pages.find(tick)] as number) >> CELL_BITS;
  }

  /** The slot behind a live one in its queue; 0 at the end. */
  nextSlot(slot: number): number {
    return this.orders.holds(slot) ? (this.orders.next[slot << CELL_BITS] as number) >> CELL_BITS : 0;
  }

  /** What stands in a slot; undefined where no live order does. Allocates. */
  orderAt(slot: number): BookOrder | undefined {
    const { orders } = this;
    if (!orders.holds(slot)) return undefined;
    const cell = slot << CELL_BITS;
    const side: SideSign = (orders.side[cell] as number) > 0 ? 1 : -1;
    const priceTicks = asTicks(orders.tick[cell] as number);
    return { id: this.ids[slot], side, priceTicks, lots: asBookLots(orders.lots[cell >> 1] as number) };
  }

  /** The lots a live slot has left; 0 where no live order stands. */
  lotsAt(slot: number): number {
    return this.orders.holds(slot) ? (this.orders.lots[slot << (CELL_BITS - 1)] as number) : 0;
  }

  /** The lots in front of a slot in its queue; -1 where no live order stands. O(orders in front). */
  aheadOfSlot(slot: number): number {
    const { orders } = this;
    if (!orders.holds(slot)) return -1;
    let ahead = 0;
    const { prev, lots } = orders;
    for (let cell = prev[slot << CELL_BITS] as number; cell !== 0; cell = prev[cell] as number) {
      ahead += lots[cell >> 1] as number;
    }
    return ahead;
  }

  /** Up to `depth` levels a side, best first; all of them unless said. */
  copy(depth: number = Number.MAX_SAFE_INTEGER): {
    readonly bids: QueueLevel[];
    readonly asks: QueueLevel[];
  } {
    checkDepth("book.copy.depth", depth);
    const bids: QueueLevel[] = [];
    for (let tick = this.bestBid; tick !== NO_BID && bids.length < depth; tick = this.nextBid(tick)) {
      bids.push(levelOf(this.bidSide, tick));
    }
    const asks: QueueLevel[] = [];
    for (let tick = this.bestAsk; tick !== NO_ASK && asks.length < depth; tick = this.nextAsk(tick)) {
      asks.push(levelOf(this.askSide, tick));
    }
    return { bids, asks };
  }

  /** Every order: bids, best price first and front of the queue first, then asks alike. */
  copyOrders(): BookOrder[] {
    const listed: BookOrder[] = [];
    for (let tick = this.bestBid; tick !== NO_BID; tick = this.nextBid(tick))
      this.list(this.bidSide, tick, listed);
    for (let tick = this.bestAsk; tick !== NO_ASK; tick = this.nextAsk(tick))
      this.list(this.askSide, tick, listed);
    return listed;
  }

  /** {@link orderStateHash} of every order. */
  stateHash(): string {
    return orderStateHash(this.copyOrders());
  }

  private list(side: QueueSide, tick: number, listed: BookOrder[]): void {
    for (
      let slot = this.headSlot(side === this.bidSide ? 1 : -1, tick);
      slot !== 0;
      slot = this.nextSlot(slot)
    ) {
      const order = this.orderAt(slot);
      if (order !== undefined) listed.push(order);
    }
  }
}

function levelOf(side: QueueSide, tick: number): QueueLevel {
  const at = side.pages.find(tick);
  const lots = asBookLots(side.pages.lots[at] as number);
  return { priceTicks: asTicks(tick), lots, orders: side.orders[at] as number };
}
