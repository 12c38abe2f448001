import { checkInteger, checkKeys } from "../base/index.ts";
import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { MomentWindow } from "./moment-window.ts";
import { checkPeriod } from "./options.ts";

/** The options of {@link StandardDeviation}. */
export interface StandardDeviationOptions {
  /** Samples in the window, at least 2. */
  readonly period: number;
  /** Degrees of freedom lost: 0 divides by `period`, 1 by `period - 1`. 0 unless given. */
  readonly ddof?: 0 | 1;
}

/**
 * The standard deviation of the last `period` samples.
 *
 * @invariant Never negative; 0 for equal samples. The error does not grow with the history, and a passing
 * outlier leaves no trace once it is out of the window.
 * @throws `FAULT_CONFIG` on a period below 2 or another ddof; `FAULT_INPUT` on a sample that is not finite.
 * @cost O(1) worst case, no allocation.
 * @example
 * ```ts
 * import { StandardDeviation } from "tickwright/signal";
 * const deviation = new StandardDeviation({ period: 2 });
 * deviation.update(1);
 * deviation.update(5); // => 2
 * deviation.mean; // => 3
 * ```
 */
export class StandardDeviation extends Indicator {
  readonly #divisor: number;
  readonly #window: MomentWindow;

  constructor(options: StandardDeviationOptions) {
    checkKeys("StandardDeviation", options, ["period", "ddof"]);
    const period = checkPeriod("StandardDeviation.period", options.period, 2);
    const ddof = checkInteger("StandardDeviation.ddof", options.ddof ?? 0, 0, 1);
    super("StandardDeviation", { period, ddof });
    this.#divisor = period - ddof;
    this.#window = new MomentWindow(period);
  }

  get ready(): boolean {
    return this.#window.full;
  }

  get value(): number {
    return this.#window.full ? Math.sqrt(this.#window.m2 / this.#divisor) : Number.NaN;
  }

  get variance(): number {
    return this.#window.full ? this.#window.m2 / this.#divisor : Number.NaN;
  }

  get mean(): number {
    return this.#window.full ? this.#window.mean : Number.NaN;
  }

  update(x: number): number {
    checkSample("StandardDeviation.update", x);
    this.samples += 1;
    this.#window.push(x);
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
