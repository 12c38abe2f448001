import type { Standing } from "./closed-book.ts";
import { OWNER } from "./closed-book.ts";

/** What the crowd has at one level. */
class CrowdLevel {
  /** Lots of ordinary orders, and of the makers'. */
  rest = 0;
  quoted = 0;
  readonly orders: Standing[] = [];

  /** The ordinary order that holds the lot at `at` of `rest`. */
  orderAt(at: number): Standing | undefined {
    let left = at;
    for (const order of this.orders) {
      if (order.owner === OWNER.quote) continue;
      left -= order.leaves;
      if (left < 0) return order;
    }
    return undefined;
  }
}

/**
 * The crowd's resting orders of one side, by level.
 *
 * @units keys in ticks times the side's sign; lots
 * @invariant `rest` and `quoted` of a level are the sums of its orders' leaves; a level without orders is none.
 * @cost O(orders of a level) to take one out; the search of the next level when the best or the worst goes.
 */
export class CrowdSide {
  /** The best and the worst level; without any, best is below worst. */
  best = Number.NEGATIVE_INFINITY;
  worst = Number.POSITIVE_INFINITY;
  restLots = 0;
  readonly #levels: Map<number, CrowdLevel> = new Map();

  level(key: number): CrowdLevel | undefined {
    return this.#levels.get(key);
  }

  add(key: number, order: Standing): void {
    let level = this.#levels.get(key);
    if (level === undefined) {
      level = new CrowdLevel();
      this.#levels.set(key, level);
      if (key > this.best) this.best = key;
      if (key < this.worst) this.worst = key;
    }
    level.orders.push(order);
    this.#count(level, order, order.leaves);
  }

  /** Some lots of an order are gone; all that is left of it where it has ended. */
  less(key: number, order: Standing, lots: number, isOver: boolean): void {
    const level = this.#levels.get(key);
    const at = level?.orders.indexOf(order) ?? -1;
    if (level === undefined || at < 0) return;
    this.#count(level, order, -lots);
    if (!isOver) return;
    level.orders.splice(at, 1);
    if (level.orders.length === 0) this.#close(key);
  }

  /** The level where a running total of ordinary lots from the best exceeds `lots`. */
  levelOfRest(lots: number): number {
    let left = lots;
    for (let key = this.best; key > this.worst; key--) {
      left -= this.#levels.get(key)?.rest ?? 0;
      if (left < 0) return key;
    }
    return this.worst;
  }

  #count(level: CrowdLevel, order: Standing, lots: number): void {
    if (order.owner === OWNER.quote) level.quoted += lots;
    else {
      level.rest += lots;
      this.restLots += lots;
    }
  }

  #close(key: number): void {
    this.#levels.delete(key);
    if (this.#levels.size === 0) {
      this.best = Number.NEGATIVE_INFINITY;
      this.worst = Number.POSITIVE_INFINITY;
      return;
    }
    while (!this.#levels.has(this.best)) this.best -= 1;
    while (!this.#levels.has(this.worst)) this.worst += 1;
  }
}
