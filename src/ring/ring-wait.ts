import { checkChoice, checkInteger, Fault } from "../base/index.ts";
import type { RingWords } from "./ring-words.ts";

/** How a wait goes on when its spins are over: see {@link RingWaitOptions}. */
export type RingWaitKind = "park" | "yield" | "spin";

/** How a producer waits for room, or a consumer for messages. */
export interface RingWaitOptions {
  /**
   * What follows the spins: `park` sleeps until it is woken (about 5 µs), `yield` naps for 50 µs or so and looks again,
   * `spin` gives up. `park` unless given. `waitAsync` always parks: what native code writes does not wake it.
   */
  readonly wait?: RingWaitKind;
  /** Looks before that, each with a pause of the processor; 2,000 unless given, 0 to 10,000,000. */
  readonly spins?: number;
}

const NAP_MS = 0.05;

/** The checked options of a wait. @throws `FAULT_CONFIG` */
export function waitOptions(path: string, options: RingWaitOptions): Required<RingWaitOptions> {
  const wait = checkChoice(`${path}.wait`, options.wait ?? "park", ["park", "yield", "spin"]);
  return { wait, spins: checkInteger(`${path}.spins`, options.spins ?? 2000, 0, 10_000_000) };
}

/** Wakes what is parked at an event: `DATA` or `SPACE`. Called after the change that it waits for. */
export function wake(words: RingWords, event: number): void {
  if (words.load(event) === 0) return;
  words.add(event + 1, 1);
  words.notify(event + 1);
}

/**
 * Waits at one event until a condition holds.
 *
 * @invariant No wake-up is lost: who parks counts itself, then looks again, then sleeps on the signal it had read
 * before; who changes something looks at the count after the change. One of the two sees the other.
 */
export class RingWait {
  readonly #words: RingWords;
  readonly #event: number;
  readonly #isReady: () => boolean;
  readonly #kind: RingWaitKind;
  readonly #spins: number;
  #waits = 0;
  #parks = 0;

  constructor(
    words: RingWords,
    event: number,
    isReady: () => boolean,
    path: string,
    options: RingWaitOptions,
  ) {
    this.#words = words;
    this.#event = event;
    this.#isReady = isReady;
    const { wait, spins } = waitOptions(path, options);
    this.#kind = wait;
    this.#spins = spins;
  }

  /** Waits that found the condition unmet. */
  get waits(): number {
    return this.#waits;
  }

  /** Times that it went to sleep. */
  get parks(): number {
    return this.#parks;
  }

  /** Waits until the condition holds, or says false: each wake-up that did not bring it starts the timeout anew. */
  until(timeoutMs: number): boolean {
    checkTimeout(timeoutMs);
    if (this.#isReady()) return true;
    if (!this.#words.isShared) return false;
    this.#waits++;
    for (let spin = 0; spin < this.#spins; spin++) {
      this.#words.pause();
      if (this.#isReady()) return true;
    }
    if (this.#kind === "spin") return false;
    return this.#kind === "yield" ? this.#nap(timeoutMs) : this.#park(timeoutMs);
  }

  /** As `until`, without blocking the thread and without spins. */
  untilAsync(timeoutMs: number): boolean | PromiseLike<boolean> {
    checkTimeout(timeoutMs);
    if (this.#isReady()) return true;
    if (!this.#words.isShared) return false;
    this.#waits++;
    return this.#parkAsync(timeoutMs);
  }

  #nap(timeoutMs: number): boolean {
    for (let left = timeoutMs / NAP_MS; left > 0; left--) {
      this.#words.nap(NAP_MS);
      if (this.#isReady()) return true;
    }
    return false;
  }

  #park(timeoutMs: number): boolean {
    for (;;) {
      const signal = this.#words.load(this.#event + 1);
      this.#words.add(this.#event, 1);
      let isTimedOut = false;
      try {
        if (this.#isReady()) return true;
        this.#parks++;
        isTimedOut = this.#words.wait(this.#event + 1, signal, timeoutMs) === "timed-out";
      } finally {
        this.#words.add(this.#event, -1);
      }
      if (this.#isReady()) return true;
      if (isTimedOut) return false;
    }
  }

  #parkAsync(timeoutMs: number): boolean | PromiseLike<boolean> {
    const signal = this.#words.load(this.#event + 1);
    this.#words.add(this.#event, 1);
    let isParked = false;
    try {
      if (this.#isReady()) return true;
      this.#parks++;
      const parked = this.#words.waitAsync(this.#event + 1, signal, timeoutMs);
      if (parked.async) {
        isParked = true;
        return parked.value.then((end) => {
          this.#words.add(this.#event, -1);
          return this.#afterAsync(end === "timed-out", timeoutMs);
        });
      }
    } finally {
      if (!isParked) this.#words.add(this.#event, -1);
    }
    return this.#afterAsync(timeoutMs === 0, timeoutMs);
  }

  #afterAsync(isTimedOut: boolean, timeoutMs: number): boolean | PromiseLike<boolean> {
    if (this.#isReady()) return true;
    return isTimedOut ? false : this.#parkAsync(timeoutMs);
  }
}

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 0) return;
  throw new Fault("FAULT_INPUT", { path: "ring.wait.timeoutMs", value: timeoutMs, expected: "0 or more" });
}
