import { checkChoice, checkInteger, checkKeys, checkNumber, checkPositive, Fault } from "../base/index.ts";
import { checkPositiveSample, checkSample, Indicator, inputFault, type StateReader } from "./indicator.ts";

/** The options of {@link EwmaVolatility}. */
export interface EwmaVolatilityOptions {
  /** The weight of the past, above 0 and below 1: 0.94 for daily returns in RiskMetrics. */
  readonly lambda: number;
  /** Returns to see before `ready`; 1 unless given. */
  readonly warmup?: number;
}

/**
 * Exponentially weighted volatility of log returns: `s2 = lambda * s2 + (1 - lambda) * r * r`, from the
 * first squared return on. `value` is the square root.
 *
 * @units log return per sample
 * @throws `FAULT_CONFIG` on a lambda outside (0, 1) or a warm-up below 1; `FAULT_INPUT` on a price that
 * is not above 0.
 * @cost O(1), one logarithm, no window, no allocation.
 * @source J.P. Morgan and Reuters, RiskMetrics Technical Document, 1996, section 5.2
 * @example
 * ```ts
 * import { EwmaVolatility } from "tickwright/signal";
 * const volatility = new EwmaVolatility({ lambda: 0.5 });
 * volatility.update(1);
 * volatility.update(Math.E); // => 1
 * volatility.update(Math.E);
 * volatility.variance; // => 0.5
 * ```
 */
export class EwmaVolatility extends Indicator {
  readonly #lambda: number;
  readonly #warmup: number;
  #log = 0;
  #variance = 0;

  constructor(options: EwmaVolatilityOptions) {
    checkKeys("EwmaVolatility", options, ["lambda", "warmup"]);
    const lambda = checkNumber("EwmaVolatility.lambda", options.lambda, 0, 1);
    if (lambda === 0 || lambda === 1) {
      throw new Fault("FAULT_CONFIG", {
        path: "EwmaVolatility.lambda",
        value: lambda,
        expected: "a number above 0 and below 1",
      });
    }
    const warmup = checkInteger("EwmaVolatility.warmup", options.warmup ?? 1, 1);
    super("EwmaVolatility", { lambda, warmup });
    this.#lambda = lambda;
    this.#warmup = warmup;
  }

  get ready(): boolean {
    return this.samples > this.#warmup;
  }

  get value(): number {
    return this.samples > this.#warmup ? Math.sqrt(this.#variance) : Number.NaN;
  }

  get variance(): number {
    return this.samples > this.#warmup ? this.#variance : Number.NaN;
  }

  update(price: number): number {
    checkPositiveSample("EwmaVolatility.update", price);
    const log = Math.log(price);
    const step = log - this.#log;
    if (this.samples === 1) this.#variance = step * step;
    else if (this.samples > 1) this.#variance += (1 - this.#lambda) * (step * step - this.#variance);
    this.#log = log;
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#log = 0;
    this.#variance = 0;
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#log, this.#variance);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#log = from.next();
    this.#variance = from.next();
  }
}

/** The options of {@link VolatilityRate}. */
export interface VolatilityRateOptions {
  /** The time after which a move weighs half, in ns. */
  readonly halfLifeNs: number;
  /**
   * `price`: moves in units of the price, what Avellaneda-Stoikov quotes need. `return`: log returns.
   * There is no default: taking one for the other is off by the price.
   */
  readonly of: "price" | "return";
  /** Moves to see before `ready`; 100 unless given. */
  readonly warmup?: number;
}

const NS_PER_SECOND = 1e9;

/**
 * Volatility per square root of a second from samples at uneven times: decayed squared moves over decayed
 * elapsed time.
 *
 * @units unit of the price (or log return) per sqrt(second)
 * @invariant For a walk of variance `v` per second the value tends to `sqrt(v)`, however often it is
 * sampled.
 * @throws `FAULT_CONFIG` on a half-life not above 0 or another `of`; `FAULT_INPUT` on a time that falls,
 * a price that is not finite, or, for returns, not above 0.
 * @cost O(1), one exponential, no window, no allocation.
 * @example
 * ```ts
 * import { VolatilityRate } from "tickwright/signal";
 * const rate = new VolatilityRate({ halfLifeNs: 60e9, of: "price", warmup: 1 });
 * rate.update(100, 0);
 * rate.update(104, 4e9); // => 2
 * ```
 */
export class VolatilityRate extends Indicator {
  readonly #decayPerNs: number;
  readonly #returns: boolean;
  readonly #warmup: number;
  #level = 0;
  #ns = 0;
  #squares = 0;
  #seconds = 0;

  constructor(options: VolatilityRateOptions) {
    checkKeys("VolatilityRate", options, ["halfLifeNs", "of", "warmup"]);
    const halfLifeNs = checkPositive("VolatilityRate.halfLifeNs", options.halfLifeNs);
    const of = checkChoice("VolatilityRate.of", options.of, ["price", "return"]);
    const warmup = checkInteger("VolatilityRate.warmup", options.warmup ?? 100, 1);
    super("VolatilityRate", { halfLifeNs, of, warmup });
    this.#decayPerNs = -Math.LN2 / halfLifeNs;
    this.#returns = of === "return";
    this.#warmup = warmup;
  }

  get ready(): boolean {
    return this.samples > this.#warmup && this.#seconds > 0;
  }

  get value(): number {
    return this.ready ? Math.sqrt(this.#squares / this.#seconds) : Number.NaN;
  }

  update(price: number, ns: number): number {
    checkSample("VolatilityRate.update.price", price);
    checkSample("VolatilityRate.update.ns", ns);
    if (this.#returns) checkPositiveSample("VolatilityRate.update.price", price);
    const level = this.#returns ? Math.log(price) : price;
    if (this.samples > 0) {
      const elapsed = ns - this.#ns;
      if (elapsed < 0) throw inputFault("VolatilityRate.update.ns", ns, `a time of at least ${this.#ns}`);
      const decay = elapsed === 0 ? 1 : Math.exp(this.#decayPerNs * elapsed);
      const move = level - this.#level;
      this.#squares = decay * this.#squares + move * move;
      this.#seconds = decay * this.#seconds + elapsed / NS_PER_SECOND;
    }
    this.#level = level;
    this.#ns = ns;
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#level = 0;
    this.#ns = 0;
    this.#squares = 0;
    this.#seconds = 0;
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#level, this.#ns, this.#squares, this.#seconds);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#level = from.next();
    this.#ns = from.next();
    this.#squares = from.next();
    this.#seconds = from.next();
  }
}
