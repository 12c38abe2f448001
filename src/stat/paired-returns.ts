import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import { checkColumns } from "./effective-trials.ts";
import { NO_SPREAD } from "./ratios.ts";
import { finite, mean, type Series, stdev } from "./series.ts";
import { StationaryBootstrap, stationaryBlockLength } from "./stationary-bootstrap.ts";

/** How {@link pairedReturns} resamples. */
export interface PairedReturnsOptions {
  /** The share of resampled differences inside an interval; 0.95 unless given. */
  readonly confidence?: number;
  /** 1,000 unless given. */
  readonly resamples?: number;
  /** The mean block length; the largest {@link stationaryBlockLength} of the columns unless given. */
  readonly blockLength?: number;
  /** 1 unless given. */
  readonly seed?: number;
}

/** A difference and its percentile interval. */
export interface DifferenceInterval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** What one column of returns is above another: the second less the first. */
export interface PairedDifference {
  readonly first: number;
  readonly second: number;
  /** Pearson's; null where one of them does not vary. */
  readonly correlation: number | null;
  /** Of the mean return. @units per period */
  readonly mean: DifferenceInterval;
  /** Of the Sharpe ratio, with n - 1 in the deviation; null where one of them does not vary. @units per period */
  readonly sharpe: DifferenceInterval | null;
}

/** The differences of all pairs, and how their intervals were made. */
export interface PairedReturns {
  readonly periods: number;
  readonly blockLength: number;
  readonly resamples: number;
  /** Every pair once, the lower number first. */
  readonly pairs: readonly PairedDifference[];
}

const FEWEST = 20;

/**
 * What strategies earned over the same periods, pair by pair: differences of mean return and of Sharpe ratio with the
 * intervals that a stationary bootstrap gives them. All columns are drawn together, so that what moved both of a pair
 * cancels; periods are drawn in blocks, so that their own past counts. Null below 20 periods.
 *
 * Percentile intervals of a Sharpe ratio are somewhat narrow in small samples with heavy tails, as the paper shows of
 * others that are not studentized.
 *
 * @units returns per period
 * @shape two columns or more, of equal length
 * @invariant Equal arguments give equal intervals; low <= high. Scaling both of a pair scales its mean's interval and
 * leaves that of its Sharpe ratio.
 * @throws `FAULT_CONFIG` naming an option; `FAULT_INPUT` where lengths differ or a value is not finite
 * @cost O(resamples * columns * blocks drawn), and for each pair a sort of the resamples
 * @source Ledoit and Wolf, Robust performance hypothesis testing with the Sharpe ratio, Journal of Empirical Finance,
 * 2008 (the paired block bootstrap); Politis and Romano, 1994 (the blocks)
 * @example
 * ```ts
 * import { pairedReturns } from "tickwright/stat";
 * const calm = Array.from({ length: 40 }, (_, i) => Math.sin(i * i));
 * const better = calm.map((value) => value + 3);
 * pairedReturns([calm, better], { blockLength: 1 })?.pairs[0]?.mean.low; // => 3
 * ```
 */
export function pairedReturns(
  columns: readonly Series[],
  options: PairedReturnsOptions = {},
): PairedReturns | null {
  checkKeys("options", options, ["confidence", "resamples", "blockLength", "seed"]);
  const confidence = checkNumber("options.confidence", options.confidence ?? 0.95, 0.01, 0.999);
  const resamples = checkInteger("options.resamples", options.resamples ?? 1_000, 10, 1_000_000);
  const seed = checkInteger("options.seed", options.seed ?? 1, 0, 0xffffffff);
  const periods = checkColumns("columns", columns);
  if (periods < FEWEST) return null;
  const longest = Math.max(1, ...columns.map(stationaryBlockLength));
  const blockLength = checkNumber("options.blockLength", options.blockLength ?? longest, 1, periods);
  const sums = columns.map((column) => new ColumnSums(column, resamples));
  const bootstrap = new StationaryBootstrap({ count: periods, blockLength, seed });
  for (let draw = 0; draw < resamples; draw++) {
    bootstrap.blocks((start, length) => {
      for (const column of sums) column.add(draw, start, length);
    });
  }
  for (const column of sums) column.finish();
  const pairs: PairedDifference[] = [];
  for (let first = 0; first < sums.length; first++) {
    for (let second = first + 1; second < sums.length; second++) {
      const [a, b] = [sums[first] as ColumnSums, sums[second] as ColumnSums];
      pairs.push({
        ...{ first, second, correlation: correlationOf(a, b) },
        mean: intervalOf(b.mean - a.mean, a.means, b.means, confidence),
        sharpe:
          a.sharpe === null || b.sharpe === null
            ? null
            : intervalOf(b.sharpe - a.sharpe, a.sharpes, b.sharpes, confidence),
      });
    }
  }
  return { periods, blockLength, resamples, pairs };
}

/** One column with running sums of what it is above its mean, and what each resample makes of it. */
class ColumnSums {
  readonly mean: number;
  readonly deviation: number;
  readonly sharpe: number | null;
  readonly gaps: Float64Array;
  /** By resample. NaN where a resample does not vary. */
  readonly means: Float64Array;
  readonly sharpes: Float64Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor(column: Series, resamples: number) {
    this.mean = mean(column) as number;
    this.deviation = stdev(column) as number;
    this.sharpe = this.deviation > NO_SPREAD ? this.mean / this.deviation : null;
    this.gaps = Float64Array.from(column, (value) => value - this.mean);
    this.means = new Float64Array(resamples);
    this.sharpes = new Float64Array(resamples);
    this.#sums = new Float64Array(column.length + 1);
    this.#squares = new Float64Array(column.length + 1);
    for (const [i, gap] of this.gaps.entries()) {
      this.#sums[i + 1] = (this.#sums[i] as number) + gap;
      this.#squares[i + 1] = (this.#squares[i] as number) + gap * gap;
    }
  }

  /** A block of a resample; until it is finished, sums stand where figures will. */
  add(draw: number, start: number, length: number): void {
    const end = start + length;
    const [sums, squares] = [this.#sums, this.#squares];
    this.means[draw] = (this.means[draw] as number) + (sums[end] as number) - (sums[start] as number);
    this.sharpes[draw] =
      (this.sharpes[draw] as number) + (squares[end] as number) - (squares[start] as number);
  }

  finish(): void {
    const count = this.gaps.length;
    for (let draw = 0; draw < this.means.length; draw++) {
      const gap = (this.means[draw] as number) / count;
      const variance = ((this.sharpes[draw] as number) - count * gap * gap) / (count - 1);
      const deviation = Math.sqrt(Math.max(0, variance));
      this.means[draw] = this.mean + gap;
      this.sharpes[draw] = deviation > NO_SPREAD ? (this.mean + gap) / deviation : Number.NaN;
    }
  }
}

function correlationOf(a: ColumnSums, b: ColumnSums): number | null {
  if (a.sharpe === null || b.sharpe === null) return null;
  let product = 0;
  for (let i = 0; i < a.gaps.length; i++) product += (a.gaps[i] as number) * (b.gaps[i] as number);
  const value = product / ((a.gaps.length - 1) * a.deviation * b.deviation);
  return finite(Math.max(-1, Math.min(1, value)));
}

function intervalOf(
  difference: number,
  first: Float64Array,
  second: Float64Array,
  confidence: number,
): DifferenceInterval {
  const sorted = second
    .map((value, draw) => value - (first[draw] as number))
    .filter(Number.isFinite)
    .sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? difference;
  return { difference, low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
}
