import { checkInteger, checkNumber, Prng } from "../base/index.ts";
import { mean, type Series } from "./series.ts";

/** What a {@link StationaryBootstrap} draws from. */
export interface StationaryBootstrapOptions {
  /** How many values a series has, at least 1. */
  readonly count: number;
  /** The mean length of blocks, at least 1; 1 draws values one by one. */
  readonly blockLength: number;
  /** 1 unless given. */
  readonly seed?: number;
}

/**
 * Resamples of a series that depends on its own past: blocks that begin anywhere, of geometric length, put together
 * until as many values are drawn as there are. A block that reaches the end goes on at the beginning.
 *
 * @invariant Equal options give equal draws. Every place is drawn equally often in the mean, and the next place
 * follows a place with probability 1 - 1 / blockLength, besides by chance.
 * @cost A block is two draws of the generator and a logarithm.
 * @source Politis and Romano, The Stationary Bootstrap, Journal of the American Statistical Association, 1994
 * @example
 * ```ts
 * import { StationaryBootstrap } from "tickwright/stat";
 * const bootstrap = new StationaryBootstrap({ count: 5, blockLength: 3, seed: 7 });
 * bootstrap.places().length; // => 5
 * ```
 */
export class StationaryBootstrap {
  readonly #count: number;
  readonly #rng: Prng;
  /** The logarithm of the chance that a block goes on; -Infinity for blocks of one. */
  readonly #goesOn: number;

  /** @throws `FAULT_CONFIG` naming the option */
  constructor(options: StationaryBootstrapOptions) {
    this.#count = checkInteger("options.count", options.count, 1, 0x7fffffff);
    const length = checkNumber("options.blockLength", options.blockLength, 1);
    this.#rng = new Prng(checkInteger("options.seed", options.seed ?? 1, 0, 0xffffffff));
    this.#goesOn = Math.log1p(-1 / length);
  }

  /** Draws a resample and tells it as runs of neighbours: `length` places from `start` on, none past the end. */
  blocks(visit: (start: number, length: number) => void): void {
    const count = this.#count;
    let left = count;
    while (left > 0) {
      const start = this.#rng.below(count);
      const length = Math.min(this.#length(), left);
      const before = Math.min(length, count - start);
      visit(start, before);
      if (length > before) visit(0, length - before);
      left -= length;
    }
  }

  /** Draws a resample: as many places as there are values. */
  places(): Int32Array {
    const drawn = new Int32Array(this.#count);
    let filled = 0;
    this.blocks((start, length) => {
      for (let i = 0; i < length; i++) drawn[filled++] = start + i;
    });
    return drawn;
  }

  #length(): number {
    if (this.#goesOn === -Infinity) return 1;
    return 1 + Math.floor(Math.log(1 - this.#rng.float()) / this.#goesOn);
  }
}

/**
 * The mean block length that a stationary bootstrap of the mean does best with, from the series' own correlation in
 * time: at least 1, at most `ceil(min(3 sqrt(n), n / 3))`. 1 below 16 values and where they do not vary.
 *
 * @units values
 * @throws `FAULT_INPUT` where a value is not finite
 * @cost O(n sqrt(n))
 * @source Politis and White, Automatic Block-Length Selection for the Dependent Bootstrap, 2004, corrected by Patton,
 * Politis and White, 2009; the lag from which on nothing is correlated as in Patton's program
 * @example
 * ```ts
 * import { stationaryBlockLength } from "tickwright/stat";
 * const slow = Array.from({ length: 200 }, (_, i) => Math.sin(i / 10));
 * stationaryBlockLength(slow) > 5; // => true
 * ```
 */
export function stationaryBlockLength(values: Series): number {
  const center = mean(values);
  const count = values.length;
  if (center === null || count < 16) return 1;
  const run = Math.max(5, Math.floor(Math.log(count) / Math.LN10));
  const most = Math.ceil(Math.sqrt(count)) + run;
  const covariances = covariancesOf(values, center, most);
  const whole = covariances[0] as number;
  if (whole <= 0) return 1;
  const limit = 2 * Math.sqrt(Math.log(count) / Math.LN10 / count) * whole;
  const lags = Math.min(2 * firstRun(covariances, limit, run), most);
  let [slope, spectrum] = [0, whole];
  for (let lag = 1; lag <= lags; lag++) {
    const weight = 2 * lag <= lags ? 1 : 2 * (1 - lag / lags);
    slope += 2 * weight * lag * (covariances[lag] as number);
    spectrum += 2 * weight * (covariances[lag] as number);
  }
  const length = Math.cbrt(((slope * slope) / (spectrum * spectrum)) * count);
  const bound = Math.ceil(Math.min(3 * Math.sqrt(count), count / 3));
  // A spectrum of 0 at frequency 0 asks for blocks without end.
  return Number.isNaN(length) ? 1 : Math.min(Math.max(length, 1), bound);
}

/** The first lag of the first run of so many that are not correlated; all lags where there is none. */
function firstRun(covariances: Float64Array, limit: number, run: number): number {
  let calm = 0;
  for (let lag = 1; lag < covariances.length; lag++) {
    calm = Math.abs(covariances[lag] as number) < limit ? calm + 1 : 0;
    if (calm === run) return lag - run + 1;
  }
  return covariances.length;
}

/** Autocovariances over n at lags 0 to `most`. */
function covariancesOf(values: Series, center: number, most: number): Float64Array {
  const gaps = Float64Array.from(values, (value) => value - center);
  return Float64Array.from({ length: most + 1 }, (_, lag) => {
    let total = 0;
    for (let i = lag; i < gaps.length; i++) total += (gaps[i] as number) * (gaps[i - lag] as number);
    return total / gaps.length;
  });
}
