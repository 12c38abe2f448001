import { checkNumber } from "../base/index.ts";

const LEAP_NS = 1e9;
const MILLION = 1e6;

/**
 * A venue's own clock: the true time with an offset, a drift and leap seconds that repeat a second.
 *
 * @units ns from the session's base; drift in parts per million
 * @invariant `told` is the latest time it ever gave; a clock without faults is the true time.
 */
export class VenueClock {
  /** The latest time given to anybody. */
  told = 0;
  readonly #nowNs: Float64Array;
  #offsetNs = 0;
  #driftPpm = 0;
  #driftFromNs = 0;

  constructor(nowNs: Float64Array) {
    this.#nowNs = nowNs;
  }

  /** What the venue's clock shows now, as a whole number. */
  read(): number {
    const now = this.#nowNs[0] as number;
    let shown = now;
    if (this.#offsetNs !== 0) shown += this.#offsetNs;
    if (this.#driftPpm !== 0) shown += Math.round(((now - this.#driftFromNs) * this.#driftPpm) / MILLION);
    if (shown > this.told) this.told = shown;
    return shown;
  }

  /** Sets the offset; what drift had added is gone. */
  skew(offsetNs: number): void {
    this.#offsetNs = Math.round(checkNumber("offsetNs", offsetNs));
    this.#driftFromNs = this.#nowNs[0] as number;
  }

  /** Lets the clock run fast (above 0) or slow from now on. */
  drift(ppm: number): void {
    const now = this.#nowNs[0] as number;
    this.#offsetNs += Math.round(((now - this.#driftFromNs) * this.#driftPpm) / MILLION);
    this.#driftPpm = checkNumber("ppm", ppm, -MILLION / 2, MILLION / 2);
    this.#driftFromNs = now;
  }

  /** Repeats a second. */
  leap(): void {
    this.#offsetNs -= LEAP_NS;
  }

  /** Shows the true time again. */
  heal(): void {
    this.#offsetNs = 0;
    this.#driftPpm = 0;
  }
}
