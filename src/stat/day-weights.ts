import { tradedOf } from "./counted-order.ts";
import type { OrderCosts } from "./order-costs.ts";
import type { InfrastructureBasis } from "./tca-costs.ts";

/** What a strategy did on a day: orders, and by denominator of their ticks' value what they traded. */
interface Weight {
  orders: bigint;
  readonly traded: Map<bigint, bigint>;
}

/**
 * What a day's infrastructure is shared out by: orders decided, or money traded, by day and strategy. Instruments whose
 * ticks are worth unlike amounts are summed in fractions of a minor unit that all of them are whole numbers of.
 *
 * @invariant Weights are exact: those of the orders sum to that of their day.
 */
export class DayWeights {
  readonly #days: Map<string, Map<string, Weight>> = new Map();
  /** The least common multiple of all denominators. */
  #common = 1n;

  /** Days on which orders were decided. */
  get days(): Iterable<string> {
    return this.#days.keys();
  }

  add(day: string, strategy: string, order: OrderCosts): void {
    const strategies = this.#days.get(day) ?? new Map<string, Weight>();
    this.#days.set(day, strategies);
    const weight = strategies.get(strategy) ?? { orders: 0n, traded: new Map<bigint, bigint>() };
    strategies.set(strategy, weight);
    const [numerator, denominator] = order.market.tickValue;
    weight.orders += 1n;
    weight.traded.set(denominator, (weight.traded.get(denominator) ?? 0n) + tradedOf(order) * numerator);
    if (this.#common % denominator !== 0n) this.#common *= denominator / divisor(this.#common, denominator);
  }

  /** A day's strategies, each with its weight. */
  of(day: string, basis: InfrastructureBasis): (readonly [strategy: string, weight: bigint])[] {
    return [...(this.#days.get(day) ?? [])].map(([strategy, { orders, traded }]) => {
      if (basis === "orders") return [strategy, orders];
      const parts = [...traded].map(([denominator, amount]) => amount * (this.#common / denominator));
      return [strategy, parts.reduce((sum, part) => sum + part, 0n)];
    });
  }

  /** An order's own part of its day's weight. */
  ofOrder(order: OrderCosts, basis: InfrastructureBasis): bigint {
    if (basis === "orders") return 1n;
    const [numerator, denominator] = order.market.tickValue;
    return tradedOf(order) * numerator * (this.#common / denominator);
  }
}

/** The greatest common divisor. */
function divisor(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
