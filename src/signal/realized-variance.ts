import { checkBoolean, checkInteger, checkKeys } from "../base/index.ts";
import { checkPositiveSample, Indicator, MAX_PERIOD, type StateReader } from "./indicator.ts";
import { checkPeriod, checkPeriodOnly, type PeriodOptions } from "./options.ts";
import { SumWindow } from "./sum-window.ts";

/**
 * Realised variance of the last `period` log returns, with the bipower variation that jumps hardly move.
 *
 * `value` is the sum of squared returns; `bipower` is pi/2 times the sum of products of neighbouring sizes.
 *
 * @units squared log return over the whole window, not per sample and not per year
 * @invariant Never negative. Ready after `period + 1` prices.
 * @throws `FAULT_CONFIG` on a period below 2; `FAULT_INPUT` on a price that is not above 0.
 * @cost O(1) worst case, one logarithm, no allocation.
 * @source Barndorff-Nielsen and Shephard, Power and Bipower Variation with Stochastic Volatility and
 * Jumps, 2004
 * @example
 * ```ts
 * import { RealizedVariance } from "tickwright/signal";
 * const variance = new RealizedVariance({ period: 2 });
 * for (const price of [1, Math.E, 1]) variance.update(price);
 * variance.value; // => 2
 * variance.bipower === Math.PI / 2; // => true
 * ```
 */
export class RealizedVariance extends Indicator {
  readonly #period: number;
  readonly #squares: SumWindow;
  readonly #products: SumWindow;
  #log = 0;
  #size = 0;

  constructor(options: PeriodOptions) {
    const period = checkPeriodOnly("RealizedVariance", options, 2);
    super("RealizedVariance", { period });
    this.#period = period;
    this.#squares = new SumWindow(period);
    this.#products = new SumWindow(period - 1);
  }

  get ready(): boolean {
    return this.samples > this.#period;
  }

  get value(): number {
    return this.samples > this.#period ? this.#squares.sum : Number.NaN;
  }

  /** The square root of {@link RealizedVariance.value}. */
  get volatility(): number {
    return Math.sqrt(this.value);
  }

  get bipower(): number {
    return this.samples > this.#period ? (Math.PI / 2) * this.#products.sum : Number.NaN;
  }

  /** The part of the variance that jumps made: `value - bipower`, at least 0. */
  get jump(): number {
    const jump = this.value - this.bipower;
    return jump < 0 ? 0 : jump;
  }

  update(price: number): number {
    checkPositiveSample("RealizedVariance.update", price);
    const log = Math.log(price);
    if (this.samples > 0) {
      const size = Math.abs(log - this.#log);
      this.#squares.push(size * size);
      if (this.samples > 1) this.#products.push(this.#size * size);
      this.#size = size;
    }
    this.#log = log;
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#log = 0;
    this.#size = 0;
    this.#squares.reset();
    this.#products.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#log, this.#size);
    this.#squares.writeState(out);
    this.#products.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#log = from.next();
    this.#size = from.next();
    this.#squares.readState(from);
    this.#products.readState(from);
  }
}

/** The options of {@link TwoScaleVariance}. */
export interface TwoScaleVarianceOptions {
  /** Log returns in the window. */
  readonly period: number;
  /** The slow scale: returns over this many samples; at least 2 and at most `period`. */
  readonly scale: number;
  /** Divides by `1 - (period - scale + 1) / (scale * period)`, against bias in short windows; false unless
   * given. */
  readonly adjust?: boolean;
}

/**
 * Two-scale realised variance of the last `period` log returns: the mean over `scale` interleaved grids
 * less what noise of single prices adds.
 *
 * With n = `period`, K = `scale` and m = (n - K + 1) / K it is the sum of squared K-step returns over K,
 * less m/n times the sum of squared one-step returns.
 *
 * @units squared log return over the whole window
 * @invariant May be negative where noise outweighs the variance. Ready after `period + 1` prices.
 * @throws `FAULT_CONFIG` on a period below 2 or a scale not within 2 and `period`; `FAULT_INPUT` on a
 * price that is not above 0.
 * @cost O(1) worst case, one logarithm, no allocation.
 * @source Zhang, Mykland and Ait-Sahalia, A Tale of Two Time Scales, 2005
 */
export class TwoScaleVariance extends Indicator {
  readonly #period: number;
  readonly #scale: number;
  readonly #noiseShare: number;
  readonly #factor: number;
  readonly #slow: SumWindow;
  readonly #fast: SumWindow;
  /** The last `scale` log prices. */
  readonly #logs: Float64Array;
  #at = 0;
  #log = 0;

  constructor(options: TwoScaleVarianceOptions) {
    checkKeys("TwoScaleVariance", options, ["period", "scale", "adjust"]);
    const period = checkPeriod("TwoScaleVariance.period", options.period, 2);
    const scale = checkInteger("TwoScaleVariance.scale", options.scale, 2, Math.min(period, MAX_PERIOD));
    const adjust = checkBoolean("TwoScaleVariance.adjust", options.adjust ?? false);
    super("TwoScaleVariance", { period, scale, adjust });
    this.#period = period;
    this.#scale = scale;
    this.#noiseShare = (period - scale + 1) / scale / period;
    this.#factor = adjust ? 1 / (1 - this.#noiseShare) : 1;
    this.#slow = new SumWindow(period - scale + 1);
    this.#fast = new SumWindow(period);
    this.#logs = new Float64Array(scale);
  }

  get ready(): boolean {
    return this.samples > this.#period;
  }

  get value(): number {
    if (this.samples <= this.#period) return Number.NaN;
    return this.#factor * (this.#slow.sum / this.#scale - this.#noiseShare * this.#fast.sum);
  }

  update(price: number): number {
    checkPositiveSample("TwoScaleVariance.update", price);
    const log = Math.log(price);
    if (this.samples > 0) {
      const step = log - this.#log;
      this.#fast.push(step * step);
    }
    if (this.samples >= this.#scale) {
      const step = log - (this.#logs[this.#at] as number);
      this.#slow.push(step * step);
    }
    this.#logs[this.#at] = log;
    this.#at = this.#at + 1 === this.#scale ? 0 : this.#at + 1;
    this.#log = log;
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#at = 0;
    this.#log = 0;
    this.#logs.fill(0);
    this.#slow.reset();
    this.#fast.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#at, this.#log);
    for (const item of this.#logs) out.push(item);
    this.#slow.writeState(out);
    this.#fast.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#at = from.index(this.#scale - 1);
    this.#log = from.next();
    from.fill(this.#logs);
    this.#slow.readState(from);
    this.#fast.readState(from);
  }
}
