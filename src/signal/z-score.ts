import { checkInteger, checkKeys } from "../base/index.ts";
import { checkSample, Indicator, type StateReader } from "./indicator.ts";
import { MomentWindow } from "./moment-window.ts";
import { checkPeriod } from "./options.ts";

/** The options of {@link ZScore}. */
export interface ZScoreOptions {
  /** Samples in the window, at least 2, the newest included. */
  readonly period: number;
  /** Degrees of freedom lost by the deviation: 0 or 1. 0 unless given. */
  readonly ddof?: 0 | 1;
}

/**
 * How many standard deviations the newest sample stands above the mean of the last `period` samples.
 *
 * @invariant 0 where all samples of the window are equal. At most `sqrt(period - 1)` in size with ddof 0,
 * since the newest sample is part of its own window.
 * @throws `FAULT_CONFIG` on a period below 2 or another ddof; `FAULT_INPUT` on a sample that is not finite.
 * @cost O(1) worst case, no allocation.
 * @example
 * ```ts
 * import { ZScore } from "tickwright/signal";
 * const score = new ZScore({ period: 2 });
 * score.update(1);
 * score.update(5); // => 1
 * ```
 */
export class ZScore extends Indicator {
  readonly #divisor: number;
  readonly #window: MomentWindow;
  #last = 0;

  constructor(options: ZScoreOptions) {
    checkKeys("ZScore", options, ["period", "ddof"]);
    const period = checkPeriod("ZScore.period", options.period, 2);
    const ddof = checkInteger("ZScore.ddof", options.ddof ?? 0, 0, 1);
    super("ZScore", { period, ddof });
    this.#divisor = period - ddof;
    this.#window = new MomentWindow(period);
  }

  get ready(): boolean {
    return this.#window.full;
  }

  get value(): number {
    const window = this.#window;
    if (!window.full) return Number.NaN;
    if (window.m2 === 0) return 0;
    return (this.#last - window.mean) / Math.sqrt(window.m2 / this.#divisor);
  }

  get mean(): number {
    return this.#window.full ? this.#window.mean : Number.NaN;
  }

  update(x: number): number {
    checkSample("ZScore.update", x);
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
}
