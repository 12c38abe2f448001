import { checkInteger, checkKeys } from "../base/index.ts";

/** What a {@link DeadMan} is built of. */
export interface DeadManOptions {
  /** A heart that is silent for longer is lost. @units ns */
  readonly timeoutNs: number;
}

/**
 * A dead man's watch: it tells once that a heartbeat was lost.
 *
 * @invariant Before the first beat or `arm` nothing is lost. A loss is told once; the next beat arms the watch again.
 * A beat that is no number, or older than the last, is not heard; a present that is no number is a loss.
 * @throws `FAULT_CONFIG` for a timeout that is no integer above 0.
 * @cost O(1), nothing allocated.
 * @example
 * ```ts
 * import { DeadMan } from "tickwright/risk";
 * const heart = new DeadMan({ timeoutNs: 100 });
 * const before = heart.isLost(1_000); // not armed
 * heart.beat(1_000);
 * [before, heart.isLost(1_100), heart.isLost(1_101), heart.isLost(1_102)]; // => [false, false, true, false]
 * ```
 */
export class DeadMan {
  readonly timeoutNs: number;
  #lastNs = Number.NEGATIVE_INFINITY;
  #armed = false;

  constructor(options: DeadManOptions) {
    checkKeys("deadMan", options, ["timeoutNs"]);
    this.timeoutNs = checkInteger("deadMan.timeoutNs", options.timeoutNs, 1);
  }

  /** Whether a silence is being measured. */
  get armed(): boolean {
    return this.#armed;
  }

  /** Starts to measure without a beat, so that a heart that never began is lost too. */
  arm(nowNs: number): void {
    this.beat(nowNs);
    this.#armed = true;
  }

  /** Stops to measure until the next beat. */
  disarm(): void {
    this.#armed = false;
  }

  /** The heart beat. */
  beat(nowNs: number): void {
    if (!(nowNs >= this.#lastNs && nowNs < Number.POSITIVE_INFINITY)) return;
    this.#lastNs = nowNs;
    this.#armed = true;
  }

  /** Whether the heart has just been lost; true once. */
  isLost(nowNs: number): boolean {
    if (!this.#armed || nowNs - this.#lastNs <= this.timeoutNs) return false;
    this.#armed = false;
    return true;
  }
}
