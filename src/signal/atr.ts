import { checkRangeBar, type RangeBar } from "./bar.ts";
import { Rma } from "./ema.ts";
import { Indicator, type StateReader } from "./indicator.ts";
import { checkPeriodOnly, type PeriodOptions } from "./options.ts";

/**
 * Wilder's average true range: the smoothed distance between the higher of high and last close and the
 * lower of low and last close.
 *
 * @units the unit of the prices
 * @invariant Never negative. The first true range, which has no last close, is high minus low; the first
 * value is the mean of the first `period` true ranges.
 * @throws `FAULT_CONFIG` on a period below 1; `FAULT_INPUT` on a bar whose close is outside its range.
 * @cost O(1), no allocation.
 * @source Wilder, New Concepts in Technical Trading Systems, 1978
 * @example
 * ```ts
 * import { Atr } from "tickwright/signal";
 * const atr = new Atr({ period: 2 });
 * atr.update({ high: 11, low: 9, close: 10 });
 * atr.update({ high: 14, low: 12, close: 13 }); // => 3
 * ```
 */
export class Atr extends Indicator {
  readonly #range: Rma;
  #close = 0;

  constructor(options: PeriodOptions) {
    const period = checkPeriodOnly("Atr", options);
    super("Atr", { period });
    this.#range = new Rma({ period });
  }

  get ready(): boolean {
    return this.#range.ready;
  }

  get value(): number {
    return this.#range.value;
  }

  update(bar: RangeBar): number {
    checkRangeBar("Atr.update", bar);
    const last = this.samples === 0 ? bar.close : this.#close;
    const top = last > bar.high ? last : bar.high;
    const bottom = last < bar.low ? last : bar.low;
    this.samples += 1;
    this.#close = bar.close;
    return this.#range.update(top - bottom);
  }

  reset(): void {
    this.samples = 0;
    this.#close = 0;
    this.#range.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#close);
    this.#range.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#close = from.next();
    this.#range.readState(from);
  }
}
