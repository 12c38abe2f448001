import { checkKeys, checkNumber } from "../base/index.ts";

/** Options of {@link CarriedImpact}. @units price per quantity; price */
export interface CarriedImpactOptions {
  /** What stays of each unit. */
  readonly gamma: number;
  /** What a unit pays beside that, and what each execution pays whatever its size; 0 unless given. */
  readonly eta?: number;
  readonly epsilon?: number;
}

/**
 * Carries permanent impact into the prices after it: who takes moves the market, and meets it there.
 *
 * @units price, quantity above 0 bought and below 0 sold
 * @invariant Taking never pays: an execution costs at least 0 against the price before it, and what is bought and sold
 * again has cost at least 0 in all, in whatever pieces.
 * @throws `FAULT_CONFIG` naming the option or argument.
 * @cost O(1).
 * @source Almgren and Chriss, 2000; Huberman and Stanzl, Price Manipulation and Quasi-Arbitrage, 2004
 * @example
 * ```ts
 * import { CarriedImpact } from "tickwright/stat";
 * const impact = new CarriedImpact({ gamma: 0.01, epsilon: 0.05 });
 * const first = impact.take(100, 50); // pays half of what it moves
 * const second = impact.take(-100, 50); // and gets half of it back
 * [first.toFixed(2), second.toFixed(2), impact.shift]; // => ["50.55", "50.45", 0]
 * ```
 */
export class CarriedImpact {
  readonly #gamma: number;
  readonly #eta: number;
  readonly #epsilon: number;
  #shift = 0;

  constructor(options: CarriedImpactOptions) {
    checkKeys("carriedImpact", options, ["gamma", "eta", "epsilon"]);
    this.#gamma = checkNumber("carriedImpact.gamma", options.gamma, 0);
    this.#eta = checkNumber("carriedImpact.eta", options.eta ?? 0, 0);
    this.#epsilon = checkNumber("carriedImpact.epsilon", options.epsilon ?? 0, 0);
  }

  /** By how much all that was taken moved the market, for good. */
  get shift(): number {
    return this.#shift;
  }

  /** What a price of the market without us is with all that we did to it. */
  priced(price: number): number {
    return checkNumber("carriedImpact.price", price) + this.#shift;
  }

  /** Takes: the mean price that it is executed at, of a market that would be at `price` without us. */
  take(signedQuantity: number, price: number): number {
    checkNumber("carriedImpact.signedQuantity", signedQuantity);
    const before = this.priced(price);
    const moved = this.#gamma * signedQuantity;
    const side = Math.sign(signedQuantity);
    this.#shift += moved;
    return before + moved / 2 + side * this.#epsilon + this.#eta * signedQuantity;
  }

  /** The state, JSON-safe. */
  save(): number {
    return this.#shift;
  }

  /** Goes on from what `save` gave. */
  load(shift: number): void {
    this.#shift = checkNumber("carriedImpact.shift", shift);
  }
}
