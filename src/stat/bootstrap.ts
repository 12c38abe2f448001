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
  const rng = new Prng(checkInteger("bootstrap.seed", options.seed ?? 1, 0, 0xffffffff));
  const units = values.length;
  const draw = (pick: (i: number) => number): number => {
    let [sum, weight] = [0, 0];
    for (let i = 0; i < units; i++) {
      const at = pick(i);
      sum += (values[at] as number) * (weights[at] as number);
      weight += weights[at] as number;
    }
    return sum / weight;
  };
  const mean = draw((i) => i);
  if (units < 2 || !Number.isFinite(mean)) return null;
  const means = Float64Array.from({ length: resamples }, () => draw(() => rng.below(units)));
  // A resample whose weights are all 0 has no mean.
  const sorted = means.filter(Number.isFinite).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
  return { mean, low: at((1 - confidence) / 2), high: at((1 + confidence) / 2), count, clusters: units };
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
