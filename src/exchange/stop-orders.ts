import type { Account } from "./account.ts";
import type { ClientOrder } from "./client-order.ts";
import type { OrderTerms } from "./order-terms.ts";

/** Orders that wait for a trade at their stop price. */
export class StopOrders {
  readonly #waiting: Set<ClientOrder> = new Set();

  get size(): number {
    return this.#waiting.size;
  }

  add(order: ClientOrder): void {
    this.#waiting.add(order);
  }

  remove(order: ClientOrder): void {
    this.#waiting.delete(order);
  }

  /** How many an account has. */
  of(account: Account): number {
    let count = 0;
    for (const order of this.#waiting) if (order.account === account) count += 1;
    return count;
  }

  /** Whether a stop waits for a rise: stops that buy, and profits that sell. */
  static wantsRise(terms: OrderTerms): boolean {
    return terms.type.startsWith("STOP_LOSS") === terms.buys;
  }

  /** Whether the last price is at or beyond the stop. @units ticks; 0 is none */
  static isReached(terms: OrderTerms, lastTicks: number): boolean {
    if (lastTicks === 0) return false;
    return StopOrders.wantsRise(terms) ? lastTicks >= terms.stopTicks : lastTicks <= terms.stopTicks;
  }

  /** The oldest order whose stop is reached. */
  due(lastTicks: number): ClientOrder | undefined {
    for (const order of this.#waiting) if (StopOrders.isReached(order.terms, lastTicks)) return order;
    return undefined;
  }
}
