import { checkChoice, checkKeys } from "../base/index.ts";
import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { checkPeriod } from "./options.ts";

/** How an exponential average starts: from the mean of its first `period` samples, or from the first one. */
export type EmaSeed = "sma" | "first";

/** The options of {@link Ema} and {@link Rma}. */
export interface EmaOptions {
  /** Samples until `ready`; sets the weight of a new sample. */
  readonly period: number;
  /** `sma` unless given. */
  readonly seed?: EmaSeed;
}

/** What {@link Ema} and {@link Rma} share: `value += weight * (x - value)` from a seed. */
abstract class Exponential extends Indicator {
  readonly #path: string;
  readonly #period: number;
  readonly #weight: number;
  readonly #fromFirst: boolean;
  /** The running sum while the seed is gathered, the average from then on. */
  #average = 0;

  constructor(name: string, options: EmaOptions, weight: (period: number) => number) {
    checkKeys(name, options, ["period", "seed"]);
    const period = checkPeriod(`${name}.period`, options.period);
    const seed = checkChoice(`${name}.seed`, options.seed ?? "sma", ["sma", "first"]);
    super(name, { period, seed });
    this.#path = `${name}.update`;
    this.#period = period;
    this.#weight = weight(period);
    this.#fromFirst = seed === "first";
  }

  get ready(): boolean {
    return this.samples >= this.#period;
  }

  get value(): number {
    return this.samples >= this.#period ? this.#average : Number.NaN;
  }

  update(x: number): number {
    checkSample(this.#path, x);
    this.samples += 1;
    if (this.samples > this.#period) this.#average += this.#weight * (x - this.#average);
    else this.#seed(x);
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#average = 0;
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#average);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#average = from.next();
  }

  #seed(x: number): void {
    if (this.#fromFirst) {
      this.#average = this.samples === 1 ? x : this.#average + this.#weight * (x - this.#average);
    } else {
      this.#average += x;
      if (this.samples === this.#period) this.#average /= this.#period;
    }
  }
}

/**
 * The exponential moving average: a new sample weighs `2 / (period + 1)`.
 *
 * @invariant Seeded by `sma` the first value is the mean of the first `period` samples; by `first` the
 * average starts at the first sample and is shown from the `period`-th on.
 * @throws `FAULT_CONFIG` on a period below 1 or another seed; `FAULT_INPUT` on a sample that is not finite.
 * @cost O(1), no window, no allocation.
 * @example
 * ```ts
 * import { Ema } from "tickwright/signal";
 * const ema = new Ema({ period: 3 });
 * for (const x of [1, 2, 3]) ema.update(x);
 * ema.value; // => 2
 * ema.update(4); // => 3
 * ```
 */
export class Ema extends Exponential {
  constructor(options: EmaOptions) {
    super("Ema", options, (period) => 2 / (period + 1));
  }
}

/**
 * Wilder's smoothing (a running moving average): a new sample weighs `1 / period`.
 *
 * @throws `FAULT_CONFIG` and `FAULT_INPUT` as {@link Ema}.
 * @cost O(1), no window, no allocation.
 * @source Wilder, New Concepts in Technical Trading Systems, 1978
 * @example
 * ```ts
 * import { Rma } from "tickwright/signal";
 * const rma = new Rma({ period: 2 });
 * rma.update(1);
 * rma.update(3); // => 2
 * rma.update(4); // => 3
 * ```
 */
export class Rma extends Exponential {
  constructor(options: EmaOptions) {
    super("Rma", options, (period) => 1 / period);
  }
}
