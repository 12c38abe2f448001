import { performance } from "node:perf_hooks";
import { checkInteger, Fault } from "../base/index.ts";

/** The longest wait that a timer of the system takes. @units ms */
const WAIT_MAX_MS = 2 ** 31 - 1;

interface TimedCall {
  readonly ns: number;
  readonly call: () => void;
}

/** A trader's clock and timers: all that it knows of time. */
export interface TraderTime {
  /** Epoch ns that `nowNs` counts from: the session's base. */
  readonly baseNs: bigint;
  /** A steady clock. @units whole ns from the base */
  nowNs(): number;
  /** Calls once after a delay; 0: as soon as nothing else runs. Returns what takes the call back. @units ns */
  after(delayNs: number, call: () => void): () => void;
}

/**
 * The time of this machine: where it was when the process began, and the monotonic clock from there.
 *
 * @units `baseNs` epoch ns
 * @cost `nowNs` reads a clock whose steps are about a microsecond; a timer may be a millisecond late
 */
export class SystemTime implements TraderTime {
  readonly baseNs: bigint;
  /** From the session's base to the process's time origin. */
  readonly #originNs: number;

  /** @throws `FAULT_CONFIG` for a base that is more than 104 days away: a double holds no ns of it. */
  constructor(baseNs: bigint) {
    this.baseNs = baseNs;
    const origin = BigInt(Math.round(performance.timeOrigin * 1e3)) * 1000n - BigInt(baseNs);
    this.#originNs = Number(origin);
    const now = this.nowNs();
    if (now >= 0 && now <= Number.MAX_SAFE_INTEGER) return;
    const expected = "a time of the last 104 days: a session that is older begins anew";
    throw new Fault("FAULT_CONFIG", { path: "time.baseNs", value: baseNs, expected });
  }

  nowNs(): number {
    return this.#originNs + Math.floor(performance.now() * 1e6);
  }

  after(delayNs: number, call: () => void): () => void {
    if (delayNs <= 0) {
      const soon = setImmediate(call);
      return () => clearImmediate(soon);
    }
    const timer = setTimeout(call, Math.min(WAIT_MAX_MS, Math.ceil(delayNs / 1e6)));
    return () => clearTimeout(timer);
  }
}

/**
 * Time that goes on when somebody turns it: rehearsals and tests of traders run as fast as the machine does, and come
 * out the same each time.
 *
 * @example
 * ```ts
 * import { VirtualTime } from "tickwright/run";
 * const time = new VirtualTime(0n);
 * const heard: number[] = [];
 * const tick = () => {
 *   heard.push(time.nowNs());
 *   if (heard.length < 3) time.after(1_000, tick);
 * };
 * time.after(1_000, tick);
 * await time.runTo(2_500);
 * [heard, time.nowNs()]; // => [[1000, 2000], 2500]
 * ```
 */
export class VirtualTime implements TraderTime {
  readonly baseNs: bigint;
  #nowNs = 0;
  /** What is set, the first last. */
  readonly #calls: TimedCall[] = [];

  constructor(baseNs: bigint, startNs: number = 0) {
    this.baseNs = baseNs;
    this.#nowNs = checkInteger("time.startNs", startNs, 0);
  }

  nowNs(): number {
    return this.#nowNs;
  }

  after(delayNs: number, call: () => void): () => void {
    return this.call(this.#nowNs + Math.max(0, Math.ceil(delayNs)), call);
  }

  /** Has something done at a time, such as a message that comes; of one time in the order of asking. */
  call(ns: number, call: () => void): () => void {
    const at = Math.max(ns, this.#nowNs);
    let [low, high] = [0, this.#calls.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#calls[middle] as TimedCall).ns > at) low = middle + 1;
      else high = middle;
    }
    const set = { ns: at, call };
    this.#calls.splice(low, 0, set);
    return () => {
      const place = this.#calls.indexOf(set);
      if (place >= 0) this.#calls.splice(place, 1);
    };
  }

  /** Goes on to `ns`: what is set is called at its time, and its promises are kept before time goes on. */
  async runTo(ns: number): Promise<void> {
    await settled();
    for (;;) {
      const first = this.#calls.at(-1);
      if (first === undefined || first.ns > ns) break;
      this.#calls.pop();
      this.#nowNs = Math.max(this.#nowNs, first.ns);
      first.call();
      await settled();
    }
    this.#nowNs = Math.max(this.#nowNs, ns);
  }
}

/** Resolves when every promise that can be kept is. */
function settled(): Promise<void> {
  return new Promise((done) => {
    setImmediate(done);
  });
}
