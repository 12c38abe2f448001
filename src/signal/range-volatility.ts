import { checkChoice, checkKeys } from "../base/index.ts";
import { checkOhlcBar, type OhlcBar } from "./bar.ts";
import { Indicator, type StateReader } from "./indicator.ts";
import { MomentWindow } from "./moment-window.ts";
import { checkPeriod, checkPeriodOnly, type PeriodOptions } from "./options.ts";
import { SumWindow } from "./sum-window.ts";

/**
 * Parkinson's variance of one bar, from its range alone: `ln(H/L)^2 / (4 ln 2)`.
 *
 * @units squared log return per bar
 * @throws `FAULT_INPUT` on prices not above 0 or outside the bar's range.
 * @source Parkinson, The Extreme Value Method for Estimating the Variance of the Rate of Return, 1980
 * @example
 * ```ts
 * import { parkinson } from "tickwright/signal";
 * parkinson({ open: 100, high: 103, low: 99, close: 102 }).toFixed(12); // => "0.000565855227"
 * ```
 */
export function parkinson(bar: OhlcBar): number {
  checkOhlcBar("parkinson", bar);
  const range = Math.log(bar.high / bar.low);
  return (range * range) / (4 * Math.LN2);
}

/**
 * Garman and Klass's variance of one bar: `0.5 ln(H/L)^2 - (2 ln 2 - 1) ln(C/O)^2`.
 *
 * @units squared log return per bar
 * @throws `FAULT_INPUT` as {@link parkinson}.
 * @source Garman and Klass, On the Estimation of Security Price Volatilities from Historical Data, 1980
 * @example
 * ```ts
 * import { garmanKlass } from "tickwright/signal";
 * garmanKlass({ open: 100, high: 103, low: 99, close: 102 }).toFixed(12); // => "0.000632958876"
 * ```
 */
export function garmanKlass(bar: OhlcBar): number {
  checkOhlcBar("garmanKlass", bar);
  const range = Math.log(bar.high / bar.low);
  const body = Math.log(bar.close / bar.open);
  return 0.5 * range * range - (2 * Math.LN2 - 1) * body * body;
}

/**
 * Rogers and Satchell's variance of one bar, which a drift does not bias: `ln(H/C) ln(H/O) + ln(L/C)
 * ln(L/O)`.
 *
 * @units squared log return per bar
 * @throws `FAULT_INPUT` as {@link parkinson}.
 * @source Rogers and Satchell, Estimating Variance from High, Low and Closing Prices, 1991
 * @example
 * ```ts
 * import { rogersSatchell } from "tickwright/signal";
 * rogersSatchell({ open: 100, high: 103, low: 99, close: 102 }).toFixed(12); // => "0.000588413152"
 * ```
 */
export function rogersSatchell(bar: OhlcBar): number {
  checkOhlcBar("rogersSatchell", bar);
  const { open, high, low, close } = bar;
  return Math.log(high / close) * Math.log(high / open) + Math.log(low / close) * Math.log(low / open);
}

/** Which variance of one bar {@link RangeVolatility} averages. */
export type RangeEstimator = "parkinson" | "garmanKlass" | "rogersSatchell";

const ESTIMATORS: Readonly<Record<RangeEstimator, (bar: OhlcBar) => number>> = {
  parkinson,
  garmanKlass,
  rogersSatchell,
};

/** The options of {@link RangeVolatility}. */
export interface RangeVolatilityOptions {
  /** Bars in the window. */
  readonly period: number;
  readonly estimator: RangeEstimator;
}

/**
 * Volatility from the ranges of the last `period` bars: the square root of the mean variance per bar.
 *
 * @units log return per bar; {@link RangeVolatility.variance} squared
 * @invariant Never negative.
 * @throws `FAULT_CONFIG` on a period below 1 or another estimator; `FAULT_INPUT` as {@link parkinson}.
 * @cost O(1) worst case, one to four logarithms, no allocation.
 */
export class RangeVolatility extends Indicator {
  readonly #period: number;
  readonly #estimate: (bar: OhlcBar) => number;
  readonly #window: SumWindow;

  constructor(options: RangeVolatilityOptions) {
    checkKeys("RangeVolatility", options, ["period", "estimator"]);
    const period = checkPeriod("RangeVolatility.period", options.period);
    const names = ["parkinson", "garmanKlass", "rogersSatchell"] as const;
    const estimator = checkChoice("RangeVolatility.estimator", options.estimator, names);
    super("RangeVolatility", { period, estimator });
    this.#period = period;
    this.#estimate = ESTIMATORS[estimator];
    this.#window = new SumWindow(period);
  }

  get ready(): boolean {
    return this.samples >= this.#period;
  }

  get value(): number {
    return Math.sqrt(this.variance);
  }

  /** The mean variance per bar. */
  get variance(): number {
    return this.samples >= this.#period ? this.#window.sum / this.#period : Number.NaN;
  }

  update(bar: OhlcBar): number {
    const variance = this.#estimate(bar);
    this.#window.push(variance > 0 ? variance : 0);
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#window.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples);
    this.#window.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#window.readState(from);
  }
}

/**
 * Yang and Zhang's volatility of the last `period` bars: overnight variance, open-to-close variance and
 * Rogers-Satchell variance, weighted so that neither drift nor opening jumps bias it.
 *
 * The first bar only gives the close before the first overnight return.
 *
 * @units log return per bar; {@link YangZhang.variance} squared
 * @invariant Never negative. Ready after `period + 1` bars.
 * @throws `FAULT_CONFIG` on a period below 2; `FAULT_INPUT` as {@link parkinson}.
 * @cost O(1) worst case, six logarithms, no allocation.
 * @source Yang and Zhang, Drift-Independent Volatility Estimation Based on High, Low, Open, and Close
 * Prices, 2000
 */
export class YangZhang extends Indicator {
  readonly #period: number;
  readonly #weight: number;
  readonly #overnight: MomentWindow;
  readonly #body: MomentWindow;
  readonly #range: SumWindow;
  #close = 0;

  constructor(options: PeriodOptions) {
    const period = checkPeriodOnly("YangZhang", options, 2);
    super("YangZhang", { period });
    this.#period = period;
    this.#weight = 0.34 / (1.34 + (period + 1) / (period - 1));
    this.#overnight = new MomentWindow(period);
    this.#body = new MomentWindow(period);
    this.#range = new SumWindow(period);
  }

  get ready(): boolean {
    return this.samples > this.#period;
  }

  get value(): number {
    return Math.sqrt(this.variance);
  }

  get variance(): number {
    if (this.samples <= this.#period) return Number.NaN;
    const overnight = this.#overnight.m2 / (this.#period - 1);
    const body = this.#body.m2 / (this.#period - 1);
    return overnight + this.#weight * body + (1 - this.#weight) * (this.#range.sum / this.#period);
  }

  update(bar: OhlcBar): number {
    const range = rogersSatchell(bar);
    if (this.samples > 0) {
      this.#overnight.push(Math.log(bar.open / this.#close));
      this.#body.push(Math.log(bar.close / bar.open));
      this.#range.push(range > 0 ? range : 0);
    }
    this.#close = bar.close;
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#close = 0;
    this.#overnight.reset();
    this.#body.reset();
    this.#range.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#close);
    this.#overnight.writeState(out);
    this.#body.writeState(out);
    this.#range.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#close = from.next();
    this.#overnight.readState(from);
    this.#body.readState(from);
    this.#range.readState(from);
  }
}
