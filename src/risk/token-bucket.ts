import { checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields } from "./saved-state.ts";

const NS_PER_SECOND = 1_000_000_000;
const SIZE_MAX = 65_536;
const REFILL_NS_MAX = 4_503_599_627_370_496; // 2^52: with a time below 2^52 every sum is exact
const NEVER = Number.MIN_SAFE_INTEGER;

/** A rate of tokens and how many may be taken at once. */
export interface TokenLimit {
  /** Tokens that come back per second, above 0 and at most 1e9; fractions are allowed. */
  readonly ratePerSecond: number;
  /** Tokens of a full bucket, a whole number of at least 1. */
  readonly burst: number;
}

/** What {@link TokenBuckets} keeps over a restart. */
export interface SavedTokenBuckets {
  readonly dueNs: readonly number[];
}

/**
 * Token buckets, one per dense index, each as one double: the time at which the bucket would be full again
 * (GCRA). Cancels get a second `TokenBuckets` that orders never touch: a cancel takes
 * `orders.take(i, nowNs) || cancels.take(i, nowNs)`, so it is never starved and the sum of both rates is the most
 * that leaves.
 *
 * @units times in ns from the session's base; one token comes back every `ceil(1e9 / ratePerSecond)` ns: rounded
 * up, so that the rate is never exceeded, and exact for every rate that divides 1e9
 * @invariant Over any d ns at most `burst + floor(d / interval)` tokens are taken.
 * @invariant A clock that goes backwards gives no token; NaN, an unknown index: no token.
 * @cost O(1), nothing allocated; 32 bytes an index.
 * @throws `FAULT_CONFIG` for a size that is no integer within 1 and 65,536.
 * @example
 * ```ts
 * import { TokenBuckets } from "tickwright/risk";
 * const orders = new TokenBuckets({ size: 1 });
 * orders.configure(0, { ratePerSecond: 10, burst: 2 }, 0);
 * [orders.take(0, 0), orders.take(0, 0), orders.take(0, 0)]; // => [true, true, false]
 * [orders.waitNs(0, 0), orders.take(0, 99_999_999), orders.take(0, 100_000_000)]; // => [100000000, false, true]
 * ```
 * @source ATM Forum Traffic Management 4.1, 4.4.3 (generic cell rate algorithm, virtual scheduling)
 */
export class TokenBuckets {
  readonly size: number;
  readonly #burst: Float64Array;
  readonly #intervalNs: Float64Array;
  readonly #toleranceNs: Float64Array;
  /** When the bucket is full again. */
  readonly #dueNs: Float64Array;

  constructor(options: { readonly size: number }) {
    checkKeys("tokenBuckets", options, ["size"]);
    this.size = checkInteger("tokenBuckets.size", options.size, 1, SIZE_MAX);
    this.#burst = new Float64Array(this.size).fill(Number.POSITIVE_INFINITY);
    this.#intervalNs = new Float64Array(this.size);
    this.#toleranceNs = new Float64Array(this.size).fill(Number.POSITIVE_INFINITY);
    this.#dueNs = new Float64Array(this.size).fill(NEVER);
  }

  /**
   * Gives an index a limit, or none. Tokens that are out stay out: as many as were missing at `nowNs` (a started
   * one counts as missing) are missing afterwards. An index without a limit misses none.
   *
   * @throws `FAULT_CONFIG` naming the field; also for a bucket that takes more than 2^52 ns to fill.
   */
  configure(index: number, limit: TokenLimit | undefined, nowNs: number): void {
    checkInteger("tokenBuckets.index", index, 0, this.size - 1);
    checkNumber("tokenBuckets.nowNs", nowNs);
    const [burst, intervalNs, toleranceNs] = bucketOf(limit);
    const missing = this.#missing(index, nowNs);
    this.#burst[index] = burst;
    this.#intervalNs[index] = intervalNs;
    this.#toleranceNs[index] = toleranceNs;
    this.#dueNs[index] = Math.min(this.#dueNs[index] as number, nowNs) + missing * intervalNs;
  }

  /** Whether `take` would get a token now. */
  allows(index: number, nowNs: number): boolean {
    return (this.#dueNs[index] as number) <= nowNs + (this.#toleranceNs[index] as number);
  }

  /** Takes one token; false when there is none, and nothing changes. */
  take(index: number, nowNs: number): boolean {
    if (!this.allows(index, nowNs)) return false;
    this.force(index, nowNs);
    return true;
  }

  /** Takes one token whether or not there is one: for what is sent and can't be refused, such as cancels. */
  force(index: number, nowNs: number): void {
    this.#dueNs[index] = Math.max(this.#dueNs[index] as number, nowNs) + (this.#intervalNs[index] as number);
  }

  /** Whether each of `count` indices has a token; they stand in `indices` from `from` on. */
  allowsAll(indices: Int32Array, from: number, count: number, nowNs: number): boolean {
    const due = this.#dueNs;
    const tolerance = this.#toleranceNs;
    for (let at = from; at < from + count; at++) {
      const index = indices[at] as number;
      if (!((due[index] as number) <= nowNs + (tolerance[index] as number))) return false;
    }
    return true;
  }

  /** {@link TokenBuckets.force} for each of `count` indices. */
  forceAll(indices: Int32Array, from: number, count: number, nowNs: number): void {
    const due = this.#dueNs;
    const interval = this.#intervalNs;
    for (let at = from; at < from + count; at++) {
      const index = indices[at] as number;
      const before = due[index] as number;
      due[index] = (before > nowNs ? before : nowNs) + (interval[index] as number);
    }
  }

  /** How long until there is a token, 0 when there is one. @units ns */
  waitNs(index: number, nowNs: number): number {
    return Math.max(0, (this.#dueNs[index] as number) - (this.#toleranceNs[index] as number) - nowNs);
  }

  /** Whole tokens there are now, `Infinity` without a limit. */
  level(index: number, nowNs: number): number {
    return Math.max(0, (this.#burst[index] as number) - this.#missing(index, nowNs));
  }

  /** Tokens of the full bucket, `Infinity` without a limit: `1 - level / burst` is the utilisation. */
  burst(index: number): number {
    return this.#burst[index] as number;
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedTokenBuckets {
    return { dueNs: [...this.#dueNs] };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` unless it is of as many indices; nothing has changed then. */
  load(data: unknown): void {
    const { dueNs } = savedFields<SavedTokenBuckets>("tokenBuckets", data, ["dueNs"]);
    const most = Number.MAX_SAFE_INTEGER;
    this.#dueNs.set(readColumn("tokenBuckets.dueNs", dueNs, this.size, NEVER, most, false));
  }

  #missing(index: number, nowNs: number): number {
    const intervalNs = this.#intervalNs[index] as number;
    if (intervalNs === 0) return 0;
    return Math.max(0, Math.ceil(((this.#dueNs[index] as number) - nowNs) / intervalNs));
  }
}

function bucketOf(limit: TokenLimit | undefined): readonly [number, number, number] {
  if (limit === undefined) return [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY];
  checkKeys("tokenBuckets.limit", limit, ["ratePerSecond", "burst"]);
  const rate = checkNumber("tokenBuckets.ratePerSecond", limit.ratePerSecond, 0, NS_PER_SECOND);
  const burst = checkInteger("tokenBuckets.burst", limit.burst, 1);
  const intervalNs = Math.ceil(NS_PER_SECOND / rate);
  if (intervalNs * burst <= REFILL_NS_MAX) return [burst, intervalNs, intervalNs * (burst - 1)];
  throw new Fault("FAULT_CONFIG", {
    path: "tokenBuckets.limit",
    value: limit,
    expected: "a rate above 0 that fills the bucket within 2^52 ns",
  });
}
