import { checkFunction, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { binomial, nextChoice } from "./combinations.ts";
import { dominanceOver, type StochasticDominance } from "./dominance.ts";
import { checkColumns } from "./effective-trials.ts";
import { NO_SPREAD } from "./ratios.ts";
import { finite, mean, type Series } from "./series.ts";

/** How {@link backtestOverfitting} cuts and compares. */
export interface OverfittingOptions {
  /** Into how many blocks of equal length the periods are cut: even, 2 to 20; 16 unless given. */
  readonly blocks?: number;
  /**
   * What a trial is judged by, larger is better: from the returns of half of the blocks, in order of time. The Sharpe
   * ratio per period unless given. What does not vary has a Sharpe ratio of 0.
   */
  readonly metric?: (returns: Float64Array, trial: number) => number;
}

/** How much of a search's best result is selection: see {@link backtestOverfitting}. */
export interface Overfitting {
  /** The share of splits in which the best trial in sample is at or below the median out of sample. */
  readonly probability: number;
  /** How often halves were compared: C(blocks, blocks / 2). */
  readonly splits: number;
  readonly trials: number;
  /** Periods used: whole blocks, the earliest ones left out where they do not fit. */
  readonly periods: number;
  /** Per split: `ln(w / (1 - w))`, w the relative rank out of sample of the best in sample. */
  readonly logits: Float64Array;
  /** Per split: the trial that is best in sample (the first of equals), and its figure in and out of sample. */
  readonly chosen: Int32Array;
  readonly inSample: Float64Array;
  readonly outOfSample: Float64Array;
  /** The chosen trials' figures out of sample over those in sample, by least squares; null where these do not vary. */
  readonly degradation: PerformanceDegradation | null;
  /** The share of splits in which the chosen trial's figure is below 0 out of sample. */
  readonly probabilityOfLoss: number;
  /** Whether choosing the best in sample beats choosing any trial by chance. */
  readonly dominance: StochasticDominance;
}

/** The line `outOfSample = intercept + slope * inSample`; a slope below 0 says that better looks worse later. */
export interface PerformanceDegradation {
  readonly slope: number;
  readonly intercept: number;
  readonly rSquared: number;
}

/**
 * The probability of backtest overfitting by combinatorially symmetric cross-validation: the periods are cut into S
 * blocks; for every choice of half of them, the trial that is best there is ranked among all trials on the other half.
 *
 * @units figures in the unit of the metric: Sharpe ratios per period unless given
 * @shape one column a trial, of as many returns of the same periods; per split one value, splits in the lexical order
 * of their blocks in sample: the mirror image of split i is split `splits - 1 - i`
 * @invariant Within 0 and 1; unchanged when trials are reordered without ties, or when one trial's returns are scaled.
 * 0 where one trial is best in every half; 1/2 is expected of trials without any difference.
 * @throws `FAULT_CONFIG` on an option that is none, below two trials; `FAULT_INPUT` where columns differ in length, a
 * value or a figure is not finite, or there are fewer than two periods a block
 * @cost C(S, S/2) * N * S additions, done twice, for the Sharpe ratio, taken from sums of blocks (12,870 splits
 * for 16 blocks); C(S, S/2) * N * 2 calls on T / 2 returns for a metric. Held are N * S * 2 sums and 4 values a split.
 * @source Bailey, Borwein, Lopez de Prado and Zhu, The Probability of Backtest Overfitting, Journal of Computational
 * Finance, 2017 (2015)
 * @example
 * ```ts
 * import { backtestOverfitting } from "tickwright/stat";
 * const better = [3, 1, 2, 3, 2, 4, 1, 3];
 * const worse = [-1, 1, 0, -2, 1, 0, -1, 1];
 * backtestOverfitting([better, worse], { blocks: 4 }).probability; // => 0
 * ```
 */
export function backtestOverfitting(
  columns: readonly Series[],
  options: OverfittingOptions = {},
): Overfitting {
  checkKeys("options", options, ["blocks", "metric"]);
  const rows = checkColumns("columns", columns);
  checkInteger("columns.length", columns.length, 2);
  const blocks = checkInteger("options.blocks", options.blocks ?? 16, 2, 20);
  if (blocks % 2 !== 0) {
    throw new Fault("FAULT_CONFIG", { path: "options.blocks", value: blocks, expected: "an even number" });
  }
  const length = Math.floor(rows / blocks);
  if (length < 2) {
    const expected = `at least ${2 * blocks}, two periods a block`;
    throw new Fault("FAULT_INPUT", { path: "columns[0].length", value: rows, expected });
  }
  const cut = { columns, blocks, length, skipped: rows - blocks * length };
  const figures =
    options.metric === undefined
      ? new BlockSharpe(cut)
      : new BlockMetric(cut, checkFunction("options.metric", options.metric));
  return judged(figures, columns.length, blocks, blocks * length);
}

interface Cut {
  readonly columns: readonly Series[];
  readonly blocks: number;
  readonly length: number;
  readonly skipped: number;
}

/** Gives the figure of every trial on a choice of blocks and on the others. */
interface HalfFigures {
  fill(chosen: Int32Array, inside: Float64Array, outside: Float64Array): void;
}

function judged(figures: HalfFigures, trials: number, blocks: number, periods: number): Overfitting {
  const splits = binomial(blocks, blocks / 2);
  const logits = new Float64Array(splits);
  const chosen = new Int32Array(splits);
  const inSample = new Float64Array(splits);
  const outOfSample = new Float64Array(splits);
  let [overfit, losses, low, high] = [0, 0, Infinity, -Infinity];
  eachHalf(figures, trials, blocks, (split, inside, outside) => {
    const best = largest(inside);
    const rank = rankOf(outside, outside[best] as number);
    logits[split] = Math.log(rank / (trials + 1 - rank));
    chosen[split] = best;
    inSample[split] = inside[best] as number;
    outOfSample[split] = outside[best] as number;
    // Twice a rank is whole: no rounding decides about the median.
    if (2 * rank <= trials + 1) overfit += 1;
    if ((outside[best] as number) < 0) losses += 1;
    for (let i = 0; i < trials; i++) {
      low = Math.min(low, outside[i] as number);
      high = Math.max(high, outside[i] as number);
    }
  });
  const dominance = dominanceOver(outOfSample, low, high, (count) =>
    eachHalf(figures, trials, blocks, (_split, _inside, outside) => count(outside)),
  );
  return {
    ...{ probability: overfit / splits, splits, trials, periods, logits, chosen, inSample, outOfSample },
    ...{ degradation: degradationOf(inSample, outOfSample), probabilityOfLoss: losses / splits, dominance },
  };
}

/** Visits every half in lexicographic order, in sample and out of sample: each pair is counted once, told twice. */
function eachHalf(
  figures: HalfFigures,
  trials: number,
  blocks: number,
  visit: (split: number, inside: Float64Array, outside: Float64Array) => void,
): void {
  const splits = binomial(blocks, blocks / 2);
  const inside = new Float64Array(trials);
  const outside = new Float64Array(trials);
  const choice = Int32Array.from({ length: blocks / 2 }, (_, i) => i);
  for (let split = 0; split < splits / 2; split++) {
    figures.fill(choice, inside, outside);
    visit(split, inside, outside);
    visit(splits - 1 - split, outside, inside);
    nextChoice(choice, blocks);
  }
}

/** Sharpe ratios from each block's sum and sum of squares, about the column's mean so that no digits are lost. */
class BlockSharpe implements HalfFigures {
  readonly #trials: number;
  readonly #blocks: number;
  readonly #half: number;
  readonly #centers: Float64Array;
  /** Of block b and trial i at `b * trials + i`. */
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #totalSums: Float64Array;
  readonly #totalSquares: Float64Array;
  readonly #halfSums: Float64Array;
  readonly #halfSquares: Float64Array;

  constructor({ columns, blocks, length, skipped }: Cut) {
    const trials = columns.length;
    this.#trials = trials;
    this.#blocks = blocks;
    this.#half = (blocks / 2) * length;
    this.#centers = Float64Array.from(columns, (column) => mean(column) ?? 0);
    this.#sums = new Float64Array(blocks * trials);
    this.#squares = new Float64Array(blocks * trials);
    this.#totalSums = new Float64Array(trials);
    this.#totalSquares = new Float64Array(trials);
    this.#halfSums = new Float64Array(trials);
    this.#halfSquares = new Float64Array(trials);
    for (const [i, column] of columns.entries()) {
      const center = this.#centers[i] as number;
      for (let b = 0; b < blocks; b++) {
        let [sum, squares] = [0, 0];
        for (let t = 0; t < length; t++) {
          const gap = (column[skipped + b * length + t] as number) - center;
          sum += gap;
          squares += gap * gap;
        }
        this.#sums[b * trials + i] = sum;
        this.#squares[b * trials + i] = squares;
      }
    }
    this.#addAll();
  }

  fill(chosen: Int32Array, inside: Float64Array, outside: Float64Array): void {
    const [sums, squares] = [this.#halfSums.fill(0), this.#halfSquares.fill(0)];
    for (const block of chosen) this.#add(block, sums, squares);
    for (let i = 0; i < this.#trials; i++) {
      const center = this.#centers[i] as number;
      const [sum, square] = [sums[i] as number, squares[i] as number];
      const [all, allSquares] = [this.#totalSums[i] as number, this.#totalSquares[i] as number];
      inside[i] = this.#ratio(center, sum, square);
      outside[i] = this.#ratio(center, all - sum, allSquares - square);
    }
  }

  #ratio(center: number, sum: number, squares: number): number {
    const count = this.#half;
    const gap = sum / count;
    const variance = (squares - sum * gap) / (count - 1);
    // What is left of equal returns by rounding is no variance.
    if (!(variance > NO_SPREAD * NO_SPREAD && variance > 1e-13 * (squares / count))) return 0;
    return (center + gap) / Math.sqrt(variance);
  }

  #addAll(): void {
    for (let b = 0; b < this.#blocks; b++) this.#add(b, this.#totalSums, this.#totalSquares);
  }

  #add(block: number, sums: Float64Array, squares: Float64Array): void {
    const at = block * this.#trials;
    for (let i = 0; i < this.#trials; i++) {
      sums[i] = (sums[i] as number) + (this.#sums[at + i] as number);
      squares[i] = (squares[i] as number) + (this.#squares[at + i] as number);
    }
  }
}

/** Any figure, from the returns of the half themselves. */
class BlockMetric implements HalfFigures {
  readonly #cut: Cut;
  readonly #metric: (returns: Float64Array, trial: number) => number;
  readonly #inside: Float64Array;
  readonly #outside: Float64Array;

  constructor(cut: Cut, metric: (returns: Float64Array, trial: number) => number) {
    this.#cut = cut;
    this.#metric = metric;
    this.#inside = new Float64Array((cut.blocks / 2) * cut.length);
    this.#outside = new Float64Array((cut.blocks / 2) * cut.length);
  }

  fill(chosen: Int32Array, inside: Float64Array, outside: Float64Array): void {
    const { columns, blocks, length, skipped } = this.#cut;
    for (const [trial, column] of columns.entries()) {
      let [next, read, written] = [0, 0, 0];
      for (let b = 0; b < blocks; b++) {
        const isChosen = chosen[next] === b;
        const target = isChosen ? this.#inside : this.#outside;
        const at = isChosen ? read : written;
        for (let t = 0; t < length; t++) target[at + t] = column[skipped + b * length + t] as number;
        if (isChosen) next += 1;
        if (isChosen) read += length;
        else written += length;
      }
      inside[trial] = this.#figure(this.#inside, trial);
      outside[trial] = this.#figure(this.#outside, trial);
    }
  }

  #figure(returns: Float64Array, trial: number): number {
    const value = this.#metric(returns, trial);
    if (Number.isFinite(value)) return value;
    const expected = "a finite number";
    throw new Fault("FAULT_INPUT", { path: `options.metric (trial ${trial})`, value, expected });
  }
}

function largest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/** The rank of a value that is among others, from 1; equals share the mean of theirs. */
function rankOf(values: Float64Array, value: number): number {
  let [below, equal] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if ((values[i] as number) < value) below += 1;
    else if (values[i] === value) equal += 1;
  }
  return below + (equal + 1) / 2;
}

function degradationOf(inside: Float64Array, outside: Float64Array): PerformanceDegradation | null {
  const [x, y] = [mean(inside) as number, mean(outside) as number];
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < inside.length; i++) {
    const [dx, dy] = [(inside[i] as number) - x, (outside[i] as number) - y];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const slope = finite(xy / xx);
  if (xx === 0 || slope === null) return null;
  return { slope, intercept: y - slope * x, rSquared: yy === 0 ? 1 : (xy * xy) / (xx * yy) };
}
