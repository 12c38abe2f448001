import { checkChoice, checkKeys } from "../base/index.ts";
import { Rma } from "./ema.ts";
import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { checkPeriod } from "./options.ts";
import { SumWindow } from "./sum-window.ts";

/** How gains and losses are averaged: Wilder's smoothing, or a simple mean of the window (Cutler). */
export type RsiAverage = "wilder" | "cutler";

/** The options of {@link Rsi}. */
export interface RsiOptions {
  /** Changes in the average. */
  readonly period: number;
  /** `wilder` unless given. */
  readonly average?: RsiAverage;
}

/**
 * The relative strength index: 100 times the average gain over the average gain plus the average loss.
 *
 * @invariant Within 0 and 100; 50 where nothing moved at all. Ready after `period + 1` samples.
 * @throws `FAULT_CONFIG` on a period below 1 or another average; `FAULT_INPUT` on a sample that is not
 * finite.
 * @cost O(1), no allocation.
 * @source Wilder, New Concepts in Technical Trading Systems, 1978
 * @example
 * ```ts
 * import { Rsi } from "tickwright/signal";
 * const rsi = new Rsi({ period: 2 });
 * for (const x of [10, 11, 14]) rsi.update(x);
 * rsi.value; // => 100
 * rsi.update(12); // => 50
 * ```
 */
export class Rsi extends Indicator {
  readonly #period: number;
  readonly #wilder: boolean;
  readonly #gain: Rma;
  readonly #loss: Rma;
  readonly #gains: SumWindow;
  readonly #losses: SumWindow;
  #last = 0;

  constructor(options: RsiOptions) {
    checkKeys("Rsi", options, ["period", "average"]);
    const period = checkPeriod("Rsi.period", options.period);
    const average = checkChoice("Rsi.average", options.average ?? "wilder", ["wilder", "cutler"]);
    super("Rsi", { period, average });
    this.#period = period;
    this.#wilder = average === "wilder";
    this.#gain = new Rma({ period });
    this.#loss = new Rma({ period });
    const window = this.#wilder ? 1 : period;
    this.#gains = new SumWindow(window);
    this.#losses = new SumWindow(window);
  }

  get ready(): boolean {
    return this.samples > this.#period;
  }

  get value(): number {
    if (this.samples <= this.#period) return Number.NaN;
    const gain = this.#wilder ? this.#gain.value : this.#gains.sum;
    const loss = this.#wilder ? this.#loss.value : this.#losses.sum;
    const moved = gain + loss;
    return moved === 0 ? 50 : 100 * (gain / moved);
  }

  update(x: number): number {
    checkSample("Rsi.update", x);
    this.samples += 1;
    const change = x - this.#last;
    this.#last = x;
    if (this.samples === 1) return Number.NaN;
    const gain = change > 0 ? change : 0;
    const loss = change < 0 ? -change : 0;
    if (this.#wilder) {
      this.#gain.update(gain);
      this.#loss.update(loss);
    } else {
      this.#gains.push(gain);
      this.#losses.push(loss);
    }
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#last = 0;
    this.#gain.reset();
    this.#loss.reset();
    this.#gains.reset();
    this.#losses.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#last);
    this.#gain.writeState(out);
    this.#loss.writeState(out);
    this.#gains.writeState(out);
    this.#losses.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#last = from.next();
    this.#gain.readState(from);
    this.#loss.readState(from);
    this.#gains.readState(from);
    this.#losses.readState(from);
  }
}
