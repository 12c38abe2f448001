import { checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields } from "./saved-state.ts";

const NS_PER_SECOND = 1_000_000_000;
const SIZE_MAX = 65_536;
const REFILL_NS_MAX = 4_503_599_627_370_496; // 2^52: with a time below 2^52 every sum is exact
/** When a bucket that nobody took from is full again. */
export const NEVER_DUE_NS: number = Number.MIN_SAFE_INTEGER;

/** A rate of tokens and how many may be taken at once. */
export interface TokenLimit {
  /** Tokens that come back per second, above 0 and at most 1e9; fractions are allowed. */
  readonly ratePerSecond: number;
  /** Tokens of a full bucket, a whole number of at least 1. */
  readonly burst: number;
}

/** Where the four figures of a bucket stand in its row: when it is full again, and its limit. */
export const BUCKET = { dueNs: 0, toleranceNs: 1, intervalNs: 2, burst: 3 } as const;

/** Rows of other figures that buckets have their four columns in: at `index * stride + first`. */
export interface BucketPlace {
  readonly rows: Float64Array;
  readonly stride: number;
  readonly first: number;
}

type Bucket = readonly [burst: number, intervalNs: number, toleranceNs: number];

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
  readonly #rows: Float64Array;
  readonly #stride: number;
  readonly #first: number;

  constructor(options: { readonly size: number }, place?: BucketPlace) {
    checkKeys("tokenBuckets", options, ["size"]);
    this.size = checkInteger("tokenBuckets.size", options.size, 1, SIZE_MAX);
    const { rows, stride, first } = place ?? { rows: new Float64Array(4 * this.size), stride: 4, first: 0 };
    this.#rows = rows;
    this.#stride = stride;
    this.#first = first;
    for (let index = 0; index < this.size; index++) this.#write(index, NEVER_DUE_NS, bucketOf(undefined));
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
    const bucket = bucketOf(limit);
    const missing = this.#missing(index, nowNs);
    this.#write(index, Math.min(this.#get(index, BUCKET.dueNs), nowNs) + missing * bucket[1], bucket);
  }

  /** Whether `take` would get a token now. */
  allows(index: number, nowNs: number): boolean {
    return this.#get(index, BUCKET.dueNs) <= nowNs + this.#get(index, BUCKET.toleranceNs);
  }

  /** Takes one token; false when there is none, and nothing changes. */
  take(index: number, nowNs: number): boolean {
    if (!this.allows(index, nowNs)) return false;
    this.force(index, nowNs);
    return true;
  }

  /** Takes one token whether or not there is one: for what is sent and can't be refused, such as cancels. */
  force(index: number, nowNs: number): void {
    const due = Math.max(this.#get(index, BUCKET.dueNs), nowNs) + this.#get(index, BUCKET.intervalNs);
    this.#rows[this.#at(index, BUCKET.dueNs)] = due;
  }

  /** How long until there is a token, 0 when there is one. @units ns */
  waitNs(index: number, nowNs: number): number {
    return Math.max(0, this.#get(index, BUCKET.dueNs) - this.#get(index, BUCKET.toleranceNs) - nowNs);
  }

  /** Whole tokens there are now, `Infinity` without a limit. */
  level(index: number, nowNs: number): number {
    return Math.max(0, this.#get(index, BUCKET.burst) - this.#missing(index, nowNs));
  }

  /** Tokens of the full bucket, `Infinity` without a limit: `1 - level / burst` is the utilisation. */
  burst(index: number): number {
    return this.#get(index, BUCKET.burst);
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedTokenBuckets {
    return { dueNs: Array.from({ length: this.size }, (_, index) => this.#get(index, BUCKET.dueNs)) };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` unless it is of as many indices; nothing has changed then. */
  load(data: unknown): void {
    const { dueNs } = savedFields<SavedTokenBuckets>("tokenBuckets", data, ["dueNs"]);
    const most = Number.MAX_SAFE_INTEGER;
    const due = readColumn("tokenBuckets.dueNs", dueNs, this.size, NEVER_DUE_NS, most, false);
    for (const [index, ns] of due.entries()) this.#rows[this.#at(index, BUCKET.dueNs)] = ns;
  }

  #missing(index: number, nowNs: number): number {
    const intervalNs = this.#get(index, BUCKET.intervalNs);
    if (intervalNs === 0) return 0;
    return Math.max(0, Math.ceil((this.#get(index, BUCKET.dueNs) - nowNs) / intervalNs));
  }

  #write(index: number, dueNs: number, [burst, intervalNs, toleranceNs]: Bucket): void {
    this.#rows[this.#at(index, BUCKET.dueNs)] = dueNs;
    this.#rows[this.#at(index, BUCKET.toleranceNs)] = toleranceNs;
    this.#rows[this.#at(index, BUCKET.intervalNs)] = intervalNs;
    this.#rows[this.#at(index, BUCKET.burst)] = burst;
  }

  #at(index: number, figure: number): number {
    return index * this.#stride + this.#first + figure;
  }

  /** NaN for an index that is not there: no token. */
  #get(index: number, figure: number): number {
    return index < this.size ? (this.#rows[this.#at(index, figure)] ?? Number.NaN) : Number.NaN;
  }
}

function bucketOf(limit: TokenLimit | undefined): Bucket {
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
