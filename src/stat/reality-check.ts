import { checkInteger, checkKeys, checkNumber, powReal } from "../base/index.ts";
import { checkColumns } from "./effective-trials.ts";
import { NO_SPREAD } from "./ratios.ts";
import { mean, type Series, stdev } from "./series.ts";
import { StationaryBootstrap, stationaryBlockLength } from "./stationary-bootstrap.ts";

/** How {@link realityCheck} resamples. */
export interface RealityCheckOptions {
  /** 1,000 unless given. */
  readonly resamples?: number;
  /** The mean block length; the mean of {@link stationaryBlockLength} over the columns unless given. */
  readonly blockLength?: number;
  /** 1 unless given. */
  readonly seed?: number;
}

/** Whether the best of many strategies beats the benchmark by more than luck. */
export interface RealityCheck {
  /** The strategy of the largest mean, and White's statistic: that mean times the root of the periods. */
  readonly best: number;
  readonly statistic: number;
  /** White's p-value: of a statistic as large where no strategy beats the benchmark. */
  readonly pValue: number;
  /** Hansen's test of superior predictive ability: poor strategies weigh less, and all are measured in deviations. */
  readonly superior: SuperiorAbility;
  /** Strategies that vary, of which there is something to test; the others are left out. */
  readonly strategies: number;
  readonly periods: number;
  readonly blockLength: number;
  readonly resamples: number;
}

/** Hansen's test; his three p-values, `lowerPValue <= pValue <= upperPValue`. */
export interface SuperiorAbility {
  /** The strategy of the largest mean in deviations of the mean, and that; at least 0. */
  readonly best: number;
  readonly statistic: number;
  /** The consistent one: strategies that are far below the benchmark are taken to be there. */
  readonly pValue: number;
  /** Every strategy below the benchmark is taken to be where it is. */
  readonly lowerPValue: number;
  /** Every strategy is taken to be as good as the benchmark: conservative. */
  readonly upperPValue: number;
}

/**
 * White's reality check and Hansen's test of superior predictive ability: the best of all strategies is compared with
 * the best of as many in resamples of the same periods where none beats the benchmark. Strategies keep their
 * correlation with one another, because all of a period is drawn together, and with their past, because periods are
 * drawn in blocks. Null where no strategy varies.
 *
 * @units returns above the benchmark's, per period (the returns themselves where it is cash)
 * @shape one column a strategy, of at least 20 returns of the same periods
 * @invariant P-values within 1 / (resamples + 1) and 1: the run itself is one of the resamples. Equal arguments give
 * equal results. Scaling all columns changes no p-value; scaling one changes none of Hansen's.
 * @throws `FAULT_CONFIG` on an option that is none or too few periods; `FAULT_INPUT` where lengths differ or a value
 * is not finite
 * @cost O(resamples * strategies * min(periods, 2 periods / block length)); held are the columns' running sums
 * @source White, A Reality Check for Data Snooping, Econometrica, 2000; Hansen, A Test for Superior Predictive Ability,
 * Journal of Business and Economic Statistics, 2005; Politis and Romano, 1994 (resamples, and their variance); Davison
 * and Hinkley, Bootstrap Methods and their Application, 1997, 4.2 (the run counted among them)
 * @example
 * ```ts
 * import { realityCheck } from "tickwright/stat";
 * const flat = Array.from({ length: 40 }, (_, i) => Math.sin(i * i));
 * const good = flat.map((value) => 3 + value);
 * realityCheck([flat, good], { resamples: 99, blockLength: 1 })?.pValue; // => 0.01
 * ```
 */
export function realityCheck(
  columns: readonly Series[],
  options: RealityCheckOptions = {},
): RealityCheck | null {
  checkKeys("options", options, ["resamples", "blockLength", "seed"]);
  const resamples = checkInteger("options.resamples", options.resamples ?? 1_000, 10, 1_000_000);
  const seed = checkInteger("options.seed", options.seed ?? 1, 0, 0xffffffff);
  const periods = checkInteger("columns[0].length", checkColumns("columns", columns), 20);
  const places = columns.flatMap((column, i) => ((stdev(column) ?? 0) <= NO_SPREAD ? [] : [i]));
  if (places.length === 0) return null;
  const varying = places.map((i) => columns[i] as Series);
  const blockLength = checkNumber(
    "options.blockLength",
    options.blockLength ?? mean(varying.map(stationaryBlockLength)),
    1,
    periods,
  );
  const means = Float64Array.from(varying, (column) => mean(column) as number);
  const deviations = Float64Array.from(varying, (column, k) =>
    deviationOf(column, means[k] as number, 1 / blockLength),
  );
  const test = new Superiority(means, deviations, periods);
  const draws = new ResampledMeans(varying, means);
  const bootstrap = new StationaryBootstrap({ count: periods, blockLength, seed });
  const gaps = new Float64Array(varying.length);
  for (let draw = 0; draw < resamples; draw++) {
    draws.fill(bootstrap, gaps);
    test.count(gaps);
  }
  return { ...test.result(places, resamples), strategies: varying.length, periods, blockLength, resamples };
}

/** Counts resamples whose best is at least the run's. */
class Superiority {
  readonly #means: Float64Array;
  readonly #root: number;
  /** 1 over the deviation of each column's root-scaled mean. */
  readonly #scales: Float64Array;
  /** What a resampled mean's distance from the column's mean is raised by: the mean itself, where it is kept. */
  readonly #keptConsistent: Float64Array;
  readonly #keptLower: Float64Array;
  readonly #best: number;
  readonly #bestScaled: number;
  readonly #statistic: number;
  readonly #scaled: number;
  #white = 0;
  #lower = 0;
  #consistent = 0;
  #upper = 0;

  constructor(means: Float64Array, deviations: Float64Array, periods: number) {
    this.#means = means;
    this.#root = Math.sqrt(periods);
    // A mean that resamples hardly move (its blocks cancel) is measured by nothing: it is no candidate.
    this.#scales = deviations.map((deviation) => (deviation > NO_SPREAD ? this.#root / deviation : 0));
    const limit = Math.sqrt(2 * Math.log(Math.log(periods)));
    this.#keptConsistent = means.map((value, k) =>
      value * (this.#scales[k] as number) >= -limit ? 0 : value,
    );
    this.#keptLower = means.map((value) => Math.min(value, 0));
    const scaled = means.map((value, k) => value * (this.#scales[k] as number));
    this.#best = largest(means);
    this.#bestScaled = largest(scaled);
    this.#statistic = (means[this.#best] as number) * this.#root;
    this.#scaled = Math.max(0, scaled[this.#bestScaled] as number);
  }

  /** `gaps`: the resampled means less the columns' means. */
  count(gaps: Float64Array): void {
    let [white, lower, consistent, upper] = [-Infinity, 0, 0, 0];
    for (let k = 0; k < gaps.length; k++) {
      const gap = gaps[k] as number;
      const scale = this.#scales[k] as number;
      if (gap > white) white = gap;
      upper = Math.max(upper, gap * scale);
      consistent = Math.max(consistent, (gap + (this.#keptConsistent[k] as number)) * scale);
      lower = Math.max(lower, (gap + (this.#keptLower[k] as number)) * scale);
    }
    if (white >= (this.#means[this.#best] as number)) this.#white += 1;
    if (lower >= this.#scaled) this.#lower += 1;
    if (consistent >= this.#scaled) this.#consistent += 1;
    if (upper >= this.#scaled) this.#upper += 1;
  }

  result(
    places: readonly number[],
    resamples: number,
  ): Pick<RealityCheck, "best" | "statistic" | "pValue" | "superior"> {
    const share = (count: number): number => (1 + count) / (1 + resamples);
    return {
      best: places[this.#best] as number,
      statistic: this.#statistic,
      pValue: share(this.#white),
      superior: {
        best: places[this.#bestScaled] as number,
        statistic: this.#scaled,
        pValue: share(this.#consistent),
        lowerPValue: share(this.#lower),
        upperPValue: share(this.#upper),
      },
    };
  }
}

/** The means of all columns in a resample, less their own, from running sums of what they are above their means. */
class ResampledMeans {
  readonly #periods: number;
  readonly #count: number;
  /** Of column k before period t at `t * count + k`. */
  readonly #sums: Float64Array;
  /** How often a run of the resample ends before each period, less how often one begins there. */
  readonly #ends: Int32Array;

  constructor(columns: readonly Series[], means: Float64Array) {
    const count = columns.length;
    const periods = (columns[0] as Series).length;
    this.#periods = periods;
    this.#count = count;
    this.#sums = new Float64Array((periods + 1) * count);
    this.#ends = new Int32Array(periods + 1);
    for (const [k, column] of columns.entries()) {
      let sum = 0;
      for (let t = 0; t < periods; t++) {
        sum += (column[t] as number) - (means[k] as number);
        this.#sums[(t + 1) * count + k] = sum;
      }
    }
  }

  fill(bootstrap: StationaryBootstrap, gaps: Float64Array): void {
    const ends = this.#ends.fill(0);
    bootstrap.blocks((start, length) => {
      ends[start] = (ends[start] as number) - 1;
      ends[start + length] = (ends[start + length] as number) + 1;
    });
    gaps.fill(0);
    for (let t = 0; t < ends.length; t++) {
      const weight = (ends[t] as number) / this.#periods;
      if (weight === 0) continue;
      const at = t * this.#count;
      for (let k = 0; k < gaps.length; k++) {
        gaps[k] = (gaps[k] as number) + weight * (this.#sums[at + k] as number);
      }
    }
  }
}

/**
 * The deviation of a column's root-scaled mean under the stationary bootstrap with a chance `q` that a block ends:
 * autocovariances weighted by `(1 - i/n) (1 - q)^i + i/n (1 - q)^(n - i)`. Weights below 1e-12 are left out.
 */
function deviationOf(column: Series, center: number, q: number): number {
  const count = column.length;
  const gaps = Float64Array.from(column, (value) => value - center);
  let variance = 0;
  for (let i = 0; i < count; i++) {
    const near = i === 0 ? 1 : powReal(1 - q, i);
    const weight = (1 - i / count) * near + (i / count) * powReal(1 - q, count - i);
    if (weight < 1e-12) continue;
    let total = 0;
    for (let t = i; t < count; t++) total += (gaps[t] as number) * (gaps[t - i] as number);
    variance += ((i === 0 ? 1 : 2) * weight * total) / count;
  }
  return Math.sqrt(variance);
}

function largest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
