import { checkKeys } from "../base/index.ts";
import { checkSample, checkSizeSample, Indicator, type StateReader } from "./indicator.ts";
import type { NoOptions } from "./options.ts";

/**
 * On-balance volume: volume added when the close rises, taken away when it falls.
 *
 * @units the unit of the volume; starts at 0 with the first sample
 * @throws `FAULT_CONFIG` on any option; `FAULT_INPUT` on a close that is not finite or a volume below 0.
 * @cost O(1), no allocation. Exact for whole volumes up to 2^53.
 * @source Granville, New Key to Stock Market Profits, 1963
 * @example
 * ```ts
 * import { Obv } from "tickwright/signal";
 * const obv = new Obv();
 * obv.update(10, 500);
 * obv.update(11, 200); // => 200
 * obv.update(9, 50); // => 150
 * ```
 */
export class Obv extends Indicator {
  #close = 0;
  #balance = 0;

  constructor(options: NoOptions = {}) {
    checkKeys("Obv", options, []);
    super("Obv", {});
  }

  get ready(): boolean {
    return this.samples > 0;
  }

  get value(): number {
    return this.samples > 0 ? this.#balance : Number.NaN;
  }

  update(close: number, volume: number): number {
    checkSample("Obv.update.close", close);
    checkSizeSample("Obv.update.volume", volume);
    if (this.samples > 0 && close > this.#close) this.#balance += volume;
    else if (this.samples > 0 && close < this.#close) this.#balance -= volume;
    this.#close = close;
    this.samples += 1;
    return this.#balance;
  }

  reset(): void {
    this.samples = 0;
    this.#close = 0;
    this.#balance = 0;
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#close, this.#balance);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#close = from.next();
    this.#balance = from.next();
  }
}
