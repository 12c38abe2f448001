import { checkInteger, checkKeys, checkNumber, Fault, Prng } from "../base/index.ts";
import type { Series } from "./series.ts";

/** How a {@link bootstrapMean} is made. */
export interface BootstrapOptions {
  /** The share of resampled means inside the interval; 0.95 unless given. */
  readonly confidence?: number;
  /** 1,000 unless given. */
  readonly resamples?: number;
  /** 1 unless given. */
  readonly seed?: number;
  /** Weights of the values, none below 0: the mean is weighted, and a value is drawn with its weight. */
  readonly weights?: Series;
  /** A number for each value: those of one number depend on each other, and are drawn together. */
  readonly clusters?: Series;
}

/** A mean with the interval that resampling gives it. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** What was drawn from: clusters where such were given, else the values. */
  readonly clusters: number;
}

/**
 * A mean and its percentile interval by resampling with replacement, of values or of whole clusters of them. Null below
 * two to draw from, or where weights sum to 0.
 *
 * @invariant Equal arguments give equal intervals; low <= high.
 * @throws `FAULT_INPUT` where a value is not finite or lengths differ; `FAULT_CONFIG` naming an option
 * @cost O(resamples * n)
 * @source Efron, Bootstrap methods, 1979 (percentile interval)
 * @example
 * ```ts
 * import { bootstrapMean } from "tickwright/stat";
 * bootstrapMean([2, 2, 2])?.high; // => 2
 * bootstrapMean([2]); // => null
 * ```
 */
export function bootstrapMean(values: Series, options: BootstrapOptions = {}): Interval | null {
  checkKeys("bootstrap", options, ["confidence", "resamples", "seed", "weights", "clusters"]);
  const count = values.length;
  const weights = options.weights ?? new Float64Array(count).fill(1);
  checkSample(values, weights);
  const { clusters } = options;
  if (clusters === undefined) return resample(values, weights, count, options);
  if (clusters.length !== count) {
    const expected = `as many as values (${count})`;
    throw new Fault("FAULT_INPUT", { path: "clusters.length", value: clusters.length, expected });
  }
  const sums = new Map<number, [worth: number, weight: number]>();
  for (let i = 0; i < count; i++) {
    const [worth, weight] = sums.get(clusters[i] as number) ?? [0, 0];
    const own = weights[i] as number;
    sums.set(clusters[i] as number, [worth + (values[i] as number) * own, weight + own]);
  }
  const inOrder = [...sums].sort(([a], [b]) => a - b).map(([, pair]) => pair);
  const whole = inOrder.filter(([, weight]) => weight > 0);
  const means = whole.map(([worth, weight]) => worth / weight);
  const masses = whole.map(([, weight]) => weight);
  return resample(means, masses, count, options);
}

/** The interval of a weighted mean; `count` is what was measured, the values what is drawn from. */
function resample(
  values: Series,
  weights: Series,
  count: number,
  options: BootstrapOptions,
): Interval | null {
  const confidence = checkNumber("bootstrap.confidence", options.confidence ?? 0.95, 0.01, 0.999);
  const resamples = checkInteger("bootstrap.resamples", options.resamples ?? 1_000, 10, 100_000);
  const seed = checkInteger("bootstrap.seed", options.seed ?? 1, 0, 0xffffffff);
  return new Draws(seed, resamples).interval(values, weights, count, confidence);
}

/** A table of draws may hold as many; beyond that they are drawn anew for each figure. */
const TABLE_MOST = 1_000_000;

/**
 * Draws with replacement by a seed: the same for every figure, so that they are made once.
 *
 * @invariant Equal to drawing anew from the seed for each figure.
 */
export class Draws {
  readonly #seed: number;
  readonly #resamples: number;
  /** Numbers from 0 to below 1, in the order in which they are drawn. */
  #table: Float64Array = new Float64Array(0);

  constructor(seed: number, resamples: number) {
    this.#seed = seed;
    this.#resamples = resamples;
  }

  /** The weighted mean and its percentile interval; null below two values, or without weight. */
  interval(values: Series, weights: Series, count: number, confidence = 0.95): Interval | null {
    const units = values.length;
    const worths = new Float64Array(units);
    const masses = Float64Array.from(weights);
    let [sum, mass] = [0, 0];
    for (let i = 0; i < units; i++) {
      worths[i] = (values[i] as number) * (masses[i] as number);
      sum += worths[i] as number;
      mass += masses[i] as number;
    }
    const mean = sum / mass;
    if (units < 2 || !Number.isFinite(mean)) return null;
    // A resample whose weights are all 0 has no mean.
    const sorted = this.#means(worths, masses).filter(Number.isFinite).sort();
    const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
    return { mean, low: at((1 - confidence) / 2), high: at((1 + confidence) / 2), count, clusters: units };
  }

  #means(worths: Float64Array, masses: Float64Array): Float64Array {
    const units = worths.length;
    const means = new Float64Array(this.#resamples);
    const table = this.#tableOf(units * means.length);
    const rng = new Prng(this.#seed);
    let k = 0;
    for (let draw = 0; draw < means.length; draw++) {
      let sum = 0;
      let mass = 0;
      for (let i = 0; i < units; i++) {
        const at = ((table === undefined ? rng.float() : (table[k++] as number)) * units) | 0;
        sum += worths[at] as number;
        mass += masses[at] as number;
      }
      means[draw] = sum / mass;
    }
    return means;
  }

  /** The first so many draws; undefined where they are too many to keep. */
  #tableOf(count: number): Float64Array | undefined {
    if (count <= this.#table.length) return this.#table;
    if (count > TABLE_MOST) return undefined;
    const rng = new Prng(this.#seed);
    this.#table = new Float64Array(count);
    for (let i = 0; i < count; i++) this.#table[i] = rng.float();
    return this.#table;
  }
}

function checkSample(values: Series, weights: Series): void {
  if (weights.length !== values.length) {
    const expected = `as many weights as values (${values.length})`;
    throw new Fault("FAULT_INPUT", { path: "weights.length", value: weights.length, expected });
  }
  for (let i = 0; i < values.length; i++) {
    const [value, weight] = [values[i] as number, weights[i] as number];
    if (!Number.isFinite(value)) {
      throw new Fault("FAULT_INPUT", { path: `values[${i}]`, value, expected: "a finite number" });
    }
    if (!(weight >= 0 && weight < Infinity)) {
      throw new Fault("FAULT_INPUT", {
        path: `weights[${i}]`,
        value: weight,
        expected: "a number of at least 0",
      });
    }
  }
}
