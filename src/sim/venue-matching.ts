import type { ColumnPool } from "../base/index.ts";
import { NO_ASK, NO_BID, OrderBook } from "../book/index.ts";
import { type Instrument, ORDER_FLAG, REASON, REPORT } from "../model/index.ts";
import { Consumed } from "./consumed.ts";
import { MessageRing } from "./message-ring.ts";
import { QueueModel } from "./queue-model.ts";
import { type SimVenueOptions, type SimVenueSettings, venueSettings } from "./venue-options.ts";
import { VENUE_STATE, VenueOrders } from "./venue-orders.ts";
import { VenueReports } from "./venue-reports.ts";

const NONE = -1;
/** What places in a queue may lose to rounding, in lots. */
const ROUNDING_SLACK = 1e-9;

/**
 * How fills come about at a simulated venue: orders of ours that take from its book, and resting ones that
 * are reached by trades and by the other side's best.
 *
 * @invariant Fills of an order never exceed its quantity.
 */
export class VenueMatching {
  readonly instrument: Instrument;
  readonly settings: SimVenueSettings;
  /** The venue's book, in exchange time. */
  readonly book: OrderBook = new OrderBook();
  /** The venue's time: set before every row, request and expiry. */
  readonly nowNs: Float64Array = new Float64Array(1);
  /** The sender's time: set before a strategy may act. */
  readonly senderNs: Float64Array;
  /** The latency of the last feed message received. */
  readonly feedLatencyNs: Float64Array = new Float64Array(1);
  readonly requests: MessageRing;
  readonly reports: VenueReports;
  /** The next expiry of a DAY or GTD order, Infinity when there is none. */
  readonly nextExpiryNs: Float64Array = new Float64Array([Number.POSITIVE_INFINITY]);
  /** Our signed position as the venue knows it, in lots. */
  readonly position: Float64Array = new Float64Array(1);
  /** Set whenever a request or report was queued: a loop that holds their times must look again. */
  changed = false;
  readonly orders: VenueOrders;
  readonly queue: QueueModel;
  protected readonly consumed: Consumed;
  protected readonly partial: boolean;
  protected readonly bookLotsPerLot: number;

  /** `columns` are what its orders are held in, where they are handed on. */
  constructor(options: SimVenueOptions, senderNs: Float64Array = new Float64Array(1), columns?: ColumnPool) {
    const settings = venueSettings(options);
    this.settings = settings;
    this.instrument = settings.instrument;
    this.senderNs = senderNs;
    this.requests = new MessageRing(1024, columns);
    this.orders = new VenueOrders(settings.capacity, columns);
    this.queue = new QueueModel(settings.queue, settings.capacity, columns);
    this.reports = new VenueReports(
      settings.latency,
      this.orders,
      this.nowNs,
      this.feedLatencyNs,
      settings.spreadTicks,
      columns,
    );
    this.consumed = new Consumed();
    this.partial = settings.fills === "partial";
    this.bookLotsPerLot = settings.instrument.bookLotsPerLot;
  }

  /** JSON-safe words and numbers for the manifest. */
  describe(): Readonly<Record<string, unknown>> {
    const { latency, queue, fills, rememberConsumed, spreadTicks } = this.settings;
    return {
      latency: latency.describe(),
      queue,
      fills,
      rememberConsumed: fills === "partial" && rememberConsumed,
      ...(spreadTicks === 0 ? {} : { spreadTicks }),
      fees: this.instrument.fees,
    };
  }

  protected end(row: number, kind: number, reason: number): void {
    this.orders.remove(row);
    this.reports.state(kind, row, this.orders.id[row] as number, 0, reason);
  }

  /** Whether the whole order could be taken at once. */
  protected fillable(row: number, market: boolean): boolean {
    const leaves = this.orders.leaves[row] as number;
    const reduceOnly = ((this.orders.flags[row] as number) & ORDER_FLAG.reduceOnly) !== 0;
    if (reduceOnly && this.roomToReduce(this.orders.side[row] as number) < leaves) return false;
    return !this.partial || this.walk(row, market, false) >= leaves;
  }

  /** Walks the other side from its best, up to the limit; returns the lots that can be, or were, taken. */
  protected walk(row: number, market: boolean, take: boolean): number {
    const { orders, book } = this;
    const buys = (orders.side[row] as number) > 0;
    const end = buys ? NO_ASK : NO_BID;
    const limit = orders.tick[row] as number;
    let left = orders.leaves[row] as number;
    let taken = 0;
    for (let tick = buys ? book.bestAsk : book.bestBid; tick !== end && left > 0; ) {
      if (!market && (buys ? tick > limit : tick < limit)) break;
      const shown = buys ? book.askLots(tick) : book.bidLots(tick);
      const free = shown - this.consumed.at(buys ? -1 : 1, tick);
      const lots = Math.min(left, Math.floor(free / this.bookLotsPerLot));
      if (lots > 0) {
        left -= lots;
        taken += lots;
        if (take) {
          const filled = this.fill(row, tick, lots, false, REASON.taken);
          if (this.settings.rememberConsumed && filled > 0) {
            this.consumed.take(buys ? -1 : 1, tick, filled * this.bookLotsPerLot);
          }
          if ((orders.leaves[row] as number) <= 0) break;
        }
      }
      tick = buys ? book.nextAsk(tick) : book.nextBid(tick);
    }
    return taken;
  }

  // --- being taken ---

  protected levelChanged(side: number, tick: number, before: number, now: number): void {
    const { orders, queue } = this;
    for (let row = orders.bucketOf(tick); row !== NONE; row = orders.nextInBucket[row] as number) {
      if (orders.tick[row] === tick && orders.side[row] === side) queue.level(row, before, now);
    }
  }

  /** The best bid has reached our asks up to `tick`. */
  protected bidReached(tick: number): void {
    const { orders } = this;
    for (let row = orders.firstAsk; row !== NONE; ) {
      const following = orders.nextOfSide[row] as number;
      if ((orders.tick[row] as number) <= tick) this.fillWhole(row, REASON.crossed);
      row = following;
    }
  }

  /** The best ask has reached our bids down to `tick`. */
  protected askReached(tick: number): void {
    const { orders } = this;
    for (let row = orders.firstBid; row !== NONE; ) {
      const following = orders.nextOfSide[row] as number;
      if ((orders.tick[row] as number) >= tick) this.fillWhole(row, REASON.crossed);
      row = following;
    }
  }

  /** A buyer took `lots` at `tick`: asks below are traded through, asks there move up their queue. */
  protected bought(tick: number, lots: number): void {
    const { orders } = this;
    for (let row = orders.firstAsk; row !== NONE; ) {
      const following = orders.nextOfSide[row] as number;
      const at = orders.tick[row] as number;
      if (at < tick) this.fillWhole(row, REASON.tradeThrough);
      else if (at === tick) this.traded(row, lots);
      row = following;
    }
  }

  /** A seller took `lots` at `tick`. */
  protected sold(tick: number, lots: number): void {
    const { orders } = this;
    for (let row = orders.firstBid; row !== NONE; ) {
      const following = orders.nextOfSide[row] as number;
      const at = orders.tick[row] as number;
      if (at > tick) this.fillWhole(row, REASON.tradeThrough);
      else if (at === tick) this.traded(row, lots);
      row = following;
    }
  }

  protected traded(row: number, bookLots: number): void {
    const { queue, orders } = this;
    queue.trade(row, bookLots);
    const reached = queue.reached(row) / this.bookLotsPerLot;
    if (!this.partial) {
      if (Math.round(reached) > 0) this.fillWhole(row, REASON.queueReached);
      return;
    }
    const lots = Math.floor(reached + ROUNDING_SLACK);
    if (lots <= 0) return;
    queue.take(row, lots * this.bookLotsPerLot);
    this.fill(row, orders.tick[row] as number, lots, true, REASON.queueReached);
  }

  protected fillWhole(row: number, reason: number): void {
    this.fill(row, this.orders.tick[row] as number, this.orders.leaves[row] as number, true, reason);
  }

  /** Fills up to `lots`; returns what was filled: less where a reduce-only order would open a position. */
  protected fill(row: number, tick: number, lots: number, maker: boolean, reason: number): number {
    const { orders } = this;
    this.changed = true;
    const side = orders.side[row] as number;
    const reduceOnly = ((orders.flags[row] as number) & ORDER_FLAG.reduceOnly) !== 0;
    const wanted = Math.min(lots, orders.leaves[row] as number);
    const filled = reduceOnly ? Math.min(wanted, this.roomToReduce(side)) : wanted;
    if (filled > 0) {
      orders.leaves[row] = (orders.leaves[row] as number) - filled;
      this.position[0] = (this.position[0] as number) + filled * side;
      if (maker && (orders.leaves[row] as number) <= 0) orders.remove(row);
      this.reports.trade(row, tick, filled, maker, reason);
    }
    if (reduceOnly && (orders.leaves[row] as number) > 0 && this.roomToReduce(side) <= 0) {
      orders.leaves[row] = 0;
      if (orders.state[row] === VENUE_STATE.resting) orders.remove(row);
      this.reports.state(REPORT.canceled, row, orders.id[row] as number, 0, REASON.reduceOnlyWouldOpen);
    }
    return filled;
  }

  /** How many lots an order of this side can fill before it would open a position. */
  protected roomToReduce(side: number): number {
    return Math.max(0, -((this.position[0] as number) * side));
  }
}
