import { checkSample, Indicator, inputFault, type StateReader } from "./indicator.ts";
import { checkPeriodOnly, type PeriodOptions } from "./options.ts";

/**
 * The change against the sample `period` updates ago, as a fraction of it.
 *
 * @units a fraction: 0.01 is one percent
 * @throws `FAULT_CONFIG` on a period below 1; `FAULT_INPUT` on a sample that is 0 or not finite.
 * @shape one column of `period` numbers
 * @cost O(1) worst case, no allocation.
 * @example
 * ```ts
 * import { RateOfChange } from "tickwright/signal";
 * const change = new RateOfChange({ period: 2 });
 * for (const x of [100, 50, 125]) change.update(x);
 * change.value; // => 0.25
 * ```
 */
export class RateOfChange extends Indicator {
  readonly #period: number;
  readonly #ring: Float64Array;
  #at = 0;
  #change = 0;

  constructor(options: PeriodOptions) {
    const period = checkPeriodOnly("RateOfChange", options);
    super("RateOfChange", { period });
    this.#period = period;
    this.#ring = new Float64Array(period);
  }

  get ready(): boolean {
    return this.samples > this.#period;
  }

  get value(): number {
    return this.samples > this.#period ? this.#change : Number.NaN;
  }

  update(x: number): number {
    checkSample("RateOfChange.update", x);
    if (x === 0) throw inputFault("RateOfChange.update", x, "a number other than 0");
    const old = this.#ring[this.#at] as number;
    if (this.samples >= this.#period) this.#change = (x - old) / old;
    this.#ring[this.#at] = x;
    this.#at = this.#at + 1 === this.#period ? 0 : this.#at + 1;
    this.samples += 1;
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#at = 0;
    this.#change = 0;
    this.#ring.fill(0);
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#at, this.#change);
    for (const item of this.#ring) out.push(item);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#at = from.index(this.#period - 1);
    this.#change = from.next();
    from.fill(this.#ring);
  }
}
