import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { savedFields, savedList, savedTimes } from "./saved-state.ts";

const SIZE_MAX = 65_536;
const SLOTS_MAX = 16_777_216;
const UNLIMITED = Number.NEGATIVE_INFINITY;
const NEVER = Number.NEGATIVE_INFINITY;

/** So many in any window of so many ns. */
export interface CountLimit {
  /** The most within a window, a whole number of at least 1. */
  readonly count: number;
  readonly windowNs: number;
}

/** Options of {@link SlidingCounts}. */
export interface SlidingCountsOptions {
  /** Indices there are, within 1 and 65,536. */
  readonly size: number;
  /** The most times held over all indices: the sum of all `count`s, within 1 and 16,777,216. */
  readonly slots: number;
}

/** What {@link SlidingCounts} keeps over a restart: the times of each index, oldest first. */
export interface SavedSlidingCounts {
  readonly times: readonly (readonly number[])[];
}

/**
 * At most N in any window of W ns, exactly, per dense index: a ring of the last N times. A time leaves the window
 * when it is W ns old, so of any N + 1 that passed the last is at least W after the first.
 *
 * @units times in ns from the session's base
 * @invariant No half-open window of W ns holds more than N takes, across changes of the limit too.
 * @invariant A clock that goes backwards gives nothing; NaN, an unknown index: refused.
 * @cost `allows`, `take` and `waitNs` O(1), `count` O(log N), nothing allocated; 8 bytes a slot, 28 an index and
 * one typed array an index.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { SlidingCounts } from "tickwright/risk";
 * const perMinute = new SlidingCounts({ size: 1, slots: 100 });
 * perMinute.configure(0, { count: 2, windowNs: 60_000_000_000 });
 * [perMinute.take(0, 0), perMinute.take(0, 5), perMinute.take(0, 6)]; // => [true, true, false]
 * [perMinute.waitNs(0, 6), perMinute.take(0, 60_000_000_000)]; // => [59999999994, true]
 * ```
 */
export class SlidingCounts {
  readonly size: number;
  readonly slots: number;
  readonly #rings: Float64Array[];
  /** Where the oldest stands, and the next goes. */
  readonly #next: Int32Array;
  readonly #windowNs: Float64Array;

  constructor(options: SlidingCountsOptions) {
    checkKeys("slidingCounts", options, ["size", "slots"]);
    this.size = checkInteger("slidingCounts.size", options.size, 1, SIZE_MAX);
    this.slots = checkInteger("slidingCounts.slots", options.slots, 1, SLOTS_MAX);
    this.#rings = Array.from({ length: this.size }, () => new Float64Array(1).fill(NEVER));
    this.#next = new Int32Array(this.size);
    this.#windowNs = new Float64Array(this.size).fill(UNLIMITED);
  }

  /**
   * Gives an index a limit, or none. The times that are known stay; where the new ring is longer, what the old one
   * had forgotten counts as taken at the oldest time it still knew. An index without a limit knows nothing.
   *
   * @throws `FAULT_CONFIG` naming the field, `FAULT_CAPACITY` when all counts together pass `slots`.
   */
  configure(index: number, limit: CountLimit | undefined): void {
    checkInteger("slidingCounts.index", index, 0, this.size - 1);
    if (limit === undefined) {
      this.#place(index, UNLIMITED, 1, []);
      return;
    }
    checkKeys("slidingCounts.limit", limit, ["count", "windowNs"]);
    const windowNs = checkInteger("slidingCounts.windowNs", limit.windowNs, 1);
    const count = checkInteger("slidingCounts.count", limit.count, 1);
    const total = count + this.#slotsBeside(index);
    if (total > this.slots) {
      const expected = `at most ${this.slots} slots over all indices`;
      throw new Fault("FAULT_CAPACITY", { path: "slidingCounts.count", value: total, expected });
    }
    this.#place(index, windowNs, count, this.#known(index));
  }

  /** Whether `take` would pass now. */
  allows(index: number, nowNs: number): boolean {
    return nowNs - this.#oldest(index) >= (this.#windowNs[index] as number);
  }

  /** Counts one; false when the window is full, and nothing changes. */
  take(index: number, nowNs: number): boolean {
    if (!this.allows(index, nowNs)) return false;
    this.force(index, nowNs);
    return true;
  }

  /** Counts one whether or not the window is full: for what is sent and can't be refused, such as cancels. */
  force(index: number, nowNs: number): void {
    const ring = this.#rings[index] as Float64Array;
    const next = this.#next[index] as number;
    const newest = ring[next === 0 ? ring.length - 1 : next - 1] as number;
    ring[next] = Math.max(newest, nowNs);
    this.#next[index] = next + 1 === ring.length ? 0 : next + 1;
  }

  /** How long until the window has room, 0 when it has. @units ns */
  waitNs(index: number, nowNs: number): number {
    return Math.max(0, this.#oldest(index) + (this.#windowNs[index] as number) - nowNs);
  }

  /** How many are in the window now; 0 without a limit. */
  count(index: number, nowNs: number): number {
    const ring = this.#rings[index] as Float64Array;
    const next = this.#next[index] as number;
    const windowNs = this.#windowNs[index] as number;
    let low = 0;
    let high = ring.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (nowNs - (ring[(next + middle) % ring.length] as number) >= windowNs) low = middle + 1;
      else high = middle;
    }
    return ring.length - low;
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedSlidingCounts {
    return { times: this.#rings.map((_ring, i) => this.#known(i).filter((each) => each !== NEVER)) };
  }

  /**
   * Continues from saved state, under the limits configured here.
   *
   * @throws `FAULT_INPUT` for another number of indices, more times than a limit counts, times that fall; nothing
   * has changed then.
   */
  load(data: unknown): void {
    const { times } = savedFields<SavedSlidingCounts>("slidingCounts", data, ["times"]);
    const rows = savedList("slidingCounts.times", times, this.size, this.size).map((row, i) =>
      savedTimes(`slidingCounts.times[${i}]`, row, (this.#rings[i] as Float64Array).length),
    );
    for (const [i, row] of rows.entries()) {
      const ring = (this.#rings[i] as Float64Array).fill(NEVER);
      ring.set(row, ring.length - row.length);
      this.#next[i] = 0;
    }
  }

  #oldest(index: number): number {
    return this.#rings[index]?.[this.#next[index] as number] as number;
  }

  /** The times of an index with a limit, oldest first; places not used yet are `NEVER`. */
  #known(index: number): number[] {
    if (this.#windowNs[index] === UNLIMITED) return [];
    const ring = [...(this.#rings[index] as Float64Array)];
    const next = this.#next[index] as number;
    return [...ring.slice(next), ...ring.slice(0, next)];
  }

  #slotsBeside(index: number): number {
    return this.#rings.reduce((sum, ring, i) => {
      return i === index || this.#windowNs[i] === UNLIMITED ? sum : sum + ring.length;
    }, 0);
  }

  #place(index: number, windowNs: number, count: number, known: readonly number[]): void {
    const ring = new Float64Array(count).fill(known[0] ?? NEVER);
    const kept = known.slice(-count);
    ring.set(kept, count - kept.length);
    this.#rings[index] = ring;
    this.#next[index] = 0;
    this.#windowNs[index] = windowNs;
  }
}
