import type { ClientOrder } from "./client-order.ts";
import type { OrderTerms } from "./order-terms.ts";
import { StopOrders } from "./stop-orders.ts";

/** One order that waits, and what its trailing stop has seen. */
interface Waiting {
  readonly order: ClientOrder;
  /** The best price since it follows; 0 while it does not. @units ticks */
  best: number;
}

const WHOLE = 10_000;

/**
 * Stops of a matching market, trailing ones too: each trade's price is looked at.
 *
 * A trailing stop follows from the last price on, or from the first trade at or beyond its stop price where it has one:
 * a sale the highest price since, a purchase the lowest. It is reached by a trade that came back from there by its
 * delta.
 *
 * @invariant Orders become ready once: of several reached by one trade those that wanted a rise, the lowest stop first,
 * then those that wanted a fall, the highest first; trailing ones behind the others; else the oldest first.
 */
export class WaitingOrders {
  readonly #waiting: Map<ClientOrder, Waiting> = new Map();
  readonly #ready: ClientOrder[] = [];

  /** Whether the last price is at or beyond an order's stop; trailing ones are not refused for it. @units ticks */
  isReached(terms: OrderTerms, lastTicks: number): boolean {
    return terms.trailingBps === 0 && StopOrders.isReached(terms, lastTicks);
  }

  /** Lets an order wait. @units ticks, epoch ms */
  add(order: ClientOrder, lastTicks: number, nowMs: number): void {
    const waiting = { order, best: 0 };
    this.#waiting.set(order, waiting);
    if (order.terms.trailingBps > 0 && lastTicks > 0) follow(waiting, lastTicks, nowMs);
  }

  remove(order: ClientOrder): void {
    this.#waiting.delete(order);
    const at = this.#ready.indexOf(order);
    if (at >= 0) this.#ready.splice(at, 1);
  }

  /** A trade: what it reaches is ready. @units ticks, epoch ms */
  traded(ticks: number, nowMs: number): void {
    if (this.#waiting.size === 0) return;
    const reached: ClientOrder[] = [];
    for (const waiting of this.#waiting.values()) {
      const { order } = waiting;
      const isTrailing = order.terms.trailingBps > 0;
      const isReached = isTrailing ? follow(waiting, ticks, nowMs) : StopOrders.isReached(order.terms, ticks);
      if (isReached) reached.push(order);
    }
    reached.sort(inTurn);
    for (const order of reached) this.#waiting.delete(order);
    this.#ready.push(...reached);
  }

  /** The next order that is ready, which waits no longer. */
  next(): ClientOrder | undefined {
    return this.#ready.shift();
  }
}

/** Lets a trailing stop look at a price; whether it is reached. */
function follow(waiting: Waiting, ticks: number, nowMs: number): boolean {
  const { order } = waiting;
  const { terms } = order;
  if (waiting.best === 0) {
    if (terms.stopTicks > 0 && !StopOrders.isReached(terms, ticks)) return false;
    waiting.best = ticks;
    order.trailingMs = nowMs;
    return false;
  }
  waiting.best = terms.buys ? Math.min(waiting.best, ticks) : Math.max(waiting.best, ticks);
  return terms.buys
    ? ticks * WHOLE >= waiting.best * (WHOLE + terms.trailingBps)
    : ticks * WHOLE <= waiting.best * (WHOLE - terms.trailingBps);
}

function inTurn({ terms: left }: ClientOrder, { terms: right }: ClientOrder): number {
  const isRise = wantsRise(left);
  if (isRise !== wantsRise(right)) return isRise ? -1 : 1;
  const isTrailing = left.trailingBps > 0;
  if (isTrailing !== right.trailingBps > 0) return isTrailing ? 1 : -1;
  if (isTrailing) return 0;
  return isRise ? left.stopTicks - right.stopTicks : right.stopTicks - left.stopTicks;
}

/** Whether an order is reached by a rise: a trailing purchase is, whatever it is called. */
function wantsRise(terms: OrderTerms): boolean {
  return terms.trailingBps > 0 ? terms.buys : StopOrders.wantsRise(terms);
}
