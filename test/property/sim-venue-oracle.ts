import { NO_ASK, NO_BID, OrderBook } from "../../src/book/index.ts";
import type { QueueModelOptions } from "../../src/sim/index.ts";
import type { Wish } from "../fixtures/sim-venue-driver.ts";

interface SlowOrder {
  readonly row: number;
  readonly buys: boolean;
  readonly wish: Wish;
  tick: number;
  lots: number;
  leaves: number;
  resting: boolean;
  /** Since when it rests: the order of acceptance. */
  since: number;
  front: number;
  traded: number;
}

/** A simulated venue as one would explain it: lists of plain objects, everything looked at every time. */
export class SlowVenue {
  readonly book = new OrderBook();
  readonly orders: SlowOrder[] = [];
  readonly said: string[] = [];
  position = 0;
  readonly #partial: boolean;
  readonly #remembers: boolean;
  readonly #queue: QueueModelOptions;
  readonly #taken = new Map<string, number>();
  #clock = 0;

  constructor(partial: boolean, queue: QueueModelOptions, remembers: boolean) {
    this.#partial = partial;
    this.#queue = queue;
    this.#remembers = remembers;
  }

  row(kind: string, tick: number, lots: number): void {
    if (kind === "clear") {
      this.book.clear();
      this.#taken.clear();
    } else if (kind === "bid" || kind === "ask") this.#level(kind === "bid", tick, lots);
    else {
      if (kind !== "sell") this.#trade(false, tick, lots);
      if (kind !== "buy") this.#trade(true, tick, lots);
    }
  }

  submit(wish: Wish): void {
    const { tick = 0, lots } = wish;
    const buys = wish.side === "buy";
    const row = this.orders.length;
    const order = {
      row,
      buys,
      wish,
      tick,
      lots,
      leaves: lots,
      resting: false,
      since: 0,
      front: 0,
      traded: 0,
    };
    this.orders.push(order);
    const market = wish.tick === undefined;
    const allOrNone = wish.timeInForce === "FOK";
    const immediate = wish.timeInForce === "IOC" || allOrNone;
    if (wish.reduceOnly && this.#room(buys) === 0) return this.#say(order, "rejected reduceOnlyWouldOpen");
    const takes = this.#meets(order);
    if (takes && wish.postOnly) return this.#say(order, "rejected postOnlyWouldTake");
    if (!takes && market) return this.#say(order, "rejected noLiquidity");
    this.#say(order, "accepted");
    if (!takes && immediate)
      return this.#say(order, allOrNone ? "expired fokNotFillable" : "expired iocRemainder");
    if (takes) {
      const most = wish.reduceOnly ? this.#room(buys) : Number.POSITIVE_INFINITY;
      const there = this.#partial ? this.#there(order) : lots;
      if (allOrNone && Math.min(there, most) < lots) return this.#say(order, "expired fokNotFillable");
      this.#take(order);
    }
    if (order.leaves === 0) return;
    if (market) this.#say(order, "expired noLiquidity");
    else if (immediate) this.#say(order, "expired iocRemainder");
    else this.#rest(order);
  }

  cancel(row: number): void {
    const order = this.orders[row] as SlowOrder;
    if (!order.resting) return this.#say(order, "cancelRejected tooLate");
    order.resting = false;
    this.#say(order, "canceled");
  }

  replace(row: number, tick: number, lots: number): void {
    const order = this.orders[row] as SlowOrder;
    if (!order.resting) return this.#say(order, "replaceRejected tooLate");
    const filled = order.lots - order.leaves;
    const keeps = tick === order.tick && lots <= order.lots;
    const wouldTake = !keeps && (order.buys ? tick >= this.book.bestAsk : tick <= this.book.bestBid);
    if (wouldTake && order.wish.postOnly) return this.#say(order, "replaceRejected postOnlyWouldTake");
    order.tick = tick;
    order.lots = Math.max(lots, filled);
    order.leaves = order.lots - filled;
    this.#say(order, `replaced ${order.lots}@${tick}`);
    order.resting = keeps && order.leaves > 0;
    if (keeps || order.leaves === 0) return;
    if (wouldTake) this.#take(order);
    if (order.leaves > 0) this.#rest(order);
  }

  #level(bid: boolean, tick: number, lots: number): void {
    const { book } = this;
    const best = bid ? book.bestBid : book.bestAsk;
    const before = bid ? book.setBid(tick, lots) : book.setAsk(tick, lots);
    this.#taken.delete(`${bid} ${tick}`);
    for (const order of this.#resting(bid)) if (order.tick === tick) this.#move(order, before, lots);
    const now = bid ? book.bestBid : book.bestAsk;
    if (bid ? now <= best : now >= best) return;
    for (const order of this.#resting(!bid)) {
      if (bid ? order.tick <= now : order.tick >= now)
        this.#fill(order, order.tick, order.leaves, "crossed maker");
    }
  }

  /** A trade that bids (or asks) of ours may have been part of. */
  #trade(bids: boolean, tick: number, lots: number): void {
    for (const order of this.#resting(bids)) {
      if (bids ? order.tick > tick : order.tick < tick) {
        this.#fill(order, order.tick, order.leaves, "tradeThrough maker");
      } else if (order.tick === tick) {
        order.front -= lots;
        order.traded += lots;
        const reached = Math.max(0, -order.front);
        const whole = this.#partial ? Math.floor(reached + 1e-9) : Math.round(reached) > 0 ? order.leaves : 0;
        if (whole === 0) continue;
        if (this.#partial) order.front += whole;
        this.#fill(order, tick, Math.min(whole, order.leaves), "queueReached maker");
      }
    }
  }

  #move(order: SlowOrder, before: number, now: number): void {
    const { front } = order;
    if (this.#queue.model === "riskAverse") {
      order.front = Math.min(front, now);
      return;
    }
    const fall = before - now - order.traded;
    order.traded = 0;
    if (fall < 0) {
      order.front = Math.min(front, now);
      return;
    }
    const share = front / before;
    const back = before - front;
    const behind = 1 - share * share * share;
    const p = Number.isFinite(behind) || Number.isNaN(behind) ? behind : 1;
    const estimate = front - (1 - p) * fall + Math.min(back - p * fall, 0);
    order.front = Math.max(Number.isNaN(estimate) ? now : Math.min(estimate, now), Math.min(front, 0));
  }

  #rest(order: SlowOrder): void {
    this.#clock += 1;
    order.resting = true;
    order.since = this.#clock;
    order.front = order.buys ? this.book.bidLots(order.tick) : this.book.askLots(order.tick);
    order.traded = 0;
  }

  #resting(bids: boolean): SlowOrder[] {
    return this.orders.filter((o) => o.resting && o.buys === bids).sort((a, b) => a.since - b.since);
  }

  #meets(order: SlowOrder): boolean {
    const far = order.buys ? this.book.bestAsk : this.book.bestBid;
    if (far === NO_ASK || far === NO_BID) return false;
    return order.wish.tick === undefined || (order.buys ? order.tick >= far : order.tick <= far);
  }

  /** The levels an order may take from, best first, with what is left of them. */
  #levels(order: SlowOrder): { readonly tick: number; readonly free: number }[] {
    const { bids, asks } = this.book.copy();
    return (order.buys ? asks : bids)
      .filter(({ priceTicks }) => {
        return (
          order.wish.tick === undefined || (order.buys ? priceTicks <= order.tick : priceTicks >= order.tick)
        );
      })
      .map(({ priceTicks, lots }) => {
        return { tick: priceTicks, free: lots - (this.#taken.get(`${!order.buys} ${priceTicks}`) ?? 0) };
      });
  }

  #there(order: SlowOrder): number {
    return this.#levels(order).reduce((sum, { free }) => sum + free, 0);
  }

  #take(order: SlowOrder): void {
    if (!this.#partial) {
      this.#fill(order, order.buys ? this.book.bestAsk : this.book.bestBid, order.leaves, "taken");
      return;
    }
    for (const { tick, free } of this.#levels(order)) {
      const filled = this.#fill(order, tick, Math.min(free, order.leaves), "taken");
      const key = `${!order.buys} ${tick}`;
      if (this.#remembers) this.#taken.set(key, (this.#taken.get(key) ?? 0) + filled);
    }
  }

  #fill(order: SlowOrder, tick: number, lots: number, why: string): number {
    if (order.leaves === 0) return 0;
    const most = order.wish.reduceOnly ? this.#room(order.buys) : Number.POSITIVE_INFINITY;
    const filled = Math.min(lots, most);
    if (filled > 0) {
      order.leaves -= filled;
      this.position += order.buys ? filled : -filled;
      if (order.leaves === 0) order.resting = false;
      this.#say(order, `trade ${filled}@${tick} ${why}`);
    }
    if (order.wish.reduceOnly && order.leaves > 0 && this.#room(order.buys) === 0) {
      order.leaves = 0;
      order.resting = false;
      this.#say(order, "canceled reduceOnlyWouldOpen");
    }
    return filled;
  }

  #room(buys: boolean): number {
    return Math.max(0, buys ? -this.position : this.position);
  }

  #say(order: SlowOrder, text: string): void {
    this.said.push(`${order.row}: ${text}`);
  }
}
