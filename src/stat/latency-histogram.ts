import { checkNumber, Fault } from "../base/index.ts";
import { nearestRank } from "./series.ts";

/** A distribution in nanoseconds. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Buckets of one power of two: 2^6, so that a bucket is at most 1/64 of its values wide. */
const PER_OCTAVE_BITS = 6;
/** Values below 2^63 ns (292 years) are recorded. */
const LIMIT_NS = 2_147_483_648 * 4_294_967_296;
/** The top bits of a double, exponent and 6 bits of mantissa, of the value 1. */
const BITS_OF_ONE = 1023 << PER_OCTAVE_BITS;
/** One bucket for 0, then 64 for each of 63 powers of two. */
const BUCKETS = 1 + (63 << PER_OCTAVE_BITS);

/** Which half of a double holds its exponent on this machine. */
const HIGH_WORD = new Uint32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 1;

/**
 * Counts of times in nanoseconds over log-linear buckets: quantiles of any number of values in 32 KB.
 *
 * @units whole nanoseconds; a fraction is dropped
 * @invariant A quantile is never below the exact value of its nearest rank, and above it by less than 1/64 of
 * it; values below 128 ns, the least and the greatest are exact.
 * @cost `record` is O(1), a few arithmetic operations, and allocates nothing; a quantile is O(buckets).
 * @example
 * ```ts
 * import { LatencyHistogram } from "tickwright/stat";
 * const times = new LatencyHistogram();
 * for (let ns = 1; ns <= 100; ns++) times.record(ns);
 * times.quantile(0.5); // => 50
 * times.max; // => 100
 * ```
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  /** One double and its two halves: the exponent is read from its bits. */
  readonly #double = new Float64Array(1);
  readonly #words = new Uint32Array(this.#double.buffer);
  #count = 0;
  #total = 0;
  #min = Infinity;
  #max = -Infinity;

  /**
   * Counts one value.
   *
   * @throws `FAULT_INPUT` unless it is at least 0 and below 2^63.
   */
  record(ns: number): void {
    if (!(ns >= 0 && ns < LIMIT_NS)) refuseValue(ns);
    const whole = Math.floor(ns);
    const bucket = this.#bucketOf(whole);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count += 1;
    this.#total += whole;
    if (whole < this.#min) this.#min = whole;
    if (whole > this.#max) this.#max = whole;
  }

  get count(): number {
    return this.#count;
  }

  /** The least value, exactly; null without values. */
  get min(): number | null {
    return this.#count === 0 ? null : this.#min;
  }

  /** The greatest value, exactly; null without values. */
  get max(): number | null {
    return this.#count === 0 ? null : this.#max;
  }

  /** The mean of the values themselves, not of their buckets; null without values. */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#total / this.#count;
  }

  /**
   * The value of rank `ceil(q * count)`, at most 1/64 too high; null without values.
   *
   * @throws `FAULT_CONFIG` when `q` is not within 0 and 1.
   */
  quantile(q: number): number | null {
    checkNumber("q", q, 0, 1);
    if (this.#count === 0) return null;
    const rank = nearestRank(this.#count, q);
    if (rank >= this.#count) return this.#max;
    let seen = 0;
    let bucket = 0;
    while (bucket < BUCKETS - 1) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) break;
      bucket += 1;
    }
    return Math.min(Math.max(highestOf(bucket), this.#min), this.#max);
  }

  /** Adds all values of another histogram: the result is that of recording them here. */
  merge(other: LatencyHistogram): void {
    for (let i = 0; i < BUCKETS; i++) {
      this.#counts[i] = (this.#counts[i] as number) + (other.#counts[i] as number);
    }
    this.#count += other.#count;
    this.#total += other.#total;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Forgets all values. */
  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#total = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  /** Count, extremes and the usual quantiles; null without values. */
  distribution(): Distribution | null {
    if (this.#count === 0) return null;
    const at = (q: number): number => this.quantile(q) ?? 0;
    return {
      count: this.#count,
      min: this.#min,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      max: this.#max,
    };
  }

  /** The high word of a double, shifted to its exponent and 6 bits of mantissa, counts buckets in order. */
  #bucketOf(whole: number): number {
    if (whole === 0) return 0;
    this.#double[0] = whole;
    return ((this.#words[HIGH_WORD] as number) >>> (20 - PER_OCTAVE_BITS)) - BITS_OF_ONE + 1;
  }
}

/** The highest whole number that falls into a bucket. */
function highestOf(bucket: number): number {
  if (bucket === 0) return 0;
  const octave = (bucket - 1) >> PER_OCTAVE_BITS;
  const part = (bucket - 1) & ((1 << PER_OCTAVE_BITS) - 1);
  let size = 1;
  for (let i = 0; i < octave; i++) size *= 2;
  const low = size + (size / 64) * part;
  return Math.max(low, low + size / 64 - 1);
}

function refuseValue(ns: number): never {
  throw new Fault("FAULT_INPUT", { path: "ns", value: ns, expected: "at least 0 and below 2^63" });
}
