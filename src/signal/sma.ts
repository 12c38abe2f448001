import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { checkPeriodOnly, type PeriodOptions } from "./options.ts";
import { SumWindow } from "./sum-window.ts";

/**
 * The simple moving average: the mean of the last `period` samples.
 *
 * @invariant Equals the mean taken over the window at once to a few ulps, at any length of history.
 * @throws `FAULT_CONFIG` on a period below 1; `FAULT_INPUT` from `update` on a sample that is not finite.
 * @cost O(1) worst case, no allocation.
 * @example
 * ```ts
 * import { Sma } from "tickwright/signal";
 * const sma = new Sma({ period: 3 });
 * sma.update(1);
 * sma.update(2);
 * sma.ready; // => false
 * sma.update(6); // => 3
 * sma.update(7); // => 5
 * ```
 */
export class Sma extends Indicator {
  readonly #period: number;
  readonly #window: SumWindow;

  constructor(options: PeriodOptions) {
    const period = checkPeriodOnly("Sma", options);
    super("Sma", { period });
    this.#period = period;
    this.#window = new SumWindow(period);
  }

  get ready(): boolean {
    return this.samples >= this.#period;
  }

  get value(): number {
    return this.samples >= this.#period ? this.#window.sum / this.#period : Number.NaN;
  }

  update(x: number): number {
    checkSample("Sma.update", x);
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
