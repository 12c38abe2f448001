import { NO_ASK, NO_BID } from "../book/index.ts";
import {
  type DepthBlock,
  MESSAGE_FIELD as FIELD,
  KIND_MASK,
  ORDER_FLAG,
  ORDER_TYPE,
  REASON,
  REPORT,
  ROW,
  TIME_IN_FORCE,
} from "../model/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import { REFUSED, REQUEST, RequestWay } from "./request-way.ts";
import { VenueMatching } from "./venue-matching.ts";
import type { SimVenueSettings } from "./venue-options.ts";
import { VENUE_STATE } from "./venue-orders.ts";

const NONE = -1;

/**
 * What arrives at a simulated venue, and in which order: rows of the feed, requests of ours, expiries. Who may send an
 * order is decided by the door in front of it.
 *
 * @invariant A fill never happens before its order arrived.
 */
export class VenueIntake extends VenueMatching {
  readonly #way: RequestWay = new RequestWay({
    ...{ latency: this.settings.latency, requests: this.requests, reports: this.reports },
    ...{ senderNs: this.senderNs, feedLatencyNs: this.feedLatencyNs },
  });

  // --- what is sent, in the sender's time ---

  protected submit(order: OutboundOrder): void {
    const { orders, settings } = this;
    const row = order.row;
    orders.state[row] = VENUE_STATE.onTheWay;
    orders.id[row] = order.id;
    orders.side[row] = order.sideSign;
    orders.type[row] = order.type;
    orders.timeInForce[row] = order.timeInForce;
    orders.flags[row] = order.flags;
    const tick = order.priceTicks - order.sideSign * settings.spreadTicks;
    orders.tick[row] = tick;
    orders.lots[row] = order.lots;
    orders.leaves[row] = order.lots;
    orders.expireNs[row] =
      order.timeInForce === TIME_IN_FORCE.DAY ? dayEnd(settings, this.senderNs[0] as number) : order.expireNs;
    this.#request(REQUEST.submit, row, order.id, 0, tick, order.lots);
  }

  /** Sends a cancel. */
  cancel(row: number, id: number, requestId: number): void {
    this.#request(REQUEST.cancel, row, id, requestId, 0, 0);
  }

  /** Sends new terms for an order: what `lots` is the whole quantity of. */
  protected change(row: number, id: number, requestId: number, tick: number, lots: number): void {
    const met = tick - (this.orders.side[row] as number) * this.settings.spreadTicks;
    this.#request(REQUEST.replace, row, id, requestId, met, lots);
  }

  #request(kind: number, row: number, id: number, requestId: number, tick: number, lots: number): void {
    this.changed = true;
    const isOnItsWay = this.#way.send(kind, row, id, requestId, tick, lots);
    if (!isOnItsWay && kind === REQUEST.submit) this.orders.state[row] = VENUE_STATE.done;
  }

  // --- the venue, in exchange time ---

  /** One row of the feed as the venue lived it. `nowNs[0]` holds its exchange time. */
  row(block: DepthBlock, i: number): void {
    const book = this.book;
    const tick = block.tick[i] as number;
    const lots = block.lots[i] as number;
    switch ((block.kind[i] as number) & KIND_MASK) {
      case ROW.bid: {
        const bestBefore = book.bestBid;
        const before = book.setBid(tick, lots);
        if (this.orders.bucketOf(tick) !== NONE) this.levelChanged(1, tick, before, lots);
        if (this.consumed.size > 0) this.consumed.restated(1, tick);
        if (book.bestBid > bestBefore && book.bestBid >= this.orders.lowestAsk) this.bidReached(book.bestBid);
        return;
      }
      case ROW.ask: {
        const bestBefore = book.bestAsk;
        const before = book.setAsk(tick, lots);
        if (this.orders.bucketOf(tick) !== NONE) this.levelChanged(-1, tick, before, lots);
        if (this.consumed.size > 0) this.consumed.restated(-1, tick);
        if (book.bestAsk < bestBefore && book.bestAsk <= this.orders.highestBid)
          this.askReached(book.bestAsk);
        return;
      }
      case ROW.buy:
        if (tick >= this.orders.lowestAsk) this.bought(tick, lots);
        return;
      case ROW.sell:
        if (tick <= this.orders.highestBid) this.sold(tick, lots);
        return;
      case ROW.trade:
        if (tick >= this.orders.lowestAsk) this.bought(tick, lots);
        if (tick <= this.orders.highestBid) this.sold(tick, lots);
        return;
      case ROW.clear:
        book.clear();
        this.consumed.clear();
        return;
    }
  }

  /** Takes in the first request on its way. `nowNs[0]` holds its arrival. */
  arrive(): void {
    const { cells, first } = this.requests;
    const row = cells[first + FIELD.row] as number;
    const id = cells[first + FIELD.id] as number;
    const requestId = cells[first + FIELD.requestId] as number;
    const tick = cells[first + FIELD.priceTicks] as number;
    const lots = cells[first + FIELD.lots] as number;
    const kind = cells[first + FIELD.kind] as number;
    this.requests.shift();
    this.changed = true;
    if (kind === REQUEST.submit) this.#accept(row);
    else if (this.orders.id[row] !== id || this.orders.state[row] !== VENUE_STATE.resting) {
      this.reports.state(REFUSED[kind] as number, row, id, requestId, REASON.tooLate);
    } else if (kind === REQUEST.cancel) {
      this.orders.remove(row);
      this.reports.state(REPORT.canceled, row, id, requestId, 0);
    } else this.#replace(row, requestId, tick, lots);
  }

  /** Ends the DAY and GTD orders whose time has come. `nowNs[0]` holds that time. */
  expire(): void {
    const { orders } = this;
    const now = this.nowNs[0] as number;
    let next = Number.POSITIVE_INFINITY;
    this.changed = true;
    for (const first of [orders.firstBid, orders.firstAsk]) {
      for (let row = first; row !== NONE; ) {
        const following = orders.nextOfSide[row] as number;
        const at = orders.expireNs[row] as number;
        if (at <= now) this.end(row, REPORT.expired, expiryReason(orders.timeInForce[row] as number));
        else if (at < next) next = at;
        row = following;
      }
    }
    this.nextExpiryNs[0] = next;
  }

  // --- orders that arrive ---

  #accept(row: number): void {
    const { orders, book, reports } = this;
    const id = orders.id[row] as number;
    const now = this.nowNs[0] as number;
    if (
      ((orders.flags[row] as number) & ORDER_FLAG.reduceOnly) !== 0 &&
      this.roomToReduce(orders.side[row] as number) <= 0
    ) {
      orders.state[row] = VENUE_STATE.done;
      reports.state(REPORT.rejected, row, id, 0, REASON.reduceOnlyWouldOpen);
      return;
    }
    const timeInForce = orders.timeInForce[row] as number;
    if ((orders.expireNs[row] as number) <= now) {
      orders.state[row] = VENUE_STATE.done;
      reports.state(REPORT.rejected, row, id, 0, expiryReason(timeInForce));
      return;
    }
    const buys = (orders.side[row] as number) > 0;
    const market = orders.type[row] === ORDER_TYPE.market;
    const far = buys ? book.bestAsk : book.bestBid;
    const hasFar = far !== NO_ASK && far !== NO_BID;
    const limit = orders.tick[row] as number;
    const takes = hasFar && (market || (buys ? limit >= far : limit <= far));
    if (!takes) this.#acceptPassive(row, id, market, timeInForce);
    else if (((orders.flags[row] as number) & ORDER_FLAG.postOnly) !== 0) {
      orders.state[row] = VENUE_STATE.done;
      reports.state(REPORT.rejected, row, id, 0, REASON.postOnlyWouldTake);
    } else this.#acceptTaking(row, id, market, timeInForce, far);
  }

  #acceptPassive(row: number, id: number, market: boolean, timeInForce: number): void {
    const { orders, reports } = this;
    if (market) {
      orders.state[row] = VENUE_STATE.done;
      reports.state(REPORT.rejected, row, id, 0, REASON.noLiquidity);
    } else if (timeInForce === TIME_IN_FORCE.IOC || timeInForce === TIME_IN_FORCE.FOK) {
      orders.state[row] = VENUE_STATE.done;
      const reason = timeInForce === TIME_IN_FORCE.FOK ? REASON.fokNotFillable : REASON.iocRemainder;
      reports.state(REPORT.accepted, row, id, 0, 0);
      reports.state(REPORT.expired, row, id, 0, reason);
    } else {
      reports.state(REPORT.accepted, row, id, 0, 0);
      this.#rest(row);
    }
  }

  #acceptTaking(row: number, id: number, market: boolean, timeInForce: number, far: number): void {
    const { orders, reports } = this;
    if (timeInForce === TIME_IN_FORCE.FOK && !this.fillable(row, market)) {
      orders.state[row] = VENUE_STATE.done;
      reports.state(REPORT.accepted, row, id, 0, 0);
      reports.state(REPORT.expired, row, id, 0, REASON.fokNotFillable);
      return;
    }
    reports.state(REPORT.accepted, row, id, 0, 0);
    orders.state[row] = VENUE_STATE.done;
    if (!this.partial) {
      this.fill(row, far, orders.leaves[row] as number, false, REASON.taken);
      return;
    }
    this.walk(row, market, true);
    if ((orders.leaves[row] as number) <= 0) return;
    if (market || timeInForce === TIME_IN_FORCE.IOC) {
      reports.state(REPORT.expired, row, id, 0, market ? REASON.noLiquidity : REASON.iocRemainder);
    } else this.#rest(row);
  }

  #rest(row: number): void {
    const { orders, book } = this;
    const tick = orders.tick[row] as number;
    this.queue.join(row, (orders.side[row] as number) > 0 ? book.bidLots(tick) : book.askLots(tick));
    orders.rest(row);
    const expireNs = orders.expireNs[row] as number;
    if (expireNs < (this.nextExpiryNs[0] as number)) this.nextExpiryNs[0] = expireNs;
  }

  #replace(row: number, requestId: number, tick: number, lots: number): void {
    const { orders, book, reports } = this;
    const id = orders.id[row] as number;
    const cum = (orders.lots[row] as number) - (orders.leaves[row] as number);
    const leaves = lots - cum;
    const buys = (orders.side[row] as number) > 0;
    const keepsPlace = tick === orders.tick[row] && leaves <= (orders.leaves[row] as number);
    const takes = buys ? tick >= book.bestAsk : tick <= book.bestBid;
    if (takes && !keepsPlace && ((orders.flags[row] as number) & ORDER_FLAG.postOnly) !== 0) {
      reports.state(REPORT.replaceRejected, row, id, requestId, REASON.postOnlyWouldTake);
      return;
    }
    if (!keepsPlace || leaves <= 0) orders.remove(row);
    orders.tick[row] = tick;
    orders.lots[row] = leaves <= 0 ? cum : lots;
    orders.leaves[row] = Math.max(leaves, 0);
    reports.replaced(row, requestId);
    if (keepsPlace || leaves <= 0) return;
    if (takes && this.partial) {
      this.walk(row, false, true);
      // Levels that our orders took before fill nothing: what has nothing to reduce ends all the same.
      this.fill(row, tick, 0, false, REASON.taken);
    }
    if (takes && !this.partial)
      this.fill(row, buys ? book.bestAsk : book.bestBid, leaves, false, REASON.taken);
    if ((orders.leaves[row] as number) > 0) this.#rest(row);
  }
}

function expiryReason(timeInForce: number): number {
  return timeInForce === TIME_IN_FORCE.DAY ? REASON.dayEnded : REASON.gtdReached;
}

/** When the trading day of a moment ends. @units ns from the session's base */
export function dayEnd(settings: Pick<SimVenueSettings, "dayEndNs" | "baseNs">, nowNs: number): number {
  return Number(settings.dayEndNs(settings.baseNs + BigInt(nowNs)) - settings.baseNs);
}
