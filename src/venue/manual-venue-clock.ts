import type { VenueClock } from "./venue-clock.ts";

interface Timer {
  readonly atNs: number;
  readonly number: number;
  readonly call: () => void;
}

/**
 * A clock that a test moves: nothing happens between two of its calls.
 *
 * @units ns from the session's base
 * @invariant Timers fire in the order of their times, then of their making; promises settle before the next one fires.
 */
export class ManualVenueClock implements VenueClock {
  #nowNs: number;
  #number = 0;
  #timers: Timer[] = [];

  constructor(startNs: number = 0) {
    this.#nowNs = startNs;
  }

  nowNs(): number {
    return this.#nowNs;
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  after(delayNs: number, call: () => void): () => void {
    const timer = { atNs: this.#nowNs + Math.max(0, Math.ceil(delayNs)), number: this.#number++, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Lets time go by, and everything that is due in it happen. */
  async advance(byNs: number): Promise<void> {
    const toNs = this.#nowNs + byNs;
    await settlePromises();
    for (let next = this.#next(toNs); next !== undefined; next = this.#next(toNs)) {
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#nowNs = Math.max(this.#nowNs, next.atNs);
      next.call();
      await settlePromises();
    }
    this.#nowNs = toNs;
  }

  #next(toNs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atNs > toNs) continue;
      const isSooner = next === undefined || timer.atNs < next.atNs;
      if (isSooner || (timer.atNs === next?.atNs && timer.number < next.number)) next = timer;
    }
    return next;
  }
}

/** Waits until promises that were ready have told everyone: a chain of a few hops each. */
async function settlePromises(): Promise<void> {
  for (let hop = 0; hop < 32; hop++) await Promise.resolve();
}
