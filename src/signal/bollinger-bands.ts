import { checkKeys, checkPositive } from "../base/index.ts";
import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { MomentWindow } from "./moment-window.ts";
import { checkPeriod } from "./options.ts";

/** The options of {@link BollingerBands}. */
export interface BollingerBandsOptions {
  /** Samples in the window, at least 2; 20 unless given. */
  readonly period?: number;
  /** Distance of the bands from the mean in standard deviations; 2 unless given. */
  readonly deviations?: number;
}

/**
 * Bollinger bands: the mean of the last `period` samples and two bands some population standard deviations
 * away from it. `value` is the middle band.
 *
 * @invariant lower <= value <= upper. All figures are NaN until `ready`.
 * @throws `FAULT_CONFIG` on a period below 2 or deviations not above 0; `FAULT_INPUT` on a sample that is
 * not finite.
 * @cost O(1) worst case, no allocation.
 * @source Bollinger, Bollinger on Bollinger Bands, 2001
 * @example
 * ```ts
 * import { BollingerBands } from "tickwright/signal";
 * const bands = new BollingerBands({ period: 2, deviations: 1 });
 * bands.update(1);
 * bands.update(5); // => 3
 * [bands.lower, bands.upper, bands.percentB]; // => [1, 5, 1]
 * ```
 */
export class BollingerBands extends Indicator {
  readonly #period: number;
  readonly #deviations: number;
  readonly #window: MomentWindow;
  #last = 0;

  constructor(options: BollingerBandsOptions = {}) {
    checkKeys("BollingerBands", options, ["period", "deviations"]);
    const period = checkPeriod("BollingerBands.period", options.period ?? 20, 2);
    const deviations = checkPositive("BollingerBands.deviations", options.deviations ?? 2);
    super("BollingerBands", { period, deviations });
    this.#period = period;
    this.#deviations = deviations;
    this.#window = new MomentWindow(period);
  }

  get ready(): boolean {
    return this.#window.full;
  }

  get value(): number {
    return this.#window.full ? this.#window.mean : Number.NaN;
  }

  get upper(): number {
    return this.value + this.#reach();
  }

  get lower(): number {
    return this.value - this.#reach();
  }

  /** The distance between the bands over the middle, as a fraction; Infinity where only the middle is 0. */
  get bandwidth(): number {
    if (!this.#window.full) return Number.NaN;
    const reach = this.#reach();
    return reach === 0 ? 0 : (2 * reach) / Math.abs(this.#window.mean);
  }

  /** Where the last sample stands: 0 at the lower band, 1 at the upper; 0.5 where both are one. */
  get percentB(): number {
    if (!this.#window.full) return Number.NaN;
    const reach = this.#reach();
    return reach === 0 ? 0.5 : (this.#last - (this.#window.mean - reach)) / (2 * reach);
  }

  update(x: number): number {
    checkSample("BollingerBands.update", x);
    this.samples += 1;
    this.#last = x;
    this.#window.push(x);
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#last = 0;
    this.#window.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#last);
    this.#window.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#last = from.next();
    this.#window.readState(from);
  }

  #reach(): number {
    return this.#deviations * Math.sqrt(this.#window.m2 / this.#period);
  }
}
