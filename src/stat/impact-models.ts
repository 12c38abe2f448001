import { checkInteger, checkKeys, checkNumber, checkPositive, powReal } from "../base/index.ts";

/**
 * What a trade does to a price by a model: what of it stays, and what only its own executions pay.
 *
 * @units a share of the price, or the price's own unit, as the model says; above 0 against whoever trades
 */
export interface ImpactCost {
  /** What the price is moved by for good. */
  readonly permanent: number;
  /** What executions are worse by beside that. */
  readonly temporary: number;
  /** What the whole quantity pays a unit, on average: half of what stays, for it builds up, and what does not. */
  readonly realised: number;
}

/** Of {@link squareRootImpact}. @units `sigma` the volatility of a day as a share of the price; `quantity`, `volume` lots */
export interface SquareRootTerms {
  /** About 0.5 to 1.5; calibrate it. */
  readonly y: number;
  readonly sigma: number;
  /** Whatever its side. */
  readonly quantity: number;
  /** Of a day. */
  readonly volume: number;
}

/**
 * The square-root law: `y * sigma * sqrt(quantity / volume)`, whichever way and however slowly it is traded.
 *
 * @units a share of the price: 0.01 is 100 bp
 * @invariant At least 0, and rises with the quantity.
 * @throws `FAULT_CONFIG` naming the term.
 * @cost O(1).
 * @source Toth et al., Anomalous Price Impact and the Critical Nature of Liquidity, 2011
 * @example
 * ```ts
 * import { squareRootImpact } from "tickwright/stat";
 * (1e4 * squareRootImpact({ y: 1, sigma: 0.02, quantity: 10, volume: 100 })).toFixed(4); // => "63.2456"
 * ```
 */
export function squareRootImpact(terms: SquareRootTerms): number {
  const path = "squareRootImpact";
  checkKeys(path, terms, ["y", "sigma", "quantity", "volume"]);
  const { y, sigma, quantity, volume } = terms;
  checkNumber(`${path}.y`, y, 0);
  checkNumber(`${path}.sigma`, sigma, 0);
  checkNumber(`${path}.quantity`, quantity);
  checkPositive(`${path}.volume`, volume);
  return y * sigma * Math.sqrt(Math.abs(quantity) / volume);
}

/**
 * Of {@link almgrenImpact}.
 *
 * @units `sigma` the volatility of a day as a share of the price; `quantity`, `volume`, `outstanding` shares; `days`
 * days
 */
export interface AlmgrenTerms {
  readonly sigma: number;
  /** Whatever its side. */
  readonly quantity: number;
  /** Of a day. */
  readonly volume: number;
  /** How long it is traded. */
  readonly days: number;
  readonly outstanding: number;
  /** 0.314 unless given: US equities of 2001 to 2003; calibrate it. */
  readonly gamma?: number;
  /** 0.142 unless given. */
  readonly eta?: number;
}

/**
 * Almgren, Thum, Hauptmann and Li's equity impact: what stays is linear in the quantity, what does not is a power of
 * 0.6 of the rate.
 *
 * @units a share of the price
 * @invariant Nothing is below 0. What stays is the same however long it takes.
 * @throws `FAULT_CONFIG` naming the term.
 * @cost O(1).
 * @source Almgren, Thum, Hauptmann and Li, Direct Estimation of Equity Market Impact, 2005, equations 9 and 10, table 4
 * @example
 * ```ts
 * import { almgrenImpact } from "tickwright/stat";
 * // A tenth of a day's volume of IBM in half a day.
 * const ibm = { sigma: 0.0157, quantity: 656_100, volume: 6_561_000, days: 0.5, outstanding: 1_728_000_000 };
 * const { permanent, realised } = almgrenImpact(ibm);
 * [permanent, realised].map((share) => Math.round(1e4 * share)); // => [20, 18]
 * ```
 */
export function almgrenImpact(terms: AlmgrenTerms): ImpactCost {
  const path = "almgrenImpact";
  const known = ["sigma", "quantity", "volume", "days", "outstanding", "gamma", "eta"];
  checkKeys(path, terms, known);
  const { sigma, quantity, volume, days, outstanding, gamma = 0.314, eta = 0.142 } = terms;
  for (const [name, value] of [
    ["sigma", sigma],
    ["gamma", gamma],
    ["eta", eta],
  ] as const) {
    checkNumber(`${path}.${name}`, value, 0);
  }
  checkNumber(`${path}.quantity`, quantity);
  checkPositive(`${path}.volume`, volume);
  checkPositive(`${path}.days`, days);
  checkPositive(`${path}.outstanding`, outstanding);
  const { permanent, temporary } = almgrenShapes({ sigma, quantity, volume, days, outstanding });
  return costOf(gamma * permanent, eta * temporary);
}

/** What the two coefficients of {@link almgrenImpact} are multiplied by. */
export function almgrenShapes(terms: Omit<AlmgrenTerms, "gamma" | "eta">): {
  readonly permanent: number;
  readonly temporary: number;
} {
  const { sigma, quantity, volume, days, outstanding } = terms;
  const size = Math.abs(quantity);
  const rate = size / (volume * days);
  return {
    permanent: sigma * (size / volume) * Math.sqrt(Math.sqrt(outstanding / volume)),
    temporary: rate === 0 ? 0 : sigma * powReal(rate, 0.6),
  };
}

/**
 * Of {@link linearImpact}.
 *
 * @units any consistent ones: `eta` price per quantity per time, `gamma` price per quantity, `epsilon` price
 */
export interface LinearTerms {
  /** Whatever its side. */
  readonly quantity: number;
  /** How long it is traded. */
  readonly time: number;
  readonly eta: number;
  readonly gamma: number;
  /** Half of the spread and fees; 0 unless given. */
  readonly epsilon?: number;
}

/**
 * Almgren and Chriss's impact of one trade at an even rate: what stays is linear in the quantity, what does not in the
 * rate. Of a schedule: `scheduleCost` of the room `algo`.
 *
 * @units price, as of the terms
 * @invariant Nothing is below 0.
 * @throws `FAULT_CONFIG` naming the term.
 * @cost O(1).
 * @source Almgren and Chriss, Optimal Execution of Portfolio Transactions, 2000, section 1.3
 * @example
 * ```ts
 * import { linearImpact } from "tickwright/stat";
 * const terms = { quantity: 200_000, time: 1, eta: 2.5e-6, gamma: 2.5e-7, epsilon: 0.0625 };
 * const { permanent, temporary, realised } = linearImpact(terms);
 * [permanent, temporary, realised].map((price) => price.toFixed(4)); // => ["0.0500", "0.5625", "0.5875"]
 * ```
 */
export function linearImpact(terms: LinearTerms): ImpactCost {
  const path = "linearImpact";
  checkKeys(path, terms, ["quantity", "time", "eta", "gamma", "epsilon"]);
  const { quantity, time, eta, gamma, epsilon = 0 } = terms;
  checkNumber(`${path}.quantity`, quantity);
  checkPositive(`${path}.time`, time);
  checkNumber(`${path}.eta`, eta, 0);
  checkNumber(`${path}.gamma`, gamma, 0);
  checkNumber(`${path}.epsilon`, epsilon, 0);
  const size = Math.abs(quantity);
  return costOf(gamma * size, size === 0 ? 0 : epsilon + (eta * size) / time);
}

/**
 * Kyle's impact: the price moves by `lambda` for each unit that is bought on balance, and stays there.
 *
 * @units price per quantity, and price: signed as the volume is
 * @throws `FAULT_CONFIG` for a `lambda` below 0, or what is no finite number.
 * @cost O(1).
 * @source Kyle, Continuous Auctions and Insider Trading, 1985
 * @example
 * ```ts
 * import { kyleImpact } from "tickwright/stat";
 * kyleImpact(0.002, -500); // => -1
 * ```
 */
export function kyleImpact(lambda: number, signedVolume: number): number {
  return checkNumber("kyleImpact.lambda", lambda, 0) * checkNumber("kyleImpact.signedVolume", signedVolume);
}

/** Options of a {@link Propagator}. */
export interface PropagatorOptions {
  /** What a unit moves the price by at once: price per quantity to the power of `exponent`. */
  readonly scale: number;
  /** How fast impact fades: about 0.5 to 0.7; 0 never. */
  readonly beta: number;
  /** The time after which it has fallen to `2 ** -beta` of what it was. */
  readonly unit: number;
  /** How impact grows with size: 1 linearly, 0.5 as a square root; 0.5 unless given. */
  readonly exponent?: number;
  /** Trades that are remembered, the latest: 10,000 unless given. What older ones still do is left out. */
  readonly tradesMax?: number;
}

/**
 * Impact that fades: each trade moves the price by `scale * |v| ** exponent` at once, of which
 * `(1 + age / unit) ** -beta` is left later.
 *
 * @units those of its options; times in the unit of `unit`
 * @invariant With a `beta` of 0 nothing fades. Its state is the trades it was told, and fits in JSON.
 * @throws `FAULT_CONFIG` naming the option or the argument: a time before the last one, too.
 * @cost `add` O(1); `at` O(trades remembered).
 * @source Bouchaud, Gefen, Potters and Wyart, Fluctuations and Response in Financial Markets, 2004
 * @example
 * ```ts
 * import { Propagator } from "tickwright/stat";
 * const impact = new Propagator({ scale: 2, beta: 0.5, unit: 1, exponent: 1 });
 * impact.add(10, 0);
 * [impact.at(0), impact.at(3)].map((price) => price.toFixed(9)); // => ["20.000000000", "10.000000000"]
 * ```
 */
export class Propagator {
  readonly #options: Required<PropagatorOptions>;
  /** Moment and impact at that moment. */
  #trades: (readonly [number, number])[] = [];

  constructor(options: PropagatorOptions) {
    const path = "propagator";
    checkKeys(path, options, ["scale", "beta", "unit", "exponent", "tradesMax"]);
    this.#options = {
      scale: checkNumber(`${path}.scale`, options.scale, 0),
      beta: checkNumber(`${path}.beta`, options.beta, 0, 10),
      unit: checkPositive(`${path}.unit`, options.unit),
      exponent: checkNumber(`${path}.exponent`, options.exponent ?? 0.5, 0, 1),
      tradesMax: checkInteger(`${path}.tradesMax`, options.tradesMax ?? 10_000, 1, 10_000_000),
    };
  }

  /** Tells of a trade: above 0 was bought, below 0 sold. */
  add(signedVolume: number, time: number): void {
    checkNumber("propagator.signedVolume", signedVolume);
    checkNumber("propagator.time", time, this.#trades.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY);
    if (signedVolume === 0) return;
    const { scale, exponent, tradesMax } = this.#options;
    const size = powReal(Math.abs(signedVolume), exponent);
    this.#trades.push([time, Math.sign(signedVolume) * scale * size]);
    if (this.#trades.length > 2 * tradesMax) this.#trades = this.#trades.slice(-tradesMax);
  }

  /** By how much the price is moved at a time, not before the last trade. */
  at(time: number): number {
    checkNumber("propagator.time", time, this.#trades.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY);
    const { beta, unit, tradesMax } = this.#options;
    let moved = 0;
    for (let i = Math.max(0, this.#trades.length - tradesMax); i < this.#trades.length; i++) {
      const [ago, impact] = this.#trades[i] as readonly [number, number];
      moved += impact * powReal(1 + (time - ago) / unit, -beta);
    }
    return moved;
  }

  /** The trades it remembers, JSON-safe. */
  save(): readonly (readonly [number, number])[] {
    return this.#trades.slice(-this.#options.tradesMax);
  }

  /** Goes on from what `save` gave. */
  load(saved: readonly (readonly [number, number])[]): void {
    this.#trades = saved.map(([time, impact]) => [time, impact] as const);
  }
}

function costOf(permanent: number, temporary: number): ImpactCost {
  return { permanent, temporary, realised: permanent / 2 + temporary };
}
