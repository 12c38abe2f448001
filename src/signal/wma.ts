import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { checkPeriodOnly, type PeriodOptions } from "./options.ts";

/**
 * The linearly weighted moving average: the newest sample weighs `period`, the oldest 1.
 *
 * Weighted sums move by `period * x - (sum of the window before x)`. Both sums are kept relative to the
 * newest sample of the last refresh, and are taken anew from the window once in `period` samples.
 *
 * @invariant The error does not grow with the history: nothing older than two windows takes part.
 * @throws `FAULT_CONFIG` on a period below 1; `FAULT_INPUT` on a sample that is not finite.
 * @shape one column of `period` numbers
 * @cost O(1) amortised, one pass over the window every `period` samples; no allocation.
 * @example
 * ```ts
 * import { Wma } from "tickwright/signal";
 * const wma = new Wma({ period: 3 });
 * for (const x of [1, 2, 6]) wma.update(x);
 * wma.value; // => (1 * 1 + 2 * 2 + 3 * 6) / 6
 * ```
 */
export class Wma extends Indicator {
  readonly #period: number;
  readonly #divisor: number;
  readonly #ring: Float64Array;
  #at = 0;
  #origin = 0;
  #sum = 0;
  #weighted = 0;

  constructor(options: PeriodOptions) {
    const period = checkPeriodOnly("Wma", options);
    super("Wma", { period });
    this.#period = period;
    this.#divisor = (period * (period + 1)) / 2;
    this.#ring = new Float64Array(period);
  }

  get ready(): boolean {
    return this.samples >= this.#period;
  }

  get value(): number {
    return this.samples >= this.#period ? this.#origin + this.#weighted / this.#divisor : Number.NaN;
  }

  update(x: number): number {
    checkSample("Wma.update", x);
    this.samples += 1;
    const old = this.#ring[this.#at] as number;
    this.#ring[this.#at] = x;
    this.#at += 1;
    if (this.#at === this.#period) {
      this.#at = 0;
      this.#refresh();
    } else if (this.samples > this.#period) {
      this.#weighted += this.#period * (x - this.#origin) - this.#sum;
      this.#sum += x - old;
    }
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#at = 0;
    this.#origin = 0;
    this.#sum = 0;
    this.#weighted = 0;
    this.#ring.fill(0);
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#at, this.#origin, this.#sum, this.#weighted);
    for (const item of this.#ring) out.push(item);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#at = from.index(this.#period - 1);
    this.#origin = from.next();
    this.#sum = from.next();
    this.#weighted = from.next();
    from.fill(this.#ring);
  }

  /** Both sums from the whole window, which stands in order: the oldest sample is at 0. */
  #refresh(): void {
    const origin = this.#ring[this.#period - 1] as number;
    let sum = 0;
    let weighted = 0;
    for (let i = 0; i < this.#period; i++) {
      const offset = (this.#ring[i] as number) - origin;
      sum += offset;
      weighted += (i + 1) * offset;
    }
    this.#origin = origin;
    this.#sum = sum;
    this.#weighted = weighted;
  }
}
