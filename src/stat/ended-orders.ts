import type { OrderCosts } from "./order-costs.ts";

/**
 * The orders that ended last: what is told of one of them late still counts. The oldest is let go when another comes.
 *
 * @cost O(1) an order.
 */
export class EndedOrders {
  readonly #capacity: number;
  readonly #orders: OrderCosts[] = [];
  /** Where the oldest stands once all places are taken. */
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  put(order: OrderCosts): void {
    const orders = this.#orders;
    if (orders.length < this.#capacity) {
      orders.push(order);
      return;
    }
    const before = orders[this.#oldest] as OrderCosts;
    orders[this.#oldest] = order;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    before.release();
  }

  /** Lets all of them go, in the order in which they ended. */
  release(): void {
    const orders = this.#orders;
    for (let i = 0; i < orders.length; i++) {
      (orders[(this.#oldest + i) % orders.length] as OrderCosts).release();
    }
    orders.length = 0;
    this.#oldest = 0;
  }
}
