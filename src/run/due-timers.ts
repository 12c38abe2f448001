import type { TradingKernel } from "../kernel/index.ts";

/**
 * Fires the timers of a session's kernel that are due when a turn begins, each at its own time.
 *
 * A repeating timer that was due before the session went on after an outage fires once, then at its next time from now
 * on; so does one that is more than `periodsMax` periods behind, as after a standstill. What is left out is in the
 * timer's record: a replay leaves out the same.
 *
 * @units ns from the session's base
 * @invariant The kernel's time never falls, and no timer fires twice for one time.
 * @cost For each timer at most `periodsMax` + 1 calls a turn.
 */
export class DueTimers {
  readonly #kernel: TradingKernel;
  readonly #periodsMax: number;

  constructor(kernel: TradingKernel, periodsMax: number) {
    this.#kernel = kernel;
    this.#periodsMax = periodsMax;
  }

  /** Fires what is due before `now`, or at it where `isOver`; `settled` is called behind each. */
  fire(now: number, isOver: boolean, settled: () => void): void {
    const kernel = this.#kernel;
    const { timers, nowNs } = kernel;
    for (;;) {
      const ns = timers.nextNs[0] as number;
      if (ns > now || (ns === now && !isOver)) return;
      const last = nowNs[0] as number;
      // What a running session has passed has fired: only one that was down finds a timer before its own time.
      const isBehind = ns < last || now - ns > this.#periodsMax * timers.nextPeriodNs;
      nowNs[0] = Math.max(ns, last);
      kernel.timer(isBehind ? now : 0);
      settled();
    }
  }
}
