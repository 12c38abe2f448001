import { checkArray, checkInteger, checkKeys, checkNumber, Fault, powReal } from "../base/index.ts";
import type { PropagatorOptions } from "./impact-models.ts";
import { normalQuantile } from "./normal.ts";

/** A trade as a propagator is found by. @units `mid` price, just before it; `signedVolume` lots, above 0 was bought */
export interface PropagatorTrade {
  readonly mid: number;
  readonly signedVolume: number;
}

/** Options of {@link fitPropagator}. */
export interface PropagatorFitOptions {
  /** Trades after which impact is taken to stay as it is. */
  readonly lags: number;
  /** How impact grows with size, as of `Propagator`: 0.5 unless given; 0 looks at signs alone. */
  readonly exponent?: number;
  /** Parts of the tape that the errors are found by; 10 unless given. */
  readonly blocks?: number;
  /** 0.95 unless given. */
  readonly confidence?: number;
}

/**
 * What a tape says of how impact fades, by the number of trades since.
 *
 * @shape the arrays have one number a lag: `correlation` from lag 0 on, the others from lag 1 on
 * @units `kernel`, `low`, `high`, `standardErrors` price per quantity to the power of `exponent`; `correlation` that
 * power twice; `response` their product
 */
export interface PropagatorFit {
  /** R(l): the mean of `x(n) (p(n + l) - p(n))`. */
  readonly response: readonly number[];
  /** C(l): the mean of `x(n) x(n + l)`. */
  readonly correlation: readonly number[];
  /** G(l): what one trade alone moves the price by, l trades later. */
  readonly kernel: readonly number[];
  /** Of the kernel, and the bounds of its confidence interval. */
  readonly standardErrors: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly confidence: number;
  /** The `Propagator` that is nearest to the kernel, lags weighed by `1 / l`; its time is the number of the trade. */
  readonly model: Required<Pick<PropagatorOptions, "scale" | "beta" | "unit" | "exponent">>;
  /** Trades. */
  readonly count: number;
}

/**
 * Calibrates a propagator by a tape. With `x(n) = sign(v) |v| ** exponent` and the mid `p(n)` before trade n, the model
 * is `p(n) = sum over k of G(n - k) x(k)`, and noise. Its response follows from kernel and correlation of trades:
 *
 *     R(l) = sum 0 <= k < l of G(l - k) C(k) + sum k > 0 of (G(l + k) - G(k)) C(k)
 *
 * which is solved for G by its differences: `R(l + 1) - R(l) = sum k of (G(k + 1) - G(k)) C(l - k)`, a symmetric
 * Toeplitz system without the infinite sum. Trades are correlated over thousands of lags, so a response alone says
 * nothing of how one trade's impact fades.
 *
 * Errors are those of the mean of as many estimates as there are `blocks`, each by its own part of the tape.
 *
 * @invariant Of the tape's whole length, C is a correlation of some sequence: the system is never indefinite.
 * @throws `FAULT_CONFIG` naming the option or the trade; fewer trades than 10 times `lags` a block. `FAULT_INPUT` for a
 * tape, or a part of it, that cannot tell lags apart: one without volume, say.
 * @cost O(trades * lags), and O(lags²) a block.
 * @source Bouchaud, Gefen, Potters and Wyart, Fluctuations and Response in Financial Markets, 2004, equations 12 to 15;
 * Taranto, Bormetti, Bouchaud, Lillo and Toth, Linear models for the impact of order flow on prices, 2018
 * @example
 * ```ts
 * import { fitPropagator } from "tickwright/stat";
 * // Of each trade 2 is seen at the next, and 1 stays.
 * const signs = Array.from({ length: 400 }, (_, n) => (Math.sin(n * n) > 0 ? 1 : -1));
 * let mid = 100;
 * const trades = signs.map((sign, n) => {
 *   mid += 2 * (signs[n - 1] ?? 0) - (signs[n - 2] ?? 0);
 *   return { mid, signedVolume: sign };
 * });
 * const { kernel } = fitPropagator(trades, { lags: 2, exponent: 0 });
 * kernel.map((each) => each.toFixed(1)); // => ["2.0", "1.0"]
 * ```
 */
export function fitPropagator(
  trades: readonly PropagatorTrade[],
  options: PropagatorFitOptions,
): PropagatorFit {
  const path = "fitPropagator";
  checkKeys(path, options, ["lags", "exponent", "blocks", "confidence"]);
  const lags = checkInteger(`${path}.lags`, options.lags, 1, 100_000);
  const exponent = checkNumber(`${path}.exponent`, options.exponent ?? 0.5, 0, 1);
  const blocks = checkInteger(`${path}.blocks`, options.blocks ?? 10, 2, 1_000);
  const confidence = checkNumber(`${path}.confidence`, options.confidence ?? 0.95, 0.5, 0.999_999);
  const { length: count } = checkArray(`${path}.trades`, trades, 10 * lags * blocks);
  const { moves, sizes } = readTrades(path, trades, exponent);
  const { correlation, steps, kernel } = estimate(path, moves, sizes, 0, count, lags);
  const parts = Array.from({ length: blocks }, (_, block) => {
    const [from, to] = [block, block + 1].map((each) => Math.floor((each * count) / blocks)) as [
      number,
      number,
    ];
    return estimate(path, moves, sizes, from, to, lags).kernel;
  });
  const standardErrors = kernel.map((_, lag) => errorOfMean(parts.map((part) => part[lag] as number)));
  const away = normalQuantile((1 + confidence) / 2);
  const bound = (sign: number): number[] =>
    kernel.map((each, lag) => each + sign * away * (standardErrors[lag] as number));
  return {
    ...{ response: sums(steps), correlation, kernel, standardErrors, low: bound(-1), high: bound(1) },
    ...{ confidence, model: { ...nearest(kernel), exponent }, count },
  };
}

/** How far the mid moved after each trade, and each trade's signed size to the power. */
function readTrades(
  path: string,
  trades: readonly PropagatorTrade[],
  exponent: number,
): { readonly moves: Float64Array; readonly sizes: Float64Array } {
  const [moves, sizes] = [new Float64Array(trades.length), new Float64Array(trades.length)];
  for (const [n, { mid, signedVolume }] of trades.entries()) {
    checkNumber(`${path}.trades[${n}].mid`, mid);
    checkNumber(`${path}.trades[${n}].signedVolume`, signedVolume);
    if (n > 0) moves[n - 1] = mid - (trades[n - 1] as PropagatorTrade).mid;
    sizes[n] = signedVolume === 0 ? 0 : Math.sign(signedVolume) * powReal(Math.abs(signedVolume), exponent);
  }
  return { moves, sizes };
}

/** Correlation, response by steps, and kernel of a part of a tape; the move after its last trade is left out. */
function estimate(
  path: string,
  moves: Float64Array,
  sizes: Float64Array,
  from: number,
  to: number,
  lags: number,
): { readonly correlation: number[]; readonly steps: number[]; readonly kernel: number[] } {
  const count = to - 1 - from;
  const [correlation, steps]: [number[], number[]] = [[], []];
  for (let lag = 0; lag < lags; lag++) {
    let [same, moved] = [0, 0];
    for (let n = from; n + lag < to - 1; n++) {
      const size = sizes[n] as number;
      same += size * (sizes[n + lag] as number);
      moved += size * (moves[n + lag] as number);
    }
    correlation.push(same / count);
    steps.push(moved / count);
  }
  return { correlation, steps, kernel: sums(solveToeplitz(path, correlation, steps)) };
}

/** Solves a symmetric Toeplitz system by its first row (Levinson's recursion). O(n²). */
function solveToeplitz(path: string, row: readonly number[], right: readonly number[]): number[] {
  const first = row[0] as number;
  let [back, error]: [number[], number] = [[1], first];
  const solved: number[] = [];
  for (let n = 0; n < right.length; n++) {
    if (n > 0) {
      const ahead = [...back].reverse();
      const reflected = -dot(ahead, row, n) / error;
      back = [0, ...back].map((each, i) => each + reflected * (ahead[i] ?? 0));
      error *= 1 - reflected * reflected;
    }
    if (!(error > 1e-12 * first)) {
      throw new Fault("FAULT_INPUT", { path, value: error, expected: "trades whose lags can be told apart" });
    }
    const rest = ((right[n] as number) - dot(solved, row, n)) / error;
    solved.push(0);
    for (let i = 0; i <= n; i++) solved[i] = (solved[i] as number) + rest * (back[i] as number);
  }
  return solved;
}

/** The sum of `values[i] * row[n - i]`. */
function dot(values: readonly number[], row: readonly number[], n: number): number {
  let sum = 0;
  for (const [i, value] of values.entries()) sum += value * (row[n - i] as number);
  return sum;
}

function sums(steps: readonly number[]): number[] {
  let sum = 0;
  return steps.map((step) => {
    sum += step;
    return sum;
  });
}

function errorOfMean(values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const squares = values.reduce((sum, each) => sum + (each - mean) * (each - mean), 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** The `scale (1 + l / unit) ** -beta` nearest to a kernel: a grid of both shapes, made finer around its best. */
function nearest(kernel: readonly number[]): { scale: number; beta: number; unit: number } {
  let best = { ...scaleOf(kernel, 0, 1), beta: 0, unit: 1 };
  let [betaAt, logAt, betaWide, logWide] = [1, 0, 1, Math.log(1_000)];
  for (let round = 0; round < 40; round++) {
    for (let i = -4; i <= 4; i++) {
      for (let j = -4; j <= 4; j++) {
        const beta = Math.max(0, betaAt + (i / 4) * betaWide);
        const unit = Math.exp(logAt + (j / 4) * logWide);
        const found = scaleOf(kernel, beta, unit);
        if (found.left < best.left) best = { ...found, beta, unit };
      }
    }
    [betaAt, logAt, betaWide, logWide] = [best.beta, Math.log(best.unit), betaWide * 0.7, logWide * 0.7];
  }
  const { scale, beta, unit } = best;
  return { scale, beta, unit };
}

/** The best scale of a shape, at least 0, and the squares that are left. */
function scaleOf(kernel: readonly number[], beta: number, unit: number): { scale: number; left: number } {
  const shapes = kernel.map((_, i) => powReal(1 + (i + 1) / unit, -beta));
  let [products, squares, left] = [0, 0, 0];
  for (const [i, shape] of shapes.entries()) {
    products += (shape * (kernel[i] as number)) / (i + 1);
    squares += (shape * shape) / (i + 1);
  }
  const scale = Math.max(0, products / squares);
  for (const [i, shape] of shapes.entries()) {
    const off = (kernel[i] as number) - scale * shape;
    left += (off * off) / (i + 1);
  }
  return { scale, left };
}
