import { checkKeys, checkNumber, checkPositive } from "../base/index.ts";

/** The terms of {@link avellanedaStoikov}. */
export interface AvellanedaStoikovTerms {
  /** The mid price. */
  readonly mid: number;
  /** What is held, signed, in the unit that `gamma` is per. */
  readonly inventory: number;
  /** Risk aversion, above 0: per unit of inventory and of price. */
  readonly gamma: number;
  /** Volatility in units of the price per square root of the unit of `tau`. Not a return. */
  readonly sigma: number;
  /** How fast fills fade with distance: the rate is `A exp(-k distance)`; per unit of price, above 0. */
  readonly k: number;
  /** Time that is left, in the unit of `sigma`. */
  readonly tau: number;
}

/** Quotes around a reservation price. All in units of the price. */
export interface AvellanedaStoikovQuotes {
  readonly reservation: number;
  readonly spread: number;
  readonly bid: number;
  readonly ask: number;
}

/**
 * The price at which a holder of `inventory` is indifferent: `mid - inventory * gamma * sigma^2 * tau`.
 *
 * @units the unit of the price; `sigma` in that unit per sqrt(unit of `tau`)
 * @cost Plain arithmetic without checks: for hot paths.
 */
export function reservationPrice(
  mid: number,
  inventory: number,
  gamma: number,
  sigma: number,
  tau: number,
): number {
  return mid - inventory * gamma * sigma * sigma * tau;
}

/**
 * The distance between bid and ask: `gamma * sigma^2 * tau + (2 / gamma) ln(1 + gamma / k)`.
 *
 * @units the unit of the price
 * @cost Plain arithmetic without checks: for hot paths.
 */
export function optimalSpread(gamma: number, sigma: number, k: number, tau: number): number {
  return gamma * sigma * sigma * tau + (2 / gamma) * Math.log1p(gamma / k);
}

/**
 * The quotes of a market maker with exponential utility over a finite horizon: half the optimal spread
 * either side of the reservation price.
 *
 * @units prices in one unit; `sigma` is in that unit per sqrt(unit of `tau`), never a return
 * @throws `FAULT_CONFIG` naming the term: gamma or k not above 0, sigma or tau below 0, anything not
 * finite.
 * @source Avellaneda and Stoikov, High-frequency Trading in a Limit Order Book, 2008, eq. 29 and 30
 * @example
 * ```ts
 * import { avellanedaStoikov } from "tickwright/signal";
 * const quotes = avellanedaStoikov({ mid: 100, inventory: 2, gamma: 0.1, sigma: 2, k: 1.5, tau: 0.5 });
 * quotes.reservation; // => 99.6
 * quotes.spread.toFixed(9); // => "1.490770423"
 * ```
 */
export function avellanedaStoikov(terms: AvellanedaStoikovTerms): AvellanedaStoikovQuotes {
  checkKeys("avellanedaStoikov", terms, ["mid", "inventory", "gamma", "sigma", "k", "tau"]);
  const mid = checkNumber("avellanedaStoikov.mid", terms.mid);
  const inventory = checkNumber("avellanedaStoikov.inventory", terms.inventory);
  const gamma = checkPositive("avellanedaStoikov.gamma", terms.gamma);
  const sigma = checkNumber("avellanedaStoikov.sigma", terms.sigma, 0);
  const k = checkPositive("avellanedaStoikov.k", terms.k);
  const tau = checkNumber("avellanedaStoikov.tau", terms.tau, 0);
  const reservation = reservationPrice(mid, inventory, gamma, sigma, tau);
  const spread = optimalSpread(gamma, sigma, k, tau);
  return { reservation, spread, bid: reservation - spread / 2, ask: reservation + spread / 2 };
}

/** The terms of {@link asymptoticQuotes}. */
export interface AsymptoticTerms {
  readonly mid: number;
  /** What is held, signed, in orders: 1 is one fill. */
  readonly inventory: number;
  /** Risk aversion, above 0. */
  readonly gamma: number;
  /** Volatility in units of the price per sqrt(second). Not a return. */
  readonly sigma: number;
  /** How fast fills fade with distance, per unit of price, above 0. */
  readonly k: number;
  /** Fills a second at distance 0, above 0. */
  readonly a: number;
}

/** Quotes of {@link asymptoticQuotes} and their distances from the mid. All in units of the price. */
export interface AsymptoticQuotes {
  readonly bid: number;
  readonly ask: number;
  readonly bidDistance: number;
  readonly askDistance: number;
}

/**
 * The quotes of a market maker far from the end of the day: with `s = sqrt(sigma^2 gamma / (2 k a) (1 +
 * gamma / k)^(1 + k / gamma))` the bid stands `ln(1 + gamma / k) / gamma + (2 q + 1) / 2 * s` below the
 * mid, the ask `... + (1 - 2 q) / 2 * s` above it.
 *
 * @units prices in one unit; `sigma` in that unit per sqrt(second), `a` per second
 * @invariant The distance between the quotes does not depend on the inventory.
 * @throws `FAULT_CONFIG` naming the term: gamma, k or a not above 0, sigma below 0, anything not finite.
 * @source Gueant, Lehalle and Fernandez-Tapia, Dealing with the Inventory Risk, 2013, section 4
 * @example
 * ```ts
 * import { asymptoticQuotes } from "tickwright/signal";
 * const quotes = asymptoticQuotes({ mid: 100, inventory: 0, gamma: 0.1, sigma: 2, k: 1.5, a: 140 });
 * (quotes.bid + quotes.ask) / 2; // => 100
 * ```
 */
export function asymptoticQuotes(terms: AsymptoticTerms): AsymptoticQuotes {
  checkKeys("asymptoticQuotes", terms, ["mid", "inventory", "gamma", "sigma", "k", "a"]);
  const mid = checkNumber("asymptoticQuotes.mid", terms.mid);
  const inventory = checkNumber("asymptoticQuotes.inventory", terms.inventory);
  const gamma = checkPositive("asymptoticQuotes.gamma", terms.gamma);
  const sigma = checkNumber("asymptoticQuotes.sigma", terms.sigma, 0);
  const k = checkPositive("asymptoticQuotes.k", terms.k);
  const a = checkPositive("asymptoticQuotes.a", terms.a);
  const growth = Math.log1p(gamma / k);
  const slope = Math.sqrt(((sigma * sigma * gamma) / (2 * k * a)) * Math.exp((1 + k / gamma) * growth));
  const base = growth / gamma;
  const bidDistance = base + ((2 * inventory + 1) / 2) * slope;
  const askDistance = base + ((1 - 2 * inventory) / 2) * slope;
  return { bid: mid - bidDistance, ask: mid + askDistance, bidDistance, askDistance };
}
