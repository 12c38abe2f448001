import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { checkPeriodOnly, type PeriodOptions } from "./options.ts";

/**
 * The extreme of the last `period` samples by a monotonic queue: every sample enters once and leaves once.
 * Samples are multiplied by `sign`, so one comparison serves minimum and maximum.
 */
abstract class RollingExtreme extends Indicator {
  readonly #path: string;
  readonly #period: number;
  readonly #sign: number;
  /** Samples that may still become the extreme, the extreme first, in a ring. */
  readonly #samples: Float64Array;
  /** The number of each such sample. */
  readonly #numbers: Float64Array;
  #head = 0;
  #length = 0;

  constructor(name: string, options: PeriodOptions, sign: 1 | -1) {
    const period = checkPeriodOnly(name, options);
    super(name, { period });
    this.#path = `${name}.update`;
    this.#period = period;
    this.#sign = sign;
    this.#samples = new Float64Array(period);
    this.#numbers = new Float64Array(period);
  }

  get ready(): boolean {
    return this.samples >= this.#period;
  }

  get value(): number {
    if (this.samples < this.#period) return Number.NaN;
    return this.#sign * (this.#samples[this.#head] as number) + 0;
  }

  update(x: number): number {
    checkSample(this.#path, x);
    const period = this.#period;
    const signed = this.#sign * x;
    if (this.#length > 0 && (this.#numbers[this.#head] as number) <= this.samples - period) {
      this.#head = this.#head + 1 === period ? 0 : this.#head + 1;
      this.#length -= 1;
    }
    let end = this.#head + this.#length;
    if (end >= period) end -= period;
    while (this.#length > 0) {
      const before = end === 0 ? period - 1 : end - 1;
      if ((this.#samples[before] as number) > signed) break;
      end = before;
      this.#length -= 1;
    }
    this.#samples[end] = signed;
    this.#numbers[end] = this.samples;
    this.#length += 1;
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#head = 0;
    this.#length = 0;
    this.#samples.fill(0);
    this.#numbers.fill(0);
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#head, this.#length);
    for (const item of this.#samples) out.push(item);
    for (const item of this.#numbers) out.push(item);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#head = from.index(this.#period - 1);
    this.#length = from.index(this.#period);
    from.fill(this.#samples);
    from.fill(this.#numbers);
  }
}

/**
 * The lowest of the last `period` samples.
 *
 * @throws `FAULT_CONFIG` on a period below 1; `FAULT_INPUT` on a sample that is not finite.
 * @cost O(1) amortised (at most two comparisons a sample over any run), no allocation.
 * @example
 * ```ts
 * import { RollingMin } from "tickwright/signal";
 * const low = new RollingMin({ period: 2 });
 * low.update(1);
 * low.update(3); // => 1
 * low.update(2); // => 2
 * ```
 */
export class RollingMin extends RollingExtreme {
  constructor(options: PeriodOptions) {
    super("RollingMin", options, -1);
  }
}

/**
 * The highest of the last `period` samples.
 *
 * @throws `FAULT_CONFIG` on a period below 1; `FAULT_INPUT` on a sample that is not finite.
 * @cost O(1) amortised (at most two comparisons a sample over any run), no allocation.
 * @example
 * ```ts
 * import { RollingMax } from "tickwright/signal";
 * const high = new RollingMax({ period: 2 });
 * high.update(1);
 * high.update(3); // => 3
 * high.update(2); // => 3
 * ```
 */
export class RollingMax extends RollingExtreme {
  constructor(options: PeriodOptions) {
    super("RollingMax", options, 1);
  }
}
